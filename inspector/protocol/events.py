"""What goes into a session and what comes out of it.

Events are what happened; effects are what the engine is to do, in order, before it hands in the next event. The
outcome of `Publish` comes back as `Published`, `HeldBack` or `Mismatched`.
"""

from dataclasses import dataclass
from enum import StrEnum
from typing import TypeAlias

from inspector.protocol.checkpoints import TargetCheckpoint
from inspector.protocol.errors import InspectorError
from inspector.protocol.lines import DataLine, Line
from inspector.protocol.request import StreamRequest


class CloseReason(StrEnum):
    """Why a stream is closed, in words that complete "the stream was closed: …"."""

    TOKEN_EXPIRED = "the token has expired"
    TOKEN_REPLACED = "a new token has arrived"
    CHECKSUM_MISMATCH = "a bucket does not match its checksum"
    SUBSCRIPTIONS_CHANGED = "the subscriptions have changed"
    PROTOCOL_ERROR = "the service broke the protocol"
    STREAM_ENDED = "the service ended it"
    STREAM_FAILED = "the connection was lost"
    STOPPED = "it was asked to stop"


@dataclass(frozen=True, slots=True)
class Begin:
    """A sync iteration starts from what the client database holds."""

    request: StreamRequest


@dataclass(frozen=True, slots=True)
class StreamOpened:
    """The service answered 200."""


@dataclass(frozen=True, slots=True)
class LineReceived:
    """One line; `size` is its length in bytes as framed."""

    line: Line
    size: int


@dataclass(frozen=True, slots=True)
class BrokenFrame:
    """A frame that is no line."""

    error: InspectorError


@dataclass(frozen=True, slots=True)
class Published:
    """The checkpoint, or its part up to a priority, is what the tables show now."""


@dataclass(frozen=True, slots=True)
class HeldBack:
    """The checkpoint is valid, but local writes keep it from being shown."""


@dataclass(frozen=True, slots=True)
class BucketMismatch:
    """A bucket whose sum is not what the checkpoint says; all sums are 0 … 2^32-1."""

    bucket: str
    expected: int
    add_checksum: int
    op_checksum: int

    @property
    def ours(self) -> int:
        """The sum of both parts, modulo 2^32."""
        return (self.add_checksum + self.op_checksum) & 0xFFFF_FFFF


@dataclass(frozen=True, slots=True)
class Mismatched:
    """These buckets failed validation and have been deleted."""

    buckets: tuple[BucketMismatch, ...]


@dataclass(frozen=True, slots=True)
class UploadsCompleted:
    """The upload queue is empty and the gate stands at `gate` (None: no gate)."""

    gate: int | None


@dataclass(frozen=True, slots=True)
class CredentialsReplaced:
    """A prefetched token has arrived."""


@dataclass(frozen=True, slots=True)
class SubscriptionsChecked:
    """The request would now ask for other streams, or not."""

    changed: bool


@dataclass(frozen=True, slots=True)
class StreamEnded:
    """The response body came to its end; `rest` are the bytes after the last whole frame."""

    rest: bytes = b""


@dataclass(frozen=True, slots=True)
class StreamFailed:
    """The connection broke."""

    error: InspectorError


@dataclass(frozen=True, slots=True)
class Stop:
    """Somebody asked for the end of the session."""


Event: TypeAlias = (
    Begin
    | StreamOpened
    | LineReceived
    | BrokenFrame
    | Published
    | HeldBack
    | Mismatched
    | UploadsCompleted
    | CredentialsReplaced
    | SubscriptionsChecked
    | StreamEnded
    | StreamFailed
    | Stop
)


@dataclass(frozen=True, slots=True)
class OpenStream:
    """Send the request."""

    request: StreamRequest


@dataclass(frozen=True, slots=True)
class DeleteBuckets:
    """Forget these buckets; their rows are looked at again when the next checkpoint is published."""

    names: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class TrackCheckpoint:
    """A new target: its streams become subscriptions, its counts the progress."""

    target: TargetCheckpoint


@dataclass(frozen=True, slots=True)
class SaveOperations:
    """Put the line's operations into the oplog; `size` in bytes."""

    line: DataLine
    size: int


@dataclass(frozen=True, slots=True)
class Publish:
    """Validate the buckets up to `priority` (None: all), and show them unless local writes forbid it."""

    target: TargetCheckpoint
    priority: int | None
    retry: bool = False
    """After uploads completed, for a checkpoint that was held back."""


@dataclass(frozen=True, slots=True)
class FetchCredentials:
    """Get a new token; `expired` says that the present one is of no use any more."""

    expired: bool


@dataclass(frozen=True, slots=True)
class RenewSubscriptions:
    """Let the active subscriptions live for their whole time from now on."""


@dataclass(frozen=True, slots=True)
class CheckSubscriptions:
    """Renew the active subscriptions, drop the expired ones, and report whether the request changes."""


@dataclass(frozen=True, slots=True)
class CloseStream:
    """End this stream. `at_once` says that the next one starts without a pause."""

    reason: CloseReason
    at_once: bool
    error: InspectorError | None = None


@dataclass(frozen=True, slots=True)
class Remark:
    """Something to note in the events; a whole sentence."""

    level: str
    message: str


Effect: TypeAlias = (
    OpenStream
    | DeleteBuckets
    | TrackCheckpoint
    | SaveOperations
    | Publish
    | FetchCredentials
    | RenewSubscriptions
    | CheckSubscriptions
    | CloseStream
    | Remark
)
