"""A shell command that gets text and gives text, and does not outlive whoever waits for it."""

import asyncio
import os
import signal
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class CommandResult:
    """How a command ended."""

    exit_code: int
    output: str
    complaint: str
    """What it wrote to its standard error."""

    @property
    def last_complaint(self) -> str:
        """The last line of it that says something."""
        lines = [line for line in self.complaint.splitlines() if line.strip()]
        return lines[-1].strip() if lines else ""


async def run_command(command: str, text: bytes, seconds: float) -> CommandResult:
    """Run `command` with `text` as its input; raises TimeoutError after `seconds`.

    Its processes are killed when it takes too long, and when the caller is cancelled.
    """
    process = await asyncio.create_subprocess_shell(
        command,
        stdin=asyncio.subprocess.PIPE,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
        start_new_session=True,
    )
    try:
        output, complaint = await asyncio.wait_for(process.communicate(text), seconds)
    except (TimeoutError, asyncio.CancelledError):
        _kill(process)
        await process.wait()
        raise
    return CommandResult(process.returncode or 0, output.decode(errors="replace"), complaint.decode(errors="replace"))


def _kill(process: asyncio.subprocess.Process) -> None:
    """The shell and what it started."""
    if process.returncode is not None:
        return
    if hasattr(os, "killpg"):
        os.killpg(process.pid, signal.SIGKILL)
    else:
        process.kill()
