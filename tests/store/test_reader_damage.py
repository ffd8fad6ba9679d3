"""What can be read of a damaged database is read, and what cannot is told."""

from pathlib import Path

import pytest

from inspector.store.read_connection import ReadError
from inspector.store.reader import ClientDatabaseReader
from tests.store.database_files import change, copy_to, leaf_pages, overwrite_page, state

TODOS = '1#my_todos|0["list-1"]'


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return copy_to(tmp_path, state("up-to-date"))


def test_operations_on_damaged_pages_keep_their_place(tmp_path: Path) -> None:
    reader = ClientDatabaseReader(copy_to(tmp_path, state("damaged")), immutable=True)
    sound = ClientDatabaseReader(state("up-to-date"), immutable=True)
    found, whole = reader.operations(TODOS, limit=1000), sound.operations(TODOS, limit=1000)
    assert [operation.op_id for operation in found] == [operation.op_id for operation in whole]
    readable = [operation for operation in found if operation.readable]
    assert len(readable) == 113
    assert all(operation in whole for operation in readable)
    assert {operation.data for operation in found if not operation.readable} == {None}


def test_buckets_on_damaged_pages_keep_what_is_stored_of_them(tmp_path: Path) -> None:
    reader = ClientDatabaseReader(copy_to(tmp_path, state("damaged")), immutable=True)
    buckets = reader.buckets()
    assert len(buckets) == 6
    counted = {bucket.name for bucket in buckets if bucket.counted}
    assert '1#my_lists|0["user-1"]' in counted
    assert TODOS not in counted
    damaged = next(bucket for bucket in buckets if bucket.name == TODOS)
    assert (damaged.operations, damaged.downloaded_operations, damaged.op_checksum) == (None, 125, 2_074_531_779)
    assert [found.table for found in reader.summary().unreadable] == ["ps_oplog"]
    with pytest.raises(ReadError, match="cannot be read"):
        reader.own_sums(TODOS)


def test_rows_on_a_damaged_page_are_told_and_the_others_read(path: Path) -> None:
    overwrite_page(path, leaf_pages(path, "ps_data__todos")[3])
    reader = ClientDatabaseReader(path, immutable=True)
    rows = reader.rows("todos", limit=1000)
    assert len(rows) == 500
    lost = [row for row in rows if not row.readable]
    assert 0 < len(lost) < 50
    assert all(row.data is None for row in lost)
    assert reader.row("todos", lost[0].id) == lost[0]
    assert [found.table for found in reader.unreadable] == ["ps_data__todos"]
    assert len(reader.rows("lists")) == 4
    assert all(bucket.counted for bucket in reader.buckets())


@pytest.mark.parametrize("table", ["ps_kv", "ps_crud", "ps_sync_state", "ps_stream_subscriptions", "ps_buckets"])
def test_a_lost_table_leaves_the_others_readable(path: Path, table: str) -> None:
    change(path, "INSERT INTO ps_crud(data, tx_id) VALUES ('{}', 1)")
    overwrite_page(path, leaf_pages(path, table)[0], b"\xff" * 4096)
    reader = ClientDatabaseReader(path, immutable=True)
    summary = reader.summary()
    assert (summary.schema_version, summary.rows, summary.operations) == (14, 564, 564)
    assert reader.tables()
    assert reader.kv() or table == "ps_kv"
    assert reader.pending() or table == "ps_crud"
    assert reader.subscriptions() or table == "ps_stream_subscriptions"
    assert reader.buckets() or table == "ps_buckets"
    assert [found.table for found in reader.unreadable] == [table]


def test_a_damaged_index_costs_no_row(path: Path) -> None:
    overwrite_page(path, leaf_pages(path, "sqlite_autoindex_ps_data__lists_1")[0], b"\xff" * 4096)
    reader = ClientDatabaseReader(path, immutable=True)
    assert {found.name: found.rows for found in reader.tables()} == {"lists": 4, "todos": 500, "drafts": 0, "notes": 60}
    sound = ClientDatabaseReader(state("up-to-date"), immutable=True)
    assert reader.rows("lists") == sound.rows("lists")
    assert [found.table for found in reader.unreadable] == ["ps_data__lists"]


def test_text_that_is_not_utf8_is_damage_of_its_row_alone(path: Path) -> None:
    change(path, "UPDATE ps_data__lists SET data = CAST(x'7b80ff7d' AS TEXT) WHERE id = 'list-1'")
    reader = ClientDatabaseReader(path)
    rows = reader.rows("lists")
    assert [row.id for row in rows if not row.readable] == ["list-1"]
    assert len(rows) == 4
    assert reader.unreadable[0].reason == "A text is not UTF-8."
    reader.close()


def test_data_that_an_app_stored_as_bytes_or_numbers_is_shown_as_text(path: Path) -> None:
    change(
        path,
        "UPDATE ps_data__lists SET data = CAST('{\"a\":1}' AS BLOB) WHERE id = 'list-1'",
        "UPDATE ps_data__lists SET data = NULL WHERE id = 'list-4'",
    )
    reader = ClientDatabaseReader(path)
    first, missing = reader.row("lists", "list-1"), reader.row("lists", "list-4")
    reader.close()
    assert first is not None
    assert first.data == '{"a":1}'
    assert missing is not None
    assert (missing.data, missing.readable) == (None, True)


def test_a_file_without_a_readable_schema_is_a_clear_sentence(path: Path) -> None:
    overwrite_page(path, 1, path.read_bytes()[:100] + bytes(3996))
    with pytest.raises(ReadError, match=r"The client database up-to-date\.db cannot be read"):
        ClientDatabaseReader(path, immutable=True).summary()
