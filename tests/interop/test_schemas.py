"""The app's schema in all its parts, in the hands of the official client and of our engine."""

from pathlib import Path
from typing import Any

import apsw
import msgspec

from inspector.engine.control import LoadSchema, StaticToken, Write
from inspector.store.app_schema import AppSchema
from inspector.store.database import ClientDatabase
from inspector.store.local_write import LocalWrite
from tests.engine.running_engine import running_engine
from tests.interop.client_files import layout, rows_in, synced_rows
from tests.interop.official_client import official_client
from tests.running_service import ServiceUnderTest


def columns(**types: str) -> list[dict[str, str]]:
    return [{"name": name, "type": kind} for name, kind in types.items()]


SCHEMA: dict[str, Any] = {
    "tables": [
        {
            "name": "todos",
            "view_name": "tasks",
            "columns": columns(list_id="TEXT", description="TEXT", completed="INTEGER", rating="REAL"),
            "indexes": [
                {
                    "name": "by_list",
                    "columns": [
                        {"name": "list_id", "ascending": True, "type": "TEXT"},
                        {"name": "completed", "ascending": False, "type": "INTEGER"},
                    ],
                }
            ],
            "include_metadata": True,
            "include_old": ["completed"],
        },
        {"name": "logs", "columns": columns(line="TEXT"), "indexes": [], "insert_only": True},
        {"name": "drafts", "columns": columns(body="TEXT"), "indexes": [], "local_only": True},
    ],
    "raw_tables": [
        {
            "name": "notes",
            "put": {
                "sql": "INSERT OR REPLACE INTO my_notes(id, body, rest) VALUES (?, ?, ?)",
                "params": ["Id", {"Column": "body"}, "Rest"],
            },
            "delete": {"sql": "DELETE FROM my_notes WHERE id = ?", "params": ["Id"]},
            "clear": "DELETE FROM my_notes",
        },
        {"name": "lists", "table_name": "my_lists", "synced_columns": ["name", "owner_id"]},
    ],
}
APPS_TABLES = (
    "CREATE TABLE my_notes(id TEXT PRIMARY KEY, body TEXT, rest TEXT)",
    "CREATE TABLE my_lists(id TEXT PRIMARY KEY, name TEXT, owner_id TEXT, seen INTEGER DEFAULT 0)",
)
RAW_ROWS = "SELECT 'note', id, body, rest FROM my_notes UNION ALL SELECT 'list', id, name, owner_id FROM my_lists"


def add_apps_tables(file: Path) -> None:
    connection = apsw.Connection(str(file))
    for statement in APPS_TABLES:
        connection.execute(statement)
    connection.close()


def sync_official(script: Path, file: Path, service: ServiceUnderTest, schema: dict[str, Any]) -> None:
    with official_client(script, file, schema) as client:
        client.connect(service.endpoint, service.token())
        client.do("first_sync")
        client.close()


def test_every_kind_of_table_is_the_same_in_both(
    tmp_path: Path, client_script: Path, service: ServiceUnderTest
) -> None:
    theirs, ours, file = tmp_path / "theirs.db", tmp_path / "client.db", tmp_path / "schema.json"
    file.write_bytes(msgspec.json.encode(SCHEMA))
    for database in (theirs, ours):
        ClientDatabase.open(database).close()
        add_apps_tables(database)
    sync_official(client_script, theirs, service, SCHEMA)
    with running_engine(
        service.endpoint, tmp_path, credentials=StaticToken(service.token()), schema_file=str(file)
    ) as engine:
        engine.wait(lambda status: status.shown_checkpoint)
    assert sorted(rows_in(ours, RAW_ROWS)) == sorted(rows_in(theirs, RAW_ROWS))
    assert len(rows_in(ours, RAW_ROWS)) > 10
    assert synced_rows(ours) == synced_rows(theirs)
    made_by_us = layout(ours)
    made_by_them = layout(theirs)
    triggers = {name for name in made_by_them if name.startswith("ps_view_")}
    assert {name: made_by_them[name] for name in made_by_them.keys() - triggers} == made_by_us
    sync_official(client_script, ours, service, SCHEMA)
    assert layout(ours) == made_by_them
    assert sorted(rows_in(ours, RAW_ROWS)) == sorted(rows_in(theirs, RAW_ROWS))


def test_a_schema_that_is_loaded_while_live_leaves_what_the_official_client_leaves(
    tmp_path: Path, client_script: Path, service: ServiceUnderTest
) -> None:
    theirs, ours, file = tmp_path / "theirs.db", tmp_path / "client.db", tmp_path / "schema.json"
    fewer = {"tables": [SCHEMA["tables"][0]], "raw_tables": []}
    more = {"tables": [*fewer["tables"], {"name": "notes", "columns": columns(body="TEXT"), "indexes": []}]}
    with running_engine(service.endpoint, tmp_path, credentials=StaticToken(service.token())) as engine:
        engine.wait(lambda status: status.shown_checkpoint)
        for schema, name in ((fewer, "fewer"), (more, "more"), (fewer, "fewer")):
            file.with_stem(name).write_bytes(msgspec.json.encode(schema))
            engine.send(LoadSchema(str(file.with_stem(name)), id=1))
            assert engine.wait_answer(1).ok
            sync_official(client_script, theirs, service, schema)
            assert synced_rows(ours) == synced_rows(theirs)
            untyped = "SELECT type, count(*) FROM ps_untyped GROUP BY type"
            assert rows_in(ours, untyped) == rows_in(theirs, untyped)
        assert engine.wait(lambda status: status.schema_file.endswith("fewer.json"))
        engine.send(LoadSchema(str(tmp_path / "missing.json"), id=2))
        problem = engine.wait_answer(2).problem
        assert problem is not None
        assert problem.what == "The schema file missing.json cannot be read."
        engine.send(LoadSchema(id=3))
        assert engine.wait_answer(3).ok
        assert rows_in(ours, "SELECT count(*) FROM ps_untyped") == [(0,)]


def test_insert_only_writes_are_the_same_in_both(tmp_path: Path, client_script: Path) -> None:
    theirs, ours = tmp_path / "theirs.db", tmp_path / "ours.db"
    with official_client(client_script, theirs, SCHEMA) as client:
        client.write(("INSERT INTO logs(id, line) VALUES ('l1', 'said')",))
        client.close()
    database = ClientDatabase.open(ours, msgspec.convert(SCHEMA, AppSchema))
    database.write(Write((LocalWrite("PUT", "logs", "l1", {"line": "said"}),)).rows)
    database.close()
    for sql in ("SELECT * FROM ps_crud", "SELECT * FROM ps_data__logs", "SELECT key FROM ps_kv ORDER BY key"):
        assert rows_in(ours, sql) == rows_in(theirs, sql), sql
