"""The triggers that note which rows of a user's database changed, whoever changes them.

They only write the row's key into a table of ours, with SQL that every SQLite understands, so that they cannot make a
write of the app fail.
"""

from collections.abc import Iterator, Sequence

import apsw

from inspector.service.database.schema import CHANGES_TABLE
from inspector.service.source import Table, quoted

PREFIX = "_inspector_"
_KEYS = ("k1", "k2", "k3", "k4")
_CREATE = (
    f"CREATE TABLE IF NOT EXISTS {CHANGES_TABLE}"
    "(seq INTEGER PRIMARY KEY AUTOINCREMENT, source TEXT NOT NULL, k1, k2, k3, k4)"
)
_INDEX = f"CREATE INDEX IF NOT EXISTS {CHANGES_TABLE}_by_row ON {CHANGES_TABLE}(source, k1, k2, k3, k4)"


def install(connection: apsw.Connection, tables: Sequence[Table]) -> None:
    """Has exactly the triggers for `tables`, in the caller's transaction."""
    if are_installed(connection, tables):
        return
    present = _present(connection)
    connection.execute(_CREATE)
    connection.execute(_INDEX)
    for name in present:
        connection.execute(f"DROP TRIGGER {quoted(name)}")
    for sql in _wanted(connection, tables).values():
        connection.execute(sql)


def are_installed(connection: apsw.Connection, tables: Sequence[Table]) -> bool:
    """Exactly the triggers for `tables` are there."""
    there = connection.execute("SELECT 1 FROM sqlite_schema WHERE name = ?", (CHANGES_TABLE,)).fetchone()
    return there is not None and _present(connection) == _wanted(connection, tables)


def remove(connection: apsw.Connection) -> int:
    """Removes everything that `install` ever added, in a transaction; gives the number of triggers."""
    with connection:
        present = _present(connection)
        for name in present:
            connection.execute(f"DROP TRIGGER {quoted(name)}")
        connection.execute(f"DROP TABLE IF EXISTS {CHANGES_TABLE}")
    return len(present)


def _present(connection: apsw.Connection) -> dict[str, str]:
    rows = connection.execute("SELECT name, sql FROM sqlite_schema WHERE type = 'trigger'")
    return {str(name): str(sql) for name, sql in rows if str(name).startswith(PREFIX)}


def _wanted(connection: apsw.Connection, tables: Sequence[Table]) -> dict[str, str]:
    return dict(trigger for table in tables for trigger in _triggers(connection, table))


def _triggers(connection: apsw.Connection, table: Table) -> Iterator[tuple[str, str]]:
    yield _trigger(table, "insert", "AFTER INSERT", _note(table, "NEW"))
    yield _trigger(table, "delete", "AFTER DELETE", _note(table, "OLD"))
    moved = " OR ".join(f"NEW.{quoted(name)} IS NOT OLD.{quoted(name)}" for name in table.key)
    yield _trigger(table, "update", "AFTER UPDATE", [*_note(table, "OLD"), *_note(table, "NEW", f" WHERE {moved}")])
    # INSERT OR REPLACE removes rows that agree in other unique columns, and tells nobody.
    replaced = [statement for columns in _unique(connection, table) for statement in _note_replaced(table, columns)]
    if replaced:
        yield _trigger(table, "before_insert", "BEFORE INSERT", replaced)
        yield _trigger(table, "before_update", "BEFORE UPDATE", replaced)


def _trigger(table: Table, kind: str, when: str, statements: list[str]) -> tuple[str, str]:
    name = f"{PREFIX}{kind}_{table.name}"
    body = "; ".join(statements)
    return name, f"CREATE TRIGGER {quoted(name)} {when} ON {quoted(table.name)} BEGIN {body}; END"


def _note(table: Table, row: str, where: str = "") -> list[str]:
    """Statements that note one row, once: the app may write for long while nobody reads."""
    source = _text(table.name)
    values = [f"{row}.{quoted(name)}" for name in table.key]
    same = " AND ".join(f"{key} IS {value}" for key, value in zip(_KEYS, values, strict=False))
    condition = f" AND ({where.removeprefix(' WHERE ')})" if where else ""
    return [
        f"DELETE FROM {CHANGES_TABLE} WHERE source = {source} AND {same}{condition}",
        f"INSERT INTO {CHANGES_TABLE}(source, {_key_columns(table)}) SELECT {source}, {', '.join(values)}{where}",
    ]


def _note_replaced(table: Table, columns: list[str]) -> Iterator[str]:
    keys = ", ".join(map(quoted, table.key))
    same = " AND ".join(f"{quoted(name)} = NEW.{quoted(name)}" for name in columns)
    yield (
        f"INSERT INTO {CHANGES_TABLE}(source, {_key_columns(table)})"
        f" SELECT {_text(table.name)}, {keys} FROM {quoted(table.name)} WHERE {same}"
    )


def _unique(connection: apsw.Connection, table: Table) -> Iterator[list[str]]:
    """The columns of each unique index that is not the primary key's; those over expressions cannot be matched."""
    for (index,) in connection.execute(
        "SELECT name FROM pragma_index_list(?) WHERE \"unique\" AND origin <> 'pk' ORDER BY name", (table.name,)
    ).fetchall():
        columns = [name for (name,) in connection.execute("SELECT name FROM pragma_index_info(?)", (index,))]
        if all(columns):
            yield [str(name) for name in columns]


def _key_columns(table: Table) -> str:
    return ", ".join(_KEYS[: len(table.key)])


def _text(name: str) -> str:
    escaped = name.replace("'", "''")
    return f"'{escaped}'"
