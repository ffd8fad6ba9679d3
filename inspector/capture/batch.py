"""Rows on their way into the capture: kept in memory until one transaction takes them all."""

from collections.abc import Iterable
from typing import Any

import apsw
import msgspec
from msgspec import Struct

from inspector.capture.kept_pages import pages_of
from inspector.capture.rows import (
    CheckpointRow,
    ConnectionRow,
    EventRow,
    FrameRow,
    LocalWriteRow,
    MismatchRow,
    UploadRow,
)
from inspector.capture.schema import ACTIVITY_STEPS
from inspector.protocol.kept_bucket import KeptBucket

_TABLES: dict[type[Struct], str] = {
    ConnectionRow: "connections",
    CheckpointRow: "checkpoints",
    MismatchRow: "mismatches",
    UploadRow: "uploads",
    EventRow: "events",
    LocalWriteRow: "local_writes",
}
"""`frames` is not here: its rows have a body beside them."""


def _insert(row: type[Struct], table: str, *more: str) -> str:
    columns = (*row.__struct_fields__, *more)
    changes = ", ".join(f"{column} = excluded.{column}" for column in columns if column != "id")
    values = f"({', '.join(columns)}) VALUES ({', '.join('?' * len(columns))})"
    return f"INSERT INTO {table}{values} ON CONFLICT(id) DO UPDATE SET {changes}"


_INSERTS = {row: _insert(row, table) for row, table in _TABLES.items()}
_KEEP_REQUEST = "UPDATE uploads SET request = ? WHERE id = ?"
_INSERT_FRAME = _insert(FrameRow, "frames", "body").partition(" ON CONFLICT")[0]
_INSERT_BUCKET = """
INSERT OR REPLACE INTO checkpoint_buckets(checkpoint, bucket, checksum, count, priority, subscriptions)
VALUES (?, ?, ?, ?, ?, ?)
"""
_UPDATE_FRAME = """
UPDATE frames SET outcome = ?, pending_writes = coalesce(?, pending_writes),
  bucket = coalesce(?, bucket), buckets = coalesce(?, buckets)
WHERE id = ?
"""
_ADD_ACTIVITY = """
INSERT INTO activity(step, at, frames, operations, bytes, errors) VALUES (?, ?, ?, ?, ?, ?)
ON CONFLICT DO UPDATE SET frames = frames + excluded.frames, operations = operations + excluded.operations,
  bytes = bytes + excluded.bytes, errors = errors + excluded.errors
"""
_INSERT_KEPT = """
INSERT INTO mismatch_buckets(mismatch, last_op, last_applied_op, operations, kept, without_data)
VALUES (?, ?, ?, ?, ?, ?)
"""
_INSERT_KEPT_OPERATIONS = "INSERT INTO mismatch_operations(mismatch, page, body) VALUES (?, ?, ?)"


_ANNOTATE = "INSERT OR REPLACE INTO annotations(frame, marked, comment) VALUES (?, ?, ?)"
_FORGET_EMPTY_ANNOTATIONS = "DELETE FROM annotations WHERE NOT marked AND comment = ''"


class Batch:
    """What the next transaction writes. Frames are appended in order of their ids."""

    def __init__(self) -> None:
        self._clear()

    def _clear(self) -> None:
        self._frames: list[tuple[FrameRow, bytes]] = []
        self._changed: dict[tuple[type[Struct], int], Struct] = {}
        self._buckets: list[tuple[Any, ...]] = []
        self._late_outcomes: list[tuple[Any, ...]] = []
        self._annotations: list[tuple[int, bool, str]] = []
        self._kept: list[tuple[int, KeptBucket]] = []
        self._requests: list[tuple[str, int]] = []
        self.size = 0
        """About how many bytes wait."""

    @property
    def frames(self) -> int:
        """How many frames wait."""
        return len(self._frames)

    def add_frame(self, row: FrameRow, body: bytes) -> None:
        """A new frame with its compressed body."""
        self._frames.append((row, body))
        self.size += len(body)

    def put(self, row: ConnectionRow | CheckpointRow | MismatchRow | UploadRow | EventRow | LocalWriteRow) -> None:
        """A row that is new, or stands for an earlier one of the same id."""
        self._changed[type(row), row.id] = row

    def add_bucket(self, *values: Any) -> None:
        """A row of `checkpoint_buckets`, in the order of its columns."""
        self._buckets.append(values)

    def keep(self, mismatch: int, bucket: KeptBucket) -> None:
        """The bucket of a mismatch as it was before it was deleted."""
        self._kept.append((mismatch, bucket))

    def keep_request(self, upload: int, text: str) -> None:
        """What an attempt to upload sends."""
        self._requests.append((text, upload))

    def set_outcome(
        self, frame: int, outcome: str, pending_writes: int | None, bucket: str | None, buckets: int | None
    ) -> None:
        """What became of a frame, whether it is written already or still waits; None leaves a column as it is."""
        index = frame - self._frames[0][0].id if self._frames else -1
        if not 0 <= index < len(self._frames):
            self._late_outcomes.append((outcome, pending_writes, bucket, buckets, frame))
            return
        row, body = self._frames[index]
        given = {"outcome": outcome, "pending_writes": pending_writes, "bucket": bucket, "buckets": buckets}
        changes = {name: value for name, value in given.items() if value is not None}
        self._frames[index] = msgspec.structs.replace(row, **changes), body

    def annotate(self, frame: int, marked: bool, comment: str) -> None:
        """What users say about a frame now."""
        self._annotations.append((frame, marked, comment))

    def write(self, connection: apsw.Connection) -> None:
        """Write all that waits in one transaction. When it fails nothing is written, and all of it still waits."""
        waiting = (self._frames, self._changed, self._buckets, self._late_outcomes, self._kept, self._annotations)
        if not any(waiting):
            return
        connection.execute("BEGIN IMMEDIATE")
        try:
            self._write_rows(connection)
            connection.execute("COMMIT")
        except BaseException:
            if connection.in_transaction:
                connection.execute("ROLLBACK")
            raise
        self._clear()

    def _write_rows(self, connection: apsw.Connection) -> None:
        astuple = msgspec.structs.astuple
        connection.executemany(_INSERT_FRAME, [(*astuple(row), body) for row, body in self._frames])
        connection.executemany(_ADD_ACTIVITY, _activity(row for row, _ in self._frames))
        connection.executemany(_UPDATE_FRAME, self._late_outcomes)
        connection.executemany(_INSERT_BUCKET, self._buckets)
        for (kind, _), row in self._changed.items():
            connection.execute(_INSERTS[kind], astuple(row))
        connection.executemany(_KEEP_REQUEST, self._requests)
        if self._annotations:
            connection.executemany(_ANNOTATE, self._annotations)
            connection.execute(_FORGET_EMPTY_ANNOTATIONS)
        for mismatch, bucket in self._kept:
            figures = (bucket.last_op, bucket.last_applied_op, bucket.operations, len(bucket.kept), bucket.without_data)
            connection.execute(_INSERT_KEPT, (mismatch, *figures))
            pages = ((mismatch, page, body) for page, body in enumerate(pages_of(bucket)))
            connection.executemany(_INSERT_KEPT_OPERATIONS, pages)


def _activity(frames: Iterable[FrameRow]) -> list[tuple[int, ...]]:
    """Rows of `activity` that count `frames`."""
    finest = ACTIVITY_STEPS[0]
    bins: dict[int, list[int]] = {}
    for row in frames:
        figures = bins.setdefault(row.received_at // finest, [0, 0, 0, 0])
        figures[0] += 1
        figures[1] += row.operations
        figures[2] += row.bytes
        figures[3] += row.error is not None
    return [(step, at * finest // step * step, *figures) for step in ACTIVITY_STEPS for at, figures in bins.items()]
