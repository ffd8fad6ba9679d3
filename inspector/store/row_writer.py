"""Rows into the tables that show them: the app's, or `ps_untyped` where the schema has none."""

from collections.abc import Iterable, Mapping
from typing import Any

import apsw
import msgspec

from inspector.store.app_schema import quoted
from inspector.store.preparing import StoreError
from inspector.store.query import Values
from inspector.store.raw_tables import RawTarget
from inspector.store.schema_changes import synced_tables

_ROWS_A_BATCH = 5_000
"""Bounds the memory that publishing takes, whatever the size of the checkpoint."""


def write_rows(connection: apsw.Connection, changed: Iterable[tuple[Any, ...]], raw: Mapping[str, RawTarget]) -> None:
    """Put (type, id, data) into their tables; no data deletes the row. Inside the caller's transaction.

    Raises StoreError for raw tables, and for operations that name no row.
    """
    tables = synced_tables(connection)
    by_statement: dict[str, list[Values]] = {}
    pending = 0
    for row_type, row_id, data in changed:
        if row_type is None:
            raise StoreError(
                "The checkpoint cannot be shown.",
                why="A bucket has a PUT that names no row: its type or its id is missing.",
                next_step="Look for it in the bucket's operations. The official clients cannot show it either.",
            )
        table = tables.get(row_type)
        if table is None and row_type in raw:
            write_raw(connection, raw[row_type], row_id, data)
            continue
        statement, values = _statement(table, row_type, row_id, data)
        by_statement.setdefault(statement, []).append(values)
        pending += 1
        if pending >= _ROWS_A_BATCH:
            _execute(connection, by_statement)
            pending = 0
    _execute(connection, by_statement)


def write_raw(connection: apsw.Connection, target: RawTarget, row_id: str, data: str | None) -> None:
    """One row into a table of the app's own; raises StoreError."""
    try:
        statement, values = target.statement(row_id, data)
    except (msgspec.MsgspecError, ValueError) as error:
        raise StoreError(
            f"The row “{row_id}” cannot be written to the raw table {target.row_type}.",
            why=f"Its data cannot be read as a JSON object: {str(error).rstrip('.')}.",
            next_step="Look at its operation. The official clients cannot write it either.",
        ) from error
    try:
        connection.execute(statement, values)
    except apsw.Error as error:
        raise StoreError(
            f"The row “{row_id}” cannot be written to the raw table {target.row_type}.",
            why=f"SQLite says: {error}.",
            next_step="Compare the statements in the schema with the app's table and its constraints.",
        ) from error


def _statement(table: str | None, row_type: str, row_id: str, data: str | None) -> tuple[str, Values]:
    if table is None:
        if data is None:
            return "DELETE FROM ps_untyped WHERE type = ? AND id = ?", (row_type, row_id)
        return "REPLACE INTO ps_untyped(type, id, data) VALUES (?, ?, ?)", (row_type, row_id, data)
    if data is None:
        return f"DELETE FROM {quoted(table)} WHERE id = ?", (row_id,)
    return f"REPLACE INTO {quoted(table)}(id, data) VALUES (?, ?)", (row_id, data)


def _execute(connection: apsw.Connection, by_statement: dict[str, list[Values]]) -> None:
    for statement, values in by_statement.items():
        connection.executemany(statement, values)
    by_statement.clear()
