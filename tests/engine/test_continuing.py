"""Client databases of other clients, older ones too, in the hands of our engine."""

from pathlib import Path
from typing import Any

import pytest

from inspector.engine.control import CommandUpload, RefreshToken
from tests.engine.running_engine import RunningEngine, running_engine
from tests.interop.client_files import positions, rows_in, synced_rows
from tests.recorded_history import LAST_OP, HistoryService, history_service
from tests.store.database_files import VERSIONS, copy_to, fingerprint, state, version

CRUD = "SELECT id, data FROM ps_crud ORDER BY id"
CLIENT_ID = "SELECT value FROM ps_kv WHERE key = 'client_id'"
TAKES_ALL = CommandUpload("cat > /dev/null")
HEALTHY = (
    "never-synced",
    "mid-download",
    "partial",
    "up-to-date",
    "held-by-uploads",
    "waiting-for-service",
    "wal-left-behind",
)


@pytest.fixture(scope="module")
def fresh_rows(tmp_path_factory: pytest.TempPathFactory) -> dict[tuple[str, str], str]:
    """What a fresh client shows."""
    folder = tmp_path_factory.mktemp("fresh")
    with history_service() as service, running_engine(service.endpoint, folder) as engine:
        engine.wait(lambda status: status.shown_checkpoint == LAST_OP)
    return synced_rows(folder / "client.db")


def upload_and_show(engine: RunningEngine, service: HistoryService) -> None:
    """Have what is pending taken by the backend, and confirmed by the service."""
    engine.wait(lambda status: not status.pending_writes and (status.target_request or 0) < 2**62)
    if engine.statuses[-1].shown_checkpoint is None:
        engine.send(RefreshToken())  # the next stream's checkpoint has the write checkpoint
    engine.wait(lambda status: status.shown_checkpoint == LAST_OP)


@pytest.mark.parametrize("name", sorted(VERSIONS))
def test_a_file_of_every_version_is_continued_on_a_copy_without_downloading_it_again(
    tmp_path: Path, fresh_rows: dict[tuple[str, str], str], name: str
) -> None:
    users = tmp_path / "users"
    users.mkdir()
    original = copy_to(users, version(name))
    if name == "v14.db":  # needs no copy
        original = copy_to(tmp_path, version(name), "app.db")
    before, pending = fingerprint(users), rows_in(version_copy(tmp_path, name), CRUD)
    with (
        history_service() as service,
        running_engine(service.endpoint, tmp_path, client_database=str(original), uploads=TAKES_ALL) as engine,
    ):
        engine.wait(lambda status: status.phase == "connected")
        assert engine.hello is not None
        continued = Path(engine.hello.client_database)
        assert (continued == original) is (name == "v14.db")
        upload_and_show(engine, service)
        assert not any(status.mismatch for status in engine.statuses)
    assert sum(service.sent) == 0
    assert {(bucket["name"], bucket["after"]) for bucket in service.requests[0]["buckets"]} == {
        (bucket["bucket"], str(LAST_OP)) for bucket in service._checkpoint["buckets"]
    }
    assert fingerprint(users) == before
    assert len(pending) == 4
    assert rows_in(continued, CRUD) == []
    assert synced_rows(continued) == fresh_rows
    if VERSIONS[name]["schema_version"] > 2:
        assert rows_in(continued, CLIENT_ID) == [(service.requests[0]["client_id"],)]


def version_copy(folder: Path, name: str) -> Path:
    return copy_to(folder, version(name), "for-looking.db")


def test_pending_writes_of_a_migrated_file_wait_while_uploads_are_held(tmp_path: Path) -> None:
    original = copy_to(tmp_path, version("v04.db"), "app.db")
    pending = rows_in(original, CRUD)
    with (
        history_service() as service,
        running_engine(service.endpoint, tmp_path, client_database=str(original)) as engine,
    ):
        status = engine.wait(lambda status: status.held)
        assert (status.pending_writes, status.oldest_transaction) == (4, 1)
        assert engine.hello is not None
        continued = Path(engine.hello.client_database)
    assert continued.name == "app (version 14).db"
    assert rows_in(continued, CRUD) == pending


def test_a_file_is_migrated_in_place_where_somebody_asks_for_it(
    tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    original = copy_to(tmp_path, version("v09.db"), "app.db")
    with (
        history_service() as service,
        running_engine(service.endpoint, tmp_path, client_database=str(original), migrate_in_place=True) as engine,
    ):
        engine.wait(lambda status: status.held)
        assert engine.hello is not None
        assert engine.hello.client_database == str(original)
    assert rows_in(original, "SELECT max(id) FROM ps_migration") == [(14,)]
    assert "app.db was migrated from schema version 9 to 14." in capfd.readouterr().err


@pytest.mark.parametrize("name", HEALTHY)
def test_every_state_reaches_what_a_fresh_client_has_with_its_pending_writes_kept(
    tmp_path: Path, fresh_rows: dict[tuple[str, str], str], name: str
) -> None:
    file = copy_to(tmp_path, state(name), "client.db")
    had, pending = positions(copy_to(tmp_path, state(name), "for-looking.db")), rows_in(file, CRUD)
    if name == "wal-left-behind":  # looking has folded it in
        file = copy_to(tmp_path, state(name), "client.db")
    with history_service() as service:
        with running_engine(service.endpoint, tmp_path) as engine:
            if pending:
                engine.wait(lambda status: status.held)
            else:
                engine.wait(lambda status: status.shown_checkpoint == LAST_OP)
            assert not any(status.mismatch for status in engine.statuses)
        assert {bucket["name"]: bucket["after"] for bucket in service.requests[0]["buckets"]} == had
        assert service.sent[0] == EXPECTED_OPERATIONS[name]
        assert rows_in(file, CRUD) == pending
        if pending:
            with running_engine(service.endpoint, tmp_path, uploads=TAKES_ALL) as engine:
                upload_and_show(engine, service)
    assert synced_rows(file) == fresh_rows


EXPECTED_OPERATIONS = {
    "never-synced": 571,
    "mid-download": 382,
    "partial": 567,
    "up-to-date": 7,
    "held-by-uploads": 0,
    "waiting-for-service": 7,
    "wal-left-behind": 0,
}


@pytest.mark.parametrize(
    ("name", "what"),
    [
        ("damaged", "The client database client.db is damaged. Parts of "),
        ("truncated", "client.db is cut off: 352 356 of its 532 480 bytes are there."),
        ("encrypted", "client.db looks encrypted."),
    ],
)
def test_what_cannot_be_continued_is_refused_with_the_reason_and_left_as_it_is(
    tmp_path: Path, name: str, what: str
) -> None:
    copy_to(tmp_path, state(name), "client.db")
    before: Any = fingerprint(tmp_path)["client.db"]
    with history_service() as service, running_engine(service.endpoint, tmp_path) as engine:
        problem = engine.wait_end().problem
        assert problem is not None
        assert str(problem).replace("\u2009", " ").startswith(what)
        assert problem.next_step
    assert service.requests == []
    assert fingerprint(tmp_path)["client.db"] == before
