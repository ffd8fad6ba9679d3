"""The recorded error answers become sentences with a next step."""

import json

import pytest

from inspector.protocol.service_errors import at_endpoint, elsewhere, next_step_of, refusal
from tests.recordings import CAPTURES

ANSWERS = json.loads((CAPTURES / "http-errors.json").read_text())
REFUSED = {name: answer for name, answer in ANSWERS.items() if answer["status"] >= 400}


@pytest.mark.parametrize("name", REFUSED)
def test_every_recorded_error_has_a_sentence_its_code_and_a_next_step(name: str) -> None:
    answer = REFUSED[name]
    error = refusal(answer["status"], "application/json; charset=utf-8", answer["body"].encode())
    recorded = json.loads(answer["body"])["error"]
    assert error.code == recorded["code"]
    assert error.about_token == (answer["status"] == 401)
    assert str(answer["status"]) in error.why
    assert recorded["description"].rstrip(".") in error.why
    assert error.next_step.endswith(".")


@pytest.mark.parametrize(
    ("status", "content_type", "body"),
    [(404, "text/html", b"<html>Not here</html>"), (502, "", b""), (404, "application/json", b'{"message":"no"}')],
)
def test_an_answer_that_no_service_writes_is_said_to_be_foreign(status: int, content_type: str, body: bytes) -> None:
    error = refusal(status, content_type, body)
    assert error.code == ""
    assert str(status) in error.what
    assert "endpoint" in error.next_step


def test_the_two_limits_of_one_code_are_told_apart() -> None:
    def said(description: str) -> str:
        body = json.dumps({"error": {"code": "PSYNC_S2305", "status": 500, "description": description}})
        return refusal(500, "application/json", body.encode()).what

    assert said("Too many buckets: 1200 (limit of 1000)") == "The user has too many buckets."
    assert said("Too many parameter query results: 1200") == "The user's parameter queries bring too many rows."


def test_a_foreign_401_points_at_proxies() -> None:
    error = refusal(401, "text/html", b"<html>login</html>")
    assert error.about_token
    assert "proxy" in error.next_step


def test_a_token_in_an_error_text_is_not_repeated_and_long_texts_are_cut() -> None:
    description = "bad eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiJ1In0.c2ln " + "x" * 1000
    body = json.dumps({"error": {"code": "PSYNC_S2101", "status": 401, "description": description}}).encode()
    error = refusal(401, "application/json", body)
    assert "eyJ" not in str(error)
    assert len(error.why) < 400


def test_unknown_codes_fall_back_on_the_status() -> None:
    body = b'{"error":{"code":"PSYNC_S9999","status":500,"description":""}}'
    assert refusal(500, "application/json", body).what == "The service has an error of its own."
    failed = b'{"error":{"code":"PSYNC_S2001","status":500,"description":"Something went wrong"}}'
    assert refusal(500, "application/json", failed).what == "The service has an error of its own."
    assert refusal(418, "application/json", body).what == "The service refuses the request."
    assert refusal(401, "application/json", body).what == "The service refuses the token."


def test_what_to_do_about_a_foreign_answer_depends_on_its_status() -> None:
    steps = {next_step_of(status, "", foreign=True) for status in (401, 404, 502)}
    assert len(steps) == 3
    assert next_step_of(500, "PSYNC_S2305", foreign=False) not in steps


def test_what_there_is_to_say_of_a_code_at_an_address_names_the_address() -> None:
    assert "https://sync.example.com" in at_endpoint("PSYNC_S2105", "https://sync.example.com")
    assert at_endpoint("PSYNC_S9999", "https://sync.example.com") == ""


def test_another_server_is_named_and_gets_no_token() -> None:
    error = elsewhere(308, "https://other.example/sync/stream")
    assert "It answers 308 and names https://other.example/sync/stream" in error.why
    assert error.next_step == "If that is the service, give its address as the endpoint."
