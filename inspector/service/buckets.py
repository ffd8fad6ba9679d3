"""Buckets and their operations: appended in transactions, summed as they grow, read in chunks."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import NamedTuple

import apsw

from inspector.protocol.checksums import MASK
from inspector.protocol.lines import OpType
from inspector.service.storage import LAST_OP_ID, kept_value

MAX_LINE_OPERATIONS = 1_000
MAX_LINE_BYTES = 1_000_000
"""A data line ends with the operation that reaches one of the two (protocol §2)."""

_INSERT = "INSERT INTO sync_operation VALUES(?, ?, ?, ?, ?, ?, ?, ?)"
_UPDATE = "INSERT OR REPLACE INTO sync_bucket(id, name, checksum, count, last_op_id) VALUES(?, ?, ?, ?, ?)"
_READ = """
SELECT op_id, op, object_type, object_id, subkey, data, checksum FROM sync_operation
WHERE bucket_id = ? AND op_id > ? AND op_id <= ? ORDER BY op_id
"""


class NewOperation(NamedTuple):
    """An operation before it has an op id; `checksum` is 0 … 2^32-1."""

    bucket: str
    op: OpType
    object_type: str
    object_id: str
    subkey: str
    data: str | None
    checksum: int


class StoredOperation(NamedTuple):
    """An operation as it is read back; all but `op_id`, `op` and `checksum` may be None."""

    op_id: int
    op: str
    object_type: str | None
    object_id: str | None
    subkey: str | None
    data: str | None
    checksum: int


class BucketState(NamedTuple):
    """A bucket's sums: `checksum` 0 … 2^32-1, `operations` how many it has."""

    id: int
    checksum: int
    operations: int
    last_op_id: int


NO_OPERATIONS = BucketState(0, 0, 0, 0)


@dataclass(frozen=True, slots=True)
class Chunk:
    """Operations of one bucket that fit into a line; `has_more` says that there are others up to the bound."""

    operations: list[StoredOperation]
    has_more: bool

    @property
    def next_after(self) -> int:
        """Where the next chunk begins; a chunk is never empty."""
        return self.operations[-1].op_id


class BucketStorage:
    """All buckets. The sums are kept in memory as well, so that a checkpoint needs no query."""

    def __init__(self, connection: apsw.Connection) -> None:
        self._connection = connection
        rows = connection.execute("SELECT name, id, checksum, count, last_op_id FROM sync_bucket")
        self._states = {name: BucketState(*state) for name, *state in rows}
        self.revision = 0
        """Goes up when operations that were there are no longer what they were."""
        self._oldest_valid: dict[int, int] = {}
        """By bucket id, for as long as the service runs: no stream is older."""
        self._next_id = max((state.id for state in self._states.values()), default=0) + 1
        newest: int = connection.execute("SELECT coalesce(max(op_id), 0) FROM sync_operation").get
        self.last_op_id = max(newest, int(kept_value(connection, LAST_OP_ID) or 0))
        """The newest op id of all buckets."""

    def state(self, name: str) -> BucketState:
        """The sums of a bucket; one without operations need not exist."""
        return self._states.get(name, NO_OPERATIONS)

    def names(self) -> tuple[str, ...]:
        """All buckets that have operations."""
        return tuple(self._states)

    def invalidate_before(self, bucket_id: int, op_id: int) -> None:
        """Says that compacting has removed what a checkpoint before `op_id` would need."""
        self._oldest_valid[bucket_id] = op_id
        self.revision += 1

    def is_readable(self, state: BucketState) -> bool:
        """The operations up to this state are all there, so that a checkpoint with it can be completed."""
        return self._oldest_valid.get(state.id, 0) <= state.last_op_id

    def append(self, operations: Iterable[NewOperation]) -> Mapping[str, BucketState]:
        """Writes `operations` in the caller's transaction and gives the new states, for `adopt` after the commit."""
        op_id = self.last_op_id
        next_id = self._next_id
        touched: dict[str, BucketState] = {}
        rows: list[tuple[int | str | None, ...]] = []
        for bucket, op, object_type, object_id, subkey, data, checksum in operations:
            op_id += 1
            state = touched.get(bucket) or self._states.get(bucket)
            if state is None:
                state = BucketState(next_id, 0, 0, 0)
                next_id += 1
            touched[bucket] = BucketState(state.id, (state.checksum + checksum) & MASK, state.operations + 1, op_id)
            rows.append((op_id, state.id, op.value, object_type, object_id, subkey, data, checksum))
        self._connection.executemany(_INSERT, rows)
        self._connection.executemany(
            _UPDATE,
            ((state.id, name, state.checksum, state.operations, state.last_op_id) for name, state in touched.items()),
        )
        return touched

    def adopt(self, states: Mapping[str, BucketState]) -> None:
        """Takes over what a committed transaction appended."""
        self._states.update(states)
        for state in states.values():
            self.last_op_id = max(self.last_op_id, state.last_op_id)
            self._next_id = max(self._next_id, state.id + 1)

    def read(self, bucket_id: int, after: int, up_to: int) -> Chunk | None:
        """The next operations with `after` < op id ≤ `up_to`, as many as fit into a line; None when there are none."""
        operations: list[StoredOperation] = []
        size = 0
        cursor = self._connection.execute(_READ, (bucket_id, after, up_to))
        for row in cursor:
            if size >= MAX_LINE_BYTES or len(operations) >= MAX_LINE_OPERATIONS:
                cursor.close()
                return Chunk(operations, has_more=True)
            operation = StoredOperation(*row)
            operations.append(operation)
            size += len(operation.data or "")
        return Chunk(operations, has_more=False) if operations else None
