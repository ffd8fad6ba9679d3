"""The official client's local writes: through the demo's backend, confirmed by our service, in both modes."""

from pathlib import Path

import pytest

from tests.interop.client_files import request_ids, rows_in, synced_rows
from tests.interop.official_client import Opener
from tests.interop.recording_proxy import RecordingProxy
from tests.running_service import ServiceUnderTest

LEGACY, REQUESTS = "/write-checkpoint2.json", "/sync/checkpoint-request"
MODES = pytest.mark.parametrize("mode", ["legacy", "requests"])

WRITES = (
    ("INSERT INTO lists(id, name, owner_id) VALUES ('new-list', 'Neu ☀️', 'alice')",),
    ("INSERT INTO todos(id, list_id, description, completed) VALUES ('new-todo', 'new-list', 'First', 0)",),
    ("UPDATE todos SET completed = 1, rating = 4.5 WHERE id = 'new-todo'",),
)


@MODES
def test_uploads_are_confirmed_and_reach_everybody(
    tmp_path: Path, service: ServiceUnderTest, proxy: RecordingProxy, official: Opener, mode: str
) -> None:
    writer, reader = tmp_path / "writer.db", tmp_path / "reader.db"
    with official(writer) as alice, official(reader) as other:
        alice.connect(proxy.endpoint, service.token(), checkpointMode=mode)
        other.connect(service.endpoint, service.token())
        alice.do("first_sync")
        other.do("first_sync")
        deleted = alice.value("SELECT id FROM notes ORDER BY id LIMIT 1")
        alice.write(*WRITES, ("DELETE FROM notes WHERE id = ?", deleted))
        alice.do("settled")
        other.rows_become("SELECT completed, rating FROM todos WHERE id = 'new-todo'", 1, 4.5)
        other.rows_become(f"SELECT count(*) FROM notes WHERE id = '{deleted}'", 0)
        alice.close()
        other.close()
    assert rows_in(writer, "SELECT count(*) FROM ps_crud") == [(0,)]
    assert synced_rows(writer) == synced_rows(reader)
    # The gate has opened: what is shown is the service's row, with the columns that it filled in.
    assert '"created_at":null' in synced_rows(writer)["lists", "new-list"]


def test_legacy_mode_keeps_the_keys_that_the_recording_shows(
    tmp_path: Path, service: ServiceUnderTest, proxy: RecordingProxy, official: Opener
) -> None:
    file = tmp_path / "official.db"
    with official(file) as client:
        client.connect(proxy.endpoint, service.token())
        client.do("first_sync")
        assert request_ids(file) == {}
        for number, statements in ((1, WRITES), (2, [("DELETE FROM todos WHERE id = 'new-todo'",)])):
            client.write(*statements)
            client.do("settled")
            assert request_ids(file) == {"target": number, "last_seen": number, "last_applied": number}
        client.close()
    assert proxy.calls(LEGACY, REQUESTS) == [(LEGACY, 200)] * 2


def test_requests_mode_keeps_the_keys_that_the_recording_shows_and_alternates_with_legacy(
    tmp_path: Path, service: ServiceUnderTest, proxy: RecordingProxy, official: Opener
) -> None:
    file = tmp_path / "official.db"

    def ids(last_requested: int, others: int) -> dict[str, int]:
        return {"last_requested": last_requested, "target": others, "last_seen": others, "last_applied": others}

    with official(file) as client:
        client.connect(proxy.endpoint, service.token(), checkpointMode="requests")
        client.do("first_sync")
        client.do("checkpoint")
        assert request_ids(file) == {"last_requested": 2, "last_seen": 2, "last_applied": 2}
        client.write(*WRITES)
        client.do("settled")
        assert request_ids(file) == ids(3, 3)
        client.do("disconnect")
        client.connect(proxy.endpoint, service.token())
        # A client looks for writes when it connects and after each write: at once, it may ask for both.
        client.do("status", fields={"connected": True})
        client.write(("UPDATE todos SET completed = 0 WHERE id = 'new-todo'",))
        client.do("settled")
        assert request_ids(file) == ids(3, 4)
        client.do("disconnect")
        client.connect(proxy.endpoint, service.token(), checkpointMode="requests")
        client.do("status", fields={"connected": True})
        client.write(("DELETE FROM todos WHERE id = 'new-todo'",))
        client.do("settled")
        assert request_ids(file) == ids(5, 5)
        client.close()
    sent = [
        (it.path, it.body["checkpoint_request_id"] if it.body else None)
        for it in proxy.exchanges
        if it.path in (LEGACY, REQUESTS)
    ]
    assert sent == [(REQUESTS, "1"), (REQUESTS, "2"), (REQUESTS, "3"), (LEGACY, None), (REQUESTS, "4"), (REQUESTS, "5")]


@MODES
def test_writes_made_offline_converge_with_what_happened_meanwhile(
    tmp_path: Path, service: ServiceUnderTest, proxy: RecordingProxy, official: Opener, mode: str
) -> None:
    file, fresh = tmp_path / "official.db", tmp_path / "fresh.db"
    with official(file) as client:
        client.connect(proxy.endpoint, service.token(), checkpointMode=mode)
        client.do("first_sync")
        client.do("disconnect")
        mine, theirs = (row["id"] for row in client.query("SELECT id FROM notes ORDER BY id LIMIT 2"))
        client.write(("UPDATE notes SET body = 'Mine' WHERE id = ?", mine))
        client.write(("INSERT INTO notes(id, body) VALUES ('offline', 'Written offline')",))
        service.patch("notes", mine, body="Theirs, earlier", tags="kept")
        service.patch("notes", theirs, body="Theirs")
        assert client.value("SELECT count(*) FROM ps_crud") == 2
        client.connect(proxy.endpoint, service.token(), checkpointMode=mode)
        client.do("settled")
        assert client.query("SELECT body, tags FROM notes WHERE id = ?", mine) == [{"body": "Mine", "tags": "kept"}]
        client.rows_become(f"SELECT body FROM notes WHERE id = '{theirs}'", "Theirs")
        client.close()
    with official(fresh) as client:
        client.connect(service.endpoint, service.token())
        client.do("first_sync")
        client.close()
    assert synced_rows(file) == synced_rows(fresh)


def test_a_refused_upload_is_kept_and_holds_back_downloads_until_it_is_taken(
    tmp_path: Path, service: ServiceUnderTest, proxy: RecordingProxy, official: Opener
) -> None:
    file = tmp_path / "official.db"
    with official(file) as client:
        # The service itself takes no uploads at this address.
        client.connect(proxy.endpoint, service.token(), backend=f"{proxy.endpoint}/api/elsewhere")
        client.do("first_sync")
        client.write(*WRITES)
        client.do("upload_fails")
        service.put("notes", "held", body="Held back")
        proxy.wait_complete("held")
        assert client.query("SELECT id FROM notes WHERE id = 'held'") == []
        client.do("disconnect")
        client.connect(proxy.endpoint, service.token())
        client.do("settled")
        client.rows_become("SELECT body FROM notes WHERE id = 'held'", "Held back")
        client.close()
    assert rows_in(file, "SELECT count(*) FROM ps_crud") == [(0,)]
