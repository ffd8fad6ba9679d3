"""What is served of a user's database: the tables that the sync config names."""

import hashlib
from pathlib import Path

from inspector.service.config.compile import load_sync_config
from inspector.service.database.schema import MOST_KEY_COLUMNS, open_database, read_tables
from inspector.service.database.triggers import remove
from inspector.service.errors import ServiceError
from inspector.service.source import Table
from inspector.service.state import Application
from inspector.service.storage import OWN_TABLES


def application_of(config_file: Path, database: Path) -> Application:
    """The database by the sync config; raises ServiceError."""
    connection = open_database(database)
    try:
        tables = read_tables(connection)
    finally:
        connection.close()
    config = load_sync_config(config_file, tables)
    served = tuple(table for table in tables if table.name in config.tables)
    for table in served:
        _check(table)
    text = repr((config_file.read_bytes(), served))
    fingerprint = hashlib.sha256(text.encode()).hexdigest()
    return Application(served, config, (), lambda _: [], fingerprint=fingerprint)


def storage_of(database: Path) -> Path:
    """Where the buckets of a database are kept unless told otherwise: beside it."""
    return database.with_name(f"{database.name}-inspector")


def remove_triggers(database: Path) -> int:
    """Removes all that the service added to the database; gives the number of triggers. Raises ServiceError."""
    connection = open_database(database)
    try:
        return remove(connection)
    finally:
        connection.close()


def _check(table: Table) -> None:
    if table.name in OWN_TABLES:
        raise ServiceError(f"A table called “{table.name}” cannot be synced: the service has one of that name.")
    if not table.key:
        raise ServiceError(
            f"The table “{table.name}” has no primary key, so its rows cannot be told apart.",
            next_step="Give it one, or leave it out of the sync config.",
        )
    if len(table.key) > MOST_KEY_COLUMNS:
        raise ServiceError(f"The primary key of “{table.name}” has more than {MOST_KEY_COLUMNS} columns.")
