"""The one SQLite file behind the service: opened, laid out, and locked against a second instance."""

from pathlib import Path

import apsw

from inspector.service.errors import ServiceError
from inspector.service.source import quoted

_APPLICATION_ID = 0x50535356
_LAYOUT = 2
_SCHEMA = """
CREATE TABLE sync_bucket(
  id INTEGER PRIMARY KEY,
  name TEXT NOT NULL UNIQUE,
  checksum INTEGER NOT NULL,
  count INTEGER NOT NULL,
  last_op_id INTEGER NOT NULL
);
CREATE TABLE sync_operation(
  op_id INTEGER PRIMARY KEY,
  bucket_id INTEGER NOT NULL,
  op TEXT NOT NULL,
  object_type TEXT,
  object_id TEXT,
  subkey TEXT,
  data TEXT,
  checksum INTEGER NOT NULL
);
CREATE INDEX sync_operation_of_bucket ON sync_operation(bucket_id);
CREATE TABLE sync_write_checkpoint(
  user_id TEXT NOT NULL,
  client_id TEXT NOT NULL,
  value INTEGER NOT NULL,
  PRIMARY KEY (user_id, client_id)
) WITHOUT ROWID;
CREATE TABLE sync_state(name TEXT PRIMARY KEY, value) WITHOUT ROWID;
"""
LAST_OP_ID = "last_op_id"
"""The name of the kept value that op ids begin after, where operations were dropped."""
OWN_TABLES = frozenset({"sync_bucket", "sync_operation", "sync_write_checkpoint", "sync_state"})
"""Names that a source table cannot have: the source tables lie beside these."""


def open_storage(path: Path | None) -> tuple[apsw.Connection, bool]:
    """A connection to the storage at `path` (None: a private temporary file that vanishes with it).

    The second value says that the storage is new: `lay_out` is to be called in the transaction that fills it.
    Raises ServiceError for a file that is none or is in use.
    """
    try:
        connection = apsw.Connection("" if path is None else str(path))
        try:
            return connection, _prepare(connection, temporary=path is None)
        except BaseException:
            connection.close()
            raise
    except (apsw.BusyError, apsw.LockedError) as error:
        raise ServiceError(
            f"The storage {path} is in use.",
            why="Another service works on it.",
            next_step="Stop that one, or give this one a storage of its own.",
        ) from error
    except apsw.Error as error:
        raise ServiceError(
            f"The storage {path} cannot be opened.",
            why=f"SQLite says: {error}.",
            next_step="Give another file, or delete this one to begin anew.",
        ) from error


def lay_out(connection: apsw.Connection) -> None:
    """Makes the service's own tables and marks the storage as ours."""
    connection.execute(_SCHEMA)
    connection.pragma("application_id", _APPLICATION_ID)
    connection.pragma("user_version", _LAYOUT)


def kept_value(connection: apsw.Connection, name: str) -> str | int | None:
    """A value of the service's own that is kept with the buckets."""
    value: str | int | None = connection.execute("SELECT value FROM sync_state WHERE name = ?", (name,)).get
    return value


def keep_value(connection: apsw.Connection, name: str, value: str | int) -> None:
    """Sets it in the caller's transaction."""
    connection.execute("INSERT OR REPLACE INTO sync_state VALUES(?, ?)", (name, value))


def empty(connection: apsw.Connection) -> None:
    """Drops source tables and buckets in the caller's transaction; op ids and write checkpoints go on."""
    newest = connection.execute("SELECT coalesce(max(op_id), 0) FROM sync_operation").get
    keep_value(connection, LAST_OP_ID, max(newest, int(kept_value(connection, LAST_OP_ID) or 0)))
    for (name,) in connection.execute("SELECT name FROM sqlite_schema WHERE type = 'table'").fetchall():
        if name in ("sync_bucket", "sync_operation"):
            connection.execute(f"DELETE FROM {name}")
        elif name not in OWN_TABLES:
            connection.execute(f"DROP TABLE {quoted(str(name))}")


def _prepare(connection: apsw.Connection, *, temporary: bool) -> bool:
    # An exclusive lock rather than shared memory: sums are cached in this process, so nobody else may write.
    connection.pragma("locking_mode", "EXCLUSIVE")
    connection.pragma("cache_size", -65_536)
    connection.execute("BEGIN IMMEDIATE; COMMIT")
    is_new = _is_new(connection)
    if not temporary:
        connection.pragma("journal_mode", "WAL")
        connection.pragma("synchronous", "NORMAL")
    return is_new


def _is_new(connection: apsw.Connection) -> bool:
    layout = connection.pragma("user_version")
    if layout == _LAYOUT and connection.pragma("application_id") == _APPLICATION_ID:
        return False
    if layout or connection.execute("SELECT count(*) FROM sqlite_schema").get:
        raise ServiceError(
            f"The file {connection.filename} is no storage of this service.",
            why="It is another SQLite database, or one of another version.",
            next_step="Give a file that does not exist yet.",
        )
    return True
