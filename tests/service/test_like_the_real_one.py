"""Against the recordings of a real service: the same kinds of lines, in the same order, with the same fields."""

import json
from typing import Any

import bson
import httpx
import pytest

from tests.recordings import CAPTURES, Recording
from tests.running_service import ServiceUnderTest, running_service
from tests.service.streaming import FULL_REQUEST, SDK_ACCEPT, Line, first_sync, open_stream, outline, positions

ALICES_LIST, BOBS_LIST, CAROLS_LIST = "list-1", "list-10", "list-20"
CONNECTION_HEADERS = {"connection", "keep-alive", "transfer-encoding", "content-length"}


def recorded(name: str) -> list[Line]:
    recording = Recording(CAPTURES / name)
    decode: Any = bson.decode if "bson" in recording.headers["content-type"] else json.loads
    return [decode(frame) for frame in recording.frames()]


def recorded_request(name: str) -> Line:
    body: Line = json.loads((CAPTURES / name / "request.json").read_text())["body"]
    return body


def test_first_sync(unchanged_service: ServiceUnderTest) -> None:
    lines = first_sync(unchanged_service, recorded_request("initial-ndjson"))
    assert outline(lines) == outline(recorded("initial-ndjson"))


def test_first_sync_in_bson_has_large_checksums_as_doubles(unchanged_service: ServiceUnderTest) -> None:
    lines = first_sync(unchanged_service, recorded_request("initial-bson"), accept=SDK_ACCEPT)
    assert outline(lines) == outline(recorded("initial-bson"))


def test_request_of_two_fields_gets_rows_as_objects(service: ServiceUnderTest) -> None:
    as_when_recorded(service, "client-1")
    lines = first_sync(service, {"buckets": [], "client_id": "client-1"})
    assert outline(lines) == outline(recorded("minimal-request"))


def as_when_recorded(service: ServiceUnderTest, client_id: str) -> None:
    """Later recordings have REMOVEs of a list and of a to-do, and a write checkpoint."""
    service.patch("lists", ALICES_LIST, owner_id="bob")
    service.delete("todos", "todo-400")
    url = f"{service.endpoint}/write-checkpoint2.json?client_id={client_id}"
    httpx.get(url, headers=service.authorization()).raise_for_status()


def test_no_streams_still_complete_a_checkpoint(service: ServiceUnderTest) -> None:
    request = recorded_request("no-defaults")
    as_when_recorded(service, request["client_id"])
    assert outline(first_sync(service, request)) == outline(recorded("no-defaults"))


def test_reconnecting_without_changes_sends_no_data(unchanged_service: ServiceUnderTest) -> None:
    request = {**FULL_REQUEST, "buckets": positions(first_sync(unchanged_service))}
    assert outline(first_sync(unchanged_service, request)) == outline(recorded("resume-nochange"))


def test_live_changes(service: ServiceUnderTest) -> None:
    request = {**FULL_REQUEST, "buckets": positions(first_sync(service))}
    todo = {"list_id": ALICES_LIST, "description": "inserted live", "completed": 0}
    service.put("todos", "todo-new-1", **todo)
    with open_stream(service, request) as stream:
        lines = stream.until("checkpoint_complete")
        service.put("todos", "todo-new-2", **todo)
        lines += stream.until("checkpoint_complete")
        service.patch("todos", "todo-12", description="updated live")
        lines += stream.until("checkpoint_complete")
        service.delete("todos", "todo-24")
        lines += stream.until("checkpoint_complete")
        service.upload(
            {"op": "PATCH", "type": "lists", "id": BOBS_LIST, "data": {"owner_id": "alice"}},
            {"op": "PUT", "type": "notes", "id": "note-x", "data": {"owner_id": "alice", "tags": '{"a":[1]}'}},
        )
        lines += stream.until("checkpoint_complete")
        service.patch("lists", BOBS_LIST, owner_id="bob")
        lines += stream.until("checkpoint_complete")
        httpx.get(f"{service.endpoint}/write-checkpoint2.json?client_id=client-1", headers=service.authorization())
        lines += stream.until("checkpoint_complete")
    # Here a second bucket of that priority gets nothing new and so stays pending.
    assert _without_first_priority(lines) == _without_first_priority(recorded("incremental"))


def _without_first_priority(lines: list[Line]) -> list[tuple[str, frozenset[str]]]:
    kept = [line for line in lines if line.get("partial_checkpoint_complete", {}).get("priority") != 1]
    return outline(kept)


def test_subscriptions(service: ServiceUnderTest) -> None:
    request = recorded_request("streams-subscribe")
    for subscription, wanted in zip(request["streams"]["subscriptions"], (BOBS_LIST, CAROLS_LIST), strict=False):
        subscription["parameters"] = {"list": wanted}
    as_when_recorded(service, request["client_id"])
    lines = first_sync(service, request)
    assert outline(lines) == outline(recorded("streams-subscribe"))
    reasons = {
        bucket["bucket"]: (bucket["priority"], bucket["subscriptions"]) for bucket in lines[0]["checkpoint"]["buckets"]
    }
    assert reasons[f'1#my_todos|0["{BOBS_LIST}"]'] == (2, [{"sub": 0}])
    assert reasons[f'1#my_todos|0["{CAROLS_LIST}"]'] == (3, [{"sub": 1}])


def test_expired_token_ends_the_stream() -> None:
    with running_service(token_seconds=1) as service:
        request = {**FULL_REQUEST, "buckets": positions(first_sync(service))}
        service.put("notes", "note-x", owner_id="alice", body="late")
        with open_stream(service, request, token=service.token(seconds=1)) as stream:
            lines = stream.rest()
    assert lines[-1] == {"token_expires_in": 0}
    assert outline(lines)[-2:] == outline(recorded("token-expiry"))[-2:]


@pytest.mark.parametrize("name", ["initial-ndjson", "initial-gzip", "initial-zstd", "initial-bson"])
def test_answers_have_the_same_headers(unchanged_service: ServiceUnderTest, name: str) -> None:
    sent = json.loads((CAPTURES / name / "request.json").read_text())["headers"]
    with open_stream(unchanged_service, accept=sent["Accept"], encoding=sent["Accept-Encoding"]) as stream:
        ours = {key: value for key, value in stream.response.headers.items() if key not in CONNECTION_HEADERS}
    real = {key: value for key, value in Recording(CAPTURES / name).headers.items() if key not in CONNECTION_HEADERS}
    assert ours == real


@pytest.mark.parametrize("name", ["write-checkpoint2", "checkpoint-request"])
def test_acknowledgements(service: ServiceUnderTest, name: str) -> None:
    recording = json.loads((CAPTURES / name / "response.json").read_text())
    if isinstance(recording["request"], str):
        method, path = recording["request"].split()
        answer = httpx.request(method, f"{service.endpoint}{path}", headers=service.authorization())
    else:
        url = f"{service.endpoint}/sync/checkpoint-request"
        answer = httpx.post(url, json=recording["request"], headers=service.authorization())
    real = {key: value for key, value in recording["headers"] if key not in CONNECTION_HEADERS}
    assert {key: value for key, value in answer.headers.items() if key not in CONNECTION_HEADERS} == real
    assert answer.json() == recording["body"]
