"""Every line of the sync stream as a typed struct (protocol §2).

A line is an object with a single key. Lines of unknown kinds and unknown fields are ignored here and stay visible in
the frame's bytes. Ids travel as decimal strings and become ints; checksums keep the sign they were sent with.

What the official clients read is read, also in the forms of `odd_forms`. What they refuse is refused, but for fields
that come twice, and, unless `decode_line` is told otherwise, rows as objects, which are sent to those who ask for them.
"""

from collections.abc import Mapping
from enum import StrEnum
from operator import attrgetter
from typing import TYPE_CHECKING, Annotated, Any, TypeAlias

import msgspec
from msgspec import UNSET, Meta, Struct, UnsetType

from inspector.protocol.bson_documents import NotBson, first_field
from inspector.protocol.errors import ProtocolError
from inspector.protocol.framing import FrameFormat
from inspector.protocol.ids import put_number, put_numbers
from inspector.protocol.odd_forms import in_usual_form, loosely_read

if TYPE_CHECKING:
    OpId: TypeAlias = int
else:
    # What is decoded; `decode_line` makes numbers of them.
    OpId: TypeAlias = str
Priority: TypeAlias = Annotated[int, Meta(ge=0, le=2**31 - 2)]
Checksum: TypeAlias = Annotated[int, Meta(ge=-(2**31), le=2**32 - 1)]
Seconds: TypeAlias = Annotated[int, Meta(ge=-(2**31), le=2**31 - 1)]
Count: TypeAlias = Annotated[int, Meta(ge=-(2**63), le=2**63 - 1)]
Index: TypeAlias = Annotated[int, Meta(ge=0)]
_LARGEST_INDEX = 2**64 - 1
DEFAULT_PRIORITY = 3
"""The priority of a bucket that names none; 0 is the highest."""


class MalformedLine(ProtocolError):
    """A frame is not valid JSON or BSON, or a known line has a field of the wrong type."""


class OpType(StrEnum):
    """What an operation does to its bucket."""

    PUT = "PUT"
    REMOVE = "REMOVE"
    MOVE = "MOVE"
    CLEAR = "CLEAR"


class Operation(Struct, frozen=True, gc=False):
    """One entry of a bucket's history. `data` is the row as JSON text, or an object without `raw_data`."""

    op_id: OpId
    op: OpType
    checksum: Checksum
    object_type: str | None = None
    object_id: str | None = None
    subkey: str | None = None
    data: str | dict[str, Any] | None = None

    @property
    def key(self) -> str | None:
        """What later operations of the same row in this bucket supersede by; None without type and id."""
        if self.object_type is None or self.object_id is None:
            return None
        return f"{self.object_type}/{self.object_id}/{'null' if self.subkey is None else self.subkey}"

    @property
    def data_text(self) -> str | None:
        """The row as JSON text: exactly as sent, or encoded anew where the service sent an object."""
        if isinstance(self.data, dict):
            return msgspec.json.encode(self.data).decode()
        return self.data


class BucketSubscription(Struct, frozen=True, omit_defaults=True, forbid_unknown_fields=True):
    """Why a bucket is here: `default` indexes the checkpoint's streams, `sub` the request's subscriptions."""

    default: Index | None = None
    sub: Index | None = None

    def __post_init__(self) -> None:
        if (self.default is None) == (self.sub is None):
            raise ValueError("Expected either `default` or `sub`")
        if (self.default or self.sub or 0) > _LARGEST_INDEX:
            raise ValueError("Expected an index of 64 bits")


class BucketChecksum(Struct, frozen=True):
    """A bucket as a checkpoint describes it. `count` is the number of operations, not of rows."""

    bucket: str
    checksum: Checksum
    count: Count | None = None
    priority: Priority | None = None
    subscriptions: tuple[BucketSubscription, ...] = ()

    @property
    def effective_priority(self) -> int:
        """The priority with the default filled in."""
        return DEFAULT_PRIORITY if self.priority is None else self.priority


class StreamError(Struct, frozen=True):
    """Why a stream gives nothing: `subscription` is "default" or an index into the request's subscriptions."""

    subscription: str | Index
    message: str

    def __post_init__(self) -> None:
        if isinstance(self.subscription, int) and self.subscription > _LARGEST_INDEX:
            raise ValueError("Expected an index of 64 bits")


class StreamDescription(Struct, frozen=True):
    """A stream that the checkpoint's buckets come from."""

    name: str
    is_default: bool
    errors: tuple[StreamError, ...]


class Checkpoint(Struct, frozen=True):
    """A new target that replaces everything known."""

    last_op_id: OpId
    buckets: tuple[BucketChecksum, ...]
    write_checkpoint: OpId | None = None
    streams: tuple[StreamDescription, ...] = ()


class CheckpointDiff(Struct, frozen=True):
    """What changed since the previous checkpoint of this stream.

    `write_checkpoint` absent means none, not "as before".
    """

    last_op_id: OpId
    updated_buckets: tuple[BucketChecksum, ...]
    removed_buckets: tuple[str, ...]
    write_checkpoint: OpId | None = None


class DataLine(Struct, frozen=True):
    """Operations of one bucket, in order."""

    bucket: str
    data: list[Operation]
    has_more: bool = False
    after: OpId | None = None
    next_after: OpId | None = None


class PartialCheckpointComplete(Struct, frozen=True):
    """The buckets of `priority` and of all higher ones are complete."""

    priority: Priority
    last_op_id: OpId | None = None


class CheckpointComplete(Struct, frozen=True):
    """All buckets of the checkpoint are complete."""

    last_op_id: OpId | None = None


class Keepalive(Struct, frozen=True):
    """The token's remaining life in seconds; 0 or less says that the stream ends now."""

    token_expires_in: Seconds


class UnknownLine(Struct, frozen=True):
    """A line of a kind that this program does not know; `name` is its first key, or empty."""

    name: str


Line: TypeAlias = (
    Checkpoint | CheckpointDiff | DataLine | PartialCheckpointComplete | CheckpointComplete | Keepalive | UnknownLine
)


class _Envelope(Struct, frozen=True, forbid_unknown_fields=True):
    checkpoint: Checkpoint | UnsetType = UNSET
    checkpoint_diff: CheckpointDiff | UnsetType = UNSET
    data: DataLine | UnsetType = UNSET
    partial_checkpoint_complete: PartialCheckpointComplete | UnsetType = UNSET
    checkpoint_complete: CheckpointComplete | UnsetType = UNSET
    token_expires_in: Seconds | UnsetType = UNSET


LINE_KINDS: Mapping[type, str] = {
    Checkpoint: "checkpoint",
    CheckpointDiff: "checkpoint_diff",
    DataLine: "data",
    PartialCheckpointComplete: "partial_checkpoint_complete",
    CheckpointComplete: "checkpoint_complete",
    Keepalive: "token_expires_in",
}

_json_decoder = msgspec.json.Decoder(_Envelope)


def kind_of(line: Line) -> str:
    """The line's key on the wire; an unknown line has its own name."""
    if isinstance(line, UnknownLine):
        return line.name
    return LINE_KINDS[type(line)]


def decode_line(frame: bytes, frame_format: FrameFormat, *, raw_data: bool = False) -> Line:
    """One frame as a line; raises MalformedLine with the place and the reason.

    `raw_data`: rows were asked for as text, so that objects in their place are an error.
    """
    try:
        line = _bson_line(frame) if frame_format is FrameFormat.BSON else _json_line(frame)
        if raw_data and isinstance(line, DataLine) and dict in map(type, map(attrgetter("data"), line.data)):
            raise msgspec.ValidationError("Expected rows as text, got an object - at `$.data.data[...].data`")
    except (msgspec.MsgspecError, NotBson, UnicodeError, RecursionError) as error:
        too_deep = isinstance(error, RecursionError) or "recursion" in str(error).lower()
        raise MalformedLine(
            f"A line of the stream cannot be read ({len(frame)} bytes).",
            why="It nests deeper than any row does." if too_deep else f"{str(error).rstrip('.')}.",
            next_step="The connection is closed and opened again; the frame is kept in the capture.",
        ) from error
    return line


def _bson_line(frame: bytes) -> Line:
    document = first_field(frame)
    try:
        return _line(_convert(document))
    except msgspec.ValidationError:
        return _odd_line(document, extra_elements=True)


def _json_line(frame: bytes) -> Line:
    try:
        return _line(_json_decoder.decode(frame))
    except (msgspec.DecodeError, UnicodeDecodeError):
        # Before they look for JSON, the official clients make text of the bytes, whatever these are.
        document = loosely_read(frame.decode(errors="replace").strip().strip("\ufeff"))
        if document is None:
            raise
        line = _odd_line(document, extra_elements=False)
        msgspec.json.encode(line)  # raises UnicodeEncodeError where half a surrogate pair stands for text
        return line


def _odd_line(document: Mapping[str, Any], *, extra_elements: bool) -> Line:
    match list(document.items()):
        case [(name, _)] if name not in _Envelope.__struct_fields__:
            return UnknownLine(name)
        case [(name, value)]:
            return _line(_convert({name: in_usual_form(name, value, extra_elements=extra_elements)}))
        case names:
            raise _several_keys(len(names))


def _convert(document: Mapping[str, Any]) -> _Envelope:
    return msgspec.convert(document, _Envelope)


def _line(envelope: _Envelope) -> Line:
    """The envelope's content, with its ids as numbers; raises msgspec.ValidationError."""
    line = _only_field(envelope)
    match line:
        case DataLine(data=operations):
            put_numbers(operations, "op_id")
            put_number(line, "after", is_required=False)
            put_number(line, "next_after", is_required=False)
        case Checkpoint() | CheckpointDiff():
            put_number(line, "last_op_id", is_required=True)
            put_number(line, "write_checkpoint", is_required=True)
        case PartialCheckpointComplete() | CheckpointComplete():
            put_number(line, "last_op_id", is_required=False)
    return line


def _only_field(envelope: _Envelope) -> Line:
    found = [name for name in _Envelope.__struct_fields__ if getattr(envelope, name) is not UNSET]
    if len(found) != 1:
        raise _several_keys(len(found))
    value = getattr(envelope, found[0])
    return Keepalive(value) if found[0] == "token_expires_in" else value


def _several_keys(count: int) -> msgspec.ValidationError:
    return msgspec.ValidationError(f"Expected an object with a single key, got {count}")
