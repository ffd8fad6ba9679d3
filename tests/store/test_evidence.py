"""Opening a user's file: what it is told to be, and that nothing of it changes."""

import os
import random
from pathlib import Path

import apsw
import pytest

from inspector.store.evidence import open_evidence
from inspector.store.evidence_sentences import CaptureGiven, EvidenceError, ProblemKind
from tests.store.database_files import STATES, VERSIONS, change, copy_to, fingerprint, overwrite_page, state, version

as_root = pytest.mark.skipif(hasattr(os, "geteuid") and os.geteuid() == 0, reason="permissions do not stop root")


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    folder = tmp_path / "evidence"
    folder.mkdir()
    return folder


@pytest.fixture
def work(tmp_path: Path) -> Path:
    return tmp_path / "work"


def refusal(path: Path, work: Path) -> str:
    """The sentences of the error; makes sure that the file is left as it was and nothing is left behind."""
    before = fingerprint(path.parent)
    with pytest.raises(EvidenceError) as refused:
        open_evidence(path, work)
    assert refused.value.what
    assert refused.value.next_step
    assert fingerprint(path.parent) == before
    assert not work.exists() or not list(work.iterdir())
    return str(refused.value)


@pytest.mark.parametrize(
    "path", [*map(version, sorted(VERSIONS)), *map(state, STATES)], ids=lambda path: str(path.stem)
)
def test_reading_everything_changes_nothing(path: Path, folder: Path, work: Path) -> None:
    copy = copy_to(folder, path)
    before = fingerprint(folder)
    if path.stem == "encrypted":
        assert "looks encrypted" in refusal(copy, work)
    else:
        evidence = open_evidence(copy, work)
        assert evidence.sha256 == before[copy.name][-1]
        reader = evidence.open_reader()
        summary = reader.summary()
        assert summary.schema_version == evidence.schema_version
        for table in reader.tables():
            reader.rows(table.name, limit=1000)
        for bucket in reader.buckets():
            reader.operations(bucket.name, limit=1000)
        reader.pending()
        reader.subscriptions()
        assert evidence.verify_unchanged()
        reader.close()
        evidence.close()
    assert fingerprint(folder) == before
    assert not work.exists() or not list(work.iterdir())


@pytest.mark.parametrize(
    "path", [version("v01.db"), version("v14.db"), state("up-to-date")], ids=lambda path: path.stem
)
def test_a_sound_file_is_read_where_it_stands(path: Path, folder: Path, work: Path) -> None:
    copy = copy_to(folder, path)
    evidence = open_evidence(copy, work)
    assert evidence.readable == copy
    assert (evidence.problems, evidence.notes, evidence.unreadable) == ((), (), ())
    assert evidence.checked
    assert not work.exists()


@pytest.mark.parametrize("name", ["no extension", "app.txt", "ünï ✓ 100%25?mode=rw#x&y=1.db", "-wal", "file:x.db"])
def test_names_play_no_part(name: str, folder: Path, work: Path) -> None:
    path = copy_to(folder, state("wal-left-behind"), name)
    before = fingerprint(folder)
    evidence = open_evidence(path, work)
    reader = evidence.open_reader()
    assert reader.summary().operations == 566
    reader.close()
    evidence.close()
    alone = copy_to(folder, version("v14.db"), f"alone {name}", siblings=False)
    reader = open_evidence(alone, work).open_reader()
    assert reader.summary().operations == 566
    reader.close()
    alone.unlink()
    assert {key: value for key, value in fingerprint(folder).items() if key != "."} == {
        key: value for key, value in before.items() if key != "."
    }


def test_a_relative_path_is_read(folder: Path, work: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    copy_to(folder, version("v14.db"))
    monkeypatch.chdir(folder)
    evidence = open_evidence(Path("v14.db"), work)
    assert evidence.path == folder / "v14.db"


def test_a_change_after_opening_is_told(folder: Path, work: Path) -> None:
    path = copy_to(folder, version("v14.db"))
    evidence = open_evidence(path, work)
    assert evidence.verify_unchanged()
    change(path, "DELETE FROM ps_crud")
    assert not evidence.verify_unchanged()
    path.unlink()
    assert not evidence.verify_unchanged()


def test_a_change_that_keeps_size_and_time_is_found_by_the_hash(folder: Path, work: Path) -> None:
    path = copy_to(folder, version("v14.db"))
    evidence = open_evidence(path, work)
    assert evidence.sha256
    stat = path.stat()
    overwrite_page(path, 50, b"x" * 4096)
    os.utime(path, ns=(stat.st_atime_ns, stat.st_mtime_ns))
    assert not evidence.verify_unchanged()


def test_damage_names_the_tables_and_what_to_do(folder: Path, work: Path) -> None:
    evidence = open_evidence(copy_to(folder, state("damaged")), work)
    (problem,) = evidence.problems
    assert problem.kind is ProblemKind.DAMAGED
    assert problem.what == "damaged.db is damaged: parts of ps_oplog cannot be read."
    assert problem.why.startswith("3 pages hold nothing but zeros")
    assert "Copy it again from the device" in problem.next_step
    (table,) = evidence.unreadable
    assert table.table == "ps_oplog"
    assert table.reason.startswith("SQLite finds: ")
    reader = evidence.open_reader()
    assert reader.summary().unreadable == evidence.unreadable
    reader.close()


def test_a_file_that_is_cut_off_is_read_as_far_as_it_goes(folder: Path, work: Path) -> None:
    path = copy_to(folder, state("truncated"))
    before = fingerprint(folder)
    evidence = open_evidence(path, work)
    assert [problem.kind for problem in evidence.problems] == [ProblemKind.CUT_OFF, ProblemKind.DAMAGED]
    thin = "\u2009"
    assert evidence.problems[0].what == (f"truncated.db is cut off: 352{thin}356 of its 532{thin}480 bytes are there.")
    assert {table.table for table in evidence.unreadable} == {"ps_data__todos", "ps_oplog"}
    reader = evidence.open_reader()
    assert len(reader.buckets()) == 6
    assert len(reader.rows("lists")) == 4
    assert any(operation.readable for operation in reader.operations('1#my_todos|0["list-1"]', limit=1000))
    reader.close()
    evidence.close()
    assert fingerprint(folder) == before


def test_too_little_left_of_a_file_is_a_clear_sentence(folder: Path, work: Path) -> None:
    whole = version("v14.db").read_bytes()
    path = folder / "app.db"
    path.write_bytes(whole[:60])
    assert refusal(path, work).startswith("app.db is cut off after its first bytes.")
    path.write_bytes(whole[:1000])
    assert refusal(path, work).startswith("app.db is damaged beyond reading.")
    path.write_bytes(whole[:100] + bytes(len(whole) - 100))
    assert refusal(path, work).startswith("app.db is damaged beyond reading.")
    path.write_bytes(whole[:16] + b"\xff" * 84 + whole[100:])
    assert refusal(path, work).startswith("app.db is damaged beyond reading.")


def test_a_lost_version_does_not_hide_the_rest(folder: Path, work: Path) -> None:
    path = copy_to(folder, version("v14.db"))
    overwrite_page(path, 2)
    evidence = open_evidence(path, work)
    assert (evidence.schema_version, [table.table for table in evidence.unreadable]) == (0, ["ps_migration"])
    assert [problem.kind for problem in evidence.problems] == [ProblemKind.DAMAGED]
    reader = evidence.open_reader()
    assert reader.summary().rows == 566
    reader.close()


def test_encrypted_files_look_encrypted(folder: Path, work: Path) -> None:
    assert refusal(copy_to(folder, state("encrypted")), work).startswith("encrypted.db looks encrypted.")
    noise = random.Random(7)
    plain_header = folder / "plain header.db"
    plain_header.write_bytes(version("v14.db").read_bytes()[:32] + noise.randbytes(8 * 4096 - 32))
    assert refusal(plain_header, work).startswith("plain header.db looks encrypted.")
    small = folder / "small.db"
    small.write_bytes(noise.randbytes(1024))
    assert refusal(small, work).startswith("small.db looks encrypted.")


@pytest.mark.parametrize(
    ("name", "content", "told"),
    [
        ("empty.db", b"", "empty.db is empty."),
        ("notes.db", b"Dear support,\n" * 99, "notes.db is not a SQLite database. It is plain text."),
        ("random.bin", random.Random(5).randbytes(5000), "random.bin is not a SQLite database."),
        ("zeros.db", bytes(8192), "zeros.db is not a SQLite database."),
        ("app.db.gz", b"\x1f\x8b\x08" + bytes(99), "app.db.gz is a gzip archive, not a database. Unpack it"),
        ("app.zip", b"PK\x03\x04" + bytes(99), "app.zip is a zip archive, not a database."),
        ("app.db-journal", bytes.fromhex("d9d505f920a163d7") + bytes(99), "app.db-journal is the rollback journal"),
    ],
)
def test_what_is_no_database_is_told_by_its_content(
    name: str, content: bytes, told: str, folder: Path, work: Path
) -> None:
    (folder / name).write_bytes(content)
    assert refusal(folder / name, work).startswith(told)


def test_the_siblings_of_a_database_are_sent_back_to_it(folder: Path, work: Path) -> None:
    copy_to(folder, state("wal-left-behind"))
    for suffix in ("-wal", "-shm"):
        told = refusal(folder / f"wal-left-behind.db{suffix}", work)
        assert told.endswith("Open wal-left-behind.db instead and keep this file beside it.")


def test_an_empty_file_with_a_wal_tells_of_it(folder: Path, work: Path) -> None:
    path = copy_to(folder, state("wal-left-behind"))
    path.write_bytes(b"")
    assert "Its -wal of 869 kB cannot be read without it." in refusal(path, work)


def test_what_is_not_there_or_no_file_is_a_clear_sentence(folder: Path, work: Path) -> None:
    assert refusal(folder / "gone.db", work).startswith("There is no file gone.db.")
    (folder / "sub").mkdir()
    assert refusal(folder / "sub", work).startswith("sub is a folder.")
    if hasattr(os, "mkfifo"):
        os.mkfifo(folder / "pipe")
        with pytest.raises(EvidenceError, match="pipe is no regular file"):
            open_evidence(folder / "pipe", work)


def test_another_sqlite_file_is_told_with_its_tables(folder: Path, work: Path) -> None:
    path = folder / "other.db"
    change(path, *(f"CREATE TABLE {name}(x)" for name in ("users", "orders", "items", "carts", "taxes", "x")))
    told = refusal(path, work)
    assert told.startswith("other.db is a SQLite database, but not a PowerSync client database.")
    assert "Its tables are carts, items, orders, taxes and 2 more instead of ps_migration, ps_oplog" in told
    empty = folder / "empty.db"
    change(empty, "CREATE TABLE x(y)", "DROP TABLE x")
    assert "It has no tables at all." in refusal(empty, work)
    begun = folder / "begun.db"
    change(begun, "CREATE TABLE ps_migration(id INTEGER PRIMARY KEY, down_migrations TEXT)")
    assert "It lacks ps_oplog, ps_buckets, ps_crud and ps_untyped" in refusal(begun, work)


def test_a_newer_version_is_refused_by_its_number(folder: Path, work: Path) -> None:
    path = copy_to(folder, version("v14.db"))
    change(path, "INSERT INTO ps_migration(id) VALUES (15)")
    assert refusal(path, work).startswith("v14.db has schema version 15; versions 1 to 14 can be read.")


def test_tables_that_do_not_fit_the_version_are_told_and_read(folder: Path, work: Path) -> None:
    path = copy_to(folder, version("v14.db"))
    change(path, "ALTER TABLE ps_buckets ADD COLUMN target_op INTEGER NOT NULL DEFAULT 0")
    evidence = open_evidence(path, work)
    (problem,) = evidence.problems
    assert problem.kind is ProblemKind.VERSION_DISAGREES
    assert "ps_buckets.target_op" in problem.why
    reader = evidence.open_reader()
    assert reader.summary().operations == 566
    reader.close()


def test_a_capture_is_handed_on(folder: Path, work: Path) -> None:
    path = folder / "capture.db"
    change(path, f"PRAGMA application_id = {0x50535943}", "CREATE TABLE frames(id)")
    with pytest.raises(CaptureGiven, match=r"capture\.db is a capture, not a client database"):
        open_evidence(path, work)


def test_a_capture_whose_mark_is_still_in_the_wal_is_handed_on(folder: Path, work: Path) -> None:
    source = folder / "live.db"
    writer = apsw.Connection(str(source))
    writer.pragma("journal_mode", "wal")
    writer.pragma("application_id", 0x50535943)
    writer.execute("CREATE TABLE frames(id)")
    before = fingerprint(folder)
    with pytest.raises(CaptureGiven):
        open_evidence(source, work)
    assert fingerprint(folder) == before
    assert not list(work.iterdir())
    writer.close()


@as_root
def test_a_file_that_may_not_be_read_is_a_clear_sentence(folder: Path, work: Path) -> None:
    path = copy_to(folder, version("v14.db"))
    path.chmod(0)
    with pytest.raises(EvidenceError, match=r"v14\.db cannot be read.*no permission"):
        open_evidence(path, work)


@as_root
@pytest.mark.parametrize("name", ["up-to-date", "wal-left-behind"])
def test_a_folder_that_may_not_be_written_is_no_obstacle(name: str, folder: Path, work: Path) -> None:
    path = copy_to(folder, state(name))
    path.chmod(0o400)
    folder.chmod(0o500)
    try:
        evidence = open_evidence(path, work)
        reader = evidence.open_reader()
        assert reader.summary().buckets == 6
        reader.close()
        evidence.close()
    finally:
        folder.chmod(0o700)
