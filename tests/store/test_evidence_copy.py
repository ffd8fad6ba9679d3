"""Files that SQLite must recover before they can be read: that is done to a copy, and the newest data are shown."""

import shutil
from collections import namedtuple
from pathlib import Path
from typing import Any

import apsw
import pytest

from inspector.store import damage, evidence
from inspector.store.evidence import Evidence, open_evidence
from inspector.store.evidence_sentences import EvidenceError, ProblemKind
from inspector.store.records import DatabaseSummary
from tests.store.database_files import change, copy_to, fingerprint, leaf_pages, overwrite_page, state, version


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    folder = tmp_path / "evidence"
    folder.mkdir()
    return folder


@pytest.fixture
def work(tmp_path: Path) -> Path:
    return tmp_path / "work"


def summary_of(found: Evidence) -> DatabaseSummary:
    reader = found.open_reader()
    try:
        return reader.summary()
    finally:
        reader.close()


def kinds(found: Evidence) -> list[ProblemKind]:
    return [problem.kind for problem in (*found.problems, *found.notes)]


def test_the_newest_data_come_from_the_wal(folder: Path, work: Path) -> None:
    path = copy_to(folder, state("wal-left-behind"))
    before = fingerprint(folder)
    newest = open_evidence(path, work)
    assert fingerprint(folder) == before
    assert newest.wal_bytes == 869_352
    assert (newest.problems, kinds(newest)) == ((), [ProblemKind.WAL_READ])
    assert newest.readable.parent.parent == work

    alone = copy_to(folder, state("wal-left-behind"), "alone.db", siblings=False)
    older = open_evidence(alone, work)
    assert (older.wal_bytes, kinds(older)) == (0, [ProblemKind.NO_WAL])

    assert (summary_of(newest).operations, summary_of(older).operations) == (566, 564)
    assert (summary_of(newest).last_synced_at or 0) > (summary_of(older).last_synced_at or 0)
    reader = newest.open_reader()
    assert {bucket.last_op for bucket in reader.buckets()} == {1598}
    reader.close()
    newest.close()
    assert list(work.iterdir()) == []


def test_the_index_of_the_wal_is_not_needed(folder: Path, work: Path) -> None:
    path = copy_to(folder, state("wal-left-behind"))
    path.with_name(f"{path.name}-shm").unlink()
    assert summary_of(open_evidence(path, work)).operations == 566


def test_a_wal_that_was_cut_off_counts_up_to_its_last_whole_transaction(folder: Path, work: Path) -> None:
    path = copy_to(folder, state("wal-left-behind"))
    wal = path.with_name(f"{path.name}-wal")
    wal.write_bytes(wal.read_bytes()[:-5000])
    found = open_evidence(path, work)
    assert found.problems == ()
    assert summary_of(found).buckets == 6


def test_a_wal_of_another_database_is_left_out(folder: Path, tmp_path: Path, work: Path) -> None:
    other = copy_to(tmp_path, version("v01.db"))
    writer = apsw.Connection(str(other))
    writer.pragma("journal_mode", "wal")
    writer.execute("DELETE FROM ps_crud; DELETE FROM ps_data__todos WHERE id < 'todo-2'")
    path = copy_to(folder, state("wal-left-behind"), siblings=False)
    shutil.copyfile(f"{other}-wal", f"{path}-wal")
    writer.close()
    before = fingerprint(folder)
    found = open_evidence(path, work)
    assert kinds(found) == [ProblemKind.SIBLING_LEFT_OUT]
    assert summary_of(found).operations == 564
    assert fingerprint(folder) == before
    found.close()
    assert list(work.iterdir()) == []


def test_an_empty_wal_needs_no_copy_and_no_word(folder: Path, work: Path) -> None:
    path = copy_to(folder, state("wal-left-behind"), siblings=False)
    path.with_name(f"{path.name}-wal").touch()
    found = open_evidence(path, work)
    assert (found.readable, kinds(found)) == (path, [])


def test_damage_in_a_file_with_a_wal_is_damage_and_not_the_fault_of_the_wal(folder: Path, work: Path) -> None:
    path = copy_to(folder, state("wal-left-behind"))
    only_in_file = set(leaf_pages(state("up-to-date"), "ps_data__todos")) - pages_of_wal(
        path.with_name(f"{path.name}-wal")
    )
    overwrite_page(path, min(only_in_file))
    found = open_evidence(path, work)
    assert [problem.kind for problem in found.problems] == [ProblemKind.DAMAGED]
    assert kinds(found)[-1] is ProblemKind.WAL_READ
    assert summary_of(found).operations == 566


def pages_of_wal(wal: Path) -> set[int]:
    content = wal.read_bytes()
    return {int.from_bytes(content[at : at + 4], "big") for at in range(32, len(content), 24 + 4096)}


def test_a_transaction_that_was_cut_off_is_rolled_back_in_the_copy(folder: Path, tmp_path: Path, work: Path) -> None:
    source = copy_to(tmp_path, version("v14.db"))
    writer = apsw.Connection(str(source))
    writer.execute(
        "PRAGMA cache_size = 5; BEGIN IMMEDIATE; "
        "UPDATE ps_data__todos SET data = json_object('spoilt', hex(zeroblob(500)))"
    )
    path = folder / "killed.db"
    shutil.copyfile(source, path)
    shutil.copyfile(f"{source}-journal", f"{path}-journal")
    writer.execute("ROLLBACK")
    writer.close()
    assert b"spoilt" in path.read_bytes()
    before = fingerprint(folder)

    found = open_evidence(path, work)
    assert (found.problems, kinds(found)) == ((), [ProblemKind.ROLLED_BACK])
    reader = found.open_reader()
    assert not any("spoilt" in (row.data or "") for row in reader.rows("todos", limit=1000))
    reader.close()
    assert fingerprint(folder) == before


def test_a_database_in_use_is_read_as_of_its_last_commit(folder: Path, work: Path) -> None:
    path = copy_to(folder, version("v14.db"))
    writer = apsw.Connection(str(path))
    writer.pragma("journal_mode", "wal")
    writer.execute("DELETE FROM ps_crud WHERE id > 1")
    writer.execute("BEGIN IMMEDIATE; DELETE FROM ps_crud")
    before = fingerprint(folder)
    found = open_evidence(path, work)
    assert fingerprint(folder) == before
    assert found.problems == ()
    assert summary_of(found).pending_writes == 1
    writer.execute("COMMIT")
    assert not found.verify_unchanged()
    writer.close()


def test_a_database_that_is_checkpointed_during_every_copy_is_told_to_be_changing(
    folder: Path, work: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = copy_to(folder, version("v14.db"))
    writer = apsw.Connection(str(path))
    writer.pragma("journal_mode", "wal")
    writer.execute("DELETE FROM ps_crud WHERE id > 1")
    copyfile = shutil.copyfile

    def write_meanwhile(source: Path, target: Path) -> Any:
        copied = copyfile(source, target)
        writer.execute("INSERT INTO ps_kv VALUES (hex(randomblob(8)), 1)")
        writer.wal_checkpoint(mode=apsw.SQLITE_CHECKPOINT_RESTART)
        return copied

    monkeypatch.setattr(shutil, "copyfile", write_meanwhile)
    found = open_evidence(path, work)
    assert found.problems[0].what == "v14.db is being written while it is read."
    assert found.problems[0].next_step == "Close the app and open the file again."
    writer.close()


def test_a_large_file_is_checked_when_asked(folder: Path, work: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(evidence, "CHECKED_UNASKED_BYTES", 1000)
    assert damage.CHECKED_UNASKED_BYTES >= 2**20
    found = open_evidence(copy_to(folder, state("damaged")), work)
    assert (found.checked, found.problems) == (False, ())
    assert found.sha256
    checked = found.check()
    assert checked.checked
    assert [problem.kind for problem in checked.problems] == [ProblemKind.DAMAGED]
    assert [table.table for table in checked.unreadable] == ["ps_oplog"]
    assert checked.verify_unchanged()
    assert checked.check() is checked


def test_no_room_for_a_copy_is_a_clear_sentence(folder: Path, work: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    usage = namedtuple("usage", ["total", "used", "free"])
    monkeypatch.setattr(shutil, "disk_usage", lambda _: usage(10**6, 10**6 - 10**3, 10**3))
    path = copy_to(folder, state("wal-left-behind"))
    with pytest.raises(EvidenceError, match=r"no room for a copy of wal-left-behind\.db.*needs 1\.4 MB; 1 kB are free"):
        open_evidence(path, work)
    assert list(work.iterdir()) == []


def test_a_refused_copy_is_removed(folder: Path, work: Path) -> None:
    path = copy_to(folder, state("wal-left-behind"))
    writer = apsw.Connection(str(path))
    writer.execute("INSERT INTO ps_migration(id) VALUES (15)")
    with pytest.raises(EvidenceError, match="schema version 15"):
        open_evidence(path, work)
    assert list(work.iterdir()) == []
    writer.close()


def test_changes_of_a_rollback_journal_writer_are_seen_when_opened_again(folder: Path, work: Path) -> None:
    path = copy_to(folder, version("v14.db"))
    first = open_evidence(path, work)
    assert summary_of(first).pending_writes == 4
    change(path, "DELETE FROM ps_crud")
    assert not first.verify_unchanged()
    assert summary_of(open_evidence(path, work)).pending_writes == 0
