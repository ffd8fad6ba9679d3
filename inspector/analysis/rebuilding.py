"""Rebuilds the client database of a long capture in a process of its own.

In a thread it would take Python's interpreter from a window's thread for as long as a first sync takes. It tells how
far it is.
"""

import sys
import threading
import time
from pathlib import Path

from msgspec import Struct

from inspector.analysis.replay import Progress, ReplayImpossible, ReplayStopped, replay_capture
from inspector.capture.other_process import OtherProcess, Reason, answer, behave, end_with_the_window, understood
from inspector.capture.reader import CaptureReader
from inspector.protocol.errors import InspectorError

_LOOK_S = 0.05
_TELL_S = 0.2


class _Done(Struct, tag="done"):
    """How many frames of how many are done."""

    frames: int
    of: int


class _Finished(Struct, tag="finished"):
    """The database is there."""


def rebuild_elsewhere(capture: Path, database: Path, told: Progress) -> None:
    """Make `database` from all of `capture`; raises ReplayImpossible, or ReplayStopped when it is not to go on."""
    process = OtherProcess(__name__, str(capture), str(database))
    heard = _Heard(process)
    try:
        while heard.is_alive():
            if not told(heard.done.frames, heard.done.of):
                raise ReplayStopped
            heard.join(_LOOK_S)
        if heard.reason is not None:
            raise ReplayImpossible(heard.reason.what, why=heard.reason.why, next_step=heard.reason.next_step)
        if not heard.finished:
            raise ReplayImpossible("The process that rebuilds the buckets stopped.", why=process.last_words())
        told(heard.done.frames, heard.done.of)
    finally:
        process.kill()
        heard.join()
        process.close()


class _Heard(threading.Thread):
    """What the other process said last."""

    def __init__(self, process: OtherProcess) -> None:
        super().__init__(daemon=True)
        self.done = _Done(0, 0)
        self.finished = False
        self.reason: Reason | None = None
        self._process = process
        self.start()

    def run(self) -> None:
        for line in self._process.lines():
            match understood(line, _Done | _Finished | Reason):
                case _Done() as done:
                    self.done = done
                case _Finished():
                    self.finished = True
                case Reason() as reason:
                    self.reason = reason


def _telling() -> Progress:
    """Says now and then how far it is."""
    next_at = 0.0

    def told(done: int, of: int) -> bool:
        nonlocal next_at
        if (now := time.monotonic()) >= next_at:
            next_at = now + _TELL_S
            answer(_Done(done, of))
        return True

    return told


def main(capture: Path, database: Path) -> int:
    """The other process."""
    behave()
    end_with_the_window()
    try:
        with CaptureReader(capture) as reader:
            replay_capture(reader, database, _telling())
            answer(_Done(reader.frame_count(), reader.frame_count()))
    except InspectorError as error:
        answer(Reason.of(error))
        return 0
    answer(_Finished())
    return 0


if __name__ == "__main__":
    sys.exit(main(Path(sys.argv[1]), Path(sys.argv[2])))
