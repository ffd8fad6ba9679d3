"""The rows of a capture as structs: one field a column, in the tables' order (see `schema.py` for their meaning).

Times are ns since the Unix epoch.
"""

from dataclasses import dataclass

import msgspec
from msgspec import Struct

from inspector.capture.outcome import Outcome
from inspector.protocol.framing import FrameFormat
from inspector.protocol.lines import BucketSubscription


class ConnectionRow(Struct, frozen=True):
    """One request for a sync stream and what came of it."""

    id: int
    started_at: int
    ended_at: int | None
    endpoint: str
    user_id: str | None
    client_id: str | None
    request: str
    status: int | None
    response_headers: str | None
    format: str | None
    encoding: str | None
    token_expires_at: int | None
    end_reason: str | None
    first_frame: int | None
    frames: int
    operations: int
    bytes: int

    @property
    def headers(self) -> list[tuple[str, str]]:
        """Names and values of the response headers that were kept."""
        return msgspec.json.decode(self.response_headers or "[]", type=list[tuple[str, str]])

    def header(self, name: str) -> str | None:
        """The value of a response header, by its name in lower case; None where it was not sent or not kept."""
        return next((value for sent, value in self.headers if sent.lower() == name), None)


class FrameRow(Struct, frozen=True, gc=False):
    """One frame without its bytes."""

    id: int
    connection: int
    received_at: int
    kind: str
    bucket: str | None
    checkpoint: int | None
    priority: int | None
    first_op_id: int | None
    last_op_id: int | None
    puts: int
    removes: int
    moves: int
    clears: int
    row_types: str
    buckets: int | None
    removed_buckets: int | None
    total_operations: int | None
    expires_in: float | None
    outcome: str
    pending_writes: int | None
    error: str | None
    bytes: int

    @property
    def operations(self) -> int:
        """How many operations a data line brings."""
        return self.puts + self.removes + self.moves + self.clears


@dataclass(frozen=True, slots=True)
class Frame:
    """One frame with its bytes, and how they are to be read."""

    row: FrameRow
    body: bytes
    format: FrameFormat


class CheckpointRow(Struct, frozen=True):
    """One target of a stream and what became of it."""

    id: int
    connection: int
    frame: int
    base: int
    op_id: int
    write_checkpoint: int | None
    received_at: int
    data_done_at: int | None = None
    validated_at: int | None = None
    published_at: int | None = None
    outcome: str = Outcome.RECEIVING
    reason: str = ""
    operations: int = 0
    bytes: int = 0

    @property
    def decided_at(self) -> int:
        """When it was known what becomes of it, shown at the latest; when it came where nothing of that is noted."""
        known = (self.published_at, self.validated_at, self.data_done_at)
        return next((at for at in known if at is not None), self.received_at)


@dataclass(frozen=True, slots=True)
class CheckpointLine:
    """A checkpoint with how many buckets it names or updates, and how many it removes."""

    row: CheckpointRow
    buckets: int
    removed: int

    @property
    def is_full(self) -> bool:
        """Whether it names all buckets, and not only what changed."""
        return self.row.base == self.row.id


class MismatchRow(Struct, frozen=True):
    """A bucket that failed validation; `checkpoint` is an op id, sums are 0 … 2^32-1."""

    id: int
    found_at: int
    connection: int
    frame: int | None
    checkpoint: int
    bucket: str
    expected: int
    add_checksum: int
    op_checksum: int


class UploadRow(Struct, frozen=True):
    """One attempt to upload local writes."""

    id: int
    started_at: int
    ended_at: int | None
    tx_id: int | None
    first_entry: int
    last_entry: int
    outcome: str
    status: int | None
    answer: str | None
    bytes: int | None = None
    """Of what was sent; None where nothing was, or the capture does not say."""


class LocalWriteRow(Struct, frozen=True):
    """A local transaction; `writes` is a JSON array of its local writes, None where they are not kept."""

    id: int
    at: int
    tx_id: int | None
    changed: int | None
    connected: bool
    writes: str | None


class EventRow(Struct, frozen=True):
    """Something that happened and was worth a sentence; `details` is JSON text."""

    id: int
    at: int
    level: str
    source: str
    message: str
    details: str | None


class OperationKinds(Struct, frozen=True):
    """How many operations of each kind came."""

    puts: int
    removes: int
    moves: int
    clears: int

    @property
    def all(self) -> int:
        """Of any kind."""
        return self.puts + self.removes + self.moves + self.clears

    def __add__(self, other: "OperationKinds") -> "OperationKinds":
        return OperationKinds(
            self.puts + other.puts,
            self.removes + other.removes,
            self.moves + other.moves,
            self.clears + other.clears,
        )


class ExpectedBucket(Struct, frozen=True):
    """A bucket as the newest checkpoint expects it."""

    bucket: str
    checksum: int
    """0 … 2^32-1."""
    count: int | None
    """Operations, not rows."""
    priority: int | None
    """As sent: None when it was left out."""
    subscriptions_json: str | None
    checkpoint: int
    """Op id of the checkpoint or diff that named it last."""

    @property
    def subscriptions(self) -> tuple[BucketSubscription, ...]:
        """Why the bucket is here."""
        return msgspec.json.decode(self.subscriptions_json or "[]", type=tuple[BucketSubscription, ...])


@dataclass(frozen=True, slots=True)
class CaptureSummary:
    """What a capture holds as a whole."""

    frames: int
    bytes: int
    """Of the file."""
    operations: int
    connections: int
    mismatches: int
    first_at: int | None
    last_at: int | None
    endpoint: str
    """Of the newest connection, like the next two; empty when there is none."""
    user_id: str
    client_id: str
    last_checkpoint: int | None
    """Op id of the newest checkpoint, and what became of it."""
    last_outcome: str


def columns_of(row: type[Struct]) -> str:
    """The columns that make such a row, as a query names them."""
    return ", ".join(row.__struct_fields__)
