"""No bytes crash the reading of a stream: they are lines, or a clear error."""

from contextlib import suppress
from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from inspector.protocol.events import Begin, BrokenFrame, LineReceived, StreamEnded, StreamOpened
from inspector.protocol.framing import BsonFramer, FrameFormat, Framer, FramingError, NdjsonFramer
from inspector.protocol.lines import DataLine, MalformedLine, decode_line
from inspector.protocol.request import StreamRequest
from inspector.protocol.session import Session, State
from tests.recordings import CAPTURES, Recording

STREAMS = {
    NdjsonFramer: b"".join(Recording(CAPTURES / "incremental").chunks())[:20_000],
    BsonFramer: b"".join(Recording(CAPTURES / "initial-bson").chunks())[:20_000],
}
damage = st.lists(st.tuples(st.integers(0, 19_999), st.binary(max_size=6)), max_size=8)


def read(framer: Framer, body: bytes, cuts: list[int]) -> Session:
    """Read a body as the engine does, to its end or to the error that closes the stream."""
    session = Session()
    session.receive(Begin(StreamRequest((), "client")))
    session.receive(StreamOpened())
    places = [0, *sorted(cuts), len(body)]
    for start, end in pairwise(places):
        try:
            frames = framer.feed(body[start:end])
        except FramingError as error:
            session.receive(BrokenFrame(error))
            return session
        for frame in frames:
            try:
                line = decode_line(frame, framer.format)
            except MalformedLine as error:
                session.receive(BrokenFrame(error))
                return session
            session.receive(LineReceived(line, len(frame)))
            if session.state is State.PUBLISHING:
                return session
    session.receive(StreamEnded(framer.finish()))
    return session


@settings(max_examples=300)
@given(st.sampled_from([NdjsonFramer, BsonFramer]), damage, st.lists(st.integers(0, 20_000), max_size=5))
def test_a_damaged_stream_is_read_up_to_an_error_or_its_end(
    framer: type[NdjsonFramer] | type[BsonFramer], spoiled: list[tuple[int, bytes]], cuts: list[int]
) -> None:
    body = bytearray(STREAMS[framer])
    for place, replacement in spoiled:
        body[place : place + len(replacement)] = replacement
    assert read(framer(), bytes(body), cuts).state in (State.CLOSED, State.PUBLISHING)


@settings(max_examples=300)
@given(st.binary(max_size=400), st.sampled_from(list(FrameFormat)))
def test_any_frame_is_a_line_or_malformed(frame: bytes, frame_format: FrameFormat) -> None:
    with suppress(MalformedLine):
        decode_line(frame, frame_format)


@pytest.mark.parametrize("depth", [2_000, 200_000, 5_000_000])
@pytest.mark.parametrize("known", ["x", "data"])
def test_json_that_nests_too_deep_is_malformed(depth: int, known: str) -> None:
    for frame in (b'{"data":' * depth, b'{"%s":' % known.encode() + b"[" * depth + b"]" * depth + b"}"):
        with pytest.raises(MalformedLine, match="cannot be read"):
            decode_line(frame, FrameFormat.NDJSON)


def test_json_that_nests_is_read() -> None:
    row = '{"x":' * 100 + "1" + "}" * 100
    operation = f'{{"op_id":"1","op":"PUT","checksum":1,"object_type":"t","object_id":"r","data":{row}}}'
    line = decode_line(f'{{"data":{{"bucket":"b","data":[{operation}]}}}}'.encode(), FrameFormat.NDJSON)
    assert isinstance(line, DataLine)
    assert line.data[0].data_text == row


@pytest.mark.parametrize("depth", [3_000, 50_000])
def test_documents_that_nest_too_deep_are_malformed(depth: int) -> None:
    head, length = b"", 5 + 8 * depth
    for _ in range(depth):
        head += length.to_bytes(4, "little") + b"\x03x\x00"
        length -= 8
    frame = head + b"\x05\x00\x00\x00\x00" + b"\x00" * depth
    with pytest.raises(MalformedLine):
        decode_line(frame, FrameFormat.BSON)
