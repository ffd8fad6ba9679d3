"""The life of one row: which buckets hold it, every operation, local writes, and whether the app sees it and why."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal, TypeAlias

from inspector.analysis.pending_writes import PendingWrite, change_words, fields_of, read_pending_of, same_value
from inspector.analysis.problem_words import join
from inspector.analysis.row_history import RowSearch
from inspector.capture.reader import CaptureReader
from inspector.protocol.buckets import parse_bucket_name
from inspector.store.read_connection import ReadError
from inspector.store.reader import ClientDatabaseReader
from inspector.store.records import Operation, TableKind
from inspector.store.state_queries import Gate

_OPERATIONS = 1_000

StepState: TypeAlias = Literal["shown", "newer", "superseded", "left", "waiting", "unknown"]
"""`newer`: downloaded and not shown yet. `left`: the row left the bucket. `waiting`: a local write in the queue."""

ColumnState: TypeAlias = Literal["same", "pending", "newer", "altered", "unknown"]


@dataclass(frozen=True, slots=True)
class Step:
    """Something that happened to the row. `op` is the operation's kind or the local write's."""

    op: str
    state: StepState
    change: str
    op_id: int | None = None
    bucket: str = ""
    frame: int | None = None
    at: int | None = None
    """ns since the Unix epoch; None where no capture tells it."""
    tx_id: int | None = None
    values: tuple[tuple[str, str], ...] = ()
    """The row after it, as JSON texts."""
    values_before: tuple[tuple[str, str], ...] | None = None
    """None where they are not known."""

    @property
    def is_local(self) -> bool:
        """Whether it is a local write."""
        return self.state == "waiting"


@dataclass(frozen=True, slots=True)
class ColumnValues:
    """A column as the service has it and as this device shows it; None where it is not there."""

    column: str
    service: str | None
    device: str | None
    state: ColumnState


@dataclass(frozen=True, slots=True)
class RowFacts:
    """What the files tell of a row; what no file tells is None or empty."""

    row_type: str
    row_id: str
    operations: tuple[Operation, ...]
    """Those that count, newest first, over all buckets."""
    applied: dict[str, int]
    """Bucket → the newest operation that the tables show."""
    pending: tuple[PendingWrite, ...]
    table: TableKind | None
    """None: there is no such table, and no untyped row."""
    data: str | None
    """The row as the table has it, as JSON; None where it is not in it."""
    queue: int
    gate: Gate
    last_removed: Step | None = None
    """The newest REMOVE of it that a capture holds."""

    @property
    def newest(self) -> Operation | None:
        """The operation that the row is shown by once it is published."""
        return self.operations[0] if self.operations else None

    @property
    def newest_is_shown(self) -> bool:
        """Whether the newest operation is published, as far as its bucket tells."""
        newest = self.newest
        return newest is not None and newest.op_id <= self.applied.get(newest.bucket, 0)


@dataclass(frozen=True, slots=True)
class RowStory:
    """Everything that a panel shows of a row."""

    facts: RowFacts
    verdict: str
    visible: bool
    columns: tuple[ColumnValues, ...]
    steps: tuple[Step, ...]
    """Newest first."""
    searched: tuple[int, int] | None
    """Frames of the capture that were looked through, of how many; None without one."""

    @property
    def buckets(self) -> tuple[str, ...]:
        """The buckets that hold the row, by their full names."""
        return tuple(dict.fromkeys(operation.bucket for operation in self.facts.operations))


def tell_row(
    database: ClientDatabaseReader | None, capture: CaptureReader | None, search: RowSearch, seconds: float
) -> RowStory | None:
    """The story of the row that `search` is for, which goes on for about so long; None without a client database."""
    if capture is not None:
        search.go_on(capture, seconds)
    if database is None:
        return None
    facts = _facts(database, capture, search)
    return RowStory(
        facts=facts,
        verdict=verdict(facts),
        visible=facts.data is not None and facts.table in ("synced", "local"),
        columns=tuple(_columns(facts)),
        steps=tuple(_steps(facts, search)),
        searched=(search.searched, search.frames) if capture is not None else None,
    )


def _facts(database: ClientDatabaseReader, capture: CaptureReader | None, search: RowSearch) -> RowFacts:
    operations = database.row_operations(search.row_type, search.row_id, _OPERATIONS)
    buckets = database.buckets(fast=True)
    kind = database.table_kind(search.row_type)
    data: str | None = None
    if kind is not None:
        try:
            row = database.row(search.row_type, search.row_id)
        except ReadError:
            row = None
        data = (row.data or "{}") if row is not None else None
    removed = [found for found in search.found if found.operation.op == "REMOVE"]
    last = removed[-1] if removed else None
    return RowFacts(
        row_type=search.row_type,
        row_id=search.row_id,
        operations=tuple(operations),
        applied={bucket.name: bucket.last_applied_op for bucket in buckets},
        pending=read_pending_of(database, capture, search.row_type, search.row_id),
        table=kind,
        data=data,
        queue=database.queue().writes,
        gate=database.gate(),
        last_removed=None
        if last is None
        else Step("REMOVE", "left", "", int(last.operation.op_id), last.bucket, last.frame, last.received_at),
    )


def verdict(facts: RowFacts) -> str:
    """Whether the app sees the row, and why, in a sentence or two."""
    if facts.table == "local":
        where = "sees it" if facts.data is not None else "does not see it: the table has no such row"
        return f"The app {where}. The table {facts.row_type} is local only: its rows are never synced."
    if facts.data is not None:
        return _why_in_table(facts)
    return _why_not_in_table(facts)


def _why_in_table(facts: RowFacts) -> str:
    if facts.table == "untyped":
        return (
            f"The app does not see it: its schema has no table “{facts.row_type}”, so the row waits in ps_untyped "
            "until a schema has one."
        )
    newest = facts.newest
    altered = [column.column for column in _columns(facts) if column.state == "altered"]
    if facts.pending:
        writes = "a local write" if len(facts.pending) == 1 else f"{len(facts.pending)} local writes"
        return join(
            f"The app sees it with {writes} in it that the backend has not taken yet.", _altered(facts, altered)
        )
    if newest is None:
        if facts.gate.closed:
            return (
                "The app sees it as it was written on this device: it is uploaded, and the service has not sent it yet."
            )
        return "The app sees it, but no bucket holds it and no local write waits: something wrote to the table itself."
    if not facts.newest_is_shown:
        return f"The app sees an older state: operation {newest.op_id} is downloaded and not shown. {_why_held(facts)}"
    if altered:
        return join("The app sees it, but not as the service has it.", _altered(facts, altered))
    if any(column.state == "unknown" for column in _columns(facts)):
        return (
            f"The app sees it with values that operation {newest.op_id} does not have: uploaded writes are not "
            "confirmed yet."
        )
    return f"The app sees it as operation {newest.op_id} has it."


def _altered(facts: RowFacts, columns: list[str]) -> str:
    """What is said of values that nothing explains."""
    if not columns or facts.newest is None:
        return ""
    names, verb = ", ".join(columns), "is" if len(columns) == 1 else "are"
    return (
        f"{names} {verb} neither what operation {facts.newest.op_id} has nor a local write's: something wrote to "
        f"ps_data__{facts.row_type} itself."
    )


def _why_not_in_table(facts: RowFacts) -> str:
    newest = facts.newest
    if any(write.entry.op == "DELETE" for write in facts.pending):
        return "The app does not see it: it was deleted on this device, and the backend has not taken that yet."
    if newest is None:
        if facts.last_removed is not None:
            bucket = parse_bucket_name(facts.last_removed.bucket).short
            return (
                f"The app does not see it: no bucket holds it. It left {bucket} "
                f"with operation {facts.last_removed.op_id}."
            )
        return "The app does not see it: no bucket that this client has holds the row, and no local write made it."
    if not facts.newest_is_shown:
        return f"The app does not see it yet: operation {newest.op_id} is downloaded and not shown. {_why_held(facts)}"
    if facts.table is None:
        return f"The app does not see it: its schema has no table “{facts.row_type}”, and no untyped row is kept."
    return (
        f"The app does not see it, although operation {newest.op_id} was shown: "
        f"something deleted it from ps_data__{facts.row_type} itself."
    )


def _why_held(facts: RowFacts) -> str:
    if facts.queue:
        wait = "local write waits" if facts.queue == 1 else "local writes wait"
        return f"{facts.queue} {wait} to be uploaded and confirmed."
    if facts.gate.awaits_service:
        return f"The service has not confirmed checkpoint request {facts.gate.target} yet."
    if facts.gate.closed:
        return "Local writes are uploaded, and the service has not been asked to confirm them yet."
    return "Its checkpoint is not complete."


def _columns(facts: RowFacts) -> list[ColumnValues]:
    """Every column of the service's newest operation and of the table's row."""
    newest = facts.newest
    service = fields_of(newest.data) if newest is not None and newest.readable else {}
    device = fields_of(facts.data) if facts.data is not None else {}
    written = {change.column for write in facts.pending for change in write.changes}
    found = []
    for column in dict.fromkeys((*service, *device)):
        if column == "id":
            continue
        there, here = service.get(column), device.get(column)
        found.append(ColumnValues(column, there, here, _column_state(facts, column, there, here, written)))
    return found


def _column_state(facts: RowFacts, column: str, there: str | None, here: str | None, written: set[str]) -> ColumnState:
    if facts.data is None or facts.newest is None:
        return "pending" if column in written else "unknown"
    if same_value(there or "null", here or "null"):
        return "same"
    if column in written or any(write.entry.op != "PATCH" for write in facts.pending):
        return "pending"
    if not facts.newest_is_shown:
        return "newer"
    return "unknown" if facts.gate.closed else "altered"


def _steps(facts: RowFacts, search: RowSearch) -> list[Step]:
    """Local writes first, then operations by their ids, downwards."""
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
    return local + _operation_steps(facts, search)


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
    if op_id > facts.applied.get(bucket, 0):
        return "newer"
    return "shown" if newest is not None and (newest.bucket, newest.op_id) == (bucket, op_id) else "superseded"


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


def changed_columns(step: Step) -> Sequence[ColumnValues]:
    """The row before and after a step, column by column; `service` stands for before, `device` for after."""
    before, after = dict(step.values_before or ()), dict(step.values)
    return [
        ColumnValues(
            column,
            before.get(column),
            after.get(column),
            "same" if same_value(before.get(column, "null"), after.get(column, "null")) else "newer",
        )
        for column in dict.fromkeys((*after, *before))
        if column != "id"
    ]
