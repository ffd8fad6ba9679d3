"""Subscriptions as people read them, put together from the client database, the buckets and the engine's word."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

import msgspec

from inspector.engine.control import Problem
from inspector.protocol.stream_problems import stream_words
from inspector.store.records import Subscription


@dataclass(frozen=True, slots=True)
class StreamBuckets:
    """The buckets of one stream, whoever's subscription brought them; operations."""

    buckets: int
    done: int | None
    total: int | None
    """None where one of them is not counted."""


@dataclass(frozen=True, slots=True)
class StreamLine:
    """A subscription, or a stream of which there are buckets but no subscription; times are ns since the Unix epoch."""

    stream: str
    parameters: str
    """JSON text, empty for none."""
    subscription: Subscription | None
    buckets: StreamBuckets | None
    problem: Problem | None = None

    @property
    def words(self) -> str:
        """As people write it: `list_todos{"list":"list-7"}`."""
        return f"{self.stream}{self.parameters}"

    @property
    def explicit(self) -> bool:
        """Whether the client asked for it, and may stop asking."""
        return self.subscription is not None and self.subscription.ttl is not None

    @property
    def expires_at(self) -> int | None:
        """When it ends unless it is renewed."""
        at = self.subscription.expires_at if self.subscription is not None else None
        return None if at is None else at * 1000

    @property
    def last_synced_at(self) -> int | None:
        """The last checkpoint that covered it."""
        at = self.subscription.last_synced_at if self.subscription is not None else None
        return None if at is None else at * 1000

    @property
    def decoded_parameters(self) -> dict[str, object] | None:
        """As commands take them."""
        return msgspec.json.decode(self.parameters, type=dict[str, object]) if self.parameters else None


def stream_lines(
    subscriptions: Sequence[Subscription], buckets: Mapping[str, StreamBuckets], problems: Iterable[Problem]
) -> list[StreamLine]:
    """By name; the streams of which there are only buckets come last: a client of a version without subscriptions."""
    known = list(problems)
    lines = [
        StreamLine(
            it.stream,
            "" if it.parameters in ("null", "") else it.parameters,
            it,
            buckets.get(it.stream),
            _problem_of(it, known),
        )
        for it in sorted(subscriptions, key=lambda it: (it.stream, it.parameters))
    ]
    named = {line.stream for line in lines}
    return lines + [StreamLine(name, "", None, found) for name, found in sorted(buckets.items()) if name not in named]


def _problem_of(subscription: Subscription, problems: list[Problem]) -> Problem | None:
    """Problems name the stream as people write it."""
    parameters = None
    if subscription.parameters not in ("null", ""):
        parameters = msgspec.json.decode(subscription.parameters, type=dict[str, object])
    exact = f"The stream {stream_words(subscription.stream, parameters)} "
    named = (f"The stream {subscription.stream} ", f"“{subscription.stream}”")
    for problem in problems:
        if problem.what.startswith(exact):
            return problem
    return next((problem for problem in problems if any(name in problem.what for name in named)), None)
