"""Lines are read as the protocol says, and what is wrong with one is said."""

import bson
import pytest

from inspector.protocol.checksums import put_checksum, remove_checksum, signed, unsigned
from inspector.protocol.framing import FrameFormat
from inspector.protocol.lines import (
    Checkpoint,
    CheckpointComplete,
    DataLine,
    Keepalive,
    MalformedLine,
    Operation,
    OpType,
    UnknownLine,
    decode_line,
    kind_of,
)
from tests.recordings import CAPTURES, Recording


def read(text: str) -> object:
    return decode_line(text.encode(), FrameFormat.NDJSON)


def test_unknown_lines_and_fields_are_not_errors() -> None:
    assert read('{"news":{"a":1}}') == UnknownLine("news")
    assert kind_of(UnknownLine("news")) == "news"
    assert read('{"checkpoint_complete":{"last_op_id":"7","new":true}}') == CheckpointComplete(7)


def test_an_absent_priority_is_three_and_an_absent_write_checkpoint_none() -> None:
    line = read('{"checkpoint":{"last_op_id":"1","buckets":[{"bucket":"a","checksum":-5}]}}')
    assert isinstance(line, Checkpoint)
    assert line.buckets[0].effective_priority == 3
    assert line.write_checkpoint is None


def test_a_keepalive_is_a_whole_number() -> None:
    line = read('{"token_expires_in":-1}')
    assert line == Keepalive(-1)
    assert kind_of(line) == "token_expires_in"


def test_row_data_may_be_an_object_when_raw_data_was_not_asked_for() -> None:
    operation = Operation(1, OpType.PUT, 2, "t", "i", None, {"a": 9007199254740993, "b": "ü"})
    assert operation.data_text == '{"a":9007199254740993,"b":"ü"}'


def test_a_row_as_an_object_is_refused_where_text_was_asked_for() -> None:
    frame = b'{"data":{"bucket":"a","data":[{"op_id":"1","op":"PUT","checksum":1,"data":{"a":1}}]}}'
    line = decode_line(frame, FrameFormat.NDJSON)
    assert isinstance(line, DataLine)
    assert line.data[0].data == {"a": 1}
    with pytest.raises(MalformedLine, match="Expected rows as text"):
        decode_line(frame, FrameFormat.NDJSON, raw_data=True)


def test_the_key_has_the_word_null_without_subkey_and_does_not_exist_without_type_or_id() -> None:
    assert Operation(1, OpType.PUT, 2, "t", "i").key == "t/i/null"
    assert Operation(1, OpType.PUT, 2, "t", "i", "").key == "t/i/"
    assert Operation(1, OpType.CLEAR, 2).key is None


@pytest.mark.parametrize(
    ("text", "place"),
    [
        ("{", ""),
        ("[]", "Expected `object`"),
        ("\xff\xfe", ""),
        ('{"checkpoint":null}', "checkpoint"),
        ('{"checkpoint":{"last_op_id":"x","buckets":[]}}', "last_op_id"),
        ('{"checkpoint":{"last_op_id":"9223372036854775808","buckets":[]}}', "last_op_id"),
        ('{"checkpoint":{"last_op_id":"-9223372036854775809","buckets":[]}}', "last_op_id"),
        ('{"checkpoint":{"last_op_id":"+-1","buckets":[]}}', "last_op_id"),
        ('{"checkpoint":["1"]}', "checkpoint"),
        ('{"checkpoint_complete":["1"]}', "checkpoint_complete"),
        ('{"partial_checkpoint_complete":{"priority":2147483647}}', "priority"),
        ('{"checkpoint":{"last_op_id":"1"}}', "buckets"),
        ('{"data":{"bucket":"a","data":[{"op_id":"1","op":"UPSERT","checksum":1}]}}', "op"),
        ('{"data":{"bucket":"a","data":[{"op_id":"1","op":"PUT"}]}}', "checksum"),
        ('{"token_expires_in":"soon"}', "token_expires_in"),
        ('{"token_expires_in":1.5}', "token_expires_in"),
        ("{}", "a single key, got 0"),
        ('{"news":1,"checkpoint_complete":{"last_op_id":"1"}}', "a single key, got 2"),
        ('{"checkpoint":{"last_op_id":"1","buckets":[]},"checkpoint_complete":{}}', "a single key, got 2"),
        ('{"checkpoint":{"last_op_id":"1","buckets":[{"bucket":"a","checksum":4294967296}]}}', "checksum"),
        ('{"checkpoint":{"last_op_id":"1","buckets":[{"bucket":"a","checksum":1,"subscriptions":[{}]}]}}', "either"),
        (
            '{"checkpoint":{"last_op_id":"1","buckets":[{"bucket":"a","checksum":1,"count":9223372036854775808}]}}',
            "count",
        ),
        ('{"checkpoint":{"last_op_id":1,"buckets":[]}}', "last_op_id"),
        ('{"checkpoint":{"last_op_id":"5.0","buckets":[]}}', "last_op_id"),
        ('{"checkpoint":{"last_op_id":"1","write_checkpoint":"null","buckets":[]}}', "write_checkpoint"),
        ('{"checkpoint":{"last_op_id":"1","buckets":[{"bucket":"a","checksum":"1"}]}}', "checksum"),
        ('{"checkpoint":{"last_op_id":"1","buckets":[],"streams":[{"name":"s"}]}}', "is_default"),
        ('{"data":{"bucket":"a","data":[{"op_id":1,"op":"MOVE","checksum":1}]}}', "op_id"),
        ('{"data":{"bucket":"a","data":[{"op_id":"1e3","op":"MOVE","checksum":1}]}}', "op_id"),
        ('{"data":{"bucket":"a","data":[{"op_id":"","op":"MOVE","checksum":1}]}}', "op_id"),
        ('{"token_expires_in":"5"}', "token_expires_in"),
        (
            '{"checkpoint":{"last_op_id":"1","buckets":[{"bucket":"a","checksum":1,"subscriptions":'
            '[{"sub":18446744073709551616}]}]}}',
            "an index of 64 bits",
        ),
        (
            '{"checkpoint":{"last_op_id":"1","buckets":[],"streams":[{"name":"s","is_default":true,"errors":'
            '[{"subscription":18446744073709551616,"message":"m"}]}]}}',
            "an index of 64 bits",
        ),
        ("[" * 100_000, ""),
    ],
)
def test_a_malformed_line_is_refused_with_the_place(text: str, place: str) -> None:
    with pytest.raises(MalformedLine) as caught:
        read(text)
    assert place in caught.value.why
    assert caught.value.what.startswith("A line of the stream cannot be read")


def test_garbage_in_a_bson_document_is_refused() -> None:
    document = bson.encode({"checkpoint_complete": {"last_op_id": "1"}})
    with pytest.raises(MalformedLine):
        decode_line(document[:10] + b"\xff" * (len(document) - 10), FrameFormat.BSON)


@pytest.mark.parametrize("recording", ["initial-ndjson", "incremental", "before-compact-fresh", "streams-subscribe"])
def test_every_recorded_operation_has_the_checksum_of_its_content(recording: str) -> None:
    lines = [decode_line(frame, FrameFormat.NDJSON) for frame in Recording(CAPTURES / recording).frames()]
    operations = [operation for line in lines if isinstance(line, DataLine) for operation in line.data]
    assert operations
    for operation in operations:
        if operation.op is OpType.PUT:
            assert operation.checksum == put_checksum(
                str(operation.object_type), str(operation.object_id), str(operation.data_text)
            )
        elif operation.op is OpType.REMOVE:
            assert operation.checksum == remove_checksum(str(operation.subkey))


def test_checksums_keep_their_bits_whatever_the_sign() -> None:
    assert signed(3_460_297_219) == -834_670_077
    assert unsigned(-834_670_077) == 3_460_297_219
    assert [signed(value) for value in (0, 2**31 - 1, 2**31, 2**32 - 1)] == [0, 2**31 - 1, -(2**31), -1]
