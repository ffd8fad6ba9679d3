"""What a capture holds about a bucket's checksums: its history, its operations as they came, and kept evidence."""

from collections.abc import Iterator
from dataclasses import dataclass

import msgspec
import zstandard
from msgspec import Struct

from inspector.capture.errors import CaptureError
from inspector.capture.kept_pages import operations_of
from inspector.capture.opening import OpenedCapture
from inspector.capture.outcome import Outcome
from inspector.capture.rows import MismatchRow, columns_of
from inspector.protocol.framing import MAX_FRAME_BYTES, FrameFormat
from inspector.protocol.kept_bucket import KeptBucket
from inspector.protocol.lines import DataLine, MalformedLine, decode_line

_BATCH = 256
_VALID = (Outcome.APPLIED, Outcome.HELD)

_FRAMES = """
SELECT f.id, f.body, f.bytes, c.format FROM frames f JOIN connections c ON c.id = f.connection
WHERE f.id >= ?1 AND f.id <= ?2 AND f.kind = 'data' AND (?3 IS NULL OR f.bucket = ?3) ORDER BY f.id LIMIT ?4
"""
_MISMATCHES = f"SELECT {columns_of(MismatchRow)} FROM mismatches"
_HISTORY = """
WITH named AS (
  SELECT checkpoint AS id, checksum, count FROM checkpoint_buckets WHERE bucket = ?1
    ORDER BY checkpoint DESC LIMIT ?2
), failed AS (
  SELECT m.id AS mismatch, m.expected, m.add_checksum, m.op_checksum,
    (SELECT max(c.id) FROM checkpoints c WHERE c.op_id = m.checkpoint AND c.connection = m.connection) AS id
  FROM mismatches m WHERE m.bucket = ?1
), ids AS (SELECT id FROM named UNION SELECT id FROM failed WHERE id IS NOT NULL)
SELECT c.id, c.op_id, c.received_at, c.frame, c.outcome, coalesce(n.checksum, f.expected), n.count,
  n.id IS NOT NULL AND n.checksum IS NULL, f.mismatch, f.add_checksum, f.op_checksum
FROM ids JOIN checkpoints c ON c.id = ids.id LEFT JOIN named n ON n.id = ids.id LEFT JOIN failed f ON f.id = ids.id
ORDER BY c.id DESC, f.mismatch DESC LIMIT ?2
"""
_EXPECTED_AT = """
SELECT checksum FROM checkpoint_buckets WHERE bucket = ?1 AND checkpoint BETWEEN ?2 AND ?3
ORDER BY checkpoint DESC LIMIT 1
"""
_VALIDATED_BEFORE = f"""
SELECT c.id, c.base, c.op_id, c.frame FROM checkpoints c
WHERE c.frame < ?1 AND c.outcome IN ('{Outcome.APPLIED}', '{Outcome.HELD}') ORDER BY c.id DESC LIMIT 1
"""
_VALIDATED_AFTER = f"""
SELECT c.id, c.frame FROM checkpoints c
WHERE c.frame > ?1 AND c.outcome IN ('{Outcome.APPLIED}', '{Outcome.HELD}') ORDER BY c.id LIMIT 1
"""
_COMPLETION = "SELECT id FROM frames WHERE id > ? AND id < ? AND kind = 'checkpoint_complete' ORDER BY id LIMIT 1"
_NEXT_CONNECTION = "SELECT id FROM frames WHERE id > ? AND connection > ? ORDER BY id LIMIT 1"


class BucketVerdict(Struct, frozen=True):
    """What one checkpoint said of a bucket, and what came of comparing it."""

    checkpoint: int
    """Id in the capture."""
    op_id: int
    received_at: int
    frame: int
    outcome: str
    """Of the checkpoint."""
    expected: int | None
    """0 … 2^32-1; None where the bucket was removed."""
    count: int | None
    """Operations."""
    removed: bool
    mismatch: int | None
    """Id of the mismatch that was found, with both sums of ours."""
    add_checksum: int | None
    op_checksum: int | None

    @property
    def agreed(self) -> bool | None:
        """Whether our sum was the expected one; None where they were never compared."""
        if self.mismatch is not None:
            return False
        return True if self.outcome in _VALID and not self.removed else None

    @property
    def ours(self) -> int | None:
        """Our sum, where it is known."""
        if self.add_checksum is not None and self.op_checksum is not None:
            return (self.add_checksum + self.op_checksum) & 0xFFFF_FFFF
        return self.expected if self.agreed else None


@dataclass(frozen=True, slots=True)
class ComparedAt:
    """A checkpoint at which a bucket's sum was compared; `at` in ns since the Unix epoch."""

    checkpoint: int
    """Id in the capture."""
    op_id: int
    frame: int
    """Its first line."""
    completed: int
    """The line that completed it."""
    at: int
    expected: int | None
    """The announced sum, 0 … 2^32-1; None where the bucket was not in it."""


@dataclass(frozen=True, slots=True)
class Baseline:
    """From where on the sum of a bucket's lines is known: `checksum` before the frame `first_frame`."""

    checksum: int
    first_frame: int
    after_op: int
    """Operations up to it were there before."""


@dataclass(frozen=True, slots=True)
class ReceivedLine:
    """A data line as it came: the frame's id, and its size in bytes."""

    frame: int
    line: DataLine
    size: int


@dataclass(frozen=True, slots=True)
class Restart:
    """A connection that asked for a bucket after an op id; None: from its beginning."""

    first_frame: int
    after: int | None


class BucketEvidence:
    """An opened capture, read bucket by bucket. All methods raise CaptureError when the file is damaged."""

    def __init__(self, opened: OpenedCapture) -> None:
        self._opened = opened
        self._decompressor = zstandard.ZstdDecompressor()
        self._keeps = bool(self._opened.ask("SELECT 1 FROM sqlite_schema WHERE name = 'mismatch_buckets'"))

    def history(self, bucket: str, limit: int = 500) -> list[BucketVerdict]:
        """What checkpoints said of `bucket`, newest first; a diff that does not name it says nothing new."""
        return self._opened.rows(BucketVerdict, _HISTORY, bucket, limit)

    def mismatch(self, mismatch: int) -> MismatchRow | None:
        """One bucket that failed validation."""
        return self._opened.first(MismatchRow, f"{_MISMATCHES} WHERE id = ?", mismatch)

    def mismatches(self, bucket: str) -> list[MismatchRow]:
        """How often `bucket` failed validation, oldest first."""
        return self._opened.rows(MismatchRow, f"{_MISMATCHES} WHERE bucket = ? ORDER BY id", bucket)

    def kept(self, mismatch: MismatchRow) -> KeptBucket | None:
        """The bucket as it was before it was deleted; None where the capture did not keep it."""
        if not self._keeps:
            return None
        sql = "SELECT last_op, last_applied_op, operations FROM mismatch_buckets WHERE mismatch = ?"
        found = self._opened.ask(sql, mismatch.id)
        if not found:
            return None
        pages = self._opened.ask("SELECT body FROM mismatch_operations WHERE mismatch = ? ORDER BY page", mismatch.id)
        try:
            last_op, last_applied_op, count = found[0]
            kept = operations_of(body for (body,) in pages)
            return KeptBucket(mismatch.bucket, last_op, last_applied_op, count, kept)
        except ValueError as error:
            raise CaptureError(
                f"The evidence of mismatch {mismatch.id} in {self._opened.path.name} cannot be read.", why=str(error)
            ) from error

    def operations(
        self, first_frame: int = 1, last_frame: int = 2**62, bucket: str | None = None
    ) -> Iterator[ReceivedLine]:
        """The data lines from one frame to another, of one bucket or all.

        Frames that cannot be decoded are left out: they never reached the client's database.
        """
        while rows := self._opened.ask(_FRAMES, first_frame, last_frame, bucket, _BATCH):
            for frame, body, size, stored_format in rows:
                frame_format = FrameFormat.BSON if stored_format == FrameFormat.BSON else FrameFormat.NDJSON
                try:
                    line = decode_line(self._decompressed(frame, body, size), frame_format)
                except MalformedLine:
                    continue
                if isinstance(line, DataLine):
                    yield ReceivedLine(frame, line, size)
            first_frame = rows[-1][0] + 1

    def received_operations(self) -> int:
        """How many operations came in all."""
        return int(self._opened.ask("SELECT coalesce(sum(operations), 0) FROM connections")[0][0])

    def restarts(self, bucket: str, first_frame: int, last_frame: int) -> list[Restart]:
        """The connections that began between two frames, by what of `bucket` the client had then."""
        sql = "SELECT first_frame, request FROM connections WHERE first_frame > ? AND first_frame <= ? ORDER BY id"
        found = []
        for frame, request in self._opened.ask(sql, first_frame, last_frame):
            if (asked := _asked_buckets(request)) is not None:
                found.append(Restart(frame, asked.get(bucket)))
        return found

    def baseline(self, mismatch: MismatchRow) -> Baseline | None:
        """From where on the lines of the mismatched bucket were recorded; None when that was in the middle of it."""
        connection = self._opened.ask("SELECT request, first_frame FROM connections WHERE id = ?", mismatch.connection)
        frame = mismatch.frame if mismatch.frame is not None else 2**62
        if connection and (first_frame := connection[0][1]) is not None:
            asked = _asked_buckets(connection[0][0])
            if asked is not None and mismatch.bucket not in asked:
                return Baseline(0, first_frame, 0)
        before = self._opened.ask(_VALIDATED_BEFORE, frame)
        if not before:
            return None
        checkpoint, base, op_id, line = before[0]
        expected = self._opened.ask(_EXPECTED_AT, mismatch.bucket, base, checkpoint)
        completed = self._opened.scalar(_COMPLETION, line, frame)
        if completed is None:
            return None
        if not expected or expected[0][0] is None:
            return Baseline(0, completed + 1, 0)
        return Baseline(expected[0][0], completed + 1, op_id)

    def agreed_before(self, mismatch: MismatchRow) -> ComparedAt | None:
        """The newest checkpoint before a mismatch that had the bucket and was valid as a whole."""
        frame = mismatch.frame if mismatch.frame is not None else 2**62
        for checkpoint, base, op_id, line in self._opened.ask(_VALIDATED_BEFORE, frame):
            expected = self._opened.ask(_EXPECTED_AT, mismatch.bucket, base, checkpoint)
            completed = self._opened.scalar(_COMPLETION, line, frame)
            if completed is None or not expected or expected[0][0] is None:
                return None
            at = self._opened.scalar("SELECT received_at FROM frames WHERE id = ?", completed) or 0
            return ComparedAt(checkpoint, op_id, line, completed, at, expected[0][0])
        return None

    def differed_at(self, mismatch: MismatchRow) -> ComparedAt | None:
        """The checkpoint at which a mismatch was found."""
        sql = "SELECT id, op_id, frame FROM checkpoints WHERE op_id = ? AND connection = ? ORDER BY id DESC LIMIT 1"
        found = self._opened.ask(sql, mismatch.checkpoint, mismatch.connection)
        if not found or mismatch.frame is None:
            return None
        checkpoint, op_id, line = found[0]
        return ComparedAt(checkpoint, op_id, line, mismatch.frame, mismatch.found_at, mismatch.expected)

    def lines_between(self, bucket: str, after: int, last: int) -> tuple[int | None, int, int]:
        """The first data line of a bucket after a frame up to another, how many there are, and their operations."""
        sql = (
            "SELECT min(id), count(*), coalesce(sum(puts + removes + moves + clears), 0) FROM frames"
            " WHERE bucket = ? AND kind = 'data' AND id > ? AND id <= ?"
        )
        first, lines, operations = self._opened.ask(sql, bucket, after, last)[0]
        return first, lines, operations

    def fresh_frames(self, mismatch: MismatchRow) -> tuple[int, int, bool] | None:
        """Which frames brought the bucket anew: first and last, and whether that came to its end; None: none yet."""
        if mismatch.frame is None:
            return None
        first = self._opened.scalar(_NEXT_CONNECTION, mismatch.frame, mismatch.connection)
        if first is None:
            return None
        ends: list[int] = []
        if valid := self._opened.ask(_VALIDATED_AFTER, first - 1):
            completed = self._opened.scalar(_COMPLETION, valid[0][1], 2**62)
            ends += [] if completed is None else [completed]
        again = self._opened.ask(
            "SELECT min(frame) FROM mismatches WHERE bucket = ? AND id > ?", mismatch.bucket, mismatch.id
        )
        ends += [] if again[0][0] is None else [again[0][0]]
        return (first, min(ends), True) if ends else (first, 2**62, False)

    def _decompressed(self, frame: int, body: bytes, size: int) -> bytes:
        why = "Its length is not the one that was noted."
        try:
            if zstandard.frame_content_size(body) == size <= MAX_FRAME_BYTES:
                return self._decompressor.decompress(body)
        except zstandard.ZstdError as error:
            why = f"{error}."
        raise CaptureError(f"The bytes of frame {frame} in {self._opened.path.name} are damaged.", why=why)


class _AskedBucket(Struct, frozen=True):
    name: str = ""
    after: str = "0"


class _Request(Struct, frozen=True):
    buckets: tuple[_AskedBucket, ...] = ()


def _asked_buckets(request: str) -> dict[str, int] | None:
    """The buckets that the client had when it asked, with their last op ids; None when that cannot be read."""
    try:
        return {bucket.name: int(bucket.after) for bucket in msgspec.json.decode(request, type=_Request).buckets}
    except (msgspec.MsgspecError, ValueError):
        return None
