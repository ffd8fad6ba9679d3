"""Events as people read them: those that repeat each other are one line with a count.

A capture may have millions, so lines are found once, going on where the last look stopped; what they say is read for
those that are looked at.
"""

from array import array
from collections import deque
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import NamedTuple

from inspector.capture.reader import CaptureReader
from inspector.capture.rows import EventRow

LEVELS = ("debug", "info", "warning", "error")

_LOOK_BACK = 4
"""A failing connection says two or three sentences by turns."""
_BATCH = 2_000
_MANY = 20_000
"""Events that are not all looked at in a moment."""
_NUMBERS = str.maketrans("", "", "0123456789.,")


@dataclass(frozen=True, slots=True)
class TimedEvent:
    """An event with the newest frame that had come by then on the same connection, else the connection's first; what
    the session tells belongs to the checkpoint that was the target, too, by its id in the capture. None where there is
    none."""

    event: EventRow
    frame: int | None
    checkpoint: int | None = None


@dataclass(frozen=True, slots=True)
class EventLine:
    """The newest of `count` events that say the same but for their numbers; times are ns since the Unix epoch."""

    newest: TimedEvent
    first_id: int
    first_at: int
    count: int = 1

    @property
    def event(self) -> EventRow:
        """The newest one."""
        return self.newest.event


class _Repeated(NamedTuple):
    """Events that are one line, but for the newest."""

    first_id: int
    first_at: int
    times: int


class EventLines:
    """The lines of the events of these levels that have these words, in the order of their newest events.

    `go_on` belongs to one thread; what it has found may be read from another.
    """

    def __init__(self, levels: frozenset[str], words: Sequence[str] = ()) -> None:
        self._levels = levels
        self._words = [word.casefold() for word in words]
        self._after = self._last = 0
        self._newest = array("q")
        self._repeated: dict[int, _Repeated] = {}
        self._recent: deque[tuple[str, _Repeated]] = deque(maxlen=_LOOK_BACK)
        """The shapes of the last lines, which the next event may repeat."""
        self.counts = dict.fromkeys(LEVELS, 0)
        """Events by their level, hidden ones too."""

    def go_on(self, capture: CaptureReader, wanted: Callable[[], bool]) -> "array[int]":
        """Look at what has come since; the id of each line's newest event. Stops where it stands when not `wanted`."""
        self._last = max(self._last, capture.event_log.last())
        while wanted() and (batch := capture.event_log.after(self._after, _BATCH)):
            for event in batch:
                self.counts[event.level] = self.counts.get(event.level, 0) + 1
                if event.level in self._levels and self._has_words(event.message):
                    self._take(event)
            self._after = batch[-1].id
        return self._newest[:]

    @property
    def share(self) -> float:
        """How much of the events was looked at so far, 0 … 1."""
        return self._after / self._last if self._last else 0.0

    def begin_late(self, capture: CaptureReader, wanted: Callable[[], bool]) -> "array[int]":
        """The lines of the newest events alone, where all are too many to be looked at in a moment; else none."""
        last = capture.event_log.last()
        if last <= _MANY:
            return array("q")
        self._after = max(self._after, last - _BATCH)
        return self.go_on(capture, wanted)

    def read(self, capture: CaptureReader, newest: Sequence[int]) -> list[EventLine | None]:
        """The lines whose newest events these are; None for one that is not there any more."""
        events = {event.id: event for event in capture.event_log.chosen(newest)}
        return [self._line(capture, events[at]) if at in events else None for at in newest]

    def newest_of(self, first_id: int) -> int:
        """The newest event of the line that began with this one."""
        return next((newest for newest, it in self._repeated.copy().items() if it.first_id == first_id), first_id)

    def containing(self, capture: CaptureReader, event: int) -> int | None:
        """The newest event of the line that stands for this one; None where it is not listed."""
        spans = sorted((at - it.first_id, at) for at, it in self._repeated.copy().items() if it.first_id < event < at)
        candidates = [event, *(at for _, at in spans)]
        shapes = {row.id: _shape(row) for row in capture.event_log.chosen(candidates)}
        listed = set(self._newest)
        return next((at for at in candidates if at in listed and shapes.get(at) == shapes.get(event)), None)

    def _has_words(self, message: str) -> bool:
        text = message.casefold() if self._words else ""
        return all(word in text for word in self._words)

    def _take(self, event: EventRow) -> None:
        shape = _shape(event)
        now = _Repeated(event.id, event.at, 1)
        for at, (known, before) in enumerate(self._recent):
            if known == shape:
                self._repeated.pop(self._newest.pop(at - len(self._recent)), None)
                del self._recent[at]
                now = self._repeated[event.id] = before._replace(times=before.times + 1)
                break
        self._newest.append(event.id)
        self._recent.append((shape, now))

    def _line(self, capture: CaptureReader, event: EventRow) -> EventLine:
        timed = time_event(capture, event)
        repeated = self._repeated.get(event.id)
        if repeated is None:
            return EventLine(timed, event.id, event.at)
        return EventLine(timed, repeated.first_id, repeated.first_at, repeated.times)


def _shape(event: EventRow) -> str:
    """What events have in common that say the same but for their numbers."""
    return f"{event.level} {event.source} {event.message.translate(_NUMBERS)}"


def time_event(capture: CaptureReader, event: EventRow) -> TimedEvent:
    """An event with what it can be followed to."""
    frame = capture.frame_during(event.at)
    if frame is None or event.source != "session":
        return TimedEvent(event, frame)
    return TimedEvent(event, frame, capture.checkpoints.of_frame(frame))
