"""What a checkpoint says about the streams that were asked for: unknown ones and failing ones (protocol §6)."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import msgspec

from inspector.protocol.lines import StreamDescription, StreamError
from inspector.protocol.request import StreamsRequest


@dataclass(frozen=True, slots=True)
class StreamProblem:
    """Why a stream gives nothing, in three sentences."""

    what: str
    why: str
    next_step: str

    def __str__(self) -> str:
        return f"{self.what} {self.why} {self.next_step}"


def stream_words(name: str, parameters: dict[str, Any] | None) -> str:
    """A stream with its parameters, as people write it: `list_todos{"list":"list-7"}`."""
    return name if parameters is None else f"{name}{msgspec.json.encode(parameters).decode()}"


def stream_problems(asked: StreamsRequest, streams: tuple[StreamDescription, ...]) -> tuple[StreamProblem, ...]:
    """The problems of the subscriptions that were asked for, given a checkpoint's streams."""
    return (*_unknown(asked, streams), *_failing(asked, streams))


def _unknown(asked: StreamsRequest, streams: tuple[StreamDescription, ...]) -> Iterator[StreamProblem]:
    known = {stream.name for stream in streams}
    for name in dict.fromkeys(subscription.stream for subscription in asked.subscriptions):
        if name not in known:
            yield StreamProblem(
                f"The service knows no stream “{name}”.",
                "It is subscribed to, and the checkpoint does not name it.",
                "Check its spelling, and that the sync config that defines it is deployed.",
            )


def _failing(asked: StreamsRequest, streams: tuple[StreamDescription, ...]) -> Iterator[StreamProblem]:
    for stream in streams:
        for error in stream.errors:
            yield StreamProblem(
                f"The stream {_subscription_words(asked, stream, error)} gives nothing.",
                f"The service says: {' '.join(error.message.split()).rstrip('.')}.",
                "Check its parameters, and its query in the sync config; other streams go on.",
            )


def _subscription_words(asked: StreamsRequest, stream: StreamDescription, error: StreamError) -> str:
    index = error.subscription
    if isinstance(index, int) and 0 <= index < len(asked.subscriptions):
        return stream_words(stream.name, asked.subscriptions[index].parameters)
    return stream.name
