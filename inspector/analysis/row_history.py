"""Finds the operations of one row in a capture, a part at a time: a long capture takes a while to look through."""

import time
from dataclasses import dataclass

from inspector.analysis.upload_contents import UploadedWrite, accepted_writes_of_row
from inspector.capture.reader import CaptureReader
from inspector.capture.rows import Frame, UploadRow
from inspector.protocol.lines import DataLine, MalformedLine, Operation, decode_line

_FRAMES_AT_ONCE = 400


@dataclass(frozen=True, slots=True)
class FoundOperation:
    """An operation of the row as it came; `received_at` in ns since the Unix epoch."""

    bucket: str
    frame: int
    received_at: int
    operation: Operation


class RowSearch:
    """All operations of one row that a capture holds, oldest first, as far as it was looked through."""

    def __init__(self, row_type: str, row_id: str, last: int | None = None) -> None:
        """`last` is the frame up to which the capture is looked through; None: all of it."""
        self.row_type, self.row_id = row_type, row_id
        self._last = last
        self.found: list[FoundOperation] = []
        self.searched = 0
        """Id of the last frame that was looked at."""
        self.frames = 0
        """How many there are."""
        self.uploaded: list[tuple[UploadRow, UploadedWrite]] = []
        """What the backend has taken of the row, newest first."""
        self._known_uploads: set[int] = set()
        plain = row_id.isascii() and row_id.isprintable() and not set(row_id) & {'"', "\\", "/"}
        self._bytes = row_id.encode() if plain else b""

    @property
    def complete(self) -> bool:
        """Whether the whole capture was looked through."""
        return self.searched >= self.frames

    def go_on(self, capture: CaptureReader, seconds: float) -> None:
        """Look through more of the capture, for about so long; raises CaptureError."""
        self.frames, end = capture.frame_count(), time.monotonic() + seconds
        if self._last is not None:
            self.frames = min(self.frames, self._last)
        while not self.complete and time.monotonic() < end:
            frames = capture.data_frames_about(self.row_type, self.searched, _FRAMES_AT_ONCE)
            for frame in frames:
                if frame.row.id <= self.frames:
                    self._look_at(frame)
            self.searched = frames[-1].row.id if len(frames) == _FRAMES_AT_ONCE else self.frames
        self._look_for_uploads(capture)

    def _look_for_uploads(self, capture: CaptureReader) -> None:
        end = None
        if self._last is not None:
            last = capture.frames(self._last, 1)
            end = last[0].received_at if last else None
        found = accepted_writes_of_row(capture, self.row_type, self.row_id, self._known_uploads)
        taken = [it for it in found if end is None or (it[0].ended_at or it[0].started_at) <= end]
        self.uploaded = [*taken, *self.uploaded]

    def _look_at(self, frame: Frame) -> None:
        if self._bytes and self._bytes not in frame.body:
            return
        try:
            line = decode_line(frame.body, frame.format)
        except MalformedLine:
            return
        if isinstance(line, DataLine):
            self.found += [
                FoundOperation(line.bucket, frame.row.id, frame.row.received_at, operation)
                for operation in line.data
                if (operation.object_type, operation.object_id) == (self.row_type, self.row_id)
            ]
