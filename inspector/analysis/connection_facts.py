"""What there is to know of a connection, as lines of a name and a value. A token is told by its claims, never whole."""

from collections.abc import Iterable, Iterator, Sequence
from pathlib import PurePath
from typing import Any

import msgspec

from inspector.analysis.facts import Fact, json_words
from inspector.analysis.situations import Role
from inspector.analysis.token_facts import claim_facts
from inspector.capture.rows import ConnectionRow
from inspector.engine.control import (
    BackendUpload,
    CommandUpload,
    Hold,
    Problem,
    Start,
    Status,
)
from inspector.engine.endpoint import host_of
from inspector.engine.proxy import proxy_for
from inspector.protocol.token_problems import clock_problem
from inspector.protocol.tokens import TokenClaims
from inspector.store.records import Subscription
from inspector.store.schema import SCHEMA_VERSION
from inspector.words import NS, byte_size, countdown, duration, elapsed, moment, plural


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
                "Connect with its certificate instead: “More settings” of the dialog has a place for it, or --ca.",
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


def _service(status: Status, now_ns: int) -> Iterator[Fact]:
    yield Fact("Service", heading=True)
    yield Fact("Address", status.endpoint or "comes with the token", mono=bool(status.endpoint))
    if proxy := proxy_for(status.endpoint):
        yield Fact("Proxy", proxy, mono=True, explains="The system's settings put it before the service.")
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
        yield from claim_facts(TokenClaims(status.token.header, status.token.claims), now_ns)
    source = status.token_source or "nowhere: connect anew when it ends"
    yield Fact("Next one from", source, Role.IDLE if status.token_source else Role.HELD)


def _client(status: Status, start: Start) -> Iterator[Fact]:
    yield Fact("Client", heading=True)
    yield Fact("Client id", status.client_id or "–", mono=True, explains="The client database's own id.")
    yield Fact(
        "Parameters", "none" if not start.parameters else json_words(start.parameters), mono=bool(start.parameters),
        explains="Sent with each request; queries of the sync config may use them.",
    )  # fmt: skip
    if start.app_metadata:
        yield Fact("Metadata", json_words(start.app_metadata), mono=True, explains="For the service's logs.")
    default = "subscribed to" if start.include_defaults else "left out"
    yield Fact("Default streams", default, explains="Streams that the sync config subscribes every client to.")
    yield Fact("Uploads", _uploads_to(start), explains="Where local writes go.")
    schema = PurePath(status.schema_file).name if status.schema_file else "seen in the data"
    yield Fact("Tables", schema, explains="Which tables and columns the app has: by its schema, or by what has come.")
    yield from _files(status, start)


def subscription_facts(subscriptions: Sequence[Subscription], now_ns: int) -> list[Fact]:
    """What the client subscribes to, by name; empty for a client database that knows no subscription."""
    if not subscriptions:
        return []
    facts = [Fact("Streams", heading=True)]
    for it in sorted(subscriptions, key=lambda it: (it.stream, it.parameters)):
        parameters = "" if it.parameters in ("null", "") else it.parameters
        ends = "" if it.expires_at is None else f"ends in {countdown(it.expires_at * 1000, now_ns)} unless renewed"
        words = ("active" if it.active else "not active", "default" if it.is_default else "explicit", parameters, ends)
        explains = "The newest checkpoint names it." if it.active else "The newest checkpoint does not name it."
        role = Role.FINE if it.active else Role.IDLE
        said = " · ".join(part for part in words if part)
        facts.append(Fact(it.stream, said, role, f"{explains} The panel Streams has more.", panel="streams"))
    return facts


def _files(status: Status, start: Start) -> Iterator[Fact]:
    yield Fact("Files", heading=True)
    database = status.client_database or start.client_database
    explains = "The SQLite file that is synced into, in the layout of the official SDKs."
    if status.original_database:
        explains = "A migrated copy: it is synced into, and the file that was named is left as it is."
    yield Fact("Client database", database, Role.HELD if status.original_database else Role.IDLE, explains, mono=True)
    if status.migrated_from is not None:
        how = "on a copy" if status.original_database else "in the file itself"
        yield Fact(
            "Migrated", f"from schema version {status.migrated_from} to {SCHEMA_VERSION}, {how}",
            explains="Official clients have changed the layout over the years; only the newest one is written.",
        )  # fmt: skip
    if status.original_database:
        yield Fact("Copy of", status.original_database, mono=True, explains="It is left as it is.")
    yield Fact("Capture", start.capture, mono=True, explains="What was on the wire is recorded there.")


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
    return [Fact(name, json_words(value), mono=True) for name, value in request.items() if name != "buckets"] + (
        [Fact("buckets", plural(len(request["buckets"]), "bucket"), explains="What the client had already.")]
        if isinstance(request.get("buckets"), list)
        else []
    )


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
