"""Why a service will not take a token, told from its claims before the service is asked (protocol §1, §8).

The rules are the service's own: `sub`, `iat` and `exp` are demanded, `nbf` may be a minute ahead, a token lives for
24 hours at most, Supabase's for a week. What depends on the service's configuration is a hint: the service decides.
"""

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from enum import StrEnum

from inspector.protocol.tokens import LONGEST_LIFE_SECONDS, TokenClaims, TokenError

CLOCK_TOLERANCE_SECONDS = 60
"""How far ahead of its own clock a service takes an `nbf`."""
NOTABLE_SKEW_SECONDS = 5
"""Clocks that differ by less are as good as equal."""

_WEB_ADDRESS = re.compile(r"https?://([^/?#]+)", re.I)
_SUPABASE_AUDIENCE = "authenticated"
_SUPABASE_LIFE_SECONDS = 7 * 86_400 + 1_200
_REQUIRED = {
    "sub": ("The token names no user.", "Issue it with the user's id as “sub”."),
    "exp": ("The token does not say when it ends.", "Issue it with an “exp”, in seconds since 1970."),
    "iat": ("The token does not say when it was issued.", "Issue it with an “iat”, in seconds since 1970."),
}


class Certainty(StrEnum):
    """How sure it is that the service refuses the token."""

    CERTAIN = "certain"
    HINT = "hint"


@dataclass(frozen=True, slots=True)
class TokenProblem:
    """What is wrong with a token, in three sentences."""

    certainty: Certainty
    what: str
    why: str
    next_step: str
    by_clock: bool = False
    """It depends on the time, so it is worth knowing the service's clock before it is believed."""

    def __str__(self) -> str:
        return f"{self.what} {self.why} {self.next_step}"

    def as_error(self) -> TokenError:
        """The problem as an error."""
        return TokenError(self.what, why=self.why, next_step=self.next_step)


def token_problems(claims: TokenClaims, *, now: float, endpoint: str = "") -> tuple[TokenProblem, ...]:
    """All problems of a token for the service at `endpoint`, certain ones first.

    `now` is the time on the service's clock, in s since the Unix epoch, as well as it is known.
    """
    found = [problem for check in _CHECKS for problem in check(claims, now, endpoint)]
    return tuple(sorted(found, key=lambda problem: problem.certainty is Certainty.HINT))


def clock_problem(skew: float | None) -> TokenProblem | None:
    """What to say of a clock that is `skew` s ahead of the service's; None when that is of no matter or not known."""
    if skew is None or abs(skew) <= NOTABLE_SKEW_SECONDS:
        return None
    return TokenProblem(
        Certainty.HINT,
        "This machine's clock is wrong, or the service's is.",
        f"This one is {_span(skew)} {'ahead' if skew > 0 else 'behind'}, by the date in the service's answer.",
        "Set the clock; until then a token's end is judged by the service's clock.",
    )


def _required_claims(claims: TokenClaims, _now: float, _endpoint: str) -> Iterator[TokenProblem]:
    for name, (what, next_step) in _REQUIRED.items():
        value = claims.payload.get(name)
        if value is None or value == "":
            yield TokenProblem(
                Certainty.CERTAIN, what, f"It has no “{name}” claim, which a service demands.", next_step
            )
        elif name != "sub" and (isinstance(value, bool) or not isinstance(value, int | float)):
            yield TokenProblem(Certainty.CERTAIN, what, f"Its “{name}” claim is no number.", next_step)


def _signature(claims: TokenClaims, _now: float, _endpoint: str) -> Iterator[TokenProblem]:
    if str(claims.header.get("alg", "none")).lower() == "none":
        yield TokenProblem(
            Certainty.CERTAIN,
            "The token is not signed.",
            "Its header names no algorithm.",
            "Issue it signed with a key that the service knows.",
        )


def _expiry(claims: TokenClaims, now: float, _endpoint: str) -> Iterator[TokenProblem]:
    if claims.expires_at is not None and claims.expires_at <= now:
        yield TokenProblem(
            Certainty.CERTAIN,
            "The token has expired.",
            f"It expired {_span(now - claims.expires_at)} ago.",
            "Get a new one from the same place as this one.",
            by_clock=True,
        )


def _not_before(claims: TokenClaims, now: float, _endpoint: str) -> Iterator[TokenProblem]:
    if claims.not_before is not None and claims.not_before > now + CLOCK_TOLERANCE_SECONDS:
        yield TokenProblem(
            Certainty.CERTAIN,
            "The token is not valid yet.",
            f"It will be in {_span(claims.not_before - now)}: that is its “nbf” claim.",
            "Wait until then, or check the clock of the machine that issues it.",
            by_clock=True,
        )


def _lifetime(claims: TokenClaims, _now: float, _endpoint: str) -> Iterator[TokenProblem]:
    if claims.expires_at is None or claims.issued_at is None:
        return
    supabase = _SUPABASE_AUDIENCE in claims.audiences
    limit = _SUPABASE_LIFE_SECONDS if supabase else LONGEST_LIFE_SECONDS
    life = claims.expires_at - claims.issued_at
    if life > limit:
        yield TokenProblem(
            Certainty.CERTAIN,
            "The token lives too long.",
            f"It lives for {_span(life)}; a service takes {'a week' if supabase else '24 hours'} at most.",
            f"Issue tokens that live for at most {'a week' if supabase else '24 hours'}.",
        )


def _parameters(claims: TokenClaims, _now: float, _endpoint: str) -> Iterator[TokenProblem]:
    parameters = claims.payload.get("parameters")
    if parameters is not None and not isinstance(parameters, dict):
        yield TokenProblem(
            Certainty.CERTAIN,
            "The token's parameters are no object.",
            "A service demands a JSON object in its “parameters” claim, where there is one.",
            "Issue it with an object there, or without.",
        )


def _issued_in_the_future(claims: TokenClaims, now: float, _endpoint: str) -> Iterator[TokenProblem]:
    if claims.issued_at is not None and claims.issued_at > now + NOTABLE_SKEW_SECONDS:
        yield TokenProblem(
            Certainty.HINT,
            "The token was issued in the future.",
            f"Its “iat” is {_span(claims.issued_at - now)} ahead.",
            "Set the clock of the machine that issues it, or this one's.",
            by_clock=True,
        )


def _key_id(claims: TokenClaims, _now: float, _endpoint: str) -> Iterator[TokenProblem]:
    if not claims.header.get("kid"):
        yield TokenProblem(
            Certainty.HINT,
            "The token names no key.",
            "Without a “kid” in its header, only a key that has no id itself can verify it.",
            "Issue it with the “kid” of a key that the service knows.",
        )


def _audience(claims: TokenClaims, _now: float, endpoint: str) -> Iterator[TokenProblem]:
    if not claims.audiences:
        yield TokenProblem(
            Certainty.HINT,
            "The token names no audience.",
            "It has no “aud” claim; a service demands one that it is configured to accept.",
            "Issue it with an audience of the service's configuration.",
        )
        return
    hosts = [host for audience in claims.audiences if (host := _host(audience))]
    if endpoint and len(hosts) == len(claims.audiences) and _host(endpoint) not in hosts:
        yield TokenProblem(
            Certainty.HINT,
            "The token is meant for another service.",
            f"Its audience is {' or '.join(claims.audiences)}, the endpoint {endpoint}.",
            "Check that the token is issued for this service.",
        )


_CHECKS: tuple[Callable[[TokenClaims, float, str], Iterator[TokenProblem]], ...] = (
    _required_claims,
    _signature,
    _expiry,
    _not_before,
    _lifetime,
    _parameters,
    _issued_in_the_future,
    _key_id,
    _audience,
)


def _host(address: str) -> str:
    """The host and port of a web address; empty for what is none, like `authenticated`."""
    found = _WEB_ADDRESS.match(address)
    return found[1].lower() if found else ""


def _span(seconds: float) -> str:
    """A length of time in its largest unit, begun ones left out: `3 s`, `12 min`, `2 h`, `30 days`."""
    whole = int(abs(seconds))
    if whole < 60:
        return f"{whole} s"
    if whole < 3_600:
        return f"{whole // 60} min"
    if whole < 2 * 86_400:
        return f"{whole // 3_600} h"
    return f"{whole // 86_400} days"
