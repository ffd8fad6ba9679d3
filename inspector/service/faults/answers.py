"""Faults that give an answer of their own, or none, before the service is asked."""

from dataclasses import dataclass

import jwt

from inspector.service.errors import Refusal, internal_error, unauthorized
from inspector.service.faults.fault import Fault, Group, Parameter, Unit
from inspector.service.faults.lab import FaultLab

OFFLINE = Fault(
    "offline",
    "Offline",
    "Open connections break, and no request is answered, as without a network.",
    "The client works locally and tries again; its uploads wait.",
    Group.NETWORK,
    Unit.ANSWER,
)
REFUSE = Fault(
    "refuse",
    "Refuse connections",
    "Connections are closed without an answer; open streams go on.",
    "The client tries again, more and more seldom.",
    Group.NETWORK,
    Unit.ANSWER,
)
CLOCK_SKEW = Fault(
    "clock-skew",
    "Clock skew",
    "The service's clock is wrong: its answers carry that time, and tokens are judged by it.",
    "Ahead, it refuses good tokens as expired; the client says by how much the clocks differ.",
    Group.HTTP,
    Unit.ANSWER,
    (Parameter("seconds", "Ahead by", 7_200, "s", -(10**9), 10**9),),
)
WRONG_ENCODING = Fault(
    "proxy-wrong-encoding",
    "Errors compressed wrongly",
    "An error is answered that says it is compressed with gzip, and is plain text.",
    "The answer cannot be decompressed; the inspector shows the plain text all the same.",
    Group.PROXY,
    Unit.ANSWER,
    (Parameter("where", "Answers to", "stream", choices=("stream", "acknowledgements", "uploads", "all")),),
)

_WHERE = Parameter("where", "Answers to", "stream", choices=("stream", "acknowledgements", "all"))
_PAGE = b"<!DOCTYPE html>\n<html><head><title>404 Not Found</title></head><body><h1>Not Found</h1></body></html>\n"


@dataclass(frozen=True, slots=True)
class Answer:
    """A whole answer."""

    status: int
    headers: tuple[tuple[bytes, bytes], ...]
    body: bytes


@dataclass(frozen=True, slots=True)
class AnswerFault:
    """A fault that answers instead of the service, on the paths that its parameter `where` names."""

    fault: Fault
    answer: Answer


def _of(refusal: Refusal, *headers: tuple[bytes, bytes]) -> Answer:
    return Answer(refusal.status, ((b"content-type", b"application/json; charset=utf-8"), *headers), refusal.encode())


def _http(status: int, title: str, what: str, expect: str, answer: Answer) -> AnswerFault:
    return AnswerFault(Fault(f"http-{status}", title, what, expect, Group.HTTP, Unit.ANSWER, (_WHERE,)), answer)


ANSWER_FAULTS = (
    _http(
        401,
        "HTTP 401",
        "Requests are refused as if their token had expired.",
        "The client fetches new credentials before it tries again.",
        _of(unauthorized("S2103", "JWT has expired")),
    ),
    _http(
        429,
        "HTTP 429",
        "Requests are refused because of too many connections.",
        "The client waits and tries again.",
        _of(Refusal(429, "PSYNC_S2304", "Maximum active concurrent connections limit has been reached")),
    ),
    _http(
        500,
        "HTTP 500",
        "Requests fail inside the service.",
        "The client waits and tries again.",
        _of(internal_error("The fault lab was asked for this error")),
    ),
    _http(
        503,
        "HTTP 503",
        "Requests are answered by something in front of the service that does not reach it.",
        "The client waits and tries again.",
        Answer(503, ((b"content-type", b"text/plain"),), b"no healthy upstream"),
    ),
    AnswerFault(
        Fault(
            "proxy-404",
            "404 of the proxy's own",
            "Requests are answered with 404 and a web page, as by a server that does not know the service.",
            "The client says that the answer is not the service's: the endpoint or a path is wrong.",
            Group.PROXY,
            Unit.ANSWER,
            (_WHERE,),
        ),
        Answer(404, ((b"content-type", b"text/html"), (b"server", b"nginx")), _PAGE),
    ),
    AnswerFault(
        WRONG_ENCODING,
        _of(internal_error("The service failed, and its answer was not compressed"), (b"content-encoding", b"gzip")),
    ),
)


def claimed_user(authorization: str) -> str:
    """Whom a token is for, whether it is good or not: this only picks whom to strike."""
    try:
        claims = jwt.decode(authorization.rpartition(" ")[2], options={"verify_signature": False})
    except jwt.InvalidTokenError:
        return ""
    return str(claims.get("sub", ""))


def clock_ahead(lab: FaultLab, authorization: str) -> int:
    """By how much the service's clock is wrong, s."""
    if lab.quiet:
        return 0
    user = claimed_user(authorization)
    arming = lab.active(CLOCK_SKEW.name, user)
    if arming is None:
        return 0
    seconds = arming.number("seconds")
    lab.strike(arming, f"A token was judged by a clock that is {seconds} s ahead.", user=user)
    return seconds
