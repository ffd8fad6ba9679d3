"""The upload queue: transactions oldest first, what becomes of them, and the gate after them (protocol §5)."""

from collections.abc import Callable
from contextlib import AbstractContextManager
from dataclasses import dataclass

import apsw
import msgspec
from msgspec import Raw, Struct

from inspector.protocol.errors import InspectorError
from inspector.store.publish import set_value, value_of
from inspector.store.query import row, rows, scalar
from inspector.store.schema import GATE_CLOSED, LAST_REQUESTED, LAST_SEEN, TARGET_REQUEST

_LAST_ID = 2**63 - 1


class QueueError(InspectorError):
    """What was asked of the upload queue cannot be done."""


class EntryFields(Struct, frozen=True):
    """A CRUD entry's JSON; `data` and `old` as they stand there, empty when absent."""

    op: str
    type: str
    id: str
    data: Raw = Raw()
    old: Raw = Raw()
    metadata: str | None = None


_decode = msgspec.json.Decoder(EntryFields).decode


@dataclass(frozen=True, slots=True)
class PendingEntry:
    """A row of `ps_crud`; `fields` is None where it is no CRUD entry."""

    id: int
    fields: EntryFields | None

    @property
    def words(self) -> str:
        """Like `PATCH todos/todo-1`."""
        return (
            f"{self.fields.op} {self.fields.type}/{self.fields.id}" if self.fields is not None else f"entry {self.id}"
        )


@dataclass(frozen=True, slots=True)
class PendingTransaction:
    """Entries written together; `tx_id` is None where the client wrote none, and the entry stands alone."""

    tx_id: int | None
    entries: tuple[PendingEntry, ...]

    @property
    def first_entry(self) -> int:
        """The id that names the transaction in logs."""
        return self.entries[0].id

    @property
    def last_entry(self) -> int:
        """The last id."""
        return self.entries[-1].id


class UploadQueue:
    """The queue of one client database; `transaction` opens a write transaction."""

    def __init__(self, connection: apsw.Connection, transaction: Callable[[], AbstractContextManager[None]]) -> None:
        self._connection = connection
        self._transaction = transaction

    def next(self) -> PendingTransaction | None:
        """The oldest transaction; None when the queue is empty."""
        if (oldest := self.oldest) is None:
            return None
        first, tx_id = oldest
        if tx_id is None:
            return self._between(first, first)
        other = "SELECT id - 1 FROM ps_crud WHERE id > ? AND tx_id IS NOT ? ORDER BY id LIMIT 1"
        return self._between(first, scalar(self._connection, other, oldest) or _LAST_ID)

    @property
    def oldest(self) -> tuple[int, int | None] | None:
        """The first entry's id and its transaction's; None when nothing waits."""
        found = row(self._connection, "SELECT id, tx_id FROM ps_crud ORDER BY id LIMIT 1")
        return None if found is None else (found[0], found[1])

    @property
    def is_empty(self) -> bool:
        """No local write waits."""
        return row(self._connection, "SELECT 1 FROM ps_crud LIMIT 1") is None

    @property
    def sequence(self) -> int:
        """Grows with every entry ever written; 0 before the first."""
        return scalar(self._connection, "SELECT seq FROM sqlite_sequence WHERE name = 'ps_crud'") or 0

    @property
    def needs_acknowledgement(self) -> bool:
        """Everything is uploaded, and the service has not been asked yet to confirm it."""
        return self.is_empty and value_of(self._connection, TARGET_REQUEST) == GATE_CLOSED

    def written_last(self, tx_id: int, changed: int, most: int) -> tuple[PendingEntry, ...]:
        """Up to `most` entries of the transaction that was written last, and that `changed` so many rows."""
        sql = "SELECT id, data FROM ps_crud WHERE id > ? AND tx_id = ? ORDER BY id LIMIT ?"
        found = rows(self._connection, sql, (self.sequence - changed, tx_id, most))
        return tuple(PendingEntry(entry_id, _fields(data)) for entry_id, data in found)

    def complete(self, transaction: PendingTransaction) -> None:
        """The backend has it: it leaves the queue, and the gate stays closed until the service confirms."""
        with self._transaction():
            self._connection.execute("DELETE FROM ps_crud WHERE id <= ?", (transaction.last_entry,))
            set_value(self._connection, TARGET_REQUEST, GATE_CLOSED)

    def discard(self, tx_id: int | None) -> PendingTransaction:
        """Take a transaction (None: the oldest) out without an upload; raises QueueError when it is not there.

        Its rows are looked at again at the next full publishing, and get the service's values there. The gate stays
        as it is: what was uploaded before may not be confirmed yet.
        """
        with self._transaction():
            found = self.next() if tx_id is None else self._find(tx_id)
            if found is None:
                raise QueueError(
                    "There is no local write to discard." if tx_id is None else f"Transaction {tx_id} is not pending.",
                    why="It is uploaded, or discarded already.",
                    next_step="Look at the pending writes.",
                )
            self._connection.executemany("DELETE FROM ps_crud WHERE id = ?", ((entry.id,) for entry in found.entries))
            self._connection.executemany(
                "INSERT OR IGNORE INTO ps_updated_rows(row_type, row_id) VALUES (?, ?)",
                ((entry.fields.type, entry.fields.id) for entry in found.entries if entry.fields is not None),
            )
        return found

    def open_gate(self, request_id: int, sequence: int) -> bool:
        """Wait for `request_id` from now on, unless there were local writes since `sequence` was read."""
        with self._transaction():
            if not self.is_empty or self.sequence != sequence:
                return False
            set_value(self._connection, TARGET_REQUEST, request_id)
        return True

    @property
    def last_requested(self) -> int | None:
        """The last checkpoint request that this client made; None when it never made one."""
        return value_of(self._connection, LAST_REQUESTED)

    @property
    def last_seen(self) -> int:
        """The last checkpoint request that a checkpoint confirmed."""
        return value_of(self._connection, LAST_SEEN) or 0

    def seed_request_id(self) -> int:
        """What goes along with a stream request, so that client and service agree on a number."""
        gate = value_of(self._connection, TARGET_REQUEST) or 0
        return max(self.last_requested or 0, gate if gate != GATE_CLOSED else 0, 1)

    def next_request_id(self) -> int:
        """A new checkpoint request's id; it counts as used even if its request never arrives."""
        with self._transaction():
            request_id = (self.last_requested or 0) + 1
            set_value(self._connection, LAST_REQUESTED, request_id)
        return request_id

    def adopt_request_id(self, request_id: int) -> None:
        """What the service answered is where the numbers go on."""
        with self._transaction():
            set_value(self._connection, LAST_REQUESTED, request_id)

    def _between(self, first: int, last: int) -> PendingTransaction | None:
        sql = "SELECT id, tx_id, data FROM ps_crud WHERE id BETWEEN ? AND ? ORDER BY id"
        return _transaction_of(rows(self._connection, sql, (first, last)))

    def _find(self, tx_id: int) -> PendingTransaction | None:
        sql = "SELECT id, tx_id, data FROM ps_crud WHERE tx_id = ? ORDER BY id"
        return _transaction_of(rows(self._connection, sql, (tx_id,)))


def _transaction_of(found: list[tuple[int, int | None, str | bytes | None]]) -> PendingTransaction | None:
    if not found:
        return None
    return PendingTransaction(found[0][1], tuple(PendingEntry(entry_id, _fields(data)) for entry_id, _, data in found))


def _fields(data: str | bytes | None) -> EntryFields | None:
    try:
        return _decode(data or b"")
    except msgspec.MsgspecError:
        return None
