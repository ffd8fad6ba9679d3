"""The tables of the client's schema and their rows, as far as they can be read (protocol §3)."""

import re
from typing import Any

from inspector.store.read_connection import ReadConnection, ReadError
from inspector.store.records import DataRow, TableKind, TableRow
from inspector.store.salvage import count_rows, read_page
from inspector.store.versions import Layout

_SYNCED = "ps_data__"
_LOCAL = "ps_data_local__"
_UNTYPED = "ps_untyped"
_VIEW_OVER = re.compile(r'\bFROM\s+"(?P<table>ps_data_(?:_|local__)(?:[^"]|"")*)"\s*--\s*powersync-auto-generated\s*$')


def read_tables(connection: ReadConnection, layout: Layout) -> list[TableRow]:
    """Synced tables, local-only tables and the types in `ps_untyped`, each group by name."""
    views = _views(connection)
    found = [
        TableRow(
            name=internal.removeprefix(prefix),
            internal_name=internal,
            kind=kind,
            view=views.get(internal, ""),
            rows=count_rows(connection, internal),
        )
        for prefix, kind in _PREFIXES
        for internal in _tables(connection, prefix)
    ]
    return found + [
        TableRow(name=name, internal_name=_UNTYPED, kind="untyped", view="", rows=rows)
        for name, rows in count_untyped(connection, layout).items()
    ]


_PREFIXES: tuple[tuple[str, TableKind], ...] = ((_SYNCED, "synced"), (_LOCAL, "local"))


def resolve_table(connection: ReadConnection, layout: Layout, name: str) -> str:
    """The internal name of a table by its name in `read_tables`; raises ReadError when there is none."""
    for prefix, _ in _PREFIXES:
        if prefix + name in _tables(connection, prefix):
            return prefix + name
    if name in count_untyped(connection, layout):
        return _UNTYPED
    raise ReadError(
        f"There is no table {name}.",
        why="Neither the client's schema nor its untyped rows have it.",
        next_step="Choose another table.",
    )


def table_kind(connection: ReadConnection, layout: Layout, name: str) -> TableKind | None:
    """Where rows of this type are kept; None where there is neither a table nor an untyped row."""
    for prefix, kind in _PREFIXES:
        if prefix + name in _tables(connection, prefix):
            return kind
    if not layout.has(_UNTYPED):
        return None
    found = connection.row_of(_UNTYPED, "SELECT 1 FROM ps_untyped WHERE type = ? LIMIT 1", (name,))
    return "untyped" if found else None


def synced_tables(connection: ReadConnection) -> list[str]:
    """The internal names of tables whose rows are synced."""
    return _tables(connection, _SYNCED)


def count_untyped(connection: ReadConnection, layout: Layout) -> dict[str, int]:
    """Type → rows in `ps_untyped`."""
    if not layout.has(_UNTYPED):
        return {}
    sql = "SELECT type, count(*) FROM ps_untyped GROUP BY type ORDER BY type"
    return dict(connection.rows_of(_UNTYPED, sql))


def read_rows(
    connection: ReadConnection, internal_name: str, row_type: str, after_id: str | None, limit: int
) -> list[DataRow]:
    """Rows in order of id; those whose page is damaged come without data."""
    condition, values = _condition(internal_name, row_type)
    if after_id is not None:
        condition, values = f"{condition} AND id > ?", (*values, after_id)
    rows = read_page(connection, internal_name, "id", "data", condition, values, limit)
    return [_data_row(row_id, row) for row_id, row in rows]


def read_row(connection: ReadConnection, internal_name: str, row_type: str, row_id: str) -> DataRow | None:
    """One row by its id; None when there is none."""
    condition, values = _condition(internal_name, row_type)
    rows = read_page(connection, internal_name, "id", "data", f"{condition} AND id = ?", (*values, row_id), 1)
    return _data_row(*rows[0]) if rows else None


def text_of(value: Any) -> str | None:
    """A value of a column that holds text, whatever an app has put there instead; None for NULL."""
    if value is None or isinstance(value, str):
        return value
    return value.decode(errors="replace") if isinstance(value, bytes) else str(value)


def _data_row(row_id: Any, row: tuple[Any, ...] | None) -> DataRow:
    shown_id = text_of(row_id) or ""
    return DataRow(shown_id, None, readable=False) if row is None else DataRow(shown_id, text_of(row[0]))


def _condition(internal_name: str, row_type: str) -> tuple[str, tuple[str, ...]]:
    return ("type = ?", (row_type,)) if internal_name == _UNTYPED else ("TRUE", ())


def _tables(connection: ReadConnection, prefix: str) -> list[str]:
    sql = "SELECT name FROM sqlite_schema WHERE type = 'table' AND substr(name, 1, ?) = ? ORDER BY name"
    return [name for (name,) in connection.rows(sql, (len(prefix), prefix))]


def _views(connection: ReadConnection) -> dict[str, str]:
    views = {}
    for name, sql in connection.rows("SELECT name, sql FROM sqlite_schema WHERE type = 'view'"):
        if found := _VIEW_OVER.search(sql or ""):
            views[found["table"].replace('""', '"')] = name
    return views
