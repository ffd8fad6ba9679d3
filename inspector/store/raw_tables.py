"""Raw tables: those that the app makes by itself, written by its own statements (protocol §3)."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import apsw
import msgspec

from inspector.store.app_schema import (
    ColumnParameter,
    Parameter,
    RawStatement,
    RawTable,
    SchemaError,
    quoted,
)
from inspector.store.core_json import as_core_reads, as_core_writes, double
from inspector.store.query import Values, rows

_decode = msgspec.json.Decoder(dict[str, msgspec.Raw]).decode


@dataclass(frozen=True, slots=True)
class RawTarget:
    """A raw table that can be written."""

    row_type: str
    put: RawStatement
    delete: RawStatement
    clear: str | None

    def statement(self, row_id: str, data: str | None) -> tuple[str, Values]:
        """What writes a row, or, without `data`, deletes it."""
        if data is None:
            return self.delete.sql, (row_id,) * len(self.delete.params)
        return self.put.sql, _values(self.put.params, row_id, data)


def usable_raw_tables(
    connection: apsw.Connection, raw_tables: Sequence[RawTable]
) -> tuple[dict[str, RawTarget], list[str]]:
    """The raw tables whose statements this file can carry out, by row type, and a sentence about each other one.

    Raises SchemaError for statements that no file could.
    """
    usable: dict[str, RawTarget] = {}
    complaints = []
    for table in raw_tables:
        _check(table)
        try:
            target = RawTarget(
                table.name, table.put or _inferred_put(connection, table), _delete_of(table), table.clear
            )
            for statement in (target.put, target.delete):
                connection.execute(f"EXPLAIN {statement.sql}", (None,) * len(statement.params))
        except apsw.BindingsError as error:
            raise SchemaError(
                f"A statement of the raw table {table.name} does not have as many parameters as “params” says.",
                why=f"{error}.",
                next_step="Give one entry of “params” for each question mark.",
            ) from error
        except apsw.SQLError as error:
            complaints.append(
                f"The raw table {table.name} cannot be written: {error}. Its rows wait in ps_untyped until the app's"
                " own table is in the file."
            )
        else:
            usable[table.name] = target
    return usable, complaints


def _check(table: RawTable) -> None:
    if table.table_name is None and (table.put is None or table.delete is None):
        raise SchemaError(
            f"The raw table {table.name} has neither statements nor a table name.",
            why="Its rows could not be written anywhere.",
            next_step="Give “put” and “delete”, or “table_name”.",
        )
    if table.delete is not None and any(parameter != "Id" for parameter in table.delete.params):
        raise SchemaError(
            f"The delete statement of the raw table {table.name} asks for more than the id.",
            why="Nothing else of a deleted row is known.",
            next_step="Use “Id” alone in its “params”.",
        )


def _inferred_put(connection: apsw.Connection, table: RawTable) -> RawStatement:
    name = table.table_name or table.name
    found = [str(column) for (column,) in rows(connection, "SELECT name FROM pragma_table_info(?)", (name,))]
    synced = table.synced_columns
    columns = [column for column in found if column != "id" and (synced is None or column in synced)]
    if "id" not in found:
        raise apsw.SQLError(f"no such table: {name}" if not found else f"{name} has no column “id”")
    listed = ", ".join(quoted(column) for column in ("id", *columns))
    marks = ", ".join("?" * (1 + len(columns)))
    updates = ", ".join(f"{quoted(column)} = excluded.{quoted(column)}" for column in columns)
    conflict = f"DO UPDATE SET {updates}" if updates else "DO NOTHING"
    sql = f"INSERT INTO {quoted(name)}({listed}) VALUES ({marks}) ON CONFLICT(id) {conflict}"
    return RawStatement(sql, ("Id", *(ColumnParameter(column) for column in columns)))


def _delete_of(table: RawTable) -> RawStatement:
    return table.delete or RawStatement(f"DELETE FROM {quoted(table.table_name or table.name)} WHERE id = ?", ("Id",))


def _values(parameters: Sequence[Parameter], row_id: str, data: str) -> Values:
    """Raises MsgspecError or ValueError for data that is no JSON object, and numbers that no double holds."""
    fields: Mapping[str, msgspec.Raw] = _decode(data) if any(parameter != "Id" for parameter in parameters) else {}
    return tuple(_value(parameter, parameters, row_id, data, fields) for parameter in parameters)


def _value(
    parameter: Parameter, parameters: Sequence[Parameter], row_id: str, data: str, fields: Mapping[str, msgspec.Raw]
) -> str | int | float | None:
    match parameter:
        case "Id":
            return row_id
        case "Row":
            return data
        case "Rest":
            return _rest(parameters, fields)
        case ColumnParameter(name):
            return _bound(fields[name]) if name in fields else None


def _rest(parameters: Sequence[Parameter], fields: Mapping[str, msgspec.Raw]) -> str | None:
    taken = {parameter.column for parameter in parameters if isinstance(parameter, ColumnParameter)}
    if "Id" in parameters:
        taken.add("id")
    rest = {name: as_core_reads(bytes(fields[name])) for name in sorted(fields) if name not in taken}
    return as_core_writes(rest) if rest else None


def _bound(field: msgspec.Raw) -> str | int | float | None:
    """A JSON value for SQLite, as the official clients bind it: any number is a double, what is nested is null."""
    text = bytes(field)
    match text[:1]:
        case b'"':
            return msgspec.json.decode(field, type=str)
        case b"t" | b"f":
            return int(text == b"true")
        case b"n" | b"[" | b"{":
            return None
    return double(text.decode())
