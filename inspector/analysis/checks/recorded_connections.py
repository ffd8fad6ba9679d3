"""Checks of the connections of a capture: refusals, loops, silence, clocks, what stands between."""

from collections import Counter
from collections.abc import Iterator
from email.utils import parsedate_to_datetime
from itertools import pairwise
from typing import Any

import msgspec

from inspector.analysis.checks.recent import connections
from inspector.analysis.checks.recorded_evidence import connection_evidence
from inspector.analysis.finding_types import (
    CAPTURE,
    RECORDED,
    Certainty,
    Check,
    Finding,
    Material,
    Needs,
)
from inspector.analysis.situations import Live, Role
from inspector.capture.rows import ConnectionRow
from inspector.protocol.events import CloseReason
from inspector.words import NS, duration, plural

_SHORT_NS, _MANY_SHORT, _WITHIN_NS = 10 * NS, 5, 60 * NS
_SKEW_S = 60
_OVERLAP_NS = 5 * NS
_SAME_TOKEN_TIMES = 3
_ON_PURPOSE = tuple(
    str(reason).capitalize()
    for reason in (CloseReason.STOPPED, CloseReason.SUBSCRIPTIONS_CHANGED, CloseReason.TOKEN_REPLACED)
)
"""How the end of a connection begins that the user, or the client for a good reason, has ended."""


def refused(material: Material) -> Iterator[Finding]:
    """Tries that the endpoint answered with an error, and none after them that it took."""
    tried = connections(material)
    since = 0
    for number, each in enumerate(tried, 1):
        if each.status is not None and each.status < 400 and each.frames:
            since = number
    failed = [each for each in tried[since:] if each.status is not None and each.status >= 400]
    if not failed:
        return
    last = failed[-1]
    times = Counter(each.status for each in failed)
    says = last.end_reason or f"It answers {last.status}."
    yield Finding(
        "connections/refused",
        f"The endpoint answers {last.status}, {plural(len(failed), 'time')} in a row"
        if len(times) == 1 and len(failed) > 1
        else f"The endpoint answers {last.status}",
        says,
        Role.BROKEN,
        Certainty.CERTAIN,
        f"{says} No stream was opened after it in this capture.",
        _advice(last.status or 0),
        tuple(connection_evidence(each, f"HTTP {each.status}: {each.end_reason or ''}") for each in failed[-5:]),
    )


def same_token(material: Material) -> Iterator[Finding]:
    """A token that was refused and sent again."""
    runs: list[list[ConnectionRow]] = [[]]
    for each in connections(material):
        run = runs[-1]
        if run and each.status == 401 and each.token_expires_at == run[-1].token_expires_at is not None:
            run.append(each)
        else:
            runs.append([each] if each.status == 401 else [])
    # While a session goes on, one that was taken at last is no trouble any more.
    for run in runs[-1:] if isinstance(material.situation, Live) else runs:
        if len(run) >= _SAME_TOKEN_TIMES:
            yield Finding(
                f"token/same-again/{run[0].id}",
                "A refused token is sent again and again",
                f"{plural(len(run), 'try', 'tries')} with a token that ends at the same moment.",
                Role.BROKEN,
                Certainty.LIKELY,
                "After a refusal a client asks the app for another token. This one keeps the old one: the app's code"
                " returns a cached token, or the SDK does not ask.",
                "Have `fetchCredentials` fetch a token each time that it is called; update the SDK.",
                tuple(connection_evidence(one, "HTTP 401") for one in run[:_SAME_TOKEN_TIMES]),
            )


def reconnect_loop(material: Material) -> Iterator[Finding]:
    """Many short streams within a minute."""
    short = [
        each
        for each in connections(material)
        if each.ended_at is not None
        and each.ended_at - each.started_at < _SHORT_NS
        and each.status == 200
        and not (each.end_reason or "").startswith(_ON_PURPOSE)
    ]
    for first in range(len(short) - _MANY_SHORT + 1):
        group = short[first : first + _MANY_SHORT]
        if group[-1].started_at - group[0].started_at <= _WITHIN_NS:
            same = len({_without_positions(each.request) for each in group}) == 1
            yield Finding(
                "connections/loop",
                f"{plural(len(short), 'stream')} ended within 10 s of their beginning",
                f"{_MANY_SHORT} of them within a minute.",
                Role.HELD,
                Certainty.CERTAIN,
                "Each connection costs a checkpoint and its time. "
                + (
                    "The requests are all the same, so the connection is cut: something between ends it, or the client"
                    " fails at a line."
                    if same
                    else "The requests differ, so the app connects anew itself: with each change of its parameters or"
                    " of its subscriptions."
                ),
                "Look at the end of each." if same else "Connect once a session, and change subscriptions instead.",
                tuple(connection_evidence(each, each.end_reason or "ended") for each in group),
            )
            return


def clocks(material: Material) -> Iterator[Finding]:
    """The service's clock and the client's differ."""
    for each in reversed(connections(material)):
        date = {name.lower(): value for name, value in each.headers}.get("date")
        if date is None:
            continue
        try:
            told = parsedate_to_datetime(date).timestamp()
        except ValueError:
            continue
        skew = each.started_at / NS - told
        if abs(skew) > _SKEW_S:
            side = "ahead of" if skew > 0 else "behind"
            yield Finding(
                "connections/clock",
                f"The client's clock is {duration(abs(skew))} {side} the service's",
                f"The answer of connection {each.id} is dated {date}.",
                Role.HELD,
                Certainty.CERTAIN,
                "A token is judged by the service's clock. A client whose clock differs may take a token for ended that"
                " is not, or keep one that is.",
                "Set the device's clock.",
                (connection_evidence(each, f"its Date, {date}"),),
            )
        return


def cached(material: Material) -> Iterator[Finding]:
    """An answer out of a cache."""
    for each in connections(material):
        headers = {name.lower(): value for name, value in each.headers}
        age, hit = headers.get("age", "0"), headers.get("x-cache", "")
        if age not in ("", "0") or hit.lower().startswith("hit"):
            yield Finding(
                "connections/cached",
                "A stream's answer came from a cache",
                f"Age {age}; X-Cache {hit or 'not told'}.",
                Role.BROKEN,
                Certainty.CERTAIN,
                "A proxy or a CDN has given an older answer, maybe another user's. The client starts at the same"
                " position again and again.",
                "Exclude the sync path from caching.",
                (connection_evidence(each, "its headers"),),
            )
            return


def overlap(material: Material) -> Iterator[Finding]:
    """Two streams of one client at a time."""
    for one, other in pairwise(connections(material)):
        if one.client_id is None or one.client_id != other.client_id or one.ended_at is None:
            continue
        if one.ended_at - other.started_at > _OVERLAP_NS:
            yield Finding(
                f"connections/overlap/{one.id}",
                "One client has two streams at a time",
                f"Connections {one.id} and {other.id}, for {duration((one.ended_at - other.started_at) / NS)}.",
                Role.HELD,
                Certainty.CERTAIN,
                "Both write into one database. The app opens it twice, or a copy of it runs on a second device; buckets"
                " fail their checksums and are downloaded again.",
                "Open the database once, and share it.",
                (connection_evidence(one, "the first"), connection_evidence(other, "the second")),
            )
            return


def _without_positions(request: str) -> str:
    """What was asked for, whatever the client had already."""
    try:
        asked = msgspec.json.decode(request, type=dict[str, Any])
    except msgspec.MsgspecError:
        return request
    return repr(sorted((name, repr(value)) for name, value in asked.items() if name != "buckets"))


def _advice(status: int) -> str:
    if status == 401:
        return "Compare the token's key, audience and end with the service's settings; Connection shows its claims."
    if status == 404:
        return "Check the endpoint: it is the service's address without a path, and a proxy must pass the path on."
    if status >= 500:
        return "Look at the service's log at that time."
    return "Look at the request in the capture."


CHECKS = (
    Check("connections/refused", "An endpoint that refuses", "the answers' status", CAPTURE, refused, Needs.CAPTURE),
    Check(
        "token/same-again",
        "A refused token that is sent again",
        "tries that were answered 401",
        RECORDED,
        same_token,
        Needs.CAPTURE,
    ),
    Check(
        "connections/loop",
        "Streams that end at once, again and again",
        "every connection's length",
        RECORDED,
        reconnect_loop,
        Needs.CAPTURE,
    ),
    Check("connections/clock", "Clocks that differ", "the Date of the newest answer", CAPTURE, clocks, Needs.CAPTURE),
    Check(
        "connections/cached",
        "Answers out of a cache",
        "Age and X-Cache of every answer",
        RECORDED,
        cached,
        Needs.CAPTURE,
    ),
    Check(
        "connections/overlap",
        "Two streams of one client",
        "every connection's begin and end",
        CAPTURE,
        overlap,
        Needs.CAPTURE,
    ),
)
