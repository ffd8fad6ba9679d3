"""Where local writes of a type go, and what the app's schema asks of their CRUD entries (protocol §3, §5).

Without a schema the file itself tells: its `ps_data__*` tables, and the views that a client made over them.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import apsw

from inspector.store.app_schema import AUTO_GENERATED, AppSchema, Column, Table, json_path, quoted
from inspector.store.query import Values, row, rows, scalar

_METADATA = "_metadata"
_DELETED = "_deleted"
_COLUMNS_A_CALL = 50
"""In one `json_object`: SQLite takes 127 arguments, or more."""
_VIEW_OF = "SELECT name FROM sqlite_schema WHERE type = 'view' AND substr(sql, -length(?1)) = ?1"
_TYPES = {"INT": "integer", "INTEGER": "integer", "REAL": "real", "NUM": "numeric", "BLOB": "blob"}
"""What SQLite calls a cast, by what it calls the column of a view that has it."""


@dataclass(frozen=True, slots=True)
class WriteTarget:
    """A table for local writes; `columns` is None where they are not known, and rows are JSON as given."""

    row_type: str
    table: str | None
    """None: the rows go to `ps_untyped`."""
    columns: tuple[Column, ...] | None = None
    local_only: bool = False
    insert_only: bool = False
    include_old: bool | tuple[str, ...] = False
    include_old_only_when_changed: bool = False
    include_metadata: bool = False
    ignore_empty_update: bool = False

    @property
    def source(self) -> str:
        """The table, for SQL."""
        return "ps_untyped" if self.table is None else quoted(self.table)

    @property
    def key_columns(self) -> tuple[str, ...]:
        """The columns that find a row."""
        return ("type", "id") if self.table is None else ("id",)

    @property
    def condition(self) -> str:
        """Finds a row by `key`."""
        return " AND ".join(f"{column} = ?" for column in self.key_columns)

    def key(self, row_id: str) -> Values:
        """The values of `key_columns`."""
        return (self.row_type, row_id) if self.table is None else (row_id,)

    def as_json(self, written: Mapping[str, Any]) -> tuple[str, Values]:
        """Expressions for the row as its view shows it, with `written` in place of what is stored, and their values.

        Each is a JSON object with some of the columns, in their order.
        """
        if self.columns is None:
            return "data", ()
        calls = []
        for start in range(0, len(self.columns) or 1, _COLUMNS_A_CALL):
            part = self.columns[start : start + _COLUMNS_A_CALL]
            calls.append(f"json_object({', '.join(_name_and_value(column, written) for column in part)})")
        return ", ".join(calls), tuple(written[column.name] for column in self.columns if column.name in written)

    def kept(self, values: Mapping[str, Any]) -> dict[str, Any] | None:
        """What the schema wants to know of a row as it was; None when nothing."""
        if self.include_old is False:
            return None
        wanted = None if self.include_old is True else set(self.include_old)
        return {name: value for name, value in values.items() if wanted is None or name in wanted}


def find_target(connection: apsw.Connection, schema: AppSchema | None, row_type: str) -> WriteTarget:
    """Where writes of `row_type` go."""
    described = {table.name: table for table in schema.tables} if schema is not None else {}
    if row_type in described:
        return _described(described[row_type])
    for local_only, table in ((False, f"ps_data__{row_type}"), (True, f"ps_data_local__{row_type}")):
        if row(connection, "SELECT 1 FROM sqlite_schema WHERE type = 'table' AND name = ?", (table,)):
            return _from_file(connection, row_type, table, local_only)
    return WriteTarget(row_type, None)


def _described(table: Table) -> WriteTarget:
    return WriteTarget(
        table.name,
        table.data_table,
        table.columns,
        local_only=table.local_only,
        insert_only=table.insert_only and not table.local_only,
        include_old=table.include_old,
        include_old_only_when_changed=table.include_old_only_when_changed,
        include_metadata=table.include_metadata,
        ignore_empty_update=table.ignore_empty_update,
    )


def _from_file(connection: apsw.Connection, row_type: str, table: str, local_only: bool) -> WriteTarget:
    view = scalar(connection, _VIEW_OF, (f"FROM {quoted(table)} {AUTO_GENERATED}",))
    if view is None:
        return WriteTarget(row_type, table, local_only=local_only)
    shown = dict(rows(connection, "SELECT name, type FROM pragma_table_info(?)", (view,)))
    inserts_only = row(
        connection,
        "SELECT 1 FROM sqlite_schema WHERE type = 'trigger' AND tbl_name = ?"
        " AND instr(sql, 'INSERT INTO powersync_crud_(')",
        (view,),
    )
    columns = (
        Column(name, _TYPES.get(kind, "text"))
        for name, kind in shown.items()
        if name not in ("id", _METADATA, _DELETED)
    )
    return WriteTarget(
        row_type,
        table,
        tuple(columns),
        local_only=local_only,
        insert_only=inserts_only is not None,
        include_metadata=_METADATA in shown,
    )


def _name_and_value(column: Column, written: Mapping[str, Any]) -> str:
    name = "'" + column.name.replace("'", "''") + "'"
    stored = f"CAST(json_extract(data, {json_path(column.name)}) as {column.type})"
    return f"{name}, {'?' if column.name in written else stored}"
