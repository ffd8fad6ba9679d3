"""Lines that no service should send: both clients take them, or both refuse them, and hold the same afterwards."""

import json
from pathlib import Path
from typing import Any

import bson
import pytest
from bson.int64 import Int64
from hypothesis import given
from hypothesis import strategies as st

import inspector.store.database as database_module
from inspector.store.core_json import as_core_reads, as_core_writes
from tests.interop.differential.native_core import with_core
from tests.interop.differential.pair import Pair
from tests.interop.differential.schemas import EVERYTHING

CHECKPOINT = {"checkpoint": {"last_op_id": "3", "buckets": [{"bucket": "a", "checksum": 0}], "streams": []}}
PUT: dict[str, Any] = {"op_id": "1", "op": "PUT", "checksum": 1, "object_type": "lists", "object_id": "1", "data": "{}"}
COMPLETE = {"checkpoint_complete": {"last_op_id": "3"}}


def bucket(**fields: Any) -> str:
    return json.dumps(
        {"checkpoint": {"last_op_id": "5", "buckets": [{"bucket": "a", "checksum": 0, **fields}], "streams": []}}
    )


def checkpoint(**fields: Any) -> str:
    return json.dumps({"checkpoint": {"last_op_id": "5", "buckets": [], **fields}})


def operation(**fields: Any) -> str:
    return json.dumps({"data": {"bucket": "a", "data": [{**PUT, **fields}]}}).replace('"huge"', "9" * 30)


ODD_IDS = (
    "05",
    "1,2",
    "+5",
    "-5",
    "-0",
    "00",
    "5 ",
    "0x5",
    "1_000",
    "\u0665",
    "--5",
    "+",
    "-9223372036854775809",
    "true",
)
ODD_LINES: list[str] = [
    *(checkpoint(last_op_id=given) for given in ODD_IDS),
    *(checkpoint(write_checkpoint=given) for given in ODD_IDS),
    *(operation(op_id=given) for given in ODD_IDS),
    *(
        f'{{"checkpoint_diff": {{"last_op_id": "{given}", "updated_buckets": [], "removed_buckets": []}}}}'
        for given in ODD_IDS
    ),
    *(f'{{"data": {{"bucket": "a", "data": [], "after": "{given}", "has_more": "{given}"}}}}' for given in ODD_IDS),
    *(f'{{"checkpoint_complete": {{"last_op_id": "{given}"}}}}' for given in ODD_IDS),
    *(f'{{"partial_checkpoint_complete": {{"last_op_id": "{given}", "priority": 1}}}}' for given in ODD_IDS),
    *(
        f'{{"checkpoint": {given}}}'
        for given in (
            *('["5", null, []]', '["5", "3", [], []]', '["5", []]', "[]", '["5", null, [["a", 0]], []]'),
            *('["5", null, [["a", 0, 1, 1, []]], [["s1", true, []]]]', '["5", null, [], [["s1", true]]]'),
            *('["5", null, [], [["s1", true, [["default", "no"]]]]]', '["5", null, [], [], 1]', '["5", null, {}]'),
        )
    ),
    '{"checkpoint_diff": ["5", [], ["a"], null]}',
    '{"checkpoint_diff": ["5", [["a", 0]], ["a"]]}',
    *(f'{{"checkpoint_complete": {given}}}' for given in ("[]", '["5"]')),
    *(f'{{"partial_checkpoint_complete": {given}}}' for given in ("[1]", '[1, "5"]', "[]")),
    *(
        f'{{"data": ["a", {given}]}}'
        for given in ("[]", '[[1, "1", "PUT", "1", "lists", null, "{}"]]', '[[1, "1", "MOVE"]]')
    ),
    '{"data": {"bucket": "a", "data": [[1, "1", "PUT", "1", "lists", null, "{}", 1]]}}',
    '{"token_expires_in": [5]}',
    *("", "{", "{}", "[]", "null", '"x"', '{"unknown": 1}', '{"unknown": 1, "new": 2}', '{"checkpoint": null}'),
    '{"data": {"bucket": "a"}}',
    '{"data": {"bucket": "new", "data": []}}',
    '{"data": {"bucket": "a", "data": [{"op": "MOVE", "checksum": 1}]}}',
    '{"data": {"bucket": "a", "data": [{"op_id": "1", "checksum": 1}]}}',
    '{"data": {"bucket": "a", "data": [{"op_id": "1", "op": "CLEAR", "checksum": -2147483648}]}}',
    *(f'{{"token_expires_in": {given}}}' for given in ("1.5", "30", "31", "-1", "null", "true", "4294967296")),
    *(f'{{"checkpoint_complete": {given}}}' for given in ('{"last_op_id": "1"}', "{}", "null")),
    '{"partial_checkpoint_complete": {"last_op_id": "1"}}',
    '{"partial_checkpoint_complete": {"priority": 1}}',
    '{"partial_checkpoint_complete": {"priority": -1, "last_op_id": "1"}}',
    '{"partial_checkpoint_complete": {"priority": 7, "last_op_id": "1"}}',
    *(checkpoint(last_op_id=given) for given in ("", " 5", "x", "9223372036854775808", "9007199254740993", None)),
    '{"checkpoint": {"last_op_id": "5"}}',
    '{"checkpoint": {"buckets": []}}',
    checkpoint(streams=None),
    checkpoint(write_checkpoint=""),
    checkpoint(streams=[{"name": "s", "is_default": True, "errors": [{"subscription": "other", "message": "x"}]}]),
    checkpoint(streams=[{"name": "s", "is_default": given, "errors": []} for given in (True, False)]),
    checkpoint(buckets=[{"bucket": "a", "checksum": given} for given in (0, 1)]),
    checkpoint(buckets=[{"bucket": "a"}]),
    f"{checkpoint()} x",
    f" {checkpoint()} ",
    checkpoint()[:-1] + ', "checkpoint_complete": {"last_op_id": "5"}}',
    checkpoint().replace("{", '{"unknown": 1, ', 1),
    *(bucket(checksum=given) for given in (0.0, 0.5, 2**32, 2**32 - 1, -(2**31), -(2**31) - 1, 4294967295.0, None)),
    *(bucket(priority=given) for given in (-1, 2**31 - 2, 2**31 - 1, 2**31, None, 1.5)),
    *(bucket(count=given) for given in (None, -1, 1.5, 2**63 - 1, 2**63, 2**70)),
    *(bucket(subscriptions=[given]) for given in ({"other": 1}, {"default": 0, "sub": 0}, {"sub": -1})),
    bucket(subscriptions=[{}]),
    bucket(subscriptions=[]),
    '{"checkpoint_diff": {"last_op_id": "5", "updated_buckets": []}}',
    '{"checkpoint_diff": {"last_op_id": "5", "updated_buckets": [], "removed_buckets": ["a", "a", "unknown"]}}',
    '{"checkpoint_diff": {"last_op_id": "5", "updated_buckets": [{"bucket": "a", "checksum": 0}],'
    ' "removed_buckets": ["a"]}}',
    *(operation(data=given) for given in (None, "no json", 5)),
    *(operation(object_id=given) for given in (1, "", "x\0y", "\ud83d\ude00", "\ud83d")),
    *(operation(subkey=given) for given in (5, None, "", "d/e")),
    *(operation(object_type=given) for given in ("a/b", 'we"ird', "")),
    *(operation(checksum=given) for given in (None, -1, 2**32, 2**32 - 1, "huge", 4294967295.0, True)),
    *(operation(op_id=given) for given in ("0", "9223372036854775807", "9223372036854775808", "", None)),
    *(operation(op=given) for given in ("put", "OTHER", 3, None)),
    '{"token_expires_in": "5"}',
    '{"partial_checkpoint_complete": {"priority": "1", "last_op_id": "1"}}',
    checkpoint(last_op_id=5),
    *(checkpoint(last_op_id=given) for given in ("5.0", "5e0")),
    checkpoint(write_checkpoint="null"),
    checkpoint(write_checkpoint=5),
    checkpoint(streams=[{"name": "s"}]),
    bucket(checksum="0"),
    bucket(priority="1"),
    bucket(count="3"),
    bucket(subscriptions=None),
    operation(op_id=1),
    operation(checksum="1"),
    operation(data={"name": "x"}),
]
ODD_DOCUMENT_OPERATIONS: list[Any] = [
    *({**PUT, name: value.encode()} for name, value in {**PUT, "subkey": "k"}.items() if isinstance(value, str)),
    {**PUT, "data": b"\xff"},
    {**PUT, "data": bson.Binary(b"{}", 128)},
    [1, "1", "PUT", "1", "lists", None, "{}", 7],
    [1, "1"],
]
ODD_DOCUMENTS: list[dict[str, Any]] = [
    {},
    {"unknown": 1, "new": 2},
    {"checkpoint_complete": {"last_op_id": "3"}, "unknown": 1},
    {"unknown": 1, "checkpoint_complete": {"last_op_id": "3"}},
    *({"token_expires_in": given} for given in (Int64(20), 20.5, -1)),
    *(json.loads(bucket(checksum=given)) for given in (3_000_000_000.0, -5.0, 0.5, 5e9)),
    json.loads(bucket(checksum=0)) | {"unknown": {"a": [1.5, None]}},
    json.loads(operation(checksum=3e9)),
    json.loads(operation(object_id="x\0y")),
    *(json.loads(operation()) | {"data": {"bucket": "a", "data": [given]}} for given in ODD_DOCUMENT_OPERATIONS),
    {"data": {"bucket": b"a", "data": []}},
    {"data": {"bucket": "a", "data": [], "has_more": 1.5, "after": True}},
    {"data": ["a", [], 1]},
    {"checkpoint": ["5", None, [], [], 1]},
    {"checkpoint_diff": {"last_op_id": "5", "updated_buckets": [], "removed_buckets": [b"a"]}},
    {"checkpoint": {"last_op_id": b"5", "buckets": []}},
    {"checkpoint_complete": [1]},
]


@pytest.mark.parametrize("received", [True, False], ids=["after-a-checkpoint", "at-first"])
def test_an_odd_line_is_taken_by_both_or_by_none(native_library: Path, received: bool) -> None:
    lines: list[str | dict[str, Any]] = [*ODD_LINES, *ODD_DOCUMENTS]
    for line in lines:
        pair = Pair(native_library, EVERYTHING)
        if received:
            pair.line(CHECKPOINT)
        pair.line(line, binary=isinstance(line, dict))
        if pair.is_open and received:
            pair.line(COMPLETE)
        pair.close()


@pytest.mark.parametrize("missing", ["object_type", "object_id"])
@pytest.mark.parametrize("at_once", [False, True], ids=["with-indexes", "first-sync-without"])
@pytest.mark.parametrize("priority", [None, 1])
def test_a_put_that_names_no_row_keeps_both_from_showing_the_checkpoint(
    native_library: Path, monkeypatch: pytest.MonkeyPatch, missing: str, at_once: bool, priority: int | None
) -> None:
    monkeypatch.setattr(database_module, "_FIRST_SYNC_OPERATIONS", 1 if at_once else 10**9)
    pair = Pair(native_library, EVERYTHING)
    pair.line(bucket(checksum=4, count=2, priority=1))
    named = {**PUT, "op_id": "2", "checksum": 3}
    nameless = {name: value for name, value in PUT.items() if name != missing}
    pair.line({"data": {"bucket": "a", "data": [named, nameless]}})
    pair.line(COMPLETE if priority is None else {"partial_checkpoint_complete": {"priority": 1}})
    assert not pair.is_open
    assert pair.look("SELECT count(*) FROM ps_oplog") == [(2,)]
    pair.close()


VALUES = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-(2**70), 2**70)
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(st.characters(codec="utf-8"), max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(st.sampled_from("abé"), max_size=2), inner),
    max_leaves=5,
)


def test_json_is_read_and_written_to_the_byte_as_the_core_does(native_library: Path) -> None:
    connection = with_core(native_library)

    @given(VALUES)
    def same(value: Any) -> None:
        text = json.dumps({"a": value})
        ((theirs,),) = connection.execute("SELECT powersync_diff('{}', ?)", (text,)).fetchall()
        ours = as_core_reads(text)
        assert theirs == (as_core_writes(ours) if ours["a"] is not None else "{}")

    same()
    connection.close()
