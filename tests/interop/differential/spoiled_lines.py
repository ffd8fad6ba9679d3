"""Lines of every kind with one thing in them altered: a value of another type, a field too few, or one too many."""

import json
from collections.abc import Iterator
from typing import Any, TypeAlias

from hypothesis import strategies as st

_Place: TypeAlias = tuple[str | int, ...]

LINES: tuple[dict[str, Any], ...] = (
    {
        "checkpoint": {
            "last_op_id": "5",
            "write_checkpoint": "1",
            "buckets": [
                {"bucket": "a", "checksum": 1, "count": 1, "priority": 1, "subscriptions": [{"default": 0}]},
                {"bucket": "b", "checksum": 3_000_000_000, "subscriptions": [{"sub": 0}]},
            ],
            "streams": [{"name": "s1", "is_default": True, "errors": [{"subscription": 0, "message": "no"}]}],
        }
    },
    {
        "checkpoint_diff": {
            "last_op_id": "6",
            "write_checkpoint": None,
            "updated_buckets": [{"bucket": "a", "checksum": -1, "count": 2, "priority": 3}],
            "removed_buckets": ["b"],
        }
    },
    {
        "data": {
            "bucket": "a",
            "after": "0",
            "has_more": False,
            "next_after": "3",
            "data": [
                {
                    "op_id": "1",
                    "op": "PUT",
                    "checksum": 1,
                    "object_type": "lists",
                    "object_id": "1",
                    "subkey": "k",
                    "data": '{"name":"x"}',
                },
                {"op_id": "2", "op": "REMOVE", "checksum": 2, "object_type": "lists", "object_id": "1"},
                {"op_id": "3", "op": "CLEAR", "checksum": 3},
            ],
        }
    },
    {"partial_checkpoint_complete": {"last_op_id": "5", "priority": 1}},
    {"checkpoint_complete": {"last_op_id": "5"}},
    {"token_expires_in": 300},
    {"a_new_kind": {"a": [1, None, "x"]}},
)
FRAGMENTS = (
    *("null", "true", "0", "1", "-1", "1.0", "-0.0", "1.5", "1e0", "1E400", "1e-400", "01", "-", "+1", ".5", "NaN"),
    *("2147483647", "2147483648", "4294967295", "4294967296", "-2147483649", "9223372036854775808", "9" * 40),
    *('""', '"1"', '"-1"', '"1.0"', '"1e0"', '" 1"', '"9223372036854775807"', '"9223372036854775808"', '"null"'),
    *('"\\ud800"', '"\\u0000"', '"\\u0031"', '"\\x"', '"a\tb"', '"\x7f"', '"default"', '"PUT"', '"a', '"MOVE"'),
    *("[]", "{}", "[1]", "[null]", "[[]]", '[{"a":1}]', '{"a":1}', '{"default":0}', '{"sub":0}', "[1,]", '{"a":1,}'),
    *("[" * depth + "]" * depth for depth in (120, 126, 127, 128, 200)),
)
"""JSON, and what is none, to stand where something else is expected."""


def _places(value: Any, place: _Place = ()) -> Iterator[_Place]:
    items = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for key, each in items:
        yield (*place, key)
        yield from _places(each, (*place, key))


def _written(value: Any, altered: _Place, fragment: str | None, extra: str, place: _Place = ()) -> str:
    """The value as JSON, with `fragment` (None: nothing) at the altered place, and `extra` behind what is there."""
    if isinstance(value, dict):
        fields = [
            f"{json.dumps(name)}:{text}" for name, text in _elements(value.items(), altered, fragment, extra, place)
        ]
        return "{" + ",".join([*fields, *([extra] if altered[:-1] == place and extra else [])]) + "}"
    if isinstance(value, list):
        return "[" + ",".join(text for _, text in _elements(enumerate(value), altered, fragment, extra, place)) + "]"
    return json.dumps(value)


def _elements(
    items: Any, altered: _Place, fragment: str | None, extra: str, place: _Place
) -> Iterator[tuple[Any, str]]:
    for key, each in items:
        if (*place, key) != altered:
            yield key, _written(each, altered, fragment, extra, (*place, key))
        elif fragment is not None:
            yield key, fragment


@st.composite
def spoiled_lines(draw: st.DrawFn) -> str:
    """A line with one place altered."""
    line = draw(st.sampled_from(LINES))
    place = draw(st.sampled_from(list(_places(line))))
    fragment = draw(st.one_of(st.sampled_from(FRAGMENTS), st.sampled_from(FRAGMENTS), st.none()))
    extra = draw(st.sampled_from(("", "", f'"new":{draw(st.sampled_from(FRAGMENTS))}')))
    return _written(line, place, fragment, extra)
