"""`--headless`: the engine in this process, one line a frame in the terminal."""

import asyncio
import signal
import sys
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import TextIO

import msgspec

from inspector.capture.reader import CaptureReader
from inspector.capture.rows import FrameRow
from inspector.capture.summary import what_it_did
from inspector.engine.control import Problem, Start, Status
from inspector.engine.driver import Driver
from inspector.engine.main import sync
from inspector.words import local_time, plural

_PAGE = 1_000


class Follower:
    """Prints frames as the capture grows, and decides when to stop."""

    def __init__(self, capture: Path, *, as_json: bool, until_synced: bool, output: TextIO) -> None:
        self._path = capture
        self._as_json = as_json
        self._until_synced = until_synced
        self._output = output
        self._reader: CaptureReader | None = None
        self._printed = 0
        self._driver: Driver | None = None
        self._last_problem: Problem | None = None
        self._synced = False
        self.exit_code = 0

    def adopt(self, driver: Driver) -> None:
        """This driver is to be stopped when the work is done."""
        self._driver = driver

    def interrupt(self) -> None:
        """Somebody pressed Ctrl+C."""
        self.exit_code = 0 if self._synced and not self._until_synced else 130
        self._stop()

    def on_tick(self, status: Status) -> None:
        """Print what is new."""
        self._print_frames(status.frames)
        if status.phase == "stopped":
            self.close()
            return
        if status.shown_checkpoint is not None:
            self._synced = True
            if self._until_synced:
                self._stop()
                return
        if status.problem is not None and status.problem != self._last_problem:
            self._on_problem(status.problem)
        self._last_problem = status.problem
        if self._until_synced and status.held and not self.exit_code:
            self._fail(_why_held(status))

    def _on_problem(self, problem: Problem) -> None:
        if self._synced:
            sys.stderr.write(f"{problem}\n")
            return
        self._fail(problem)

    def _fail(self, problem: Problem) -> None:
        """Before the first full checkpoint, whoever started this wants to know, not to wait."""
        if self.exit_code:
            return
        sys.stderr.write(f"{problem}\n")
        self.exit_code = 1
        self._stop()

    def _stop(self) -> None:
        if self._driver is not None:
            self._driver.stop()

    def _print_frames(self, frames: int) -> None:
        if frames == self._printed:
            return
        if self._reader is None:
            self._reader = CaptureReader(self._path)
        while self._printed < frames:
            rows = self._reader.frames(self._printed + 1, _PAGE)
            if not rows:
                break
            for row in rows:
                self._output.write(_json_line(row) if self._as_json else _text_line(row))
            self._printed = rows[-1].id
        self._output.flush()

    def close(self) -> None:
        """Let go of the capture, before its writer does: the last to close it folds its WAL into the file."""
        if self._reader is not None:
            self._reader.close()
            self._reader = None


def follow(start: Start, *, as_json: bool, until_synced: bool) -> int:
    """Follow a stream in the terminal; the exit code."""
    follower = Follower(Path(start.capture), as_json=as_json, until_synced=until_synced, output=sys.stdout)
    try:
        asyncio.run(_run(start, follower))
    finally:
        follower.close()
    return follower.exit_code


async def _run(start: Start, follower: Follower) -> None:
    for name in (signal.SIGINT, signal.SIGTERM):
        with suppress(NotImplementedError):
            asyncio.get_running_loop().add_signal_handler(name, follower.interrupt)
    await sync(start, on_tick=_guarded(follower), on_driver=follower.adopt)


def _guarded(follower: Follower) -> Callable[[Status], None]:
    """A reader that has gone (`| head`) ends the following, quietly."""

    def on_tick(status: Status) -> None:
        try:
            follower.on_tick(status)
        except BrokenPipeError:
            sys.stdout = open("/dev/null", "w")  # noqa: SIM115
            follower.interrupt()

    return on_tick


def _why_held(status: Status) -> Problem:
    if status.pending_writes:
        verb = "is" if status.pending_writes == 1 else "are"
        why = f"{plural(status.pending_writes, 'local write')} {verb} not uploaded."
    else:
        why = f"The service has not confirmed checkpoint request {status.target_request}."
    return Problem("Downloads are held back.", why, "Upload or discard the local writes, or use a fresh database.")


def _json_line(row: FrameRow) -> str:
    return f"{msgspec.json.encode(row).decode()}\n"


def _text_line(row: FrameRow) -> str:
    time = local_time(row.received_at).strftime("%H:%M:%S.%f")[:-3]
    return (
        f"{time}  {row.kind or 'unreadable':<28}  {row.bucket or '':<32}"
        f"  {row.operations or '':>6}  {row.bytes:>9}  {what_it_did(row)}\n"
    )
