"""Checks of the connections of a capture: loops, clocks, what stands between."""

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
SKEW_S = 60
"""Clocks that differ by less are no trouble."""
_OVERLAP_NS = 5 * NS
_SAME_TOKEN_TIMES = 3
ON_PURPOSE = tuple(
    str(reason).capitalize()
    for reason in (CloseReason.STOPPED, CloseReason.SUBSCRIPTIONS_CHANGED, CloseReason.TOKEN_REPLACED)
)
"""How the end of a connection begins that the user, or the client for a good reason, has ended."""

_IN_ORDER = tuple(
    str(reason).capitalize()
    for reason in (
        CloseReason.STREAM_ENDED,
        CloseReason.TOKEN_EXPIRED,
        CloseReason.TOKEN_REPLACED,
        CloseReason.SUBSCRIPTIONS_CHANGED,
    )
)
_RETRY_NS, _FEWEST_WAITS = (3 * NS, 15 * NS), 2
"""Clients try again after 5 s; what takes longer is somebody's choice, or a device that slept."""


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
        and not (each.end_reason or "").startswith(ON_PURPOSE)
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


def waits_after_end(material: Material) -> Iterator[Finding]:
    """A stream that ended as it should, after which the client waited as after an error."""
    waited = [
        (one, other, other.started_at - (one.ended_at or 0))
        for one, other in pairwise(connections(material))
        if one.ended_at is not None
        and one.frames
        and one.ended_at - one.started_at >= _SHORT_NS
        and (one.end_reason or "").startswith(_IN_ORDER)
        and _RETRY_NS[0] <= other.started_at - one.ended_at <= _RETRY_NS[1]
    ]
    if len(waited) < _FEWEST_WAITS:
        return
    took = sum(gap for _, _, gap in waited) / len(waited) / NS
    yield Finding(
        "connections/waits-after-end",
        f"Reconnecting takes {duration(took)} longer than it has to",
        f"After {plural(len(waited), 'stream')} that ended in order.",
        Role.IDLE,
        Certainty.LIKELY,
        "A stream that ends with its token, with other subscriptions, or because the service closes it in order, is no"
        " error: a client opens the next one at once. This one waits as after a failure, and misses what changes"
        " meanwhile. JavaScript before its web package 1.33.0, Kotlin before 1.12.0 and Dart before 2.0.2 do so.",
        "Update the SDK.",
        tuple(
            connection_evidence(other, f"{duration(gap / NS)} after the end before") for _, other, gap in waited[-5:]
        ),
    )


def clocks(material: Material) -> Iterator[Finding]:
    """The service's clock and the client's differ."""
    for each in reversed(connections(material)):
        skew = clock_skew(each)
        if skew is None:
            continue
        if abs(skew) > SKEW_S:
            yield Finding(
                "connections/clock",
                f"The client's clock is {skew_words(skew)}",
                f"The answer of connection {each.id} is dated {each.header('date')}.",
                Role.HELD,
                Certainty.CERTAIN,
                "A token is judged by the service's clock. A client whose clock differs may take a token for ended that"
                " is not, or keep one that is.",
                "Set the device's clock.",
                (connection_evidence(each, f"its Date, {each.header('date')}"),),
            )
        return


def clock_skew(each: ConnectionRow) -> float | None:
    """By how much the client's clock was ahead of the service's, s; None where the answer does not tell."""
    try:
        return each.started_at / NS - parsedate_to_datetime(each.header("date") or "").timestamp()
    except ValueError:
        return None


def skew_words(skew: float) -> str:
    """`10 min ahead of the service's`."""
    return f"{duration(abs(skew))} {'ahead of' if skew > 0 else 'behind'} the service's"


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


CHECKS = (
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
    Check(
        "connections/waits-after-end",
        "A pause after an end that was in order",
        "how each connection ended, and when the next one began",
        RECORDED,
        waits_after_end,
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
