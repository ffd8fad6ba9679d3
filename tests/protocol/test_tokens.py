"""Tokens are read without checking them, and never repeated."""

import jwt
import pytest

from inspector.protocol.buckets import parse_bucket_name
from inspector.protocol.tokens import TokenError, read_token


def test_claims_are_read() -> None:
    token = jwt.encode({"sub": "user-1", "exp": 200, "iat": 100.5}, "k" * 32, headers={"kid": "k1"})
    claims = read_token(f" {token}\n")
    assert (claims.user_id, claims.expires_at, claims.issued_at) == ("user-1", 200.0, 100.5)
    assert claims.header["kid"] == "k1"


def test_missing_and_odd_claims_are_not_guessed() -> None:
    claims = read_token(jwt.encode({"exp": True}, "k" * 32))
    assert (claims.user_id, claims.expires_at, claims.issued_at) == ("", None, None)


@pytest.mark.parametrize("text", ["", "secret-text", "a.b", "a.b.c", "e30.!!!.x", "e30.W10.x", "\u00fc.\u00fc.\u00fc"])
def test_what_is_no_token_is_refused_without_repeating_it(text: str) -> None:
    with pytest.raises(TokenError) as caught:
        read_token(text)
    assert not text or text not in str(caught.value)


@pytest.mark.parametrize(
    ("name", "version", "short"),
    [
        ('1#my_todos|0["list-1"]', 1, 'my_todos["list-1"]'),
        ("12#all_notes|0[]", 12, "all_notes[]"),
        ("global[]", None, "global[]"),
        ('by_user["a","b|c[]"]', None, 'by_user["a","b|c[]"]'),
        ("plain", None, "plain"),
        ("[]", None, "[]"),
    ],
)
def test_bucket_names_are_taken_apart(name: str, version: int | None, short: str) -> None:
    parsed = parse_bucket_name(name)
    assert (parsed.version, parsed.short) == (version, short)
