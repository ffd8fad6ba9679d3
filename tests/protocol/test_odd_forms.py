"""What the official clients read besides the usual form of a line is read to the same effect."""

from typing import Any

import bson
import pytest

from inspector.protocol.framing import FrameFormat
from inspector.protocol.lines import (
    BucketChecksum,
    Checkpoint,
    CheckpointComplete,
    CheckpointDiff,
    DataLine,
    MalformedLine,
    Operation,
    OpType,
    PartialCheckpointComplete,
    StreamDescription,
    StreamError,
    decode_line,
)


def read(text: str) -> object:
    return decode_line(text.encode(), FrameFormat.NDJSON)


def read_bson(document: dict[str, Any]) -> object:
    return decode_line(bson.encode(document), FrameFormat.BSON)


@pytest.mark.parametrize(
    ("sent", "op_id"),
    [("05", 5), ("+5", 5), ("-5", -5), ("-0", 0), ("000", 0), ("+9223372036854775807", 2**63 - 1)],
)
def test_an_id_may_have_a_sign_and_zeros_in_front(sent: str, op_id: int) -> None:
    assert read(f'{{"checkpoint":{{"last_op_id":"{sent}","buckets":[],"write_checkpoint":"{sent}"}}}}') == Checkpoint(
        op_id, (), op_id
    )
    assert read(f'{{"data":{{"bucket":"a","data":[{{"op_id":"{sent}","op":"MOVE","checksum":1}}]}}}}') == DataLine(
        "a", [Operation(op_id, OpType.MOVE, 1)]
    )


def test_an_array_stands_for_an_object() -> None:
    streams = '[["s1",true,[["default","no"]]]]'
    assert read(f'{{"checkpoint":["5",null,[["a",1,2,3,[]],["b",7]],{streams}]}}') == Checkpoint(
        5,
        (BucketChecksum("a", 1, 3, 2, ()), BucketChecksum("b", 7)),
        None,
        (StreamDescription("s1", True, (StreamError("default", "no"),)),),
    )
    assert read('{"checkpoint_diff":["5",[["a",1]],["b"],"7"]}') == CheckpointDiff(
        5, (BucketChecksum("a", 1),), ("b",), 7
    )
    assert read('{"data":["a",[[1,"3","PUT","i","t",null,"{}"]]]}') == DataLine(
        "a", [Operation(3, OpType.PUT, 1, "t", "i", None, "{}")]
    )
    assert read('{"partial_checkpoint_complete":[1]}') == PartialCheckpointComplete(1)
    assert read('{"checkpoint_complete":[]}') == CheckpointComplete()


def test_an_array_in_bson_may_have_more_elements_than_the_object_has_fields() -> None:
    assert read_bson({"data": ["a", [], "more"]}) == DataLine("a", [])
    with pytest.raises(MalformedLine):
        read('{"data":["a",[],"more"]}')


def test_text_may_come_as_binary() -> None:
    row = {"op_id": "1", "op": "PUT", "checksum": 1, "object_type": b"t", "object_id": b"i", "subkey": b"k"}
    assert read_bson({"data": {"bucket": b"a", "data": [{**row, "data": '{"a":"ü"}'.encode()}]}}) == DataLine(
        "a", [Operation(1, OpType.PUT, 1, "t", "i", "k", '{"a":"ü"}')]
    )
    with pytest.raises(MalformedLine):
        read_bson({"data": {"bucket": "a", "data": [{**row, "data": b"\xff"}]}})


@pytest.mark.parametrize("value", ['"x"', "true", "1.5", "{}", "null", '"9223372036854775808"'])
def test_fields_that_the_official_clients_pass_over_may_have_any_value(value: str) -> None:
    line = read(f'{{"data":{{"bucket":"a","data":[],"has_more":{value},"after":{value},"next_after":{value}}}}}')
    assert isinstance(line, DataLine)
    assert (line.has_more, line.after, line.next_after) == (value == "true", None, None)
    assert read(f'{{"checkpoint_complete":{{"last_op_id":{value}}}}}') == CheckpointComplete()
    assert read(
        f'{{"partial_checkpoint_complete":{{"last_op_id":{value},"priority":2}}}}'
    ) == PartialCheckpointComplete(2)


def test_half_a_surrogate_pair_is_passed_over_in_what_nobody_reads_and_refused_as_text() -> None:
    assert read('{"checkpoint_complete":{"last_op_id":"\\ud800","new":1e400}}') == CheckpointComplete()
    assert read('{"data":{"bucket":"a","data":[],"has_more":"\\ud800"}}') == DataLine("a", [])
    for line in (
        '{"data":{"bucket":"\\ud800","data":[]}}',
        '{"checkpoint_complete":{"last_op_id":"\\ud800","new":NaN}}',
    ):
        with pytest.raises(MalformedLine):
            read(line)


@pytest.mark.parametrize("value", [bson.Code("a"), bson.Regex("a"), bson.MinKey()])
def test_bson_values_of_a_type_that_the_official_clients_do_not_know_are_refused(value: Any) -> None:
    for document in ({"data": {"bucket": value, "data": []}}, {"data": {"bucket": "a", "data": [], "new": value}}):
        with pytest.raises(MalformedLine):
            read_bson(document)


@pytest.mark.parametrize("value", [bson.Int64(2**40), b"a", bson.ObjectId()])
def test_bson_values_that_the_official_clients_know_may_stand_in_fields_that_nobody_reads(value: Any) -> None:
    assert read_bson({"data": {"bucket": "a", "data": [], "new": value}}) == DataLine("a", [])


def test_bytes_that_are_no_text_are_replaced_as_javascript_replaces_them() -> None:
    row = b'{"data":{"bucket":"a","data":[{"op_id":"1","op":"PUT","checksum":1,"data":"a\xffb\xed\xa0\x80"}]}}'
    for frame in (row, b"\xef\xbb\xbf" + row, "\u00a0".encode() + row + b"\r"):
        line = decode_line(frame, FrameFormat.NDJSON)
        assert line == DataLine("a", [Operation(1, OpType.PUT, 1, data="a\ufffdb\ufffd\ufffd\ufffd")])
    with pytest.raises(MalformedLine):
        decode_line(b"\xff", FrameFormat.NDJSON)
