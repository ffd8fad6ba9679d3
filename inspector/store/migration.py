"""From an older schema version to ours, step by step as the official clients go, so that they continue the file.

Each step leaves what the official client's own step leaves. What a client has downloaded stays: every bucket keeps its
position and its sums, so that nothing of it is asked for again.
"""

import uuid
from collections.abc import Callable

import apsw

from inspector.store.app_schema import AUTO_GENERATED, quoted
from inspector.store.query import rows
from inspector.store.schema import (
    BUCKETS,
    FULL_SYNC_PRIORITY,
    GATE_CLOSED,
    LAST_APPLIED,
    LAST_SEEN,
    OPLOG_INDEXES,
    SUBSCRIPTIONS,
    TARGET_REQUEST,
    note_migrations,
)
from inspector.store.versions import LOCAL_BUCKET

_PUT = 3
"""The kind of an operation, as `ps_oplog.op` had it up to version 4."""


def migrate(connection: apsw.Connection, version: int) -> None:
    """Bring a client database from `version` (1 to 13) to ours; inside the caller's transaction."""
    # Otherwise SQLite refuses to alter a table while there are triggers that call the native core.
    connection.execute("PRAGMA legacy_alter_table = ON")
    try:
        for target, step in _STEPS.items():
            if target > version:
                step(connection)
    finally:
        connection.execute("PRAGMA legacy_alter_table = OFF")
    note_migrations(connection, version + 1)


def _transactions(connection: apsw.Connection) -> None:
    connection.execute(
        "CREATE TABLE ps_tx(id INTEGER PRIMARY KEY NOT NULL, current_tx INTEGER, next_tx INTEGER);"
        " INSERT INTO ps_tx(id, current_tx, next_tx) VALUES (1, NULL, 1);"
        " ALTER TABLE ps_crud ADD COLUMN tx_id INTEGER"
    )


def _keys_and_values(connection: apsw.Connection) -> None:
    connection.execute("CREATE TABLE ps_kv(key TEXT PRIMARY KEY NOT NULL, value BLOB)")
    connection.execute("INSERT INTO ps_kv(key, value) VALUES ('client_id', ?)", (str(uuid.uuid4()),))


def _operation_sums(connection: apsw.Connection) -> None:
    connection.execute(
        "ALTER TABLE ps_buckets ADD COLUMN op_checksum INTEGER NOT NULL DEFAULT 0;"
        " ALTER TABLE ps_buckets ADD COLUMN remove_operations INTEGER NOT NULL DEFAULT 0;"
        " UPDATE ps_buckets SET op_checksum ="
        "  (SELECT ifnull(sum(hash), 0) & 0xffffffff FROM ps_oplog WHERE ps_oplog.bucket = ps_buckets.name)"
    )


def _bucket_ids(connection: apsw.Connection) -> None:
    """PUTs alone stay in the oplog; the sums of what goes move from `op_checksum` to `add_checksum`."""
    _drop_triggers(connection)
    connection.execute(
        f"""
        ALTER TABLE ps_buckets RENAME TO older_buckets;
        ALTER TABLE ps_oplog RENAME TO older_oplog;
        DROP INDEX IF EXISTS ps_oplog_by_row;
        DROP INDEX IF EXISTS ps_oplog_by_opid;
        DROP INDEX IF EXISTS ps_oplog_by_key;
        CREATE TABLE ps_buckets(
          id INTEGER PRIMARY KEY,
          name TEXT NOT NULL,
          last_applied_op INTEGER NOT NULL DEFAULT 0,
          last_op INTEGER NOT NULL DEFAULT 0,
          target_op INTEGER NOT NULL DEFAULT 0,
          add_checksum INTEGER NOT NULL DEFAULT 0,
          op_checksum INTEGER NOT NULL DEFAULT 0,
          pending_delete INTEGER NOT NULL DEFAULT 0
        ) STRICT;
        CREATE UNIQUE INDEX ps_buckets_name ON ps_buckets (name);
        CREATE TABLE ps_oplog(
          bucket INTEGER NOT NULL,
          op_id INTEGER NOT NULL,
          row_type TEXT,
          row_id TEXT,
          key TEXT,
          data TEXT,
          hash INTEGER NOT NULL) STRICT;
        CREATE TABLE ps_updated_rows(
          row_type TEXT,
          row_id TEXT,
          PRIMARY KEY(row_type, row_id)) STRICT, WITHOUT ROWID;
        INSERT INTO ps_buckets(name, last_applied_op, last_op, target_op, add_checksum, op_checksum, pending_delete)
          SELECT name, last_applied_op, last_op, target_op, add_checksum, op_checksum, pending_delete
          FROM older_buckets ORDER BY rowid;
        INSERT INTO ps_oplog(bucket, op_id, row_type, row_id, key, data, hash)
          SELECT buckets.id, older.op_id, older.row_type, older.row_id, older.key, older.data, older.hash
          FROM older_oplog AS older JOIN ps_buckets AS buckets ON buckets.name = older.bucket
          WHERE older.superseded = 0 AND older.op = {_PUT} ORDER BY buckets.id, older.op_id;
        INSERT OR IGNORE INTO ps_updated_rows(row_type, row_id)
          SELECT row_type, row_id FROM older_oplog WHERE op != {_PUT} AND row_type IS NOT NULL AND row_id IS NOT NULL;
        UPDATE ps_buckets SET add_checksum = (add_checksum + gone.hashes) & 0xffffffff,
            op_checksum = (op_checksum - gone.hashes) & 0xffffffff
          FROM (
            SELECT bucket, sum(hash) AS hashes FROM older_oplog WHERE superseded = 1 OR op != {_PUT} GROUP BY bucket
          ) AS gone
          WHERE gone.bucket = ps_buckets.name;
        DROP TABLE older_buckets;
        DROP TABLE older_oplog;
        """
    )
    connection.execute(OPLOG_INDEXES)


def _rows_without_operation(connection: apsw.Connection) -> None:
    """Clients of that time forgot to look at some removed rows again; the next checkpoint does."""
    prefix = "ps_data__"
    tables = rows(connection, "SELECT name FROM sqlite_schema WHERE type = 'table' AND name GLOB ?", (f"{prefix}*",))
    for (table,) in tables:
        connection.execute(
            f"INSERT OR IGNORE INTO ps_updated_rows(row_type, row_id) SELECT ?1, id FROM {quoted(table)} AS shown"
            " WHERE NOT EXISTS (SELECT 1 FROM ps_oplog WHERE row_type = ?1 AND row_id = shown.id)",
            (table[len(prefix) :],),
        )


def _sync_state(connection: apsw.Connection) -> None:
    connection.execute("CREATE TABLE ps_sync_state (priority INTEGER NOT NULL, last_synced_at TEXT NOT NULL) STRICT")
    connection.execute(
        "INSERT INTO ps_sync_state(priority, last_synced_at) SELECT ?, value FROM ps_kv"
        " WHERE key = 'last_synced_at' AND value IS NOT NULL",
        (FULL_SYNC_PRIORITY,),
    )


def _one_state_each(connection: apsw.Connection) -> None:
    _replace_sync_state(connection, "TEXT", "SELECT priority, max(last_synced_at) FROM older_state GROUP BY priority")


def _counts(connection: apsw.Connection) -> None:
    connection.execute(
        "ALTER TABLE ps_buckets ADD COLUMN count_at_last INTEGER NOT NULL DEFAULT 0;"
        " ALTER TABLE ps_buckets ADD COLUMN count_since_last INTEGER NOT NULL DEFAULT 0"
    )


def _drop_triggers(connection: apsw.Connection) -> None:
    """Those of the app's views name tables and functions that are no more; the app's SDK makes them anew."""
    of_views = (
        "SELECT trigger.name FROM sqlite_schema AS trigger JOIN sqlite_schema AS view ON view.name = trigger.tbl_name"
        " WHERE trigger.type = 'trigger' AND view.type = 'view' AND substr(view.sql, -length(?1)) = ?1"
    )
    for (name,) in rows(connection, of_views, (AUTO_GENERATED,)):
        connection.execute(f"DROP TRIGGER {quoted(name)}")


def _subscriptions(connection: apsw.Connection) -> None:
    connection.execute(SUBSCRIPTIONS)


def _sizes(connection: apsw.Connection) -> None:
    connection.execute("ALTER TABLE ps_buckets ADD COLUMN downloaded_size INTEGER NOT NULL DEFAULT 0")


def _microseconds(connection: apsw.Connection) -> None:
    connection.execute(
        "UPDATE ps_stream_subscriptions"
        " SET expires_at = expires_at * 1000000, last_synced_at = last_synced_at * 1000000"
    )
    _replace_sync_state(
        connection,
        "INTEGER",
        "SELECT priority, CAST(unixepoch(last_synced_at) AS INTEGER) * 1000000 FROM older_state"
        " WHERE unixepoch(last_synced_at) IS NOT NULL",
    )


def _gate_in_keys(connection: apsw.Connection) -> None:
    """What a bucket named `$local` told about uploads stands in `ps_kv` from here on."""
    local = f"FROM ps_buckets WHERE name = '{LOCAL_BUCKET}'"
    for key, column in ((TARGET_REQUEST, "target_op"), (LAST_SEEN, "last_op"), (LAST_APPLIED, "last_applied_op")):
        connection.execute(f"DELETE FROM ps_kv WHERE key = '{key}' AND EXISTS (SELECT 1 {local})")
        connection.execute(
            f"INSERT INTO ps_kv(key, value) SELECT '{key}', min({column}, {GATE_CLOSED}) {local} AND {column} > 0"
        )
    connection.execute(f"DELETE {local}")
    kept = (
        "id, name, last_applied_op, last_op, add_checksum, op_checksum, pending_delete, count_at_last,"
        " count_since_last, downloaded_size"
    )
    connection.execute(
        f"ALTER TABLE ps_buckets RENAME TO older_buckets; DROP INDEX ps_buckets_name; {BUCKETS};"
        f" INSERT INTO ps_buckets({kept}) SELECT {kept} FROM older_buckets; DROP TABLE older_buckets"
    )


def _replace_sync_state(connection: apsw.Connection, type_of_time: str, content: str) -> None:
    connection.execute(
        f"""
        ALTER TABLE ps_sync_state RENAME TO older_state;
        CREATE TABLE ps_sync_state (
          priority INTEGER NOT NULL PRIMARY KEY,
          last_synced_at {type_of_time} NOT NULL
        ) STRICT;
        INSERT INTO ps_sync_state(priority, last_synced_at) {content};
        DROP TABLE older_state;
        """
    )


_STEPS: dict[int, Callable[[apsw.Connection], None]] = {
    2: _transactions,
    3: _keys_and_values,
    4: _operation_sums,
    5: _bucket_ids,
    6: _rows_without_operation,
    7: _sync_state,
    8: _one_state_each,
    9: _counts,
    10: _drop_triggers,
    11: _subscriptions,
    12: _sizes,
    13: _microseconds,
    14: _gate_in_keys,
}
