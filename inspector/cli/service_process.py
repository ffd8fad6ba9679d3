"""The embedded service as a process of its own, for the demo."""

import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager

import msgspec

from inspector.protocol.errors import InspectorError
from inspector.service.options import Ready


class ServiceStartError(InspectorError):
    """The embedded service did not come up."""


@contextmanager
def running_service(*arguments: str) -> Iterator[Ready]:
    """Run `inspector service` on a free port until the block ends; raises ServiceStartError."""
    process = subprocess.Popen(
        [sys.executable, "-m", "inspector", "service", "--port", "0", "--stop-with-parent", *arguments],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
    )
    assert process.stdout is not None
    try:
        line = process.stdout.readline()
        if not line:
            raise ServiceStartError(
                "The demo service did not start.",
                why=f"Its process ended with exit code {process.wait()}.",
                next_step="Run “inspector service” by itself to see why.",
            )
        yield msgspec.json.decode(line, type=Ready)
    finally:
        _stop(process)


def _stop(process: subprocess.Popen[bytes]) -> None:
    assert process.stdin is not None
    assert process.stdout is not None
    process.stdin.close()
    try:
        process.wait(timeout=3)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()
    process.stdout.close()
