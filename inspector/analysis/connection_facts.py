"""What there is to know of a connection, as lines of a name and a value. A token is told by its claims, never whole."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any

import msgspec

from inspector.analysis.situations import Role
from inspector.capture.rows import ConnectionRow
from inspector.engine.control import (
    BackendUpload,
    CommandUpload,
    DecodedToken,
    Hold,
    Problem,
    Start,
    Status,
)
from inspector.engine.endpoint import host_of
from inspector.protocol.token_problems import clock_problem, token_problems
from inspector.protocol.tokens import TokenClaims
from inspector.words import NS, ago, byte_size, countdown, duration, elapsed, moment, plural

_LEEWAY_NS = 30 * NS
_SHOWN_APART = {"sub", "iat", "exp", "nbf", "aud", "iss", "alg", "kid"}


@dataclass(frozen=True, slots=True)
class Fact:
    """A line; a `heading` has no value and stands over those that follow. `explains` is a sentence, or empty."""

    name: str
    value: str = ""
    role: Role = Role.IDLE
    explains: str = ""
    heading: bool = False
    mono: bool = False


def live_facts(status: Status, start: Start, now_ns: int) -> list[Fact]:
    """Of a connection, as the engine tells it and as it was asked for."""
    return [*_service(status, now_ns), *_token(status, now_ns), *_client(status, start)]


def connection_problems(status: Status) -> list[Problem]:
    """What is wrong with the connection or may be, what stops it first."""
    found: list[Problem] = []
    if status.problem is not None and status.phase != "connected":
        found.append(status.problem)
    if status.insecure:
        found.append(
            Problem(
                "The service's certificate is not checked.",
                "Anybody between can listen and change what is shown.",
                "Connect with its certificate (--ca) instead.",
            )
        )
    if (clock := clock_problem(status.clock_skew)) is not None:
        found.append(Problem(clock.what, clock.why, clock.next_step))
    found += status.token_hints
    return found + [problem for problem in status.stream_problems if problem not in found]


def recorded_facts(connections: list[ConnectionRow], now_ns: int) -> list[Fact]:
    """Of a capture: its newest connection, and how many there were."""
    if not connections:
        return []
    last = connections[-1]
    token = None
    if last.token_expires_at is not None:
        token = Fact("Token ended", moment(last.token_expires_at, now_ns), explains="As its claim “exp” says.")
    facts = [
        Fact("The newest of " + plural(len(connections), "connection"), heading=True),
        Fact("Service", last.endpoint, mono=True),
        Fact("User", last.user_id or "–", mono=True),
        Fact("Client id", last.client_id or "–", mono=True),
        Fact("Began", moment(last.started_at, now_ns)),
        Fact("Ended", last.end_reason or "It was open when the recording ended."),
        Fact("Answer", "none came" if last.status is None else f"HTTP {last.status}"),
        Fact("Read as", " · ".join(part for part in ((last.format or "").upper(), last.encoding) if part) or "–"),
        Fact("Frames", f"{plural(last.frames, 'frame')} · {byte_size(last.bytes)}"),
    ]
    if token is not None:
        facts.append(token)
    facts.append(Fact("Request", heading=True))
    return facts + list(_json_lines(last.request))


def token_facts(token: DecodedToken, now_ns: int, endpoint: str = "") -> list[Fact]:
    """What a token says of itself, problems included: for whoever has it before a connection is made."""
    claims = TokenClaims(token.header, token.claims)
    facts = list(_claims(claims, now_ns))
    for problem in token_problems(claims, now=now_ns / NS, endpoint=endpoint):
        certain = problem.certainty == "certain"
        role = Role.BROKEN if certain else Role.HELD
        facts.append(
            Fact("Refused" if certain else "Perhaps", f"{problem.what} {problem.why}", role, problem.next_step)
        )
    return facts


def _service(status: Status, now_ns: int) -> Iterator[Fact]:
    yield Fact("Service", heading=True)
    yield Fact("Address", status.endpoint or "comes with the token", mono=bool(status.endpoint))
    yield Fact("State", _PHASES.get(status.phase, status.phase), _PHASE_ROLES.get(status.phase, Role.IDLE))
    if status.transport:
        yield Fact(
            "Stream", f"{status.transport} · {status.http_version}".removesuffix(" · "),
            explains="The format of the lines, how they are compressed, and the version of HTTP.",
        )  # fmt: skip
    if status.connected_at is not None:
        yield Fact("Open since", f"{moment(status.connected_at, now_ns)}, {_for(status.connected_at, now_ns)}")
    if status.attempt > 1:
        yield Fact("Attempt", str(status.attempt), Role.HELD, "Tries since the last success.")
    if status.retry_at is not None and status.retry_at > now_ns:
        yield Fact("Next try", f"in {countdown(status.retry_at, now_ns)}")
    skew = status.clock_skew
    clock = "agrees with the service's" if skew is None else f"{elapsed(abs(skew))} {'ahead' if skew > 0 else 'behind'}"
    yield Fact(
        "Clock", clock, Role.IDLE if skew is None else Role.HELD,
        "This machine's clock beside the service's, as far as the service has told its time; 5 s are as good as equal.",
    )  # fmt: skip


def _token(status: Status, now_ns: int) -> Iterator[Fact]:
    yield Fact("Token", heading=True)
    if status.token is None:
        yield Fact("Token", "none was fetched yet")
    else:
        yield from _claims(TokenClaims(status.token.header, status.token.claims), now_ns)
    source = status.token_source or "nowhere: connect anew when it ends"
    yield Fact("Next one from", source, Role.IDLE if status.token_source else Role.HELD)


def _claims(claims: TokenClaims, now_ns: int) -> Iterator[Fact]:
    yield Fact("User", claims.user_id or "–", mono=True, explains="The claim “sub”.")
    if claims.expires_at is not None:
        at = int(claims.expires_at * NS)
        left = countdown(at, now_ns) if at > now_ns else f"ended {ago(at, now_ns)}"
        role = Role.BROKEN if at <= now_ns else Role.HELD if at - now_ns <= _LEEWAY_NS else Role.FINE
        yield Fact("Ends in" if at > now_ns else "Ended", left, role, f"The claim “exp”: {moment(at, now_ns)}.")
    if claims.issued_at is not None:
        at = int(claims.issued_at * NS)
        yield Fact("Issued", ago(at, now_ns), explains=f"The claim “iat”: {moment(at, now_ns)}.")
        if claims.expires_at is not None:
            yield Fact("Lives for", duration(claims.expires_at - claims.issued_at), explains="24 hours at most.")
    if claims.not_before is not None:
        at = int(claims.not_before * NS)
        yield Fact("Not before", moment(at, now_ns), explains="The claim “nbf”.")
    yield Fact(
        "Audience", ", ".join(claims.audiences) or "–", mono=True, explains="The claim “aud”: for which service."
    )
    if issuer := claims.payload.get("iss"):
        yield Fact("Issuer", str(issuer), mono=True, explains="The claim “iss”.")
    key = " · ".join(str(part) for part in (claims.header.get("alg"), claims.header.get("kid")) if part)
    yield Fact("Signed with", key or "–", mono=True, explains="The algorithm, and the id of the key.")
    for name, value in claims.payload.items():
        if name not in _SHOWN_APART:
            yield Fact(name, _json(value), mono=True, explains=f"The claim “{name}”.")


def _client(status: Status, start: Start) -> Iterator[Fact]:
    yield Fact("Client", heading=True)
    yield Fact("Client id", status.client_id or "–", mono=True, explains="The client database's own id.")
    yield Fact(
        "Parameters", "none" if not start.parameters else _json(start.parameters), mono=bool(start.parameters),
        explains="Sent with each request; queries of the sync config may use them.",
    )  # fmt: skip
    if start.app_metadata:
        yield Fact("Metadata", _json(start.app_metadata), mono=True, explains="For the service's logs.")
    default = "subscribed to" if start.include_defaults else "left out"
    yield Fact("Default streams", default, explains="Streams that the sync config subscribes every client to.")
    yield Fact("Uploads", _uploads_to(start), explains="Where local writes go.")


def _uploads_to(start: Start) -> str:
    match start.uploads:
        case Hold():
            return "held: nothing says where to"
        case BackendUpload(url):
            return f"to {host_of(url)}"
        case CommandUpload():
            return "by a command"


def _json_lines(text: str) -> Iterable[Fact]:
    try:
        request = msgspec.json.decode(text, type=dict[str, Any])
    except msgspec.MsgspecError:
        return [Fact("Request", text, mono=True)]
    return [Fact(name, _json(value), mono=True) for name, value in request.items() if name != "buckets"] + (
        [Fact("buckets", plural(len(request["buckets"]), "bucket"), explains="What the client had already.")]
        if isinstance(request.get("buckets"), list)
        else []
    )


def _json(value: Any) -> str:
    return value if isinstance(value, str) else msgspec.json.encode(value).decode()


def _for(at: int, now_ns: int) -> str:
    return f"for {duration(max(0, now_ns - at) / NS)}"


_PHASES = {
    "idle": "not connected",
    "connecting": "connecting",
    "connected": "streaming",
    "waiting": "waiting for the next try",
    "refused": "refused",
    "offline": "offline by choice",
    "stopped": "stopped",
}
_PHASE_ROLES = {"connected": Role.FINE, "waiting": Role.BROKEN, "refused": Role.BROKEN, "stopped": Role.BROKEN}
