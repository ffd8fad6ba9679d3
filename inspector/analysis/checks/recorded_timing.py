"""Checks of when the lines of a capture came: silence, lines that come late or never, lines that come all at once."""

from collections.abc import Iterator

from inspector.analysis.checks.recent import connections, once
from inspector.analysis.checks.recorded_evidence import connection_evidence, frame_evidence
from inspector.analysis.checks.words import LISTED
from inspector.analysis.finding_types import (
    RECORDED,
    Certainty,
    Check,
    Evidence,
    Finding,
    Material,
    Needs,
    capture_of,
)
from inspector.analysis.situations import Role
from inspector.capture.rows import ConnectionRow
from inspector.words import NS, duration, plural

_SILENT_NS = 45 * NS
"""Keepalives come about every 20 s: two of them are missing."""
_FIRST_LINE_NS, _SLOW_CHECKPOINT_NS = 25 * NS, 15 * NS
_BURST_NS, _BURST_LIFE_NS, _BURST_FRAMES = NS, 60 * NS, 5

_GAPS = """
SELECT id, gap FROM (
  SELECT id, received_at - lag(received_at) OVER (PARTITION BY connection ORDER BY id) AS gap
  FROM frames WHERE id BETWEEN ? AND ?
) WHERE gap >= ? ORDER BY id
"""

_LAST_GAPS = """
SELECT c.id, f.id, c.ended_at - f.received_at FROM connections c JOIN frames f ON f.id = c.first_frame + c.frames - 1
WHERE c.ended_at IS NOT NULL AND c.id > ? ORDER BY c.id
"""
_LINES = """
SELECT c.id, a.received_at, z.received_at FROM connections c JOIN frames a ON a.id = c.first_frame
  JOIN frames z ON z.id = c.first_frame + c.frames - 1
WHERE c.id >= ?
"""


class Silence:
    """No line, not even a keepalive, for longer than there should be."""

    def __init__(self) -> None:
        self._times = 0
        self._gaps: list[tuple[int, int, str]] = []
        """The longest, as a frame, the ns before or after it, and which of both."""
        self._ended = 0
        """The newest connection whose end was looked at."""

    def __call__(self, material: Material) -> Iterator[Finding]:
        span = material.frames
        reader = capture_of(material)
        new = [(frame, gap, "after") for frame, gap in reader.ask(_GAPS, span.first - 1, span.last, _SILENT_NS)]
        for connection, frame, gap in reader.ask(_LAST_GAPS, self._ended):
            self._ended = connection
            if gap >= _SILENT_NS:
                new.append((frame, gap, "the last line before"))
        self._times += len(new)
        self._gaps = sorted([*self._gaps, *new], key=lambda it: -it[1])[:LISTED]
        if not self._gaps:
            return
        longest = duration(self._gaps[0][1] / NS)
        yield Finding(
            "connections/silence",
            f"A stream was silent for {longest}",
            f"{plural(self._times, 'gap')} of 45 s or more without a line.",
            Role.HELD,
            Certainty.LIKELY,
            "A service sends a line about every 20 s, if only to say how long the token lives. Where none comes,"
            " something between holds the stream back, the network was gone, or the device slept.",
            "Look whether all lines come at once after the gap: then a proxy buffers. Switch its buffering off for this"
            " path.",
            tuple(
                frame_evidence(frame, f"{where} {duration(gap / NS)} without a line")
                for frame, gap, where in sorted(self._gaps)
            ),
        )


def late_first_line(material: Material) -> Iterator[Finding]:
    """The answer's header came, and then nothing for long."""
    for each, first, last in _with_lines(material):
        if first - each.started_at >= _FIRST_LINE_NS and not _came_at_once(each, first, last):
            yield Finding(
                f"connections/late-first-line/{each.id}",
                f"The first line came {duration((first - each.started_at) / NS)} after the request",
                f"Connection {each.id}.",
                Role.HELD,
                Certainty.LIKELY,
                "A checkpoint, or at least a keepalive, is due within 22 s. A proxy that buffers holds both back; a"
                " service that computes the checksums of a very large bucket for the first time takes as long.",
                "Connect to the service directly: if the line comes at once, it is the proxy.",
                (_first_frame(each, f"the first line of connection {each.id}"),),
            )


def slow_first_checkpoint(material: Material) -> Iterator[Finding]:
    """The first line is a checkpoint, as it should be, and was long in coming."""
    slow = [
        (each, first - each.started_at)
        for each, first, _ in _with_lines(material)
        if _SLOW_CHECKPOINT_NS <= first - each.started_at < _FIRST_LINE_NS
        and capture_of(material).frames(each.first_frame or 0, 1)[0].kind == "checkpoint"
    ]
    if not slow:
        return
    took = duration(max(wait for _, wait in slow) / NS)
    yield Finding(
        "connections/slow-first-checkpoint",
        f"A first checkpoint took {took}"
        if len(slow) == 1
        else f"{plural(len(slow), 'first checkpoint')} took up to {took}",
        "Then all went its way.",
        Role.IDLE,
        Certainty.HINT,
        "A checkpoint comes within a second or so of the request. Services are known that make some connections wait"
        " about 20 s for it; a large set of buckets whose checksums are computed for the first time does, too.",
        "Look how many connections wait so, and ask whoever runs the service.",
        tuple(_first_frame(each, f"{duration(wait / NS)} after the request") for each, wait in slow[-LISTED:]),
    )


def no_line(material: Material) -> Iterator[Finding]:
    """Streams that were opened and brought nothing, not even a keepalive."""
    silent = [
        each
        for each in connections(material)
        if each.status == 200
        and not each.frames
        and each.ended_at is not None
        and each.ended_at - each.started_at >= _FIRST_LINE_NS
    ]
    if not silent:
        return
    last = silent[-1]
    lasted = duration(((last.ended_at or 0) - last.started_at) / NS)
    yield Finding(
        "connections/no-line",
        f"{plural(len(silent), 'stream')} brought no line at all",
        f"The last one was open for {lasted}.",
        Role.BROKEN,
        Certainty.LIKELY,
        "The endpoint answered 200, and then came nothing: no checkpoint, and not even the keepalive that is due within"
        " 22 s. A proxy that collects the whole answer before it passes it on looks like this, though the service has"
        " sent all; a service that hangs before its first line does, too.",
        "Connect to the service directly. If the lines come then, switch buffering off for the sync path in every proxy"
        " on the way.",
        tuple(connection_evidence(each, each.end_reason or "ended") for each in silent[-LISTED:]),
    )


def bursts(material: Material) -> Iterator[Finding]:
    """Everything of a long stream came in one moment."""
    for each, first, last in _with_lines(material):
        if _came_at_once(each, first, last):
            yield Finding(
                f"connections/burst/{each.id}",
                "A stream's lines all came at its end",
                f"{plural(each.frames, 'line')} at once, after {duration((first - each.started_at) / NS)} of nothing.",
                Role.BROKEN,
                Certainty.LIKELY,
                "A reverse proxy collects the answer and passes it on when the stream ends. Until then the client has"
                " nothing, though the service has sent all.",
                "Switch buffering off for the sync path, in every proxy on the way: nginx buffers unless told"
                " otherwise.",
                (_first_frame(each, "the first of them"),),
            )


def _with_lines(material: Material) -> Iterator[tuple[ConnectionRow, int, int]]:
    """The connections that brought lines, with when the first and the last of them came."""
    rows = connections(material)
    times = {
        number: (first, last) for number, first, last in capture_of(material).ask(_LINES, rows[0].id if rows else 0)
    }
    yield from ((each, *times[each.id]) for each in rows if each.id in times)


def _came_at_once(each: ConnectionRow, first: int, last: int) -> bool:
    """Whether all lines of a long stream came together, when it ended."""
    if each.ended_at is None or each.frames < _BURST_FRAMES or each.ended_at - each.started_at < _BURST_LIFE_NS:
        return False
    return last - first <= _BURST_NS and each.ended_at - last <= _BURST_NS


def _first_frame(each: ConnectionRow, what: str) -> Evidence:
    return frame_evidence(each.first_frame or 0, what)


CHECKS = (
    Check(
        "connections/silence",
        "Streams without a line for 45 s",
        "the time between lines",
        RECORDED,
        once(Silence),
        Needs.CAPTURE,
        follow=Silence,
    ),
    Check(
        "connections/late-first-line",
        "A first line that comes late",
        "the first line of each connection",
        RECORDED,
        late_first_line,
        Needs.CAPTURE,
    ),
    Check(
        "connections/slow-first-checkpoint",
        "A first checkpoint that takes long",
        "the first line of each connection",
        RECORDED,
        slow_first_checkpoint,
        Needs.CAPTURE,
    ),
    Check(
        "connections/no-line",
        "Streams that bring no line",
        "connections that were answered",
        RECORDED,
        no_line,
        Needs.CAPTURE,
    ),
    Check(
        "connections/burst",
        "Lines that a proxy holds back",
        "when the lines of a stream came",
        RECORDED,
        bursts,
        Needs.CAPTURE,
    ),
)
