"""Feeds events to a session and carries its effects out on the client database.

What needs a network (opening and closing streams, fetching credentials) is handed back to the caller, so the same
code serves a live connection and the replay of a recording.
"""

import time
from collections.abc import Callable
from typing import Protocol

from inspector.protocol.events import (
    Begin,
    CheckSubscriptions,
    DeleteBuckets,
    Effect,
    Event,
    HeldBack,
    LineReceived,
    Mismatched,
    Publish,
    Published,
    Remark,
    RenewSubscriptions,
    SaveOperations,
    SubscriptionsChecked,
    TrackCheckpoint,
)
from inspector.protocol.lines import kind_of
from inspector.protocol.request import StreamRequest
from inspector.protocol.session import Session, State
from inspector.store.database import ClientDatabase
from inspector.store.progress import Progress
from inspector.store.subscriptions import RequestedStreams


class Observer(Protocol):
    """Is told what was done, after it was done."""

    def deleted(self, effect: DeleteBuckets) -> None:
        """Buckets have gone."""

    def tracked(self, effect: TrackCheckpoint, progress: Progress) -> None:
        """There is a new target."""

    def saved(self, effect: SaveOperations) -> None:
        """A line's operations are stored."""

    def published(self, effect: Publish, outcome: Published | HeldBack | Mismatched) -> None:
        """A checkpoint was validated, and shown or not."""

    def remarked(self, effect: Remark) -> None:
        """The session has something to note."""

    def moved(self, before: State, after: State, cause: str) -> None:
        """The session is in another state; `cause` says by what, as a word."""


class Unobserved:
    """An observer that does nothing."""

    def deleted(self, effect: DeleteBuckets) -> None:
        """Nothing."""

    def tracked(self, effect: TrackCheckpoint, progress: Progress) -> None:
        """Nothing."""

    def saved(self, effect: SaveOperations) -> None:
        """Nothing."""

    def published(self, effect: Publish, outcome: Published | HeldBack | Mismatched) -> None:
        """Nothing."""

    def remarked(self, effect: Remark) -> None:
        """Nothing."""

    def moved(self, before: State, after: State, cause: str) -> None:
        """Nothing."""


def _cause(event: Event) -> str:
    """`checkpoint_diff` for a line, `Published` for another event."""
    return kind_of(event.line) if isinstance(event, LineReceived) else type(event).__name__


def now_us() -> int:
    """µs since the Unix epoch."""
    return time.time_ns() // 1_000


class Applier:
    """A session and the client database that it works on."""

    def __init__(
        self,
        database: ClientDatabase,
        *,
        observer: Observer | None = None,
        now_us: Callable[[], int] = now_us,
        include_defaults: bool = True,
    ) -> None:
        self.session = Session()
        self.database = database
        self._observer = observer or Unobserved()
        self._now_us = now_us
        self._include_defaults = include_defaults
        self._requested: RequestedStreams | None = None

    def begin(
        self, *, parameters: dict[str, object] | None = None, app_metadata: dict[str, str] | None = None
    ) -> list[Effect]:
        """Start an iteration from what the database holds; gives the OpenStream effect."""
        self._requested = self.database.requested_streams(self._include_defaults, self._now_us())
        request = StreamRequest(
            buckets=self.database.positions(),
            client_id=self.database.client_id,
            parameters=parameters or {},
            streams=self._requested.request,
            app_metadata=app_metadata or {},
        )
        return self.apply(Begin(request))

    def apply(self, event: Event) -> list[Effect]:
        """Hand in one event and carry out what follows; the effects that are left need a network."""
        left: list[Effect] = []
        queue = self._hand_in(event)
        while queue:
            effect = queue.pop(0)
            outcome = self._carry_out(effect)
            if outcome is not None:
                queue += self._hand_in(outcome)
            elif not isinstance(effect, DeleteBuckets | TrackCheckpoint | SaveOperations | RenewSubscriptions | Remark):
                left.append(effect)
        return left

    def _hand_in(self, event: Event) -> list[Effect]:
        before = self.session.state
        effects = self.session.receive(event)
        if self.session.state is not before:
            self._observer.moved(before, self.session.state, _cause(event))
        return effects

    def _carry_out(self, effect: Effect) -> Event | None:
        match effect:
            case DeleteBuckets(names):
                self.database.delete_buckets(names)
                self._observer.deleted(effect)
            case TrackCheckpoint(target):
                self._observer.tracked(effect, self.database.track(target))
            case SaveOperations(line, size):
                self.database.save(line, size)
                self._observer.saved(effect)
            case Publish(target, priority):
                outcome = self.database.publish(target, priority, self._now_us())
                self._observer.published(effect, outcome)
                return outcome
            case RenewSubscriptions():
                self.database.renew_subscriptions(self._now_us())
            case CheckSubscriptions():
                return self._check_subscriptions()
            case Remark():
                self._observer.remarked(effect)
        return None

    def _check_subscriptions(self) -> SubscriptionsChecked:
        requested = self.database.requested_streams(self._include_defaults, self._now_us())
        return SubscriptionsChecked(
            changed=self._requested is not None and requested.request != self._requested.request
        )
