"""The app's tables beside the operations that they come from: rows that differ, that lack one, that are not there."""

from collections.abc import Iterator, Sequence
from typing import Any

from msgspec import Struct

from inspector.store.read_connection import ReadConnection
from inspector.store.salvage import quoted
from inspector.store.table_queries import text_of
from inspector.store.versions import LOCAL_BUCKET, Layout

ROWS_AT_ONCE = 20_000
ORPHANS_AT_ONCE = 5_000


class ComparedRow(Struct, frozen=True):
    """A row whose stored text is not that of its newest operation; that one's fields are None where there is none."""

    row_type: str
    row_id: str
    data: str | None
    op_id: int | None
    bucket: str | None
    service: str | None
    """The operation's data."""
    published: bool
    """Whether the operation is, as far as its bucket tells."""
    touched: bool
    """Whether a local write or a REMOVE wants the row looked at when the next checkpoint is published."""


class MissingRow(Struct, frozen=True):
    """A row that a published operation has and the table has not."""

    row_type: str
    row_id: str
    op_id: int


def differing_rows(
    connection: ReadConnection, layout: Layout, table: str, row_type: str, after: int
) -> tuple[list[ComparedRow], int, int]:
    """Of the next ROWS_AT_ONCE rows after a position those that differ from their newest operation, how many were
    compared, and the last position: the end is reached when none were compared."""
    span = connection.row(
        f"SELECT max(rowid), count(*) FROM (SELECT rowid FROM {quoted(table)} WHERE rowid > ? ORDER BY rowid LIMIT ?)",
        (after, ROWS_AT_ONCE),
    )
    last, count = span or (None, 0)
    if not count:
        return [], 0, after
    newest = (
        "SELECT rowid FROM ps_oplog WHERE row_type = ?1 AND row_id = d.id"
        f" AND {layout.live} AND {layout.is_put}{_no_local(layout)} ORDER BY op_id DESC LIMIT 1"
    )
    sql = (
        f"SELECT d.id, d.data, o.op_id, b.name, o.data, o.op_id <= b.last_applied_op, {_touched(layout, 'd.id')}"
        f" FROM {quoted(table)} d LEFT JOIN ps_oplog o ON o.rowid = ({newest})"
        f" LEFT JOIN ps_buckets b ON b.{layout.bucket_key} = o.bucket"
        " WHERE d.rowid > ?2 AND d.rowid <= ?3 AND (o.op_id IS NULL OR o.data IS NOT d.data)"
    )
    found = connection.rows(sql, (row_type, after, last))
    return [_compared(row_type, *values) for values in found], count, last


def missing_rows(
    connection: ReadConnection, layout: Layout, table: str, row_type: str, limit: int
) -> Iterator[MissingRow]:
    """Rows of published operations that `table` has not, and that no local write wants looked at."""
    of_type = " AND d.type = ?1" if table == "ps_untyped" else ""
    applied = f"(SELECT last_applied_op FROM ps_buckets WHERE {layout.bucket_key} = o.bucket)"
    sql = (
        f"SELECT o.row_id, max(o.op_id) FROM ps_oplog o WHERE o.row_type = ?1 AND {layout.live} AND {layout.is_put}"
        f"{_no_local(layout)} AND NOT EXISTS (SELECT 1 FROM {quoted(table)} d WHERE d.id = o.row_id{of_type})"
        f" AND o.op_id <= {applied} AND NOT {_touched(layout, 'o.row_id')}"
        " GROUP BY o.row_id LIMIT ?2"
    )
    for row_id, op_id in connection.rows(sql, (row_type, limit)):
        yield MissingRow(row_type, text_of(row_id) or "", op_id)


def orphan_rows(
    connection: ReadConnection, layout: Layout, table: str, row_type: str, after: int
) -> tuple[list[str], int | None]:
    """Of the next ORPHANS_AT_ONCE rows after a position the ids of those that no live operation has and no local write
    wants looked at, and the last position; None at the end."""
    span = f"SELECT max(rowid) FROM (SELECT rowid FROM {quoted(table)} WHERE rowid > ? ORDER BY rowid LIMIT ?)"
    last = connection.scalar(span, (after, ORPHANS_AT_ONCE))
    if last is None:
        return [], None
    operation = (
        "SELECT 1 FROM ps_oplog WHERE row_type = ?1 AND row_id = d.id"
        f" AND {layout.live} AND {layout.is_put}{_no_local(layout)}"
    )
    sql = (
        f"SELECT d.id FROM {quoted(table)} d WHERE d.rowid > ?2 AND d.rowid <= ?3 AND NOT EXISTS ({operation})"
        f" AND NOT {_touched(layout, 'd.id')}"
    )
    return [text_of(row_id) or "" for (row_id,) in connection.rows(sql, (row_type, after, last))], last


def unfilled_columns(
    connection: ReadConnection, layout: Layout, table: str, row_type: str, columns: Sequence[str]
) -> list[tuple[str, int, str]]:
    """Columns of a raw table that are null in rows whose newest operation has a value: name, how many rows, and the id
    of one. Rows that are not published, or that a local write wants looked at, are left out."""
    if not columns:
        return []
    newest = (
        "SELECT rowid FROM ps_oplog WHERE row_type = ?1 AND row_id = d.id"
        f" AND {layout.live} AND {layout.is_put}{_no_local(layout)} ORDER BY op_id DESC LIMIT 1"
    )
    paths, parts = [f'$."{name}"' for name in columns], []
    for at, name in enumerate(columns, 2):
        lacks = f"d.{quoted(name)} IS NULL AND json_extract(o.data, ?{at}) IS NOT NULL"
        parts += [f"count(*) FILTER (WHERE {lacks})", f"min(d.id) FILTER (WHERE {lacks})"]
    sql = (
        f"SELECT {', '.join(parts)} FROM {quoted(table)} d JOIN ps_oplog o ON o.rowid = ({newest})"
        f" JOIN ps_buckets b ON b.{layout.bucket_key} = o.bucket AND o.op_id <= b.last_applied_op"
        f" WHERE json_valid(o.data) AND NOT {_touched(layout, 'd.id')}"
    )
    found = connection.row(sql, (row_type, *paths)) or ()
    counted = zip(columns, found[::2], found[1::2], strict=True)
    return [(name, count, text_of(example) or "") for name, count, example in counted if count]


def is_touched(connection: ReadConnection, layout: Layout, row_type: str, row_id: str) -> bool:
    """Whether a local write, or a REMOVE, wants a row looked at when the next checkpoint is published."""
    return bool(connection.scalar(f"SELECT {_touched(layout, '?2')}", (row_type, row_id)))


def row_types(connection: ReadConnection, layout: Layout) -> list[str]:
    """The types of rows that any operation names."""
    # From one to the next in the index: DISTINCT would read every entry.
    sql = (
        "WITH RECURSIVE t(name) AS (SELECT min(row_type) FROM ps_oplog UNION ALL"
        " SELECT (SELECT min(row_type) FROM ps_oplog WHERE row_type > t.name) FROM t WHERE t.name IS NOT NULL)"
        " SELECT name FROM t WHERE name IS NOT NULL"
    )
    return [str(name) for (name,) in connection.rows(sql)] if layout.has("ps_oplog") else []


def left_over_updates(connection: ReadConnection, layout: Layout, limit: int) -> list[tuple[str, str]]:
    """Rows that are to be looked at when the next checkpoint is published, as types and ids."""
    if layout.has("ps_updated_rows"):
        return connection.rows("SELECT row_type, row_id FROM ps_updated_rows LIMIT ?", (limit,))
    sql = "SELECT DISTINCT row_type, row_id FROM ps_oplog WHERE bucket = ? LIMIT ?"
    return connection.rows(sql, (LOCAL_BUCKET, limit))


def upper_case_twins(connection: ReadConnection, table: str, limit: int) -> list[tuple[str, str]]:
    """Ids of a table that differ in nothing but the case of their letters, as pairs; UUIDs alone."""
    sql = (
        f"SELECT u.id, l.id FROM {quoted(table)} u JOIN {quoted(table)} l ON l.id = lower(u.id)"
        " WHERE length(u.id) = 36 AND u.id GLOB '*[A-F]*-*-*-*-*' AND l.id <> u.id LIMIT ?"
    )
    return connection.rows(sql, (limit,))


def _compared(row_type: str, row_id: Any, data: Any, *rest: Any) -> ComparedRow:
    op_id, bucket, service, published, touched = rest
    return ComparedRow(
        row_type, text_of(row_id) or "", text_of(data), op_id, bucket, text_of(service), bool(published), bool(touched)
    )


def _touched(layout: Layout, row_id: str) -> str:
    if layout.has("ps_updated_rows"):
        return f"EXISTS (SELECT 1 FROM ps_updated_rows WHERE row_type = ?1 AND row_id = {row_id})"
    local = f"bucket = '{LOCAL_BUCKET}'" if layout.names_buckets_in_oplog else "FALSE"
    return f"EXISTS (SELECT 1 FROM ps_oplog WHERE row_type = ?1 AND row_id = {row_id} AND {local})"


def _no_local(layout: Layout) -> str:
    return f" AND bucket <> '{LOCAL_BUCKET}'" if layout.names_buckets_in_oplog else ""
