"""Rebuilds the client database of a long capture in a process of its own.

In a thread it would take Python's interpreter from a window's thread for as long as a first sync takes. As a program it
is told a capture and the database to make, writes a JSON object a line about how far it is, and ends early when its
standard input does.
"""

import os
import sys
import threading
import time
from contextlib import suppress
from pathlib import Path
from subprocess import PIPE, Popen, TimeoutExpired
from typing import IO

import msgspec
from msgspec import Struct

from inspector.analysis.replay import Progress, ReplayImpossible, ReplayStopped, replay_capture
from inspector.capture.reader import CaptureReader
from inspector.protocol.errors import InspectorError

_LOOK_S = 0.05
_TELL_S = 0.2
_IMPOSSIBLE = 3
"""Exit code: what is wrong is the last line on standard output."""


class _Done(Struct, tag="done"):
    """How many frames of how many are done."""

    frames: int
    of: int


class _Reason(Struct, tag="reason"):
    """An InspectorError, on its way to the other process."""

    what: str
    why: str
    next_step: str


def rebuild_elsewhere(capture: Path, database: Path, told: Progress) -> None:
    """Make `database` from all of `capture`; raises ReplayImpossible, or ReplayStopped when it is not to go on."""
    command = [sys.executable, "-m", __name__, str(capture), str(database)]
    with Popen(command, stdin=PIPE, stdout=PIPE, stderr=PIPE) as process:
        assert process.stdout is not None
        assert process.stderr is not None
        heard = _Heard(process.stdout)
        try:
            while process.poll() is None:
                if not told(heard.done.frames, heard.done.of):
                    raise ReplayStopped
                with suppress(TimeoutExpired):
                    process.wait(_LOOK_S)
        finally:
            process.kill()
            heard.join()
        if process.returncode == _IMPOSSIBLE and (reason := heard.reason) is not None:
            raise ReplayImpossible(reason.what, why=reason.why, next_step=reason.next_step)
        if process.returncode != 0:
            lines = process.stderr.read().decode(errors="replace").strip().splitlines()
            why = f"It says: {lines[-1].strip().rstrip('.')}." if lines else ""
            raise ReplayImpossible("The process that rebuilds the buckets stopped.", why=why)
        told(heard.done.frames, heard.done.of)


class _Heard(threading.Thread):
    """What the other process said last."""

    def __init__(self, output: IO[bytes]) -> None:
        super().__init__(daemon=True)
        self.done = _Done(0, 0)
        self.reason: _Reason | None = None
        self._output = output
        self.start()

    def run(self) -> None:
        for line in self._output:
            with suppress(msgspec.DecodeError):  # a line that was cut off as the process ended
                match msgspec.json.decode(line, type=_Done | _Reason):
                    case _Done() as done:
                        self.done = done
                    case _Reason() as reason:
                        self.reason = reason


def _end_with_the_window() -> None:
    while os.read(sys.stdin.fileno(), 1):
        pass
    os._exit(1)


def _say(message: _Done | _Reason) -> None:
    sys.stdout.buffer.write(msgspec.json.encode(message) + b"\n")
    sys.stdout.flush()


def _telling() -> Progress:
    """Says now and then how far it is."""
    next_at = 0.0

    def told(done: int, of: int) -> bool:
        nonlocal next_at
        if (now := time.monotonic()) >= next_at:
            next_at = now + _TELL_S
            _say(_Done(done, of))
        return True

    return told


def main(capture: Path, database: Path) -> int:
    """The other process."""
    threading.Thread(target=_end_with_the_window, daemon=True).start()
    try:
        with CaptureReader(capture) as reader:
            replay_capture(reader, database, _telling())
            _say(_Done(reader.frame_count(), reader.frame_count()))
    except InspectorError as error:
        _say(_Reason(error.what, error.why, error.next_step))
        return _IMPOSSIBLE
    return 0


if __name__ == "__main__":
    sys.exit(main(Path(sys.argv[1]), Path(sys.argv[2])))
