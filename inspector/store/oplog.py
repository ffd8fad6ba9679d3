"""The two ways to keep `ps_oplog`: with its indexes, or without them while a first sync fills it.

Keeping three indexes over random keys costs more than all else of a first sync, so they are made afterwards. Until
then what supersedes what is looked up in memory, for the buckets that are still coming.
"""

from collections.abc import Mapping, Sequence
from typing import Protocol

import apsw
import msgspec

from inspector.protocol.checksums import signed
from inspector.protocol.lines import Operation
from inspector.store.query import row, rows, scalar
from inspector.store.schema import OPLOG_INDEXES

_DROP_INDEXES = """
DROP INDEX IF EXISTS ps_oplog_row;
DROP INDEX IF EXISTS ps_oplog_opid;
DROP INDEX IF EXISTS ps_oplog_key;
"""
_MOST_KEYS_IN_MEMORY = 1_000_000
"""About 100 MB; a first sync with larger buckets goes on with indexes."""


class Oplog(Protocol):
    """Where operations are kept; everything happens inside the caller's transaction."""

    row_types: set[str]
    """Types of rows that were added through this object."""

    def take(self, bucket: int, keys: Sequence[str]) -> dict[str, list[int]]:
        """Delete the operations with these keys; the hashes of the deleted ones by key."""

    def add(self, bucket: int, operations: Mapping[str | int, Operation]) -> None:
        """Keep operations, by key, or by op id where they have none; what they supersede was taken before."""

    def clear(self, bucket: int) -> None:
        """Delete a bucket's operations; its rows are looked at again at the next full publishing."""


class IndexedOplog:
    """The oplog with its indexes: always right, whatever is in the file."""

    def __init__(self, connection: apsw.Connection) -> None:
        self._connection = connection
        self.row_types: set[str] = set()

    def know_row_types(self) -> None:
        """Count what an earlier session has added as added through this object."""
        found = rows(self._connection, "SELECT DISTINCT row_type FROM ps_oplog WHERE row_type IS NOT NULL")
        self.row_types.update(row_type for (row_type,) in found)

    def take(self, bucket: int, keys: Sequence[str]) -> dict[str, list[int]]:
        """Delete the operations with these keys; the hashes of the deleted ones by key."""
        taken: dict[str, list[int]] = {}
        for key, checksum in rows(
            self._connection,
            "DELETE FROM ps_oplog WHERE bucket = ? AND key IN (SELECT value FROM json_each(?)) RETURNING key, hash",
            (bucket, msgspec.json.encode(keys).decode()),
        ):
            taken.setdefault(key, []).append(checksum)
        return taken

    def add(self, bucket: int, operations: Mapping[str | int, Operation]) -> None:
        """Keep operations."""
        values = [_values(bucket, key, operation) for key, operation in operations.items()]
        self.row_types.update(one[2] for one in values if one[2] is not None)
        self._connection.executemany(
            "INSERT INTO ps_oplog(bucket, op_id, row_type, row_id, key, data, hash) VALUES (?, ?, ?, ?, ?, ?, ?)",
            values,
        )

    def clear(self, bucket: int) -> None:
        """Delete a bucket's operations."""
        clear_oplog(self._connection, bucket)


class UnindexedOplog:
    """The oplog of a first sync, without indexes; `usable` tells whether it can take the next line.

    Keys are remembered by their hash. Two different keys with the same hash make the bucket's lookups scan.
    """

    def __init__(self, connection: apsw.Connection) -> None:
        connection.execute(_DROP_INDEXES)
        self._connection = connection
        self._next_rowid = 1 + int(scalar(connection, "SELECT coalesce(max(rowid), 0) FROM ps_oplog"))
        self._rowids: dict[int, dict[int, int]] = {}
        self._scanned: set[int] = set()
        self._complete: set[int] = set()
        self._keys = 0
        self.is_odd = False
        """An operation names no row, brings none or has the id 0: what is here cannot be shown at once."""
        self.row_types: set[str] = set()

    def usable(self, bucket: int) -> bool:
        """Everything that a line of this bucket could supersede is known."""
        return bucket not in self._complete and self._keys < _MOST_KEYS_IN_MEMORY

    def complete(self, bucket: int) -> None:
        """No more lines of this bucket are expected: what is known of it is forgotten."""
        self._keys -= len(self._rowids.pop(bucket, ()))
        self._complete.add(bucket)

    def take(self, bucket: int, keys: Sequence[str]) -> dict[str, list[int]]:
        """Delete the operations with these keys; the hashes of the deleted ones by key."""
        if bucket in self._scanned:
            return IndexedOplog(self._connection).take(bucket, keys)
        known = self._rowids.get(bucket)
        taken: dict[str, list[int]] = {}
        if not known:
            return taken
        for key in keys:
            rowid = known.get(hash(key))
            if rowid is None:
                continue
            found = row(self._connection, "SELECT key, hash FROM ps_oplog WHERE rowid = ?", (rowid,))
            if found is not None and found[0] == key:
                self._connection.execute("DELETE FROM ps_oplog WHERE rowid = ?", (rowid,))
                del known[hash(key)]
                self._keys -= 1
                taken[key] = [found[1]]
        return taken

    def add(self, bucket: int, operations: Mapping[str | int, Operation]) -> None:
        """Keep operations."""
        known = self._rowids.setdefault(bucket, {})
        before = len(known)
        values = []
        for rowid, (key, operation) in enumerate(operations.items(), self._next_rowid):
            one = _values(bucket, key, operation)
            values.append((rowid, *one))
            if one[4] is None or one[5] is None or not one[1]:
                self.is_odd = True
            if one[4] is None:
                continue
            if known.setdefault(hash(key), rowid) != rowid:
                self._scanned.add(bucket)
            self.row_types.add(str(one[2]))
        self._next_rowid += len(values)
        self._keys += len(known) - before
        self._connection.executemany(
            "INSERT INTO ps_oplog(rowid, bucket, op_id, row_type, row_id, key, data, hash)"
            " VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
            values,
        )

    def clear(self, bucket: int) -> None:
        """Delete a bucket's operations."""
        clear_oplog(self._connection, bucket)
        self._keys -= len(self._rowids.pop(bucket, ()))

    def make_indexes(self) -> None:
        """The end of the first sync, inside the caller's transaction; this object is of no use afterwards."""
        self._connection.execute(OPLOG_INDEXES)


def clear_oplog(connection: apsw.Connection, bucket: int) -> None:
    """Delete a bucket's operations; its rows are looked at again at the next full publishing."""
    connection.execute(
        "INSERT OR IGNORE INTO ps_updated_rows(row_type, row_id) SELECT row_type, row_id FROM ps_oplog"
        " WHERE bucket = ?",
        (bucket,),
    )
    connection.execute("DELETE FROM ps_oplog WHERE bucket = ?", (bucket,))


def _values(
    bucket: int, key: str | int, operation: Operation
) -> tuple[int, int, str | None, str | None, str | None, str | None, int]:
    if isinstance(key, int):
        return bucket, operation.op_id, None, None, None, operation.data_text, signed(operation.checksum)
    data = operation.data
    return (
        bucket,
        operation.op_id,
        operation.object_type,
        operation.object_id,
        key,
        data if isinstance(data, str) else operation.data_text,
        signed(operation.checksum),
    )
