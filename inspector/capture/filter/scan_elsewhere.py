"""Looks for text in the bodies of a long capture in a process of its own.

Each body is decompressed and looked through by itself: a million of them take seconds of Python.
"""

import sys
from array import array
from pathlib import Path
from typing import Any

import msgspec
from msgspec import Struct

from inspector.capture.errors import CaptureError
from inspector.capture.filter.compiler import CompiledFilter
from inspector.capture.filter.scan import FilterScan, Found
from inspector.capture.other_process import OtherProcess, Reason, answer, behave, understood
from inspector.protocol.errors import InspectorError


class _Asked(Struct, frozen=True):
    condition: CompiledFilter
    first: int
    last: int


class _Ids(Struct, frozen=True, tag="ids"):
    ids: list[int]


class ScanElsewhere:
    """A capture, opened for filtering by another process. For use from one thread."""

    def __init__(self, capture: Path) -> None:
        self._process = OtherProcess(__name__, str(capture))
        self._answers = self._process.lines()

    def find(self, condition: CompiledFilter, first: int, last: int) -> Found:
        """The frames from id `first` to `last` that match; raises CaptureError."""
        self._process.tell(msgspec.json.encode(_Asked(condition, first, last)))
        line = next(self._answers, None)
        if line is None:
            why = self._process.last_words()
            raise CaptureError("The process that searches the frames stopped.", why=why, next_step="Search again.")
        found: _Ids | Reason = understood(line, _Ids | Reason)
        if isinstance(found, Reason):
            raise CaptureError(found.what, why=found.why, next_step=found.next_step)
        return Found(first, last, array("q", found.ids))

    def close(self) -> None:
        """End the other process."""
        self._process.close()


def main(capture: Path) -> int:
    """The other process: answer what it is asked, a line each."""
    behave()
    scan: FilterScan | None = None
    for line in sys.stdin.buffer:
        asked: Any = msgspec.json.decode(line, type=_Asked)
        try:
            scan = scan or FilterScan(capture)
            answer(_Ids(scan.find(asked.condition, asked.first, asked.last).ids.tolist()))
        except InspectorError as error:
            answer(Reason.of(error))
    return 0


if __name__ == "__main__":
    sys.exit(main(Path(sys.argv[1])))
