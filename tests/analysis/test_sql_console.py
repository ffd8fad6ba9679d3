"""The console reads everything and changes nothing, whatever is typed."""

import hashlib
import io
import json
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import apsw
import pytest

from inspector.analysis.result_export import Format, write_result
from inspector.analysis.sql_console import ReadOnlySql, ResultReader, ResultShape, SqlProblem
from inspector.capture.reader import CaptureReader
from inspector.store.reader import ClientDatabaseReader
from tests.capture.recording import record_to
from tests.store.database_files import copy_to, state

Run = Callable[[str], list[tuple[object, ...]]]


@pytest.fixture
def database(tmp_path: Path) -> Path:
    return copy_to(tmp_path, state("up-to-date"))


@pytest.fixture
def console(database: Path) -> Iterator[ReadOnlySql]:
    reader = ClientDatabaseReader(database)
    yield ReadOnlySql(reader.sqlite)
    reader.close()


@pytest.fixture
def run(console: ReadOnlySql, tmp_path: Path) -> Run:
    """The rows of a statement, in full."""

    def rows(sql: str) -> list[tuple[object, ...]]:
        console.run(sql, tmp_path / "spool.db", lambda _: None, lambda _: None)
        results = ResultReader(tmp_path / "spool.db")
        found = list(results.all_rows())
        results.close()
        return found

    return rows


@pytest.mark.parametrize(
    "sql",
    [
        "DELETE FROM ps_oplog",
        "UPDATE ps_buckets SET last_op = 0",
        "INSERT INTO ps_crud(data) VALUES ('{}')",
        "CREATE TABLE mine(a)",
        "CREATE TEMP TABLE mine(a)",
        "DROP TABLE ps_crud",
        "ATTACH 'other.db' AS other",
        "VACUUM",
        "VACUUM INTO 'copy.db'",
        "PRAGMA user_version = 5",
        "PRAGMA query_only = OFF",
        "PRAGMA journal_mode = DELETE",
        "PRAGMA wal_checkpoint(TRUNCATE)",
        "BEGIN IMMEDIATE",
        "REINDEX",
        "ANALYZE",
        "SELECT load_extension('x')",
        "WITH gone AS (SELECT 1) DELETE FROM ps_crud",
    ],
)
def test_nothing_that_changes_something_is_run(console: ReadOnlySql, database: Path, tmp_path: Path, sql: str) -> None:
    before = hashlib.sha256(database.read_bytes()).hexdigest()
    with pytest.raises(SqlProblem) as raised:
        console.run(sql, tmp_path / "spool.db", lambda _: None, lambda _: None)
    assert raised.value.what == "The console only reads."
    assert hashlib.sha256(database.read_bytes()).hexdigest() == before
    names = {path.name for path in tmp_path.iterdir()}
    assert not {name for name in names if "copy" in name or "other" in name}


def test_reading_in_all_its_forms_is_run(run: Run) -> None:
    assert run("SELECT count(*) FROM ps_oplog") == [(564,)]
    assert run("WITH RECURSIVE n(i) AS (VALUES (1) UNION ALL SELECT i + 1 FROM n WHERE i < 3) SELECT i FROM n")[-1] == (
        3,
    )
    assert run("SELECT description FROM todos WHERE id = 'todo-1008'")[0] == ('Todo number 1008 "quoted" \\ back',)
    assert ("id",) in run("SELECT name FROM pragma_table_info('ps_crud')")
    assert run("PRAGMA page_size") == [(4096,)]
    assert run("SELECT value FROM json_each('[1, 2]')") == [(1,), (2,)]
    assert run("SELECT 1;  -- one statement is enough") == [(1,)]
    assert run("SELECT 1 WHERE FALSE") == []


def test_a_second_statement_is_not_run(run: Run) -> None:
    with pytest.raises(SqlProblem, match="more than one statement"):
        run("SELECT 1; SELECT 2")


def test_an_error_says_where_it_is(run: Run) -> None:
    with pytest.raises(SqlProblem) as raised:
        run("SELECT 'ä',\n  1 frm ps_oplog")
    assert raised.value.position == 20
    assert "at line 2, column 9" in raised.value.what
    with pytest.raises(SqlProblem, match="no such table: nowhere"):
        run("SELECT * FROM nowhere")


def test_the_columns_come_before_the_rows(console: ReadOnlySql, tmp_path: Path) -> None:
    seen: list[ResultShape | int] = []
    console.run("SELECT id, completed FROM todos", tmp_path / "spool.db", seen.append, seen.append)
    assert isinstance(seen[0], ResultShape)
    assert seen[0].columns == ("id", "completed")
    assert seen[1:] == [500]


def test_a_query_is_stopped_from_another_thread(console: ReadOnlySql, tmp_path: Path) -> None:
    endless = "WITH RECURSIVE n(i) AS (VALUES (1) UNION ALL SELECT i + 1 FROM n) SELECT max(i) FROM n"
    stopped = threading.Timer(0.2, console.interrupt)
    stopped.start()
    began = time.monotonic()
    with pytest.raises(SqlProblem, match="was stopped"):
        console.run(endless, tmp_path / "spool.db", lambda _: None, lambda _: None)
    assert time.monotonic() - began < 10


def test_rows_are_read_by_pages_and_values_in_full(console: ReadOnlySql, tmp_path: Path) -> None:
    numbers = "WITH RECURSIVE n(i) AS (VALUES (1) UNION ALL SELECT i + 1 FROM n WHERE i < 5000)"
    sql = f"{numbers} SELECT i, hex(zeroblob(i)) FROM n"
    console.run(sql, tmp_path / "spool.db", lambda _: None, lambda _: None)
    results = ResultReader(tmp_path / "spool.db")
    (row,) = results.page(4_000, 1, 100)
    assert row[0] == 4_001
    assert (len(row[2]), row[3]) == (100, 8_002)
    assert len(results.value(4_000, 1)) == 8_002
    results.close()


def test_a_plan_is_a_tree(console: ReadOnlySql) -> None:
    steps = console.plan("SELECT * FROM todos t JOIN lists l ON l.id = t.list_id ORDER BY t.description")
    assert steps[0].depth == 0
    assert any("SEARCH" in step.detail for step in steps)
    nested = console.plan("SELECT (SELECT count(*) FROM ps_crud WHERE id > b.id) FROM ps_buckets b")
    assert max(step.depth for step in nested) == 1


def test_completion_knows_tables_and_their_columns(console: ReadOnlySql) -> None:
    words = console.words()
    assert "op_id" in words["ps_oplog"]
    assert "description" in words["todos"]


def test_a_capture_is_read_by_the_same_console(tmp_path: Path) -> None:
    with CaptureReader(record_to(tmp_path / "stream.pscapture", "incremental")) as capture:
        console = ReadOnlySql(capture.sqlite)
        with pytest.raises(SqlProblem, match="only reads"):
            console.run("DELETE FROM frames", tmp_path / "spool.db", lambda _: None, lambda _: None)
        finished = console.run("SELECT kind FROM frames", tmp_path / "spool.db", lambda _: None, lambda _: None)
    assert finished.rows > 0


def test_csv_and_json_say_the_same(tmp_path: Path) -> None:
    rows = [(1, None, 'a "quoted", text\nof two lines', b"\x00\xff"), (2.5, "ä", "", b"")]
    as_csv, as_json = io.StringIO(newline=""), io.StringIO()
    assert write_result(as_csv, ["n", "x", "x", "b"], rows, Format.CSV) == 2
    assert as_csv.getvalue().splitlines()[0] == "n,x,x,b"
    assert '"a ""quoted"", text\nof two lines",00ff' in as_csv.getvalue()
    assert write_result(as_json, ["n", "x", "x", "b"], rows, Format.JSON) == 2
    assert json.loads(as_json.getvalue())[0] == {"n": 1, "x": None, "x_2": rows[0][2], "b": "AP8="}
    as_markdown = io.StringIO()
    assert write_result(as_markdown, ["n", "x", "x", "b"], rows, Format.MARKDOWN) == 2
    assert as_markdown.getvalue().splitlines()[2:] == [
        '| 1 | NULL | a "quoted", text of two lines | 00ff |',
        "| 2.5 | ä |  |  |",
    ]


def test_damage_is_told_as_it_is(tmp_path: Path) -> None:
    reader = ClientDatabaseReader(copy_to(tmp_path, state("damaged")), immutable=True)
    console = ReadOnlySql(reader.sqlite)
    with pytest.raises(SqlProblem):
        console.run("SELECT * FROM ps_oplog", tmp_path / "spool.db", lambda _: None, lambda _: None)
    reader.close()
    assert apsw.Connection(str(tmp_path / "spool.db")).execute("SELECT 1").fetchall() == [(1,)]
