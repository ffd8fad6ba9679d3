"""Where a client database stands: its keys, its gate, its times and its counts, in any version (protocol §3)."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from msgspec import Struct

from inspector.store.oplog_queries import count_unpublished
from inspector.store.read_connection import ReadConnection
from inspector.store.records import BucketRow, Subscription
from inspector.store.salvage import count_rows
from inspector.store.schema import (
    FULL_SYNC_PRIORITY,
    GATE_CLOSED,
    LAST_APPLIED,
    LAST_REQUESTED,
    LAST_SEEN,
    TARGET_REQUEST,
)
from inspector.store.table_queries import count_untyped, synced_tables
from inspector.store.versions import LOCAL_BUCKET, Layout, microseconds

Keys = Mapping[str, str | int | float | bytes | None]


@dataclass(frozen=True, slots=True)
class Gate:
    """The checkpoint requests that decide whether downloads are shown (protocol §4, publishing; §5)."""

    target: int | None
    seen: int | None
    applied: int | None
    requested: int | None

    @property
    def closed(self) -> bool:
        """Whether downloads wait for a request that has not been seen."""
        return self.target is not None and self.target > (self.seen or 0)

    @property
    def awaits_service(self) -> bool:
        """Whether a request was made and only the service's answer is missing."""
        return self.closed and self.target != GATE_CLOSED


@dataclass(frozen=True, slots=True)
class Queue:
    """The upload queue; `oldest` is the id of its first entry."""

    writes: int
    transactions: int
    oldest: int | None


class Counts(Struct, frozen=True):
    """What is counted by walking over tables or their indexes."""

    operations: int
    unpublished_operations: int
    rows: int
    untyped_rows: Mapping[str, int]
    updated_rows: int


def read_keys(connection: ReadConnection, layout: Layout) -> Keys:
    """All of `ps_kv`; empty before version 3."""
    if not layout.has("ps_kv"):
        return {}
    return dict(connection.rows_of("ps_kv", "SELECT key, value FROM ps_kv ORDER BY key"))


def read_gate(connection: ReadConnection, layout: Layout, keys: Keys) -> Gate:
    """The gate, from `ps_kv` or, up to version 13, from the `$local` row of `ps_buckets`; 0 there means none."""
    if not layout.has("ps_buckets.target_op"):
        return Gate(*(_integer(keys.get(key)) for key in (TARGET_REQUEST, LAST_SEEN, LAST_APPLIED, LAST_REQUESTED)))
    sql = "SELECT target_op, last_op, last_applied_op FROM ps_buckets WHERE name = ?"
    local = connection.row_of("ps_buckets", sql, (LOCAL_BUCKET,))
    target, seen, applied = local or (None, None, None)
    return Gate(target or None, seen or None, applied or None, None)


def read_sync_times(connection: ReadConnection, layout: Layout, keys: Keys) -> dict[int, int]:
    """Priority → µs of its last sync, with 2147483647 for the full one."""
    if not layout.has("ps_sync_state"):
        full = microseconds(keys.get("last_synced_at"))
        return {} if full is None else {FULL_SYNC_PRIORITY: full}
    sql = "SELECT priority, max(last_synced_at) FROM ps_sync_state GROUP BY priority ORDER BY priority"
    found = connection.rows_of("ps_sync_state", sql)
    return {priority: time for priority, value in found if (time := microseconds(value)) is not None}


def read_queue(connection: ReadConnection, layout: Layout) -> Queue:
    """The upload queue; entries without a transaction count as one each."""
    if not layout.has("ps_crud"):
        return Queue(0, 0, None)
    tx_id = layout.column("ps_crud", "tx_id")
    sql = f"SELECT count(*), count(DISTINCT {tx_id}) + count(*) - count({tx_id}), min(id) FROM ps_crud"
    found = connection.row_of("ps_crud", sql)
    return Queue(*(found or (0, 0, None)))


def count_all(connection: ReadConnection, layout: Layout, buckets: Sequence[BucketRow]) -> Counts:
    """Counts of operations and rows; what is damaged counts as far as it can be read through an index, or as 0."""
    tables = synced_tables(connection)
    untyped = count_untyped(connection, layout)
    return Counts(
        operations=_count_operations(connection, layout),
        unpublished_operations=count_unpublished(connection, layout, buckets),
        rows=sum(count_rows(connection, table) or 0 for table in tables) + sum(untyped.values()),
        untyped_rows=untyped,
        updated_rows=_count_updated(connection, layout),
    )


def read_subscriptions(connection: ReadConnection, layout: Layout) -> list[Subscription]:
    """All rows of `ps_stream_subscriptions`; none before version 11."""
    if not layout.has("ps_stream_subscriptions"):
        return []
    sql = (
        "SELECT id, stream_name, active, is_default, local_priority, local_params, ttl, expires_at, last_synced_at "
        "FROM ps_stream_subscriptions ORDER BY id"
    )
    return [
        Subscription(
            id=row_id,
            stream=stream,
            active=bool(active),
            is_default=bool(is_default),
            priority=priority,
            parameters=parameters,
            ttl=ttl,
            expires_at=microseconds(expires_at),
            last_synced_at=microseconds(last_synced_at),
        )
        for row_id, stream, active, is_default, priority, parameters, ttl, expires_at, last_synced_at in (
            connection.rows_of("ps_stream_subscriptions", sql)
        )
    ]


def _count_operations(connection: ReadConnection, layout: Layout) -> int:
    if not layout.has("ps_oplog"):
        return 0
    others = f"WHERE {layout.live} AND bucket <> '{LOCAL_BUCKET}'" if layout.names_buckets_in_oplog else ""
    return connection.count_of("ps_oplog", f"SELECT count(*) FROM ps_oplog {others}") or 0


def _count_updated(connection: ReadConnection, layout: Layout) -> int:
    if layout.has("ps_updated_rows"):
        sql = "SELECT count(*) FROM ps_updated_rows"
        return connection.count_of("ps_updated_rows", sql) or 0
    if not layout.has("ps_oplog"):
        return 0
    sql = f"SELECT count(*) FROM (SELECT DISTINCT row_type, row_id FROM ps_oplog WHERE bucket = '{LOCAL_BUCKET}')"
    return connection.count_of("ps_oplog", sql) or 0


def _integer(value: Any) -> int | None:
    if isinstance(value, str):
        return int(value) if value.isascii() and value.isdecimal() else None
    return value if isinstance(value, int) else None
