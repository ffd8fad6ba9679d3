"""Secrets are taken out of everything that people may put them into."""

import pytest

from inspector.capture.redact import allowed_headers, redact, redact_json, redact_text

TOKEN = "eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiJ1c2VyLTEifQ.c2lnbmF0dXJlLXNpZ25hdHVyZQ"


@pytest.mark.parametrize(
    ("text", "kept"),
    [
        (f"Authorization: Token {TOKEN}", "Authorization: Token <redacted>"),
        (f"Bearer {TOKEN}, twice {TOKEN}", "Bearer <redacted>, twice <redacted>"),
        (TOKEN.rpartition(".")[0], "<redacted>"),
        ("bearer 0123456789abcdef0123", "bearer <redacted>"),
        ("https://user:secret@host/path", "https://host/path"),
        ("https://host/?a=1&access_token=abc&b=2", "https://host/?a=1&access_token=<redacted>&b=2"),
    ],
)
def test_tokens_are_taken_out_of_text(text: str, kept: str) -> None:
    assert redact_text(text) == kept


@pytest.mark.parametrize(
    "text",
    ["The token expired 3 min ago.", "Token authentication_failed_completely", "http://localhost:8090", "a@b.c", "eyJ"],
)
def test_ordinary_text_stays_as_it_is(text: str) -> None:
    assert redact_text(text) == text


def test_names_that_promise_a_secret_lose_their_value_whole() -> None:
    value = {"api_key": "x", "Authorization": ["y"], "refresh-token": {"z": 1}, "client_id": "c", "tokens": 3}
    assert redact(value) == {
        "api_key": "<redacted>", "Authorization": "<redacted>", "refresh-token": "<redacted>",
        "client_id": "c", "tokens": 3,
    }  # fmt: skip


def test_a_token_is_found_at_any_depth_and_in_names() -> None:
    assert redact([{"a": [{"b": (TOKEN, 1, None, 2.5, True)}]}, {TOKEN: "c"}]) == [
        {"a": [{"b": ["<redacted>", 1, None, 2.5, True]}]},
        {"<redacted>": "c"},
    ]


def test_a_body_that_is_no_json_is_kept_as_text_without_its_token() -> None:
    assert redact_json(f"not JSON {TOKEN}".encode()) == '"not JSON <redacted>"'
    assert redact_json(b"\xff") == '"\\\\xff"'
    assert redact_json(b"[" * 100_000).startswith('"[[')


def test_only_headers_known_to_be_harmless_are_kept() -> None:
    headers = [("Content-Type", "application/json"), ("Set-Cookie", "a=b"), ("X-Auth", "c"), ("x-request-id", "d")]
    assert allowed_headers(headers) == [("Content-Type", "application/json"), ("x-request-id", "d")]
