"""Compacting and defragmenting: buckets with fewer operations and the same rows (protocol §7)."""

import asyncio
from collections.abc import Iterator

import apsw
from msgspec import Struct

from inspector.protocol.checksums import MASK, signed
from inspector.protocol.lines import OpType
from inspector.service.buckets import BucketState, BucketStorage, NewOperation
from inspector.service.feed import Change, ChangeFeed

_MOVE = """
WITH newest AS (
  SELECT op_id, max(op_id) OVER (PARTITION BY object_type, object_id, subkey) AS target
  FROM sync_operation WHERE bucket_id = ?1 AND object_id IS NOT NULL
)
UPDATE sync_operation SET op = 'MOVE', object_type = NULL, object_id = NULL, subkey = NULL, data = NULL
FROM newest WHERE sync_operation.op_id = newest.op_id AND newest.op_id < newest.target
"""
_LEADING_RUN = """
SELECT count(*), coalesce(sum(checksum), 0), max(op_id) FROM sync_operation
WHERE bucket_id = ?1
  AND op_id < coalesce((SELECT min(op_id) FROM sync_operation WHERE bucket_id = ?1 AND op = 'PUT'), 9223372036854775807)
"""
_BEFORE_A_GAP = """
SELECT op_id, object_type, object_id, subkey, data, checksum FROM sync_operation
WHERE bucket_id = ?1 AND op = 'PUT' AND op_id > ?2
  AND op_id < (SELECT max(op_id) FROM sync_operation WHERE bucket_id = ?1 AND op <> 'PUT')
ORDER BY op_id LIMIT 1000
"""


class Compacted(Struct, frozen=True):
    """What it came to, over all buckets: operations before and after, and rows that clients get again."""

    operations_before: int
    operations_after: int
    touched: int = 0


class Compaction:
    """Works bucket by bucket and lets streams go on in between."""

    def __init__(self, connection: apsw.Connection, buckets: BucketStorage, feed: ChangeFeed) -> None:
        self._connection = connection
        self._buckets = buckets
        self._feed = feed

    async def compact(self) -> Compacted:
        """What a later operation of the same row replaces becomes MOVE, and what leads a bucket without rows CLEAR."""
        before = self._operations()
        for name in self._buckets.names():
            self._compact_bucket(name)
            await asyncio.sleep(0)
        return Compacted(before, self._operations())

    async def defragment(self) -> Compacted:
        """Puts rows that lie before operations without content at the end, then compacts: clients get them again."""
        before = self._operations()
        await self.compact()
        touched = 0
        for name in self._buckets.names():
            for operations in self._to_touch(name):
                with self._connection:
                    states = self._buckets.append(operations)
                self._buckets.adopt(states)
                self._feed.announce(Change(frozenset(states)))
                touched += len(operations)
                await asyncio.sleep(0)
        after = await self.compact()
        return Compacted(before, after.operations_after, touched)

    def _operations(self) -> int:
        return sum(self._buckets.state(name).operations for name in self._buckets.names())

    def _compact_bucket(self, name: str) -> None:
        state = self._buckets.state(name)
        with self._connection:
            changes = self._connection.total_changes()
            self._connection.execute(_MOVE, (state.id,))
            count, checksum, last = next(self._connection.execute(_LEADING_RUN, (state.id,)))
            if count > 1:
                self._connection.execute(
                    "DELETE FROM sync_operation WHERE bucket_id = ? AND op_id < ?", (state.id, last)
                )
                self._connection.execute(
                    "UPDATE sync_operation SET op = 'CLEAR', object_type = NULL, object_id = NULL, subkey = NULL,"
                    " data = NULL, checksum = ? WHERE op_id = ?",
                    (signed(checksum & MASK), last),
                )
            if self._connection.total_changes() == changes:
                return
            operations = state.operations - max(0, count - 1)
            self._connection.execute("UPDATE sync_bucket SET count = ? WHERE id = ?", (operations, state.id))
        self._buckets.adopt({name: BucketState(state.id, state.checksum, operations, state.last_op_id)})
        self._buckets.invalidate_before(state.id, state.last_op_id)

    def _to_touch(self, name: str) -> Iterator[list[NewOperation]]:
        """The rows before the last operation without content, as operations to be appended."""
        bucket_id = self._buckets.state(name).id
        after = 0
        while True:
            rows = list(self._connection.execute(_BEFORE_A_GAP, (bucket_id, after)))
            if not rows:
                return
            after = int(rows[-1][0])
            yield [NewOperation(name, OpType.PUT, *row[1:]) for row in rows]
