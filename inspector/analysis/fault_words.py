"""What the state sentence says of injected faults, so that nobody debugs their own fault."""

from inspector.engine.control import FaultStatus, Status
from inspector.words import NS, ago, plural

RECENT_NS, RECENT_WHEN_FINE_NS = 30 * NS, 5 * NS
"""So long a fault that is over is still named: what it did may still show. Where all is well nothing does."""


def fault_words(status: Status, now_ns: int, *, fine: bool) -> str:
    """A sentence about the faults that are armed for this client, or struck it a moment ago; empty without any.

    `fine` is whether there is nothing that calls for anybody.
    """
    armed = [fault for fault in status.faults if fault.concerns_us]
    if len(armed) == 1:
        return f"A fault is armed: {_named(armed[0])}, {_struck(armed[0].struck_since_armed)}."
    if armed:
        times = _struck(sum(fault.struck_since_armed for fault in armed))
        return f"{plural(len(armed), 'fault')} are armed: {', '.join(map(_named, armed))}; {times}."
    recent = RECENT_WHEN_FINE_NS if fine else RECENT_NS
    struck = [fault for fault in status.faults if now_ns - (fault.struck_us_at or 0) <= recent]
    if not struck:
        return ""
    last = max(struck, key=lambda fault: fault.struck_us_at or 0)
    return f"An injected fault struck {ago(last.struck_us_at or 0, now_ns)} and is over: {_named(last)}."


def _named(fault: FaultStatus) -> str:
    """The title inside a sentence; abbreviations stay as they are."""
    first, second = fault.title[:1], fault.title[1:2]
    return fault.title if second.isupper() else f"{first.lower()}{fault.title[1:]}"


def _struck(times: int) -> str:
    return f"struck {plural(times, 'time')}" if times else "it has not struck yet"
