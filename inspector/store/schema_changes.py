"""The tables, indexes and views that the app's schema stands for, made to agree with it as the official clients do.

A table that comes takes its rows out of `ps_untyped`; the rows of one that goes are moved back there. Local-only tables
stay: their rows are nowhere else.
"""

from collections.abc import Iterable

import apsw

from inspector.store.app_schema import AUTO_GENERATED, AppSchema, Table, json_path, quoted, view_sql
from inspector.store.query import rows, scalar

_SYNCED = "ps_data__"


def replace_schema(connection: apsw.Connection, schema: AppSchema) -> None:
    """Make the file's tables, indexes and views those of `schema`; inside the caller's transaction."""
    views = {table.visible_name for table in schema.tables}
    ours = "SELECT name FROM sqlite_schema WHERE type = 'view' AND substr(sql, -length(?1)) = ?1"
    for (view,) in rows(connection, ours, (AUTO_GENERATED,)):
        if view not in views:
            connection.execute(f"DROP VIEW {quoted(view)}")
    wanted = {table.data_table for table in schema.tables}
    for row_type, table in synced_tables(connection).items():
        if table not in wanted:
            _drop_table(connection, row_type, table)
    indexes = {f"{table.data_table}__{index.name}" for table in schema.tables for index in table.indexes}
    present = "SELECT name FROM sqlite_schema WHERE type = 'index' AND name GLOB 'ps_data_*'"
    for (index,) in rows(connection, present):
        if index not in indexes:
            connection.execute(f"DROP INDEX {quoted(index)}")
    add_tables(connection, schema.tables)


def add_tables(connection: apsw.Connection, tables: Iterable[Table]) -> None:
    """Make what is missing of these tables, and leave all others alone; inside the caller's transaction."""
    existing = {name for (name,) in rows(connection, "SELECT name FROM sqlite_schema WHERE type = 'table'")}
    for table in tables:
        if table.data_table not in existing:
            _create_table(connection, table)
        _create_indexes(connection, table)
        _create_view(connection, table)


def synced_tables(connection: apsw.Connection) -> dict[str, str]:
    """The data table of each row type that has one."""
    names = rows(connection, "SELECT name FROM sqlite_schema WHERE type = 'table' AND name GLOB ?", (f"{_SYNCED}*",))
    return {name[len(_SYNCED) :]: name for (name,) in names}


def _create_table(connection: apsw.Connection, table: Table) -> None:
    name = quoted(table.data_table)
    connection.execute(f"CREATE TABLE {name}(id TEXT PRIMARY KEY NOT NULL, data TEXT)")
    if table.local_only:
        return
    connection.execute(f"INSERT INTO {name}(id, data) SELECT id, data FROM ps_untyped WHERE type = ?", (table.name,))
    connection.execute("DELETE FROM ps_untyped WHERE type = ?", (table.name,))


def _drop_table(connection: apsw.Connection, row_type: str, table: str) -> None:
    connection.execute(
        f"INSERT OR REPLACE INTO ps_untyped(type, id, data) SELECT ?, id, data FROM {quoted(table)}", (row_type,)
    )
    connection.execute(f"DROP TABLE {quoted(table)}")


def _create_indexes(connection: apsw.Connection, table: Table) -> None:
    for index in table.indexes:
        columns = ", ".join(
            f"CAST(json_extract(data, {json_path(column.name)}) as {column.type}){'' if column.ascending else ' DESC'}"
            for column in index.columns
        )
        name = f"{table.data_table}__{index.name}"
        _create(connection, "index", name, f"CREATE INDEX {quoted(name)} ON {quoted(table.data_table)}({columns})")


def _create_view(connection: apsw.Connection, table: Table) -> None:
    _create(connection, "view", table.visible_name, view_sql(table))


def _create(connection: apsw.Connection, kind: str, name: str, wanted: str) -> None:
    """What is there and the same stays, with the triggers of the official client on it."""
    present = scalar(connection, "SELECT sql FROM sqlite_schema WHERE type = ? AND name = ?", (kind, name))
    if present == wanted:
        return
    if present is not None:
        connection.execute(f"DROP {kind} {quoted(name)}")
    connection.execute(wanted)
