"""The attempts to upload of a capture: which there were, and what was sent with one."""

from collections.abc import Iterator

from inspector.capture.opening import OpenedCapture
from inspector.capture.rows import UploadRow, columns_of
from inspector.capture.schema import LONGEST_REQUEST


class UploadLog:
    """For use from one thread; raises CaptureError when the file turns out to be damaged."""

    def __init__(self, opened: OpenedCapture) -> None:
        self._opened = opened
        # Captures of versions before 4 do not keep what uploads sent.
        self._keeps_requests = bool(opened.ask("SELECT 1 FROM pragma_table_info('uploads') WHERE name = 'request'"))
        columns = columns_of(UploadRow)
        self._columns = columns if self._keeps_requests else columns.replace("bytes", "NULL AS bytes")

    def rows(self, after: int = 0, limit: int = 1_000) -> list[UploadRow]:
        """Up to `limit` attempts to upload with ids above `after`, oldest first."""
        return self._opened.rows(
            UploadRow, f"SELECT {self._columns} FROM uploads WHERE id > ? ORDER BY id LIMIT ?", after, limit
        )

    def newest(self, limit: int) -> list[UploadRow]:
        """The newest attempts to upload, newest first."""
        return self._opened.rows(UploadRow, f"SELECT {self._columns} FROM uploads ORDER BY id DESC LIMIT ?", limit)

    def from_entry(self, entry: int) -> list[UploadRow]:
        """The attempts to upload this entry of the queue and later ones, oldest first."""
        return self._opened.rows(
            UploadRow, f"SELECT {self._columns} FROM uploads WHERE last_entry >= ? ORDER BY id", entry
        )

    def row(self, upload: int) -> UploadRow | None:
        """One attempt."""
        return self._opened.first(UploadRow, f"SELECT {self._columns} FROM uploads WHERE id = ?", upload)

    def that_may_name(self, text: str) -> Iterator[UploadRow]:
        """The attempts of which what was sent has `text` in it, or is not recorded as a whole; newest first."""
        where = (
            f"request IS NULL OR instr(request, ?) OR bytes > {LONGEST_REQUEST}"
            if self._keeps_requests
            else "? IS NOT NULL"
        )
        # The ids first: whoever has found the attempt that is meant looks at no other.
        for (upload,) in self._opened.ask(f"SELECT id FROM uploads WHERE {where} ORDER BY id DESC", text):
            if (row := self.row(upload)) is not None:
                yield row

    def request(self, upload: int) -> str | None:
        """What was sent with an attempt, as JSON text; None where it was not recorded."""
        if self._keeps_requests:
            kept = self._opened.scalar("SELECT request FROM uploads WHERE id = ?", upload)
            if kept is not None:
                return str(kept)
        sql = (
            "SELECT json_extract(details, '$.request') FROM events"
            " WHERE source = 'uploads' AND details IS NOT NULL AND json_extract(details, '$.upload') = ?"
        )
        found = self._opened.scalar(sql, upload)
        return None if found is None else str(found)
