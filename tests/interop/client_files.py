"""What stands in a client database, whoever has written it."""

from pathlib import Path
from typing import Any

import apsw

SqlRow = tuple[Any, ...]


def rows_in(file: Path, sql: str) -> list[SqlRow]:
    """The rows of a query."""
    connection = apsw.Connection(str(file), flags=apsw.SQLITE_OPEN_READWRITE)
    try:
        return connection.execute(sql).fetchall()
    finally:
        connection.close()


def synced_rows(file: Path) -> dict[tuple[str, str], str]:
    """All rows that the client shows, as the JSON text that the service sent, by type and id."""
    tables = rows_in(file, "SELECT name FROM sqlite_schema WHERE type = 'table' AND name GLOB 'ps_data__*'")
    queries = ["SELECT type, id, data FROM ps_untyped"]
    queries += [f"SELECT '{name.removeprefix('ps_data__')}', id, data FROM \"{name}\"" for (name,) in tables]
    return {(row_type, row_id): data for row_type, row_id, data in rows_in(file, " UNION ALL ".join(queries))}


def view_rows(file: Path, *views: str) -> dict[str, list[SqlRow]]:
    """All rows as the app sees them, by view."""
    return {view: rows_in(file, f'SELECT * FROM "{view}" ORDER BY id') for view in views}


def positions(file: Path) -> dict[str, str]:
    """What a request has to name: the last op id of each bucket."""
    return {
        name: str(op) for name, op in rows_in(file, "SELECT name, last_op FROM ps_buckets WHERE NOT pending_delete")
    }


def buckets(file: Path) -> list[SqlRow]:
    """Each bucket's figures, sizes aside: they depend on the encoding."""
    return rows_in(
        file,
        "SELECT name, last_applied_op, last_op, add_checksum, op_checksum, pending_delete, count_at_last,"
        " count_since_last FROM ps_buckets ORDER BY name",
    )


def request_ids(file: Path) -> dict[str, int]:
    """The checkpoint requests in `ps_kv`, by the first word of their keys: target, last_seen, last_applied …"""
    found = rows_in(
        file, "SELECT key, CAST(value AS INTEGER) FROM ps_kv WHERE key GLOB '*_checkpoint_request_id' ORDER BY key"
    )
    return {key.removesuffix("_checkpoint_request_id"): value for key, value in found}


def layout(file: Path) -> dict[str, Any]:
    """Each table's columns, and the SQL of each index, view and trigger; SQLite's own are left out."""
    schema = rows_in(file, "SELECT type, name, sql FROM sqlite_schema WHERE name NOT GLOB 'sqlite_*'")
    # Of a table that has been altered, only the columns say what it is now.
    return {
        name: rows_in(file, f'PRAGMA table_xinfo("{name}")') if kind == "table" else sql for kind, name, sql in schema
    }
