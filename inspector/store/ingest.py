"""Operations into the oplog (protocol §4, data line): supersede, REMOVE, MOVE and CLEAR, with both sums kept.

A line is folded in memory first, so that it costs one DELETE, one batch of INSERTs and one UPDATE whatever the
number of its operations. A CLEAR ends a stretch: what stands before it is stored before it is cleared, because the
rows that it takes away have to be looked at again.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

import apsw

from inspector.protocol.checksums import MASK
from inspector.protocol.lines import DataLine, Operation, OpType
from inspector.store.oplog import Oplog, clear_oplog
from inspector.store.query import row, rows


@dataclass(frozen=True, slots=True)
class Bucket:
    """A row of `ps_buckets`, as far as a data line asks for it."""

    id: int
    last_applied_op: int


@dataclass(slots=True)
class _Fold:
    """What a stretch of operations without CLEAR comes to."""

    inserts: dict[str | int, Operation] = field(default_factory=dict)
    removed_rows: list[tuple[str | None, str | None]] = field(default_factory=list)
    add_checksum: int = 0
    op_checksum: int = 0


def save_operations(connection: apsw.Connection, oplog: Oplog, bucket: Bucket, line: DataLine, size: int) -> None:
    """Store one data line of `size` bytes; inside the caller's transaction."""
    if not line.data:
        return
    bucket_is_new = bucket.last_applied_op == 0
    add_checksum = op_checksum = 0
    for clear, stretch in _stretches(line.data):
        if clear is not None:
            oplog.clear(bucket.id)
            connection.execute(
                "UPDATE ps_buckets SET last_applied_op = 0, add_checksum = ?, op_checksum = 0 WHERE id = ?",
                (clear.checksum & MASK, bucket.id),
            )
            bucket_is_new = True
            add_checksum = op_checksum = 0
        fold = _fold(oplog, bucket.id, stretch, bucket_is_new)
        _store(connection, oplog, bucket.id, fold)
        add_checksum += fold.add_checksum
        op_checksum += fold.op_checksum
    connection.execute(
        "UPDATE ps_buckets SET last_op = ?2, add_checksum = (add_checksum + ?3) & 0xffffffff,"
        " op_checksum = (op_checksum + ?4) & 0xffffffff, count_since_last = count_since_last + ?5,"
        " downloaded_size = downloaded_size + ?6 WHERE id = ?1",
        (bucket.id, line.data[-1].op_id, add_checksum & MASK, op_checksum & MASK, len(line.data), size),
    )


def delete_bucket(connection: apsw.Connection, name: str) -> None:
    """Forget a bucket; its rows are looked at again at the next full publishing."""
    for (bucket,) in rows(connection, "DELETE FROM ps_buckets WHERE name = ? RETURNING id", (name,)):
        clear_oplog(connection, bucket)


def find_or_create_bucket(connection: apsw.Connection, name: str) -> Bucket:
    """The bucket's row, made if it is not there; inside the caller's transaction."""
    found = row(connection, "SELECT id, last_applied_op FROM ps_buckets WHERE name = ?", (name,))
    if found is not None:
        return Bucket(found[0], found[1])
    connection.execute("INSERT INTO ps_buckets(name) VALUES (?)", (name,))
    return Bucket(connection.last_insert_rowid(), 0)


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


def _fold(oplog: Oplog, bucket: int, operations: Sequence[Operation], bucket_is_new: bool) -> _Fold:
    keys = [operation.key for operation in operations]
    changed = [key for key, one in zip(keys, operations, strict=True) if key is not None and one.op is not OpType.MOVE]
    stored = oplog.take(bucket, changed) if changed else {}
    fold = _Fold()
    for key, operation in zip(keys, operations, strict=True):
        if operation.op is OpType.MOVE:
            fold.add_checksum += operation.checksum
            continue
        superseded = [] if key is None else stored.pop(key, [])
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


def _store(connection: apsw.Connection, oplog: Oplog, bucket: int, fold: _Fold) -> None:
    if fold.inserts:
        oplog.add(bucket, fold.inserts)
    if fold.removed_rows:
        connection.executemany(
            "INSERT OR IGNORE INTO ps_updated_rows(row_type, row_id) VALUES (?, ?)", fold.removed_rows
        )
