"""What a row of a query's result is about, read off the names of its columns."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

_TYPES = ("row_type", "object_type", "type")
_IDS = ("row_id", "object_id", "id")


@dataclass(frozen=True, slots=True)
class ResultLinks:
    """None where the columns do not say; `row` is table and id."""

    row: tuple[str, str] | None = None
    bucket: str | None = None
    op_id: int | None = None
    frame: int | None = None


def links_of(columns: Sequence[str], values: Sequence[Any], buckets: Mapping[int, str]) -> ResultLinks:
    """`buckets` are the names of buckets by their ids in the client database, which `ps_oplog` names them by.

    A frame is one of a capture's table of that name, or a number in a column `frame`.
    """
    named = {name.lower(): value for name, value in zip(columns, values, strict=False)}
    bucket = _bucket(named, buckets)
    op_id = named.get("op_id")
    frame = named.get("id") if {"received_at", "kind"} <= named.keys() else named.get("frame")
    return ResultLinks(
        _row(named), bucket, op_id if isinstance(op_id, int) else None, frame if isinstance(frame, int) else None
    )


def _row(named: Mapping[str, Any]) -> tuple[str, str] | None:
    for type_column, id_column in zip(_TYPES, _IDS, strict=True):
        found = named.get(type_column), named.get(id_column)
        if isinstance(found[0], str) and isinstance(found[1], str):
            return found[0], found[1]
    return None


def _bucket(named: Mapping[str, Any], buckets: Mapping[int, str]) -> str | None:
    value = named.get("bucket")
    if isinstance(value, int):
        return buckets.get(value)
    if isinstance(value, str):
        return value
    name = named.get("name")
    return name if isinstance(name, str) and name in buckets.values() else None
