"""One client database in the hands of the official client and of our engine in turn."""

from pathlib import Path

import msgspec
import pytest

from inspector.engine.control import StaticToken
from inspector.service.demo.config import TABLES
from inspector.store.app_schema import AppSchema
from inspector.store.database import ClientDatabase
from tests.engine.running_engine import running_engine
from tests.interop.client_files import buckets, layout, positions, rows_in, synced_rows, view_rows
from tests.interop.official_client import Opener, sdk_schema
from tests.interop.recording_proxy import RecordingProxy
from tests.running_service import ServiceUnderTest

VIEWS = tuple(table.name for table in TABLES)
MIGRATIONS = "SELECT id, down_migrations FROM ps_migration ORDER BY id"


def sync_ours(folder: Path, proxy: RecordingProxy, service: ServiceUnderTest, until: str = "") -> None:
    """Run our engine on `client.db` until it has caught up, or shows the note `until`."""
    with running_engine(proxy.endpoint, folder, credentials=StaticToken(service.token())) as engine:
        status = engine.wait(
            lambda status: (
                status.shown_checkpoint
                and not status.receiving
                and (not until or ("notes", until) in synced_rows(folder / "client.db"))
            )
        )
        assert status.mismatch is None
        assert status.problem is None


def sync_official(file: Path, official: Opener, proxy: RecordingProxy, service: ServiceUnderTest) -> None:
    """Run the official client on `file` until it has caught up."""
    with official(file) as client:
        client.connect(proxy.endpoint, service.token())
        client.do("first_sync")
        client.close()


def test_our_engine_continues_the_official_clients_file_without_downloading_it_again(
    tmp_path: Path, service: ServiceUnderTest, proxy: RecordingProxy, official: Opener
) -> None:
    file = tmp_path / "client.db"
    sync_official(file, official, proxy, service)
    had, figures, rows = positions(file), buckets(file), synced_rows(file)
    sync_ours(tmp_path, proxy, service)
    assert proxy.streams[-1].positions == had
    assert proxy.streams[-1].body["client_id"] == proxy.streams[0].body["client_id"]
    assert proxy.streams[-1].operations == []
    assert (buckets(file), synced_rows(file)) == (figures, rows)
    service.put("notes", "later", body="Only this")
    sync_ours(tmp_path, proxy, service, until="later")
    assert [operation.object_id for operation in proxy.streams[-1].operations] == ["later"]
    assert synced_rows(file).keys() == rows.keys() | {("notes", "later")}


@pytest.mark.parametrize("with_views", [False, True])
def test_the_official_client_continues_our_engines_file_without_downloading_it_again(
    tmp_path: Path, service: ServiceUnderTest, proxy: RecordingProxy, official: Opener, with_views: bool
) -> None:
    file, fresh = tmp_path / "client.db", tmp_path / "fresh.db"
    sync_ours(tmp_path, proxy, service)
    if with_views:
        ClientDatabase.open(file, msgspec.convert(sdk_schema(TABLES), AppSchema)).close()
    had, figures, rows = positions(file), buckets(file), synced_rows(file)
    with official(file) as client:
        client.connect(proxy.endpoint, service.token())
        client.do("status", fields={"connected": True, "hasSynced": True})
        assert synced_rows(file) == rows
        service.put("notes", "later", body="Only this")
        client.rows_become("SELECT body FROM notes WHERE id = 'later'", "Only this")
        assert proxy.streams[-1].positions == had
        assert proxy.streams[-1].body["client_id"] == proxy.streams[0].body["client_id"]
        assert [operation.object_id for operation in proxy.streams[-1].operations] == ["later"]
        client.write(("UPDATE notes SET body = 'Changed here' WHERE id = 'later'",))
        client.do("settled")
        client.close()
    sync_official(fresh, official, proxy, service)
    assert synced_rows(file) == synced_rows(fresh)
    assert view_rows(file, *VIEWS) == view_rows(fresh, *VIEWS)
    assert [name for name, *_ in buckets(file)] == [name for name, *_ in figures]
    assert rows_in(file, MIGRATIONS) == rows_in(fresh, MIGRATIONS)
    assert layout(file) == layout(fresh)
    assert rows_in(file, "PRAGMA integrity_check") == [("ok",)]


def test_a_file_goes_back_and_forth_with_an_unfinished_download(
    tmp_path: Path, service: ServiceUnderTest, proxy: RecordingProxy, official: Opener
) -> None:
    file, fresh = tmp_path / "client.db", tmp_path / "fresh.db"
    with official(file) as client:
        proxy.hold_after(lambda line: getattr(line, "priority", None) == 1)
        client.connect(proxy.endpoint, service.token())
        client.do("first_sync", priority=1)
        client.close()
    proxy.release()
    had = positions(file)
    sync_ours(tmp_path, proxy, service)
    assert proxy.streams[-1].positions == had
    assert "lists" not in {operation.object_type for operation in proxy.streams[-1].operations}
    service.delete("notes", rows_in(file, "SELECT id FROM notes ORDER BY id LIMIT 1")[0][0])
    service.put("notes", "later", body="For our engine")
    sync_ours(tmp_path, proxy, service, until="later")
    sync_official(file, official, proxy, service)
    assert proxy.streams[-1].operations == []
    sync_official(fresh, official, proxy, service)
    assert synced_rows(file) == synced_rows(fresh)


def test_our_engine_keeps_what_the_official_client_has_not_uploaded(
    tmp_path: Path, service: ServiceUnderTest, proxy: RecordingProxy, official: Opener
) -> None:
    file, fresh = tmp_path / "client.db", tmp_path / "fresh.db"
    sync_official(file, official, proxy, service)
    ((note,),) = rows_in(file, "SELECT id FROM notes ORDER BY id LIMIT 1")
    with official(file) as client:
        client.write(("UPDATE notes SET body = 'Mine' WHERE id = ?", note))
        client.close()
    queue = rows_in(file, "SELECT * FROM ps_crud")
    service.patch("notes", note, tags="theirs")
    with running_engine(proxy.endpoint, tmp_path, credentials=StaticToken(service.token())) as engine:
        status = engine.wait(lambda status: status.held)
        assert status.pending_writes == 1
    assert rows_in(file, "SELECT * FROM ps_crud") == queue
    assert rows_in(file, f"SELECT body, tags = 'theirs' FROM notes WHERE id = '{note}'") == [("Mine", 0)]
    had = positions(file)
    with official(file) as client:
        client.connect(proxy.endpoint, service.token())
        client.do("settled")
        client.close()
    assert proxy.streams[-1].positions == had
    assert {operation.object_id for operation in proxy.streams[-1].operations} == {note}
    assert rows_in(file, f"SELECT body, tags FROM notes WHERE id = '{note}'") == [("Mine", "theirs")]
    sync_official(fresh, official, proxy, service)
    assert synced_rows(file) == synced_rows(fresh)


def test_our_engine_asks_for_the_streams_that_the_official_client_subscribed_to(
    tmp_path: Path, service: ServiceUnderTest, proxy: RecordingProxy, official: Opener
) -> None:
    file = tmp_path / "client.db"
    service.put("lists", "carols", name="Carol’s", owner_id="carol")
    service.put("todos", "carols-todo", list_id="carols", description="Seen by subscribers")
    wanted = {"stream": "list_todos", "parameters": {"list": "carols"}}
    with official(file) as client:
        client.connect(proxy.endpoint, service.token())
        client.do("subscribe", **wanted, options={"ttl": 3_600})
        client.do("stream_synced", **wanted)
        client.close()
    had, rows = positions(file), synced_rows(file)
    sync_ours(tmp_path, proxy, service)
    ours, theirs = proxy.streams[-1], proxy.streams[-2]
    assert ours.body["streams"] == theirs.body["streams"]
    assert ours.body["streams"]["subscriptions"] == [{**wanted, "override_priority": None}]
    assert (ours.positions, ours.operations) == (had, [])
    assert synced_rows(file) == rows
    assert ("todos", "carols-todo") in rows
