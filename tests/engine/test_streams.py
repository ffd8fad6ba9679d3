"""Subscribing and unsubscribing while the engine's process runs, against the embedded service and a scripted one."""

import json
import threading
from pathlib import Path
from typing import Any

import apsw
import pytest

from inspector.capture.reader import CaptureReader
from inspector.engine.control import (
    Connect,
    SetParameters,
    Status,
    StreamSubscription,
    Subscribe,
    TokenEndpoint,
    Unsubscribe,
)
from tests.engine.running_engine import RunningEngine, running_engine
from tests.recordings import CAPTURES, Recording
from tests.running_service import ServiceUnderTest, running_service
from tests.scripted_service import Answer, scripted_service

INITIAL = Recording(CAPTURES / "initial-ndjson")
WITH_STREAMS = Recording(CAPTURES / "streams-subscribe")


def rows_in(folder: Path, sql: str) -> list[tuple[Any, ...]]:
    connection = apsw.Connection(str(folder / "client.db"), flags=apsw.SQLITE_OPEN_READONLY)
    try:
        return connection.execute(sql).fetchall()
    finally:
        connection.close()


def requests_in(folder: Path) -> list[dict[str, Any]]:
    with CaptureReader(folder / "stream.pscapture") as capture:
        return [json.loads(connection.request) for connection in capture.connections()]


def reasons_in(folder: Path) -> list[str]:
    with CaptureReader(folder / "stream.pscapture") as capture:
        return [connection.end_reason or "" for connection in capture.connections()]


def alice(service: ServiceUnderTest) -> TokenEndpoint:
    return TokenEndpoint(f"{service.endpoint}/api/credentials?user=alice")


def obey(engine: RunningEngine, command: Subscribe | Unsubscribe | SetParameters) -> None:
    engine.send(command)
    assert engine.wait_answer(command.id).ok


def connections(status: Status, folder: Path, wanted: int) -> bool:
    return status.phase == "connected" and not status.receiving and len(requests_in(folder)) >= wanted


def a_foreign_list(folder: Path) -> str:
    """A list whose todos alice does not have by default."""
    mine = {row for (row,) in rows_in(folder, "SELECT row_id FROM ps_oplog WHERE row_type = 'lists'")}
    return next(name for name in (f"list-{number}" for number in range(1, 40)) if name not in mine)


def test_a_subscription_replaces_the_stream_at_once_and_unsubscribing_does_so_again(tmp_path: Path) -> None:
    with running_service() as service, running_engine(service.endpoint, tmp_path, credentials=alice(service)) as engine:
        engine.wait(lambda status: status.shown_checkpoint is not None)
        parameters = {"list": a_foreign_list(tmp_path)}
        obey(engine, Subscribe(StreamSubscription("list_todos", parameters, priority=1), id=1))
        engine.wait(lambda status: connections(status, tmp_path, 2))
        engine.wait(lambda _: rows_in(tmp_path, "SELECT 1 FROM ps_stream_subscriptions WHERE last_synced_at AND ttl"))
        assert rows_in(
            tmp_path,
            "SELECT stream_name, local_params, local_priority, ttl, active FROM ps_stream_subscriptions WHERE ttl",
        ) == [("list_todos", json.dumps(parameters, separators=(",", ":")), 1, 86_400, 1)]
        assert engine.statuses[-1].stream_problems == ()
        obey(engine, Unsubscribe("list_todos", parameters, id=2))
        engine.wait(lambda status: connections(status, tmp_path, 3))
        engine.wait(lambda _: not rows_in(tmp_path, "SELECT 1 FROM ps_stream_subscriptions WHERE NOT is_default"))
    asked = [request["streams"]["subscriptions"] for request in requests_in(tmp_path)]
    wanted = {"stream": "list_todos", "parameters": parameters, "override_priority": 1}
    assert asked == [[], [wanted], []]
    assert reasons_in(tmp_path)[:2] == ["The subscriptions have changed."] * 2


def test_subscribing_to_the_same_again_changes_nothing(tmp_path: Path) -> None:
    again = Subscribe(StreamSubscription("list_todos", {"list": "list-2"}), id=1)
    with (
        running_service() as service,
        running_engine(
            service.endpoint, tmp_path, credentials=alice(service), subscriptions=(again.subscription,)
        ) as engine,
    ):
        engine.wait(lambda status: status.shown_checkpoint is not None)
        obey(engine, again)
        obey(engine, Unsubscribe("list_todos", {"list": "list-2"}, when_expired=True, id=2))
    assert len(requests_in(tmp_path)) == 1


def test_a_subscription_that_nobody_renews_ends_with_its_time_to_live(tmp_path: Path) -> None:
    short = Subscribe(StreamSubscription("list_todos", {"list": "list-2"}, ttl=2), id=1)
    with (
        running_service(keepalive_seconds=0.3) as service,
        running_engine(
            service.endpoint, tmp_path, credentials=alice(service), subscriptions=(short.subscription,)
        ) as engine,
    ):
        status = engine.wait(lambda status: status.shown_checkpoint is not None)
        engine.wait(lambda later: later.frames > status.frames + 10)
        assert len(requests_in(tmp_path)) == 1, "as long as the engine wants it, it is renewed at keepalives"
        obey(engine, Unsubscribe("list_todos", {"list": "list-2"}, when_expired=True, id=2))
        assert len(requests_in(tmp_path)) == 1
        engine.wait(lambda status: connections(status, tmp_path, 2))
    assert requests_in(tmp_path)[1]["streams"]["subscriptions"] == []


def test_subscriptions_outlive_the_engine_in_the_client_database(tmp_path: Path) -> None:
    subscribed = (StreamSubscription("list_todos"), StreamSubscription("list_todos", {"list": "a"}, ttl=60))
    with scripted_service(Answer(INITIAL.raw_body, hold=True), Answer(hold=True)) as service:
        with running_engine(service.endpoint, tmp_path, subscriptions=subscribed, include_defaults=False) as engine:
            engine.wait(lambda status: status.phase == "connected")
        with running_engine(service.endpoint, tmp_path) as engine:
            engine.wait(lambda status: status.phase == "connected")
    asked = [
        {"stream": "list_todos", "parameters": None, "override_priority": None},
        {"stream": "list_todos", "parameters": {"list": "a"}, "override_priority": None},
    ]
    assert service.requests[0]["streams"] == {"include_defaults": False, "subscriptions": asked}
    assert service.requests[1]["streams"] == {"include_defaults": True, "subscriptions": asked}


def test_a_subscription_made_before_the_answer_is_not_lost(tmp_path: Path) -> None:
    gate = threading.Event()
    with (
        scripted_service(Answer(INITIAL.raw_body, hold=True, before=gate), Answer(hold=True)) as service,
        running_engine(service.endpoint, tmp_path) as engine,
    ):
        service.wait_for_requests(1)
        obey(engine, Subscribe(StreamSubscription("list_todos"), id=1))
        service.wait_for_requests(2)
        gate.set()
    assert [len(request["streams"]["subscriptions"]) for request in service.requests] == [0, 1]


def test_unknown_and_failing_streams_are_said_with_the_next_step(tmp_path: Path) -> None:
    failing = b'{"name":"list_todos","is_default":false,"errors":[{"subscription":0,"message":"bad \\u201cid\\u201d"}]}'
    body = WITH_STREAMS.raw_body.replace(b'{"name":"list_todos","is_default":false,"errors":[]}', failing, 1)
    subscribed = (StreamSubscription("list_todos", {"list": "list-2"}), StreamSubscription("nope"))
    with (
        scripted_service(Answer(body, hold=True)) as service,
        running_engine(service.endpoint, tmp_path, subscriptions=subscribed) as engine,
    ):
        status = engine.wait(lambda status: status.stream_problems)
        unknown, failed = status.stream_problems
        assert unknown.what == "The service knows no stream “nope”."
        assert failed.what == 'The stream list_todos{"list":"list-2"} gives nothing.'
        assert failed.why == "The service says: bad “id”."
        assert unknown.next_step
        assert failed.next_step
        assert status.problem is None, "the other streams go on"
    with CaptureReader(tmp_path / "stream.pscapture") as capture:
        warnings = [event.message for event in capture.events() if event.level == "warning"]
    assert [str(unknown), str(failed)] == warnings


def test_parameters_and_metadata_are_sent_and_replace_the_stream_when_they_change(tmp_path: Path) -> None:
    with (
        scripted_service(Answer(INITIAL.raw_body, hold=True), Answer(hold=True)) as service,
        running_engine(service.endpoint, tmp_path, parameters={"n": 1}, app_metadata={"app": "a"}) as engine,
    ):
        engine.wait(lambda status: status.shown_checkpoint)
        obey(engine, SetParameters({"n": 1}, {"app": "a"}, id=1))
        obey(engine, SetParameters({"n": 3, "tenant": "t1"}, {"app": "demo"}, id=2))
        engine.wait(lambda status: status.phase == "connected" and len(service.requests) == 2)
    sent = [(request["parameters"], request["app_metadata"]) for request in service.requests]
    assert sent == [({"n": 1}, {"app": "a"}), ({"n": 3, "tenant": "t1"}, {"app": "demo"})]


@pytest.mark.parametrize("line", [b'{"type":"subscribe"}', b'{"type":"subscribe","subscription":{"stream":7}}'])
def test_a_subscription_that_is_none_is_answered(tmp_path: Path, line: bytes) -> None:
    with (
        scripted_service(Answer(INITIAL.raw_body, hold=True)) as service,
        running_engine(service.endpoint, tmp_path, connect=False) as engine,
    ):
        engine.wait(lambda status: status.phase == "idle")
        assert engine.process.stdin is not None
        engine.process.stdin.write(line + b"\n")
        engine.process.stdin.flush()
        assert not engine.wait_answer(0).ok
        engine.send(Connect())
        engine.wait(lambda status: status.shown_checkpoint)
