"""The official client cannot tell our service from the real one, and shows what our engine shows."""

from collections.abc import Callable
from pathlib import Path

import msgspec
import pytest

from inspector.engine.control import Connect, StaticToken, StreamSubscription, TokenEndpoint
from inspector.protocol.lines import DataLine, Keepalive, Line, PartialCheckpointComplete
from inspector.service.demo.config import TABLES
from inspector.store.app_schema import AppSchema
from inspector.store.database import ClientDatabase
from tests.engine.running_engine import RunningEngine, running_engine
from tests.interop.client_files import buckets, positions, rows_in, synced_rows, view_rows
from tests.interop.official_client import Opener, sdk_schema
from tests.interop.recording_proxy import RecordingProxy, recording_proxy
from tests.running_service import ServiceUnderTest, running_service

VIEWS = tuple(table.name for table in TABLES)


def partial_complete(priority: int) -> Callable[[Line], bool]:
    return lambda line: isinstance(line, PartialCheckpointComplete) and line.priority == priority


def wait_synced(engine: RunningEngine) -> None:
    engine.wait(lambda status: not status.first_sync and not status.receiving and status.shown_checkpoint)


def test_the_official_client_has_the_rows_and_buckets_that_our_engine_has(
    tmp_path: Path, service: ServiceUnderTest, official: Opener
) -> None:
    theirs, ours = tmp_path / "official.db", tmp_path / "client.db"
    with official(theirs) as client:
        client.connect(service.endpoint, service.token())
        client.do("first_sync")
        client.close()
    with running_engine(service.endpoint, tmp_path, credentials=StaticToken(service.token())) as engine:
        wait_synced(engine)
    assert len(synced_rows(theirs)) > 900
    assert synced_rows(ours) == synced_rows(theirs)
    assert buckets(ours) == buckets(theirs)
    oplog = "SELECT name, op_id, row_type, row_id, key, data, hash FROM ps_oplog, ps_buckets ON ps_buckets.id = bucket"
    assert sorted(rows_in(ours, oplog)) == sorted(rows_in(theirs, oplog))
    ClientDatabase.open(ours, msgspec.convert(sdk_schema(TABLES), AppSchema)).close()
    assert view_rows(ours, *VIEWS) == view_rows(theirs, *VIEWS)


def test_live_changes_reach_the_official_client_and_our_engine_alike(
    tmp_path: Path, service: ServiceUnderTest, official: Opener
) -> None:
    theirs, ours = tmp_path / "official.db", tmp_path / "client.db"
    with (
        official(theirs) as client,
        running_engine(service.endpoint, tmp_path, credentials=StaticToken(service.token())) as engine,
    ):
        client.connect(service.endpoint, service.token())
        client.do("first_sync")
        wait_synced(engine)
        first, second = (row_id for (row_id,) in rows_in(theirs, "SELECT id FROM notes ORDER BY id LIMIT 2"))
        service.put("lists", "new-list", name="Neu ☀️", owner_id="alice", created_at="2026-01-01")
        service.put("todos", "new-todo", list_id="new-list", description="First", rating=0.5)
        service.patch("notes", first, body="Changed")
        service.delete("notes", second)
        service.put("notes", "last", body="The last change")
        client.rows_become("SELECT body FROM notes WHERE id = 'last'", "The last change")
        engine.wait(lambda _: ("notes", "last") in synced_rows(ours))
        client.close()
    rows = synced_rows(theirs)
    assert {("lists", "new-list"), ("todos", "new-todo"), ("notes", first)} <= rows.keys()
    assert ("notes", second) not in rows
    assert synced_rows(ours) == rows
    assert buckets(ours) == buckets(theirs)


def test_priorities_are_shown_one_after_the_other(
    tmp_path: Path, service: ServiceUnderTest, proxy: RecordingProxy, official: Opener
) -> None:
    with official(tmp_path / "official.db") as client:

        def shown() -> list[int]:
            return [client.value(f"SELECT count(*) > 0 FROM {view}") for view in ("lists", "notes", "todos")]

        proxy.hold_after(partial_complete(1))
        client.connect(proxy.endpoint, service.token())
        proxy.wait_held()
        client.do("first_sync", priority=1)
        assert shown() == [1, 0, 0]
        proxy.hold_after(partial_complete(2))
        proxy.wait_held()
        client.do("first_sync", priority=2)
        assert shown() == [1, 1, 0]
        proxy.release()
        client.do("first_sync")
        assert shown() == [1, 1, 1]
        client.close()
    seen = [tuple(status["syncedPriorities"]) for status in client.statuses]
    assert list(dict.fromkeys(seen)) == [(), (0, 1), (0, 1, 2), (0, 1, 2, 3)]


def test_a_subscription_brings_rows_that_the_defaults_do_not(
    tmp_path: Path, service: ServiceUnderTest, proxy: RecordingProxy, official: Opener
) -> None:
    file = tmp_path / "official.db"
    service.put("lists", "carols", name="Carol’s", owner_id="carol")
    service.put("todos", "carols-todo", list_id="carols", description="Seen by subscribers")
    with official(file) as client:
        client.connect(proxy.endpoint, service.token())
        client.do("first_sync")
        assert client.query("SELECT id FROM todos WHERE list_id = 'carols'") == []
        wanted = {"stream": "list_todos", "parameters": {"list": "carols"}}
        client.do("subscribe", **wanted, options={"ttl": 3_600, "priority": 2})
        client.do("stream_synced", **wanted)
        assert client.query("SELECT description FROM todos WHERE list_id = 'carols'") == [
            {"description": "Seen by subscribers"}
        ]
        service.patch("todos", "carols-todo", description="Live too")
        client.rows_become("SELECT description FROM todos WHERE id = 'carols-todo'", "Live too")
        client.close()
    first, second = proxy.streams
    assert second.body["streams"]["subscriptions"] == [{**wanted, "override_priority": 2}]
    assert second.positions.keys() == {line.bucket for line in first.lines if isinstance(line, DataLine)}
    assert [operation.object_id for operation in second.operations] == ["carols-todo", "carols-todo"]
    assert rows_in(
        file,
        "SELECT stream_name, local_params, local_priority, active, is_default, ttl"
        " FROM ps_stream_subscriptions WHERE ttl IS NOT NULL",
    ) == [("list_todos", '{"list":"carols"}', 2, 1, 0, 3_600)]


def test_a_restarted_service_is_found_again_and_sends_only_what_is_new(tmp_path: Path, official: Opener) -> None:
    storage, file = tmp_path / "service.db", tmp_path / "official.db"
    with official(file) as client, recording_proxy("") as proxy:
        with running_service(storage=storage) as service:
            proxy.upstream = service.endpoint
            client.connect(proxy.endpoint, credentials=f"{proxy.endpoint}/api/credentials?user=alice")
            client.do("first_sync")
        client.do("status", fields={"connected": False})
        had = positions(file)
        with running_service(storage=storage) as service:
            # It signs with another key, so that the old token is refused.
            proxy.upstream = service.endpoint
            service.put("notes", "after", body="After the restart")
            client.rows_become("SELECT body FROM notes WHERE id = 'after'", "After the restart")
            client.close()
    assert proxy.streams[-1].positions == had
    assert [operation.object_id for operation in proxy.streams[-1].operations] == ["after"]
    assert ("/sync/stream", 401) in proxy.calls()


@pytest.mark.parametrize("mode", ["legacy", "requests"])
def test_a_refused_token_is_replaced(
    tmp_path: Path, service: ServiceUnderTest, proxy: RecordingProxy, official: Opener, mode: str
) -> None:
    with official(tmp_path / "official.db") as client:
        expired = service.token(seconds=-100)
        credentials = f"{proxy.endpoint}/api/credentials?user=alice"
        client.connect(proxy.endpoint, expired, credentials=credentials, checkpointMode=mode)
        client.do("first_sync")
        client.close()
    assert proxy.calls("/sync/stream") == [("/sync/stream", 401), ("/sync/stream", 200)]
    assert any("PSYNC_S2103" in (status["downloadError"] or "") for status in client.statuses)
    assert client.statuses[-1]["downloadError"] is None


def test_a_token_that_ends_while_syncing_is_replaced_without_an_error(
    tmp_path: Path, service: ServiceUnderTest, proxy: RecordingProxy, official: Opener
) -> None:
    with official(tmp_path / "official.db") as client:
        credentials = f"{proxy.endpoint}/api/credentials?user=alice"
        client.connect(proxy.endpoint, service.token(seconds=2), credentials=credentials)
        client.do("first_sync")
        had = positions(tmp_path / "official.db")
        proxy.wait_streams(2)
        service.put("notes", "after", body="With the second token")
        client.rows_become("SELECT body FROM notes WHERE id = 'after'", "With the second token")
        client.close()
    assert Keepalive(0) in proxy.streams[0].lines
    assert proxy.streams[1].positions == had
    assert [operation.object_id for operation in proxy.streams[1].operations] == ["after"]
    assert not any(status["downloadError"] for status in client.statuses)


def test_our_engine_finds_a_restarted_service_and_replaces_the_token_that_it_refuses(
    tmp_path: Path, client_script: Path
) -> None:
    """As the official client does above: the same requests, and only what is new."""
    storage, file = tmp_path / "service.db", tmp_path / "client.db"
    with recording_proxy("") as proxy:
        source = TokenEndpoint(f"{proxy.endpoint}/api/credentials?user=alice")
        with running_service(storage=storage) as service:
            proxy.upstream = service.endpoint
            with running_engine(proxy.endpoint, tmp_path, credentials=source) as engine:
                wait_synced(engine)
                service.stop()
                engine.wait(lambda status: status.phase == "waiting")
                had = positions(file)
                with running_service(storage=storage) as again:
                    proxy.upstream = again.endpoint
                    again.put("notes", "after", body="After the restart")
                    engine.send(Connect())
                    engine.wait(lambda status: status.problem and status.problem.code == "PSYNC_S2101")
                    engine.send(Connect())
                    engine.wait(lambda _: ("notes", "after") in synced_rows(file))
    assert proxy.streams[-1].positions == had
    assert [operation.object_id for operation in proxy.streams[-1].operations] == ["after"]
    assert ("/sync/stream", 401) in proxy.calls()


def test_the_official_client_asks_for_the_streams_that_our_engine_subscribed_to(
    tmp_path: Path, service: ServiceUnderTest, proxy: RecordingProxy, official: Opener
) -> None:
    service.put("lists", "carols", name="Carol’s", owner_id="carol")
    service.put("todos", "carols-todo", list_id="carols", description="Seen by subscribers")
    subscription = StreamSubscription("list_todos", {"list": "carols"}, ttl=3_600, priority=2)
    with running_engine(
        proxy.endpoint, tmp_path, credentials=StaticToken(service.token()), subscriptions=(subscription,)
    ) as engine:
        wait_synced(engine)
    ours = proxy.streams[-1].body["streams"]
    with official(tmp_path / "client.db") as client:
        assert client.query("SELECT description FROM todos WHERE list_id = 'carols'") == [
            {"description": "Seen by subscribers"}
        ]
        client.connect(proxy.endpoint, service.token())
        service.patch("todos", "carols-todo", description="Live too")
        client.rows_become("SELECT description FROM todos WHERE id = 'carols-todo'", "Live too")
        client.close()
    assert proxy.streams[-1].body["streams"] == ours
    assert [operation.object_id for operation in proxy.streams[-1].operations] == ["carols-todo"]
