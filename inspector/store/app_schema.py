"""The app's schema as the SDKs serialise it, and the tables and views that it stands for (protocol §3)."""

from collections.abc import Iterable
from pathlib import Path
from typing import Literal

import apsw
import msgspec
from msgspec import Struct, field

from inspector.protocol.errors import InspectorError
from inspector.store.query import rows, scalar

AUTO_GENERATED = "-- powersync-auto-generated"
ColumnType = Literal["text", "integer", "real"]


class Column(Struct, frozen=True):
    """A column of a view; `id` is implicit and always text."""

    name: str
    type: ColumnType = "text"


class IndexedColumn(Struct, frozen=True):
    """A column of an index."""

    name: str
    ascending: bool = True
    type: ColumnType = "text"


class Index(Struct, frozen=True):
    """An expression index over the same casts as the view's."""

    name: str
    columns: tuple[IndexedColumn, ...]


class Table(Struct, frozen=True):
    """A table of the app. Fields that this program does not use are passed over when one is read from JSON."""

    name: str
    columns: tuple[Column, ...] = ()
    view_name: str | None = None
    indexes: tuple[Index, ...] = ()
    local_only: bool = False
    insert_only: bool = False
    include_metadata: bool = False
    include_old: bool | tuple[str, ...] = False
    """Whether CRUD entries tell the previous values, of all columns or of these."""
    include_old_only_when_changed: bool = False
    ignore_empty_update: bool = False

    @property
    def visible_name(self) -> str:
        """The view's name."""
        return self.view_name or self.name

    @property
    def data_table(self) -> str:
        """The table that holds the rows."""
        return f"ps_data_local__{self.name}" if self.local_only else f"ps_data__{self.name}"


class AppSchema(Struct, frozen=True):
    """All tables of the app."""

    tables: tuple[Table, ...] = field(default_factory=tuple)


class SchemaError(InspectorError):
    """A schema file cannot be used."""


def read_schema(path: Path) -> AppSchema:
    """The schema in a JSON file; raises SchemaError."""
    try:
        return msgspec.json.decode(path.read_bytes(), type=AppSchema)
    except OSError as error:
        why = f"The system says: {error.strerror}."
    except msgspec.MsgspecError as error:
        why = f"{str(error).rstrip('.')}."
    raise SchemaError(
        f"The schema file {path.name} cannot be read.",
        why=why,
        next_step='Give the JSON that the app\'s SDK makes of its schema, like {"tables": [{"name", "columns"}]}.',
    )


def quoted(identifier: str) -> str:
    """`identifier` for SQL text."""
    return '"' + identifier.replace('"', '""') + '"'


def json_path(column: str) -> str:
    """The JSON path of a column as an SQL literal, the way the official clients write it."""
    return "'$." + column.replace("'", "''") + "'"


def apply_schema(connection: apsw.Connection, schema: AppSchema) -> None:
    """Create what is missing and move rows out of `ps_untyped`; inside the caller's transaction."""
    existing = {name for (name,) in rows(connection, "SELECT name FROM sqlite_schema WHERE type = 'table'")}
    for table in schema.tables:
        if table.insert_only:
            continue
        if table.data_table not in existing:
            _create_table(connection, table)
        _create_indexes(connection, table)
        _create_view(connection, table)


def synced_tables(connection: apsw.Connection) -> dict[str, str]:
    """The data table of each row type that has one."""
    prefix = "ps_data__"
    names = rows(connection, "SELECT name FROM sqlite_schema WHERE type = 'table' AND name GLOB 'ps_data__*'")
    return {name[len(prefix) :]: name for (name,) in names}


def _create_table(connection: apsw.Connection, table: Table) -> None:
    name = quoted(table.data_table)
    connection.execute(f"CREATE TABLE {name}(id TEXT PRIMARY KEY NOT NULL, data TEXT)")
    if table.local_only:
        return
    connection.execute(f"INSERT INTO {name}(id, data) SELECT id, data FROM ps_untyped WHERE type = ?", (table.name,))
    connection.execute("DELETE FROM ps_untyped WHERE type = ?", (table.name,))


def _create_indexes(connection: apsw.Connection, table: Table) -> None:
    for index in table.indexes:
        columns = ", ".join(
            f"CAST(json_extract(data, {json_path(column.name)}) as {column.type}){'' if column.ascending else ' DESC'}"
            for column in index.columns
        )
        name = quoted(f"{table.data_table}__{index.name}")
        connection.execute(f"CREATE INDEX IF NOT EXISTS {name} ON {quoted(table.data_table)}({columns})")


def _create_view(connection: apsw.Connection, table: Table) -> None:
    wanted = view_sql(table)
    present = scalar(
        connection, "SELECT sql FROM sqlite_schema WHERE type = 'view' AND name = ?", (table.visible_name,)
    )
    if present == wanted:
        return
    connection.execute(f"DROP VIEW IF EXISTS {quoted(table.visible_name)}")
    connection.execute(wanted)


def view_sql(table: Table) -> str:
    """The view as the official clients write it, so that they take it for their own."""
    metadata = ("_metadata", "_deleted") if table.include_metadata else ()
    names = _comma_separated(quoted(name) for name in ("id", *(column.name for column in table.columns), *metadata))
    casts = _comma_separated(
        (
            "id",
            *(f"CAST(json_extract(data, {json_path(column.name)}) as {column.type})" for column in table.columns),
            *("NULL" for _ in metadata),
        )
    )
    return (
        f"CREATE VIEW {quoted(table.visible_name)}({names}) AS SELECT {casts}"
        f" FROM {quoted(table.data_table)} {AUTO_GENERATED}"
    )


def _comma_separated(parts: Iterable[str]) -> str:
    return ", ".join(parts)
