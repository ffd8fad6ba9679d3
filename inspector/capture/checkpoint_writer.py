"""Writing what becomes of checkpoints: the part of `CaptureWriter` that follows each connection's target."""

from collections.abc import Callable, Iterable, Mapping
from typing import Any

import msgspec
from msgspec.structs import replace

from inspector.capture.batch import Batch
from inspector.capture.frame_facts import stored_integer
from inspector.capture.outcome import Outcome
from inspector.capture.redact import redact_text, storable
from inspector.capture.rows import CheckpointRow, MismatchRow
from inspector.protocol.checksums import unsigned
from inspector.protocol.events import BucketMismatch
from inspector.protocol.kept_bucket import KeptBucket
from inspector.protocol.lines import BucketChecksum, Checkpoint, CheckpointDiff


class CheckpointWriter:
    """Puts checkpoints and mismatches into a batch; a connection has one target at a time."""

    def __init__(self, last_ids: Mapping[str, int], now_ns: Callable[[], int]) -> None:
        """`last_ids` are the highest ids in use, by table."""
        self._batch = Batch()
        self._targets: dict[int, CheckpointRow] = {}
        self._last_ids = dict(last_ids)
        self._now_ns = now_ns

    def set_outcome(
        self,
        frame: int,
        outcome: Outcome,
        *,
        pending_writes: int | None = None,
        bucket: str | None = None,
        buckets: int | None = None,
    ) -> None:
        """What became of a frame; partial checkpoints are noted by this alone."""
        name = None if bucket is None else storable(bucket)
        self._batch.set_outcome(frame, outcome, pending_writes, name, buckets)

    def checkpoint_started(self, connection: int, frame: int, line: Checkpoint | CheckpointDiff) -> int:
        """`line` is the connection's new target; one that was not complete is superseded. The checkpoint's id."""
        previous = self._targets.get(connection)
        self._end_incomplete(
            connection, Outcome.SUPERSEDED, f"Checkpoint {line.last_op_id} came before it was complete."
        )
        checkpoint = self._next("checkpoints")
        builds_on = previous.base if isinstance(line, CheckpointDiff) and previous is not None else checkpoint
        self._put_target(
            CheckpointRow(
                id=checkpoint,
                connection=connection,
                frame=frame,
                base=builds_on,
                op_id=line.last_op_id,
                write_checkpoint=line.write_checkpoint,
                received_at=self._at(None),
            )
        )
        if isinstance(line, Checkpoint):
            self._add_buckets(checkpoint, line.buckets)
        else:
            for removed in line.removed_buckets:
                self._batch.add_bucket(checkpoint, storable(removed), None, None, None, None)
            self._add_buckets(checkpoint, line.updated_buckets)
        return checkpoint

    def checkpoint_data(self, connection: int, operations: int, size: int) -> None:
        """A data line with so many operations and bytes has come while the target was in force."""
        target = self._targets.get(connection)
        if target is not None:
            self._put_target(replace(target, operations=target.operations + operations, bytes=target.bytes + size))

    def checkpoint_data_done(self, connection: int, *, at: int | None = None) -> None:
        """The line that completes the target has come."""
        self._change_target(connection, data_done_at=self._at(at))

    def checkpoint_validated(self, connection: int, *, at: int | None = None) -> None:
        """All buckets of the target match."""
        self._change_target(connection, validated_at=self._at(at))

    def checkpoint_published(self, connection: int, frame: int | None) -> None:
        """The target is what the tables show; `frame` is the line that completed it."""
        target = self._targets.get(connection)
        was_held = target is not None and target.outcome == Outcome.HELD
        reason = f"It was held back at first. {target.reason}" if target is not None and was_held else ""
        self._change_target(connection, published_at=self._at(None), outcome=Outcome.APPLIED, reason=reason)
        self._set_outcome_of_line(frame, Outcome.APPLIED)

    def checkpoint_held(self, connection: int, frame: int | None, pending_writes: int) -> None:
        """The target is valid but not shown: `pending_writes` are not uploaded; 0: they are not confirmed."""
        reason = "The service had not confirmed the uploads."
        if pending_writes == 1:
            reason = "1 local write was not uploaded."
        elif pending_writes > 1:
            reason = f"{pending_writes} local writes were not uploaded."
        self._change_target(connection, outcome=Outcome.HELD, reason=reason)
        self._set_outcome_of_line(frame, Outcome.HELD, pending_writes=pending_writes)

    def checkpoint_mismatched(
        self,
        connection: int,
        frame: int | None,
        buckets: Iterable[BucketMismatch],
        kept: Iterable[KeptBucket] = (),
    ) -> None:
        """Buckets of the target failed validation; `kept` are those that were deleted, as they were."""
        failed, evidence = list(buckets), {bucket.name: bucket for bucket in kept}
        for mismatch in failed:
            self.mismatch(connection, frame, mismatch, evidence.get(mismatch.bucket))
        self._change_target(
            connection, outcome=Outcome.MISMATCH, reason="A bucket did not match its checksum.", validated_at=None
        )
        first = failed[0].bucket if failed else None
        self._set_outcome_of_line(frame, Outcome.MISMATCH, bucket=first, buckets=len(failed))

    def mismatch(
        self, connection: int, frame: int | None, mismatch: BucketMismatch, kept: KeptBucket | None = None
    ) -> None:
        """The evidence of one bucket that failed validation, of a full checkpoint or a partial one."""
        target = self._targets.get(connection)
        number = self._next("mismatches")
        if kept is not None:
            self._batch.keep(number, kept)
        self._batch.put(
            MismatchRow(
                id=number,
                found_at=self._at(None),
                connection=connection,
                frame=frame,
                checkpoint=target.op_id if target is not None else 0,
                bucket=storable(mismatch.bucket),
                expected=unsigned(mismatch.expected),
                add_checksum=unsigned(mismatch.add_checksum),
                op_checksum=unsigned(mismatch.op_checksum),
            )
        )

    def checkpoint_interrupted(self, connection: int, reason: str) -> None:
        """The stream ends; `close_connection` says so by itself. Nothing happens to a target that was complete."""
        self._end_incomplete(connection, Outcome.INTERRUPTED, reason)

    def _add_buckets(self, checkpoint: int, buckets: Iterable[BucketChecksum]) -> None:
        for bucket in buckets:
            self._batch.add_bucket(
                checkpoint,
                storable(bucket.bucket),
                unsigned(bucket.checksum),
                stored_integer(bucket.count),
                bucket.priority,
                msgspec.json.encode(bucket.subscriptions).decode() if bucket.subscriptions else None,
            )

    def _end_incomplete(self, connection: int, outcome: Outcome, reason: str) -> None:
        target = self._targets.get(connection)
        if target is not None and target.outcome == Outcome.RECEIVING:
            self._put_target(replace(target, outcome=outcome, reason=redact_text(reason)))
            self.set_outcome(target.frame, outcome)

    def _set_outcome_of_line(self, frame: int | None, outcome: Outcome, **facts: Any) -> None:
        if frame is not None:
            self.set_outcome(frame, outcome, **facts)

    def _change_target(self, connection: int, **changes: Any) -> None:
        target = self._targets.get(connection)
        if target is not None:
            self._put_target(replace(target, **changes))

    def _put_target(self, row: CheckpointRow) -> None:
        self._targets[row.connection] = row
        self._batch.put(row)

    def _next(self, table: str) -> int:
        self._last_ids[table] += 1
        return self._last_ids[table]

    def _at(self, given: int | None) -> int:
        return self._now_ns() if given is None else given
