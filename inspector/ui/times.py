"""Times as the panels show them: local to the millisecond, and in full as UTC where one points."""

from datetime import UTC, datetime

from inspector.words import NS, local_time

_MS = 1_000_000


def clock(at_ns: int) -> str:
    """`14:03:38.200`, local."""
    at = local_time(at_ns)
    return f"{at.hour:02}:{at.minute:02}:{at.second:02}.{at_ns // _MS % 1000:03}"


def full_utc(at_ns: int) -> str:
    """`2026-11-23T13:03:38.200114Z`: ISO 8601 with its zone, to the microsecond."""
    return datetime.fromtimestamp(at_ns // NS, UTC).strftime("%Y-%m-%dT%H:%M:%S") + f".{at_ns // 1000 % 1_000_000:06}Z"


def since_previous(delta_ns: int) -> str:
    """`+0.412`: s since the row before, to the millisecond."""
    return f"{delta_ns / NS:+.3f}"


def shortened(identifier: str) -> str:
    """An id cut in the middle, `91ce…04`; short ones stay whole."""
    return identifier if len(identifier) <= 12 else f"{identifier[:4]}…{identifier[-2:]}"
