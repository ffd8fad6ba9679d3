"""Streams that a service does not know or that fail are said by name and parameters."""

import pytest

from inspector.protocol.lines import StreamDescription, StreamError
from inspector.protocol.request import RequestedSubscription, StreamsRequest
from inspector.protocol.stream_problems import stream_problems, stream_words

ASKED = StreamsRequest(
    subscriptions=(
        RequestedSubscription("list_todos", {"list": "list-7"}),
        RequestedSubscription("nope"),
        RequestedSubscription("nope", {"a": 1}),
    )
)
LISTS = StreamDescription("my_lists", is_default=True, errors=())


def test_a_stream_that_the_checkpoint_does_not_name_is_unknown_and_said_once() -> None:
    (problem,) = stream_problems(ASKED, (LISTS, StreamDescription("list_todos", False, ())))
    assert str(problem).startswith("The service knows no stream “nope”. It is subscribed to")


@pytest.mark.parametrize(
    ("subscription", "words"),
    [(0, 'The stream list_todos{"list":"list-7"} gives nothing.'), ("default", "The stream list_todos gives nothing.")],
)
def test_a_failing_subscription_is_named_with_what_the_service_says(subscription: str | int, words: str) -> None:
    failing = StreamDescription("list_todos", False, (StreamError(subscription, "no such\n column."),))
    problem = stream_problems(ASKED, (failing, StreamDescription("nope", False, ())))[0]
    assert str(problem).startswith(f"{words} The service says: no such column.")


def test_an_index_that_the_request_does_not_have_names_the_stream_alone() -> None:
    failing = StreamDescription("s", False, (StreamError(9, "failed"),))
    assert stream_problems(StreamsRequest(), (failing,))[0].what == "The stream s gives nothing."


def test_streams_are_written_with_their_parameters() -> None:
    assert [stream_words("s", None), stream_words("s", {}), stream_words("s", {"a": "ü"})] == ["s", "s{}", 's{"a":"ü"}']
