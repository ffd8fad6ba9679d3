"""The tables of a user's database."""

from pathlib import Path

import apsw

from inspector.service.errors import ServiceError
from inspector.service.source import Table

CHANGES_TABLE = "_inspector_changes"
MOST_KEY_COLUMNS = 4
_BUSY_MILLISECONDS = 2_000
_HIDDEN = 1


def open_database(path: Path) -> apsw.Connection:
    """A connection that reads and writes; raises ServiceError for what is no SQLite database."""
    if not path.is_file():
        raise ServiceError(
            f"There is no database {path}.", next_step="Give the file of an existing SQLite database with --database."
        )
    connection = None
    try:
        connection = apsw.Connection(str(path), flags=apsw.SQLITE_OPEN_READWRITE)
        connection.set_busy_timeout(_BUSY_MILLISECONDS)
        connection.pragma("schema_version")
    except apsw.Error as error:
        if connection is not None:
            connection.close()
        raise ServiceError(f"The database {path} cannot be opened.", why=f"SQLite says: {error}.") from error
    return connection


def read_tables(connection: apsw.Connection) -> tuple[Table, ...]:
    """All ordinary tables with their columns in order; a table without a primary key has an empty `key`."""
    names = connection.execute(
        "SELECT name FROM pragma_table_list WHERE schema = 'main' AND type = 'table'"
        " AND name NOT LIKE 'sqlite\\_%' ESCAPE '\\' AND name <> ? ORDER BY name",
        (CHANGES_TABLE,),
    ).fetchall()
    return tuple(_table(connection, str(name)) for (name,) in names)


def _table(connection: apsw.Connection, name: str) -> Table:
    columns = connection.execute("SELECT name, type, pk, hidden FROM pragma_table_xinfo(?)", (name,)).fetchall()
    key = sorted((int(str(place)), str(column)) for column, _, place, _ in columns if place)
    kept = tuple((str(column), _kind(str(declared))) for column, declared, _, hidden in columns if hidden != _HIDDEN)
    return Table(name, kept, tuple(column for _, column in key), keeps_types=True)


def _kind(declared: str) -> str:
    """What SQLite makes of a declared type, as far as clients know types."""
    words = declared.upper()
    if "INT" in words:
        return "INTEGER"
    return "REAL" if any(word in words for word in ("REAL", "FLOA", "DOUB")) else "TEXT"
