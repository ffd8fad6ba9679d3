"""Checks of a live connection: its last try, its token, its clock, its streams."""

from collections.abc import Iterator

from inspector.analysis.finding_types import LIVE, Certainty, Check, Evidence, Finding, Material, of_problem, status_of
from inspector.analysis.situations import Role
from inspector.engine.control import Problem
from inspector.protocol.token_problems import clock_problem
from inspector.words import NS, moment

_TOKEN_SOON_NS = 300 * NS


def last_try(material: Material) -> Iterator[Finding]:
    """Why there is no connection."""
    status = status_of(material)
    if status.problem is not None and status.phase in ("waiting", "refused", "stopped", "connecting"):
        yield of_problem(
            "connection/problem",
            status.problem,
            Role.BROKEN,
            Evidence("the last try", f"attempt {max(1, status.attempt)}", "connection"),
        )


def token_hints(material: Material) -> Iterator[Finding]:
    """What a service may not like about the token."""
    for number, hint in enumerate(status_of(material).token_hints):
        yield of_problem(
            f"token/hint-{number}", hint, Role.HELD, Evidence("the token", "its claims", "connection"), Certainty.HINT
        )


def token_without_next(material: Material) -> Iterator[Finding]:
    """The token ends soon, and nothing gives the next one."""
    status = status_of(material)
    ends = status.token_expires_at
    if ends is None or status.token_source or ends - material.now_ns > _TOKEN_SOON_NS:
        return
    yield Finding(
        "token/no-next",
        "The token ends, and no source for the next one is known",
        f"It ends at {moment(ends, material.now_ns)}.",
        Role.HELD,
        Certainty.CERTAIN,
        "The service ends the stream with the token. The connection was made with a single token.",
        "Connect anew, with a source of tokens.",
        (Evidence("the token", "its claim “exp”", "connection"),),
    )


def clock(material: Material) -> Iterator[Finding]:
    """This computer's clock and the service's differ."""
    problem = clock_problem(status_of(material).clock_skew)
    if problem is not None:
        told = Problem(problem.what, problem.why, problem.next_step)
        yield of_problem("connection/clock", told, Role.HELD, Evidence("the answer's date", "", "connection"))


def insecure(material: Material) -> Iterator[Finding]:
    """The service's certificate is not checked."""
    if status_of(material).insecure:
        problem = Problem(
            "The service's certificate is not checked.", "Anybody between can listen and change.", "Use --ca instead."
        )
        yield of_problem("connection/insecure", problem, Role.HELD, Evidence("TLS", "not checked", "connection"))


def streams(material: Material) -> Iterator[Finding]:
    """Streams that are unknown to the service, or fail there."""
    for number, problem in enumerate(status_of(material).stream_problems):
        where = Evidence("the newest checkpoint", "its streams", "streams")
        yield of_problem(f"streams/problem-{number}", problem, Role.HELD, where)


CHECKS = (
    Check("connection/problem", "A connection that fails", "the last try", LIVE, last_try),
    Check("token/hint", "Claims that a service may refuse", "the token", LIVE, token_hints),
    Check(
        "token/no-next", "A token that ends without another", "the token's end, its source", LIVE, token_without_next
    ),
    Check("connection/clock", "A clock that is wrong", "the date of the answers", LIVE, clock),
    Check("connection/insecure", "A certificate that nobody checks", "the connection's settings", LIVE, insecure),
    Check("streams/problem", "Streams that give nothing", "the newest checkpoint", LIVE, streams),
)
