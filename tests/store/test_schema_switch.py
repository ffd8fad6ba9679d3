"""Another schema while a client database is in use: every row has the place that the new one gives it."""

from pathlib import Path
from typing import Any

import apsw
import msgspec
import pytest

from inspector.protocol.checkpoints import TargetCheckpoint
from inspector.protocol.events import Published
from inspector.protocol.lines import BucketChecksum, Checkpoint, DataLine, Operation, OpType
from inspector.store.app_schema import AppSchema, SchemaError, read_schema
from inspector.store.database import ClientDatabase
from inspector.store.local_write import LocalWrite
from inspector.store.local_writes import WriteError
from inspector.store.preparing import StoreError

NOW = 1_700_000_000_000_000
BUCKET = "b"
NOTES = {"name": "notes", "columns": [{"name": "body", "type": "TEXT"}]}
LISTS = {"name": "lists", "columns": [{"name": "n", "type": "INTEGER"}], "indexes": [
    {"name": "by_n", "columns": [{"name": "n", "ascending": False, "type": "INTEGER"}]}
]}  # fmt: skip
RAW_NOTES = {
    "name": "notes",
    "put": {
        "sql": "INSERT OR REPLACE INTO my_notes(id, body, rest) VALUES (?, ?, ?)",
        "params": ["Id", {"Column": "body"}, "Rest"],
    },
    "delete": {"sql": "DELETE FROM my_notes WHERE id = ?", "params": ["Id"]},
    "clear": "DELETE FROM my_notes",
}
MY_NOTES = "CREATE TABLE my_notes(id TEXT PRIMARY KEY, body TEXT, rest TEXT)"


def schema(*tables: dict[str, Any], raw: tuple[dict[str, Any], ...] = ()) -> AppSchema:
    return msgspec.convert({"tables": tables, "raw_tables": raw}, AppSchema)


class Client:
    """A client database and a service's only bucket."""

    def __init__(self, path: Path, *prepare: str, given: AppSchema | None) -> None:
        ClientDatabase.open(path).close()
        self.connection = apsw.Connection(str(path))
        for statement in prepare:
            self.connection.execute(statement)
        self.database = ClientDatabase.open(path, given)
        self.op_id = 0
        self.checksum = 0

    def receive(self, op: OpType, row_type: str, row_id: str, **fields: Any) -> None:
        """One operation, shown by its checkpoint."""
        self.op_id += 1
        self.checksum += 7
        data = msgspec.json.encode({"id": row_id, **fields}).decode() if op is OpType.PUT else None
        self.database.save(DataLine(BUCKET, [Operation(self.op_id, op, 7, row_type, row_id, None, data)]), 1)
        target = TargetCheckpoint.of(Checkpoint(self.op_id, (BucketChecksum(BUCKET, self.checksum, self.op_id),)))
        assert self.database.publish(target, None, NOW) == Published()

    def look(self, sql: str) -> list[tuple[Any, ...]]:
        return self.connection.execute(sql).fetchall()

    @property
    def untyped(self) -> list[tuple[Any, ...]]:
        return self.look("SELECT type, id FROM ps_untyped ORDER BY type, id")

    def close(self) -> None:
        self.database.close()
        self.connection.close()


@pytest.fixture
def opened(tmp_path: Path, request: pytest.FixtureRequest) -> Any:
    """Opens a client database that is closed at the end."""

    def client(*prepare: str, given: AppSchema | None = None) -> Client:
        one = Client(tmp_path / "client.db", *prepare, given=given)
        request.addfinalizer(one.close)
        return one

    return client


def test_a_table_that_comes_takes_its_rows_and_one_that_goes_gives_them_back(opened: Any) -> None:
    client = opened(given=schema(NOTES))
    client.receive(OpType.PUT, "notes", "n1", body="A")
    client.receive(OpType.PUT, "lists", "l1", n=3)
    assert client.untyped == [("lists", "l1")]
    client.database.use_schema(schema(LISTS))
    assert client.untyped == [("notes", "n1")]
    assert client.look("SELECT * FROM lists") == [("l1", 3)]
    assert client.look("SELECT name FROM sqlite_schema WHERE type = 'view'") == [("lists",)]
    client.receive(OpType.PUT, "notes", "n1", body="B")
    client.receive(OpType.REMOVE, "lists", "l1")
    client.database.use_schema(schema(NOTES, LISTS))
    assert client.look("SELECT * FROM notes") == [("n1", "B")]
    assert client.look("SELECT * FROM lists") == []
    assert client.untyped == []


def test_without_a_schema_again_every_type_has_a_table(opened: Any) -> None:
    client = opened(given=schema(NOTES))
    client.receive(OpType.PUT, "lists", "l1", n=3)
    client.database.use_schema(None)
    assert client.look("SELECT * FROM lists") == [("l1", 3)]
    client.receive(OpType.PUT, "todos", "t1", done=True)
    assert client.look("SELECT * FROM todos") == [("t1", 1)]


def test_views_and_indexes_follow_the_schema_and_what_agrees_is_left_alone(opened: Any) -> None:
    client = opened(given=schema(NOTES, LISTS))
    client.connection.execute("CREATE TRIGGER mine INSTEAD OF DELETE ON notes BEGIN SELECT 1; END")
    client.connection.execute("CREATE VIEW users AS SELECT 1")
    ascending = msgspec.convert(msgspec.to_builtins(schema(LISTS)), AppSchema)
    renamed = {**LISTS, "view_name": "all_lists", "indexes": []}
    client.database.use_schema(schema(NOTES, renamed))
    names = {name for (name,) in client.look("SELECT name FROM sqlite_schema")}
    assert {"mine", "users", "notes", "all_lists"} <= names
    assert not {"lists", "ps_data__lists__by_n"} & names
    client.database.use_schema(ascending)
    ((index,),) = client.look("SELECT sql FROM sqlite_schema WHERE name = 'ps_data__lists__by_n'")
    assert index.endswith("""(CAST(json_extract(data, '$.n') as INTEGER) DESC)""")


def test_local_only_tables_stay_with_their_rows(opened: Any) -> None:
    drafts = {**NOTES, "name": "drafts", "local_only": True}
    client = opened(given=schema(drafts))
    client.database.write([LocalWrite("PUT", "drafts", "d", {"body": "mine"})])
    client.database.use_schema(schema(NOTES))
    assert client.look("SELECT id FROM ps_data_local__drafts") == [("d",)]
    client.database.use_schema(schema(drafts))
    assert client.look("SELECT * FROM drafts") == [("d", "mine")]


def test_insert_only_tables_have_a_view_and_their_writes_leave_no_row(opened: Any) -> None:
    client = opened(given=schema({**NOTES, "name": "logs", "insert_only": True}))
    client.database.write([LocalWrite("PUT", "logs", "x", {"body": "said"})])
    assert client.look("SELECT * FROM logs") == []
    assert client.look("SELECT data FROM ps_crud") == [('{"op":"PUT","type":"logs","id":"x","data":{"body":"said"}}',)]
    assert client.database.gate is None


def test_raw_tables_are_written_by_the_apps_statements(opened: Any) -> None:
    client = opened(MY_NOTES, given=schema(raw=(RAW_NOTES,)))
    client.receive(OpType.PUT, "notes", "n1", body="A", n=1, done=True, tags=["x"])
    assert client.look("SELECT * FROM my_notes") == [("n1", "A", '{"done":true,"n":1,"tags":["x"]}')]
    client.receive(OpType.PUT, "notes", "n2", body=["nested"])
    client.receive(OpType.REMOVE, "notes", "n1")
    assert client.look("SELECT * FROM my_notes") == [("n2", None, None)]
    assert client.untyped == []
    assert client.database.schema_complaints == []


def test_raw_tables_without_statements_are_written_by_their_columns(opened: Any) -> None:
    table = {"name": "notes", "table_name": "my_notes", "synced_columns": ["body"]}
    client = opened(MY_NOTES, given=schema(raw=(table,)))
    client.receive(OpType.PUT, "notes", "n1", body="A", rest="left out")
    client.receive(OpType.PUT, "notes", "n1", body="B")
    assert client.look("SELECT * FROM my_notes") == [("n1", "B", None)]
    client.receive(OpType.REMOVE, "notes", "n1")
    assert client.look("SELECT * FROM my_notes") == []


def test_a_raw_table_that_comes_takes_its_rows_and_one_that_goes_is_cleared(opened: Any) -> None:
    client = opened(MY_NOTES, given=schema(LISTS))
    client.receive(OpType.PUT, "notes", "n1", body="A")
    client.database.use_schema(schema(LISTS, raw=(RAW_NOTES,)))
    assert client.look("SELECT id, body FROM my_notes") == [("n1", "A")]
    assert client.untyped == []
    client.database.use_schema(schema(NOTES))
    assert client.look("SELECT * FROM my_notes") == []
    assert client.look("SELECT * FROM notes") == [("n1", "A")]


def test_the_rows_of_a_raw_table_that_is_not_there_wait_and_the_reason_is_told(opened: Any) -> None:
    client = opened(given=schema(raw=(RAW_NOTES,)))
    client.receive(OpType.PUT, "notes", "n1", body="A")
    assert client.untyped == [("notes", "n1")]
    (complaint,) = client.database.schema_complaints
    assert "no such table: my_notes" in complaint
    client.connection.execute(MY_NOTES)
    client.database.use_schema(schema(raw=(RAW_NOTES,)))
    assert client.look("SELECT id, body FROM my_notes") == [("n1", "A")]


def test_a_row_that_a_raw_table_does_not_take_is_named_and_nothing_is_published(opened: Any) -> None:
    client = opened(MY_NOTES.replace("body TEXT", "body TEXT NOT NULL"), given=schema(raw=(RAW_NOTES,)))
    with pytest.raises(StoreError, match="The row “n1” cannot be written to the raw table notes"):
        client.receive(OpType.PUT, "notes", "n1", other=1)
    assert client.look("SELECT last_applied_op FROM ps_buckets") == [(0,)]


def test_numbers_in_raw_tables_are_doubles(opened: Any) -> None:
    client = opened("CREATE TABLE my_notes(id TEXT PRIMARY KEY, body, rest TEXT)", given=schema(raw=(RAW_NOTES,)))
    client.receive(OpType.PUT, "notes", "n1", body=2**53 + 1, small=-1, large=2**64)
    assert client.look("SELECT * FROM my_notes") == [
        ("n1", float(2**53), '{"large":1.8446744073709552e+19,"small":-1}')
    ]


def test_a_number_that_no_double_holds_is_an_error_that_names_the_row(opened: Any) -> None:
    client = opened(MY_NOTES, given=schema(raw=(RAW_NOTES,)))
    with pytest.raises(StoreError, match="1000 is out of range") as caught:
        client.receive(OpType.PUT, "notes", "n1", body=msgspec.Raw(b"1e1000"))
    assert caught.value.what == "The row “n1” cannot be written to the raw table notes."


def test_local_writes_to_raw_tables_are_whole_rows(opened: Any) -> None:
    client = opened(MY_NOTES, given=schema(raw=(RAW_NOTES,)))
    client.database.write([LocalWrite("PUT", "notes", "n1", {"body": "A"})])
    assert client.look("SELECT id, body FROM my_notes") == [("n1", "A")]
    with pytest.raises(WriteError, match="cannot be changed in part"):
        client.database.write([LocalWrite("PATCH", "notes", "n1", {"body": "B"})])
    client.database.write([LocalWrite("DELETE", "notes", "n1")])
    assert client.look("SELECT id FROM my_notes") == []
    assert [data for (data,) in client.look("SELECT data FROM ps_crud")] == [
        '{"op":"PUT","id":"n1","type":"notes","data":{"body":"A"}}',
        '{"op":"DELETE","id":"n1","type":"notes"}',
    ]


@pytest.mark.parametrize(
    ("table", "what"),
    [
        ({"name": "notes"}, "neither statements nor a table name"),
        ({**RAW_NOTES, "delete": {"sql": "DELETE FROM my_notes WHERE body = ?", "params": ["Rest"]}}, "than the id"),
        ({**RAW_NOTES, "delete": {"sql": "DELETE FROM my_notes WHERE id = ?", "params": []}}, "as many parameters"),
    ],
)
def test_raw_tables_that_no_file_could_have_are_refused(opened: Any, table: dict[str, Any], what: str) -> None:
    client = opened(MY_NOTES)
    with pytest.raises(SchemaError, match=what):
        client.database.use_schema(schema(raw=(table,)))


def test_column_types_are_those_of_the_app(opened: Any, tmp_path: Path) -> None:
    columns = [{"name": name, "type": name} for name in ("TEXT", "BIGINT", "double", "numeric")]
    file = tmp_path / "schema.json"
    file.write_bytes(msgspec.json.encode({"tables": [{"name": "t", "columns": columns}], "raw_tables": None}))
    with pytest.raises(SchemaError):
        read_schema(file)
    file.write_bytes(msgspec.json.encode({"tables": [{"name": "t", "columns": columns}]}))
    client = opened(given=read_schema(file))
    client.receive(OpType.PUT, "t", "r", TEXT=1, BIGINT="2", double=3, numeric="4.0")
    assert client.look("SELECT * FROM t") == [("r", "1", 2, 3.0, 4)]
    client.database.write([LocalWrite("PATCH", "t", "r", {"BIGINT": "7", "double": 1, "numeric": "5"})])
    assert client.look("SELECT * FROM t") == [("r", "1", 7, 1.0, 5)]


def test_an_index_over_data_that_are_no_json_is_refused_and_the_tables_stay(opened: Any) -> None:
    client = opened()
    client.database.use_schema(schema(NOTES))
    client.receive(OpType.PUT, "lists", "r", n=1)
    with client.database.transaction():
        client.database._connection.execute("UPDATE ps_untyped SET data = 'no json'")
    with pytest.raises(StoreError, match="malformed JSON"):
        client.database.use_schema(schema(NOTES, LISTS))
    assert client.look("SELECT type, data FROM ps_untyped") == [("lists", "no json")]
    client.database.use_schema(schema(NOTES, {**LISTS, "indexes": []}))
    assert client.look("SELECT id, data FROM ps_data__lists") == [("r", "no json")]
