"""Operations into the oplog (protocol §4, data line): supersede, REMOVE, MOVE and CLEAR, with both sums kept.

A line is folded in memory first, so that it costs one DELETE, one batch of INSERTs and one UPDATE whatever the
number of its operations. A CLEAR ends a stretch: what stands before it is stored before it is cleared, because the
rows that it takes away have to be looked at again.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

import apsw
import msgspec

from inspector.protocol.checksums import MASK, signed
from inspector.protocol.lines import DataLine, Operation, OpType
from inspector.store.query import row, rows


@dataclass(slots=True)
class _Fold:
    """What a stretch of operations without CLEAR comes to."""

    inserts: dict[object, Operation] = field(default_factory=dict)
    removed_rows: list[tuple[str | None, str | None]] = field(default_factory=list)
    add_checksum: int = 0
    op_checksum: int = 0


def save_operations(connection: apsw.Connection, line: DataLine, size: int) -> None:
    """Store one data line of `size` bytes; inside the caller's transaction."""
    bucket, last_applied_op = _find_or_create_bucket(connection, line.bucket)
    if not line.data:
        return
    bucket_is_new = last_applied_op == 0
    add_checksum = op_checksum = 0
    for clear, stretch in _stretches(line.data):
        if clear is not None:
            _clear(connection, bucket, clear)
            bucket_is_new = True
            add_checksum = op_checksum = 0
        fold = _fold(connection, bucket, stretch, bucket_is_new)
        _store(connection, bucket, fold)
        add_checksum += fold.add_checksum
        op_checksum += fold.op_checksum
    connection.execute(
        "UPDATE ps_buckets SET last_op = ?2, add_checksum = (add_checksum + ?3) & 0xffffffff,"
        " op_checksum = (op_checksum + ?4) & 0xffffffff, count_since_last = count_since_last + ?5,"
        " downloaded_size = downloaded_size + ?6 WHERE id = ?1",
        (bucket, line.data[-1].op_id, add_checksum & MASK, op_checksum & MASK, len(line.data), size),
    )


def delete_bucket(connection: apsw.Connection, name: str) -> None:
    """Forget a bucket; its rows are looked at again at the next full publishing."""
    for (bucket,) in rows(connection, "DELETE FROM ps_buckets WHERE name = ? RETURNING id", (name,)):
        _delete_oplog(connection, bucket)


def _find_or_create_bucket(connection: apsw.Connection, name: str) -> tuple[int, int]:
    """The id and `last_applied_op` of the bucket."""
    found = row(connection, "SELECT id, last_applied_op FROM ps_buckets WHERE name = ?", (name,))
    if found is not None:
        return found[0], found[1]
    connection.execute("INSERT INTO ps_buckets(name) VALUES (?)", (name,))
    return connection.last_insert_rowid(), 0


def _stretches(operations: Sequence[Operation]) -> Iterator[tuple[Operation | None, Sequence[Operation]]]:
    """The operations cut before each CLEAR, each stretch with the CLEAR that begins it."""
    begin: Operation | None = None
    start = 0
    for index, operation in enumerate(operations):
        if operation.op is OpType.CLEAR:
            if index > start or begin is not None:
                yield begin, operations[start:index]
            begin, start = operation, index + 1
    yield begin, operations[start:]


def _clear(connection: apsw.Connection, bucket: int, clear: Operation) -> None:
    _delete_oplog(connection, bucket)
    connection.execute(
        "UPDATE ps_buckets SET last_applied_op = 0, add_checksum = ?, op_checksum = 0 WHERE id = ?",
        (clear.checksum & MASK, bucket),
    )


def _delete_oplog(connection: apsw.Connection, bucket: int) -> None:
    connection.execute(
        "INSERT OR IGNORE INTO ps_updated_rows(row_type, row_id) SELECT row_type, row_id FROM ps_oplog"
        " WHERE bucket = ?",
        (bucket,),
    )
    connection.execute("DELETE FROM ps_oplog WHERE bucket = ?", (bucket,))


def _fold(connection: apsw.Connection, bucket: int, operations: Sequence[Operation], bucket_is_new: bool) -> _Fold:
    stored = _take_superseded(connection, bucket, operations)
    fold = _Fold()
    for operation in operations:
        if operation.op is OpType.MOVE:
            fold.add_checksum += operation.checksum
            continue
        key = operation.key
        superseded = list(stored.pop(key, ()))
        if key is not None and (earlier := fold.inserts.pop(key, None)) is not None:
            superseded.append(earlier.checksum)
        moved = sum(superseded)
        fold.add_checksum += moved
        fold.op_checksum -= moved
        if operation.op is OpType.PUT:
            fold.inserts[operation.op_id if key is None else key] = operation
            fold.op_checksum += operation.checksum
        else:
            fold.add_checksum += operation.checksum
            if superseded and not bucket_is_new:
                fold.removed_rows.append((operation.object_type, operation.object_id))
    return fold


def _take_superseded(
    connection: apsw.Connection, bucket: int, operations: Sequence[Operation]
) -> dict[str | None, list[int]]:
    """Delete what these operations supersede; the hashes of the deleted rows by key."""
    keys = [operation.key for operation in operations if operation.op is not OpType.MOVE and operation.key is not None]
    stored: dict[str | None, list[int]] = {}
    if not keys:
        return stored
    deleted = rows(
        connection,
        "DELETE FROM ps_oplog WHERE bucket = ? AND key IN (SELECT value FROM json_each(?)) RETURNING key, hash",
        (bucket, msgspec.json.encode(keys).decode()),
    )
    for key, checksum in deleted:
        stored.setdefault(key, []).append(checksum)
    return stored


def _store(connection: apsw.Connection, bucket: int, fold: _Fold) -> None:
    connection.executemany(
        "INSERT INTO ps_oplog(bucket, op_id, row_type, row_id, key, data, hash) VALUES (?, ?, ?, ?, ?, ?, ?)",
        (
            (
                bucket,
                operation.op_id,
                operation.object_type if operation.key is not None else None,
                operation.object_id if operation.key is not None else None,
                operation.key,
                operation.data_text,
                signed(operation.checksum),
            )
            for operation in fold.inserts.values()
        ),
    )
    if fold.removed_rows:
        connection.executemany(
            "INSERT OR IGNORE INTO ps_updated_rows(row_type, row_id) VALUES (?, ?)", fold.removed_rows
        )
