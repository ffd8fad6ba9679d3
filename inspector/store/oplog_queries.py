"""Buckets and their operations, in any version and as far as they can be read (protocol §3)."""

from collections.abc import Sequence
from typing import Any

from inspector.protocol.checksums import MASK, unsigned
from inspector.store.bucket_figures import BucketFigures, BucketState
from inspector.store.read_connection import ReadConnection
from inspector.store.records import BucketRow, Operation, OwnSums
from inspector.store.salvage import read_page
from inspector.store.table_queries import text_of
from inspector.store.versions import LOCAL_BUCKET, Layout

_OPERATION_NAMES = {1: "CLEAR", 2: "MOVE", 3: "PUT", 4: "REMOVE"}
"""The numbers in `ps_oplog.op` up to version 4; later the oplog holds PUTs alone."""
_PUT = 3


def read_buckets(connection: ReadConnection, layout: Layout, figures: BucketFigures, *, scan: bool) -> list[BucketRow]:
    """All buckets in the order in which they came; with `scan` the oplog is read where a bucket has changed."""
    if not layout.has("ps_buckets"):
        return []
    found = connection.rows_of("ps_buckets", _select_buckets(layout), (LOCAL_BUCKET,))
    states = [_state(layout, values) for values in found]
    if scan and layout.has("ps_oplog"):
        figures.refresh(layout, states)
    return [_bucket(values, state, figures) for values, state in zip(found, states, strict=True)]


def bucket_key(connection: ReadConnection, layout: Layout, name: str) -> int | str | None:
    """What `ps_oplog.bucket` holds for the bucket `name`; None when there is no such bucket."""
    if layout.names_buckets_in_oplog:
        return name
    key = connection.scalar("SELECT id FROM ps_buckets WHERE name = ?", (name,))
    return None if key is None else int(key)


def read_operations(
    connection: ReadConnection, layout: Layout, bucket: str, after_op: int, limit: int
) -> list[Operation]:
    """Operations of a bucket in order of op id, superseded ones too; unreadable ones with their op id alone."""
    key = bucket_key(connection, layout, bucket)
    if key is None or not layout.has("ps_oplog"):
        return []
    rows = read_page(
        connection, "ps_oplog", "op_id", operation_columns(layout), "bucket = ? AND op_id > ?", (key, after_op), limit
    )
    return [operation_of(bucket, op_id, row) for op_id, row in rows]


def count_unpublished(connection: ReadConnection, layout: Layout, buckets: Sequence[BucketRow]) -> int:
    """Operations newer than what the tables show, over those buckets that have any."""
    if not layout.has("ps_oplog"):
        return 0
    sql = f"SELECT count(*) FROM ps_oplog WHERE bucket = ? AND op_id > ? AND {layout.live}"
    behind = [bucket for bucket in buckets if bucket.last_op > bucket.last_applied_op]
    keys = [bucket.name if layout.names_buckets_in_oplog else bucket.id for bucket in behind]
    return sum(
        connection.count_of("ps_oplog", sql, (key, bucket.last_applied_op)) or 0
        for key, bucket in zip(keys, behind, strict=True)
    )


def read_row_operations(
    connection: ReadConnection, layout: Layout, row_type: str, row_id: str, limit: int
) -> list[Operation]:
    """The operations that a row comes from, over all buckets, newest first; the first one is what is shown."""
    if not (layout.has("ps_oplog") and layout.has("ps_buckets")):
        return []
    sql = (
        f"SELECT b.name, op_id, {operation_columns(layout)} "
        f"FROM ps_oplog o JOIN ps_buckets b ON b.{layout.bucket_key} = o.bucket "
        f"WHERE row_type = ? AND row_id = ? AND b.name <> ? AND {layout.live} ORDER BY op_id DESC LIMIT ?"
    )
    found = connection.rows_of("ps_oplog", sql, (row_type, row_id, LOCAL_BUCKET, limit))
    return [operation_of(name, op_id, row) for name, op_id, *row in found]


def sum_operations(connection: ReadConnection, layout: Layout, bucket: str) -> OwnSums:
    """The stored and the computed sum of a bucket; raises what SQLite raises when its operations are damaged."""
    stored = connection.scalar(
        f"SELECT {layout.column('ps_buckets', 'op_checksum')} FROM ps_buckets WHERE name = ?", (bucket,)
    )
    key = bucket_key(connection, layout, bucket)
    computed = connection.scalar("SELECT sum(hash & 0xffffffff) FROM ps_oplog WHERE bucket = ?", (key,))
    return OwnSums(None if stored is None else stored & MASK, (computed or 0) & MASK)


def _select_buckets(layout: Layout) -> str:
    optional = ("op_checksum", "count_at_last", "count_since_last", "downloaded_size")
    columns = ", ".join(layout.column("ps_buckets", name) for name in optional)
    return (
        "SELECT rowid, name, last_op, last_applied_op, add_checksum, pending_delete, "
        f"{columns} FROM ps_buckets WHERE name <> ? ORDER BY rowid"
    )


def _state(layout: Layout, values: tuple[Any, ...]) -> BucketState:
    row_id, name, last_op, _, add_checksum, _, op_checksum, *_ = values
    key = name if layout.names_buckets_in_oplog else row_id
    return BucketState(key, (name, last_op, add_checksum, op_checksum))


def _bucket(values: tuple[Any, ...], state: BucketState, figures: BucketFigures) -> BucketRow:
    (row_id, name, last_op, last_applied_op, add_checksum, pending_delete, op_checksum, *sizes) = values
    count_at_last, count_since_last, downloaded_size = sizes
    known, counted = figures.known(state)
    if op_checksum is None and known is not None:
        op_checksum = known.hash_sum
    return BucketRow(
        id=row_id,
        name=name,
        last_op=last_op,
        last_applied_op=last_applied_op,
        add_checksum=unsigned(add_checksum),
        op_checksum=None if op_checksum is None else unsigned(op_checksum),
        pending_delete=bool(pending_delete),
        count_at_last=count_at_last,
        count_since_last=count_since_last,
        downloaded_size=downloaded_size,
        counted=counted,
        operations=known.operations if known else None,
        put_rows=known.put_rows if known else None,
        row_types=known.row_types if known else (),
        data_bytes=known.data_bytes if known else None,
        metadata_bytes=known.metadata_bytes if known else None,
    )


def operation_columns(layout: Layout) -> str:
    """What `operation_of` needs of a row of the oplog, after its op id."""
    op = layout.column("ps_oplog", "op", str(_PUT))
    superseded = layout.column("ps_oplog", "superseded", "0")
    return f"{op}, row_type, row_id, key, data, hash, {superseded}"


def operation_of(bucket: str, op_id: int, row: Sequence[Any] | None) -> Operation:
    """A row of the oplog; None is one that cannot be read."""
    if row is None:
        return Operation(bucket=bucket, op_id=op_id, op=_OPERATION_NAMES[_PUT], readable=False)
    op, row_type, row_id, key, data, checksum, superseded = row
    return Operation(
        bucket=bucket,
        op_id=op_id,
        op=_OPERATION_NAMES.get(op, str(op)),
        row_type=text_of(row_type),
        row_id=text_of(row_id),
        key=text_of(key),
        data=text_of(data),
        checksum=unsigned(checksum),
        superseded=bool(superseded),
    )
