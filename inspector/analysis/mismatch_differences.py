"""Compares a bucket as it was before its deletion with its fresh download, operation by operation."""

from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import TypeAlias

import msgspec

from inspector.capture.bucket_evidence import Baseline
from inspector.capture.rows import MismatchRow
from inspector.protocol.checksums import MASK, as_hex, unsigned
from inspector.protocol.kept_bucket import KeptBucket, KeptOperation
from inspector.protocol.lines import Operation, OpType

MOST_DIFFERENCES = 1_000


class DifferenceKind(StrEnum):
    """How an operation of the bucket is not what the service has."""

    ALTERED = "altered"
    MISSING = "missing"
    EXTRA = "extra"
    DOUBLED = "doubled"


@dataclass(frozen=True, slots=True)
class FieldDifference:
    """One field of a row, or `checksum`: JSON text on both sides; None where there is no such field."""

    name: str
    before: str | None
    fresh: str | None


@dataclass(frozen=True, slots=True)
class Difference:
    """One operation that is not the same."""

    kind: DifferenceKind
    op_id: int
    op: str
    row_type: str
    row_id: str
    checksum: int
    """0 … 2^32-1; the fresh one, where there is one."""
    fields: tuple[FieldDifference, ...] = ()
    remark: str = ""


@dataclass(frozen=True, slots=True)
class Compared:
    """What comparing came to; `possible` says whether there was enough to compare."""

    differences: tuple[Difference, ...]
    possible: bool


_Note: TypeAlias = Callable[[Difference], None]


def summed(start: int, operations: Iterable[Operation]) -> int:
    """A bucket's checksum after `operations`; a CLEAR's stands for all before it (protocol §2)."""
    total = start
    for operation in operations:
        total = operation.checksum if operation.op is OpType.CLEAR else total + operation.checksum
    return total & MASK


def compare_operations(
    mismatch: MismatchRow,
    kept: KeptBucket | None,
    received: Sequence[Operation],
    baseline: Baseline | None,
    fresh: Sequence[Operation],
    fresh_is_whole: bool,
) -> Compared:
    """What differs, up to the checkpoint that failed; a bucket compacted meanwhile is the same bucket.

    `received` are the recorded lines before the mismatch, from `baseline` on, and `fresh` those after it.
    """
    limit = mismatch.checkpoint
    until = [operation for operation in fresh if operation.op_id <= limit]
    by_id = {operation.op_id: operation for operation in until}
    cleared = max((operation.op_id for operation in until if operation.op is OpType.CLEAR), default=0)
    found: dict[tuple[DifferenceKind, int], Difference] = {}

    def note(difference: Difference) -> None:
        found.setdefault((difference.kind, difference.op_id), difference)

    for difference in _doubled_lines(received):
        note(difference)
    if baseline is not None:
        since = max(baseline.after_op, cleared)
        came = {operation.op_id for operation in received}
        if fresh_is_whole:
            for operation in until:
                if operation.op_id > since and operation.op_id not in came and operation.op is not OpType.CLEAR:
                    note(_of(DifferenceKind.MISSING, operation, "It was in no recorded line before the mismatch."))
            for operation in received:
                if cleared < operation.op_id <= limit and operation.op_id not in by_id:
                    note(_of(DifferenceKind.EXTRA, operation, "It came before the mismatch; the service has no such."))
        for operation in received:
            if operation.op_id <= baseline.after_op:
                note(_of(DifferenceKind.DOUBLED, operation, "It came although the client had it already."))
            if (now := by_id.get(operation.op_id)) is not None:
                _note_altered(_as_kept(operation), now, note, "It arrived so.")
    if kept is not None:
        arrived = {operation.op_id for operation in received}
        _compare_kept(kept, until, arrived, cleared, limit if fresh_is_whole else -1, note)
    differences = sorted(found.values(), key=lambda difference: difference.op_id)
    return Compared(tuple(differences[:MOST_DIFFERENCES]), kept is not None or baseline is not None)


def _compare_kept(
    kept: KeptBucket,
    until: Sequence[Operation],
    arrived: set[int],
    cleared: int,
    limit: int,
    note: _Note,
) -> None:
    """The client's own oplog, which holds the newest PUT of each key; what it has beyond `limit` is not judged."""
    by_id = {operation.op_id: operation for operation in until}
    newest: dict[str, Operation] = {}
    for operation in until:
        if operation.key is not None and operation.op is not OpType.MOVE:
            newest[operation.key] = operation
    counts = Counter(operation.op_id for operation in kept.kept)
    keys = Counter(operation.key for operation in kept.kept if operation.key is not None)
    here = {operation.op_id for operation in kept.kept}
    for had in kept.kept:
        if counts[had.op_id] > 1 or (had.key is not None and keys[had.key] > 1):
            note(_kept(DifferenceKind.DOUBLED, had, "The client kept the row of this key more than once."))
        now = by_id.get(had.op_id)
        if now is not None:
            _note_altered(had, now, note, "The client kept it so.")
        elif cleared < had.op_id <= limit:
            note(_kept(DifferenceKind.EXTRA, had, "The client kept it; the service has no such operation."))
        last = newest.get(had.key or "")
        if last is not None and last.op_id > had.op_id and last.op_id not in here:
            note(_of(DifferenceKind.MISSING, last, f"It replaces operation {had.op_id}, which the client kept."))
    if not kept.is_whole:
        return
    for operation in newest.values():
        if operation.op is OpType.PUT and operation.op_id not in here:
            came = operation.op_id in arrived
            remark = "It arrived, and the client did not keep it." if came else "The client did not have it."
            note(_of(DifferenceKind.MISSING, operation, remark))


def _doubled_lines(received: Sequence[Operation]) -> list[Difference]:
    counts = Counter(operation.op_id for operation in received)
    by_id = {operation.op_id: operation for operation in received}
    return [
        _of(DifferenceKind.DOUBLED, by_id[op_id], f"It came {count} times; each counts in the sum.")
        for op_id, count in counts.items()
        if count > 1
    ]


def _note_altered(before: KeptOperation, fresh: Operation, note: _Note, remark: str) -> None:
    fields = list(_row_fields(before, fresh))
    if before.checksum != unsigned(fresh.checksum):
        fields.append(FieldDifference("checksum", as_hex(before.checksum), as_hex(fresh.checksum)))
    if fields:
        note(
            Difference(
                DifferenceKind.ALTERED,
                before.op_id,
                fresh.op,
                before.row_type or fresh.object_type or "",
                before.row_id or fresh.object_id or "",
                unsigned(fresh.checksum),
                tuple(fields),
                remark,
            )
        )


def _row_fields(before: KeptOperation, fresh: Operation) -> Iterable[FieldDifference]:
    # A MOVE or CLEAR is what compacting left of an operation: its content has gone, not changed.
    if fresh.op is not OpType.PUT or before.data is None or not before.data_kept:
        return
    for name, ours, theirs in (
        ("type", before.row_type, fresh.object_type),
        ("id", before.row_id, fresh.object_id),
        ("key", before.key, fresh.key),
    ):
        if ours != theirs:
            yield FieldDifference(name, ours, theirs)
    text = fresh.data_text or ""
    if before.data != text:
        yield from _value_differences(before.data, text)


def _value_differences(before: str, fresh: str) -> Iterable[FieldDifference]:
    ours, theirs = _raw_fields(before), _raw_fields(fresh)
    if ours is None or theirs is None or ours == theirs:
        yield FieldDifference("data", before, fresh)
        return
    for name in dict.fromkeys((*ours, *theirs)):
        if ours.get(name) != theirs.get(name):
            yield FieldDifference(name, ours.get(name), theirs.get(name))


def _raw_fields(text: str) -> dict[str, str] | None:
    """Fields of a row with their values as they are written; None when it is no object."""
    try:
        fields = msgspec.json.decode(text, type=dict[str, msgspec.Raw])
    except msgspec.MsgspecError:
        return None
    return {name: bytes(value).decode() for name, value in fields.items()}


def _as_kept(operation: Operation) -> KeptOperation:
    return KeptOperation(
        operation.op_id,
        operation.object_type,
        operation.object_id,
        operation.key,
        unsigned(operation.checksum),
        operation.data_text if operation.op is OpType.PUT else None,
    )


def _of(kind: DifferenceKind, operation: Operation, remark: str) -> Difference:
    row_type, row_id = operation.object_type or "", operation.object_id or ""
    return Difference(
        kind, operation.op_id, operation.op, row_type, row_id, unsigned(operation.checksum), remark=remark
    )


def _kept(kind: DifferenceKind, operation: KeptOperation, remark: str) -> Difference:
    row_type, row_id = operation.row_type or "", operation.row_id or ""
    return Difference(kind, operation.op_id, OpType.PUT, row_type, row_id, operation.checksum, remark=remark)
