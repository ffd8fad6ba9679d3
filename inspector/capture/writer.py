"""Writing a capture from the first byte: rows wait in memory for `flush()`, which writes them in one transaction.

A crash loses what waited since the last flush; the file opens. A connection has one target checkpoint at a time,
so the checkpoint methods take the connection. Times are ns since the Unix epoch; where none is given it is now.
Tokens go no further than here (`redact.py`).
"""

import time
from collections.abc import Callable, Iterable
from pathlib import Path
from types import TracebackType
from typing import Any, TypeAlias

import apsw
import msgspec
import zstandard
from msgspec.structs import replace

from inspector.capture.annotations import Annotation
from inspector.capture.checkpoint_writer import CheckpointWriter
from inspector.capture.frame_facts import FrameFacts, facts_of, stored_integer
from inspector.capture.happenings import HappeningKind, source_of
from inspector.capture.outcome import Outcome, UploadOutcome
from inspector.capture.redact import allowed_headers, redact, redact_json, redact_text, storable
from inspector.capture.rows import ConnectionRow, EventRow, FrameRow, LocalWriteRow, UploadRow
from inspector.capture.schema import LONGEST_REQUEST
from inspector.capture.writing import open_for_writing, unwritable
from inspector.protocol.framing import FrameFormat
from inspector.protocol.lines import Line

MAX_WAITING_FRAMES = 2_000
MAX_WAITING_BYTES = 8 * 1024 * 1024
"""Beyond either the writer flushes by itself."""

_COMPRESSION_LEVEL = 3
_TABLES = ("connections", "frames", "checkpoints", "mismatches", "uploads", "events", "local_writes")

Body: TypeAlias = bytes


class CaptureWriter(CheckpointWriter):
    """The one writer of a capture file."""

    def __init__(self, path: Path, *, now_ns: Callable[[], int] = time.time_ns) -> None:
        """Create `path`, or continue the capture that it is; raises CaptureError."""
        self.path = path
        self._file = open_for_writing(path)
        last_ids = {table: int(self._scalar(f"SELECT coalesce(max(id), 0) FROM {table}")) for table in _TABLES}
        super().__init__(last_ids, now_ns)
        self._compress = zstandard.ZstdCompressor(level=_COMPRESSION_LEVEL).compress
        self._open: dict[int, ConnectionRow] = {}
        self._uploads: dict[int, UploadRow] = {}

    @property
    def frames(self) -> int:
        """How many frames there are, waiting ones included."""
        return self._last_ids["frames"]

    def has(self, entry: int) -> bool:
        """Whether there is a frame with this id, or a happening with this key, waiting ones included."""
        if entry >= 0:
            return 1 <= entry <= self.frames
        kind, number = source_of(entry)
        tables = {HappeningKind.UPLOAD: "uploads", HappeningKind.EVENT: "events"}
        return 1 <= number <= self._last_ids[tables.get(kind, "connections")]

    @property
    def bytes(self) -> int:
        """The file's size after the last flush, with what is still in its WAL."""
        return int(self._scalar("PRAGMA page_count")) * int(self._scalar("PRAGMA page_size"))

    def flush(self) -> None:
        """Write what waits. Raises CaptureError when the file cannot be written; all of it still waits then."""
        try:
            self._batch.write(self._file)
        except apsw.Error as error:
            raise unwritable(self.path, error) from error

    def close(self) -> None:
        """Write what waits, end what is open, and fold the WAL into the file, so that one file remains."""
        for connection in list(self._open):
            self.close_connection(connection, "The recording ended.")
        try:
            self.flush()
            self._file.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        finally:
            self._file.close()

    def __enter__(self) -> "CaptureWriter":
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def open_connection(
        self,
        endpoint: str,
        request: Body,
        *,
        user_id: str | None = None,
        client_id: str | None = None,
        token_expires_at: int | None = None,
        started_at: int | None = None,
    ) -> int:
        """A request is sent; `request` is its JSON body. The connection's id."""
        row = ConnectionRow(
            id=self._next("connections"),
            started_at=self._at(started_at),
            ended_at=None,
            endpoint=redact_text(endpoint),
            user_id=None if user_id is None else redact_text(user_id),
            client_id=None if client_id is None else redact_text(client_id),
            request=redact_json(request),
            status=None,
            response_headers=None,
            format=None,
            encoding=None,
            token_expires_at=stored_integer(token_expires_at),
            end_reason=None,
            first_frame=None,
            frames=0,
            operations=0,
            bytes=0,
        )
        self._put_connection(row)
        return row.id

    def response(
        self,
        connection: int,
        status: int,
        headers: Iterable[tuple[str, str]],
        frame_format: FrameFormat | None,
        encoding: str = "",
    ) -> None:
        """The answer has begun; `frame_format` is None when it is no sync stream."""
        kept = msgspec.json.encode(allowed_headers(headers)).decode()
        self._put_connection(
            replace(
                self._open[connection],
                status=status,
                response_headers=kept,
                format=frame_format,
                encoding=storable(encoding),
            )
        )

    def close_connection(self, connection: int, reason: str, *, ended_at: int | None = None) -> None:
        """The connection has ended; `reason` is a sentence. A checkpoint that was not complete is interrupted."""
        self.checkpoint_interrupted(connection, reason)
        row = self._open.pop(connection)
        self._batch.put(replace(row, ended_at=self._at(ended_at), end_reason=redact_text(reason)))
        self._targets.pop(connection, None)

    def frame(
        self,
        connection: int,
        body: Body,
        line: Line | None,
        *,
        checkpoint: int | None = None,
        error: str | None = None,
        received_at: int | None = None,
    ) -> int:
        """A frame has arrived: its bytes and what they say, None when they could not be read. The frame's id.

        `checkpoint` is the op id of the checkpoint in force, by default the connection's target.
        """
        facts = facts_of(line)
        if facts.checkpoint is None:
            target = self._targets.get(connection)
            facts.checkpoint = target.op_id if checkpoint is None and target is not None else checkpoint
        frame = self._next("frames")
        self._batch.add_frame(
            self._frame_row(frame, connection, facts, len(body), error, self._at(received_at)), self._compress(body)
        )
        row = self._open[connection]
        self._put_connection(
            replace(
                row,
                first_frame=frame if row.first_frame is None else row.first_frame,
                frames=row.frames + 1,
                operations=row.operations + facts.operations,
                bytes=row.bytes + len(body),
            )
        )
        if self._batch.frames >= MAX_WAITING_FRAMES or self._batch.size >= MAX_WAITING_BYTES:
            self.flush()
        return frame

    def event(
        self, level: str, source: str, message: str, details: dict[str, Any] | None = None, *, at: int | None = None
    ) -> None:
        """Something worth a sentence; `level` and `source` as in the schema."""
        text = None if details is None else msgspec.json.encode(redact(details)).decode()
        self._batch.put(EventRow(self._next("events"), self._at(at), level, source, redact_text(message), text))

    def annotate(self, frame: int, annotation: Annotation) -> None:
        """What users say about a frame, or a happening by its key, from now on."""
        self._batch.annotate(frame, annotation.marked, redact_text(annotation.comment))

    def local_write(self, tx_id: int | None, changed: int, *, connected: bool, writes: Body | None) -> None:
        """The app changed so many rows in one transaction; `writes` is a JSON array of what, None to leave it out."""
        text = None if writes is None else redact_json(writes)
        self._batch.put(LocalWriteRow(self._next("local_writes"), self._at(None), tx_id, changed, connected, text))

    def upload_started(self, tx_id: int | None, first_entry: int, last_entry: int) -> int:
        """An attempt to upload entries of the queue begins. Its id."""
        upload = self._next("uploads")
        row = UploadRow(upload, self._at(None), None, tx_id, first_entry, last_entry, UploadOutcome.SENDING, None, None)
        self._uploads[upload] = row
        self._batch.put(row)
        return upload

    def upload_sends(self, upload: int, batch: Body) -> None:
        """What an attempt sends, of which at most `LONGEST_REQUEST` bytes are kept."""
        whole = len(batch) <= LONGEST_REQUEST
        text = redact_json(batch) if whole else redact_text(batch[:LONGEST_REQUEST].decode(errors="ignore"))
        row = self._uploads[upload] = replace(self._uploads[upload], bytes=len(batch))
        self._batch.put(row)
        self._batch.keep_request(upload, text)

    def upload_ended(
        self, upload: int, outcome: UploadOutcome, *, status: int | None = None, answer: str | None = None
    ) -> None:
        """What became of an attempt; `answer` is what the backend said."""
        text = None if answer is None else redact_text(answer)
        row = self._uploads.pop(upload)
        self._batch.put(replace(row, ended_at=self._at(None), outcome=outcome, status=status, answer=text))

    def _frame_row(
        self, frame: int, connection: int, facts: FrameFacts, size: int, error: str | None, received_at: int
    ) -> FrameRow:
        return FrameRow(
            frame,
            connection,
            received_at,
            facts.kind,
            facts.bucket,
            facts.checkpoint,
            facts.priority,
            facts.first_op_id,
            facts.last_op_id,
            facts.puts,
            facts.removes,
            facts.moves,
            facts.clears,
            facts.row_types,
            facts.buckets,
            facts.removed_buckets,
            facts.total_operations,
            facts.expires_in,
            Outcome.NONE,
            None,
            None if error is None else redact_text(error),
            size,
        )

    def _put_connection(self, row: ConnectionRow) -> None:
        self._open[row.id] = row
        self._batch.put(row)

    def _scalar(self, sql: str) -> Any:
        return self._file.execute(sql).fetchall()[0][0]
