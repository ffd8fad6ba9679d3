"""What the state sentence says while tokens end, with a real engine and a service that ends them."""

import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from inspector.analysis.state import Live, StateSentence, describe
from inspector.engine.control import Connect, StaticToken, Status, TokenEndpoint, TokenFile
from tests.engine.running_engine import RunningEngine, running_engine
from tests.recordings import CAPTURES, Recording
from tests.running_service import ServiceUnderTest, running_service
from tests.scripted_service import Answer, scripted_service

NO_NEXT = "No source for the next one is known: connect with a new token to go on syncing."


@pytest.fixture
def service() -> Iterator[ServiceUnderTest]:
    with running_service(keepalive_seconds=0.5, token_seconds=4) as service:
        yield service


def says(engine: RunningEngine, lead: str, then: str = "") -> StateSentence:
    """Wait until the state sentence says so."""
    found: list[StateSentence] = []

    def reached(status: Status) -> bool:
        sentence = describe(Live(status), time.time_ns())
        found[:] = [sentence]
        return sentence.lead.startswith(lead) and then in sentence.then

    engine.wait(reached)
    return found[0]


def test_a_token_without_a_next_one_runs_out_and_is_refused(service: ServiceUnderTest, tmp_path: Path) -> None:
    token = StaticToken(service.token(seconds=12))
    with running_engine(service.endpoint, tmp_path, credentials=token) as engine:
        says(engine, "The token ends in ", NO_NEXT)
        ended = says(engine, "The token has expired.")
    assert ended.then == "The service ended the stream when the token did. Connect with a new token to go on syncing."


def test_a_token_that_the_real_service_ends_before_its_time_is_not_tried_again(tmp_path: Path) -> None:
    """As it was recorded: the last keepalive says 0, whatever the token's claims say."""
    ending = Recording(CAPTURES / "token-expiry").raw_body.splitlines(keepends=True)[-1]
    body = Recording(CAPTURES / "initial-ndjson").raw_body + ending
    with scripted_service(Answer(body)) as recorded, running_engine(recorded.endpoint, tmp_path) as engine:
        ended = says(engine, "The token has expired.")
        assert "The service ended the stream when the token did." in ended.then
        assert "next try" not in ended.then
    assert len(recorded.requests) == 1


def test_a_file_that_keeps_the_ended_token_that_goes_and_that_gets_a_new_one(
    service: ServiceUnderTest, tmp_path: Path
) -> None:
    file = tmp_path / "token.txt"
    with running_engine(service.endpoint, tmp_path, credentials=TokenFile(str(file)), connect=False) as engine:
        engine.wait(lambda status: status.phase == "idle")
        file.write_text(service.token(seconds=4))
        engine.send(Connect())
        says(engine, "The token ends in ", "The next one comes from the file token.txt.")
        refused = says(engine, "The token has expired.", "The next try is in ")
        assert "the file token.txt gives the same one again. Write a new one into the file" in refused.then
        file.unlink()
        says(engine, "There is no token to connect with.", "The token file token.txt cannot be read.")
        file.write_text(service.token(seconds=600))
        says(engine, "Up to date with checkpoint ")


def test_tokens_that_are_replaced_in_time_interrupt_nothing(service: ServiceUnderTest, tmp_path: Path) -> None:
    source = TokenEndpoint(f"{service.endpoint}/api/credentials?user=alice")
    with running_engine(service.endpoint, tmp_path, credentials=source) as engine:
        says(engine, "The token ends in ", "The next one comes from the credentials endpoint.")
        first = engine.statuses[-1].token_expires_at
        assert first is not None
        engine.wait(lambda status: status.phase == "connected" and (status.token_expires_at or 0) > first)
        assert not any(status.phase in ("refused", "waiting") for status in engine.statuses)
        service.stop()
        lost = says(engine, "There is no token to connect with.")
    assert "The credentials endpoint cannot be reached" in lost.then
