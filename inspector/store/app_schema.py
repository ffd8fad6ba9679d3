"""The app's schema as the SDKs serialise it (protocol §3)."""

from collections.abc import Iterable
from pathlib import Path
from typing import Literal, TypeAlias

import msgspec
from msgspec import Struct, field

from inspector.protocol.errors import InspectorError

SCHEMA_FORMAT = (
    'Give the JSON that the app\'s SDK makes of its schema, like {"tables": [{"name", "columns"}]}:'
    " JSON.stringify(schema.toJSON()) in JavaScript, jsonEncode(schema) in Dart."
)
_SOURCE_CODE = {".ts", ".tsx", ".js", ".dart", ".kt", ".swift", ".cs"}

AUTO_GENERATED = "-- powersync-auto-generated"
Affinity: TypeAlias = Literal["text", "integer", "real", "blob", "numeric"]


class Column(Struct, frozen=True):
    """A column of a view; `id` is implicit and always text. Any type that SQLite's CAST takes will do."""

    name: str
    type: str = "text"

    @property
    def affinity(self) -> Affinity:
        """What SQLite makes of the type."""
        return affinity_of(self.type)


class IndexedColumn(Struct, frozen=True):
    """A column of an index."""

    name: str
    ascending: bool = True
    type: str = "text"


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


class ColumnParameter(Struct, frozen=True):
    """The value of a column of the synced row."""

    column: str = field(name="Column")


Parameter: TypeAlias = Literal["Id", "Rest", "Row"] | ColumnParameter
"""`Rest`: the fields that no other parameter takes, as a JSON object. `Row`: the whole row as JSON."""


class RawStatement(Struct, frozen=True):
    """A statement of the app's, and what its parameters are."""

    sql: str
    params: tuple[Parameter, ...] = ()


class RawTable(Struct, frozen=True):
    """A table that the app makes by itself; rows of type `name` are written to it by the app's statements.

    Without statements they are inferred from the columns of `table_name`, or of those of them in `synced_columns`.
    """

    name: str
    put: RawStatement | None = None
    delete: RawStatement | None = None
    clear: str | None = None
    """Empties the table."""
    table_name: str | None = None
    synced_columns: tuple[str, ...] | None = None
    local_only: bool = False
    insert_only: bool = False


class AppSchema(Struct, frozen=True):
    """All tables of the app."""

    tables: tuple[Table, ...] = ()
    raw_tables: tuple[RawTable, ...] = ()


class SchemaError(InspectorError):
    """A schema file cannot be used."""


def read_schema(path: Path) -> AppSchema:
    """The schema in a JSON file; raises SchemaError, also for JSON that is no schema."""
    try:
        content = path.read_bytes()
        schema = msgspec.json.decode(content, type=AppSchema)
    except OSError as error:
        why = f"The system says: {error.strerror}."
    except msgspec.MsgspecError as error:
        why = f"{str(error).rstrip('.')}."
        if path.suffix.lower() in _SOURCE_CODE:
            why = "It is source code; the JSON that the SDK makes of the schema is expected."
    else:
        if schema.tables or schema.raw_tables:
            return schema
        why = "It is JSON and names no tables."
    raise SchemaError(f"The schema file {path.name} cannot be read.", why=why, next_step=SCHEMA_FORMAT)


def affinity_of(column_type: str) -> Affinity:
    """SQLite's rules for the type that a column was declared with."""
    upper = column_type.upper()
    if "INT" in upper:
        return "integer"
    if any(part in upper for part in ("CHAR", "CLOB", "TEXT")):
        return "text"
    if "BLOB" in upper or not upper:
        return "blob"
    return "real" if any(part in upper for part in ("REAL", "FLOA", "DOUB")) else "numeric"


def quoted(identifier: str) -> str:
    """`identifier` for SQL text."""
    return '"' + identifier.replace('"', '""') + '"'


def json_path(column: str) -> str:
    """The JSON path of a column as an SQL literal, the way the official clients write it."""
    return "'$." + column.replace("'", "''") + "'"


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
