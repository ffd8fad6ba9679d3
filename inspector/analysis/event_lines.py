"""Events as people read them: those that repeat each other are one line with a count."""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from functools import lru_cache

from inspector.capture.reader import CaptureReader
from inspector.capture.rows import EventRow

LEVELS = ("debug", "info", "warning", "error")

_LOOK_BACK = 4
"""A failing connection says two or three sentences by turns."""
_NUMBERS = re.compile(r"\d+(?:[.,]\d+)?")


@dataclass(frozen=True, slots=True)
class TimedEvent:
    """An event with the newest frame that had come by then; what the session tells belongs to the checkpoint that was
    the target, too, by its id in the capture. None where there is none."""

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


def time_event(capture: CaptureReader, event: EventRow) -> TimedEvent:
    """An event with what it can be followed to."""
    frame = capture.frame_before(event.at)
    if frame is None or event.source != "session":
        return TimedEvent(event, frame)
    return TimedEvent(event, frame, capture.checkpoint_of_frame(frame))


def fold(events: Iterable[TimedEvent]) -> list[EventLine]:
    """Lines in the order of their newest events."""
    lines: list[EventLine] = []
    shapes: list[tuple[str, str, str]] = []
    for timed in events:
        event = timed.event
        shape = (event.level, event.source, _without_numbers(event.message))
        recent = range(len(lines) - 1, max(-1, len(lines) - 1 - _LOOK_BACK), -1)
        same = next((at for at in recent if shapes[at] == shape), None)
        if same is None:
            lines.append(EventLine(timed, event.id, event.at))
        else:
            before = lines.pop(same)
            shapes.pop(same)
            lines.append(EventLine(timed, before.first_id, before.first_at, before.count + 1))
        shapes.append(shape)
    return lines


@lru_cache(maxsize=20_000)
def _without_numbers(message: str) -> str:
    return _NUMBERS.sub("#", message)
