"""The tables of a client database at schema version 14 (protocol §3), as the official clients create them.

`down_migrations.json` beside this file is what an official client of an older version runs to go back: part of the
file format, one entry a version, kept so that a file that we write opens in any of them.
"""

from importlib.resources import files

import apsw
import msgspec

SCHEMA_VERSION = 14
FULL_SYNC_PRIORITY = 2_147_483_647
"""The row of `ps_sync_state` that stands for the full sync."""
GATE_CLOSED = 2**63 - 1
"""The gate while local writes have no checkpoint request yet."""

TARGET_REQUEST = "target_checkpoint_request_id"
"""`ps_kv` key of the gate."""
LAST_REQUESTED = "last_requested_checkpoint_request_id"
LAST_SEEN = "last_seen_checkpoint_request_id"
LAST_APPLIED = "last_applied_checkpoint_request_id"

BUCKETS = """
CREATE TABLE ps_buckets(
  id INTEGER PRIMARY KEY,
  name TEXT NOT NULL,
  last_applied_op INTEGER NOT NULL DEFAULT 0,
  last_op INTEGER NOT NULL DEFAULT 0,
  add_checksum INTEGER NOT NULL DEFAULT 0,
  op_checksum INTEGER NOT NULL DEFAULT 0,
  pending_delete INTEGER NOT NULL DEFAULT 0,
  count_at_last INTEGER NOT NULL DEFAULT 0,
  count_since_last INTEGER NOT NULL DEFAULT 0,
  downloaded_size INTEGER NOT NULL DEFAULT 0
) STRICT;
CREATE UNIQUE INDEX ps_buckets_name ON ps_buckets (name);
"""

SUBSCRIPTIONS = """
CREATE TABLE ps_stream_subscriptions (
  id INTEGER NOT NULL PRIMARY KEY,
  stream_name TEXT NOT NULL,
  active INTEGER NOT NULL DEFAULT FALSE,
  is_default INTEGER NOT NULL DEFAULT FALSE,
  local_priority INTEGER,
  local_params TEXT NOT NULL DEFAULT 'null',
  ttl INTEGER,
  expires_at INTEGER,
  last_synced_at INTEGER,
  UNIQUE (stream_name, local_params)
) STRICT;
"""

TABLES = f"""
CREATE TABLE ps_migration(id INTEGER PRIMARY KEY, down_migrations TEXT);
CREATE TABLE ps_untyped(type TEXT NOT NULL, id TEXT NOT NULL, data TEXT, PRIMARY KEY (type, id));
CREATE TABLE ps_crud (id INTEGER PRIMARY KEY AUTOINCREMENT, data TEXT, tx_id INTEGER);
CREATE TABLE ps_tx(id INTEGER PRIMARY KEY NOT NULL, current_tx INTEGER, next_tx INTEGER);
CREATE TABLE ps_kv(key TEXT PRIMARY KEY NOT NULL, value BLOB);
{BUCKETS}
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
{SUBSCRIPTIONS}
CREATE TABLE ps_sync_state (
  priority INTEGER NOT NULL PRIMARY KEY,
  last_synced_at INTEGER NOT NULL
) STRICT;
INSERT INTO ps_tx(id, current_tx, next_tx) VALUES (1, NULL, 1);
"""


OPLOG_INDEXES = """
CREATE INDEX IF NOT EXISTS ps_oplog_row ON ps_oplog (row_type, row_id);
CREATE INDEX IF NOT EXISTS ps_oplog_opid ON ps_oplog (bucket, op_id);
CREATE INDEX IF NOT EXISTS ps_oplog_key ON ps_oplog (bucket, key);
"""


def create_schema(connection: apsw.Connection) -> None:
    """Create every table of an empty client database; inside the caller's transaction."""
    connection.execute(TABLES)
    connection.execute(OPLOG_INDEXES)
    note_migrations(connection, 1)


def note_migrations(connection: apsw.Connection, first: int) -> None:
    """Say that the tables are of the versions from `first` to ours, and how to go back."""
    down_migrations = msgspec.json.decode(files(__package__).joinpath("down_migrations.json").read_bytes())
    connection.executemany(
        "INSERT INTO ps_migration(id, down_migrations) VALUES (?, ?)",
        (
            (version, None if statements is None else msgspec.json.encode(statements).decode())
            for version, statements in enumerate(down_migrations, 1)
            if version >= first
        ),
    )
