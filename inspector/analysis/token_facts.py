"""What a token says of itself, claim by claim, with what each means and what speaks against it."""

from collections.abc import Iterator

from inspector.analysis.facts import Fact, json_words
from inspector.analysis.situations import Role
from inspector.engine.control import DecodedToken
from inspector.protocol.token_problems import token_problems
from inspector.protocol.tokens import TokenClaims
from inspector.words import NS, ago, countdown, duration, moment

_LEEWAY_NS = 30 * NS
_SHOWN_APART = {"sub", "iat", "exp", "nbf", "aud", "iss", "alg", "kid"}


def token_facts(token: DecodedToken, now_ns: int, endpoint: str = "") -> list[Fact]:
    """What a token says of itself, problems included: for whoever has it before a connection is made."""
    claims = TokenClaims(token.header, token.claims)
    facts = list(claim_facts(claims, now_ns))
    for problem in token_problems(claims, now=now_ns / NS, endpoint=endpoint):
        certain = problem.certainty == "certain"
        role = Role.BROKEN if certain else Role.HELD
        facts.append(
            Fact("Refused" if certain else "Perhaps", f"{problem.what} {problem.why}", role, problem.next_step)
        )
    return facts


def claim_facts(claims: TokenClaims, now_ns: int) -> Iterator[Fact]:
    """Each claim, what ends first at the top; times count from `now_ns`."""
    yield Fact("User", claims.user_id or "–", mono=True, explains="Whom the data are for: the claim “sub”.")
    if claims.expires_at is not None:
        at = int(claims.expires_at * NS)
        role = Role.BROKEN if at <= now_ns else Role.HELD if at - now_ns <= _LEEWAY_NS else Role.FINE
        if at > now_ns:
            left, until = _countdown(at, now_ns), f"It ends at {moment(at, now_ns)}, as its claim “exp” says."
            yield Fact("Ends in", left, role, until, progress=_left_of_life(claims, now_ns))
        else:
            yield Fact("Ended", ago(at, now_ns), role, f"It ended at {moment(at, now_ns)}, as its claim “exp” says.")
    if claims.issued_at is not None:
        at = int(claims.issued_at * NS)
        yield Fact("Issued", ago(at, now_ns), explains=f"When it was signed, at {moment(at, now_ns)}: “iat”.")
        if claims.expires_at is not None:
            life = duration(claims.expires_at - claims.issued_at)
            yield Fact("Lives for", life, explains="From “iat” to “exp”; a service takes 24 hours at most.")
    if claims.not_before is not None:
        at = int(claims.not_before * NS)
        yield Fact("Not before", moment(at, now_ns), explains="Earlier it is refused: the claim “nbf”.")
    yield Fact(
        "Audience", ", ".join(claims.audiences) or "–", mono=True, explains="The claim “aud”: for which service."
    )
    if issuer := claims.payload.get("iss"):
        yield Fact("Issuer", str(issuer), mono=True, explains="Who signed it: the claim “iss”.")
    key = " · ".join(str(part) for part in (claims.header.get("alg"), claims.header.get("kid")) if part)
    yield Fact("Signed with", key or "–", mono=True, explains="The algorithm, and the id of the key: “alg” and “kid”.")
    for name, value in claims.payload.items():
        if name not in _SHOWN_APART:
            yield Fact(name, json_words(value), mono=True, explains=_claim_words(name))


def _claim_words(name: str) -> str:
    if name == "parameters":
        return "Queries of the sync config may use them; the client cannot change them."
    return f"A further claim, “{name}”: queries of the sync config may use it."


def _countdown(at: int, now_ns: int) -> str:
    """To the second, so that one sees it run: `59 min 12 s`, `23 h 5 min`."""
    seconds = -(-(at - now_ns) // NS)
    if seconds < 60 or seconds >= 3_600:
        return countdown(at, now_ns)
    return f"{seconds // 60} min {seconds % 60:02} s"


def _left_of_life(claims: TokenClaims, now_ns: int) -> float | None:
    if claims.issued_at is None or claims.expires_at is None or claims.expires_at <= claims.issued_at:
        return None
    left = (claims.expires_at - now_ns / NS) / (claims.expires_at - claims.issued_at)
    return min(1.0, max(0.0, left))
