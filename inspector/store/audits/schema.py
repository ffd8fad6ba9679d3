"""The tables, views, triggers and indexes that a client database has, and what stands in columns."""

from collections.abc import Iterable
from typing import Any

from msgspec import Struct

from inspector.store.read_connection import ReadConnection
from inspector.store.salvage import quoted

ROWS_AT_ONCE = 20_000
"""Of a table, that are looked at for what stands in its columns."""


class SchemaObject(Struct, frozen=True):
    """A row of `sqlite_schema`; `sql` is empty for what SQLite made by itself."""

    kind: str
    name: str
    table: str
    sql: str


class ColumnUse(Struct, frozen=True):
    """What stands under a column's name in the rows that were looked at."""

    column: str
    present: int
    """Rows that have the key, also with null."""
    lossy: int
    """Texts that the view's cast to a number changes."""
    example: str | None
    """The id of a row with such a text."""
    spaced: int
    separated: int
    """Times written with a blank, and with a T, between day and time."""

    def __add__(self, other: "ColumnUse") -> "ColumnUse":
        return ColumnUse(
            self.column,
            self.present + other.present,
            self.lossy + other.lossy,
            self.example if self.example is not None else other.example,
            self.spaced + other.spaced,
            self.separated + other.separated,
        )


def schema_objects(connection: ReadConnection) -> list[SchemaObject]:
    """Everything in the schema by name."""
    found = connection.rows("SELECT type, name, tbl_name, ifnull(sql, '') FROM sqlite_schema ORDER BY type, name")
    return [SchemaObject(*values) for values in found]


def column_uses(
    connection: ReadConnection, table: str, columns: Iterable[tuple[str, str]], after: int
) -> tuple[int, list[ColumnUse], int | None]:
    """What the next ROWS_AT_ONCE rows of `table` after a position have in `columns`: how many rows that can be read,
    each column's use, and the last position; None where there are no more.

    Columns are names, each with `INTEGER` or `REAL` where the view casts to a number, else empty.
    """
    names = list(columns)
    page = f"SELECT max(rowid) FROM (SELECT rowid FROM {quoted(table)} WHERE rowid > ? ORDER BY rowid LIMIT ?)"
    last = connection.scalar(page, (after, ROWS_AT_ONCE))
    if last is None:
        return 0, [], None
    parts: list[str] = []
    values: list[Any] = [after, last]
    for name, number in names:
        values.append(f'$."{name}"')
        at = f"?{len(values)}"
        text, kind = f"json_extract(data, {at})", f"json_type(data, {at})"
        # The cast lends its affinity to the other side: texts that are numbers are compared as numbers.
        lossy = f"{kind} = 'text' AND CAST({text} AS {number}) <> {text}" if number else "FALSE"
        parts += [
            f"count({kind})",
            f"count(*) FILTER (WHERE {lossy})",
            f"min(id) FILTER (WHERE {lossy})",
            f"count(*) FILTER (WHERE {text} GLOB '[12][0-9][0-9][0-9]-[01][0-9]-[0-3][0-9] [0-2][0-9]:*')",
            f"count(*) FILTER (WHERE {text} GLOB '[12][0-9][0-9][0-9]-[01][0-9]-[0-3][0-9]T[0-2][0-9]:*')",
        ]
    sql = f"SELECT {', '.join(('count(*)', *parts))} FROM {quoted(table)} WHERE rowid > ?1 AND rowid <= ?2"
    rows, *found = connection.row(f"{sql} AND json_valid(data)", tuple(values)) or (0,)
    uses = [ColumnUse(name, *found[5 * at : 5 * at + 5]) for at, (name, _) in enumerate(names) if found]
    return rows, uses, last


def unfilled(connection: ReadConnection, columns: Iterable[str], row_type: str) -> list[tuple[str, int]]:
    """Those of `columns` that some operation of the type has nothing for, with the op id of one."""
    found = []
    for column in columns:
        sql = "SELECT max(op_id) FROM ps_oplog WHERE row_type = ? AND json_extract(data, ?) IS NULL"
        op_id = connection.scalar(sql, (row_type, f'$."{column}"'))
        if op_id is not None:
            found.append((column, int(op_id)))
    return found
