"""What is worth keeping of a validation: when it ended, and the buckets that failed, before they are deleted."""

from dataclasses import dataclass, field

import apsw

from inspector.protocol.checksums import unsigned
from inspector.protocol.kept_bucket import KeptBucket, KeptOperation
from inspector.store.query import row

MOST_OPERATIONS = 100_000
"""Of one bucket; beyond it the first ones are kept, and how many there were."""
MOST_DATA = 32 * 1024 * 1024
"""Characters of rows; beyond it operations are kept without their row."""

_OPERATIONS = """
SELECT op_id, row_type, row_id, key, hash, data FROM ps_oplog WHERE bucket = ? ORDER BY op_id LIMIT ?
"""


@dataclass(slots=True)
class Validation:
    """Filled by one call of `publish`."""

    ended_at: int | None = None
    """ns since the Unix epoch."""
    failed: list[KeptBucket] = field(default_factory=list)

    def keep(self, connection: apsw.Connection, name: str) -> None:
        """Remember a bucket as it is; one that is not there is passed over."""
        sql = "SELECT id, last_op, last_applied_op FROM ps_buckets WHERE name = ?"
        if (found := row(connection, sql, (name,))) is None:
            return
        bucket, last_op, last_applied_op = found
        count = row(connection, "SELECT count(*) FROM ps_oplog WHERE bucket = ?", (bucket,))
        kept: list[KeptOperation] = []
        room = MOST_DATA
        for op_id, row_type, row_id, key, checksum, data in connection.execute(_OPERATIONS, (bucket, MOST_OPERATIONS)):
            room -= len(data or "")
            whole = room >= 0
            kept.append(KeptOperation(op_id, row_type, row_id, key, unsigned(checksum), data if whole else None, whole))
        self.failed.append(KeptBucket(name, last_op, last_applied_op, count[0] if count else 0, tuple(kept)))
