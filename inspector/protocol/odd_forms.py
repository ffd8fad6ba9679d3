"""Forms of a line that no service is known to send, and that the official clients read all the same.

These are arrays in place of objects, checksums as doubles, text as BSON binary, and in the fields that those clients
pass over anything at all, be it half of a surrogate pair or a number that is too large. A line that cannot be decoded
is put into its usual form and tried again.
"""

import json
from collections.abc import Callable
from typing import Any, TypeAlias

_Form: TypeAlias = Callable[[Any, bool], Any]
"""Puts a value into its usual form; the flag says that arrays may have more elements than their objects have fields."""


def in_usual_form(name: str, value: Any, *, extra_elements: bool) -> Any:
    """The value of the line `name` as the structs expect it; what has no usual form stays as it is.

    `extra_elements`: as in BSON, arrays may be longer than the objects that they stand for. Raises UnicodeDecodeError.
    """
    return _LINES[name](value, extra_elements) if name in _LINES else value


def loosely_read(text: str) -> dict[str, Any] | None:
    """A JSON object, with half surrogate pairs and infinite numbers in it; None for what is none."""
    try:
        found = json.loads(text, parse_constant=_refuse)
    except ValueError:
        return None
    return found if isinstance(found, dict) else None


def _refuse(name: str) -> None:
    raise ValueError(name)


def _as_it_is(value: Any, _: bool) -> Any:
    return value


def _text(value: Any, _: bool) -> Any:
    return value.decode() if isinstance(value, bytes) else value


def _checksum(value: Any, _: bool) -> Any:
    return int(value) if isinstance(value, float) and value.is_integer() else value


def _unread_id(value: Any, _: bool) -> str | None:
    return value if isinstance(value, str) and value.isascii() else None


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
    {"bucket": _text, "checksum": _checksum, "priority": _as_it_is, "count": _as_it_is, "subscriptions": _as_it_is}, 2
)
_STREAM_ERROR = _object({"subscription": _as_it_is, "message": _text}, 2)
_STREAM = _object({"name": _text, "is_default": _as_it_is, "errors": _list_of(_STREAM_ERROR)}, 3)
_OPERATION = _object(
    {
        "checksum": _checksum,
        "op_id": _as_it_is,
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
        {
            "last_op_id": _as_it_is,
            "write_checkpoint": _as_it_is,
            "buckets": _list_of(_BUCKET),
            "streams": _list_of(_STREAM),
        },
        3,
    ),
    "checkpoint_diff": _object(
        {
            "last_op_id": _as_it_is,
            "updated_buckets": _list_of(_BUCKET),
            "removed_buckets": _list_of(_text),
            "write_checkpoint": _as_it_is,
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
