"""How much of the target checkpoint is here (protocol §4; counts are operations)."""

from dataclasses import dataclass

import apsw

from inspector.protocol.checkpoints import TargetCheckpoint
from inspector.store.query import rows


@dataclass(frozen=True, slots=True)
class Progress:
    """Operations of a checkpoint: what is local already, and the whole."""

    done: int
    total: int


def begin_progress(connection: apsw.Connection, target: TargetCheckpoint) -> Progress:
    """Progress at the start of `target`; inside the caller's transaction.

    Where a bucket has shrunk below what is local (compacted, or deployed anew) no progress can be told, so all
    counters start from zero, as they do in the official clients.
    """
    counts = {bucket.bucket: bucket.count or 0 for bucket in target.buckets.values()}
    total = sum(counts.values())
    done = 0
    for name, at_last, since_last in rows(connection, "SELECT name, count_at_last, count_since_last FROM ps_buckets"):
        if name not in counts:
            continue
        if counts[name] < at_last + since_last:
            connection.execute("UPDATE ps_buckets SET count_since_last = 0, count_at_last = 0")
            return Progress(0, total)
        done += at_last + since_last
    return Progress(done, total)
