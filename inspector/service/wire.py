"""Lines as the service sends them, with the fields in the real service's order (protocol §2).

The structs of `protocol.lines` are for reading: there ids are numbers. Here they are strings, as they travel.
"""

from collections import OrderedDict
from collections.abc import Callable, Mapping
from functools import lru_cache
from typing import TypeAlias

import bson
import msgspec
from msgspec import UNSET, Raw, Struct, UnsetType

from inspector.protocol.framing import FrameFormat
from inspector.service.buckets import StoredOperation

_INT32 = 2**31
_MOST_SHARED_LINES = 16


class Reason(Struct, frozen=True):
    """Why a bucket is there: an index into the checkpoint's streams, or into the request's subscriptions."""

    default: int | UnsetType = UNSET
    sub: int | UnsetType = UNSET


class BucketEntry(Struct, frozen=True):
    """A bucket in a checkpoint; `checksum` is signed there, as the real service sends it."""

    bucket: str
    checksum: int
    count: int
    priority: int
    subscriptions: tuple[Reason, ...]


class StreamErrorEntry(Struct, frozen=True):
    """`subscription` is "default" or an index into the request's subscriptions."""

    subscription: str | int
    message: str


class StreamEntry(Struct, frozen=True):
    """A stream that the client is subscribed to."""

    name: str
    is_default: bool
    errors: tuple[StreamErrorEntry, ...]


class CheckpointLine(Struct, frozen=True):
    """The first line of every stream."""

    last_op_id: str
    write_checkpoint: str | UnsetType
    buckets: list[BucketEntry]
    streams: tuple[StreamEntry, ...]


class DiffLine(Struct, frozen=True):
    """What changed since the last checkpoint of this stream."""

    last_op_id: str
    write_checkpoint: str | UnsetType
    removed_buckets: list[str]
    updated_buckets: list[BucketEntry]


class OperationEntry(Struct, frozen=True, gc=False):
    """`data` is null in a REMOVE; MOVE and CLEAR have a checksum only."""

    op_id: str
    op: str
    object_type: str | UnsetType
    object_id: str | UnsetType
    checksum: int
    subkey: str | UnsetType
    data: str | Raw | UnsetType | None


class DataLine(Struct, frozen=True):
    """Operations of one bucket."""

    bucket: str
    after: str
    has_more: bool
    data: list[OperationEntry]
    next_after: str


class PartialLine(Struct, frozen=True):
    """All buckets of `priority` and of higher ones are complete."""

    last_op_id: str
    priority: int


class CompleteLine(Struct, frozen=True):
    """The checkpoint is complete."""

    last_op_id: str


class KeepaliveLine(Struct, frozen=True):
    """The token's remaining life in whole seconds; 0 ends the stream."""

    token_expires_in: int


Line: TypeAlias = CheckpointLine | DiffLine | DataLine | PartialLine | CompleteLine | KeepaliveLine
Encoder: TypeAlias = Callable[[Line], bytes]

_KINDS: Mapping[type[Line], str] = {
    CheckpointLine: "checkpoint",
    DiffLine: "checkpoint_diff",
    DataLine: "data",
    PartialLine: "partial_checkpoint_complete",
    CompleteLine: "checkpoint_complete",
}


def operation_entry(stored: StoredOperation) -> OperationEntry:
    """A stored operation as it travels with raw data."""
    op_id, op, object_type, object_id, subkey, data, checksum = stored
    if object_type is None or object_id is None:
        return OperationEntry(str(op_id), op, UNSET, UNSET, checksum, UNSET, UNSET)
    return OperationEntry(str(op_id), op, object_type, object_id, checksum, UNSET if subkey is None else subkey, data)


def encoder_for(frame_format: FrameFormat, *, raw_data: bool) -> Encoder:
    """What turns lines into bytes. Without `raw_data`, NDJSON has rows as objects; BSON always has text."""
    if frame_format is FrameFormat.BSON:
        return _shared(_bson)
    return _shared(_ndjson) if raw_data else _ndjson_with_objects


@lru_cache
def _shared(encode: Encoder) -> Encoder:
    """`encode`, which remembers the last data lines: a hundred streams may send the same one."""
    kept: OrderedDict[int, tuple[DataLine, bytes]] = OrderedDict()

    def encode_once(line: Line) -> bytes:
        if not isinstance(line, DataLine):
            return encode(line)
        known = kept.get(id(line))
        if known is not None:
            return known[1]
        encoded = encode(line)
        # The line is kept too, so that no other one gets its id.
        kept[id(line)] = (line, encoded)
        if len(kept) > _MOST_SHARED_LINES:
            kept.popitem(last=False)
        return encoded

    return encode_once


def _ndjson(line: Line) -> bytes:
    return msgspec.json.encode(line if isinstance(line, KeepaliveLine) else {_KINDS[type(line)]: line}) + b"\n"


def _ndjson_with_objects(line: Line) -> bytes:
    if isinstance(line, DataLine):
        line = msgspec.structs.replace(line, data=[_with_object(entry) for entry in line.data])
    return _ndjson(line)


def _with_object(entry: OperationEntry) -> OperationEntry:
    if isinstance(entry.data, str):
        return msgspec.structs.replace(entry, data=Raw(entry.data.encode()))
    return entry


def _bson(line: Line) -> bytes:
    if isinstance(line, KeepaliveLine):
        return bson.encode(msgspec.to_builtins(line))
    document = msgspec.to_builtins(line)
    if isinstance(line, DataLine):
        for operation in document["data"]:
            # The real service's numbers are JavaScript's: beyond 32 bits they travel as doubles.
            if operation["checksum"] >= _INT32:
                operation["checksum"] = float(operation["checksum"])
    return bson.encode({_KINDS[type(line)]: document})
