"""Where each row of a long list stands: its rowid by position, so that any page of it costs the same to read.

A position takes 8 bytes; the rows themselves are read a page at a time and may have gone since.
"""

from array import array
from collections.abc import Callable, Sequence
from typing import Any

from inspector.store.oplog_queries import bucket_key, operation_columns, operation_of
from inspector.store.query import Values
from inspector.store.read_connection import DAMAGE, ReadConnection
from inspector.store.records import Operation
from inspector.store.salvage import quoted
from inspector.store.versions import Layout


def scan(connection: ReadConnection, table: str, sql: str, values: Values, go_on: Callable[[], bool]) -> "array[int]":
    """The first column of all rows of a query, in order; stops early when `go_on` says so, or at damaged pages."""
    found: array[int] = array("q")
    try:
        for number, (rowid,) in enumerate(connection.cursor(sql, values)):
            found.append(rowid)
            if number % 10_000 == 0 and not go_on():
                break
    except DAMAGE as error:
        connection.note_damage(table, error)
    return found


def read_at(
    connection: ReadConnection, table: str, columns: str, rowids: Sequence[int]
) -> dict[int, tuple[Any, ...] | None]:
    """The columns of these rows by rowid; those that are gone are missing, those that cannot be read are None."""
    return read_at_sql(connection, table, f"SELECT rowid, {columns} FROM {quoted(table)}", "rowid", rowids)


def read_at_sql(
    connection: ReadConnection, table: str, select: str, key: str, rowids: Sequence[int]
) -> dict[int, tuple[Any, ...] | None]:
    """What `select` gives for these rows of a table, without its first column, which is their rowid."""
    marks = ", ".join("?" * len(rowids))
    try:
        found = connection.rows(f"{select} WHERE {key} IN ({marks})", tuple(rowids))
        return {rowid: tuple(values) for rowid, *values in found}
    except DAMAGE as error:
        connection.note_damage(table, error)
    one = f"{select} WHERE {key} = ?"
    each = {rowid: connection.row_of(table, one, (rowid,)) for rowid in rowids}
    return {rowid: None if values is None else tuple(values[1:]) for rowid, values in each.items()}


def operation_positions(
    connection: ReadConnection, layout: Layout, bucket: str, go_on: Callable[[], bool]
) -> "array[int]":
    """The operations of a bucket in order of op id, superseded ones too."""
    key = bucket_key(connection, layout, bucket)
    if key is None or not layout.has("ps_oplog"):
        return array("q")
    return scan(connection, "ps_oplog", "SELECT rowid FROM ps_oplog WHERE bucket = ? ORDER BY op_id", (key,), go_on)


def bucket_row_positions(
    connection: ReadConnection, layout: Layout, bucket: str, go_on: Callable[[], bool]
) -> "array[int]":
    """For each row that a bucket holds, by type and id, the newest operation that puts it there."""
    key = bucket_key(connection, layout, bucket)
    if key is None or not layout.has("ps_oplog"):
        return array("q")
    # SQLite takes the bare column from the row that has the maximum.
    sql = (
        f"SELECT rowid, max(op_id) FROM ps_oplog WHERE bucket = ? AND {layout.live} AND {layout.is_put} "
        "GROUP BY row_type, row_id ORDER BY row_type, row_id"
    )
    return scan(connection, "ps_oplog", f"SELECT rowid FROM ({sql})", (key,), go_on)


def operation_position(connection: ReadConnection, layout: Layout, bucket: str, op_id: int) -> int | None:
    """Where an operation of a bucket stands; None where the oplog does not hold it."""
    key = bucket_key(connection, layout, bucket)
    if key is None or not layout.has("ps_oplog"):
        return None
    sql = "SELECT rowid FROM ps_oplog WHERE bucket = ? AND op_id = ? LIMIT 1"
    found = connection.row_of("ps_oplog", sql, (key, op_id))
    return None if found is None else int(found[0])


def operations_at(
    connection: ReadConnection, layout: Layout, bucket: str, rowids: Sequence[int]
) -> list[Operation | None]:
    """The operations at these positions; None where one is gone."""
    if not rowids:
        return []
    found = read_at(connection, "ps_oplog", f"op_id, {operation_columns(layout)}", rowids)
    return [_operation(bucket, rowid, found) for rowid in rowids]


def _operation(bucket: str, rowid: int, found: dict[int, tuple[Any, ...] | None]) -> Operation | None:
    if rowid not in found:
        return None
    values = found[rowid]
    return operation_of(bucket, 0, None) if values is None else operation_of(bucket, values[0], values[1:])


def kept_operations(connection: ReadConnection, layout: Layout, bucket: str, op_ids: Sequence[int]) -> set[int]:
    """Those of these op ids that the oplog of the bucket still holds."""
    key = bucket_key(connection, layout, bucket)
    if key is None or not layout.has("ps_oplog"):
        return set()
    marks = ", ".join("?" * len(op_ids))
    sql = f"SELECT op_id FROM ps_oplog WHERE bucket = ? AND op_id IN ({marks}) AND {layout.live}"
    return {op_id for (op_id,) in connection.rows_of("ps_oplog", sql, (key, *op_ids))}
