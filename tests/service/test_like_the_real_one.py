"""Against the recordings of a real service: the same lines in the same order, with the same fields and rows."""

import json
from collections.abc import Iterator
from pathlib import Path

import apsw
import httpx
import pytest

from tests.recordings import CAPTURES, Recording
from tests.running_service import ServiceUnderTest, running_service
from tests.service.recorded_app import (
    USER,
    recorded,
    recorded_app,
    recorded_request,
    recorded_row,
    skeleton,
)
from tests.service.streaming import SDK_ACCEPT, Line, OpenStream, first_sync, open_stream, outline, positions

NOT_COMPARED = {"connection", "keep-alive", "transfer-encoding", "content-length", "x-inspector-faults"}
"""What belongs to the connection, and where our window finds the fault lab."""


@pytest.fixture(scope="module")
def unchanged_app(tmp_path_factory: pytest.TempPathFactory) -> Iterator[ServiceUnderTest]:
    with recorded_app(tmp_path_factory.mktemp("app")) as service:
        yield service


@pytest.fixture
def app(tmp_path: Path) -> Iterator[ServiceUnderTest]:
    with recorded_app(tmp_path) as service:
        yield service


def acknowledge(service: ServiceUnderTest, client_id: str) -> None:
    url = f"{service.endpoint}/write-checkpoint2.json?client_id={client_id}"
    httpx.get(url, headers=service.authorization(USER)).raise_for_status()


@pytest.mark.parametrize("name", ["initial-ndjson", "initial-gzip", "initial-zstd", "initial-bson"])
def test_first_sync(unchanged_app: ServiceUnderTest, name: str) -> None:
    headers = json.loads((CAPTURES / name / "request.json").read_text())["headers"]
    sent = {"accept": headers["Accept"], "encoding": headers["Accept-Encoding"]}
    lines = first_sync(unchanged_app, recorded_request(name), user=USER, **sent)
    real = recorded(name)
    assert skeleton(lines) == skeleton(real[: len(lines)])
    assert [operation["checksum"] for line in lines if "data" in line for operation in line["data"]["data"]] == [
        operation["checksum"] for line in real if "data" in line for operation in line["data"]["data"]
    ]
    with open_stream(unchanged_app, user=USER, **sent) as stream:
        ours = {key: value for key, value in stream.response.headers.items() if key not in NOT_COMPARED}
    theirs = {key: value for key, value in Recording(CAPTURES / name).headers.items() if key not in NOT_COMPARED}
    assert ours == theirs


def test_large_checksums_are_doubles_in_bson(unchanged_app: ServiceUnderTest) -> None:
    lines = first_sync(unchanged_app, recorded_request("initial-bson"), user=USER, accept=SDK_ACCEPT)
    assert outline(lines) == outline(recorded("initial-bson")[: len(lines)])


def test_reconnecting_without_changes_sends_no_data(unchanged_app: ServiceUnderTest) -> None:
    request = {**recorded_request("resume-nochange"), "buckets": positions(first_sync(unchanged_app, user=USER))}
    lines = first_sync(unchanged_app, request, user=USER)
    assert skeleton(lines) == skeleton(recorded("resume-nochange")[: len(lines)])


def test_live_changes_and_what_later_requests_get(app: ServiceUnderTest) -> None:
    known = positions(first_sync(app, user=USER))
    put_as_recorded(app, "todo-new-1")
    request = {**recorded_request("incremental"), "buckets": known}
    with open_stream(app, request, user=USER) as stream:
        lines = stream.until("checkpoint_complete")
        lines += live_changes(app, stream)
        acknowledge(app, request["client_id"])
        lines += stream.until("checkpoint_complete")
    assert skeleton(lines) == skeleton(recorded("incremental"))
    for name in ("streams-subscribe", "no-defaults", "minimal-request"):
        answer = first_sync(app, recorded_request(name), user=USER)
        assert skeleton(answer) == skeleton(recorded(name)[: len(answer)])


def live_changes(app: ServiceUnderTest, stream: OpenStream) -> Iterator[Line]:
    put_as_recorded(app, "todo-new-2")
    yield from stream.until("checkpoint_complete")
    put_as_recorded(app, "todo-12")
    yield from stream.until("checkpoint_complete")
    app.delete("todos", "todo-24")
    yield from stream.until("checkpoint_complete")
    added = [("todos", "todo-1"), ("notes", "note-x"), ("lists", "list-2")]
    app.upload(*(recorded_entry(table, row_id) for table, row_id in added)).raise_for_status()
    yield from stream.until("checkpoint_complete")
    app.patch("lists", "list-2", owner_id="user-2")
    yield from stream.until("checkpoint_complete")


def put_as_recorded(app: ServiceUnderTest, row_id: str) -> None:
    app.upload(recorded_entry("todos", row_id)).raise_for_status()


def recorded_entry(table: str, row_id: str) -> dict[str, object]:
    return {"op": "PUT", "type": table, "id": row_id, "data": recorded_row("incremental", row_id)}


def test_an_expired_token_ends_the_stream(app: ServiceUnderTest) -> None:
    request = {**recorded_request("resume-nochange"), "buckets": positions(first_sync(app, user=USER))}
    with open_stream(app, request, token=app.token(USER, seconds=1)) as stream:
        lines = stream.rest()
    assert lines[-1] == recorded("token-expiry")[-1] == {"token_expires_in": 0}
    assert skeleton(lines[:-1]) == skeleton(recorded("resume-nochange")[: len(lines) - 1])


def test_compacting_leaves_the_very_operations_that_the_real_one_left(tmp_path: Path) -> None:
    with recorded_app(tmp_path):
        pass
    replace_operations(tmp_path / "app.db-inspector", recorded("before-compact-fresh"))
    with running_service(config=tmp_path / "streams.yaml", database=tmp_path / "app.db") as service:
        request = recorded_request("before-compact-fresh")
        body = {"client_id": request["client_id"], "checkpoint_request_id": "7"}
        url = f"{service.endpoint}/sync/checkpoint-request"
        httpx.post(url, json=body, headers=service.authorization(USER)).raise_for_status()
        assert sorted_buckets(first_sync(service, request, user=USER)) == whole("before-compact-fresh")
        httpx.post(f"{service.endpoint}/admin/compact").raise_for_status()
        assert sorted_buckets(first_sync(service, request, user=USER)) == whole("after-compact-fresh")
        old = recorded_request("after-compact-resume-old")
        assert sorted_buckets(first_sync(service, old, user=USER)) == whole("after-compact-resume-old")


def replace_operations(storage: Path, lines: list[Line]) -> None:
    """Has the storage hold the recorded operations, ids and all, in place of its own."""
    connection = apsw.Connection(str(storage))
    counts = {entry["bucket"]: entry for entry in lines[0]["checkpoint"]["buckets"]}
    with connection:
        connection.execute("DELETE FROM sync_operation; DELETE FROM sync_bucket")
        for bucket_id, data in enumerate((line["data"] for line in lines if "data" in line), start=1):
            entry = counts[data["bucket"]]
            connection.execute(
                "INSERT INTO sync_bucket VALUES(?, ?, ?, ?, ?)",
                (bucket_id, data["bucket"], entry["checksum"] % 2**32, entry["count"], int(data["next_after"])),
            )
            fields = ("op", "object_type", "object_id", "subkey", "data", "checksum")
            connection.executemany(
                "INSERT INTO sync_operation VALUES(?, ?, ?, ?, ?, ?, ?, ?)",
                [
                    (int(operation["op_id"]), bucket_id, *(operation[name] for name in fields))
                    for operation in data["data"]
                ],
            )
        last = int(lines[0]["checkpoint"]["last_op_id"])
        connection.execute("INSERT OR REPLACE INTO sync_state VALUES('last_op_id', ?)", (last,))
    connection.close()


def whole(name: str) -> list[Line]:
    lines = recorded(name)
    return sorted_buckets(lines[: lines.index(next(line for line in lines if "checkpoint_complete" in line)) + 1])


def sorted_buckets(lines: list[Line]) -> list[Line]:
    # The recorded counts are those of before compacting: the real service remembered them.
    entries = [{**entry, "count": 0} for entry in lines[0]["checkpoint"]["buckets"]]
    buckets = sorted(entries, key=lambda entry: str(entry["bucket"]))
    return [{"checkpoint": {**lines[0]["checkpoint"], "buckets": buckets}}, *lines[1:]]


@pytest.mark.parametrize("name", ["write-checkpoint2", "checkpoint-request"])
def test_acknowledgements(app: ServiceUnderTest, name: str) -> None:
    recording = json.loads((CAPTURES / name / "response.json").read_text())
    if isinstance(recording["request"], str):
        method, path = recording["request"].split()
        answer = httpx.request(method, f"{app.endpoint}{path}", headers=app.authorization(USER))
    else:
        url = f"{app.endpoint}/sync/checkpoint-request"
        answer = httpx.post(url, json=recording["request"], headers=app.authorization(USER))
    real = {key: value for key, value in recording["headers"] if key not in NOT_COMPARED}
    assert {key: value for key, value in answer.headers.items() if key not in NOT_COMPARED} == real
    assert answer.json() == recording["body"]
