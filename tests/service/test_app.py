"""Requests that are not as they should be, health, acknowledgements, and what browsers ask for."""

import json

import httpx
import pytest

from tests.recordings import CAPTURES
from tests.running_service import ServiceUnderTest, running_service
from tests.service.streaming import FULL_REQUEST, first_sync, open_stream

ERRORS = json.loads((CAPTURES / "http-errors.json").read_text())


@pytest.mark.parametrize("name", ["bad-json", "bad-types", "bad-after"])
def test_each_recorded_bad_request_is_answered_the_same(unchanged_service: ServiceUnderTest, name: str) -> None:
    recorded = ERRORS[name]
    answer = httpx.post(
        f"{unchanged_service.endpoint}/sync/stream",
        content=recorded["request"],
        headers={**unchanged_service.authorization(), "Content-Type": "application/json"},
    )
    expected = json.loads(recorded["body"])
    expected["error"].pop("stack", None)
    assert (answer.status_code, answer.json()) == (recorded["status"], expected)


@pytest.mark.parametrize(
    ("body", "problem"),
    [
        ({"parameters": None}, "/parameters: type must be object"),
        ({"client_id": 5}, "/client_id: type must be string"),
        ({"raw_data": "yes"}, "/raw_data: type must be boolean"),
        ({"app_metadata": {"app": 1}}, "/app_metadata/app: type must be string"),
        ({"buckets": [{"name": "x"}]}, "/buckets/0 must have required property 'after'"),
        ({"buckets": [{"name": "x", "after": 5}]}, "/buckets/0/after: type must be string"),
        ({"streams": {"subscriptions": [{"stream": 1}]}}, "/streams/subscriptions/0/stream: type must be string"),
        (
            {"streams": {"subscriptions": [{"stream": "s", "override_priority": True}]}},
            "/streams/subscriptions/0/override_priority: type must be number",
        ),
    ],
)
def test_a_field_of_the_wrong_type_is_named(unchanged_service: ServiceUnderTest, body: object, problem: str) -> None:
    answer = httpx.post(
        f"{unchanged_service.endpoint}/sync/stream", json=body, headers=unchanged_service.authorization()
    )
    assert answer.status_code == 400
    assert json.loads(answer.json()["error"]["details"]) == [problem]


def test_an_empty_object_is_a_valid_request(unchanged_service: ServiceUnderTest) -> None:
    assert len(first_sync(unchanged_service, {})[0]["checkpoint"]["streams"]) == 3


@pytest.mark.parametrize(
    ("body", "content_type", "status", "code"),
    [
        (b"[1]", "application/json", 200, ""),
        (b"null", "application/json; charset=utf-8", 200, ""),
        (b"{", "text/plain", 200, ""),
        (b"", "", 200, ""),
        (b"", "application/json", 400, "FST_ERR_CTP_EMPTY_JSON_BODY"),
        (b"a=1", "application/x-www-form-urlencoded", 415, "FST_ERR_CTP_INVALID_MEDIA_TYPE"),
        (b"{}", "", 415, "FST_ERR_CTP_INVALID_MEDIA_TYPE"),
    ],
)
def test_a_body_that_is_no_object_is_taken_as_the_real_services_framework_takes_it(
    unchanged_service: ServiceUnderTest, body: bytes, content_type: str, status: int, code: str
) -> None:
    headers = unchanged_service.authorization() | ({"Content-Type": content_type} if content_type else {})
    address = f"{unchanged_service.endpoint}/sync/stream"
    with httpx.stream("POST", address, content=body, headers=headers) as answer:
        assert answer.status_code == status
        if code:
            assert json.loads(answer.read())["error"]["code"] == code


def test_only_is_taken_and_passed_over_as_by_the_real_service(unchanged_service: ServiceUnderTest) -> None:
    whole = first_sync(unchanged_service, FULL_REQUEST)
    assert first_sync(unchanged_service, {**FULL_REQUEST, "only": ["no such bucket"]}) == whole


def test_a_path_that_does_not_exist_is_answered_as_the_real_service_does(unchanged_service: ServiceUnderTest) -> None:
    answer = httpx.get(f"{unchanged_service.endpoint}/sync/nothing")
    recorded = ERRORS["GET /sync/nothing"]
    assert (answer.status_code, answer.json()) == (recorded["status"], json.loads(recorded["body"]))
    details = httpx.get(f"{unchanged_service.endpoint}/sync/nothing?a=1").json()["error"]["details"]
    assert details == 'The path GET "/sync/nothing?a=1" does not exist on this server'
    for method, other in (("GET", "/sync/stream"), ("POST", "/sync/stream/"), ("POST", "//sync/stream")):
        answer = httpx.request(method, f"{unchanged_service.endpoint}{other}")
        assert (answer.status_code, answer.json()["error"]["code"]) == (404, "PSYNC_S2002")


@pytest.mark.parametrize(("after", "status"), [("", 200), (" 5 ", 200), ("0x10", 200), ("5_0", 500), ("1.5", 500)])
def test_positions_are_read_as_the_real_service_reads_them(
    unchanged_service: ServiceUnderTest, after: str, status: int
) -> None:
    body = {"buckets": [{"name": "b", "after": after}]}
    url, headers = f"{unchanged_service.endpoint}/sync/stream", unchanged_service.authorization()
    with httpx.stream("POST", url, json=body, headers=headers) as answer:
        assert answer.status_code == status


@pytest.mark.parametrize("name", ["GET /probes/liveness", "GET /probes/readiness"])
def test_probes_answer_as_the_real_ones(unchanged_service: ServiceUnderTest, name: str) -> None:
    method, path = name.split()
    answer = httpx.request(method, f"{unchanged_service.endpoint}{path}").json()
    recorded = json.loads(ERRORS[name]["body"])
    assert {**answer, "touched_at": ""} == {**recorded, "touched_at": ""}
    assert len(answer["touched_at"]) == len(recorded["touched_at"])


def write_checkpoint(service: ServiceUnderTest, client_id: str = "client-1", user: str = "alice") -> str:
    url = f"{service.endpoint}/write-checkpoint2.json?client_id={client_id}"
    number: str = httpx.get(url, headers=service.authorization(user)).json()["data"]["write_checkpoint"]
    return number


def checkpoint_request(service: ServiceUnderTest, number: object, client_id: str = "client-1") -> httpx.Response:
    body = {"client_id": client_id, "checkpoint_request_id": number}
    return httpx.post(f"{service.endpoint}/sync/checkpoint-request", json=body, headers=service.authorization())


def test_write_checkpoints_count_for_each_user_and_client(service: ServiceUnderTest) -> None:
    assert [write_checkpoint(service), write_checkpoint(service)] == ["1", "2"]
    assert write_checkpoint(service, "client-2") == "1"
    assert write_checkpoint(service, user="bob") == "1"
    without_client = httpx.get(f"{service.endpoint}/write-checkpoint2.json", headers=service.authorization())
    assert without_client.json() == json.loads(ERRORS["write-checkpoint2 without client_id"]["body"])


def test_a_checkpoint_request_never_goes_back_and_shares_its_number_with_the_legacy_form(
    service: ServiceUnderTest,
) -> None:
    answers = [checkpoint_request(service, number).json()["data"]["checkpoint_request_id"] for number in ("7", "3")]
    assert answers == ["7", "7"]
    assert write_checkpoint(service) == "8"


@pytest.mark.parametrize("number", ["-1", "x", "", str(2**63), None])
def test_a_checkpoint_request_without_a_usable_number_is_refused(
    unchanged_service: ServiceUnderTest, number: object
) -> None:
    assert checkpoint_request(unchanged_service, number).status_code == 400


def test_a_stream_acknowledges_its_own_client_only(service: ServiceUnderTest) -> None:
    with open_stream(service) as mine, open_stream(service, {**FULL_REQUEST, "client_id": "client-2"}) as other:
        for stream in (mine, other):
            stream.until("checkpoint_complete")
        checkpoint_request(service, "5")
        assert mine.line()["checkpoint_diff"]["write_checkpoint"] == "5"
        checkpoint_request(service, "2", "client-2")
        assert other.line()["checkpoint_diff"]["write_checkpoint"] == "2"


def test_an_acknowledged_number_is_not_repeated_with_later_changes(service: ServiceUnderTest) -> None:
    write_checkpoint(service)
    with open_stream(service) as stream:
        assert stream.until("checkpoint_complete")[0]["checkpoint"]["write_checkpoint"] == "1"
        service.patch("todos", "todo-1", completed=1)
        assert "write_checkpoint" not in stream.line()["checkpoint_diff"]


def test_a_write_is_in_the_checkpoint_that_acknowledges_it_or_before(service: ServiceUnderTest) -> None:
    with open_stream(service) as stream:
        stream.until("checkpoint_complete")
        service.patch("todos", "todo-1", description="mine")
        write_checkpoint(service)
        lines = stream.until("checkpoint_complete")
        while not any("write_checkpoint" in line.get("checkpoint_diff", {}) for line in lines):
            lines += stream.until("checkpoint_complete")
        assert any("data" in line for line in lines)


def test_a_browser_may_sync_from_any_page(unchanged_service: ServiceUnderTest) -> None:
    asks = {"Origin": "https://app.example", "Access-Control-Request-Method": "POST"}
    answer = httpx.options(f"{unchanged_service.endpoint}/sync/stream", headers=asks)
    assert (answer.status_code, answer.content) == (204, b"")
    told = {name: value for name, value in answer.headers.items() if name.startswith("access-control-")}
    assert told == {
        "access-control-allow-origin": "*",
        "access-control-expose-headers": "Content-Type",
        "access-control-allow-methods": "GET,HEAD,POST",
        "access-control-allow-headers": "Content-Type, Authorization, User-Agent, X-User-Agent",
        "access-control-max-age": "3600",
    }


def test_a_preflight_that_does_not_say_what_it_asks_for_is_refused(unchanged_service: ServiceUnderTest) -> None:
    answer = httpx.options(f"{unchanged_service.endpoint}/sync/stream", headers={"Origin": "https://app.example"})
    assert (answer.status_code, answer.text) == (400, "Invalid Preflight Request")
    assert answer.headers["access-control-allow-origin"] == "*"


def test_a_request_that_leads_to_too_many_buckets_is_refused_before_it_begins() -> None:
    with running_service(most_buckets=12) as service:
        answer = httpx.post(f"{service.endpoint}/sync/stream", json={}, headers=service.authorization())
        assert (answer.status_code, answer.json()["error"]["code"]) == (500, "PSYNC_S2305")
        assert answer.json()["error"]["description"] == "Too many buckets: 13 (limit of 12)"
        only_lists = {"streams": {"include_defaults": False}}
        assert first_sync(service, only_lists)[0]["checkpoint"]["buckets"] == []


def test_a_stream_that_comes_to_have_too_many_buckets_ends() -> None:
    with running_service(most_buckets=13) as service, open_stream(service) as stream:
        stream.until("checkpoint_complete")
        service.put("lists", "list-new", owner_id="alice")
        assert stream.rest() == []


def test_no_more_streams_than_allowed_are_open_at_once() -> None:
    with running_service(most_streams=1) as service:
        with open_stream(service) as stream:
            stream.until("checkpoint_complete")
            answer = httpx.post(f"{service.endpoint}/sync/stream", json={}, headers=service.authorization())
        assert (answer.status_code, answer.json()["error"]["code"]) == (429, "PSYNC_S2304")
        _wait_for_room(service)


def _wait_for_room(service: ServiceUnderTest) -> None:
    """The service notices a client's leaving with its next write."""
    service.patch("notes", "note-1", body="wake up")
    while True:
        with httpx.stream(
            "POST", f"{service.endpoint}/sync/stream", json={}, headers=service.authorization(), timeout=5
        ) as answer:
            if answer.status_code == 200:
                return
