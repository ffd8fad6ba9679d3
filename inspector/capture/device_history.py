"""What one device did, as its capture tells it: connections, checkpoints, local writes, uploads; the newest of each."""

from itertools import starmap
from typing import Any

from msgspec import Struct

from inspector.capture.opening import OpenedCapture, reading
from inspector.capture.rows import CheckpointRow, EventRow, UploadRow
from inspector.capture.timeline_rows import ConnectionSpan

_MOST = 2_000
"""Rows of each kind: hours of somebody's work, and little to read again and again."""


class DataFrame(Struct, frozen=True):
    """A data line of one bucket: which operations came, and when."""

    received_at: int
    first_op_id: int
    last_op_id: int


def _newest(columns: str, table: str) -> str:
    return f"SELECT * FROM (SELECT {columns} FROM {table} ORDER BY id DESC LIMIT {_MOST}) ORDER BY 1"


_CONNECTIONS = _newest(
    "id, started_at, ended_at, status, coalesce(end_reason, ''), token_expires_at, operations, bytes", "connections"
)
_CHECKPOINTS = _newest(", ".join(CheckpointRow.__struct_fields__), "checkpoints")
_UPLOADS = _newest(", ".join(UploadRow.__struct_fields__), "uploads")
_TOLD = _newest(
    ", ".join(EventRow.__struct_fields__),
    "events WHERE source = 'store' OR source = 'control'"
    " OR source = 'uploads' AND level = 'info' AND details IS NOT NULL",
)
_DATA_FRAMES = f"""
SELECT received_at, first_op_id, last_op_id FROM (
  SELECT id, received_at, first_op_id, last_op_id FROM frames
  WHERE kind = 'data' AND first_op_id IS NOT NULL AND bucket LIKE '%' || ? ORDER BY id DESC LIMIT {_MOST}
) ORDER BY id
"""


class DeviceHistory:
    """An opened capture, read as the history of one device. All methods raise CaptureError."""

    def __init__(self, opened: OpenedCapture) -> None:
        self._opened = opened

    def connections(self) -> list[ConnectionSpan]:
        """Requests for a stream, oldest first."""
        return list(starmap(ConnectionSpan, self._all(_CONNECTIONS)))

    def checkpoints(self) -> list[CheckpointRow]:
        """Targets, oldest first."""
        return list(starmap(CheckpointRow, self._all(_CHECKPOINTS)))

    def uploads(self) -> list[UploadRow]:
        """Attempts to upload, oldest first."""
        return list(starmap(UploadRow, self._all(_UPLOADS)))

    def events(self) -> list[EventRow]:
        """Local transactions, confirmations asked for, and what the user told the client to do; oldest first."""
        return list(starmap(EventRow, self._all(_TOLD)))

    def data_frames(self, bucket: str) -> list[DataFrame]:
        """The data lines of a bucket, by the end of its full name; oldest first."""
        return list(starmap(DataFrame, self._all(_DATA_FRAMES, bucket)))

    def _all(self, sql: str, *values: str) -> list[tuple[Any, ...]]:
        with reading(self._opened.path):
            return self._opened.connection.execute(sql, values).fetchall()
