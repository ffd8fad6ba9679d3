"""Reading a capture: counts, windows of rows, bodies. Works beside the engine that writes it, and on a lone file.

Rows are fetched by key, never by offset, so a window costs the same in the first frame and in the ten millionth.
All methods raise CaptureError when the file turns out to be damaged.
"""

from collections.abc import Iterator, Mapping, Sequence
from hashlib import sha256
from itertools import starmap
from pathlib import Path
from types import TracebackType
from typing import Any, TypeVar

import apsw
import msgspec
import zstandard
from msgspec import Struct

from inspector.capture.annotations import Annotation
from inspector.capture.bucket_evidence import BucketEvidence
from inspector.capture.client_acts import ClientActs
from inspector.capture.device_history import DeviceHistory
from inspector.capture.errors import CaptureError
from inspector.capture.event_log import EventLog
from inspector.capture.expected import ExpectedBuckets
from inspector.capture.filter.scan import FilterScan
from inspector.capture.happenings import Happening
from inspector.capture.opening import OpenedCapture, reading
from inspector.capture.rows import (
    CaptureSummary,
    CheckpointLine,
    CheckpointRow,
    ConnectionRow,
    EventRow,
    ExpectedBucket,
    Frame,
    FrameRow,
    MismatchRow,
    OperationKinds,
    UploadRow,
)
from inspector.capture.timeline import TimelineReader
from inspector.protocol.framing import MAX_FRAME_BYTES, FrameFormat

_Row = TypeVar("_Row", bound=Struct)

_REPLAY_BATCH = 64


def _columns(row: type[Struct]) -> str:
    return ", ".join(row.__struct_fields__)


_FRAMES = f"SELECT {_columns(FrameRow)} FROM frames WHERE id >= ? ORDER BY id LIMIT ?"
_CHOSEN_FRAMES = f"SELECT {_columns(FrameRow)} FROM frames WHERE id IN (SELECT value FROM json_each(?)) ORDER BY id"
_CHOSEN_BODIES = _CHOSEN_FRAMES.replace("SELECT", "SELECT body,", 1)
_BODIES = f"SELECT body, {_columns(FrameRow)} FROM frames WHERE id >= ? ORDER BY id LIMIT ?"
_BODY = f"SELECT body, {_columns(FrameRow)} FROM frames WHERE id = ?"
_CHECKPOINTS = f"SELECT {_columns(CheckpointRow)} FROM checkpoints"
_CHECKPOINT_LINES = f"""
SELECT (SELECT count(*) FROM checkpoint_buckets b WHERE b.checkpoint = c.id AND b.checksum IS NOT NULL),
  (SELECT count(*) FROM checkpoint_buckets b WHERE b.checkpoint = c.id AND b.checksum IS NULL),
  {_columns(CheckpointRow)}
FROM checkpoints c WHERE id >= ? ORDER BY id LIMIT ?
"""
_CHECKPOINT_OF_FRAME = """
SELECT c.id FROM checkpoints c JOIN frames f ON f.id = ?
WHERE c.received_at <= f.received_at + 1000000000 AND c.connection = f.connection AND c.frame <= f.id
ORDER BY c.received_at DESC LIMIT 1
"""
# The newest frame of all is nearly always one of that connection, so this looks at few.
_FRAME_DURING = """
SELECT CASE connection WHEN ? THEN id END FROM frames WHERE received_at <= ?
ORDER BY received_at DESC, id DESC LIMIT 1
"""
_CONNECTIONS = f"SELECT {_columns(ConnectionRow)} FROM connections"


class CaptureReader:
    """A capture file, read-only. For use from one thread."""

    def __init__(self, path: Path) -> None:
        """Open `path`; raises CaptureError when it is no capture, newer than this program, or damaged."""
        self.path = path
        self._opened = OpenedCapture(path)
        self._connection = self._opened.connection
        self._decompressor = zstandard.ZstdDecompressor()
        self._scan: FilterScan | None = None
        self._formats: dict[int, FrameFormat] = {}
        self._expected = ExpectedBuckets(self._opened)
        self.event_log = EventLog(self._opened)
        # Captures of versions before 4 do not keep what uploads sent.
        self._keeps_requests = bool(self._raw("SELECT 1 FROM pragma_table_info('uploads') WHERE name = 'request'"))
        columns = _columns(UploadRow)
        self._uploads = columns if self._keeps_requests else columns.replace("bytes", "NULL AS bytes")
        self.timeline = TimelineReader(self._opened)
        self.evidence = BucketEvidence(self._opened)
        self.acts = ClientActs(self._opened)
        self.history = DeviceHistory(self._opened)

    def close(self) -> None:
        """Close the file, which has not changed by a byte."""
        self._opened.close()

    def __enter__(self) -> "CaptureReader":
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    @property
    def sqlite(self) -> apsw.Connection:
        """The read-only connection itself, for whoever runs SQL of a user's and uses this reader for nothing else."""
        return self._connection

    def scan(self) -> FilterScan:
        """Filters over this capture, on the same connection: what one has read, the other need not."""
        if self._scan is None:
            self._scan = FilterScan(self._opened)
        return self._scan

    def data_version(self) -> int:
        """A number that changes whenever the engine has written; cheap enough to ask 20 times a second."""
        return int(self._scalar("PRAGMA data_version"))

    def frame_count(self) -> int:
        """How many frames there are: their ids are 1 … frame_count."""
        return int(self._scalar("SELECT coalesce(max(id), 0) FROM frames"))

    def frames(self, first: int, count: int) -> list[FrameRow]:
        """Up to `count` frames from id `first` on, in order, without bodies."""
        return self._rows(FrameRow, _FRAMES, first, count)

    def chosen_frames(self, frames: Sequence[int]) -> list[FrameRow]:
        """The frames with these ids, in the order given, without bodies; those that are not there are left out."""
        found = self._rows(FrameRow, _CHOSEN_FRAMES, msgspec.json.encode(list(frames)).decode())
        by_id = {row.id: row for row in found}
        return [by_id[frame] for frame in frames if frame in by_id]

    def chosen_bodies(self, frames: Sequence[int]) -> list[Frame]:
        """The frames with these ids and their bytes, in the order given; those that are not there are left out."""
        found = self._raw(_CHOSEN_BODIES, msgspec.json.encode(list(frames)).decode())
        by_id = {values[1]: values for values in found}
        return [self._with_body(*by_id[frame]) for frame in frames if frame in by_id]

    def frame_at(self, moment: int) -> int | None:
        """The first frame that came at or after a moment (ns), else the newest one; None when there is none."""
        after = self._scalar("SELECT id FROM frames WHERE received_at >= ? ORDER BY received_at, id LIMIT 1", moment)
        return int(after) if after is not None else self.frame_count() or None

    def frame(self, frame: int) -> Frame | None:
        """One frame with its bytes; None when there is none with this id."""
        found = self._raw(_BODY, frame)
        return self._with_body(*found[0]) if found else None

    def bodies(self, first: int = 1) -> Iterator[Frame]:
        """All frames from id `first` on with their bytes, in order of arrival.

        A client has one stream at a time, so the frames of a connection stand together.
        """
        while batch := self._raw(_BODIES, first, _REPLAY_BATCH):
            for body, *values in batch:
                yield self._with_body(body, *values)
            first = batch[-1][1] + 1

    def connections(self) -> list[ConnectionRow]:
        """All connections, oldest first."""
        return self._rows(ConnectionRow, f"{_CONNECTIONS} ORDER BY id")

    def connection(self, connection: int) -> ConnectionRow | None:
        """One connection; None when there is none with this id."""
        return self._first(ConnectionRow, f"{_CONNECTIONS} WHERE id = ?", connection)

    def checkpoints(self, after: int = 0, limit: int = 1_000) -> list[CheckpointRow]:
        """Up to `limit` checkpoints with ids above `after`, oldest first."""
        return self._rows(CheckpointRow, f"{_CHECKPOINTS} WHERE id > ? ORDER BY id LIMIT ?", after, limit)

    def checkpoint_count(self) -> int:
        """How many checkpoints there are: their ids are 1 … checkpoint_count."""
        return int(self._scalar("SELECT coalesce(max(id), 0) FROM checkpoints"))

    def checkpoint_lines(self, first: int, count: int) -> list[CheckpointLine]:
        """Up to `count` checkpoints from id `first` on, in order, with how many buckets each changes."""
        return [
            CheckpointLine(CheckpointRow(*values), buckets, removed)
            for buckets, removed, *values in self._raw(_CHECKPOINT_LINES, first, count)
        ]

    def checkpoint_of_frame(self, frame: int) -> int | None:
        """The id of the checkpoint that was the target when a frame came."""
        found: int | None = self._scalar(_CHECKPOINT_OF_FRAME, frame)
        return found

    def checkpoint_at(self, op_id: int) -> CheckpointRow | None:
        """The newest checkpoint with this op id."""
        return self._first(CheckpointRow, f"{_CHECKPOINTS} WHERE op_id = ? ORDER BY id DESC LIMIT 1", op_id)

    def frame_before(self, at: int) -> int | None:
        """The id of the newest frame that had come by `at`."""
        sql = "SELECT id FROM frames WHERE received_at <= ? ORDER BY received_at DESC, id DESC LIMIT 1"
        found = self._scalar(sql, at)
        return None if found is None else int(found)

    def frame_during(self, at: int) -> int | None:
        """The newest frame that had come by `at` on the connection that was the newest then, else its first frame;
        None where it has none."""
        connection = self._first(
            ConnectionRow, f"{_CONNECTIONS} WHERE started_at <= ? ORDER BY started_at DESC, id DESC LIMIT 1", at
        )
        if connection is None:
            return None
        found = self._scalar(_FRAME_DURING, connection.id, at)
        return connection.first_frame if found is None else int(found)

    def checkpoint_before(self, at: int) -> CheckpointRow | None:
        """The newest checkpoint that had come by `at`."""
        return self.checkpoint_of_frames(self.frame_before(at) or 0)

    def checkpoint_of_frames(self, last: int) -> CheckpointRow | None:
        """The newest checkpoint that had come with the frames up to `last`."""
        return self._first(CheckpointRow, f"{_CHECKPOINTS} WHERE frame <= ? ORDER BY id DESC LIMIT 1", last)

    def checkpoint_beside(self, moment: int | None, chosen: int | None, by: int) -> CheckpointRow | None:
        """The checkpoint before (-1) or after (1) a moment (None: now), counted from the chosen id if it is of then."""
        at = None if chosen is None else self._first(CheckpointRow, f"{_CHECKPOINTS} WHERE id = ?", chosen)
        if moment is not None and at is not None and moment in (at.decided_at, at.received_at):
            return self._first(CheckpointRow, f"{_CHECKPOINTS} WHERE id = ?", at.id + by)
        last = 2**63 - 1 if moment is None else moment
        if by < 0:
            decided = "coalesce(published_at, validated_at, data_done_at, received_at) < ?"
            return self._first(CheckpointRow, f"{_CHECKPOINTS} WHERE {decided} ORDER BY id DESC LIMIT 1", last)
        return self._first(CheckpointRow, f"{_CHECKPOINTS} WHERE received_at > ? ORDER BY id LIMIT 1", last)

    def shown_before(self, at: int) -> CheckpointRow | None:
        """The checkpoint that the tables showed at `at`, as far as the capture goes back."""
        return self._first(
            CheckpointRow, f"{_CHECKPOINTS} WHERE published_at <= ? ORDER BY published_at DESC, id DESC LIMIT 1", at
        )

    def expected_buckets(self, checkpoint: int | None = None) -> Mapping[str, ExpectedBucket]:
        """The buckets of a checkpoint (by its id; None: the newest), by name: its line and the diffs (protocol §2)."""
        with reading(self.path):
            return self._expected.current() if checkpoint is None else self._expected.at(checkpoint)

    def mismatches(self) -> list[MismatchRow]:
        """All buckets that failed validation, oldest first."""
        return self._rows(MismatchRow, f"SELECT {_columns(MismatchRow)} FROM mismatches ORDER BY id")

    def events(self, after: int = 0, limit: int = 1_000) -> list[EventRow]:
        """Up to `limit` events with ids above `after`, oldest first."""
        return self._rows(
            EventRow, f"SELECT {_columns(EventRow)} FROM events WHERE id > ? ORDER BY id LIMIT ?", after, limit
        )

    def uploads(self, after: int = 0, limit: int = 1_000) -> list[UploadRow]:
        """Up to `limit` attempts to upload with ids above `after`, oldest first."""
        return self._rows(
            UploadRow, f"SELECT {self._uploads} FROM uploads WHERE id > ? ORDER BY id LIMIT ?", after, limit
        )

    def last_connection(self) -> ConnectionRow | None:
        """The newest connection; None when there is none."""
        return self._first(ConnectionRow, f"{_CONNECTIONS} ORDER BY id DESC LIMIT 1")

    def connection_of_frame(self, frame: int) -> ConnectionRow | None:
        """The connection that a frame came in; None when there is no such frame."""
        return self._first(
            ConnectionRow, f"{_CONNECTIONS} WHERE id = (SELECT connection FROM frames WHERE id = ?)", frame
        )

    def operation_kinds(self, after: int, last: int) -> dict[str, OperationKinds]:
        """How many operations of each kind the frames after `after` up to `last` brought, by bucket."""
        sql = (
            "SELECT bucket, sum(puts), sum(removes), sum(moves), sum(clears) FROM frames"
            " WHERE id > ? AND id <= ? AND kind = 'data' AND bucket IS NOT NULL GROUP BY bucket"
        )
        return {bucket: OperationKinds(*counts) for bucket, *counts in self._raw(sql, after, last)}

    def data_frames(self, bucket: str) -> list[tuple[int, int]]:
        """The data lines of a bucket in order of arrival: frame, and how many operations it brings."""
        sql = "SELECT id, puts + removes + moves + clears FROM frames WHERE bucket = ? AND kind = 'data' ORDER BY id"
        with reading(self.path):
            return [(int(frame), int(count)) for frame, count in self._connection.execute(sql, (bucket,))]

    def data_frames_with(self, bucket: str, op_id: int) -> list[int]:
        """The data lines of a bucket that may bring an operation, by the range of their op ids; oldest first."""
        sql = (
            "SELECT id FROM frames WHERE bucket = ? AND kind = 'data' AND first_op_id <= ? AND last_op_id >= ?"
            " ORDER BY id"
        )
        with reading(self.path):
            return [int(frame) for (frame,) in self._connection.execute(sql, (bucket, op_id, op_id))]

    def data_frames_about(self, row_type: str, after: int, limit: int) -> list[Frame]:
        """Up to `limit` data lines after a frame that name this type of row, with their bytes."""
        sql = (
            f"SELECT body, {_columns(FrameRow)} FROM frames"
            " WHERE id > ? AND kind = 'data' AND instr(row_types, ?) ORDER BY id LIMIT ?"
        )
        with reading(self.path):
            found = self._connection.execute(sql, (after, row_type, limit)).fetchall()
        return [self._with_body(*values) for values in found]  # type: ignore[arg-type]

    def last_uploads(self, limit: int) -> list[UploadRow]:
        """The newest attempts to upload, newest first."""
        return self._rows(UploadRow, f"SELECT {self._uploads} FROM uploads ORDER BY id DESC LIMIT ?", limit)

    def uploads_from_entry(self, entry: int) -> list[UploadRow]:
        """The attempts to upload this entry of the queue and later ones, oldest first."""
        return self._rows(UploadRow, f"SELECT {self._uploads} FROM uploads WHERE last_entry >= ? ORDER BY id", entry)

    def upload_request(self, upload: int) -> str | None:
        """What was sent with an attempt, as JSON text; None where it was not recorded."""
        if self._keeps_requests:
            kept = self._scalar("SELECT request FROM uploads WHERE id = ?", upload)
            if kept is not None:
                return str(kept)
        sql = (
            "SELECT json_extract(details, '$.request') FROM events"
            " WHERE source = 'uploads' AND details IS NOT NULL AND json_extract(details, '$.upload') = ?"
        )
        found = self._scalar(sql, upload)
        return None if found is None else str(found)

    def happenings(self, keys: Sequence[int]) -> dict[int, Happening]:
        """Uploads, events, requests and ends by their keys (happenings.py); those that are not there are left out."""
        return self.scan().happenings(keys)

    def transactions_written(self) -> dict[int, int]:
        """Local transaction → when it was written, as far as it was written through the recording engine."""
        sql = (
            "SELECT json_extract(details, '$.transaction') AS tx, max(at) FROM events"
            " WHERE source = 'store' AND details IS NOT NULL AND tx IS NOT NULL GROUP BY tx"
        )
        return dict(self._raw(sql))

    def request_seen_at(self, request: int) -> int | None:
        """When a checkpoint first confirmed this checkpoint request."""
        sql = "SELECT received_at FROM checkpoints WHERE write_checkpoint = ? ORDER BY id LIMIT 1"
        found = self._scalar(sql, request)
        return None if found is None else int(found)

    def annotations(self) -> dict[int, Annotation]:
        """What users said about frames while the capture was recorded, by the frames' ids."""
        if not self._raw("SELECT 1 FROM sqlite_schema WHERE name = 'annotations'"):  # of an older version
            return {}
        rows = self._raw("SELECT frame, marked, comment FROM annotations")
        return {frame: Annotation(bool(marked), comment) for frame, marked, comment in rows}

    def identity(self) -> str:
        """A name for what was recorded, the same for every copy of the file; empty with no connection."""
        begun = self._raw(
            "SELECT started_at, endpoint, coalesce(client_id, ''), request FROM connections ORDER BY id LIMIT 1"
        )
        if not begun:
            return ""
        first = self._raw("SELECT received_at, bytes FROM frames WHERE id = 1")
        return sha256(repr((begun, first)).encode()).hexdigest()[:32]

    def summary(self) -> CaptureSummary:
        """What the capture holds as a whole."""
        with reading(self.path):
            return self._opened.snapshot(self._summary)

    def _summary(self) -> CaptureSummary:
        connections, operations = self._raw("SELECT count(*), coalesce(sum(operations), 0) FROM connections")[0]
        newest = self._first(ConnectionRow, f"{_CONNECTIONS} ORDER BY id DESC LIMIT 1")
        checkpoint = self._first(CheckpointRow, f"{_CHECKPOINTS} ORDER BY id DESC LIMIT 1")
        frames = self.frame_count()
        pages, page_size = self._scalar("PRAGMA page_count"), self._scalar("PRAGMA page_size")
        return CaptureSummary(
            frames=frames,
            bytes=pages * page_size,
            operations=operations,
            connections=connections,
            mismatches=self._scalar("SELECT count(*) FROM mismatches"),
            first_at=self._scalar("SELECT received_at FROM frames WHERE id = 1"),
            last_at=self._scalar("SELECT received_at FROM frames WHERE id = ?", frames),
            endpoint=newest.endpoint if newest else "",
            user_id=(newest.user_id or "") if newest else "",
            client_id=(newest.client_id or "") if newest else "",
            last_checkpoint=checkpoint.op_id if checkpoint else None,
            last_outcome=checkpoint.outcome if checkpoint else "",
        )

    def ask(self, sql: str, *values: int | str) -> list[tuple[Any, ...]]:
        """All rows of a query, for a question that this reader has no method for."""
        return self._raw(sql, *values)

    def _with_body(self, body: bytes, *values: Any) -> Frame:
        row = FrameRow(*values)
        return Frame(row, self._decompressed(row, body), self._format(row.connection))

    def _decompressed(self, row: FrameRow, body: bytes) -> bytes:
        why = "Its length is not the one that was noted."
        try:
            if zstandard.frame_content_size(body) == row.bytes <= MAX_FRAME_BYTES:
                return self._decompressor.decompress(body)
        except zstandard.ZstdError as error:
            why = f"{str(error).rstrip('.').capitalize()}."
        raise CaptureError(
            f"The bytes of frame {row.id} in {self.path.name} are damaged.",
            why=why,
            next_step="Open another copy of the file if there is one.",
        )

    def _format(self, connection: int) -> FrameFormat:
        known = self._formats.get(connection)
        if known is None:
            stored = self._scalar("SELECT format FROM connections WHERE id = ?", connection)
            known = FrameFormat.BSON if stored == FrameFormat.BSON else FrameFormat.NDJSON
            if stored is not None:
                self._formats[connection] = known
        return known

    def _raw(self, sql: str, *values: int | str) -> list[tuple[Any, ...]]:
        with reading(self.path):
            return self._connection.execute(sql, values).fetchall()

    def _rows(self, row: type[_Row], sql: str, *values: int | str) -> list[_Row]:
        return list(starmap(row, self._raw(sql, *values)))

    def _first(self, row: type[_Row], sql: str, *values: int) -> _Row | None:
        found = self._raw(sql, *values)
        return row(*found[0]) if found else None

    def _scalar(self, sql: str, *values: int) -> Any:
        found = self._raw(sql, *values)
        return found[0][0] if found else None
