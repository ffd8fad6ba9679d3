"""Runs SQL that somebody typed, on a connection that can only read, and keeps its rows in a file of their own.

Nothing can be changed, three times over: the file is opened read-only, `query_only` is on, and an authorizer lets
only reading pass. The rows go into a temporary file as they come, so that a result of a million rows is scrolled
through without being in memory, and so that nothing of the database is held open after the query.
"""

import re
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from threading import Lock
from typing import Any

import apsw

from inspector.protocol.errors import InspectorError
from inspector.words import thousands

MOST_ROWS = 1_000_000
_ROWS_AT_ONCE = 2_000
_STEPS_BETWEEN_LOOKS = 50_000
"""Steps of SQLite's machine, about a millisecond, between two questions whether the query is to stop."""

_READING = (apsw.SQLITE_SELECT, apsw.SQLITE_READ, apsw.SQLITE_FUNCTION, apsw.SQLITE_RECURSIVE)
_NOT_FUNCTIONS = ("load_extension", "readfile", "writefile", "edit", "fts3_tokenizer")
_PRAGMAS_OF_SOMETHING = (
    "table_info",
    "table_xinfo",
    "table_list",
    "index_list",
    "index_info",
    "index_xinfo",
    "foreign_key_list",
    "foreign_key_check",
    "integrity_check",
    "quick_check",
)
_PRAGMAS = (
    *_PRAGMAS_OF_SOMETHING,
    "application_id",
    "auto_vacuum",
    "cache_size",
    "collation_list",
    "compile_options",
    "data_version",
    "database_list",
    "encoding",
    "foreign_keys",
    "freelist_count",
    "function_list",
    "journal_mode",
    "page_count",
    "page_size",
    "query_only",
    "schema_version",
    "user_version",
)


_COMMENTS = re.compile(r"--[^\n]*|/\*.*?(?:\*/|$)", re.DOTALL)


class SqlProblem(InspectorError):
    """A query cannot be run; `position` is where in its text, in characters, or None."""

    def __init__(self, what: str, *, why: str = "", next_step: str = "", position: int | None = None) -> None:
        super().__init__(what, why=why, next_step=next_step)
        self.position = position


@dataclass(frozen=True, slots=True)
class ResultShape:
    """The columns of a result; the types are those of the tables' columns, empty for what is computed."""

    columns: tuple[str, ...]
    types: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Finished:
    """How a query ended."""

    rows: int
    seconds: float
    is_cut: bool
    """There are more than MOST_ROWS."""


@dataclass(frozen=True, slots=True)
class PlanStep:
    """A step of a query plan, below the one that it serves."""

    detail: str
    depth: int


class ReadOnlySql:
    """Takes a connection over: it only reads from now on. For one thread, but for `interrupt`."""

    def __init__(self, connection: apsw.Connection) -> None:
        self._connection = connection
        self._denied = ""
        self._runs = False
        self._lock = Lock()
        """Held by who begins or ends a statement, or interrupts it: what else the connection does is let be."""
        connection.execute("PRAGMA query_only = ON")
        connection.authorizer = self._authorize

    def interrupt(self) -> None:
        """Stop the statement that runs; from any thread, and when the file is closed."""
        with self._lock, suppress(apsw.ConnectionClosedError):
            if self._runs:
                self._connection.interrupt()

    def run(
        self,
        sql: str,
        spool: Path,
        begun: Callable[[ResultShape], None],
        progress: Callable[[int], None],
        stopped: Callable[[], bool] = lambda: False,
    ) -> Finished:
        """Write the rows of one statement into `spool`, an SQLite file that is made anew; see `ResultReader`.

        `begun` is called once with the columns, `progress` now and then with the number of rows. `stopped` is asked all
        along: to `interrupt` what has not begun yet does nothing. Raises SqlProblem.
        """
        started = time.monotonic()
        self._denied = ""
        statements = _Statements()
        cursor = self._connection.cursor()
        cursor.exec_trace = statements
        self._connection.set_progress_handler(stopped, _STEPS_BETWEEN_LOOKS)
        with self._lock:
            self._runs = True
        try:
            rows = iter(cursor.execute(sql))
            shape = statements.shape
            begun(shape)
            return self._fill(rows, spool, shape, started, progress)
        except apsw.ExecTraceAbort:
            raise SqlProblem(
                "There is more than one statement.",
                why="The console runs one at a time.",
                next_step="Select the one to run.",
            ) from None
        except (apsw.Error, UnicodeDecodeError) as error:
            raise self._problem(sql, error) from error
        finally:
            cursor.close(True)
            with self._lock:
                self._runs = False
            self._connection.set_progress_handler(None)

    def plan(self, sql: str) -> list[PlanStep]:
        """How SQLite would run a statement; raises SqlProblem."""
        self._denied = ""
        try:
            found = self._connection.execute(f"EXPLAIN QUERY PLAN {sql}").fetchall()
        except apsw.Error as error:
            problem = self._problem(sql, error)
            if problem.position is not None:
                problem.position = max(0, problem.position - len("EXPLAIN QUERY PLAN "))
            raise problem from error
        depths: dict[int, int] = {0: -1}
        steps = []
        for step, parent, _, detail in found:
            depths[int(step or 0)] = depths.get(int(parent or 0), -1) + 1
            steps.append(PlanStep(str(detail), depths[int(step or 0)]))
        return steps

    def words(self) -> dict[str, tuple[str, ...]]:
        """All tables and views with their columns, for completion."""
        sql = (
            "SELECT m.name, c.name FROM sqlite_schema m JOIN pragma_table_info(m.name) c"
            " WHERE m.type IN ('table', 'view')"
        )
        found: dict[str, list[str]] = {}
        for table, column in self._connection.execute(sql):
            found.setdefault(str(table), []).append(str(column))
        return {table: tuple(columns) for table, columns in found.items()}

    def _fill(
        self,
        rows: Iterator[Sequence[Any]],
        spool: Path,
        shape: ResultShape,
        started: float,
        progress: Callable[[int], None],
    ) -> Finished:
        count, is_cut = 0, False
        results = _new_spool(spool, len(shape.columns))
        marks = ", ".join("?" * len(shape.columns))
        try:
            while shape.columns and (batch := list(islice(rows, _ROWS_AT_ONCE))):
                with results:
                    results.executemany(f"INSERT INTO result VALUES (NULL, {marks})", batch)
                count += len(batch)
                progress(count)
                if count >= MOST_ROWS:
                    is_cut = next(rows, None) is not None
                    break
        finally:
            results.close()
        return Finished(count, time.monotonic() - started, is_cut)

    def _authorize(
        self, action: int, first: str | None, second: str | None, _database: str | None, _trigger: str | None
    ) -> int:
        if action == apsw.SQLITE_FUNCTION and (second or "").lower() in _NOT_FUNCTIONS:
            self._denied = f"the function {second}"
            return int(apsw.SQLITE_DENY)
        if action in _READING:
            return int(apsw.SQLITE_OK)
        if action == apsw.SQLITE_PRAGMA:
            name = (first or "").lower()
            if name in _PRAGMAS_OF_SOMETHING or (name in _PRAGMAS and second is None):
                return int(apsw.SQLITE_OK)
            self._denied = f"PRAGMA {first}"
            return int(apsw.SQLITE_DENY)
        self._denied = str(apsw.mapping_authorizer_function[action]).removeprefix("SQLITE_").replace("_", " ")
        return int(apsw.SQLITE_DENY)

    def _problem(self, sql: str, error: Exception) -> SqlProblem:
        if isinstance(error, apsw.InterruptError):
            return SqlProblem("The query was stopped.")
        if self._denied:
            return SqlProblem(
                "The console only reads.",
                why=f"The statement asks for {self._denied}.",
                next_step="In a live session rows are changed in Data, and go through the upload queue.",
            )
        offset = getattr(error, "error_offset", -1)
        position = len(sql.encode()[:offset].decode(errors="ignore")) if offset >= 0 else None
        where = "" if position is None else _where(sql, position)
        text = str(error).removeprefix("SQLError: ")
        return SqlProblem(f"SQLite does not understand it{where}.", why=f"It says: {text}.", position=position)


class _Statements:
    """Notes the columns of the first statement, and lets no second one begin."""

    def __init__(self) -> None:
        self.shape = ResultShape((), ())
        self._seen = False

    def __call__(self, cursor: apsw.Cursor, sql: str, _bindings: Any) -> bool:
        if not _COMMENTS.sub("", sql).strip(" ;\n\t\r"):
            return True
        if self._seen:
            return False
        self._seen = True
        described = cursor.get_description()
        self.shape = ResultShape(
            tuple(str(name) for name, _ in described), tuple(str(kind or "") for _, kind in described)
        )
        return True


def _where(sql: str, position: int) -> str:
    before = sql[:position]
    line, column = before.count("\n") + 1, position - (before.rfind("\n") + 1) + 1
    return f" at line {line}, column {column}" if "\n" in sql else f" at column {column}"


def _new_spool(path: Path, columns: int) -> apsw.Connection:
    for suffix in ("", "-wal", "-shm"):
        path.with_name(path.name + suffix).unlink(missing_ok=True)
    connection = apsw.Connection(str(path))
    # First that nothing is to be waited for: the other one would wait for the disk, with the interpreter in its hand.
    connection.execute("PRAGMA synchronous = OFF; PRAGMA journal_mode = WAL")
    names = "".join(f", c{number}" for number in range(columns))
    connection.execute(f"CREATE TABLE result(id INTEGER PRIMARY KEY{names})")
    return connection


class ResultReader:
    """The rows of a result, while it grows and after; for one thread."""

    def __init__(self, spool: Path) -> None:
        self._connection = apsw.Connection(str(spool), flags=apsw.SQLITE_OPEN_READONLY)
        self._connection.set_busy_timeout(1_000)
        self._count = len(self._connection.execute("SELECT name FROM pragma_table_info('result')").fetchall()) - 1

    def close(self) -> None:
        """Let go of the file."""
        self._connection.close()

    def page(self, first: int, count: int, longest: int) -> list[tuple[Any, ...]]:
        """Rows from a position on, counted from 0: a value cut to `longest` and its size in bytes for each column."""
        cells = ", ".join(
            f"iif(typeof(c{n}) IN ('text', 'blob'), substr(c{n}, 1, {longest}), c{n}), octet_length(c{n})"
            for n in range(self._count)
        )
        sql = f"SELECT {cells} FROM result WHERE id > ? ORDER BY id LIMIT ?"
        return [tuple(row) for row in self._connection.execute(sql, (first, count))]

    def value(self, row: int, column: int) -> Any:
        """One value in full."""
        found = self._connection.execute(f"SELECT c{column} FROM result WHERE id = ?", (row + 1,)).fetchone()
        return found[0] if found else None

    def all_rows(self, most: int | None = None) -> Iterator[tuple[Any, ...]]:
        """All rows in full, or the first ones."""
        names = ", ".join(f"c{number}" for number in range(self._count))
        limit = -1 if most is None else most
        for row in self._connection.execute(f"SELECT {names} FROM result ORDER BY id LIMIT ?", (limit,)):
            yield tuple(row)


def finished_words(finished: Finished) -> str:
    """How many rows came, and whether there are more."""
    rows = f"{thousands(finished.rows)} {'row' if finished.rows == 1 else 'rows'}"
    return f"the first {rows}; there are more" if finished.is_cut else rows
