"""Checkpoints as a timeline shows them: one from its row, and several of one bin as the most severe of them."""

from collections.abc import Iterable
from typing import Any

from inspector.capture.timeline_rows import SEVERITY, CheckpointBar


def rank(order: tuple[Any, ...], outcome: str) -> int:
    """How severe an outcome is in `order`."""
    return order.index(outcome) if outcome in order else len(order)


def bar(values: tuple[Any, ...]) -> CheckpointBar:
    """One checkpoint."""
    (number, frame, op_id, started, data_done, validated, published, ended, outcome, reason, *figures) = values
    write_checkpoint, operations, size = figures
    return CheckpointBar(
        id=number,
        frame=frame,
        op_id=op_id,
        started_at=started,
        data_done_at=data_done,
        validated_at=validated,
        published_at=published,
        ended_at=ended,
        outcome=outcome,
        reason=reason,
        write_checkpoint=write_checkpoint,
        operations=operations,
        bytes=size,
    )


def merged(groups: Iterable[tuple[Any, ...]]) -> CheckpointBar:
    """The checkpoints of one bin, given by outcome."""
    found = list(groups)
    worst = max(found, key=lambda values: rank(SEVERITY, values[0]))
    outcome, _, _, _, number, frame, op_id, reason, *_ = worst
    return CheckpointBar(
        id=number,
        frame=frame,
        op_id=op_id,
        started_at=min(values[2] for values in found),
        ended_at=max(values[3] for values in found),
        outcome=outcome,
        reason=reason,
        write_checkpoint=max((values[8] for values in found if values[8] is not None), default=None),
        operations=sum(values[9] for values in found),
        bytes=sum(values[10] for values in found),
        count=sum(values[1] for values in found),
        outcomes=tuple((values[0], values[1]) for values in found),
    )
