"""The oplog as a whole: what an operation holds, and whether operations and buckets fit each other."""

from typing import Any, TypeAlias

from msgspec import Struct

from inspector.store.read_connection import ReadConnection
from inspector.store.table_queries import text_of
from inspector.store.versions import LOCAL_BUCKET, Layout

OPERATIONS_AT_ONCE = 5_000


StoredOperation: TypeAlias = tuple[int | str, int, Any, Any, Any, int]
"""A PUT: what the oplog has for its bucket, op id, row type, row id, data, and its checksum as stored.

A tuple, because there are a million of them."""


class FoundOperation(Struct, frozen=True):
    """An operation that a search found; `figure` is what was counted of it."""

    bucket: str
    op_id: int
    row_type: str
    row_id: str
    figure: int


class BucketPosition(Struct, frozen=True):
    """How far a bucket is, and its newest stored operation; None where it has none."""

    name: str
    last_op: int
    last_applied_op: int
    newest: int | None


def stored_operations(connection: ReadConnection, layout: Layout, after: int) -> tuple[list[StoredOperation], int]:
    """The next PUTs after a position in the oplog, and the last position: the end is reached when there are none."""
    others = f" AND bucket <> '{LOCAL_BUCKET}'" if layout.names_buckets_in_oplog else ""
    sql = (
        f"SELECT bucket, op_id, row_type, row_id, data, hash, rowid FROM ps_oplog"
        f" WHERE rowid > ? AND {layout.is_put}{others} ORDER BY rowid LIMIT ?"
    )
    found = connection.rows(sql, (after, OPERATIONS_AT_ONCE))
    return [values[:6] for values in found], found[-1][6] if found else after


def bucket_names(connection: ReadConnection, layout: Layout) -> dict[int | str, str]:
    """What the oplog has for a bucket → its name."""
    return dict(connection.rows(f"SELECT {layout.bucket_key}, name FROM ps_buckets WHERE name <> ?", (LOCAL_BUCKET,)))


def bucket_positions(connection: ReadConnection, layout: Layout) -> list[BucketPosition]:
    """How far each bucket is, beside its newest stored operation."""
    sql = (
        "SELECT name, last_op, last_applied_op,"
        f" (SELECT max(op_id) FROM ps_oplog WHERE bucket = b.{layout.bucket_key}) FROM ps_buckets b WHERE name <> ?"
    )
    return [BucketPosition(*values) for values in connection.rows(sql, (LOCAL_BUCKET,))]


def homeless_operations(connection: ReadConnection, layout: Layout) -> list[tuple[int | str, int]]:
    """Operations of buckets that are not in `ps_buckets`: what the oplog calls the bucket, and how many."""
    sql = (
        "SELECT bucket, count(*) FROM ps_oplog"
        f" WHERE bucket <> ? AND bucket NOT IN (SELECT {layout.bucket_key} FROM ps_buckets) GROUP BY bucket LIMIT 20"
    )
    return connection.rows(sql, (LOCAL_BUCKET,))


def repeated_keys(connection: ReadConnection, layout: Layout, limit: int) -> list[tuple[str, str, int]]:
    """Keys that a bucket has several live operations of: bucket, key, and how many."""
    sql = (
        "SELECT b.name, o.key, count(*) FROM ps_oplog o JOIN ps_buckets b"
        f" ON b.{layout.bucket_key} = o.bucket WHERE o.key IS NOT NULL AND b.name <> ? AND {layout.live}"
        " GROUP BY o.bucket, o.key HAVING count(*) > 1 LIMIT ?"
    )
    return connection.rows(sql, (LOCAL_BUCKET, limit))


def key_forms(connection: ReadConnection, layout: Layout) -> tuple[int, int]:
    """How many keys end in a quotation mark, as old JavaScript SDKs wrote subkeys, and how many do not."""
    sql = (
        "SELECT count(*) FILTER (WHERE substr(key, -1) = '\"'), count(*) FILTER (WHERE substr(key, -1) <> '\"')"
        f" FROM ps_oplog WHERE key IS NOT NULL AND key NOT LIKE '%/null' AND {layout.is_put}"
    )
    found = connection.row(sql) or (0, 0)
    return int(found[0]), int(found[1])


def copies_that_differ(connection: ReadConnection, layout: Layout, limit: int) -> list[tuple[str, str, int]]:
    """Rows with several published operations whose data are not the same: type, id, and how many operations."""
    repeated = (
        f"SELECT row_type, row_id FROM ps_oplog WHERE row_type IS NOT NULL AND {layout.live} AND {layout.is_put}"
        " GROUP BY row_type, row_id HAVING count(*) > 1"
    )
    sql = (
        f"SELECT o.row_type, o.row_id, count(*) FROM ({repeated}) r JOIN ps_oplog o"
        " ON o.row_type = r.row_type AND o.row_id = r.row_id"
        f" JOIN ps_buckets b ON b.{layout.bucket_key} = o.bucket AND o.op_id <= b.last_applied_op"
        f" WHERE b.name <> '{LOCAL_BUCKET}' AND {layout.live} AND {layout.is_put}"
        " GROUP BY 1, 2 HAVING min(o.data) <> max(o.data) LIMIT ?"
    )
    return connection.rows(sql, (limit,))


def largest_operations(connection: ReadConnection, layout: Layout, least: int, limit: int) -> list[FoundOperation]:
    """Operations with at least so many bytes of data, the largest first."""
    condition = f"octet_length(o.data) >= {int(least)}"
    return _search(connection, layout, "octet_length(o.data)", condition, "ORDER BY 5 DESC", (limit,))


def operations_with(connection: ReadConnection, layout: Layout, text: str, limit: int) -> list[FoundOperation]:
    """Operations with a value that begins with `text`, whether or not the service writes a blank before values."""
    found = "(instr(o.data, ?) > 0 OR instr(o.data, ?) > 0)"
    return _search(connection, layout, "1", found, "", (f'":{text}', f'": {text}', limit))


def _search(
    connection: ReadConnection, layout: Layout, figure: str, condition: str, order: str, values: tuple[Any, ...]
) -> list[FoundOperation]:
    sql = (
        f"SELECT b.name, o.op_id, o.row_type, o.row_id, {figure} FROM ps_oplog o JOIN ps_buckets b"
        f" ON b.{layout.bucket_key} = o.bucket WHERE {condition} AND {layout.live} AND b.name <> '{LOCAL_BUCKET}'"
        f" {order} LIMIT ?"
    )
    return [
        FoundOperation(name, op_id, text_of(row_type) or "", text_of(row_id) or "", size)
        for name, op_id, row_type, row_id, size in connection.rows(sql, values)
    ]
