"""A user's own database is served: whatever any program commits there arrives, and nothing stands in its way."""

import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import apsw
import httpx
import pytest

from inspector.service.database.serve import remove_triggers
from inspector.service.errors import ServiceError
from inspector.service.options import ServiceOptions
from inspector.service.run import RunningService
from tests.running_service import ServiceUnderTest, running_service
from tests.service.streaming import FULL_REQUEST, Line, OpenStream, first_sync, open_stream, positions
from tests.service.test_stream import announced, sums

SERVICE = [sys.executable, "-m", "inspector", "service"]
SCHEMA = """
CREATE TABLE lists(id TEXT PRIMARY KEY, name TEXT, owner TEXT, slug TEXT UNIQUE);
CREATE TABLE members(user TEXT, list TEXT, since INTEGER, PRIMARY KEY (user, list)) WITHOUT ROWID;
CREATE TABLE todos(
  id INTEGER PRIMARY KEY, list TEXT REFERENCES lists ON DELETE CASCADE, title TEXT, photo BLOB, rating REAL
);
CREATE TABLE untouched(x);
INSERT INTO lists VALUES('l1', 'One', 'alice', 'one'), ('l2', 'Two', 'bob', 'two');
INSERT INTO members VALUES('alice', 'l1', 1), ('bob', 'l2', 2);
INSERT INTO todos VALUES(1, 'l1', 'a', x'00', 1.5), (2, 'l2', 'b', NULL, 2);
"""
STREAMS = """
config:
  edition: 3
streams:
  lists:
    auto_subscribe: true
    query: SELECT * FROM lists WHERE id IN (SELECT list FROM members WHERE user = auth.user_id())
  todos:
    auto_subscribe: true
    query: |
      SELECT id, list, title, photo, rating FROM todos
      WHERE list IN (SELECT list FROM members WHERE user = auth.user_id())
"""


class App:
    """A database and its service."""

    def __init__(self, folder: Path) -> None:
        self.database, self.config = folder / "app.db", folder / "streams.yaml"
        self.config.write_text(STREAMS)
        self.connection = apsw.Connection(str(self.database))
        self.connection.set_busy_timeout(2_000)
        self.connection.execute(SCHEMA)

    def served(self, **options: Any) -> Any:
        return running_service(config=self.config, database=self.database, **options)


@pytest.fixture
def app(tmp_path: Path) -> App:
    return App(tmp_path)


@pytest.fixture
def service(app: App) -> Iterator[ServiceUnderTest]:
    with app.served() as service:
        yield service


def rows(lines: list[Line], bucket: str = "") -> dict[str, str | None]:
    """What the operations leave, by table and id."""
    return {
        f"{operation['object_type']}/{operation['object_id']}": operation["data"]
        for line in lines
        if "data" in line and bucket in line["data"]["bucket"]
        for operation in line["data"]["data"]
    }


def lines_until(stream: OpenStream, reached: Callable[[list[Line]], bool]) -> list[Line]:
    lines: list[Line] = []
    while not reached(lines):
        lines += stream.until("checkpoint_complete")
    return lines


def test_rows_arrive_as_they_are_but_without_blobs(service: ServiceUnderTest) -> None:
    lines = first_sync(service)
    assert rows(lines) == {
        "lists/l1": '{"id":"l1","name":"One","owner":"alice","slug":"one"}',
        "todos/1": '{"id":1,"list":"l1","title":"a","rating":1.5}',
    }
    assert announced(lines) == sums(lines)
    assert '"rating":2.0' in str(rows(first_sync(service, user="bob"))["todos/2"])


def test_what_another_program_commits_arrives(app: App, service: ServiceUnderTest) -> None:
    with open_stream(service) as stream:
        stream.until("checkpoint_complete")
        writes = "UPDATE lists SET name = 'Uno' WHERE id = 'l1'; INSERT INTO todos VALUES(3, 'l1', 'c', NULL, 1.0)"
        script = f"import sqlite3; c = sqlite3.connect({str(app.database)!r}); c.executescript({writes!r}); c.commit()"
        subprocess.run([sys.executable, "-c", script], check=True)
        lines = lines_until(stream, lambda lines: "todos/3" in rows(lines))
    assert '"name":"Uno"' in str(rows(lines)["lists/l1"])


def test_membership_moves_rows_between_clients_and_is_never_ahead_of_them(app: App, service: ServiceUnderTest) -> None:
    with open_stream(service) as stream:
        stream.until("checkpoint_complete")
        app.connection.execute("BEGIN")
        app.connection.execute("INSERT INTO members VALUES('alice', 'l2', 3)")
        app.connection.execute("INSERT INTO todos VALUES(4, 'l2', 'with it', NULL, NULL)")
        app.connection.execute("COMMIT")
        lines = stream.until("checkpoint_complete")
        assert rows(lines).keys() == {"lists/l2", "todos/2", "todos/4"}
        app.connection.execute("DELETE FROM members WHERE user = 'alice' AND list = 'l2'")
        removed = stream.line()["checkpoint_diff"]["removed_buckets"]
    assert sorted(removed) == ['1#lists|0["l2"]', '1#todos|0["l2"]']


def test_replaced_and_cascaded_rows_are_noticed(app: App, service: ServiceUnderTest) -> None:
    app.connection.execute("PRAGMA foreign_keys = on")
    app.connection.execute("INSERT INTO members VALUES('alice', 'l3', 3)")
    with open_stream(service) as stream:
        stream.until("checkpoint_complete")
        app.connection.execute("INSERT OR REPLACE INTO lists VALUES('l3', 'Three', 'alice', 'one')")
        lines = lines_until(stream, lambda lines: "lists/l3" in rows(lines))
        assert rows(lines)["lists/l1"] is None
        assert rows(lines)["todos/1"] is None


def test_uploads_change_the_database_and_are_there_before_they_are_acknowledged(
    app: App, service: ServiceUnderTest
) -> None:
    with open_stream(service) as stream:
        stream.until("checkpoint_complete")
        service.put("todos", "9", list="l1", title="mine")
        url = f"{service.endpoint}/write-checkpoint2.json?client_id=client-1"
        httpx.get(url, headers=service.authorization()).raise_for_status()
        lines = lines_until(stream, lambda lines: any("write_checkpoint" in str(line) for line in lines))
        assert "todos/9" in rows(lines)
    assert app.connection.execute("SELECT title FROM todos WHERE id = 9").fetchall() == [("mine",)]
    refused = service.upload({"op": "PUT", "type": "lists", "id": "l9", "data": {"slug": "two"}})
    assert (refused.status_code, "UNIQUE constraint failed: lists.slug" in refused.text) == (400, True)


def test_a_write_that_another_program_commits_is_in_the_checkpoint_that_acknowledges_later(
    app: App, service: ServiceUnderTest
) -> None:
    app.connection.execute("UPDATE todos SET title = 'backend' WHERE id = 1")
    url = f"{service.endpoint}/write-checkpoint2.json?client_id=client-1"
    httpx.get(url, headers=service.authorization()).raise_for_status()
    lines = first_sync(service)
    assert lines[0]["checkpoint"]["write_checkpoint"] == "1"
    assert '"title":"backend"' in str(rows(lines)["todos/1"])


def test_what_changed_while_the_service_was_down_arrives_afterwards(app: App) -> None:
    with app.served() as service:
        before = first_sync(service)
    app.connection.execute("DELETE FROM todos; UPDATE lists SET name = 'Uno' WHERE id = 'l1'")
    with app.served() as service:
        lines = first_sync(service, {**FULL_REQUEST, "buckets": positions(before)})
        assert rows(lines) == {"lists/l1": '{"id":"l1","name":"Uno","owner":"alice","slug":"one"}', "todos/1": None}


def test_another_sync_config_makes_the_buckets_anew_under_the_next_version(app: App) -> None:
    with app.served() as service:
        before = first_sync(service)
    app.config.write_text(STREAMS.replace("id, list, title", "id, title, list"))
    with app.served() as service:
        lines = first_sync(service, {**FULL_REQUEST, "buckets": positions(before)})
    assert all(entry["bucket"].startswith("2#") for entry in lines[0]["checkpoint"]["buckets"])
    assert int(lines[0]["checkpoint"]["last_op_id"]) > int(before[0]["checkpoint"]["last_op_id"])
    assert announced(lines) == sums(lines)


def test_triggers_go_without_a_trace_and_come_back_with_what_was_missed(app: App, service: ServiceUnderTest) -> None:
    with open_stream(service) as stream:
        stream.until("checkpoint_complete")
        assert remove_triggers(app.database) == 11
        app.connection.execute("UPDATE lists SET name = 'unseen' WHERE id = 'l1'")
        lines = lines_until(stream, lambda lines: '"name":"unseen"' in str(rows(lines).get("lists/l1")))
        assert lines
        app.connection.execute("UPDATE lists SET name = 'seen' WHERE id = 'l1'")
        lines_until(stream, lambda lines: '"name":"seen"' in str(rows(lines).get("lists/l1")))


def test_removing_triggers_leaves_the_schema_as_it_was(app: App) -> None:
    schema = "SELECT type, name, sql FROM sqlite_schema WHERE name <> 'sqlite_sequence' ORDER BY name"
    before = app.connection.execute(schema).fetchall()
    with app.served():
        assert app.connection.execute(schema).fetchall() != before
    ended = subprocess.run(
        [*SERVICE, "--database", str(app.database), "--remove-triggers"],
        capture_output=True,
        check=True,
    )
    assert ended.stdout.decode() == f"11 triggers removed from {app.database}.\n"
    assert app.connection.execute(schema).fetchall() == before


def test_notes_do_not_pile_up_while_nobody_reads(app: App) -> None:
    with app.served():
        pass
    for number in range(50):
        app.connection.execute("UPDATE lists SET name = ?", (str(number),))
    assert app.connection.execute("SELECT count(*) FROM _inspector_changes").get == 2


def test_a_table_that_gets_other_columns_ends_the_service_with_the_reason(app: App) -> None:
    service = subprocess.Popen(
        [*SERVICE, "--port", "0", "--config", str(app.config), "--database", str(app.database)],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
    )
    assert service.stdout is not None
    assert b"endpoint" in service.stdout.readline()
    app.connection.execute("ALTER TABLE lists ADD COLUMN colour")
    _, said = service.communicate(timeout=20)
    notice, reason = said.decode().splitlines()
    assert f"To remove them: inspector service --database {app.database} --remove-triggers" in notice
    assert reason.startswith("The table “lists” of app.db has other columns than when the service started")
    assert service.returncode == 1


@pytest.mark.parametrize(
    ("schema", "query", "sentence"),
    [
        ("CREATE TABLE t(id)", "SELECT * FROM t", "The table “t” has no primary key"),
        (
            "CREATE TABLE sync_state(id PRIMARY KEY)",
            "SELECT * FROM sync_state",
            "A table called “sync_state” cannot be",
        ),
        ("CREATE TABLE t(id PRIMARY KEY)", "SELECT * FROM t WHERE x = 1", "streams.yaml, line 5: t has no column “x”"),
    ],
)
def test_what_cannot_be_served_is_said_at_the_start(tmp_path: Path, schema: str, query: str, sentence: str) -> None:
    database, config = tmp_path / "app.db", tmp_path / "streams.yaml"
    apsw.Connection(str(database)).execute(schema)
    config.write_text(f"config:\n  edition: 3\nstreams:\n  s:\n    query: {query}\n")
    with pytest.raises(ServiceError) as refused:
        RunningService(ServiceOptions(port=0, config=config, database=database))
    assert str(refused.value).startswith(sentence)


def test_a_database_or_a_config_alone_is_not_enough(app: App) -> None:
    with pytest.raises(ServiceError, match="belong together"):
        RunningService(ServiceOptions(port=0, config=app.config))
    with pytest.raises(ServiceError, match="There is no database"):
        RunningService(ServiceOptions(port=0, config=app.config, database=app.database.with_name("none.db")))
    text = app.database.with_name("text.db")
    text.write_text("no database at all, but long enough to be looked at by SQLite" * 20)
    with pytest.raises(ServiceError, match="cannot be opened"):
        RunningService(ServiceOptions(port=0, config=app.config, database=text))
