"""The reader against every schema version and every state that the official core has written."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from inspector.store.read_connection import ReadConnection, ReadError
from inspector.store.reader import ClientDatabaseReader
from inspector.store.records import BucketRow, DataRow
from inspector.store.versions import READ_VERSIONS, Layout, microseconds
from tests.store.database_files import VERSIONS, change, copy_to, state, table_hash, version

GATE_CLOSED = 2**63 - 1


@pytest.fixture(params=sorted(VERSIONS))
def version_name(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.fixture
def reader(version_name: str) -> Iterator[ClientDatabaseReader]:
    reader = ClientDatabaseReader(version(version_name), immutable=True)
    yield reader
    reader.close()


@pytest.fixture
def v14() -> Iterator[ClientDatabaseReader]:
    reader = ClientDatabaseReader(version("v14.db"), immutable=True)
    yield reader
    reader.close()


def in_state(name: str) -> ClientDatabaseReader:
    return ClientDatabaseReader(state(name), immutable=True)


def all_rows(reader: ClientDatabaseReader, table: str, page: int) -> list[DataRow]:
    found: list[DataRow] = []
    while rows := reader.rows(table, found[-1].id if found else None, page):
        found += rows
    return found


def test_every_version_has_the_tables_that_the_core_wrote(version_name: str, reader: ClientDatabaseReader) -> None:
    expected = VERSIONS[version_name]
    assert reader.schema_version == expected["schema_version"]
    for table, content in expected["data"].items():
        rows = all_rows(reader, table, page=97)
        assert len(rows) == content["rows"]
        assert table_hash((row.id, row.data) for row in rows) == content["sha256"]


def test_every_version_has_the_columns_that_its_number_promises(version_name: str) -> None:
    connection = ReadConnection(version(version_name), immutable=True)
    layout = Layout.of(connection)
    connection.close()
    expected = VERSIONS[version_name]["tables"]
    found = {name: columns for name, columns in layout.columns.items() if name in expected}
    assert found == {name: frozenset(table["columns"]) for name, table in expected.items()}
    assert layout.disagreements() == []
    assert layout.version in READ_VERSIONS


def test_every_version_has_the_counts_that_the_core_wrote(version_name: str, reader: ClientDatabaseReader) -> None:
    tables = VERSIONS[version_name]["tables"]
    summary = reader.summary()
    local_rows_in_oplog = 0 if "ps_updated_rows" in tables else summary.updated_rows
    assert summary.operations == tables["ps_oplog"]["rows"] - local_rows_in_oplog
    assert summary.updated_rows == 4
    assert summary.pending_writes == tables["ps_crud"]["rows"]
    assert summary.untyped_rows == {"notes": tables["ps_untyped"]["rows"]}
    synced = sum(table["rows"] for name, table in tables.items() if name.startswith("ps_data__"))
    assert summary.rows == synced + tables["ps_untyped"]["rows"]
    assert {table.internal_name: table.rows for table in reader.tables() if table.kind != "untyped"} == {
        name: table["rows"] for name, table in tables.items() if name.startswith("ps_data_")
    }
    assert len(reader.subscriptions()) == tables.get("ps_stream_subscriptions", {"rows": 0})["rows"]
    assert len(reader.kv()) == tables.get("ps_kv", {"rows": 0})["rows"]


def test_every_version_tells_the_same_story(version_name: str, reader: ClientDatabaseReader) -> None:
    number = VERSIONS[version_name]["schema_version"]
    summary = reader.summary()
    assert summary.client_id == ("ab58f85c-23bb-43e9-b265-9ba524d119dc" if number >= 3 else None)
    assert summary.pending_transactions == (3 if number >= 2 else 4)
    assert summary.oldest_pending == 1
    assert summary.target_request == GATE_CLOSED
    assert (summary.seen_request, summary.applied_request) == (None, None)
    assert summary.gate_closed
    assert not summary.waiting_for_service
    assert not summary.held
    whole_seconds = 1_795_448_849_000_000
    if number >= 3:
        assert summary.last_synced_at == (whole_seconds if number < 13 else whole_seconds + 651_000)
    assert summary.downloaded_operations == (571 if number >= 9 else None)
    assert [subscription.last_synced_at for subscription in reader.subscriptions()] == (
        [] if number < 11 else [whole_seconds + (651_000 if number >= 13 else 0)] * 3
    )


def test_every_version_has_the_same_buckets_and_never_the_local_one(reader: ClientDatabaseReader) -> None:
    buckets = {bucket.name: bucket for bucket in reader.buckets()}
    assert list(buckets) == [
        '1#my_lists|0["user-1"]',
        "1#all_notes|0[]",
        *(f'1#my_todos|0["list-{number}"]' for number in (1, 10, 4, 7)),
    ]
    lists = buckets['1#my_lists|0["user-1"]']
    assert (lists.operations, lists.put_rows, lists.row_types, lists.data_bytes) == (4, 4, ("lists",), 450)
    assert (lists.last_op, lists.last_applied_op) == (1598, 1598)
    assert lists.metadata_bytes == 566
    assert (lists.add_checksum, lists.op_checksum) == (1_417_794_987, 2_133_161_922)
    assert lists.checksum == (1_417_794_987 + 2_133_161_922) % 2**32
    todos = buckets['1#my_todos|0["list-1"]']
    assert todos.checksum == (1_246_494_578 + 2_184_205_413) % 2**32
    assert all(reader.own_sums(name).agree for name in buckets)


def test_every_version_gives_the_operations_and_the_queue(version_name: str, reader: ClientDatabaseReader) -> None:
    operations = reader.operations('1#my_todos|0["list-1"]', limit=1000)
    assert len(operations) == 126
    assert [operation.op_id for operation in operations] == sorted(operation.op_id for operation in operations)
    first = operations[0]
    assert (first.op, first.row_type, first.row_id, first.checksum) == ("PUT", "todos", "todo-1008", 577_151_098)
    assert first.subkey == "97442c70-7c1d-4996-addd-cdcf068a3982/ceae5de3-0cf4-50f6-b3b2-ee4339ece709"
    assert reader.operations('1#my_todos|0["list-1"]', after_op=first.op_id, limit=1) == [operations[1]]
    assert [found.op_id for found in reader.row_operations("lists", "list-1")] == [1]
    pending = reader.pending()
    assert [(entry.id, entry.op, entry.row_type) for entry in pending] == [
        (1, "PUT", "todos"),
        (2, "PATCH", "todos"),
        (3, "DELETE", "todos"),
        (4, "PATCH", "lists"),
    ]
    has_transactions = VERSIONS[version_name]["schema_version"] >= 2
    assert [entry.tx_id for entry in pending] == ([1, 1, 2, 3] if has_transactions else [None] * 4)
    assert reader.pending(limit=1, after_id=2) == [pending[2]]


def test_text_stays_as_it_is_stored(v14: ClientDatabaseReader) -> None:
    put, *_, patch = v14.pending()
    assert put.data == '{"completed":0,"description":"written offline","list_id":"list-1"}'
    assert patch.data == '{"name":"List 1 — ünïcode ✓ (renamed offline)"}'
    operation = v14.row_operations("todos", "todo-1008")[0]
    assert operation.data is not None
    assert '"photo_size":1008000007056,"rating":144.0,' in operation.data
    assert '"description":"Todo number 1008 \\"quoted\\" \\\\ back"' in operation.data


def test_crud_entries_keep_numbers_escapes_and_unknown_shapes(tmp_path: Path) -> None:
    path = copy_to(tmp_path, version("v14.db"))
    entry = r'{"op":"PATCH","id":"é\n","type":"t","data":{"n":9007199254740993, "x":1.0},"old":{"n":1},"metadata":"m"}'
    change(path, "DELETE FROM ps_crud", f"INSERT INTO ps_crud(data) VALUES ('{entry}'), ('no json'), ('[1]'), (NULL)")
    reader = ClientDatabaseReader(path)
    first, *others = reader.pending()
    reader.close()
    assert (first.row_id, first.data, first.old) == ("é\n", '{"n":9007199254740993, "x":1.0}', '{"n":1}')
    assert (first.text, first.metadata, first.tx_id) == (entry, '"m"', None)
    assert [(other.text, other.op) for other in others] == [("no json", ""), ("[1]", ""), ("", "")]


def test_tables_tell_views_local_tables_and_types_without_a_table(v14: ClientDatabaseReader) -> None:
    tables = {table.name: table for table in v14.tables()}
    assert list(tables) == ["lists", "todos", "drafts", "notes"]
    assert (tables["todos"].view, tables["todos"].local_only) == ("todos", False)
    assert (tables["drafts"].internal_name, tables["drafts"].local_only) == ("ps_data_local__drafts", True)
    assert (tables["notes"].kind, tables["notes"].internal_name, tables["notes"].view) == ("untyped", "ps_untyped", "")
    assert v14.row("notes", "note-1") == v14.rows("notes", limit=1)[0]
    assert v14.row("drafts", v14.rows("drafts")[0].id) is not None
    assert v14.row("todos", "no such row") is None


def test_a_view_of_another_name_and_odd_table_names_are_found(tmp_path: Path) -> None:
    path = copy_to(tmp_path, version("v14.db"))
    change(
        path,
        'CREATE TABLE "ps_data__it""s % odd"(id TEXT PRIMARY KEY NOT NULL, data TEXT)',
        """INSERT INTO "ps_data__it""s % odd" VALUES ('a', '{}')""",
        'CREATE VIEW "shown"("id") AS SELECT id FROM "ps_data__it""s % odd" -- powersync-auto-generated',
        "CREATE TABLE psXdataXXother(id)",
    )
    reader = ClientDatabaseReader(path)
    odd = next(table for table in reader.tables() if table.view == "shown")
    assert (odd.name, odd.rows) == ('it"s % odd', 1)
    assert reader.rows(odd.name) == [DataRow("a", "{}")]
    assert len(reader.tables()) == 5
    reader.close()


def test_a_table_that_is_not_there_is_a_clear_sentence(v14: ClientDatabaseReader) -> None:
    with pytest.raises(ReadError, match="There is no table nope"):
        v14.rows("nope")


def test_a_bucket_that_is_not_there_has_no_operations(v14: ClientDatabaseReader) -> None:
    assert v14.operations("nope") == []


def test_a_file_that_is_not_there_is_a_clear_sentence(tmp_path: Path) -> None:
    with pytest.raises(ReadError, match=r"The client database gone\.db cannot be opened"):
        ClientDatabaseReader(tmp_path / "gone.db")


def test_never_synced() -> None:
    summary = in_state("never-synced").summary()
    assert summary.last_synced_at is None
    assert (summary.buckets, summary.operations, summary.rows, summary.partial_syncs) == (0, 0, 0, {})
    assert (summary.target_request, summary.gate_closed) == (None, False)
    assert summary.pages * summary.page_size == state("never-synced").stat().st_size


def test_mid_download_is_not_held() -> None:
    summary = in_state("mid-download").summary()
    assert summary.last_synced_at is None
    assert summary.partial_syncs == {2: 1_795_448_900_830_000}
    assert (summary.operations, summary.unpublished_operations, summary.rows) == (189, 125, 64)
    assert not summary.held
    assert summary.downloaded_size == 70_691


def test_partial_shows_its_priority() -> None:
    summary = in_state("partial").summary()
    assert (summary.last_synced_at, summary.partial_syncs) == (None, {1: 1_795_448_900_843_000})
    assert (summary.buckets, summary.rows, summary.unpublished_operations) == (1, 4, 0)


def test_up_to_date() -> None:
    summary = in_state("up-to-date").summary()
    assert summary.last_synced_at == 1_795_448_900_863_000
    assert (summary.operations, summary.rows, summary.unpublished_operations, summary.pending_writes) == (
        564,
        564,
        0,
        0,
    )
    assert (summary.gate_closed, summary.held, summary.unreadable) == (False, False, ())


def test_held_by_uploads() -> None:
    reader = in_state("held-by-uploads")
    summary = reader.summary()
    assert summary.held
    assert summary.gate_closed
    assert (summary.pending_writes, summary.target_request, summary.seen_request) == (1, GATE_CLOSED, 1)
    assert (summary.unpublished_operations, summary.updated_rows, summary.free_pages) == (4, 128, 13)
    assert not summary.waiting_for_service
    assert {(bucket.last_op, bucket.last_applied_op) for bucket in reader.buckets()} == {(1598, 1584)}


def test_waiting_for_service() -> None:
    summary = in_state("waiting-for-service").summary()
    assert summary.waiting_for_service
    assert (summary.target_request, summary.requested, summary.seen_request) == (7, 7, None)
    assert (summary.pending_writes, summary.held) == (0, False)


def test_an_old_gate_opens_with_the_request_that_it_waits_for(tmp_path: Path) -> None:
    path = copy_to(tmp_path, version("v13.db"))
    change(path, "DELETE FROM ps_crud", "UPDATE ps_buckets SET target_op = 9, last_op = 8 WHERE name = '$local'")
    reader = ClientDatabaseReader(path)
    summary = reader.summary()
    assert (summary.target_request, summary.seen_request) == (9, 8)
    assert (summary.gate_closed, summary.waiting_for_service) == (True, True)
    change(path, "UPDATE ps_buckets SET last_op = 9 WHERE name = '$local'")
    summary = reader.summary()
    reader.close()
    assert (summary.gate_closed, summary.waiting_for_service) == (False, False)


def test_superseded_operations_of_old_versions_count_for_the_checksum_alone(tmp_path: Path) -> None:
    path = copy_to(tmp_path, version("v03.db"))
    name = '1#my_lists|0["user-1"]'
    change(path, f"UPDATE ps_oplog SET superseded = 1 WHERE bucket = '{name}' AND op_id = 1")
    reader = ClientDatabaseReader(path)
    bucket = next(bucket for bucket in reader.buckets() if bucket.name == name)
    assert (bucket.operations, bucket.put_rows) == (3, 3)
    assert bucket.op_checksum == 2_133_161_922
    assert [operation.superseded for operation in reader.operations(name)] == [True, False, False, False]
    assert reader.row_operations("lists", "list-1") == []
    reader.close()


def test_a_row_under_two_keys_is_one_row_of_two_operations(tmp_path: Path) -> None:
    path = copy_to(tmp_path, version("v14.db"))
    change(
        path, "INSERT INTO ps_oplog SELECT bucket, 1599, row_type, row_id, 'k', data, 0 FROM ps_oplog WHERE op_id = 1"
    )
    reader = ClientDatabaseReader(path)
    lists = reader.buckets()[0]
    reader.close()
    assert (lists.operations, lists.put_rows) == (5, 4)


def test_sums_that_disagree_are_told(tmp_path: Path) -> None:
    path = copy_to(tmp_path, version("v14.db"))
    change(path, "DELETE FROM ps_oplog WHERE op_id = 1")
    reader = ClientDatabaseReader(path)
    sums = reader.own_sums('1#my_lists|0["user-1"]')
    reader.close()
    assert not sums.agree
    assert (sums.stored, sums.computed) == (2_133_161_922, (2_133_161_922 + 834_670_077) % 2**32)


def test_fast_buckets_scan_nothing_and_keep_what_an_earlier_scan_found(v14: ClientDatabaseReader) -> None:
    def figures(bucket: BucketRow) -> tuple[bool, int | None, int | None]:
        return bucket.counted, bucket.operations, bucket.downloaded_operations

    assert figures(v14.buckets(fast=True)[0]) == (False, None, 6)
    assert figures(v14.buckets()[0]) == (True, 4, 6)
    assert figures(v14.buckets(fast=True)[0]) == (True, 4, 6)


@pytest.mark.parametrize(
    ("stored", "expected"),
    [
        ("1970-01-01 00:00:01", 1_000_000),
        ("2026-11-23 15:47:29", 1_795_448_849_000_000),
        ("2026-11-23T15:47:29.5+01:00", 1_795_445_249_500_000),
        (1_795_448_849, 1_795_448_849_000_000),
        (1_795_448_849_651_000, 1_795_448_849_651_000),
        ("soon", None),
        (None, None),
        (b"1", None),
    ],
)
def test_times_of_all_versions_are_microseconds(stored: object, expected: int | None) -> None:
    assert microseconds(stored) == expected
