"""The checkpoint that the client works towards: a full one, patched by the diffs since (protocol §2, §4)."""

from collections.abc import Mapping
from dataclasses import dataclass

from inspector.protocol.lines import BucketChecksum, Checkpoint, CheckpointDiff, StreamDescription


@dataclass(frozen=True, slots=True)
class TargetCheckpoint:
    """Everything that is known of the target; `buckets` by name."""

    last_op_id: int
    write_checkpoint: int | None
    buckets: Mapping[str, BucketChecksum]
    streams: tuple[StreamDescription, ...]

    @classmethod
    def of(cls, line: Checkpoint) -> "TargetCheckpoint":
        """The target that a full checkpoint sets."""
        return cls(
            line.last_op_id, line.write_checkpoint, {bucket.bucket: bucket for bucket in line.buckets}, line.streams
        )

    def patched(self, diff: CheckpointDiff) -> "TargetCheckpoint":
        """The target after `diff`: its `last_op_id` and `write_checkpoint` replace ours, absent or not."""
        buckets = dict(self.buckets)
        for name in diff.removed_buckets:
            buckets.pop(name, None)
        buckets.update((bucket.bucket, bucket) for bucket in diff.updated_buckets)
        return TargetCheckpoint(diff.last_op_id, diff.write_checkpoint, buckets, self.streams)

    def up_to(self, priority: int | None) -> list[BucketChecksum]:
        """The buckets of `priority` and all higher ones (lower numbers); all of them for None."""
        if priority is None:
            return list(self.buckets.values())
        return [bucket for bucket in self.buckets.values() if bucket.effective_priority <= priority]
