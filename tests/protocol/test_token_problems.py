"""What speaks against a token, and how surely; each test is a rule of the service."""

from typing import Any

import pytest

from inspector.protocol.token_problems import Certainty, clock_problem, token_problems
from inspector.protocol.tokens import TokenClaims

NOW = 1_800_000_000
ENDPOINT = "https://sync.example.com"


def claims(*, header: dict[str, Any] | None = None, **payload: Any) -> TokenClaims:
    """A good token's claims but for those given; None leaves a claim out."""
    good: dict[str, Any] = {"sub": "user-1", "iat": NOW - 60, "exp": NOW + 3600, "aud": ENDPOINT}
    merged = {name: value for name, value in {**good, **payload}.items() if value is not None}
    return TokenClaims(header or {"alg": "RS256", "kid": "k1"}, merged)


def found(token: TokenClaims) -> list[tuple[str, str]]:
    problems = token_problems(token, now=NOW, endpoint=ENDPOINT)
    return [(problem.certainty.value, str(problem)) for problem in problems]


def test_nothing_speaks_against_a_good_token() -> None:
    assert found(claims()) == []


@pytest.mark.parametrize("audience", ["authenticated", ["other", ENDPOINT], f"{ENDPOINT}/", "powersync-dev"])
def test_audiences_that_may_be_right_are_not_complained_of(audience: Any) -> None:
    assert found(claims(aud=audience)) == []


@pytest.mark.parametrize(
    ("payload", "sentence"),
    [
        ({"exp": NOW}, "The token has expired. It expired 0 s ago."),
        ({"exp": NOW - 200}, "It expired 3 min ago."),
        ({"exp": NOW - 90_000}, "It expired 25 h ago."),
        ({"nbf": NOW + 61}, "The token is not valid yet. It will be in 1 min"),
        ({"exp": NOW + 86_400}, "The token lives too long. It lives for 24 h; a service takes 24 hours at most."),
        ({"aud": "authenticated", "exp": NOW + 8 * 86_400}, "It lives for 8 days; a service takes a week at most."),
        ({"sub": None}, "The token names no user. It has no “sub” claim"),
        ({"sub": ""}, "The token names no user."),
        ({"exp": None}, "The token does not say when it ends."),
        ({"exp": "tomorrow"}, "Its “exp” claim is no number."),
        ({"iat": None}, "The token does not say when it was issued."),
        ({"parameters": [1]}, "The token's parameters are no object."),
        ({"header": {"alg": "none", "kid": "k1"}}, "The token is not signed."),
    ],
)
def test_what_every_service_refuses_is_certain(payload: dict[str, Any], sentence: str) -> None:
    ((certainty, words),) = found(claims(**payload))
    assert certainty == "certain"
    assert sentence in words


@pytest.mark.parametrize(
    ("payload", "sentence"),
    [
        ({"header": {"alg": "RS256"}}, "The token names no key."),
        ({"aud": None}, "The token names no audience."),
        ({"aud": "https://other.example.com"}, "Its audience is https://other.example.com, the endpoint https://sync"),
        ({"iat": NOW + 600}, "The token was issued in the future. Its “iat” is 10 min ahead."),
    ],
)
def test_what_the_service_decides_is_a_hint(payload: dict[str, Any], sentence: str) -> None:
    ((certainty, words),) = found(claims(**payload))
    assert certainty == "hint"
    assert sentence in words


@pytest.mark.parametrize(
    "payload", [{"nbf": NOW + 60}, {"iat": NOW + 5}, {"aud": "authenticated", "exp": NOW + 6 * 86_400}]
)
def test_what_a_service_tolerates_is_no_problem(payload: dict[str, Any]) -> None:
    assert found(claims(**payload)) == []


def test_certain_problems_come_first() -> None:
    problems = token_problems(claims(header={"alg": "HS256"}, exp=NOW - 5, aud=None), now=NOW)
    assert [problem.certainty for problem in problems] == [Certainty.CERTAIN, Certainty.HINT, Certainty.HINT]
    assert problems[0].by_clock
    assert str(problems[0].as_error()) == str(problems[0])


@pytest.mark.parametrize(
    ("skew", "words"), [(None, ""), (5.0, ""), (-4.0, ""), (400.0, "6 min ahead"), (-7200.0, "2 h behind")]
)
def test_a_wrong_clock_is_said_with_its_direction(skew: float | None, words: str) -> None:
    problem = clock_problem(skew)
    assert (problem is not None) == bool(words)
    assert words in str(problem)
