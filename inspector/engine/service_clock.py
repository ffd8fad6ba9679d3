"""The service's clock, as the `Date` of its answers tells it to about a second."""

import time
from collections.abc import Mapping
from email.utils import parsedate_to_datetime

FRESH_SECONDS = 3


class ServiceClock:
    """How far this machine's clock is from the service's. Times are s since the Unix epoch."""

    def __init__(self) -> None:
        self.skew: float | None = None
        """By how much this machine's clock is ahead, s; None until an answer had a date."""
        self._noted_at: float | None = None

    @property
    def fresh(self) -> bool:
        """An answer with a date has come of late: neither clock was set since then, in all likelihood."""
        return self._noted_at is not None and time.monotonic() - self._noted_at < FRESH_SECONDS

    def now(self) -> float:
        """The time on the service's clock; on this machine's while no other is known."""
        return time.time() - (self.skew or 0.0)

    def note(self, headers: Mapping[str, str], sent_at: float, received_at: float) -> None:
        """Take the date from an answer to a request that was sent at `sent_at` by this machine's clock.

        The date has whole seconds and was written somewhen between the request and the answer; of all skews that
        fit, the smallest is believed. An answer out of a cache (`Age`) has the date of another one.
        """
        if "age" in headers or (date := _date_of(headers)) is None:
            return
        most, least = received_at - date, sent_at - (date + 1)
        self._noted_at = time.monotonic()
        self.skew = least if least > 0 else min(most, 0.0)


def _date_of(headers: Mapping[str, str]) -> float | None:
    try:
        return parsedate_to_datetime(headers["date"]).timestamp()
    except (KeyError, TypeError, ValueError, OverflowError):
        return None
