"""The reader on a database that somebody writes at the same time."""

from collections.abc import Iterator
from pathlib import Path

import apsw
import pytest

from inspector.store.read_connection import ReadError
from inspector.store.reader import ClientDatabaseReader
from tests.store.database_files import copy_to, version

LISTS = '1#my_lists|0["user-1"]'


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return copy_to(tmp_path, version("v14.db"))


@pytest.fixture
def writer(path: Path) -> Iterator[apsw.Connection]:
    connection = apsw.Connection(str(path))
    connection.pragma("journal_mode", "wal")
    yield connection
    connection.close()


@pytest.fixture
def reader(path: Path, writer: apsw.Connection) -> Iterator[ClientDatabaseReader]:
    reader = ClientDatabaseReader(path)
    yield reader
    reader.close()


def add_operation(writer: apsw.Connection, op_id: int) -> None:
    with writer:
        writer.execute(
            "INSERT INTO ps_oplog VALUES (1, ?, 'lists', ?, 'k' || ?, '{}', 5)", (op_id, f"list-{op_id}", op_id)
        )
        writer.execute(
            "UPDATE ps_buckets SET last_op = ?, op_checksum = op_checksum + 5, count_since_last = count_since_last + 1 "
            "WHERE id = 1",
            (op_id,),
        )


def test_what_is_committed_is_seen_by_the_next_call(writer: apsw.Connection, reader: ClientDatabaseReader) -> None:
    before = reader.summary()
    add_operation(writer, 1600)
    after = reader.summary()
    assert (after.operations, after.unpublished_operations) == (before.operations + 1, 1)
    assert after.held
    assert reader.buckets()[0].operations == 5
    assert reader.operations(LISTS)[-1].op_id == 1600
    assert reader.own_sums(LISTS).agree


def test_an_open_transaction_of_the_writer_is_neither_seen_nor_waited_for(
    writer: apsw.Connection, reader: ClientDatabaseReader
) -> None:
    before = reader.summary()
    writer.execute("BEGIN IMMEDIATE")
    writer.execute("DELETE FROM ps_crud")
    assert reader.summary() == before
    writer.execute("COMMIT")
    assert reader.summary().pending_writes == 0


def test_the_reader_holds_no_state_of_the_database_between_calls(
    writer: apsw.Connection, reader: ClientDatabaseReader
) -> None:
    reader.summary()
    reader.buckets()
    add_operation(writer, 1600)
    frames, checkpointed = writer.wal_checkpoint(mode=apsw.SQLITE_CHECKPOINT_TRUNCATE)
    assert frames == checkpointed


def test_fast_figures_are_marked_as_older_than_the_bucket(
    writer: apsw.Connection, reader: ClientDatabaseReader
) -> None:
    reader.buckets()
    add_operation(writer, 1600)
    lists, notes, *_ = reader.buckets(fast=True)
    assert (lists.counted, lists.operations, lists.last_op, lists.count_since_last) == (False, 4, 1600, 1)
    assert notes.counted
    assert reader.buckets()[0].counted
    summary = reader.summary()
    add_operation(writer, 1601)
    assert reader.summary(fast=True).operations == summary.operations
    assert reader.summary().operations == summary.operations + 1


def test_a_bucket_that_goes_takes_its_figures_along(writer: apsw.Connection, reader: ClientDatabaseReader) -> None:
    reader.buckets()
    writer.execute("DELETE FROM ps_oplog WHERE bucket = 1; DELETE FROM ps_buckets WHERE id = 1")
    assert LISTS not in {bucket.name for bucket in reader.buckets()}
    writer.execute("INSERT INTO ps_buckets(id, name, last_op) VALUES (1, 'new', 3)")
    new = reader.buckets()[0]
    assert (new.name, new.operations) == ("new", 0)


def test_tables_that_appear_while_it_is_open_are_read(tmp_path: Path) -> None:
    path = tmp_path / "new.db"
    writer = apsw.Connection(str(path))
    writer.pragma("journal_mode", "wal")
    writer.execute("CREATE TABLE ps_migration(id INTEGER PRIMARY KEY, down_migrations TEXT)")
    reader = ClientDatabaseReader(path)
    summary = reader.summary()
    assert (summary.schema_version, summary.operations, summary.buckets) == (0, 0, 0)
    assert (reader.buckets(), reader.tables(), reader.pending(), reader.subscriptions()) == ([], [], [], [])
    source = apsw.Connection(str(version("v14.db")), flags=apsw.SQLITE_OPEN_READONLY)
    with writer.backup("main", source, "main") as backup:
        backup.step()
    assert reader.schema_version == 14
    assert reader.summary().operations == 566
    for connection in (reader, source, writer):
        connection.close()


def test_a_writer_that_locks_everybody_out_is_a_clear_sentence(path: Path) -> None:
    writer = apsw.Connection(str(path))
    reader = ClientDatabaseReader(path)
    writer.execute("BEGIN EXCLUSIVE")
    with pytest.raises(ReadError, match=r"The client database v14\.db is locked"):
        reader.summary()
    writer.execute("COMMIT")
    assert reader.summary().operations == 566
    reader.close()
    writer.close()
