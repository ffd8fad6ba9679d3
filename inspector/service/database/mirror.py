"""The copy of a user's rows in the storage: what the buckets were made from, and what subqueries read."""

from collections.abc import Iterable, Iterator

import apsw

from inspector.service.source import RowChange, Table, quoted
from inspector.service.sync_config import Parameters, Row


class Mirror:
    """Brings rows of one database into the tables of another, and tells what that changed."""

    def __init__(self, origin: apsw.Connection, storage: apsw.Connection, tables: Iterable[Table]) -> None:
        self._origin = origin
        self._storage = storage
        self._tables = {table.name: table for table in tables}

    def update(self, table_name: str, key: Parameters) -> RowChange | None:
        """Copies the row with this key as it is now; None when nothing is different."""
        table = self._tables[table_name]
        before, after = _row(self._storage, table, key), _row(self._origin, table, key)
        return self._store(table, key, before, after)

    def compare_all(self) -> Iterator[RowChange]:
        """Copies everything that is different, row by row."""
        for table in self._tables.values():
            is_empty = self._storage.execute(f"SELECT 1 FROM {quoted(table.name)}").fetchone() is None
            for values in self._origin.execute(f"SELECT {_columns(table)} FROM {quoted(table.name)}"):
                after = dict(zip(table.names, values, strict=True))
                key = tuple(after[name] for name in table.key)
                before = None if is_empty else _row(self._storage, table, key)
                if None not in key and (change := self._store(table, key, before, after)) is not None:
                    yield change
            if not is_empty:
                yield from self._remove_lost(table)

    def _remove_lost(self, table: Table) -> Iterator[RowChange]:
        keys = ", ".join(map(quoted, table.key))
        for key in self._storage.execute(f"SELECT {keys} FROM {quoted(table.name)}").fetchall():
            if _row(self._origin, table, key) is None:
                change = self._store(table, key, _row(self._storage, table, key), None)
                if change is not None:
                    yield change

    def _store(self, table: Table, key: Parameters, before: Row | None, after: Row | None) -> RowChange | None:
        # Compared as text: to Python 1 and 1.0 are equal, to a client they are not.
        if repr(before) == repr(after):
            return None
        if after is None:
            self._storage.execute(f"DELETE FROM {quoted(table.name)} WHERE {_is_key(table)}", key)
        else:
            marks = ", ".join("?" * len(after))
            sql = f"INSERT OR REPLACE INTO {quoted(table.name)}({_columns(table)}) VALUES({marks})"
            self._storage.execute(sql, tuple(after.values()))
        return RowChange(table.name, before, after)


def _row(connection: apsw.Connection, table: Table, key: Parameters) -> Row | None:
    sql = f"SELECT {_columns(table)} FROM {quoted(table.name)} WHERE {_is_key(table)}"
    for values in connection.execute(sql, key):
        row = dict(zip(table.names, values, strict=True))
        # A key that is only equal by collation or affinity is another row's.
        if tuple(row[name] for name in table.key) == key:
            return row
    return None


def _columns(table: Table) -> str:
    return ", ".join(map(quoted, table.names))


def _is_key(table: Table) -> str:
    return " AND ".join(f"{quoted(name)} IS ?" for name in table.key)
