"""BSON documents as the official clients read them."""

from collections.abc import Mapping
from typing import Any

import msgspec


class NotBson(ValueError):
    """The bytes are no document, or have values of a type that the official clients do not know."""


def first_field(frame: bytes) -> dict[str, Any]:
    """The first field of a document, which is all that those clients read of it; raises NotBson."""
    import bson  # which few streams need, and which takes a moment
    from bson.errors import InvalidBSON

    try:
        first = dict(list(bson.decode(frame).items())[:1])
        # A walk through all of it, at the speed of C.
        msgspec.json.encode(first, enc_hook=_known)
    except (InvalidBSON, TypeError) as error:
        raise NotBson(str(error)) from error
    _make_whole(first)
    return first


def _make_whole(document: Mapping[str, Any]) -> None:
    """Checksums of operations as whole numbers, in place: those above 2^31 come as doubles, which half of them are."""
    match document:
        case {"data": {"data": [*operations]}}:
            for operation in operations:
                checksum = operation.get("checksum") if isinstance(operation, dict) else None
                if isinstance(checksum, float) and checksum.is_integer():
                    operation["checksum"] = int(checksum)


def _known(value: Any) -> None:
    """Pass over a value that stands for text, bytes or a number; raises NotBson for others."""
    from bson import DBRef, Int64, ObjectId, Timestamp
    from bson.binary import Binary

    if not isinstance(value, DBRef | Int64 | ObjectId | Timestamp | Binary):
        raise NotBson(f"The official clients do not know BSON values of the type {type(value).__name__}")
