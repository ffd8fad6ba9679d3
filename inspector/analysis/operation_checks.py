"""Checks each operation's own checksum (protocol §2, operations): more than any client does."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field

from inspector.capture.reader import CaptureReader
from inspector.protocol.checksums import MASK, as_hex, put_checksum, remove_checksum, unsigned
from inspector.protocol.lines import Operation, OpType
from inspector.store import records
from inspector.store.audits.operations import StoredOperation
from inspector.store.reader import ClientDatabaseReader
from inspector.words import plural, thousands

MOST_LISTED = 200
"""Operations of a bucket that are named one by one; the rest is counted."""
_PAGE = 2_000


@dataclass(frozen=True, slots=True)
class BadOperation:
    """An operation whose content does not give its checksum; both sums are 0 … 2^32-1."""

    op_id: int
    op: str
    row_type: str
    row_id: str
    sent: int
    ours: int
    frame: int | None
    """That brought it; None for one in the client database."""

    @property
    def why(self) -> str:
        """The two sums in a sentence."""
        return f"The content gives {as_hex(self.ours)}, but {as_hex(self.sent)} is its checksum."


@dataclass(slots=True)
class Tally:
    """What checking the operations of one bucket, from one source, has come to so far."""

    agree: int = 0
    differ: int = 0
    not_checkable: int = 0
    """MOVE and CLEAR, which have no content, and what cannot be read."""
    bad: list[BadOperation] = field(default_factory=list)
    """The first MOST_LISTED of those that differ."""

    @property
    def checked(self) -> int:
        """How many could be checked."""
        return self.agree + self.differ

    @property
    def is_verifiable(self) -> bool:
        """Whether any agrees: a service that hashes otherwise makes all of them differ."""
        return self.agree > 0 or not self.differ


@dataclass(slots=True)
class OperationChecks:
    """The checks of one bucket: as it is kept, and as it came."""

    kept: Tally | None = None
    """None without a client database."""
    received: Tally | None = None
    """None without a capture, or where no line of the bucket is in it."""

    @property
    def differ(self) -> int:
        """Operations that are known to differ from their checksum."""
        return sum(tally.differ for tally in (self.kept, self.received) if tally is not None and tally.is_verifiable)

    @property
    def bad(self) -> list[BadOperation]:
        """Those that differ, as far as they are listed, as received first."""
        tallies = [tally for tally in (self.received, self.kept) if tally is not None and tally.is_verifiable]
        return [operation for tally in tallies for operation in tally.bad]

    @property
    def sentence(self) -> str:
        """What came of it."""
        parts = []
        for tally, where in ((self.kept, "in the client database"), (self.received, "as received")):
            if tally is not None:
                parts.append(_tally_sentence(tally, where))
        return " ".join(parts) or "There is no operation to check."


def check_database(
    database: ClientDatabaseReader,
    buckets: list[str],
    into: dict[str, OperationChecks],
    progressed: Callable[[int], bool],
) -> bool:
    """Check what the oplog keeps of `buckets`; False when `progressed(operations so far)` said to stop."""
    done = 0
    for bucket in buckets:
        tally = into.setdefault(bucket, OperationChecks()).kept = Tally()
        after = -1
        while page := database.operations(bucket, after, _PAGE):
            for operation in page:
                _check_kept(operation, tally)
            after = page[-1].op_id
            done += len(page)
            if not progressed(done):
                return False
    return True


def check_capture(
    capture: CaptureReader,
    buckets: list[str] | None,
    into: dict[str, OperationChecks],
    progressed: Callable[[int], bool],
    first_frame: int = 1,
    last_frame: int = 2**62,
) -> bool:
    """Check the operations of `buckets` (None: all) as they came; False when `progressed` said to stop."""
    done = 0
    wanted = None if buckets is None else set(buckets)
    only = buckets[0] if buckets is not None and len(buckets) == 1 else None
    for received in capture.evidence.operations(first_frame, last_frame, only):
        line = received.line
        done += len(line.data)
        if wanted is None or line.bucket in wanted:
            checks = into.setdefault(line.bucket, OperationChecks())
            if checks.received is None:
                checks.received = Tally()
            for operation in line.data:
                check_received(operation, received.frame, checks.received)
        if not progressed(done):
            return False
    return True


def check_received(operation: Operation, frame: int, tally: Tally) -> None:
    """Check one operation of a data line."""
    ours: int | None = None
    if operation.op is OpType.PUT:
        if operation.object_type is not None and operation.object_id is not None and isinstance(operation.data, str):
            ours = put_checksum(operation.object_type, operation.object_id, operation.data)
    elif operation.op is OpType.REMOVE and operation.subkey is not None:
        ours = remove_checksum(operation.subkey)
    _note(
        tally,
        operation.op_id,
        operation.op,
        operation.object_type,
        operation.object_id,
        operation.checksum,
        ours,
        frame,
    )


def check_stored(operations: Iterable[StoredOperation], tallies: dict[int | str, Tally]) -> None:
    """Check PUTs of the oplog; `tallies` makes one for a bucket that it has not."""
    for bucket, op_id, row_type, row_id, data, stored in operations:
        tally = tallies[bucket]
        ours = None
        if isinstance(data, str) and isinstance(row_type, str) and isinstance(row_id, str):
            ours = put_checksum(row_type, row_id, data)
        if ours == stored & MASK:
            tally.agree += 1
        else:
            _note(tally, op_id, OpType.PUT, row_type, row_id, stored, ours, None)


def _check_kept(operation: records.Operation, tally: Tally) -> None:
    ours: int | None = None
    row_type, row_id, data = operation.row_type, operation.row_id, operation.data
    if operation.op == OpType.PUT and row_type is not None and row_id is not None and data is not None:
        ours = put_checksum(row_type, row_id, data)
    elif operation.op == OpType.REMOVE and operation.subkey is not None:
        ours = remove_checksum(operation.subkey)
    sent = operation.checksum
    _note(tally, operation.op_id, operation.op, row_type, row_id, sent if sent is not None else 0, ours, None)


def _note(
    tally: Tally,
    op_id: int,
    op: str,
    row_type: str | None,
    row_id: str | None,
    sent: int,
    ours: int | None,
    frame: int | None,
) -> None:
    if ours is None:
        tally.not_checkable += 1
    elif ours == unsigned(sent):
        tally.agree += 1
    else:
        tally.differ += 1
        if len(tally.bad) < MOST_LISTED:
            tally.bad.append(BadOperation(op_id, op, row_type or "", row_id or "", unsigned(sent), ours, frame))


def _tally_sentence(tally: Tally, where: str) -> str:
    if not tally.checked:
        return f"No operation {where} has content that could be checked."
    if not tally.is_verifiable:
        return (
            f"Not verifiable: none of {plural(tally.checked, 'operation')} {where} has the checksum that this program "
            "computes, so this service makes them otherwise."
        )
    rest = f"; {thousands(tally.not_checkable)} more have no content to check" if tally.not_checkable else ""
    if tally.checked == 1:
        has = "has" if not tally.differ else "has not"
        return f"The one operation {where} {has} the checksum of its content{rest}."
    if not tally.differ:
        return f"All {plural(tally.checked, 'operation')} {where} have the checksum of their content{rest}."
    own = "has not the checksum of its content" if tally.differ == 1 else "have not the checksum of their content"
    return f"{thousands(tally.differ)} of {plural(tally.checked, 'operation')} {where} {own}{rest}."
