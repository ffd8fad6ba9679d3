"""Reading a capture: counts, windows of rows, bodies. Works beside the engine that writes it, and on a lone file.

Rows are fetched by key, never by offset, so a window costs the same in the first frame and in the ten millionth.
All methods raise CaptureError when the file turns out to be damaged.
"""

from collections.abc import Iterator, Mapping, Sequence
from hashlib import sha256
from pathlib import Path
from types import TracebackType
from typing import Any

import apsw
import msgspec

from inspector.capture.annotations import Annotation
from inspector.capture.bucket_evidence import BucketEvidence
from inspector.capture.checkpoint_log import CheckpointLog
from inspector.capture.client_acts import ClientActs
from inspector.capture.device_history import DeviceHistory
from inspector.capture.event_log import EventLog
from inspector.capture.expected import ExpectedBuckets
from inspector.capture.filter.scan import FilterScan
from inspector.capture.frame_bodies import FrameBodies
from inspector.capture.happenings import Happening
from inspector.capture.local_write_log import LocalWriteLog
from inspector.capture.opening import OpenedCapture, reading
from inspector.capture.rows import (
    CaptureSummary,
    ConnectionRow,
    EventRow,
    ExpectedBucket,
    Frame,
    FrameRow,
    MismatchRow,
    OperationKinds,
    columns_of,
)
from inspector.capture.timeline import TimelineReader
from inspector.capture.upload_log import UploadLog

_REPLAY_BATCH = 64


_FRAMES = f"SELECT {columns_of(FrameRow)} FROM frames WHERE id >= ? ORDER BY id LIMIT ?"
_CHOSEN_FRAMES = f"SELECT {columns_of(FrameRow)} FROM frames WHERE id IN (SELECT value FROM json_each(?)) ORDER BY id"
_CHOSEN_BODIES = _CHOSEN_FRAMES.replace("SELECT", "SELECT body,", 1)
_BODIES = f"SELECT body, {columns_of(FrameRow)} FROM frames WHERE id >= ? ORDER BY id LIMIT ?"
_BODY = f"SELECT body, {columns_of(FrameRow)} FROM frames WHERE id = ?"
# The newest frame of all is nearly always one of that connection, so this looks at few.
_FRAME_DURING = """
SELECT CASE connection WHEN ? THEN id END FROM frames WHERE received_at <= ?
ORDER BY received_at DESC, id DESC LIMIT 1
"""
_CONNECTIONS = f"SELECT {columns_of(ConnectionRow)} FROM connections"


class CaptureReader:
    """A capture file, read-only. For use from one thread."""

    def __init__(self, path: Path) -> None:
        """Open `path`; raises CaptureError when it is no capture, newer than this program, or damaged."""
        self.path = path
        self._opened = OpenedCapture(path)
        self._bodies = FrameBodies(self._opened, path.name)
        self._scan: FilterScan | None = None
        self._expected = ExpectedBuckets(self._opened)
        self.event_log = EventLog(self._opened)
        self.checkpoints = CheckpointLog(self._opened)
        self.uploads = UploadLog(self._opened)
        self.local_writes = LocalWriteLog(self._opened)
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
        return self._opened.connection

    def scan(self) -> FilterScan:
        """Filters over this capture, on the same connection: what one has read, the other need not."""
        if self._scan is None:
            self._scan = FilterScan(self._opened)
        return self._scan

    def data_version(self) -> int:
        """A number that changes whenever the engine has written; cheap enough to ask 20 times a second."""
        return int(self._opened.scalar("PRAGMA data_version"))

    def frame_count(self) -> int:
        """How many frames there are: their ids are 1 … frame_count."""
        return int(self._opened.scalar("SELECT coalesce(max(id), 0) FROM frames"))

    def frames(self, first: int, count: int) -> list[FrameRow]:
        """Up to `count` frames from id `first` on, in order, without bodies."""
        return self._opened.rows(FrameRow, _FRAMES, first, count)

    def chosen_frames(self, frames: Sequence[int]) -> list[FrameRow]:
        """The frames with these ids, in the order given, without bodies; those that are not there are left out."""
        found = self._opened.rows(FrameRow, _CHOSEN_FRAMES, msgspec.json.encode(list(frames)).decode())
        by_id = {row.id: row for row in found}
        return [by_id[frame] for frame in frames if frame in by_id]

    def chosen_bodies(self, frames: Sequence[int]) -> list[Frame]:
        """The frames with these ids and their bytes, in the order given; those that are not there are left out."""
        found = self._opened.ask(_CHOSEN_BODIES, msgspec.json.encode(list(frames)).decode())
        by_id = {values[1]: values for values in found}
        return [self._bodies.frame(*by_id[frame]) for frame in frames if frame in by_id]

    def frame_at(self, moment: int) -> int | None:
        """The first frame that came at or after a moment (ns), else the newest one; None when there is none."""
        after = self._opened.scalar(
            "SELECT id FROM frames WHERE received_at >= ? ORDER BY received_at, id LIMIT 1", moment
        )
        return int(after) if after is not None else self.frame_count() or None

    def frame(self, frame: int) -> Frame | None:
        """One frame with its bytes; None when there is none with this id."""
        found = self._opened.ask(_BODY, frame)
        return self._bodies.frame(*found[0]) if found else None

    def bodies(self, first: int = 1) -> Iterator[Frame]:
        """All frames from id `first` on with their bytes, in order of arrival.

        A client has one stream at a time, so the frames of a connection stand together.
        """
        while batch := self._opened.ask(_BODIES, first, _REPLAY_BATCH):
            for body, *values in batch:
                yield self._bodies.frame(body, *values)
            first = batch[-1][1] + 1

    def connections(self, newest: int = 2**62) -> list[ConnectionRow]:
        """The newest connections, all unless fewer are asked for, oldest first."""
        found = self._opened.rows(ConnectionRow, f"{_CONNECTIONS} ORDER BY id DESC LIMIT ?", newest)
        return found[::-1]

    def connection(self, connection: int) -> ConnectionRow | None:
        """One connection; None when there is none with this id."""
        return self._opened.first(ConnectionRow, f"{_CONNECTIONS} WHERE id = ?", connection)

    def frame_during(self, at: int) -> int | None:
        """The newest frame that had come by `at` on the connection that was the newest then, else its first frame;
        None where it has none."""
        connection = self._opened.first(
            ConnectionRow, f"{_CONNECTIONS} WHERE started_at <= ? ORDER BY started_at DESC, id DESC LIMIT 1", at
        )
        if connection is None:
            return None
        found = self._opened.scalar(_FRAME_DURING, connection.id, at)
        return connection.first_frame if found is None else int(found)

    def expected_buckets(self, checkpoint: int | None = None) -> Mapping[str, ExpectedBucket]:
        """The buckets of a checkpoint (by its id; None: the newest), by name: its line and the diffs (protocol §2)."""
        with reading(self.path):
            return self._expected.current() if checkpoint is None else self._expected.at(checkpoint)

    def mismatches(self) -> list[MismatchRow]:
        """All buckets that failed validation, oldest first."""
        return self._opened.rows(MismatchRow, f"SELECT {columns_of(MismatchRow)} FROM mismatches ORDER BY id")

    def events(self, after: int = 0, limit: int = 1_000) -> list[EventRow]:
        """Up to `limit` events with ids above `after`, oldest first."""
        return self._opened.rows(
            EventRow, f"SELECT {columns_of(EventRow)} FROM events WHERE id > ? ORDER BY id LIMIT ?", after, limit
        )

    def last_connection(self) -> ConnectionRow | None:
        """The newest connection; None when there is none."""
        return self._opened.first(ConnectionRow, f"{_CONNECTIONS} ORDER BY id DESC LIMIT 1")

    def connection_of_frame(self, frame: int) -> ConnectionRow | None:
        """The connection that a frame came in; None when there is no such frame."""
        return self._opened.first(
            ConnectionRow, f"{_CONNECTIONS} WHERE id = (SELECT connection FROM frames WHERE id = ?)", frame
        )

    def operation_kinds(self, after: int, last: int) -> dict[str, OperationKinds]:
        """How many operations of each kind the frames after `after` up to `last` brought, by bucket."""
        sql = (
            "SELECT bucket, sum(puts), sum(removes), sum(moves), sum(clears) FROM frames"
            " WHERE id > ? AND id <= ? AND kind = 'data' AND bucket IS NOT NULL GROUP BY bucket"
        )
        return {bucket: OperationKinds(*counts) for bucket, *counts in self._opened.ask(sql, after, last)}

    def data_frames(self, bucket: str) -> list[tuple[int, int]]:
        """The data lines of a bucket in order of arrival: frame, and how many operations it brings."""
        sql = "SELECT id, puts + removes + moves + clears FROM frames WHERE bucket = ? AND kind = 'data' ORDER BY id"
        return [(int(frame), int(count)) for frame, count in self._opened.ask(sql, bucket)]

    def data_frames_with(self, bucket: str, op_id: int) -> list[int]:
        """The data lines of a bucket that may bring an operation, by the range of their op ids; oldest first."""
        sql = (
            "SELECT id FROM frames WHERE bucket = ? AND kind = 'data' AND first_op_id <= ? AND last_op_id >= ?"
            " ORDER BY id"
        )
        return [int(frame) for (frame,) in self._opened.ask(sql, bucket, op_id, op_id)]

    def data_frames_about(self, row_type: str, after: int, limit: int) -> list[Frame]:
        """Up to `limit` data lines after a frame that name this type of row, with their bytes."""
        sql = (
            f"SELECT body, {columns_of(FrameRow)} FROM frames"
            " WHERE id > ? AND kind = 'data' AND instr(row_types, ?) ORDER BY id LIMIT ?"
        )
        return [self._bodies.frame(*values) for values in self._opened.ask(sql, after, row_type, limit)]

    def data_frames_beside(self, bucket: str, row_type: str, frame: int, limit: int, *, newer: bool) -> list[Frame]:
        """Up to `limit` data lines of a bucket that name this type of row, from next to a frame on and away from it."""
        side, order = (">", "ASC") if newer else ("<", "DESC")
        sql = (
            f"SELECT body, {columns_of(FrameRow)} FROM frames"
            f" WHERE bucket = ? AND kind = 'data' AND id {side} ? AND instr(row_types, ?) ORDER BY id {order} LIMIT ?"
        )
        return [self._bodies.frame(*values) for values in self._opened.ask(sql, bucket, frame, row_type, limit)]

    def happenings(self, keys: Sequence[int]) -> dict[int, Happening]:
        """Uploads, events, requests and ends by their keys (happenings.py); those that are not there are left out."""
        return self.scan().happenings(keys)

    def transactions_written(self) -> dict[int, int]:
        """Local transaction → when it was written, as far as it was written through the recording engine."""
        sql = (
            "SELECT json_extract(details, '$.transaction') AS tx, max(at) FROM events"
            " WHERE source = 'store' AND details IS NOT NULL AND tx IS NOT NULL GROUP BY tx"
        )
        return dict(self._opened.ask(sql))

    def annotations(self) -> dict[int, Annotation]:
        """What users said about frames while the capture was recorded, by the frames' ids."""
        if not self._opened.ask("SELECT 1 FROM sqlite_schema WHERE name = 'annotations'"):  # of an older version
            return {}
        rows = self._opened.ask("SELECT frame, marked, comment FROM annotations")
        return {frame: Annotation(bool(marked), comment) for frame, marked, comment in rows}

    def identity(self) -> str:
        """A name for what was recorded, the same for every copy of the file; empty with no connection."""
        begun = self._opened.ask(
            "SELECT started_at, endpoint, coalesce(client_id, ''), request FROM connections ORDER BY id LIMIT 1"
        )
        if not begun:
            return ""
        first = self._opened.ask("SELECT received_at, bytes FROM frames WHERE id = 1")
        return sha256(repr((begun, first)).encode()).hexdigest()[:32]

    def summary(self) -> CaptureSummary:
        """What the capture holds as a whole."""
        with reading(self.path):
            return self._opened.snapshot(self._summary)

    def _summary(self) -> CaptureSummary:
        connections, operations = self._opened.ask("SELECT count(*), coalesce(sum(operations), 0) FROM connections")[0]
        newest = self.last_connection()
        checkpoint = self.checkpoints.newest()
        frames = self.frame_count()
        pages, page_size = self._opened.scalar("PRAGMA page_count"), self._opened.scalar("PRAGMA page_size")
        return CaptureSummary(
            frames=frames,
            bytes=pages * page_size,
            operations=operations,
            connections=connections,
            mismatches=self._opened.scalar("SELECT count(*) FROM mismatches"),
            first_at=self._opened.scalar("SELECT received_at FROM frames WHERE id = 1"),
            last_at=self._opened.scalar("SELECT received_at FROM frames WHERE id = ?", frames),
            endpoint=newest.endpoint if newest else "",
            user_id=(newest.user_id or "") if newest else "",
            client_id=(newest.client_id or "") if newest else "",
            last_checkpoint=checkpoint.op_id if checkpoint else None,
            last_outcome=checkpoint.outcome if checkpoint else "",
        )

    def ask(self, sql: str, *values: int | str) -> list[tuple[Any, ...]]:
        """All rows of a query, for a question that this reader has no method for."""
        return self._opened.ask(sql, *values)
