"""What is found out about a client database before it is written."""

import gzip
import shutil
from pathlib import Path

import apsw
import pytest

from inspector.protocol.errors import InspectorError
from inspector.store.continuing import prepare_to_continue
from inspector.store.database import ClientDatabase
from tests.store.database_files import change, copy_to, fingerprint, state, version


def test_a_file_that_is_not_there_or_empty_or_ours_is_written_itself(tmp_path: Path) -> None:
    missing, empty, ours = (tmp_path / name for name in ("missing.db", "empty.db", "ours.db"))
    empty.touch()
    ClientDatabase.open(ours).close()
    for path in (missing, empty, ours):
        continued = prepare_to_continue(path, copies=tmp_path)
        assert (continued.path, continued.words) == (path, "")
    assert not missing.exists()


@pytest.mark.parametrize(
    ("name", "what"),
    [
        ("newer", "client.db has schema version 15; versions 1 to 14 can be read."),
        ("foreign", "client.db is a SQLite database, but not a PowerSync client database."),
        ("archive", "client.db is a gzip archive, not a database."),
        ("text", "client.db is not a SQLite database."),
    ],
)
def test_what_is_no_client_database_of_ours_is_refused_and_left_alone(tmp_path: Path, name: str, what: str) -> None:
    path = tmp_path / "client.db"
    match name:
        case "newer":
            copy_to(tmp_path, version("v14.db"), "client.db")
            change(path, "INSERT INTO ps_migration(id) VALUES (15)")
        case "foreign":
            change(path, "CREATE TABLE songs(title)")
        case "archive":
            path.write_bytes(gzip.compress(b"x" * 1_000))
        case "text":
            path.write_text("a letter\n" * 1_000)
    before = fingerprint(tmp_path)["client.db"]
    with pytest.raises(InspectorError) as refused:
        prepare_to_continue(path, copies=tmp_path)
    assert refused.value.what == what
    assert refused.value.next_step
    assert fingerprint(tmp_path)["client.db"] == before
    assert [file.name for file in tmp_path.iterdir()] == ["client.db"]


def test_copies_have_names_of_their_own(tmp_path: Path) -> None:
    path = copy_to(tmp_path, version("v08.db"), "app.sqlite")
    copies = [prepare_to_continue(path, copies=tmp_path) for _ in range(2)]
    assert [copy.path.name for copy in copies] == ["app (version 14).sqlite", "app (version 14) 2.sqlite"]
    assert copies[0].words.startswith("A copy of app.sqlite was migrated from schema version 8 to 14 and is continued:")
    assert prepare_to_continue(copies[0].path, copies=tmp_path).path == copies[0].path


def test_a_copy_has_what_stands_in_the_wal(tmp_path: Path) -> None:
    path = copy_to(tmp_path, version("v12.db"), "app.db")
    change(path, "PRAGMA journal_mode = WAL")
    writer = apsw.Connection(str(path))
    writer.execute("PRAGMA wal_autocheckpoint = 0")
    writer.execute("UPDATE ps_kv SET value = 'from the wal' WHERE key = 'client_id'")
    left_behind = tmp_path / "left-behind"
    left_behind.mkdir()
    killed = copy_to(left_behind, path)
    writer.close()
    continued = prepare_to_continue(killed, copies=tmp_path)
    database = ClientDatabase.open(continued.path)
    assert database.client_id == "from the wal"
    database.close()


def test_a_damaged_file_of_an_older_version_is_not_migrated(tmp_path: Path) -> None:
    path = copy_to(tmp_path, state("damaged"), "app.db")
    with pytest.raises(InspectorError, match="is damaged"):
        prepare_to_continue(path, copies=tmp_path, in_place=True)


def test_a_transaction_that_was_cut_off_is_rolled_back_in_the_copy_alone(tmp_path: Path) -> None:
    source = copy_to(tmp_path, version("v06.db"), "source.db")
    writer = apsw.Connection(str(source))
    writer.execute(
        "PRAGMA cache_size = 5; BEGIN IMMEDIATE; UPDATE ps_oplog SET data = json_object('spoiled', hex(zeroblob(500)))"
    )
    killed = tmp_path / "killed"
    killed.mkdir()
    path = copy_to(killed, source, "app.db")
    shutil.copyfile(f"{source}-journal", f"{path}-journal")
    writer.execute("ROLLBACK")
    writer.close()
    before = fingerprint(killed)
    continued = prepare_to_continue(path, copies=tmp_path)
    assert continued.version == 6
    assert fingerprint(killed) == before
    look = apsw.Connection(str(continued.path))
    assert look.execute("SELECT count(*) FROM ps_oplog WHERE data GLOB '*spoiled*'").fetchall() == [(0,)]
    look.close()


def test_a_file_that_another_program_holds_is_said_to_be_in_use(tmp_path: Path) -> None:
    path = copy_to(tmp_path, version("v14.db"), "app.db")
    change(path, "PRAGMA journal_mode = WAL")
    holder = apsw.Connection(str(path))
    holder.execute("PRAGMA locking_mode = EXCLUSIVE; BEGIN EXCLUSIVE; UPDATE ps_tx SET next_tx = 9; COMMIT").fetchall()
    with pytest.raises(InspectorError, match="cannot be read now"):
        prepare_to_continue(path, copies=tmp_path)
    holder.close()
