"""Checks of the connections of a capture: refusals, loops, silence, clocks, what stands between."""

from collections import Counter
from collections.abc import Iterator
from email.utils import parsedate_to_datetime
from itertools import pairwise

from inspector.analysis.finding_types import CAPTURE, Certainty, Check, Evidence, Finding, Material, Needs, capture_of
from inspector.analysis.situations import Role
from inspector.capture.happenings import HappeningKind, key_of
from inspector.capture.rows import ConnectionRow
from inspector.words import NS, byte_size, duration, moment, plural

_SHORT_NS, _MANY_SHORT, _WITHIN_NS = 10 * NS, 5, 60 * NS
_SILENT_NS = 45 * NS
"""Keepalives come about every 20 s: two of them are missing."""
_FIRST_LINE_NS = 25 * NS
_BURST_NS, _BURST_LIFE_NS, _BURST_FRAMES = NS, 60 * NS, 5
_SKEW_S = 60
_OVERLAP_NS = 5 * NS
_LARGE_LINE = 2_000_000
"""Bytes; a service sends about 1 MB a line at most, unless a row is larger."""
_SAME_TOKEN_TIMES = 3

_GAPS = """
SELECT connection, id, received_at - before, received_at FROM (
  SELECT id, connection, received_at, lag(received_at) OVER (PARTITION BY connection ORDER BY id) AS before FROM frames
) WHERE received_at - before >= ? ORDER BY id LIMIT 50
"""
_SPANS = """
SELECT c.id, c.started_at, c.ended_at, count(f.id), min(f.received_at), max(f.received_at), min(f.id)
FROM connections c JOIN frames f ON f.connection = c.id GROUP BY c.id
"""


def refused(material: Material) -> Iterator[Finding]:
    """Tries that the endpoint answered with an error, and none after them that it took."""
    connections = capture_of(material).connections()
    since = 0
    for number, each in enumerate(connections, 1):
        if each.status is not None and each.status < 400 and each.frames:
            since = number
    failed = [each for each in connections[since:] if each.status is not None and each.status >= 400]
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
        tuple(_evidence(each, f"HTTP {each.status}: {each.end_reason or ''}") for each in failed[-5:]),
    )


def same_token(material: Material) -> Iterator[Finding]:
    """A token that was refused and sent again."""
    run: list[ConnectionRow] = []
    for each in capture_of(material).connections():
        same = run and each.status == 401 and each.token_expires_at == run[-1].token_expires_at is not None
        run = [*run, each] if same else [each] if each.status == 401 else []
        if len(run) == _SAME_TOKEN_TIMES:
            yield Finding(
                f"token/same-again/{run[0].id}",
                "A refused token is sent again and again",
                f"{plural(len(run), 'try', 'tries')} with a token that ends at the same moment.",
                Role.BROKEN,
                Certainty.LIKELY,
                "After a refusal a client asks the app for another token. This one keeps the old one: the app's code"
                " returns a cached token, or the SDK does not ask.",
                "Have `fetchCredentials` fetch a token each time that it is called; update the SDK.",
                tuple(_evidence(one, "HTTP 401") for one in run),
            )


def reconnect_loop(material: Material) -> Iterator[Finding]:
    """Many short streams within a minute."""
    short = [
        each
        for each in capture_of(material).connections()
        if each.ended_at is not None and each.ended_at - each.started_at < _SHORT_NS and each.status == 200
    ]
    for first in range(len(short) - _MANY_SHORT + 1):
        group = short[first : first + _MANY_SHORT]
        if group[-1].started_at - group[0].started_at <= _WITHIN_NS:
            same = len({each.request for each in group}) == 1
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
                tuple(_evidence(each, each.end_reason or "ended") for each in group),
            )
            return


def silence(material: Material) -> Iterator[Finding]:
    """No line, not even a keepalive, for longer than there should be."""
    found = capture_of(material).ask(_GAPS, _SILENT_NS)
    if found:
        longest = max(found, key=lambda row: row[2])
        yield Finding(
            "connections/silence",
            f"A stream was silent for {duration(longest[2] / NS)}",
            f"{plural(len(found), 'gap')} of 45 s or more between two lines.",
            Role.HELD,
            Certainty.LIKELY,
            "A service sends a line about every 20 s, if only to say how long the token lives. Where none comes,"
            " something between holds the stream back, the network was gone, or the device slept.",
            "Look whether all lines come at once after the gap: then a proxy buffers. Switch its buffering off for this"
            " path.",
            tuple(
                Evidence(f"frame {frame}", f"after {duration(gap / NS)} without a line", "frames", frame=frame)
                for _, frame, gap, _ in found[:5]
            ),
        )


def late_first_line(material: Material) -> Iterator[Finding]:
    """The answer's header came, and then nothing for long."""
    for connection, started, ended, frames, first, last, frame in capture_of(material).ask(_SPANS):
        if first - started >= _FIRST_LINE_NS and not _came_at_once(started, ended, frames, first, last):
            yield Finding(
                f"connections/late-first-line/{connection}",
                f"The first line came {duration((first - started) / NS)} after the request",
                f"Connection {connection}.",
                Role.HELD,
                Certainty.LIKELY,
                "A checkpoint, or at least a keepalive, is due within 22 s. A proxy that buffers holds both back; a"
                " service that computes the checksums of a very large bucket for the first time takes as long.",
                "Connect to the service directly: if the line comes at once, it is the proxy.",
                (Evidence(f"frame {frame}", f"the first line of connection {connection}", "frames", frame=frame),),
            )


def bursts(material: Material) -> Iterator[Finding]:
    """Everything of a long stream came in one moment."""
    for connection, started, ended, frames, first, last, frame in capture_of(material).ask(_SPANS):
        if _came_at_once(started, ended, frames, first, last):
            yield Finding(
                f"connections/burst/{connection}",
                "A stream's lines all came at its end",
                f"{plural(frames, 'line')} at once, after {duration((first - started) / NS)} of nothing.",
                Role.BROKEN,
                Certainty.LIKELY,
                "A reverse proxy collects the answer and passes it on when the stream ends. Until then the client has"
                " nothing, though the service has sent all.",
                "Switch buffering off for the sync path, in every proxy on the way: nginx buffers unless told"
                " otherwise.",
                (Evidence(f"frame {frame}", "the first of them", "frames", frame=frame),),
            )


def _came_at_once(started: int, ended: int | None, frames: int, first: int, last: int) -> bool:
    """Whether all lines of a long stream came together, when it ended."""
    if ended is None or frames < _BURST_FRAMES or ended - started < _BURST_LIFE_NS:
        return False
    return last - first <= _BURST_NS and ended - last <= _BURST_NS


def clocks(material: Material) -> Iterator[Finding]:
    """The service's clock and the client's differ."""
    for each in reversed(capture_of(material).connections()):
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
                (_evidence(each, f"its Date, {date}"),),
            )
        return


def cached(material: Material) -> Iterator[Finding]:
    """An answer out of a cache."""
    for each in capture_of(material).connections():
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
                (_evidence(each, "its headers"),),
            )
            return


def overlap(material: Material) -> Iterator[Finding]:
    """Two streams of one client at a time."""
    for one, other in pairwise(capture_of(material).connections()):
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
                (_evidence(one, "the first"), _evidence(other, "the second")),
            )
            return


def large_lines(material: Material) -> Iterator[Finding]:
    """Lines of several megabytes."""
    found = capture_of(material).ask(
        "SELECT id, bytes, kind, ifnull(bucket, '') FROM frames WHERE bytes >= ? ORDER BY bytes DESC LIMIT 20",
        _LARGE_LINE,
    )
    if found:
        yield Finding(
            "frames/large",
            f"The largest line has {byte_size(found[0][1])}",
            f"{plural(len(found), 'line')} of 2 MB or more.",
            Role.IDLE,
            Certainty.HINT,
            "A line is held in memory as a whole, by the client and by every proxy that looks into it. Rows of this"
            " size make a first sync slow on a phone.",
            "Keep large values outside of synced rows, as attachments.",
            tuple(
                Evidence(f"frame {frame}", f"{kind}, {byte_size(size)}", "frames", bucket or None, frame=frame)
                for frame, size, kind, bucket in found[:5]
            ),
        )


def unreadable(material: Material) -> Iterator[Finding]:
    """Lines that are none."""
    found = capture_of(material).ask("SELECT id, error FROM frames WHERE error IS NOT NULL ORDER BY id LIMIT 20")
    if found:
        yield Finding(
            "frames/unreadable",
            f"{plural(len(found), 'line')} cannot be read",
            f"{str(found[0][1]).rstrip('.')}.",
            Role.BROKEN,
            Certainty.CERTAIN,
            "What came is no line of the protocol. A client ends the stream at it and begins anew.",
            "Look at its bytes: a proxy's error page, or a service of another version.",
            tuple(Evidence(f"frame {frame}", str(error), "frames", frame=frame) for frame, error in found[:5]),
        )


def _evidence(each: ConnectionRow, what: str) -> Evidence:
    where = f"connection {each.id}, {moment(each.started_at, each.started_at)}"
    return Evidence(where, what, "frames", happening=key_of(HappeningKind.REQUEST, each.id))


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
        CAPTURE,
        same_token,
        Needs.CAPTURE,
    ),
    Check(
        "connections/loop",
        "Streams that end at once, again and again",
        "every connection's length",
        CAPTURE,
        reconnect_loop,
        Needs.CAPTURE,
    ),
    Check(
        "connections/silence",
        "Streams without a line for 45 s",
        "the time between lines",
        CAPTURE,
        silence,
        Needs.CAPTURE,
    ),
    Check(
        "connections/late-first-line",
        "A first line that comes late",
        "the first line of each connection",
        CAPTURE,
        late_first_line,
        Needs.CAPTURE,
    ),
    Check(
        "connections/burst",
        "Lines that a proxy holds back",
        "when the lines of a stream came",
        CAPTURE,
        bursts,
        Needs.CAPTURE,
    ),
    Check("connections/clock", "Clocks that differ", "the Date of the newest answer", CAPTURE, clocks, Needs.CAPTURE),
    Check(
        "connections/cached",
        "Answers out of a cache",
        "Age and X-Cache of every answer",
        CAPTURE,
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
    Check("frames/large", "Lines of 2 MB and more", "the size of every line", CAPTURE, large_lines, Needs.CAPTURE),
    Check("frames/unreadable", "Lines that cannot be read", "every line", CAPTURE, unreadable, Needs.CAPTURE),
)
