"""Forms of a line that no service is known to send, and that the official clients read all the same.

These are arrays in place of objects, ids with a sign or with zeros in front, text as BSON binary, and anything at all
in the fields that those clients pass over. A line that cannot be decoded is put into its usual form and tried again.
"""

import re
from collections.abc import Callable
from typing import Any, TypeAlias

_Form: TypeAlias = Callable[[Any, bool], Any]
"""Puts a value into its usual form; the flag says that arrays may have more elements than their objects have fields."""

_ID = re.compile(r"[+-]?[0-9]+")
_IDS = range(-(2**63), 2**63)
_MOST_DIGITS = 1_000
"""No id is so long, and Python refuses to read numbers that are longer still."""


def in_usual_form(name: str, value: Any, *, extra_elements: bool) -> Any:
    """The value of the line `name` as the structs expect it; what has no usual form stays as it is.

    `extra_elements`: as in BSON, arrays may be longer than the objects that they stand for. Raises UnicodeDecodeError.
    """
    return _LINES[name](value, extra_elements) if name in _LINES else value


def _as_it_is(value: Any, _: bool) -> Any:
    return value


def _text(value: Any, _: bool) -> Any:
    return value.decode() if isinstance(value, bytes) else value


def _id(value: Any, _: bool) -> Any:
    return int(value) if isinstance(value, str) and len(value) < _MOST_DIGITS and _ID.fullmatch(value) else value


def _unread_id(value: Any, _: bool) -> int | None:
    found = _id(value, _)
    return found if type(found) is int and found in _IDS else None


def _unread_flag(value: Any, _: bool) -> bool:
    return value is True


def _list_of(form: _Form) -> _Form:
    def put(value: Any, extra_elements: bool) -> Any:
        return [form(each, extra_elements) for each in value] if isinstance(value, list) else value

    return put


def _object(fields: dict[str, _Form], least: int, passed_over: dict[str, _Form] | None = None) -> _Form:
    """An object, or an array of its `fields` in their order, `least` of them or more."""
    forms = fields | (passed_over or {})

    def put(value: Any, extra_elements: bool) -> Any:
        if isinstance(value, list) and least <= len(value) and (extra_elements or len(value) <= len(fields)):
            value = dict(zip(fields, value, strict=False))
        if not isinstance(value, dict):
            return value
        return {name: forms.get(name, _as_it_is)(each, extra_elements) for name, each in value.items()}

    return put


_BUCKET = _object(
    {"bucket": _text, "checksum": _as_it_is, "priority": _as_it_is, "count": _as_it_is, "subscriptions": _as_it_is}, 2
)
_STREAM_ERROR = _object({"subscription": _as_it_is, "message": _text}, 2)
_STREAM = _object({"name": _text, "is_default": _as_it_is, "errors": _list_of(_STREAM_ERROR)}, 3)
_OPERATION = _object(
    {
        "checksum": _as_it_is,
        "op_id": _id,
        "op": _as_it_is,
        "object_id": _text,
        "object_type": _text,
        "subkey": _text,
        "data": _text,
    },
    3,
)
_LINES = {
    "checkpoint": _object(
        {"last_op_id": _id, "write_checkpoint": _id, "buckets": _list_of(_BUCKET), "streams": _list_of(_STREAM)}, 3
    ),
    "checkpoint_diff": _object(
        {
            "last_op_id": _id,
            "updated_buckets": _list_of(_BUCKET),
            "removed_buckets": _list_of(_text),
            "write_checkpoint": _id,
        },
        3,
    ),
    "data": _object(
        {"bucket": _text, "data": _list_of(_OPERATION)},
        2,
        {"has_more": _unread_flag, "after": _unread_id, "next_after": _unread_id},
    ),
    "partial_checkpoint_complete": _object({"priority": _as_it_is}, 1, {"last_op_id": _unread_id}),
    "checkpoint_complete": _object({}, 0, {"last_op_id": _unread_id}),
}
