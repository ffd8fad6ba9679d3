"""Tells open streams that something was committed; changes of a burst arrive as one."""

import asyncio
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TypeAlias

ClientKey: TypeAlias = tuple[str, str]
"""User id and client id, the owner of a write checkpoint."""

_BURST_SECONDS = 0.01
"""How long the first change after a quiet time waits for company."""
_PACE_SECONDS = 0.05
"""The least time between two deliveries: many changes a second become at most 20 checkpoints a second."""


@dataclass(frozen=True, slots=True)
class Change:
    """What commits have touched: bucket names, source tables, owners of write checkpoints."""

    buckets: frozenset[str] = frozenset()
    tables: frozenset[str] = frozenset()
    acknowledged: frozenset[ClientKey] = frozenset()

    def __or__(self, other: "Change") -> "Change":
        return Change(self.buckets | other.buckets, self.tables | other.tables, self.acknowledged | other.acknowledged)


NOTHING = Change()


class Subscription:
    """One stream's view of the feed."""

    def __init__(self) -> None:
        self._pending = NOTHING
        self._arrived = asyncio.Event()

    @property
    def waiting(self) -> bool:
        """`take` would give something."""
        return self._arrived.is_set()

    def add(self, change: Change) -> None:
        """Adds to what has not been taken yet."""
        self._pending |= change
        self._arrived.set()

    def take(self) -> Change:
        """Everything since the last call."""
        change, self._pending = self._pending, NOTHING
        self._arrived.clear()
        return change

    async def arrival(self, timeout: float) -> bool:
        """Waits for a change, at most `timeout` seconds; says whether one is there."""
        try:
            async with asyncio.timeout(timeout):
                await self._arrived.wait()
        except TimeoutError:
            return False
        return True


class ChangeFeed:
    """Hands committed changes to all subscriptions, paced. Lives on one event loop."""

    def __init__(self) -> None:
        self._subscriptions: set[Subscription] = set()
        self._pending = NOTHING
        self._delivery: asyncio.TimerHandle | None = None
        self._delivered_at = 0.0
        self.closed = False
        """The service is shutting down: streams end."""

    @property
    def open_streams(self) -> int:
        """How many subscriptions there are."""
        return len(self._subscriptions)

    @contextmanager
    def subscription(self) -> Iterator[Subscription]:
        """A subscription for as long as the context lasts."""
        subscription = Subscription()
        self._subscriptions.add(subscription)
        try:
            yield subscription
        finally:
            self._subscriptions.discard(subscription)

    def announce(self, change: Change) -> None:
        """Notes a commit; it is delivered soon."""
        if not self._subscriptions:
            return
        self._pending |= change
        if self._delivery is None:
            loop = asyncio.get_running_loop()
            due = max(loop.time() + _BURST_SECONDS, self._delivered_at + _PACE_SECONDS)
            self._delivery = loop.call_at(due, self._deliver)

    def close(self) -> None:
        """Ends all streams."""
        self.closed = True
        self.wake()

    def wake(self) -> None:
        """Lets all streams look whether there is something for them besides changes."""
        for subscription in self._subscriptions:
            subscription.add(NOTHING)

    def _deliver(self) -> None:
        change, self._pending = self._pending, NOTHING
        self._delivery = None
        self._delivered_at = asyncio.get_running_loop().time()
        for subscription in self._subscriptions:
            subscription.add(change)
