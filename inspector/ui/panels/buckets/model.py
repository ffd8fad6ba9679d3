"""Buckets by their streams, as one list in which streams open and close."""

from collections import Counter

from PySide6.QtCore import QObject

from inspector.protocol.buckets import BucketName
from inspector.ui.bucket_state import Bucket, BucketSnapshot
from inspector.ui.panels.buckets.columns import COLUMNS, BucketLine, Line, StreamLine
from inspector.ui.things import Things
from inspector.ui.widgets.columns import RowStyle
from inspector.ui.widgets.row_model import ListModel

_BUCKET_ROW = RowStyle(depth=1)


class BucketsModel(ListModel[Line]):
    """The lines of the panel; which streams are closed is kept while snapshots come and go."""

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(COLUMNS, parent)
        self._snapshot: BucketSnapshot | None = None
        self._closed: set[str] = set()

    def show_snapshot(self, snapshot: BucketSnapshot | None) -> None:
        """Show the buckets of `snapshot`."""
        self._snapshot = snapshot
        self.show_records(self._lines())

    def row_of(self, bucket: str | None) -> int | None:
        """The row of the bucket with this full name, None when its stream is closed."""
        for row, line in enumerate(self.records):
            if isinstance(line, BucketLine) and line.bucket.name.full == bucket:
                return row
        return None

    def bucket_at(self, row: int) -> Bucket | None:
        """The bucket in `row`; None for a stream."""
        line = self.record(row)
        return line.bucket if isinstance(line, BucketLine) else None

    def things(self, record: Line) -> Things:
        return Things(bucket=record.bucket.name.full) if isinstance(record, BucketLine) else Things()

    def key(self, record: Line) -> object:
        return record.stream if isinstance(record, StreamLine) else (record.bucket.name.full,)

    def row_style(self, record: Line) -> RowStyle:
        if isinstance(record, StreamLine):
            return RowStyle(expanded=record.expanded, bold=True)
        return _BUCKET_ROW

    def set_expanded(self, row: int, expanded: bool) -> None:
        line = self.record(row)
        if isinstance(line, StreamLine):
            (self._closed.discard if expanded else self._closed.add)(line.stream)
            self.show_records(self._lines())

    def parent_row(self, row: int) -> int | None:
        if not isinstance(self.record(row), BucketLine):
            return None
        return next(above for above in range(row, -1, -1) if isinstance(self.records[above], StreamLine))

    def _lines(self) -> list[Line]:
        lines: list[Line] = []
        for stream, buckets in self._snapshot.streams if self._snapshot is not None else ():
            priorities = tuple(sorted({bucket.priority for bucket in buckets if bucket.priority is not None}))
            expanded = stream not in self._closed
            lines.append(StreamLine(stream, priorities, buckets, expanded))
            if expanded:
                lines += _bucket_lines(buckets)
        return lines


def _bucket_lines(buckets: tuple[Bucket, ...]) -> list[Line]:
    same = Counter(bucket.name.parameters for bucket in buckets)
    return [BucketLine(bucket, _label(bucket.name, alone=same[bucket.name.parameters] == 1)) for bucket in buckets]


def _label(name: BucketName, *, alone: bool) -> str:
    """What tells a bucket from its neighbours in the same stream."""
    if not name.parameters:
        return name.full
    return name.parameters if alone else f"{name.parameters} |{name.variant}"
