"""Why a row of a client database is not as the service has it: what is normal, and what nothing explains.

The fresh copy holds what the service sends now. The file's own operations tell what it had been sent, its upload queue
what it wrote itself: what follows from these is explained, whatever it looks like.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import TypeAlias

from inspector.analysis.comparison import RowDifference
from inspector.analysis.pending_writes import fields_of, pending_by_row, same_value
from inspector.store.audits.rows import is_touched
from inspector.store.reader import ClientDatabaseReader
from inspector.store.records import CrudEntry, DataRow, Operation
from inspector.words import first_few, plural

Fields: TypeAlias = Mapping[str, str]


class Cause(StrEnum):
    """Why the row is not the same; the first five are explained by nothing that is in the file."""

    ALTERED = "altered here"
    MISSING = "missing here"
    EXTRA = "extra here"
    LOST = "operation lost"
    UNREADABLE = "unreadable here"
    AHEAD = "ahead of the service"
    UNCONFIRMED = "unconfirmed"
    NOT_SHOWN = "not shown yet"
    BEHIND = "changed since"
    LOCAL = "held, normal"

    @property
    def explained(self) -> bool:
        """Whether a sound client can be in this state."""
        return self not in (Cause.ALTERED, Cause.MISSING, Cause.EXTRA, Cause.LOST, Cause.UNREADABLE)


@dataclass(frozen=True, slots=True)
class ExplainedRow:
    """A row that is not the same, with the cause of that; `why` is a sentence without its full stop."""

    difference: RowDifference
    cause: Cause
    why: str


class RowExplainer:
    """Reads what both databases have of a row. Raises ReadError, as all that it reads does."""

    def __init__(self, here: ClientDatabaseReader, fresh: ClientDatabaseReader) -> None:
        self._here, self._fresh = here, fresh
        self._writes, _ = pending_by_row(here)
        self._buckets = {bucket.name: bucket for bucket in here.buckets(fast=True)}
        self._fresh_buckets = {bucket.name: bucket for bucket in fresh.buckets(fast=True)}

    def explain(self, difference: RowDifference, found: DataRow | None) -> ExplainedRow:
        """The cause of one difference; `found` is the row as this file has it."""
        row_type, row_id = difference.row_type, difference.row_id
        writes = self._writes.get((row_type, row_id), [])
        sent = next(iter(self._fresh.row_operations(row_type, row_id, 1)), None)
        own = next(iter(self._here.row_operations(row_type, row_id, 1)), None)
        return ExplainedRow(difference, *self._cause(difference, writes, found, own, sent))

    def _cause(
        self,
        difference: RowDifference,
        writes: list[CrudEntry],
        found: DataRow | None,
        own: Operation | None,
        sent: Operation | None,
    ) -> tuple[Cause, str]:
        if found is not None and not found.readable:
            return Cause.UNREADABLE, "the page that it stands on is damaged"
        here, service, stored = _of_row(found), _of_operation(sent), _of_operation(own)
        if writes and _agree(here, _after_writes(service, writes), written=True):
            return Cause.LOCAL, _writes_words(writes)
        shown = own is None or own.op_id <= self._applied(own.bucket)
        same = stored is service if stored is None or service is None else not _differing(stored, service)
        if same and not shown and own is not None:
            return Cause.NOT_SHOWN, f"operation {own.op_id} is downloaded and held back"
        if shown and not _agree(here, _after_writes(stored, writes), written=bool(writes)):
            return self._unlike_its_operation(difference, writes, here, own, stored)
        return self._behind(writes, own, sent)

    def _unlike_its_operation(
        self,
        difference: RowDifference,
        writes: list[CrudEntry],
        here: Fields | None,
        own: Operation | None,
        stored: Fields | None,
    ) -> tuple[Cause, str]:
        """The tables do not show what the file's own operations and local writes make of the row."""
        row_type, row_id = difference.row_type, difference.row_id
        touched = self._here.ask(lambda reads, layout: is_touched(reads, layout, row_type, row_id))
        if touched and not writes:
            return Cause.UNCONFIRMED, "the app wrote it, and the service has not confirmed that yet"
        if own is None:
            return Cause.EXTRA, "no operation and no local write made it"
        if here is None:
            return Cause.MISSING, f"operation {own.op_id} was shown, and the table has no such row"
        columns = _differing(here, _after_writes(stored, writes) or {}, written=bool(writes))
        verb = "is" if len(columns) == 1 else "are"
        return (
            Cause.ALTERED,
            f"{first_few(columns)} {verb} not as operation {own.op_id} has it, and no local write changed that",
        )

    def _behind(self, writes: list[CrudEntry], own: Operation | None, sent: Operation | None) -> tuple[Cause, str]:
        """The file shows what it was sent, and the service has something else."""
        waits = f"; {_writes_words(writes)}" if writes else ""
        if sent is not None:
            bucket = self._buckets.get(sent.bucket)
            if bucket is None:
                return Cause.BEHIND, f"its bucket was never downloaded here{waits}"
            if sent.op_id > bucket.last_op:
                return Cause.BEHIND, f"operation {sent.op_id} came after {bucket.last_op}, where its bucket ends{waits}"
            if bucket.last_op > self._sent_to(sent.bucket):
                return Cause.AHEAD, self._ahead_words(sent.bucket)
            if own is not None and own.op_id == sent.op_id:
                return Cause.ALTERED, f"operation {own.op_id} has other values in this file than at the service"
            return Cause.LOST, f"its bucket stands at {bucket.last_op}, and operation {sent.op_id} is not in it"
        if own is None:  # nothing was sent, then or now: the writes that wait are all there is
            return Cause.LOCAL, _writes_words(writes) if writes else "the row is not known to the service"
        fresh, bucket = self._fresh_buckets.get(own.bucket), self._buckets.get(own.bucket)
        if fresh is None:
            return Cause.BEHIND, f"the service sends its bucket to this user no more{waits}"
        if bucket is None or fresh.last_op > bucket.last_op:
            return Cause.BEHIND, f"the service removed it after operation {own.op_id}{waits}"
        if bucket.last_op > fresh.last_op:
            return Cause.AHEAD, self._ahead_words(own.bucket)
        return Cause.EXTRA, f"operation {own.op_id} is in this file, and not at the service"

    def _sent_to(self, bucket: str) -> int:
        known = self._fresh_buckets.get(bucket)
        return known.last_op if known is not None else 0

    def _ahead_words(self, bucket: str) -> str:
        return f"its bucket stands at {self._buckets[bucket].last_op}, and the service is at {self._sent_to(bucket)}"

    def _applied(self, bucket: str) -> int:
        known = self._buckets.get(bucket)
        return known.last_applied_op if known is not None else 0


def _of_row(row: DataRow | None) -> Fields | None:
    return None if row is None else fields_of(row.data)


def _of_operation(operation: Operation | None) -> Fields | None:
    return None if operation is None else fields_of(operation.data)


def _after_writes(row: Fields | None, writes: Sequence[CrudEntry]) -> Fields | None:
    """The row once these local writes are done to it, oldest first."""
    for write in writes:
        match write.op:
            case "PUT":
                row = fields_of(write.data)
            case "DELETE":
                row = None
            case _ if row is not None:
                row = {**row, **fields_of(write.data)}
    return row


def _agree(here: Fields | None, expected: Fields | None, *, written: bool) -> bool:
    if here is None or expected is None:
        return here is expected
    return not _differing(here, expected, written=written)


def _differing(here: Fields, other: Fields, *, written: bool = False) -> tuple[str, ...]:
    return tuple(
        column
        for column in dict.fromkeys((*here, *other))
        if column != "id"
        and not same_value(here.get(column, "null"), other.get(column, "null"))
        # A view's trigger writes the columns of the schema alone: fields that it lacks go with a local write.
        and not (written and column not in here)
    )


def _writes_words(writes: Sequence[CrudEntry]) -> str:
    if len(writes) == 1:
        return f"local write {writes[0].id} ({writes[0].op}) waits to be uploaded"
    return f"{plural(len(writes), 'local write')} wait to be uploaded, from entry {writes[0].id} on"
