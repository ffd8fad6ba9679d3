"""Rebuilds the client database of a long capture in a process of its own.

In a thread it would take Python's interpreter from a window's thread for as long as a first sync takes. As a program it
is told a capture and the database to make, and ends early when its standard input does.
"""

import os
import sys
import threading
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from subprocess import PIPE, Popen, TimeoutExpired

import msgspec
from msgspec import Struct

from inspector.analysis.replay import ReplayImpossible, ReplayStopped, replay_capture
from inspector.capture.reader import CaptureReader
from inspector.protocol.errors import InspectorError

_LOOK_S = 0.05
_IMPOSSIBLE = 3
"""Exit code: what is wrong is on standard output."""


class _Reason(Struct):
    """An InspectorError, on its way to the other process."""

    what: str
    why: str
    next_step: str


def rebuild_elsewhere(capture: Path, database: Path, keep_going: Callable[[], bool]) -> None:
    """Make `database` from all of `capture`; raises ReplayImpossible, or ReplayStopped when it is not to go on."""
    command = [sys.executable, "-m", __name__, str(capture), str(database)]
    with Popen(command, stdin=PIPE, stdout=PIPE, stderr=PIPE) as process:
        try:
            while process.poll() is None:
                if not keep_going():
                    raise ReplayStopped
                with suppress(TimeoutExpired):
                    process.wait(_LOOK_S)
        finally:
            process.kill()
        assert process.stdout is not None
        assert process.stderr is not None
        if process.returncode == _IMPOSSIBLE:
            reason = msgspec.json.decode(process.stdout.read(), type=_Reason)
            raise ReplayImpossible(reason.what, why=reason.why, next_step=reason.next_step)
        if process.returncode != 0:
            lines = process.stderr.read().decode(errors="replace").strip().splitlines()
            why = f"It says: {lines[-1].strip().rstrip('.')}." if lines else ""
            raise ReplayImpossible("The process that rebuilds the buckets stopped.", why=why)


def _end_with_the_window() -> None:
    while os.read(sys.stdin.fileno(), 1):
        pass
    os._exit(1)


def main(capture: Path, database: Path) -> int:
    """The other process."""
    threading.Thread(target=_end_with_the_window, daemon=True).start()
    try:
        with CaptureReader(capture) as reader:
            replay_capture(reader, database)
    except InspectorError as error:
        reason = _Reason(error.what, error.why, error.next_step)
        sys.stdout.buffer.write(msgspec.json.encode(reason))
        sys.stdout.flush()
        return _IMPOSSIBLE
    return 0


if __name__ == "__main__":
    sys.exit(main(Path(sys.argv[1]), Path(sys.argv[2])))
