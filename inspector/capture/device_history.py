"""What one device did, as its capture tells it: connections, checkpoints, local writes, uploads; the newest of each."""

from msgspec import Struct

from inspector.capture.opening import OpenedCapture
from inspector.capture.rows import CheckpointRow, EventRow, UploadRow, columns_of
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
_CHECKPOINTS = _newest(columns_of(CheckpointRow), "checkpoints")
_UPLOADS = _newest(columns_of(UploadRow), "uploads")
_TOLD = _newest(
    columns_of(EventRow),
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
        return self._opened.rows(ConnectionSpan, _CONNECTIONS)

    def checkpoints(self) -> list[CheckpointRow]:
        """Targets, oldest first."""
        return self._opened.rows(CheckpointRow, _CHECKPOINTS)

    def uploads(self) -> list[UploadRow]:
        """Attempts to upload, oldest first."""
        return self._opened.rows(UploadRow, _UPLOADS)

    def events(self) -> list[EventRow]:
        """Local transactions, confirmations asked for, and what the user told the client to do; oldest first."""
        return self._opened.rows(EventRow, _TOLD)

    def data_frames(self, bucket: str) -> list[DataFrame]:
        """The data lines of a bucket, by the end of its full name; oldest first."""
        return self._opened.rows(DataFrame, _DATA_FRAMES, bucket)
