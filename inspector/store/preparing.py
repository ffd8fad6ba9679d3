"""What is done to a client database before anything else: an empty one gets its tables, an older one is migrated."""

import uuid
from pathlib import Path

import apsw

from inspector.protocol.errors import InspectorError
from inspector.store.migration import migrate
from inspector.store.query import rows, scalar
from inspector.store.schema import OPLOG_INDEXES, SCHEMA_VERSION, create_schema


class StoreError(InspectorError):
    """The client database cannot be used."""


def prepare(connection: apsw.Connection, path: Path | str, migrate_from: int | None) -> None:
    """Create the schema in an empty file; refuse one that is neither at our version nor to be migrated."""
    names = {name for (name,) in rows(connection, "SELECT name FROM sqlite_schema WHERE type = 'table'")}
    if not names:
        create_schema(connection)
        connection.execute("INSERT INTO ps_kv(key, value) VALUES ('client_id', ?)", (str(uuid.uuid4()),))
        return
    version = 0
    if "ps_migration" in names:
        version = scalar(connection, "SELECT coalesce(max(id), 0) FROM ps_migration")
    if version and version == migrate_from:
        migrate(connection, version)
    elif version != SCHEMA_VERSION:
        raise StoreError(
            f"The client database {Path(path).name} cannot be continued.",
            why=f"It has schema version {version}; this program writes version {SCHEMA_VERSION}."
            if version
            else "It is an SQLite file, but no PowerSync client database.",
            next_step="Choose another file; “inspector open” shows databases of versions 1 to 14 unchanged.",
        )
    connection.execute(OPLOG_INDEXES)
