"""What a client sees of changes while its stream is open."""

import pytest

from inspector.protocol.checksums import put_checksum, remove_checksum, signed
from tests.running_service import ServiceUnderTest, running_service
from tests.service.streaming import FULL_REQUEST, SDK_ACCEPT, Line, first_sync, open_stream, positions


def sums(lines: list[Line]) -> dict[str, tuple[int, int]]:
    """Checksum and count of each bucket, from its operations alone."""
    found: dict[str, tuple[int, int]] = {}
    for line in lines:
        if "data" not in line:
            continue
        for operation in line["data"]["data"]:
            if operation["op"] == "PUT":
                own = put_checksum(operation["object_type"], operation["object_id"], operation["data"])
            else:
                own = remove_checksum(operation["subkey"])
            assert own == operation["checksum"]
            checksum, count = found.get(line["data"]["bucket"], (0, 0))
            found[line["data"]["bucket"]] = (signed(checksum + own), count + 1)
    return found


def announced(lines: list[Line]) -> dict[str, tuple[int, int]]:
    """Checksum and count of each bucket, as the checkpoint and its diffs say."""
    found: dict[str, tuple[int, int]] = {}
    for line in lines:
        diff = line.get("checkpoint_diff", {"updated_buckets": [], "removed_buckets": []})
        for bucket in line.get("checkpoint", {"buckets": []})["buckets"] + diff["updated_buckets"]:
            found[bucket["bucket"]] = (bucket["checksum"], bucket["count"])
        for name in diff["removed_buckets"]:
            del found[name]
    return found


def test_checksums_and_counts_are_those_of_the_operations_sent(service: ServiceUnderTest) -> None:
    with open_stream(service) as stream:
        lines = stream.until("checkpoint_complete")
        assert announced(lines) == sums(lines)
        service.patch("todos", "todo-1", list_id="list-2")
        service.delete("notes", "note-1")
        while announced(lines)["1#all_notes|0[]"][1] != 281:
            lines += stream.until("checkpoint_complete")
    assert announced(lines) == sums(lines)


@pytest.mark.parametrize("encoding", ["identity", "gzip", "zstd"])
@pytest.mark.parametrize("accept", ["application/x-ndjson", SDK_ACCEPT])
def test_a_change_arrives_while_the_stream_is_open(service: ServiceUnderTest, accept: str, encoding: str) -> None:
    with open_stream(service, accept=accept, encoding=encoding) as stream:
        assert stream.response.headers.get("content-encoding", "identity") == encoding
        stream.until("checkpoint_complete")
        service.patch("notes", "note-7", body="now")
        diff, data, complete = stream.until("checkpoint_complete")
    assert [bucket["bucket"] for bucket in diff["checkpoint_diff"]["updated_buckets"]] == ["1#all_notes|0[]"]
    assert '"body":"now"' in data["data"]["data"][0]["data"]
    assert complete["checkpoint_complete"]["last_op_id"] == diff["checkpoint_diff"]["last_op_id"]


def test_bson_says_the_same_as_ndjson(unchanged_service: ServiceUnderTest) -> None:
    assert first_sync(unchanged_service, accept=SDK_ACCEPT) == first_sync(unchanged_service)


def test_a_row_that_moves_leaves_one_bucket_and_enters_the_other(service: ServiceUnderTest) -> None:
    with open_stream(service) as stream:
        stream.until("checkpoint_complete")
        service.patch("todos", "todo-1", list_id="list-2")
        operations = {
            line["data"]["bucket"]: line["data"]["data"]
            for line in stream.until("checkpoint_complete")
            if "data" in line
        }
    (removed,) = operations['1#my_todos|0["list-1"]']
    (put,) = operations['1#my_todos|0["list-2"]']
    assert (removed["op"], put["op"]) == ("REMOVE", "PUT")
    assert removed["subkey"] == put["subkey"]


def test_sharing_a_list_brings_its_bucket_and_unsharing_takes_it(service: ServiceUnderTest) -> None:
    name = '1#my_todos|0["list-2"]'
    with open_stream(service, user="bob") as stream:
        assert name not in announced(stream.until("checkpoint_complete"))
        service.patch("lists", "list-2", shared_with="bob")
        lines = stream.until("checkpoint_complete")
        assert name in announced(lines[:1])
        assert name in sums(lines)
        service.patch("lists", "list-2", shared_with=None)
        assert stream.line()["checkpoint_diff"]["removed_buckets"] == [name]


def test_the_shared_list_is_one_bucket_for_both_users(unchanged_service: ServiceUnderTest) -> None:
    shared = '1#my_todos|0["list-1"]'
    assert (
        announced(first_sync(unchanged_service, user="alice"))[shared]
        == announced(first_sync(unchanged_service, user="bob"))[shared]
    )


def test_a_change_of_somebody_elses_rows_sends_nothing(service: ServiceUnderTest) -> None:
    with open_stream(service) as stream:
        stream.until("checkpoint_complete")
        service.patch("lists", "list-10", name="Bob's own")
        service.patch("lists", "list-2", name="Alice's own")
        diff = stream.line()["checkpoint_diff"]
    assert [bucket["bucket"] for bucket in diff["updated_buckets"]] == ['1#my_lists|0["alice"]']


def test_keepalives_say_how_long_the_token_lives() -> None:
    with running_service(keepalive_seconds=0.05) as service, open_stream(service) as stream:
        stream.until("checkpoint_complete")
        assert 3_590 < stream.line()["token_expires_in"] <= 3_600


def test_open_streams_end_when_the_service_stops() -> None:
    with running_service() as service:
        stream_of = open_stream(service)
        stream = stream_of.__enter__()
        stream.until("checkpoint_complete")
    assert stream.rest() == []
    stream_of.__exit__(None, None, None)


def test_a_long_bucket_comes_in_lines_of_at_most_a_thousand_operations(service: ServiceUnderTest) -> None:
    batch = [{"op": "PUT", "type": "notes", "id": f"n-{number}", "data": {}} for number in range(2_000)]
    service.upload(*batch).raise_for_status()
    lines = [line["data"] for line in first_sync(service) if "data" in line and "notes" in line["data"]["bucket"]]
    assert [(len(line["data"]), line["has_more"]) for line in lines] == [(1_000, True), (1_000, True), (280, False)]
    assert [line["after"] for line in lines[1:]] == [line["next_after"] for line in lines[:-1]]
    assert lines[0]["after"] == "0"


def test_large_rows_make_lines_of_about_a_megabyte(service: ServiceUnderTest) -> None:
    batch = [
        {"op": "PUT", "type": "notes", "id": f"n-{number}", "data": {"body": "x" * 300_000}} for number in range(8)
    ]
    service.upload(*batch).raise_for_status()
    request = {**FULL_REQUEST, "buckets": [{"name": "1#all_notes|0[]", "after": "1977"}]}
    lines = [
        line["data"] for line in first_sync(service, request) if "data" in line and "notes" in line["data"]["bucket"]
    ]
    assert [(len(line["data"]), line["has_more"]) for line in lines] == [(4, True), (4, False)]


def test_a_client_that_is_ahead_of_the_service_gets_no_data(unchanged_service: ServiceUnderTest) -> None:
    names = [bucket["name"] for bucket in positions(first_sync(unchanged_service))]
    request = {**FULL_REQUEST, "buckets": [{"name": name, "after": "999999"} for name in names]}
    assert not any("data" in line for line in first_sync(unchanged_service, request))
