"""The local transactions of a capture: when each was written, and what it wrote."""

from bisect import bisect_right
from collections.abc import Iterable

from msgspec import Struct

from inspector.capture.opening import OpenedCapture
from inspector.capture.rows import UploadRow
from inspector.capture.schema import WRITES_TOLD_BY_EVENTS


class LocalTransaction(Struct, frozen=True):
    """`at` in ns since the Unix epoch; `writes` is a JSON array of local writes, None where it is not kept."""

    at: int
    writes: str | None


class LocalWriteLog:
    """For use from one thread; raises CaptureError when the file turns out to be damaged."""

    def __init__(self, opened: OpenedCapture) -> None:
        self._opened = opened
        # Captures of versions before 5 have events that tell of them.
        typed = bool(opened.ask("SELECT 1 FROM sqlite_schema WHERE name = 'local_writes'"))
        self._table = "local_writes" if typed else f"({WRITES_TOLD_BY_EVENTS})"

    def of_upload(self, upload: UploadRow) -> LocalTransaction | None:
        """The transaction that an attempt is about; None where the capture does not tell of it."""
        found = self._opened.ask(
            f"SELECT at, writes FROM {self._table} WHERE tx_id = ? AND at <= ? ORDER BY at DESC LIMIT 1",
            upload.tx_id,
            upload.ended_at or upload.started_at,
        )
        return LocalTransaction(*found[0]) if found else None

    def times(self, uploads: Iterable[UploadRow]) -> dict[int, int]:
        """Attempt, by its id → when its transaction was written, where the capture tells it.

        A client database that is made anew counts its transactions from 1 again: the newest one before the attempt is
        meant.
        """
        wanted = [upload for upload in uploads if upload.tx_id is not None]
        known = {upload.tx_id for upload in wanted if upload.tx_id is not None}
        if not known:
            return {}
        sql = f"SELECT tx_id, at FROM {self._table} WHERE tx_id BETWEEN ? AND ? ORDER BY at"
        written: dict[int, list[int]] = {}
        for tx_id, at in self._opened.ask(sql, min(known), max(known)):
            written.setdefault(tx_id, []).append(at)
        found = {}
        for upload in wanted:
            times = written.get(upload.tx_id or 0, [])
            if before := bisect_right(times, upload.started_at):
                found[upload.id] = times[before - 1]
        return found
