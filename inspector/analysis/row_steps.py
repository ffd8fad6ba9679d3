"""What happened to a row, step by step: operations, and local writes that wait or were uploaded."""

from inspector.analysis.pending_writes import change_words, fields_of, same_value
from inspector.analysis.row_facts import RowFacts, Step, StepState
from inspector.analysis.row_history import RowSearch


def steps_of(facts: RowFacts, search: RowSearch) -> list[Step]:
    """Local writes that wait first, then operations by their ids, downwards, with what was uploaded between them."""
    local = [
        Step(
            write.entry.op or "?",
            "waiting",
            change_words(write),
            at=write.written_at,
            tx_id=write.entry.tx_id,
            values=tuple((change.column, change.after or "") for change in write.changes if change.after is not None),
            values_before=tuple(
                (change.column, change.before) for change in write.changes if change.before is not None
            ),
        )
        for write in reversed(facts.pending)
    ]
    steps = _operation_steps(facts, search)
    for upload in _uploaded_steps(search):
        # Operations whose time is not known were there before the recording began.
        older = (number for number, step in enumerate(steps) if not step.is_local and (step.at or 0) < (upload.at or 0))
        steps.insert(next(older, len(steps)), upload)
    return local + steps


def _uploaded_steps(search: RowSearch) -> list[Step]:
    return [
        Step(
            write.op,
            "uploaded",
            write.words,
            at=upload.ended_at or upload.started_at,
            tx_id=upload.tx_id,
            upload=upload.id,
            values=write.values,
        )
        for upload, write in search.uploaded
    ]


def _operation_steps(facts: RowFacts, search: RowSearch) -> list[Step]:
    kept = {(operation.bucket, operation.op_id): operation for operation in facts.operations}
    came = {(found.bucket, int(found.operation.op_id)): found for found in search.found}
    steps: list[Step] = []
    before: dict[str, str] | None = None
    for bucket, op_id in sorted(kept.keys() | came.keys(), key=lambda key: key[1]):
        operation, found = kept.get((bucket, op_id)), came.get((bucket, op_id))
        op = operation.op if operation is not None else str(found.operation.op) if found is not None else ""
        data = operation.data if operation is not None else found.operation.data_text if found is not None else None
        values = fields_of(data)
        steps.append(
            Step(
                op,
                _operation_state(facts, bucket, op_id, op, operation is not None),
                _difference(op, before, values),
                op_id=op_id,
                bucket=bucket,
                frame=found.frame if found is not None else None,
                at=found.received_at if found is not None else None,
                values=tuple(values.items()),
                values_before=None if before is None else tuple(before.items()),
            )
        )
        before = values if op == "PUT" else before
    return steps[::-1]


def _operation_state(facts: RowFacts, bucket: str, op_id: int, op: str, kept: bool) -> StepState:
    if op == "REMOVE":
        return "left"
    if not kept:
        return "superseded"
    newest = facts.newest
    if newest is not None and (newest.bucket, newest.op_id) == (bucket, op_id):
        return "newer" if op_id > facts.applied.get(bucket, 0) else "shown"
    if newest is not None and newest.bucket != bucket and _says_the_same(facts, bucket, op_id):
        return "also"
    return "newer" if op_id > facts.applied.get(bucket, 0) else "superseded"


def _says_the_same(facts: RowFacts, bucket: str, op_id: int) -> bool:
    copy = next((it for it in facts.operations if (it.bucket, it.op_id) == (bucket, op_id)), None)
    if copy is None or facts.newest is None:
        return False
    one, other = fields_of(copy.data), fields_of(facts.newest.data)
    return all(same_value(one.get(name, "null"), other.get(name, "null")) for name in dict.fromkeys((*one, *other)))


def _difference(op: str, before: dict[str, str] | None, after: dict[str, str]) -> str:
    if op != "PUT":
        return "the row leaves the bucket"
    if before is None:
        return "the row as it came first here"
    changed = [
        f"{column}: {before.get(column, 'null')} → {after.get(column, 'null')}"
        for column in dict.fromkeys((*after, *before))
        if not same_value(before.get(column, "null"), after.get(column, "null"))
    ]
    return ", ".join(changed) or "the same values"
