"""What a line says of itself: the columns of `frames` that come from the decoded line."""

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from operator import attrgetter

from inspector.capture.redact import storable
from inspector.protocol.lines import (
    BucketChecksum,
    Checkpoint,
    CheckpointComplete,
    CheckpointDiff,
    DataLine,
    Keepalive,
    Line,
    OpType,
    PartialCheckpointComplete,
    UnknownLine,
    kind_of,
)

_LONGEST_INTEGER = 2**63 - 1
_LONGEST_KIND = 200

_op_and_type = attrgetter("op", "object_type")


@dataclass(slots=True)
class FrameFacts:
    """Fields as in `rows.FrameRow`; `checkpoint` is set by lines that name a new target."""

    kind: str = ""
    bucket: str | None = None
    checkpoint: int | None = None
    priority: int | None = None
    first_op_id: int | None = None
    last_op_id: int | None = None
    puts: int = 0
    removes: int = 0
    moves: int = 0
    clears: int = 0
    row_types: str = ""
    buckets: int | None = None
    removed_buckets: int | None = None
    total_operations: int | None = None
    expires_in: float | None = None

    @property
    def operations(self) -> int:
        """How many operations a data line brings."""
        return self.puts + self.removes + self.moves + self.clears


def facts_of(line: Line | None) -> FrameFacts:
    """The facts of a decoded line; of a frame that could not be read there are none."""
    match line:
        case DataLine():
            return _data(line)
        case Checkpoint(last_op_id, buckets):
            return FrameFacts(
                "checkpoint", checkpoint=last_op_id, buckets=len(buckets), total_operations=_total(buckets)
            )
        case CheckpointDiff(last_op_id, updated, removed):
            return FrameFacts(
                "checkpoint_diff", checkpoint=last_op_id, buckets=len(updated), removed_buckets=len(removed)
            )
        case PartialCheckpointComplete(priority):
            return FrameFacts("partial_checkpoint_complete", priority=priority)
        case CheckpointComplete():
            return FrameFacts(kind_of(line))
        case Keepalive(expires_in):
            return FrameFacts(kind_of(line), expires_in=expires_in)
        case UnknownLine(name):
            return FrameFacts(storable(name)[:_LONGEST_KIND])
        case None:
            return FrameFacts()


def _data(line: DataLine) -> FrameFacts:
    facts = FrameFacts("data", bucket=storable(line.bucket))
    operations = line.data
    if not operations:
        return facts
    facts.first_op_id, facts.last_op_id = operations[0].op_id, operations[-1].op_id
    one = {_op_and_type(operations[0]): 1} if len(operations) == 1 else None
    counts: Mapping[tuple[OpType, str | None], int] = one or Counter(map(_op_and_type, operations))
    types: dict[str, None] = {}
    for (op, object_type), count in counts.items():
        if op is OpType.PUT:
            facts.puts += count
        elif op is OpType.REMOVE:
            facts.removes += count
        elif op is OpType.MOVE:
            facts.moves += count
        else:
            facts.clears += count
        if object_type is not None:
            types[object_type] = None
    facts.row_types = storable(", ".join(types))
    return facts


def stored_integer(number: int | None) -> int | None:
    """`number` as SQLite can hold it: None when it is beyond 64 bits."""
    return number if number is not None and -_LONGEST_INTEGER <= number <= _LONGEST_INTEGER else None


def _total(buckets: tuple[BucketChecksum, ...]) -> int | None:
    """The sum of the buckets' counts, None when one has none."""
    total = 0
    for bucket in buckets:
        if bucket.count is None:
            return None
        total += bucket.count
    return stored_integer(total)
