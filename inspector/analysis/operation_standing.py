"""What became of an operation that came: whether it is shown and by what, what it replaced, and who else holds it."""

import time
from dataclasses import dataclass

from inspector.analysis.pending_writes import PendingWrite, read_pending_of
from inspector.capture.outcome import Outcome
from inspector.capture.reader import CaptureReader
from inspector.capture.rows import CheckpointRow, Frame, FrameRow
from inspector.protocol.lines import DataLine, MalformedLine, Operation, OpType, decode_line
from inspector.store.reader import ClientDatabaseReader
from inspector.words import plural

_FRAMES_AT_ONCE = 200
_BUCKETS = 1_000
_WHY_NOT = {
    Outcome.RECEIVING: "not yet: checkpoint {0} is not complete",
    Outcome.PARTIAL: "not yet: checkpoint {0} is complete only in part",
    Outcome.HELD: "no: held with checkpoint {0}",
    Outcome.SKIPPED: "no: held with checkpoint {0}",
    Outcome.SUPERSEDED: "not yet: a newer checkpoint came before {0} was complete",
    Outcome.INTERRUPTED: "not yet: the connection ended before checkpoint {0} was complete",
    Outcome.MISMATCH: "not yet: checkpoint {0} failed its checksums",
    Outcome.REFUSED: "no: the client refused what came with checkpoint {0}",
}


@dataclass(frozen=True, slots=True)
class Neighbour:
    """Another operation on the same row in the same bucket, and the time between the two, ns."""

    op_id: int
    op: OpType
    frame: int
    apart_ns: int


@dataclass(frozen=True, slots=True)
class Standing:
    """What a panel says below an operation; empty where it is not known."""

    published: str
    """Words after “Published”, beginning with yes, no or not yet."""
    is_published: bool
    checkpoint: CheckpointRow | None
    """The one that these words name."""
    superseded_by: Neighbour | None
    """The newest one that came later."""
    supersedes: Neighbour | None
    also_in: tuple[str, ...]
    """Other buckets that hold the row, by their full names."""
    local: dict[str, str | None]
    """Columns to what waiting local writes put there, as JSON text; None where they take the value away."""
    deleted_here: bool
    """Whether a waiting local write deletes the row."""


class OperationSearch:
    """One operation of a capture, and those before and after it, which are looked for a part at a time."""

    def __init__(
        self, row: FrameRow, bucket: str, operation: Operation, position: int, last: int | None = None
    ) -> None:
        """`position` is its place among the operations of the frame `row`; `last` the frame up to which to look."""
        self.row, self.bucket, self.operation, self.position = row, bucket, operation, position
        self.last = last
        self._back, self._forth = row.id + 1, row.id - 1
        self._began = operation.key is None
        self.prior: Neighbour | None = None
        self.newer: Neighbour | None = None
        self.complete = self._began
        """Whether there was nothing more to look through when it went on last."""

    def go_on(self, capture: CaptureReader, seconds: float) -> None:
        """Look further, for about so long: first back, then at what came since; raises CaptureError."""
        if self.operation.key is None:
            return
        end, self.complete = time.monotonic() + seconds, False
        while not self._began and time.monotonic() < end:
            self._look_back(capture)
        while self._began and not self.complete and time.monotonic() < end:
            self._look_forth(capture)

    def _look_back(self, capture: CaptureReader) -> None:
        frames = self._beside(capture, self._back, newer=False)
        for frame in frames:
            if found := self._in(frame, slice(0, self.position if frame.row.id == self.row.id else None)):
                self.prior, self._began = found[-1], True
                return
        self._began = len(frames) < _FRAMES_AT_ONCE
        self._back = frames[-1].row.id if frames else 0

    def _look_forth(self, capture: CaptureReader) -> None:
        frames = self._beside(capture, self._forth, newer=True)
        for frame in frames:
            if self.last is not None and frame.row.id > self.last:
                self.complete = True
                return
            if found := self._in(frame, slice(self.position + 1 if frame.row.id == self.row.id else 0, None)):
                self.newer = found[-1]
            self._forth = frame.row.id
        self.complete = len(frames) < _FRAMES_AT_ONCE

    def _beside(self, capture: CaptureReader, frame: int, *, newer: bool) -> list[Frame]:
        row_type = self.operation.object_type or ""
        return capture.data_frames_beside(self.bucket, row_type, frame, _FRAMES_AT_ONCE, newer=newer)

    def _in(self, frame: Frame, places: slice) -> list[Neighbour]:
        try:
            line = decode_line(frame.body, frame.format)
        except MalformedLine:
            return []
        apart = abs(frame.row.received_at - self.row.received_at)
        return [
            Neighbour(operation.op_id, operation.op, frame.row.id, apart)
            for operation in (line.data[places] if isinstance(line, DataLine) else ())
            if operation.key == self.operation.key and operation.op in (OpType.PUT, OpType.REMOVE)
        ]


def standing_of(
    database: ClientDatabaseReader | None,
    capture: CaptureReader | None,
    search: OperationSearch,
    seconds: float,
    *,
    of_now: bool = True,
) -> Standing | None:
    """How the operation of `search` stands; None for one that names no row. The search goes on for about so long.

    `of_now` is False while the database is the one of a past moment, which then tells alone.
    """
    operation, bucket = search.operation, search.bucket
    if capture is None or operation.object_type is None or operation.object_id is None:
        return None
    search.go_on(capture, seconds)
    kept = database.row_operations(operation.object_type, operation.object_id, _BUCKETS) if database is not None else []
    pending: tuple[PendingWrite, ...] = ()
    if database is not None and search.newer is None:
        pending = read_pending_of(database, capture, operation.object_type, operation.object_id)
    applied = _applied(database, bucket)
    published, checkpoint = (
        _published(capture, search, applied) if of_now else (_published_then(operation, applied), None)
    )
    return Standing(
        published=published,
        is_published=published.startswith("yes"),
        checkpoint=checkpoint,
        superseded_by=search.newer,
        supersedes=search.prior,
        also_in=tuple(dict.fromkeys(it.bucket for it in kept if it.bucket != bucket)),
        local={change.column: change.after for write in pending for change in write.changes},
        deleted_here=bool(pending) and pending[-1].entry.op == "DELETE",
    )


def _applied(database: ClientDatabaseReader | None, bucket: str) -> int | None:
    """The newest operation of the bucket that the tables show; None where no database tells."""
    if database is None:
        return None
    return next((it.last_applied_op for it in database.buckets(fast=True) if it.name == bucket), None)


def _published(
    capture: CaptureReader, search: OperationSearch, applied: int | None
) -> tuple[str, CheckpointRow | None]:
    number = capture.checkpoints.of_frame(search.row.id)
    brought = None if number is None else next(iter(capture.checkpoints.rows(number - 1, 1)), None)
    if brought is None:
        return _published_then(search.operation, applied), None
    if _failed(capture, search.bucket, brought):
        return f"no: the bucket failed its checksum at checkpoint {brought.op_id}, and is downloaded anew", brought
    shown = capture.checkpoints.shown_from(brought.id)
    if shown is not None:
        held = f", after {brought.op_id} was held" if brought.outcome == Outcome.HELD and shown.id != brought.id else ""
        return f"yes, with checkpoint {shown.op_id}{held}", shown
    if applied is not None and applied >= search.operation.op_id:
        return f"yes, before checkpoint {brought.op_id} was complete", brought
    return _why_not(brought), brought


def _failed(capture: CaptureReader, bucket: str, checkpoint: CheckpointRow) -> bool:
    """Whether the bucket was found not to match at this checkpoint."""
    failed = {(it.bucket, it.checkpoint, it.connection) for it in capture.mismatches()}
    return (bucket, checkpoint.op_id, checkpoint.connection) in failed


def _why_not(brought: CheckpointRow) -> str:
    words = _WHY_NOT.get(Outcome(brought.outcome), "not yet: checkpoint {0} is not shown").format(brought.op_id)
    writes = brought.reason.removeprefix("It was held back at first. ").partition(" local write")[0]
    by = f" by {plural(int(writes), 'local write')}" if brought.outcome == Outcome.HELD and writes.isdecimal() else ""
    return words + by


def _published_then(operation: Operation, applied: int | None) -> str:
    if applied is None:
        return ""
    return "yes" if applied >= operation.op_id else "not yet"
