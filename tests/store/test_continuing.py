"""What is found out about a client database before it is written."""

import gzip
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
