"""Which part of the time is on screen, and where its bins and ticks lie. No Qt."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import timedelta

from inspector.words import NS, local_time

SHORTEST = 1_000_000
"""ns: zooming in stops at a millisecond."""

_MS = 1_000_000
_TICKS = (
    *(_MS * n for n in (1, 2, 5, 10, 20, 50, 100, 200, 500)),
    *(NS * n for n in (1, 2, 5, 10, 15, 30)),
    *(60 * NS * n for n in (1, 2, 5, 10, 15, 30)),
    *(3600 * NS * n for n in (1, 2, 3, 6, 12)),
    *(86_400 * NS * n for n in (1, 2, 7, 28, 364)),
)
_MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")


@dataclass(frozen=True, slots=True)
class View:
    """From `first` to `last`, ns since the Unix epoch."""

    first: int
    last: int

    @property
    def span(self) -> int:
        """ns, at least 1."""
        return max(1, self.last - self.first)

    def x(self, at: int, left: int, width: int) -> float:
        """Where a moment is, in a plot of `width` pixels from `left` on; far outside, cut to what painters can take."""
        return min(max(left + (at - self.first) * width / self.span, -10_000.0), 100_000.0)

    def at(self, x: float, left: int, width: int) -> int:
        """The moment at `x` in that plot."""
        return self.first + round((x - left) * self.span / width)

    def zoomed(self, factor: float, at: int) -> "View":
        """So many times as long, with `at` where it is."""
        span = max(SHORTEST, round(self.span * factor))
        before = round(span * (at - self.first) / self.span)
        return View(at - before, at - before + span)

    def panned(self, delta: int) -> "View":
        """The same span, later by `delta`."""
        return View(self.first + delta, self.last + delta)

    def ending(self, last: int, span: int | None = None) -> "View":
        """The same span, or `span`, up to `last`."""
        return View(last - (span or self.span), last)

    def within(self, outer: "View") -> "View":
        """Moved, and made shorter where it has to be, so that it does not leave `outer`."""
        span = min(self.span, outer.span)
        first = min(max(self.first, outer.first), outer.last - span)
        return View(first, first + span)

    def around(self, moment: int) -> "View":
        """Moved, as little as it takes, so that `moment` is on screen."""
        if self.first <= moment <= self.last:
            return self
        return self.panned(moment - self.span // 2 - self.first)


def padded(first: int, last: int) -> View:
    """All from `first` to `last`, with a little air at both ends."""
    air = max(SHORTEST, (last - first) // 50)
    return View(first - air, last + air)


def bin_width(span: int, pixels: float, least_pixels: float) -> int:
    """The shortest of 1, 2, 5, 10, … ns that is `least_pixels` wide, where `span` ns take `pixels`."""
    least = span * least_pixels / max(1.0, pixels)
    width = 1
    while width < least:
        width = width * 5 // 2 if str(width).startswith("2") else width * 2
    return width


def loaded_range(view: View, step: int) -> View:
    """What to read for `view`: whole chunks of bins around it, so that small moves need nothing new."""
    chunk = step * 256
    return View((view.first // chunk - 1) * chunk, (view.last // chunk + 2) * chunk)


def tick_width(span: int, pixels: float, least_pixels: float) -> int:
    """The distance of two labels on the axis, ns."""
    least = span * least_pixels / max(1.0, pixels)
    return next((width for width in _TICKS if width >= least), _TICKS[-1])


def ticks(view: View, width: int) -> Iterator[tuple[int, str]]:
    """Where labels stand, and what they say: round local times."""
    shift = round((local_time(view.first).utcoffset() or timedelta()).total_seconds()) * NS
    at = -(-(view.first + shift) // width) * width - shift
    while at <= view.last:
        yield at, _label(at, width)
        at += width


def _label(at: int, width: int) -> str:
    local = local_time(at)
    if width >= 86_400 * NS:
        return f"{local.day} {_MONTHS[local.month - 1]}"
    label = f"{local.hour:02}:{local.minute:02}"
    if width >= 60 * NS:
        return label
    label = f"{label}:{local.second:02}"
    if width >= NS:
        return label
    digits = 1 if width >= 100 * _MS else 2 if width >= 10 * _MS else 3
    return f"{label}.{at % NS // _MS:03}"[: len(label) + 1 + digits]
