"""What the faults of data and checkpoints do to the lines of a stream, over real HTTP."""

from typing import Any

import pytest

from inspector.protocol.checksums import put_checksum, signed
from tests.running_service import ServiceUnderTest
from tests.service.streaming import SDK_ACCEPT, Line, first_sync, open_stream
from tests.service.test_stream import announced

NOTES = "1#all_notes|0[]"


def operations(lines: list[Line]) -> list[dict[str, Any]]:
    return [operation for line in lines if "data" in line for operation in line["data"]["data"]]


def received(lines: list[Line]) -> dict[str, tuple[int, int]]:
    """Checksum and count of each bucket, from the checksums that its operations carry."""
    found: dict[str, tuple[int, int]] = {}
    for line in lines:
        if "data" in line:
            name = line["data"]["bucket"]
            checksum, count = found.get(name, (0, 0))
            for operation in line["data"]["data"]:
                checksum, count = signed(checksum + operation["checksum"]), count + 1
            found[name] = (checksum, count)
    return found


def differing(lines: list[Line]) -> list[str]:
    """The buckets whose operations do not add up to what the checkpoint says."""
    said, came = announced(lines), received(lines)
    return [name for name, sums in said.items() if came.get(name, (0, 0)) != sums]


def test_altered_row_data_keep_their_checksum(service: ServiceUnderTest) -> None:
    service.faults.arm("altered-row", times=1, table="notes", row="note-3")
    altered = first_sync(service)
    (operation,) = [item for item in operations(altered) if item["object_id"] == "note-3"]
    assert "(altered on the way)" in operation["data"]
    assert operation["checksum"] != put_checksum("notes", "note-3", operation["data"])
    assert differing(altered) == []
    assert "(altered" not in str(first_sync(service))


def test_an_altered_operation_checksum_spoils_its_bucket(service: ServiceUnderTest) -> None:
    service.faults.arm("altered-checksum", times=1, table="notes")
    lines = first_sync(service)
    wrong = [
        item for item in operations(lines) if item["checksum"] != put_checksum("notes", item["object_id"], item["data"])
    ]
    assert len([item for item in wrong if item["object_type"] == "notes"]) == 1
    assert differing(lines) == [NOTES]


def test_a_dropped_operation_is_missing(service: ServiceUnderTest) -> None:
    service.faults.arm("dropped-operation", times=1, table="notes", row="note-5")
    lines = first_sync(service)
    assert not any(item["object_id"] == "note-5" for item in operations(lines))
    assert received(lines)[NOTES][1] == announced(lines)[NOTES][1] - 1
    assert differing(lines) == [NOTES]


def test_dropping_the_only_operation_drops_the_line(service: ServiceUnderTest) -> None:
    with open_stream(service) as stream:
        stream.until("checkpoint_complete")
        service.faults.arm("dropped-operation", times=1)
        service.patch("notes", "note-5", body="alone")
        assert [next(iter(line)) for line in stream.until("checkpoint_complete")] == [
            "checkpoint_diff",
            "checkpoint_complete",
        ]


def test_a_duplicated_line_comes_twice(service: ServiceUnderTest) -> None:
    service.faults.arm("duplicated-data", times=1)
    data = [line for line in first_sync(service) if "data" in line]
    assert data[0] == data[1]
    assert len({str(line) for line in data}) == len(data) - 1


@pytest.mark.parametrize("bucket", ["", "all_notes"])
def test_a_wrong_bucket_checksum_is_announced(service: ServiceUnderTest, bucket: str) -> None:
    service.faults.arm("wrong-bucket-checksum", times=1, bucket=bucket)
    lines = first_sync(service)
    (name,) = differing(lines)
    assert bucket in name
    assert announced(lines)[name][0] == signed(received(lines)[name][0] + 1)


def test_a_wrong_bucket_checksum_strikes_diffs_too(service: ServiceUnderTest) -> None:
    with open_stream(service) as stream:
        before = announced(stream.until("checkpoint_complete"))
        service.faults.arm("wrong-bucket-checksum", times=1)
        service.patch("notes", "note-5", body="again")
        lines = stream.until("checkpoint_complete")
        (operation,) = operations(lines)
    true = signed(before[NOTES][0] + operation["checksum"])
    assert announced(lines)[NOTES][0] == signed(true + 1)


def test_data_beyond_the_checkpoint_come_before_it(service: ServiceUnderTest) -> None:
    with open_stream(service) as stream:
        complete = stream.until("checkpoint_complete")[-1]["checkpoint_complete"]
        service.faults.arm("data-ahead", times=1)
        service.patch("notes", "note-5", body="ahead of its time")
        data, diff, last = stream.until("checkpoint_complete")
    assert int(data["data"]["next_after"]) > int(complete["last_op_id"])
    assert diff["checkpoint_diff"]["last_op_id"] == last["checkpoint_complete"]["last_op_id"]


def test_an_interrupted_checkpoint_is_followed_by_another(service: ServiceUnderTest) -> None:
    service.faults.arm("interrupted-checkpoint", times=1)
    kinds = [next(iter(line)) for line in first_sync(service)]
    assert kinds[:3] == ["checkpoint", "data", "checkpoint_diff"]
    assert kinds[-1] == "checkpoint_complete"
    assert kinds.count("checkpoint_diff") == 1


def test_a_checkpoint_that_is_never_completed_ends_with_the_fault(service: ServiceUnderTest) -> None:
    service.faults.arm("never-completed")
    with open_stream(service) as stream:
        while service.faults["never-completed"]["strikes"] == 0:
            stream.line()
        service.faults.lift("never-completed")
        assert not any("checkpoint_complete" in line for line in stream.rest())


def test_a_checkpoint_is_complete_before_its_last_data(service: ServiceUnderTest) -> None:
    service.faults.arm("completed-early", times=1)
    with open_stream(service) as stream:
        lines = stream.until("checkpoint_complete")
        late = stream.line()["data"]["bucket"]
    assert differing(lines) == [late]


@pytest.mark.parametrize("accept", ["application/x-ndjson", SDK_ACCEPT])
def test_unknown_lines_and_fields_come_beside_the_known(service: ServiceUnderTest, accept: str) -> None:
    plain = first_sync(service)
    service.faults.arm("unknown-line", times=2)
    service.faults.arm("unknown-fields", times=2)
    lines = first_sync(service, accept=accept)
    assert [next(iter(line)) for line in lines[:4]] == ["future_line", "checkpoint", "future_line", "data"]
    (first, second) = lines[1]["checkpoint"], lines[3]["data"]
    assert first.pop("future_field") == second.pop("future_field") == lines[0]["future_line"]
    assert [line for line in lines if "future_line" not in line] == plain
