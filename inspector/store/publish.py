"""Validating a checkpoint and showing it (protocol §4, partial complete and complete)."""

import time
from collections.abc import Collection, Mapping, Sequence

import apsw
import msgspec

from inspector.protocol.checkpoints import TargetCheckpoint
from inspector.protocol.checksums import MASK
from inspector.protocol.events import BucketMismatch, HeldBack, Mismatched, Published
from inspector.protocol.lines import BucketChecksum
from inspector.store.first_sync import publish_first_sync
from inspector.store.ingest import delete_bucket
from inspector.store.preparing import StoreError
from inspector.store.query import row, scalar
from inspector.store.raw_tables import RawTarget
from inspector.store.row_writer import write_rows
from inspector.store.schema import FULL_SYNC_PRIORITY, LAST_APPLIED, LAST_SEEN, TARGET_REQUEST
from inspector.store.validation import Validation

_PUBLISHED_DESPITE_UPLOADS = 0
"""The one priority whose rows change while local writes wait."""

_FULL = """
SELECT changed.row_type, changed.row_id,
  (SELECT iif(max(newest.op_id), newest.data, NULL) FROM ps_oplog AS newest
    WHERE newest.row_type = changed.row_type AND newest.row_id = changed.row_id)
FROM (
  SELECT oplog.row_type, oplog.row_id FROM ps_buckets AS buckets
    CROSS JOIN ps_oplog AS oplog ON oplog.bucket = buckets.id AND oplog.op_id > buckets.last_applied_op
  UNION ALL SELECT row_type, row_id FROM ps_updated_rows
) AS changed
GROUP BY changed.row_type, changed.row_id
"""

_PARTIAL = """
WITH involved(id) AS MATERIALIZED (SELECT id FROM ps_buckets WHERE name IN (SELECT value FROM json_each(?)))
SELECT changed.row_type, changed.row_id,
  (SELECT iif(max(newest.op_id), newest.data, NULL) FROM ps_oplog AS newest
    WHERE newest.row_type = changed.row_type AND newest.row_id = changed.row_id
      AND newest.bucket IN (SELECT id FROM involved))
FROM (
  SELECT oplog.row_type, oplog.row_id FROM ps_buckets AS buckets
    CROSS JOIN ps_oplog AS oplog ON oplog.bucket = buckets.id AND oplog.op_id > buckets.last_applied_op
    WHERE buckets.id IN (SELECT id FROM involved)
) AS changed
GROUP BY changed.row_type, changed.row_id
"""


def publish(
    connection: apsw.Connection,
    target: TargetCheckpoint,
    priority: int | None,
    now_us: int,
    *,
    first_sync_types: Collection[str] | None = None,
    validation: Validation | None = None,
    raw: Mapping[str, RawTarget] | None = None,
) -> Published | HeldBack | Mismatched:
    """Validate the buckets up to `priority` (None: all) and show them; inside the caller's transaction.

    Buckets that fail are deleted, and `validation` keeps what was in them. `now_us` (µs since the epoch) stamps
    `ps_sync_state`. While a first sync has no indexes, `first_sync_types` are the row types in the oplog.
    `raw` are the app's own tables, by row type. Raises StoreError for rows that cannot be shown: roll back then.
    """
    validation = validation or Validation()
    buckets = target.up_to(priority)
    mismatches = _mismatches(connection, buckets)
    validation.ended_at = time.time_ns()
    if mismatches:
        for mismatch in mismatches:
            validation.keep(connection, mismatch.bucket)
            delete_bucket(connection, mismatch.bucket)
        return Mismatched(tuple(mismatches))
    connection.executemany(
        "UPDATE ps_buckets SET last_op = ? WHERE name = ?", ((target.last_op_id, bucket.bucket) for bucket in buckets)
    )
    if priority is None and target.write_checkpoint is not None:
        set_value(connection, LAST_SEEN, target.write_checkpoint)
    if priority != _PUBLISHED_DESPITE_UPLOADS and not may_publish(connection):
        return HeldBack()
    names = None if priority is None else [bucket.bucket for bucket in buckets]
    try:
        _show(connection, names, first_sync_types, raw or {})
    except apsw.SQLError as error:
        raise StoreError(
            "The checkpoint cannot be shown.",
            why=f"SQLite says: {error}.",
            next_step="Where it speaks of JSON, look for a row whose data are none in a table with an index."
            " The official clients cannot show it either.",
        ) from error
    if names is None or priority is None:
        _complete_full(connection, target, now_us)
    else:
        _complete_partial(connection, names, priority, now_us)
    return Published()


def _show(
    connection: apsw.Connection,
    names: Sequence[str] | None,
    first_sync_types: Collection[str] | None,
    raw: Mapping[str, RawTarget],
) -> None:
    """Write what has changed in these buckets (None: in all that there are) into the tables."""
    if first_sync_types is not None:
        publish_first_sync(connection, names, first_sync_types)
    elif names is None:
        write_rows(connection, connection.execute(_FULL), raw)
    else:
        involved = msgspec.json.encode(names).decode()
        write_rows(connection, connection.execute(_PARTIAL, (involved,)), raw)


def may_publish(connection: apsw.Connection) -> bool:
    """No local write waits for its upload or for the service's acknowledgement."""
    if row(connection, "SELECT 1 FROM ps_crud LIMIT 1") is not None:
        return False
    gate = value_of(connection, TARGET_REQUEST)
    return gate is None or gate <= (value_of(connection, LAST_SEEN) or 0)


def value_of(connection: apsw.Connection, key: str) -> int | None:
    """An id kept in `ps_kv`."""
    found: int | None = scalar(connection, "SELECT CAST(value AS INTEGER) FROM ps_kv WHERE key = ?", (key,))
    return found


def set_value(connection: apsw.Connection, key: str, value: int) -> None:
    """Keep an id in `ps_kv`."""
    connection.execute("INSERT OR REPLACE INTO ps_kv(key, value) VALUES (?, ?)", (key, value))


def _mismatches(connection: apsw.Connection, buckets: Sequence[BucketChecksum]) -> list[BucketMismatch]:
    found = []
    for bucket in buckets:
        sums = row(connection, "SELECT add_checksum, op_checksum FROM ps_buckets WHERE name = ?", (bucket.bucket,))
        add_checksum, op_checksum = sums or (0, 0)
        mismatch = BucketMismatch(bucket.bucket, bucket.checksum & MASK, add_checksum & MASK, op_checksum & MASK)
        if mismatch.ours != mismatch.expected:
            found.append(mismatch)
    return found


def _complete_full(connection: apsw.Connection, target: TargetCheckpoint, now_us: int) -> None:
    connection.execute("UPDATE ps_buckets SET last_applied_op = last_op WHERE last_applied_op != last_op")
    connection.execute("DELETE FROM ps_updated_rows")
    connection.executemany(
        "UPDATE ps_buckets SET count_since_last = 0, count_at_last = ? WHERE name = ?",
        ((bucket.count, bucket.bucket) for bucket in target.buckets.values() if bucket.count is not None),
    )
    if target.write_checkpoint is not None:
        set_value(connection, LAST_APPLIED, target.write_checkpoint)
    _stamp(connection, FULL_SYNC_PRIORITY, now_us)


def _complete_partial(connection: apsw.Connection, names: Sequence[str], priority: int, now_us: int) -> None:
    connection.executemany(
        "UPDATE ps_buckets SET last_applied_op = last_op WHERE last_applied_op != last_op AND name = ?",
        ((name,) for name in names),
    )
    _stamp(connection, priority, now_us)


def _stamp(connection: apsw.Connection, priority: int, now_us: int) -> None:
    """Higher priorities are part of this sync: their rows go."""
    connection.execute("DELETE FROM ps_sync_state WHERE priority < ?", (priority,))
    connection.execute(
        "INSERT OR REPLACE INTO ps_sync_state(priority, last_synced_at) VALUES (?, ?)", (priority, now_us)
    )
