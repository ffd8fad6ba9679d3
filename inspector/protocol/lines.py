"""Every line of the sync stream as a typed struct (protocol §2).

A line is an object with a single key. Lines of unknown kinds and unknown fields are ignored here and stay visible in
the frame's bytes. Ids travel as decimal strings and become ints; checksums keep the sign they were sent with.

What the official clients read is read, also in the forms of `odd_forms`. What they refuse is refused, but for numbers
where strings belong and the other way round (`"5.0"` is a number, too), rows as objects, streams without `is_default`
or `errors`, and fields that are null or come twice.
"""

from collections.abc import Callable, Mapping
from enum import StrEnum
from typing import Annotated, Any, TypeAlias

import msgspec
from msgspec import UNSET, Meta, Struct, UnsetType

from inspector.protocol.errors import ProtocolError
from inspector.protocol.framing import FrameFormat
from inspector.protocol.odd_forms import in_usual_form

OpId: TypeAlias = Annotated[int, Meta(ge=-(2**63), le=2**63 - 1)]
Priority: TypeAlias = Annotated[int, Meta(ge=0, le=2**31 - 2)]
Checksum: TypeAlias = Annotated[int, Meta(ge=-(2**31), le=2**32 - 1)]
Seconds: TypeAlias = Annotated[int, Meta(ge=-(2**31), le=2**31 - 1)]
Count: TypeAlias = Annotated[int, Meta(ge=-(2**63), le=2**63 - 1)]
Index: TypeAlias = Annotated[int, Meta(ge=0)]
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


class BucketChecksum(Struct, frozen=True):
    """A bucket as a checkpoint describes it. `count` is the number of operations, not of rows."""

    bucket: str
    checksum: Checksum
    count: Count | None = None
    priority: Priority | None = None
    subscriptions: tuple[BucketSubscription, ...] | None = None

    @property
    def effective_priority(self) -> int:
        """The priority with the default filled in."""
        return DEFAULT_PRIORITY if self.priority is None else self.priority


class StreamError(Struct, frozen=True):
    """Why a stream gives nothing: `subscription` is "default" or an index into the request's subscriptions."""

    subscription: str | int
    message: str


class StreamDescription(Struct, frozen=True):
    """A stream that the checkpoint's buckets come from."""

    name: str
    is_default: bool = False
    errors: tuple[StreamError, ...] = ()


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

# Lax: ids are strings, and BSON carries checksums above 2^31 as doubles.
_json_decoder = msgspec.json.Decoder(_Envelope, strict=False)
_json_keys = msgspec.json.Decoder(dict[str, msgspec.Raw])


def kind_of(line: Line) -> str:
    """The line's key on the wire; an unknown line has its own name."""
    if isinstance(line, UnknownLine):
        return line.name
    return LINE_KINDS[type(line)]


def decode_line(frame: bytes, frame_format: FrameFormat) -> Line:
    """One frame as a line; raises MalformedLine with the place and the reason."""
    try:
        if frame_format is FrameFormat.BSON:
            document = _first_field(_decode_bson(frame))
            return _line(lambda: _convert(document), lambda: document, extra_elements=True)
        return _json_line(frame)
    except (msgspec.MsgspecError, _NotBson, UnicodeDecodeError, RecursionError) as error:
        too_deep = isinstance(error, RecursionError) or "recursion" in str(error).lower()
        raise MalformedLine(
            f"A line of the stream cannot be read ({len(frame)} bytes).",
            why="It nests deeper than any row does." if too_deep else f"{str(error).rstrip('.')}.",
            next_step="The connection is closed and opened again; the frame is kept in the capture.",
        ) from error


def _json_line(frame: bytes) -> Line:
    try:
        return _line(lambda: _json_decoder.decode(frame), lambda: _json_keys.decode(frame))
    except (msgspec.DecodeError, UnicodeDecodeError):
        # Before they look for JSON, the official clients make text of the bytes, whatever these are.
        text = frame.decode(errors="replace").strip().strip("\ufeff").encode()
        if text == frame:
            raise
        return _line(lambda: _json_decoder.decode(text), lambda: _json_keys.decode(text))


class _NotBson(ValueError):
    pass


def _decode_bson(frame: bytes) -> Any:
    import bson  # which few streams need, and which takes a moment
    from bson.errors import InvalidBSON

    try:
        return bson.decode(frame)
    except InvalidBSON as error:
        raise _NotBson(str(error)) from error


def _first_field(document: dict[str, Any]) -> dict[str, Any]:
    """What the official clients read of a document; a JSON object with several keys is an error to them."""
    return dict(list(document.items())[:1])


def _convert(document: Mapping[str, Any]) -> _Envelope:
    return msgspec.convert(document, _Envelope, strict=False)


def _line(
    decode: Callable[[], _Envelope], fields: Callable[[], Mapping[str, Any]], *, extra_elements: bool = False
) -> Line:
    try:
        envelope = decode()
    except msgspec.ValidationError:
        match list(fields().items()):
            case [(name, _)] if name not in _Envelope.__struct_fields__:
                return UnknownLine(name)
            case [(name, value)]:
                odd = msgspec.json.decode(value) if isinstance(value, msgspec.Raw) else value
                usual = in_usual_form(name, odd, extra_elements=extra_elements)
                if usual == odd:
                    raise
                envelope = _convert({name: usual})
            case names:
                raise _several_keys(len(names)) from None
    found = [name for name in _Envelope.__struct_fields__ if getattr(envelope, name) is not UNSET]
    if len(found) != 1:
        raise _several_keys(len(found))
    value = getattr(envelope, found[0])
    return Keepalive(value) if found[0] == "token_expires_in" else value


def _several_keys(count: int) -> msgspec.ValidationError:
    return msgspec.ValidationError(f"Expected an object with a single key, got {count}")
