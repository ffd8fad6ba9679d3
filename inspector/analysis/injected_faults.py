"""Findings whose cause is a fault that somebody injected: they say so, so that nobody looks for it elsewhere.

A recording of the embedded service has its faults among its events; a live connection tells those of the moment. A
finding is an injected fault's doing where a fault that does just this was in effect when its evidence came.
"""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field, replace

from inspector.analysis.fault_words import RECENT_NS
from inspector.analysis.finding_types import Evidence, Finding, Material
from inspector.analysis.situations import Live
from inspector.capture.happenings import HappeningKind, key_of, source_of
from inspector.capture.reader import CaptureReader
from inspector.words import NS, clock, plural

_AFTERMATH_NS = 5 * NS
"""So long after a fault what it did may still come to light."""

_LOST = frozenset(("offline", "refuse", "cut-after-bytes", "cut-after-frames"))
_SILENT = frozenset(("stall", "never-completed", "proxy-buffers", "proxy-drops-large", "proxy-holds-tail"))
_SLOW = frozenset(("latency", "jitter", "bandwidth", "stall", "proxy-buffers", "proxy-holds-tail"))
_REFUSED = frozenset(
    ("http-401", "http-429", "http-500", "http-503", "proxy-404", "proxy-wrong-encoding", "clock-skew")
)
_SUMS = frozenset(
    ("altered-checksum", "dropped-operation", "duplicated-data", "wrong-bucket-checksum", "completed-early")
)
_WRITES = frozenset(("backend-failure", "backend-delay", "row-refused"))
_CONFIRMATION = frozenset(("write-checkpoint-withheld", "write-checkpoint-wrong"))

DOES = {
    "connection/problem": _LOST | _SILENT | _REFUSED,
    "connection/clock": frozenset(("clock-skew",)),
    "connections/refused": _REFUSED,
    "connections/unreachable": _LOST | _SILENT,
    "connections/wrong-encoding": frozenset(("proxy-wrong-encoding",)),
    "connections/loop": _LOST | _SUMS | {"token-expiry"},
    "connections/clock": frozenset(("clock-skew",)),
    "connections/silence": _SILENT | _SLOW | {"offline"},
    "connections/late-first-line": _SILENT | _SLOW,
    "connections/slow-first-checkpoint": _SILENT | _SLOW,
    "connections/no-line": _SILENT | _SLOW,
    "connections/burst": _SILENT | _SLOW,
    "token/same-again": frozenset(("http-401", "clock-skew")),
    "token/had-ended": frozenset(("http-401", "clock-skew")),
    "token/hint": frozenset(("clock-skew",)),
    "frames/unreadable": frozenset(("cut-after-bytes",)),
    "operations/arrived-altered": frozenset(("altered-row", "altered-checksum")),
    "operations/altered": frozenset(("altered-row", "altered-checksum")),
    "checkpoints/never-complete": _SILENT,
    "checkpoints/none-at-all": _SILENT,
    "checkpoints/same-again": _LOST | _SILENT | _SUMS,
    "checksums/mismatch": _SUMS,
    "checksums/cause": _SUMS,
    "checksums/all-at-once": _SUMS,
    "uploads/queue-blocks-downloads": _WRITES | _LOST | _REFUSED,
    "uploads/writes-wait": _WRITES | _LOST | _REFUSED,
    "uploads/recorded-refused": _WRITES | _LOST | _REFUSED,
    "uploads/tried-once": _WRITES | _LOST | _REFUSED,
    "uploads/holds-long": _WRITES | _CONFIRMATION,
    "uploads/never-confirmed": _CONFIRMATION | _SILENT,
    "uploads/not-confirmed": _CONFIRMATION | _SILENT | _LOST | _REFUSED,
    "uploads/not-asked": _REFUSED,
    "uploads/returns": _CONFIRMATION | {"not-applied"},
    "capture/ends-held": _WRITES | _CONFIRMATION,
}
"""Of each check the faults that bring about what it finds."""

# For the conditions and the order, see `_HELD` in checks/recorded_unsent.py.
_EVENTS = """
SELECT id, at, message, json_extract(details, '$.fault'), json_extract(details, '$.action') FROM events
WHERE source IN ('faults', 'store', 'control') AND source = 'faults' AND json_valid(details) ORDER BY +id
"""
_TIMES = {
    "frame": "SELECT received_at, received_at FROM frames WHERE id = ?",
    "checkpoint": "SELECT received_at, coalesce(published_at, validated_at, data_done_at, received_at)"
    " FROM checkpoints WHERE id = ?",
    HappeningKind.UPLOAD: "SELECT started_at, coalesce(ended_at, started_at) FROM uploads WHERE id = ?",
    HappeningKind.REQUEST: "SELECT started_at, coalesce(ended_at, 1 << 62) FROM connections WHERE id = ?",
    HappeningKind.END: "SELECT started_at, coalesce(ended_at, 1 << 62) FROM connections WHERE id = ?",
    HappeningKind.EVENT: "SELECT at, at FROM events WHERE id = ?",
}
_TITLE = re.compile("“(.+?)”")


@dataclass(slots=True)
class Injection:
    """A fault from when it was armed to when it was over. Times are ns since the Unix epoch."""

    name: str
    title: str
    begun: int
    ended: int | None = None
    """None: it goes on."""
    struck: list[int] = field(default_factory=list)
    event: int = 0
    """The id of its last strike among the recorded events; 0: none is recorded."""

    def concerns(self, first: int, last: int) -> bool:
        """Whether it may have done what came in that time."""
        until = 1 << 62 if self.ended is None else max(self.ended, self.struck[-1]) + _AFTERMATH_NS
        return self.struck[0] <= last + _AFTERMATH_NS and first <= until


def told_of_faults(finding: Finding, material: Material) -> Finding:
    """The finding, which names the injected faults that brought it about; as it was where there are none."""
    suspects = DOES.get(finding.check)
    if suspects is None:
        return finding
    told = _faults_of_moment(material) if material.capture is None else recorded_faults(material.capture)
    known = [fault for fault in told if fault.name in suspects and fault.struck]
    if not known:
        return finding
    times = [] if material.capture is None else list(_times(finding.evidence, material.capture))
    guilty = {it.title: it for it in known if not times or any(it.concerns(*each) for each in times)}
    return _told(finding, list(guilty.values())) if guilty else finding


def recorded_faults(capture: CaptureReader) -> list[Injection]:
    """The faults that were injected while a capture was recorded, in the order in which they were armed."""
    faults: list[Injection] = []
    open_ones: dict[str, Injection] = {}
    for event, at, message, name, action in capture.ask(_EVENTS):
        fault = open_ones.get(name)
        if fault is None or action == "armed":
            title = _TITLE.search(message)
            fault = open_ones[name] = Injection(name, title[1] if title is not None else name, at)
            faults.append(fault)
        if action == "struck":
            fault.struck.append(at)
            fault.event = event
        elif action in ("lifted", "used up"):
            fault.ended = at
    return faults


def _faults_of_moment(material: Material) -> Iterator[Injection]:
    """Those that a live connection tells of: armed and struck, or struck a moment ago."""
    if not isinstance(material.situation, Live):
        return
    for fault in material.situation.status.faults:
        at = fault.struck_us_at
        if at is None or not ((fault.armed and fault.concerns_us) or material.now_ns - at <= RECENT_NS):
            continue
        struck = [at] * max(1, fault.struck_since_armed)
        yield Injection(fault.name, fault.title, at, None if fault.armed else at, struck)


def _times(evidence: Iterable[Evidence], capture: CaptureReader) -> Iterator[tuple[int, int]]:
    """When what the evidence names began and ended, as far as it has a time."""
    for each in evidence:
        named = [(_TIMES["frame"], each.frame), (_TIMES["checkpoint"], each.checkpoint)]
        if each.happening is not None:
            kind, number = source_of(each.happening)
            named.append((_TIMES[kind], number))
        for sql, it in named:
            if it is not None:
                yield from ((first, last) for first, last in capture.ask(sql, it))


def _told(finding: Finding, faults: list[Injection]) -> Finding:
    many = len(faults) > 1
    names = f"fault{'s' if many else ''} {' and '.join(f'“{fault.title}”' for fault in faults[:2])}"
    were, do, they = ("were", "do", "they") if many else ("was", "does", "it")
    times, last = sum(len(fault.struck) for fault in faults), max(fault.struck[-1] for fault in faults)
    goes_on = any(fault.ended is None for fault in faults)
    lift = f"Lift {'them' if many else 'it'} in Faults." if goes_on else "They are over." if many else "It is over."
    return replace(
        finding,
        summary=f"While the {names} {were} injected. {finding.summary}",
        meaning=f"The {names}, which {do} this, {were} injected on purpose: {they} struck {plural(times, 'time')}, last"
        f" at {clock(last)}. Where nobody injects faults it means: {finding.meaning}",
        next_step=f"{lift} Where nobody injects faults: {finding.next_step}",
        evidence=(*finding.evidence, *(_evidence(fault) for fault in faults[:2])),
    )


def _evidence(fault: Injection) -> Evidence:
    where, what = f"fault “{fault.title}”", f"struck {plural(len(fault.struck), 'time')}"
    if not fault.event:
        return Evidence(where, what, "faults")
    return Evidence(where, what, "frames", happening=key_of(HappeningKind.EVENT, fault.event))
