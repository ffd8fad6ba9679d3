"""What both files tell of one row, gathered once for its story."""

from dataclasses import dataclass
from typing import Literal, TypeAlias

from inspector.analysis.pending_writes import PendingWrite, read_pending_of
from inspector.analysis.row_history import RowSearch
from inspector.capture.reader import CaptureReader
from inspector.store.audits.rows import is_touched
from inspector.store.read_connection import ReadError
from inspector.store.reader import ClientDatabaseReader
from inspector.store.records import Operation, TableKind
from inspector.store.state_queries import Gate

_OPERATIONS = 1_000

StepState: TypeAlias = Literal["shown", "newer", "superseded", "also", "left", "waiting", "uploaded"]
"""`newer`: downloaded and not shown yet. `also`: another bucket's copy with the same values. `left`: the row left the
bucket. `waiting`: a local write in the queue. `uploaded`: one that the backend has taken."""


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
    upload: int | None = None
    """The attempt by which the backend took the local write."""
    values: tuple[tuple[str, str], ...] = ()
    """The row after it, as JSON texts."""
    values_before: tuple[tuple[str, str], ...] | None = None
    """None where they are not known."""

    @property
    def is_local(self) -> bool:
        """Whether it is a local write."""
        return self.state in ("waiting", "uploaded")


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
    touched: bool = False
    """Whether a local write, or a REMOVE, wants it looked at when the next checkpoint is published."""
    uploaded_before: bool = False
    """Whether entries were uploaded before those that wait: which rows they changed is not known any more."""
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


def row_facts(database: ClientDatabaseReader, capture: CaptureReader | None, search: RowSearch) -> RowFacts:
    """Read what there is of the row that `search` is for."""
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
    queue = database.queue()
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
        queue=queue.writes,
        touched=database.ask(lambda reads, layout: is_touched(reads, layout, search.row_type, search.row_id)),
        uploaded_before=queue.oldest is not None and queue.oldest > 1,
        gate=database.gate(),
        last_removed=None
        if last is None
        else Step("REMOVE", "left", "", int(last.operation.op_id), last.bucket, last.frame, last.received_at),
    )
