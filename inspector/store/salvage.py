"""A page of a table, row by row where some of its rows are on damaged pages."""

from typing import Any

from inspector.store.query import Values
from inspector.store.read_connection import DAMAGE, ReadConnection

KeyedRow = tuple[Any, tuple[Any, ...] | None]


def quoted(identifier: str) -> str:
    """A name as SQL takes it."""
    return '"' + identifier.replace('"', '""') + '"'


def read_page(
    connection: ReadConnection, table: str, key: str, columns: str, condition: str, values: Values, limit: int
) -> list[KeyedRow]:
    """Up to `limit` rows that meet `condition`, in order of `key`: each its key and its `columns`.

    None stands for the columns of a row that cannot be read. Its key is known from the index; where the index itself
    is damaged, the table is read without it, up to the first damaged page.
    """
    source, page = quoted(table), f"WHERE {condition} ORDER BY {key} LIMIT ?"
    bindings = (*values, limit)
    try:
        rows = connection.rows(f"SELECT {key}, {columns} FROM {source} {page}", bindings)
        return [(row[0], row[1:]) for row in rows]
    except DAMAGE as error:
        connection.note_damage(table, error)
    try:
        index = connection.rows(f"SELECT {key}, rowid FROM {source} {page}", bindings)
    except DAMAGE:
        rows = connection.rows_of(table, f"SELECT {key}, {columns} FROM {source} NOT INDEXED {page}", bindings)
        return [(row[0], row[1:]) for row in rows]
    one = f"SELECT {columns} FROM {source} WHERE rowid = ?"
    return [(found, connection.row_of(table, one, (rowid,))) for found, rowid in index]


def count_rows(connection: ReadConnection, table: str) -> int | None:
    """How many rows a table has, counted in an index if that is readable; None when neither can be read."""
    sql = f"SELECT count(*) FROM {quoted(table)}"
    count = connection.count_of(table, sql)
    return count if count is not None else connection.count_of(table, f"{sql} NOT INDEXED")
