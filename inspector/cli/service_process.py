"""The embedded service as a process of its own, for the demo."""

import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from urllib.parse import urlsplit

import msgspec

from inspector.engine.control import Problem
from inspector.protocol.errors import InspectorError
from inspector.service.options import Ready


class ServiceStartError(InspectorError):
    """The embedded service did not come up."""


class ServiceProcess:
    """`inspector service` on a free port; raises ServiceStartError when it does not come up.

    With `--storage` among the arguments it can be started again with what it had.
    """

    def __init__(self, *arguments: str) -> None:
        self._arguments = arguments
        self._process = _start("--port", "0", *arguments)
        self.ready = _await_ready(self._process)

    @property
    def process_id(self) -> int:
        """Of the present run."""
        return self._process.pid

    def problem(self) -> Problem | None:
        """Why the service is gone; None while it runs."""
        code = self._process.poll()
        if code is None:
            return None
        how = f"was ended by signal {-code}" if code < 0 else f"ended with exit code {code}"
        return Problem("The demo's service stopped.", f"Its process {how}.", "Start it again: it has kept its rows.")

    def restart(self) -> None:
        """Start it again at the same address; returns when it answers. Raises ServiceStartError."""
        self.stop()
        self._process = _start("--port", str(urlsplit(self.ready.endpoint).port), *self._arguments)
        self.ready = _await_ready(self._process)

    def stop(self) -> None:
        """End the process."""
        process = self._process
        assert process.stdin is not None
        assert process.stdout is not None
        process.stdin.close()
        try:
            process.wait(timeout=3)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()
        process.stdout.close()


@contextmanager
def service_process(*arguments: str) -> Iterator[ServiceProcess]:
    """Run the service until the block ends; raises ServiceStartError."""
    service = ServiceProcess(*arguments)
    try:
        yield service
    finally:
        service.stop()


@contextmanager
def running_service(*arguments: str) -> Iterator[Ready]:
    """What the service says of itself, while the block lasts; raises ServiceStartError."""
    with service_process(*arguments) as service:
        yield service.ready


def _start(*arguments: str) -> subprocess.Popen[bytes]:
    return subprocess.Popen(
        [sys.executable, "-m", "inspector", "service", "--stop-with-parent", *arguments],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
    )


def _await_ready(process: subprocess.Popen[bytes]) -> Ready:
    assert process.stdin is not None
    assert process.stdout is not None
    line = process.stdout.readline()
    if line:
        return msgspec.json.decode(line, type=Ready)
    process.stdin.close()
    process.stdout.close()
    raise ServiceStartError(
        "The demo service did not start.",
        why=f"Its process ended with exit code {process.wait()}.",
        next_step="Run “inspector service” by itself to see why.",
    )
