"""Numbers, times, sizes and lists as people read them: `24 310`, `1 h 5 min`, `20 Nov, 09:14`, `9.1 MB`.

Counts are grouped with thin spaces; ids (operations, checkpoints, requests) are not counts and stay as they are.
Imports nothing of ours, so that every room can use it.
"""

import math
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta

THIN_SPACE = "\u2009"
NS = 1_000_000_000

_MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")
_NAMED = 3
_SIZES = ("kB", "MB", "GB", "TB", "PB", "EB")
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


def thousands(number: int) -> str:
    """`24310` as `24 310`, with thin spaces."""
    return f"{number:,}".replace(",", THIN_SPACE)


def plural(number: int, one: str, many: str = "") -> str:
    """A count with what it counts: `1 bucket`, `2 buckets`; `many` where an s does not do."""
    return f"{thousands(number)} {one if number == 1 else many or one + 's'}"


def first_few(names: Sequence[str]) -> str:
    """`a, b, c` and how many others there are: `a, b, c and 4 more`."""
    shown = ", ".join(names[:_NAMED])
    return shown if len(names) <= _NAMED else f"{shown} and {thousands(len(names) - _NAMED)} more"


def ordinal(number: int) -> str:
    """`1st`, `2nd`, `3rd`, `4th`, `11th`."""
    teens = 10 < number % 100 < 20
    suffix = "th" if teens else {1: "st", 2: "nd", 3: "rd"}.get(number % 10, "th")
    return f"{thousands(number)}{suffix}"


def duration(seconds: float) -> str:
    """A span in its largest units, begun ones left out: `3 s`, `2 min`, `1 h 5 min`, `3 days`."""
    whole = max(0, int(seconds))
    if whole < 60:
        return f"{whole} s"
    minutes = whole // 60
    if minutes < 60:
        return f"{minutes} min"
    hours, minutes = divmod(minutes, 60)
    if hours < 24:
        return f"{hours} h {minutes} min" if minutes else f"{hours} h"
    return plural(hours // 24, "day")


def elapsed(seconds: float) -> str:
    """How long something took: `4 ms`, to the tenth below ten seconds (`1.8 s`), `2 min`."""
    if seconds < 0.0995:
        return f"{max(1, round(seconds * 1000))} ms"
    return f"{max(0.0, seconds):.1f} s" if seconds < 9.95 else duration(seconds)


def countdown(at_ns: int, now_ns: int) -> str:
    """How long until `at_ns`, begun seconds counted: `3 s`; what has passed is `0 s`."""
    return duration(math.ceil((at_ns - now_ns) / NS))


def ago(at_ns: int, now_ns: int) -> str:
    """How long since `at_ns`, as an adverb: `just now`, `3 s ago`, `2 h ago`; after a day `on 20 Nov, 09:14`."""
    seconds = (now_ns - at_ns) / NS
    if -1 < seconds < 1:
        return "just now"
    if 0 < seconds < 86_400:
        return f"{duration(seconds)} ago"
    words = moment(at_ns, now_ns)
    return f"on {words}" if "," in words else f"at {words}"


def moment(at_ns: int, now_ns: int) -> str:
    """A local time: `09:14` today, `20 Nov, 09:14` this year, `20 Nov 2024, 09:14` otherwise."""
    at, now = local_time(at_ns), local_time(now_ns)
    clock = f"{at.hour:02}:{at.minute:02}"
    if at.date() == now.date():
        return clock
    day = f"{at.day} {_MONTHS[at.month - 1]}"
    return f"{day}, {clock}" if at.year == now.year else f"{day} {at.year}, {clock}"


def clock(at_ns: int) -> str:
    """A local time of day: `14:03:38`."""
    at = local_time(at_ns)
    return f"{at.hour:02}:{at.minute:02}:{at.second:02}"


def local_time(at_ns: int) -> datetime:
    """ns since the Unix epoch as a local time; beyond the calendar it is the nearest day that there is."""
    seconds = min(max(at_ns / NS, -62_000_000_000), 253_000_000_000)
    return (_EPOCH + timedelta(seconds=seconds)).astimezone()


def byte_size(size: int) -> str:
    """`611 bytes`, `9.1 MB`, `412 MB`: decimal units, two or three digits."""
    if size < 1000:
        return plural(size, "byte")
    value, unit = size / 1000, 0
    while value >= 999.5 and unit < len(_SIZES) - 1:
        value, unit = value / 1000, unit + 1
    digits = f"{value:.0f}" if value >= 99.95 else f"{value:.1f}".removesuffix(".0")
    return f"{digits} {_SIZES[unit]}"
