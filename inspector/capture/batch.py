"""Rows on their way into the capture: kept in memory until one transaction takes them all."""

from typing import Any

import apsw
import msgspec
from msgspec import Struct

from inspector.capture.rows import CheckpointRow, ConnectionRow, EventRow, FrameRow, MismatchRow, UploadRow

_TABLES: dict[type[Struct], str] = {
    ConnectionRow: "connections",
    CheckpointRow: "checkpoints",
    MismatchRow: "mismatches",
    UploadRow: "uploads",
    EventRow: "events",
}
"""`frames` is not here: its rows have a body beside them."""


def _insert(row: type[Struct], table: str, *more: str) -> str:
    columns = (*row.__struct_fields__, *more)
    return f"INSERT OR REPLACE INTO {table}({', '.join(columns)}) VALUES ({', '.join('?' * len(columns))})"


_INSERTS = {row: _insert(row, table) for row, table in _TABLES.items()}
_INSERT_FRAME = _insert(FrameRow, "frames", "body").replace("INSERT OR REPLACE", "INSERT")
_INSERT_BUCKET = """
INSERT OR REPLACE INTO checkpoint_buckets(checkpoint, bucket, checksum, count, priority, subscriptions)
VALUES (?, ?, ?, ?, ?, ?)
"""
_UPDATE_FRAME = """
UPDATE frames SET outcome = ?, pending_writes = coalesce(?, pending_writes),
  bucket = coalesce(?, bucket), buckets = coalesce(?, buckets)
WHERE id = ?
"""


class Batch:
    """What the next transaction writes. Frames are appended in order of their ids."""

    def __init__(self) -> None:
        self._clear()

    def _clear(self) -> None:
        self._frames: list[tuple[FrameRow, bytes]] = []
        self._changed: dict[tuple[type[Struct], int], Struct] = {}
        self._buckets: list[tuple[Any, ...]] = []
        self._late_outcomes: list[tuple[Any, ...]] = []
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

    def put(self, row: ConnectionRow | CheckpointRow | MismatchRow | UploadRow | EventRow) -> None:
        """A row that is new, or stands for an earlier one of the same id."""
        self._changed[type(row), row.id] = row

    def add_bucket(self, *values: Any) -> None:
        """A row of `checkpoint_buckets`, in the order of its columns."""
        self._buckets.append(values)

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

    def write(self, connection: apsw.Connection) -> None:
        """Write all that waits in one transaction. When it fails nothing is written, and all of it still waits."""
        if not (self._frames or self._changed or self._buckets or self._late_outcomes):
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
        connection.executemany(_UPDATE_FRAME, self._late_outcomes)
        connection.executemany(_INSERT_BUCKET, self._buckets)
        for (kind, _), row in self._changed.items():
            connection.execute(_INSERTS[kind], astuple(row))
