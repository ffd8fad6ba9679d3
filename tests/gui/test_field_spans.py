"""Every field of every recorded line is found in its bytes."""

import json
from collections.abc import Iterator

import bson
from hypothesis import given
from hypothesis import strategies as st

from inspector.protocol.framing import FrameFormat
from inspector.ui.frame.field_spans import Path, Step, span_of
from inspector.ui.frame.json_document import JsonNumber, JsonObject, JsonValue, parse_body, parse_json
from tests.recordings import CAPTURES, Recording


def places(value: JsonValue, path: tuple[Step, ...] = ()) -> Iterator[tuple[Path, JsonValue]]:
    """Every place in a tree, the text of rows taken apart too."""
    yield path, value
    if isinstance(value, JsonObject):
        for position, (key, member) in enumerate(value.members):
            inner = parse_json(member) if key == "data" and isinstance(member, str) else member
            if inner is not member:
                yield (*path, Step(position, key)), member
                yield from ((p, v) for p, v in places(inner, (*path, Step(position, key))) if len(p) > len(path) + 1)
            else:
                yield from places(member, (*path, Step(position, key)))
    elif isinstance(value, list):
        for position, item in enumerate(value):
            yield from places(item, (*path, Step(position)))


def plain(value: JsonValue) -> object:
    if isinstance(value, JsonObject):
        return {key: plain(member) for key, member in value.members}
    if isinstance(value, list):
        return [plain(item) for item in value]
    return json.loads(value.text) if isinstance(value, JsonNumber) else value


def unescaped(raw: str, depth: int) -> str:
    return json.loads(f'"{raw}"') if depth else raw


def test_every_field_of_a_recorded_line_is_found_in_ndjson() -> None:
    checked = 0
    for frame in (
        list(Recording(CAPTURES / "incremental").frames()) + list(Recording(CAPTURES / "initial-ndjson").frames())[:2]
    ):
        for path, value in places(parse_body(frame, FrameFormat.NDJSON)):
            span = span_of(frame, FrameFormat.NDJSON, path)
            assert span is not None
            raw = frame[slice(*span)].decode()
            inside_a_row = any(step.key == "data" for step in path[3:-1]) and len(path) > 4
            assert json.loads(unescaped(raw, inside_a_row)) == plain(value)
            checked += 1
    assert checked > 500


def test_fields_of_recorded_documents_are_found_in_bson() -> None:
    checked = 0
    for frame in list(Recording(CAPTURES / "initial-bson").frames())[:3]:
        for path, value in places(parse_body(frame, FrameFormat.BSON)):
            span = span_of(frame, FrameFormat.BSON, path)
            assert span is not None
            raw = frame[slice(*span)]
            if isinstance(value, str) and not path[:-1][3:]:
                assert raw[4:-1].decode() == value
                checked += 1
    assert checked > 5


@given(
    st.recursive(
        st.none() | st.booleans() | st.integers() | st.text(),
        lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
        max_leaves=8,
    )
)
def test_rows_with_any_text_are_found_inside_their_string(row: object) -> None:
    for ascii_only in (True, False):
        body = json.dumps({"x": 1, "data": json.dumps(row, ensure_ascii=ascii_only)}, ensure_ascii=ascii_only)
        encoded = body.encode("utf-8", "surrogatepass")
        for path, value in places(parse_json(json.dumps(row))):
            if not path:
                continue
            span = span_of(encoded, FrameFormat.NDJSON, (Step(1, "data"), *path))
            assert span is not None
            assert json.loads(json.loads(f'"{encoded[slice(*span)].decode()}"')) == plain(value)


def test_a_place_that_is_not_there_is_none() -> None:
    assert span_of(b'{"a":1}', FrameFormat.NDJSON, (Step(1, "b"),)) is None
    assert span_of(b'{"a":', FrameFormat.NDJSON, (Step(0, "a"),)) is None
    assert span_of(bson.encode({"a": 1}), FrameFormat.BSON, (Step(0, "b"),)) is None
    assert span_of(b"\xff", FrameFormat.NDJSON, (Step(0, "b"),)) is None
    assert span_of(b"abc", FrameFormat.NDJSON, ()) == (0, 3)
