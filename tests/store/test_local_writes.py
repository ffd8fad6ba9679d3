"""Local writes leave in the client database what the official core leaves there."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import apsw
import pytest

from inspector.store.app_schema import AppSchema, Column, Table
from inspector.store.database import ClientDatabase
from inspector.store.local_write import LocalWrite
from inspector.store.local_writes import WriteError
from inspector.store.schema import GATE_CLOSED, LAST_APPLIED, LAST_SEEN, TARGET_REQUEST
from tests.store.database_files import change, copy_to, state, version

COLUMNS = (Column("b", "integer"), Column("a"), Column("c", "real"), Column("z"))
SCHEMA = AppSchema(
    (
        Table("plain", COLUMNS, view_name="seen"),
        Table("local", COLUMNS, local_only=True),
        Table("inserts", COLUMNS, insert_only=True),
        Table("old", COLUMNS, include_old=True),
        Table("some", COLUMNS, include_old=("z", "a"), include_metadata=True, include_old_only_when_changed=True),
        Table("silent", COLUMNS, ignore_empty_update=True),
    )
)
GATE = [(TARGET_REQUEST, GATE_CLOSED)]


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "client.db"


@pytest.fixture
def database(path: Path) -> Iterator[ClientDatabase]:
    opened = ClientDatabase.open(path, SCHEMA)
    yield opened
    opened.close()


def put(row_type: str, row_id: str = "1", /, metadata: str | None = None, **data: Any) -> LocalWrite:
    return LocalWrite("PUT", row_type, row_id, data, metadata)


def patch(row_type: str, row_id: str = "1", /, metadata: str | None = None, **data: Any) -> LocalWrite:
    return LocalWrite("PATCH", row_type, row_id, data, metadata)


def delete(row_type: str, row_id: str = "1", /, metadata: str | None = None) -> LocalWrite:
    return LocalWrite("DELETE", row_type, row_id, None, metadata)


def look(path: Path, sql: str) -> list[tuple[Any, ...]]:
    connection = apsw.Connection(str(path), flags=apsw.SQLITE_OPEN_READONLY)
    try:
        return connection.execute(sql).fetchall()
    finally:
        connection.close()


def entries(path: Path) -> list[str]:
    return [data for (data,) in look(path, "SELECT data FROM ps_crud ORDER BY id")]


def keys(path: Path) -> list[tuple[Any, ...]]:
    return look(path, "SELECT key, value FROM ps_kv WHERE key != 'client_id'")


def test_the_same_transactions_leave_the_same_bytes_as_with_the_official_core(tmp_path: Path) -> None:
    ours, theirs = copy_to(tmp_path, state("up-to-date")), version("v14.db")
    new = "0f0f0f0f-1111-4222-8333-444444444444"
    database = ClientDatabase.open(ours)
    database.write(
        [
            put("todos", new, list_id="list-1", description="written offline", completed=False),
            patch("todos", "todo-1002", completed=True, rating=4.5),
        ]
    )
    database.write([delete("todos", "todo-1005")])
    database.write([patch("lists", "list-1", name="List 1 — ünïcode ✓ (renamed offline)")])
    database.write([put("drafts", "d-1", body="never leaves this device")])
    database.close()
    changed = f"WHERE id IN ('{new}', 'todo-1002', 'todo-1005', 'list-1') ORDER BY id"
    for sql in (
        "SELECT * FROM ps_crud",
        "SELECT * FROM ps_tx",
        "SELECT * FROM sqlite_sequence",
        "SELECT * FROM ps_updated_rows",
        "SELECT key, value FROM ps_kv WHERE key != 'client_id'",
        f"SELECT * FROM ps_data__todos {changed}",
        f"SELECT * FROM ps_data__lists {changed}",
        "SELECT * FROM ps_data_local__drafts",
    ):
        assert look(ours, sql) == look(theirs, sql), sql


def test_the_held_entry_of_the_official_core_is_written_the_same_way(tmp_path: Path) -> None:
    ours = copy_to(tmp_path, state("up-to-date"))
    database = ClientDatabase.open(ours)
    database.write([patch("todos", "todo-1002", completed=1)])
    database.close()
    assert look(ours, "SELECT * FROM ps_crud") == look(state("held-by-uploads"), "SELECT * FROM ps_crud")


def test_put_leaves_out_nulls_patch_tells_what_changed_and_delete_has_no_data(
    database: ClientDatabase, path: Path
) -> None:
    database.write([put("plain", z="x", b=5, c=1.0, a=None)])
    database.write([patch("plain", a="y", z=None), patch("plain", a="y")])
    database.write([delete("plain")])
    assert look(path, "SELECT tx_id, data FROM ps_crud") == [
        (1, '{"op":"PUT","id":"1","type":"plain","data":{"b":5,"c":1.0,"z":"x"}}'),
        (2, '{"op":"PATCH","id":"1","type":"plain","data":{"a":"y","z":null}}'),
        (2, '{"op":"PATCH","id":"1","type":"plain","data":{}}'),
        (3, '{"op":"DELETE","id":"1","type":"plain"}'),
    ]
    assert look(path, "SELECT next_tx FROM ps_tx") == [(4,)]
    assert look(path, "SELECT * FROM ps_updated_rows") == [("plain", "1")]


def test_a_put_replaces_the_whole_row_and_a_patch_keeps_the_rest(database: ClientDatabase, path: Path) -> None:
    database.write([put("plain", a="x", b=1), put("plain", a="y"), patch("plain", c=2)])
    assert look(path, "SELECT data FROM ps_data__plain") == [('{"b":null,"a":"y","c":2.0,"z":null}',)]


def test_a_write_closes_the_gate_and_forgets_what_was_confirmed(database: ClientDatabase, path: Path) -> None:
    change(path, f"INSERT INTO ps_kv VALUES ('{LAST_SEEN}', 3), ('{LAST_APPLIED}', 3), ('{TARGET_REQUEST}', 3)")
    database.write([put("plain", a="x")])
    assert keys(path) == GATE


def test_previous_values_are_told_as_the_schema_asks(database: ClientDatabase, path: Path) -> None:
    database.write([put("old", b=5, c=1.0), patch("old", a="y"), delete("old")])
    database.write([put("some", "1", "m1", a="x", b=5), patch("some", b=6), patch("some", "1", "m2", a="q")])
    database.write([delete("some", "1", "m3")])
    assert entries(path) == [
        '{"op":"PUT","id":"1","type":"old","data":{"b":5,"c":1.0}}',
        '{"op":"PATCH","id":"1","type":"old","data":{"a":"y"},"old":{"b":5,"a":null,"c":1.0,"z":null}}',
        '{"op":"DELETE","id":"1","type":"old","old":{"b":5,"a":"y","c":1.0,"z":null}}',
        '{"op":"PUT","id":"1","type":"some","data":{"a":"x","b":5},"metadata":"m1"}',
        '{"op":"PATCH","id":"1","type":"some","data":{"b":6},"old":{}}',
        '{"op":"PATCH","id":"1","type":"some","data":{"a":"q"},"old":{"a":"x"},"metadata":"m2"}',
        '{"op":"DELETE","id":"1","type":"some","old":{"a":"q","z":null},"metadata":"m3"}',
    ]


def test_insert_only_rows_are_queued_and_nothing_else(database: ClientDatabase, path: Path) -> None:
    database.write([put("inserts", a="x"), put("plain", "2", a="y")])
    assert look(path, "SELECT data, tx_id FROM ps_crud") == [
        ('{"op":"PUT","type":"inserts","id":"1","data":{"a":"x"}}', 1),
        ('{"op":"PUT","id":"2","type":"plain","data":{"a":"y"}}', 1),
    ]
    assert look(path, "SELECT * FROM ps_updated_rows") == [("plain", "2")]


def test_an_insert_only_row_alone_does_not_close_the_gate(database: ClientDatabase, path: Path) -> None:
    database.write([put("inserts", a="x")])
    assert keys(path) == []


def test_local_rows_are_never_queued(database: ClientDatabase, path: Path) -> None:
    assert database.write([put("local", a="x"), patch("local", a="y")]) is None
    assert (entries(path), keys(path)) == ([], [])
    assert look(path, "SELECT a FROM local") == [("y",)]


def test_an_update_that_changes_nothing_is_not_queued_where_the_schema_says_so(
    database: ClientDatabase, path: Path
) -> None:
    database.write([put("silent", a="x")])
    assert database.write([patch("silent", a="x")]) is None
    assert len(entries(path)) == 1


def test_rows_of_types_without_a_table_are_written_to_ps_untyped_digit_by_digit(
    database: ClientDatabase, path: Path
) -> None:
    change(path, """INSERT INTO ps_untyped VALUES ('notes', 'n', '{"id":"n","big":123456789012345678901,"x":1}')""")
    database.write([patch("notes", "n", x=2), put("notes", "m", x=None, y="z")])
    assert look(path, "SELECT id, data FROM ps_untyped ORDER BY id DESC") == [
        ("n", '{"id":"n","big":123456789012345678901,"x":2}'),
        ("m", '{"x":null,"y":"z"}'),
    ]
    assert entries(path) == [
        '{"op":"PATCH","id":"n","type":"notes","data":{"x":2}}',
        '{"op":"PUT","id":"m","type":"notes","data":{"y":"z"}}',
    ]


def test_a_table_with_more_columns_than_a_function_takes_arguments_is_written(path: Path) -> None:
    columns = tuple(Column(f"c{number}") for number in range(200))
    database = ClientDatabase.open(path, AppSchema((Table("wide", columns),)))
    database.write([put("wide", c0="a", c199="z"), patch("wide", c100="m")])
    assert look(path, "SELECT c0, c99, c100, c199 FROM wide") == [("a", None, "m", "z")]
    assert '"data":{"c100":"m"}' in entries(path)[1]
    database.close()


@pytest.mark.parametrize(
    ("wrong", "what"),
    [
        (patch("plain", "absent", a="x"), "There is no row “absent” in plain."),
        (delete("plain", "absent"), "There is no row “absent” in plain."),
        (put("plain", "2", nope="x"), "The table plain has no column “nope”."),
        (put("plain", "2", a=["x"]), "The value of “a” is neither text nor a number nor null."),
        (put("plain", "2", a=2**63), "The value of “a” is too large."),
        (put("plain", "2", id="3"), "The id of “2” in plain cannot change."),
        (put("plain", ""), "A row needs an id."),
        (put("plain", "2", "text", a="x"), "The table plain takes no metadata."),
        (delete("inserts"), "The table inserts is insert-only."),
    ],
)
def test_one_impossible_write_undoes_its_whole_transaction(
    database: ClientDatabase, path: Path, wrong: LocalWrite, what: str
) -> None:
    with pytest.raises(WriteError) as caught:
        database.write([put("plain", a="good"), wrong])
    assert caught.value.what == what
    assert look(path, "SELECT * FROM ps_data__plain") == []
    assert (entries(path), keys(path)) == ([], [])
    assert look(path, "SELECT next_tx FROM ps_tx") == [(1,)]


def test_the_file_of_an_app_tells_its_own_tables(path: Path) -> None:
    """Without a schema: by the views and triggers that the official core made."""
    ClientDatabase.open(path).close()
    shown = "id, CAST(json_extract(data, '$.a') as text), NULL, NULL"
    view = f'SELECT {shown} FROM "ps_data__{{}}" -- powersync-auto-generated'
    change(
        path,
        *(f'CREATE TABLE "ps_data__{name}"(id TEXT PRIMARY KEY NOT NULL, data TEXT)' for name in ("inserts", "meta")),
        *(
            f'CREATE VIEW "{name}"("id", "a", "_metadata", "_deleted") AS {view.format(name)}'
            for name in ("inserts", "meta")
        ),
        "CREATE TRIGGER ps_view_insert_inserts INSTEAD OF INSERT ON inserts FOR EACH ROW BEGIN"
        " INSERT INTO powersync_crud_(data) VALUES(json_object('op', 'PUT', 'type', 'inserts')); END",
    )
    database = ClientDatabase.open(path)
    database.write([put("inserts", a="x"), put("meta", "1", "why", a="y")])
    with pytest.raises(WriteError, match="no column “b”"):
        database.write([put("meta", "2", b="z")])
    database.close()
    assert entries(path) == [
        '{"op":"PUT","type":"inserts","id":"1","data":{"a":"x"}}',
        '{"op":"PUT","id":"1","type":"meta","data":{"a":"y"},"metadata":"why"}',
    ]
    assert look(path, "SELECT * FROM ps_data__inserts") == []


def test_a_table_with_metadata_has_the_view_of_the_official_core(database: ClientDatabase, path: Path) -> None:
    database.write([put("some", "1", "why", a="x")])
    assert look(path, "SELECT * FROM some") == [("1", None, "x", None, None, None, None)]
    ((sql,),) = look(path, "SELECT sql FROM sqlite_schema WHERE name = 'some'")
    assert sql.startswith('CREATE VIEW "some"("id", "b", "a", "c", "z", "_metadata", "_deleted") AS SELECT id, CAST(')
    assert sql.endswith('as text), NULL, NULL FROM "ps_data__some" -- powersync-auto-generated')


@pytest.mark.parametrize("stored", ["no json", '{"a":"\\ud83d"}'])
def test_a_row_whose_data_cannot_be_read_refuses_the_write(database: ClientDatabase, path: Path, stored: str) -> None:
    database.write([put("plain", "1", a="x")])
    with database.transaction():
        database._connection.execute("UPDATE ps_data__plain SET data = ?", (stored,))
    for write in (patch("plain", b=1), delete("old")):
        with pytest.raises(WriteError):
            database.write([write])
    assert look(path, "SELECT data FROM ps_data__plain") == [(stored,)]
    assert look(path, "SELECT count(*) FROM ps_crud") == [(1,)]
