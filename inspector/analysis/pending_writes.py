"""The upload queue as people read it: what each local write changes, from which value to which, and how it fares.

What a value was before comes from the CRUD entry where the schema has it keep old values, else from the write before
it in the queue, else from the newest operation that the service has sent of the row. The app's tables cannot tell:
they show the row with all local writes in it.
"""

import json
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

import msgspec

from inspector.capture.outcome import UploadOutcome
from inspector.capture.reader import CaptureReader
from inspector.capture.rows import UploadRow
from inspector.store.read_connection import ReadError
from inspector.store.reader import ClientDatabaseReader
from inspector.store.records import CrudEntry

SHOWN_ENTRIES = 500
"""The oldest ones, and whole transactions: what comes after them waits for them anyway."""
_ENTRIES_AT_ONCE = 2_000

_BY_PROGRAM = re.compile(r"(^|_)(id|ids|at|uuid)$", re.IGNORECASE)
_TIME = re.compile(r'"\d{4}-\d\d-\d\d[T ]')
"""Columns and values that hardly anybody writes by hand."""

_object = msgspec.json.Decoder(dict[str, msgspec.Raw])
_value = msgspec.json.Decoder()


@dataclass(frozen=True, slots=True)
class Change:
    """One column; values are JSON text as stored. `before` is None where it is not known, `after` where it goes."""

    column: str
    before: str | None
    after: str | None


@dataclass(frozen=True, slots=True)
class PendingWrite:
    """A CRUD entry with what it does. Times are ns since the Unix epoch."""

    entry: CrudEntry
    begins_transaction: bool
    changes: tuple[Change, ...]
    before_from: str
    """Where the values before come from, as words after "from"; empty where they are not known."""
    data_now: str | None
    """The changed columns as the table has them now; None where the row or its table is not there."""
    written_at: int | None
    attempts: int | None
    """Of its transaction, as far as a capture tells; None without a capture."""
    last_attempt: UploadRow | None

    @property
    def is_new_row(self) -> bool:
        """A PUT of a row of which nothing was known before."""
        return self.entry.op == "PUT" and all(change.before is None for change in self.changes)


@dataclass(frozen=True, slots=True)
class PendingQueue:
    """The oldest entries of the queue, and how many there are."""

    writes: tuple[PendingWrite, ...]
    entries: int
    transactions: int

    def of_transaction(self, write: PendingWrite) -> tuple[PendingWrite, ...]:
        """All shown entries of the transaction that `write` belongs to."""
        tx_id = write.entry.tx_id
        return (write,) if tx_id is None else tuple(each for each in self.writes if each.entry.tx_id == tx_id)


def read_pending(database: ClientDatabaseReader, capture: CaptureReader | None) -> PendingQueue:
    """What waits in a client database, with what the capture beside it knows; raises InspectorError."""
    entries = _oldest_entries(database)
    queue = database.queue()
    attempts = _attempts(capture.uploads.from_entry(entries[0].id)) if capture is not None and entries else {}
    written = capture.transactions_written() if capture is not None and entries else {}
    states: dict[tuple[str, str], _RowState] = {}
    writes, first_of_transaction = [], 0
    for number, entry in enumerate(entries):
        begins = number == 0 or entry.tx_id is None or entry.tx_id != entries[number - 1].tx_id
        first_of_transaction = entry.id if begins else first_of_transaction
        key = entry.row_type, entry.row_id
        state = states.get(key) or _synced_state(database, entry)
        changes, before_from = _changes(entry, state)
        states[key] = _after(entry, state)
        tries = attempts.get(first_of_transaction, ())
        writes.append(
            PendingWrite(
                entry=entry,
                begins_transaction=begins,
                changes=changes,
                before_from=before_from,
                data_now=_data_now(database, entry, changes),
                written_at=None if entry.tx_id is None else written.get(entry.tx_id),
                attempts=len(tries) if capture is not None else None,
                last_attempt=tries[-1] if tries else None,
            )
        )
    return PendingQueue(tuple(writes), queue.writes, queue.transactions)


def read_pending_of(
    database: ClientDatabaseReader, capture: CaptureReader | None, row_type: str, row_id: str
) -> tuple[PendingWrite, ...]:
    """Those of the oldest entries that change this row."""
    if not database.queue().writes:
        return ()
    writes = read_pending(database, capture).writes
    return tuple(write for write in writes if (write.entry.row_type, write.entry.row_id) == (row_type, row_id))


def pending_by_row(database: ClientDatabaseReader) -> tuple[dict[tuple[str, str], list[CrudEntry]], int | None]:
    """All entries by their row's type and id, oldest first, and the id of the first; raises ReadError."""
    found: dict[tuple[str, str], list[CrudEntry]] = {}
    after, first = 0, None
    while page := database.pending(_ENTRIES_AT_ONCE, after):
        first = page[0].id if first is None else first
        for entry in page:
            found.setdefault((entry.row_type, entry.row_id), []).append(entry)
        after = page[-1].id
    return found, first


def _oldest_entries(database: ClientDatabaseReader) -> list[CrudEntry]:
    entries = database.pending(SHOWN_ENTRIES)
    while entries and len(entries) % SHOWN_ENTRIES == 0 and entries[-1].tx_id is not None:
        last, more = entries[-1], database.pending(SHOWN_ENTRIES, entries[-1].id)
        same = [entry for entry in more if entry.tx_id == last.tx_id]
        entries += same
        if len(same) < SHOWN_ENTRIES:
            break
    return entries


def change_words(write: PendingWrite) -> str:
    """`completed: 0 → 1, name: "a" → "b"`; of a DELETE, what goes with the row. Of a row that is new or goes, columns
    without a value are left out."""
    return "".join(piece for piece, _ in change_pieces(write))


def change_pieces(write: PendingWrite) -> list[tuple[str, bool]]:
    """The words of `change_words` in pieces: True where one is a value from before, which another one replaces."""
    if not write.entry.op:
        return [(write.entry.text, False)]
    if write.entry.op == "DELETE":
        lost = ", ".join(f"{change.column}: {change.before}" for change in write.changes if change.before != "null")
        return [(f"the row goes: {lost}" if lost else "the row goes", False)]
    if not write.changes:
        return [("no column changes", False)]
    told = [change for change in write.changes if not write.is_new_row or change.after != "null"]
    if not told:
        return [("a row without values", False)]
    pieces: list[tuple[str, bool]] = []
    for change in told:
        pieces += [(", ", False)] if pieces else []
        pieces += _one_change(change)
    return pieces


def _one_change(change: Change) -> list[tuple[str, bool]]:
    if change.before is None:
        return [(f"{change.column}: {change.after}", False)]
    if change.after is not None and same_value(change.before, change.after):
        return [(f"{change.column}: {change.after}, as before", False)]
    return [(f"{change.column}: ", False), (change.before, True), (f" → {change.after}", False)]


def same_value(one: str, other: str) -> bool:
    """Whether two JSON texts are the same value to a table, where true is 1 and 2.0 is 2."""
    if one == other:
        return True
    try:
        return bool(_value.decode(one) == _value.decode(other))
    except msgspec.DecodeError:
        return False


def fields_of(text: str | None) -> dict[str, str]:
    """The fields of a JSON object, each as its JSON text; empty for what is no object."""
    try:
        return {name: bytes(raw).decode() for name, raw in _object.decode(text or "{}").items()}
    except (msgspec.DecodeError, UnicodeDecodeError):
        return _odd_fields(text or "")


def _odd_fields(text: str) -> dict[str, str]:
    """Those of an object that is JSON but for half a surrogate pair, which stays escaped."""
    try:
        found = json.loads(text)
        if not isinstance(found, dict):
            return {}
        texts = {name: json.dumps(value, ensure_ascii=False, separators=(",", ":")) for name, value in found.items()}
    except (ValueError, RecursionError):
        return {}
    return {_escaped(name): _escaped(value) for name, value in texts.items()}


def _escaped(text: str) -> str:
    return text.encode(errors="backslashreplace").decode()


@dataclass(frozen=True, slots=True)
class _RowState:
    """A row before a write: its values, and where they are known from; `values` is None where they are not."""

    values: Mapping[str, str] | None
    known_from: str


def _synced_state(database: ClientDatabaseReader, entry: CrudEntry) -> _RowState:
    found = database.row_operations(entry.row_type, entry.row_id, 1)
    if not found or not found[0].readable:
        return _RowState(None, "")
    return _RowState(fields_of(found[0].data), f"operation {found[0].op_id} of the service")


def _changes(entry: CrudEntry, state: _RowState) -> tuple[tuple[Change, ...], str]:
    old, known = fields_of(entry.old), state.values
    before = None if known is None and not old else {**(known or {}), **old}
    before_from = "the entry itself" if old else state.known_from
    if before is None:
        found = (Change(name, None, value) for name, value in fields_of(entry.data).items())
        return tuple(sorted(found, key=_telling) if entry.op == "PUT" else found), ""
    if entry.op == "DELETE":
        lost = (Change(name, value, None) for name, value in before.items() if name != "id")
        return tuple(sorted(lost, key=_telling)), before_from
    new = fields_of(entry.data)
    found = (Change(name, before.get(name, "null"), value) for name, value in new.items())
    if entry.op == "PATCH":
        return tuple(found), before_from
    gone = (Change(name, before[name], "null") for name in before if name not in new and name != "id")
    changed = (*found, *gone)
    return tuple(each for each in changed if not same_value(each.before or "null", each.after or "null")), before_from


def _telling(change: Change) -> int:
    """Of a whole row, what says which one it is comes first: what people wrote, then ids and times, then numbers."""
    value = (change.after if change.before is None else change.before) or ""
    if not value.startswith('"'):
        return 2
    return 1 if _BY_PROGRAM.search(change.column) or _TIME.match(value) else 0


def _after(entry: CrudEntry, state: _RowState) -> _RowState:
    """The row as the next write of it finds it."""
    known_from = f"the local write {entry.id} before it"
    match entry.op:
        case "PUT":
            return _RowState(fields_of(entry.data), known_from)
        case "DELETE":
            return _RowState({}, known_from)
        case _ if state.values is not None:
            return _RowState({**state.values, **fields_of(entry.data)}, known_from)
    return state


def _data_now(database: ClientDatabaseReader, entry: CrudEntry, changes: Iterable[Change]) -> str | None:
    try:
        row = database.row(entry.row_type, entry.row_id)
    except ReadError:
        return None
    if row is None or not row.readable:
        return None
    values = fields_of(row.data)
    return ", ".join(values.get(change.column, "null") for change in changes)


def _attempts(uploads: Iterable[UploadRow]) -> dict[int, list[UploadRow]]:
    """The attempts by the first entry of their transaction, oldest first."""
    found: dict[int, list[UploadRow]] = {}
    for upload in uploads:
        if upload.outcome != UploadOutcome.DISCARDED:
            found.setdefault(upload.first_entry, []).append(upload)
    return found
