"""Frames are found wherever the chunks are cut."""

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from inspector.protocol.framing import BsonFramer, Framer, FramingError, NdjsonFramer, framer_for
from inspector.protocol.lines import decode_line
from tests.recordings import CAPTURES, Recording

NDJSON = b"".join(Recording(CAPTURES / "incremental").chunks())
BSON = b"".join(Recording(CAPTURES / "initial-bson").chunks())


def cut(framer: Framer, body: bytes, borders: list[int]) -> list[bytes]:
    frames: list[bytes] = []
    places = [0, *sorted(borders), len(body)]
    for start, end in pairwise(places):
        frames += framer.feed(body[start:end])
    assert framer.finish() == b""
    return frames


@given(st.lists(st.integers(0, len(NDJSON)), max_size=40))
def test_lines_are_the_same_however_the_bytes_arrive(borders: list[int]) -> None:
    assert cut(NdjsonFramer(), NDJSON, borders) == NDJSON.splitlines()


@given(st.lists(st.integers(0, len(BSON)), max_size=40))
def test_documents_are_the_same_however_the_bytes_arrive(borders: list[int]) -> None:
    assert cut(BsonFramer(), BSON, borders) == cut(BsonFramer(), BSON, [])


def test_bson_and_ndjson_of_the_same_data_decode_to_the_same_lines() -> None:
    ndjson = [decode_line(frame, NdjsonFramer.format) for frame in Recording(CAPTURES / "initial-ndjson").frames()]
    bson = [decode_line(frame, BsonFramer.format) for frame in Recording(CAPTURES / "initial-bson").frames()]
    assert bson == ndjson


@pytest.mark.parametrize("encoding", ["zstd", "gzip"])
def test_content_encodings_carry_the_same_lines(encoding: str) -> None:
    plain = list(Recording(CAPTURES / "initial-ndjson").frames())
    assert [len(frame) for frame in Recording(CAPTURES / f"initial-{encoding}").frames()] == [len(f) for f in plain]


def test_empty_lines_are_passed_over_and_a_rest_is_kept() -> None:
    framer = NdjsonFramer()
    assert framer.feed(b'\n\r\n{"a":1}\r\n\n{"b"') == [b'{"a":1}\r']
    assert framer.finish() == b'{"b"'


@pytest.mark.parametrize("length", [-1, 0, 4, 2**31 - 1])
def test_a_document_with_an_impossible_length_is_refused(length: int) -> None:
    with pytest.raises(FramingError, match="claims a length"):
        BsonFramer().feed(length.to_bytes(4, "little", signed=True))


def test_a_line_without_end_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("inspector.protocol.framing.MAX_FRAME_BYTES", 1000)
    framer = NdjsonFramer()
    for _ in range(10):
        assert framer.feed(b"x" * 100) == []
    with pytest.raises(FramingError, match="longer than"):
        framer.feed(b"x")


def test_content_types_choose_the_framer() -> None:
    assert isinstance(framer_for("application/x-ndjson; charset=utf-8"), NdjsonFramer)
    assert isinstance(framer_for("Application/vnd.powersync.bson-stream"), BsonFramer)


@pytest.mark.parametrize("size", [1, 3, 1000])
@pytest.mark.parametrize("body", [b'{"token_expires_in":5}\n', b'\n { "data" : {}}\n{"x":1}\n', b'{"checkpoint":1}'])
def test_a_stream_under_another_content_type_is_read_as_the_official_clients_read_it(body: bytes, size: int) -> None:
    framer = framer_for("application/json")
    frames = [frame for start in range(0, len(body), size) for frame in framer.feed(body[start : start + size])]
    frames.append(framer.finish())
    assert [frame.strip() for frame in frames if frame] == body.strip().split(b"\n")


@pytest.mark.parametrize("body", [b"<html>", b"<!doctype html>\n", b'{"status":"ok"}', b'{\n  "a": 1\n}', b"", b"[]"])
def test_what_does_not_begin_as_a_stream_does_is_none(body: bytes) -> None:
    framer = framer_for("")

    def read() -> None:
        framer.feed(body)
        framer.finish()

    with pytest.raises(FramingError, match="with no content type where"):
        read()
