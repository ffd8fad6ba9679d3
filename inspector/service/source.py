"""The source tables: what an app's own database is to the real service."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import apsw

from inspector.protocol.errors import InspectorError
from inspector.service.sync_config import Bindings, Parameters, Row, SqlValue

_INT64 = 2**63


class SourceError(InspectorError):
    """A change does not fit the source tables."""


@dataclass(frozen=True, slots=True)
class Table:
    """A source table: `columns` as pairs of name and SQLite type, and its primary key; an `id` of text goes unsaid."""

    name: str
    columns: tuple[tuple[str, str], ...]
    key: tuple[str, ...] = ("id",)
    keeps_types: bool = False
    """It holds values of another database: they are stored as they come, whatever the column's type."""

    @property
    def names(self) -> tuple[str, ...]:
        """All columns in the table's order: the order of a row's JSON."""
        named = tuple(name for name, _ in self.columns)
        return named if set(self.key) <= set(named) else ("id", *named)


@dataclass(frozen=True, slots=True)
class RowChange:
    """A row before and after; None where there is no row."""

    table: str
    before: Row | None
    after: Row | None


class SourceDatabase:
    """Reads and changes source rows in the caller's transaction."""

    def __init__(self, connection: apsw.Connection, tables: Sequence[Table]) -> None:
        self._connection = connection
        self._tables = {table.name: table for table in tables}

    @property
    def tables(self) -> tuple[Table, ...]:
        """All source tables."""
        return tuple(self._tables.values())

    def create_tables(self) -> None:
        """Lays out the tables of a new storage."""
        for table in self.tables:
            kinds = dict(table.columns) if table.key != ("id",) else {"id": "TEXT", **dict(table.columns)}
            typed = (quoted(name) if table.keeps_types else f"{quoted(name)} {kinds[name]}" for name in table.names)
            columns = ", ".join(typed)
            self._connection.execute(
                f"CREATE TABLE {quoted(table.name)}({columns}, PRIMARY KEY({_list(table.key)})) WITHOUT ROWID"
            )

    def query(self, sql: str, bindings: Bindings = ()) -> Sequence[Parameters]:
        """The rows of a read-only query."""
        return self._connection.execute(sql, bindings).fetchall()

    def row(self, table_name: str, row_id: str) -> Row | None:
        """The row with this id, if there is one."""
        names = self._table(table_name).names
        found = self._connection.execute(
            f"SELECT {_list(names)} FROM {quoted(table_name)} WHERE id = ?", (row_id,)
        ).fetchone()
        return None if found is None else dict(zip(names, found, strict=True))

    def insert_all(self, table_name: str, rows: Iterable[Row]) -> list[RowChange]:
        """Adds rows that have every column and are not there yet."""
        names = self._table(table_name).names
        added = list(rows)
        self._connection.executemany(
            f"INSERT INTO {quoted(table_name)}({_list(names)}) VALUES({_marks(names)})",
            (tuple(row[name] for name in names) for row in added),
        )
        return [RowChange(table_name, None, row) for row in added]

    def put(self, table_name: str, row_id: str, data: dict[str, Any]) -> RowChange:
        """Sets the whole row; columns that `data` leaves out become null. Raises SourceError."""
        names = self._table(table_name).names
        values = self._checked(table_name, row_id, data)
        before = self.row(table_name, row_id)
        if before is None:
            # Columns that are not named get their defaults, where the table has some.
            row = {"id": row_id, **values}
            self._write(f"INSERT INTO {quoted(table_name)}({_list(tuple(row))}) VALUES({_marks(row)})", *row.values())
        else:
            self._update(table_name, row_id, {name: values.get(name) for name in names if name != "id"})
        return RowChange(table_name, before, self.row(table_name, row_id))

    def patch(self, table_name: str, row_id: str, data: dict[str, Any]) -> RowChange | None:
        """Sets the columns in `data`; None for a row that is gone. Raises SourceError."""
        values = self._checked(table_name, row_id, data)
        before = self.row(table_name, row_id)
        if before is None:
            return None
        self._update(table_name, row_id, values)
        return RowChange(table_name, before, self.row(table_name, row_id))

    def delete(self, table_name: str, row_id: str) -> RowChange | None:
        """Removes the row; None when it is gone already. Raises SourceError."""
        self._table(table_name)
        before = self.row(table_name, row_id)
        if before is None:
            return None
        self._write(f"DELETE FROM {quoted(table_name)} WHERE id = ?", row_id)
        return RowChange(table_name, before, None)

    def _update(self, table_name: str, row_id: str, values: Mapping[str, SqlValue]) -> None:
        if values:
            settings = ", ".join(f"{quoted(name)} = ?" for name in values)
            self._write(f"UPDATE {quoted(table_name)} SET {settings} WHERE id = ?", *values.values(), row_id)

    def _write(self, sql: str, *bindings: SqlValue) -> None:
        try:
            self._connection.execute(sql, bindings)
        except (apsw.ConstraintError, apsw.SQLError, apsw.MismatchError) as error:
            raise SourceError(f"The database does not take this: {error}.") from error

    def _table(self, name: str) -> Table:
        table = self._tables.get(name)
        if table is None:
            known = ", ".join(self._tables)
            raise SourceError(f'The backend has no table "{name}".', next_step=f"Its tables are {known}.")
        if "id" not in table.names:
            raise SourceError(f'The table "{name}" has no column "id", by which clients name rows.')
        return table

    def _checked(self, table_name: str, row_id: str, data: dict[str, Any]) -> dict[str, SqlValue]:
        names = self._table(table_name).names
        values = {}
        for name, value in data.items():
            if name not in names:
                raise SourceError(
                    f'The table "{table_name}" has no column "{name}".',
                    next_step=f"Its columns are {', '.join(names)}.",
                )
            if name == "id":
                if value != row_id:
                    raise SourceError(f'The row "{row_id}" of "{table_name}" cannot take another id.')
                continue
            values[name] = _sql_value(value, f'The column "{name}" of "{table_name}"')
        return values


def _sql_value(value: Any, column: str) -> SqlValue:
    if isinstance(value, bool):
        return int(value)
    if isinstance(value, int) and not -_INT64 <= value < _INT64:
        raise SourceError(f"{column} takes no integer beyond 64 bits.")
    if value is None or isinstance(value, str | int | float):
        return value
    raise SourceError(
        f"{column} takes text, a number or null.", next_step="Send lists and objects as JSON text, as the SDKs do."
    )


def _list(names: tuple[str, ...]) -> str:
    return ", ".join(map(quoted, names))


def quoted(name: str) -> str:
    """A name as SQL takes it."""
    escaped = name.replace('"', '""')
    return f'"{escaped}"'


def _marks(names: Collection[str]) -> str:
    return ", ".join("?" * len(names))
