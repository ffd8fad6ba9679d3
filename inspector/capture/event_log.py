"""The events of a capture, in windows and by their ids, without their details, which may be long: `{}` where one has
some."""

from collections.abc import Sequence

import msgspec

from inspector.capture.opening import OpenedCapture
from inspector.capture.rows import EventRow

_EVENTS = "SELECT id, at, level, source, message, CASE WHEN details IS NOT NULL THEN '{}' END FROM events"


class EventLog:
    """For use from one thread; raises CaptureError when the file turns out to be damaged."""

    def __init__(self, opened: OpenedCapture) -> None:
        self._opened = opened

    def after(self, event: int, limit: int) -> list[EventRow]:
        """Up to `limit` events with ids above `event`, oldest first."""
        return self._opened.rows(EventRow, f"{_EVENTS} WHERE id > ? ORDER BY id LIMIT ?", event, limit)

    def last(self) -> int:
        """The id of the newest event; 0 when there is none."""
        return int(self._opened.scalar("SELECT ifnull(max(id), 0) FROM events"))

    def chosen(self, events: Sequence[int]) -> list[EventRow]:
        """The events with these ids, in the order of their ids; those that are not there are left out."""
        wanted = msgspec.json.encode(list(events)).decode()
        return self._opened.rows(
            EventRow, f"{_EVENTS} WHERE id IN (SELECT value FROM json_each(?)) ORDER BY id", wanted
        )
