"""A local transaction of one device, from the write to what became of it, and what it does in a few words."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

import msgspec
from msgspec import Struct

from inspector.capture.outcome import UploadOutcome
from inspector.capture.rows import EventRow, UploadRow

_LONGEST = 24
"""Characters of a row's text beside a mark."""


class WrittenRow(Struct, frozen=True):
    """A row of a local transaction, as its CRUD entry has it."""

    op: str
    type: str
    id: str
    data: dict[str, Any] = {}
    old: dict[str, Any] = {}


class _Written(Struct, frozen=True):
    """Details of the event that tells of a local transaction."""

    transaction: int | None = None
    rows: int = 1
    entries: tuple[WrittenRow, ...] = ()


_decode = msgspec.json.Decoder(_Written).decode


@dataclass(frozen=True, slots=True)
class LocalTransaction:
    """Times are ns since the Unix epoch."""

    at: int
    """When it was written."""
    tx_id: int
    rows: int
    entries: tuple[WrittenRow, ...] = ()
    """The first ones."""
    offline: bool = False
    """Written while no stream was open."""
    attempts: tuple[UploadRow, ...] = field(default=())
    """Oldest first; giving the transaction up counts as one."""

    @property
    def accepted(self) -> UploadRow | None:
        """The attempt that the backend took."""
        return next((attempt for attempt in self.attempts if attempt.outcome == UploadOutcome.ACCEPTED), None)

    @property
    def given_up_at(self) -> int | None:
        """When the user discarded it; None: never."""
        return next((each.started_at for each in self.attempts if each.outcome == UploadOutcome.DISCARDED), None)

    @property
    def failures(self) -> tuple[UploadRow, ...]:
        """Attempts that were refused, or that got no answer."""
        return tuple(each for each in self.attempts if each.outcome in (UploadOutcome.REFUSED, UploadOutcome.FAILED))

    @property
    def waits(self) -> bool:
        """Whether it is still in the upload queue."""
        return self.accepted is None and self.given_up_at is None

    @property
    def words(self) -> str:
        """What it does: `tick Milk`, `add Basil`, `rename Milk and 2 more`."""
        if not self.entries:
            return f"transaction {self.tx_id}"
        first = row_words(self.entries[0])
        return first if self.rows == 1 else f"{first} and {self.rows - 1} more"

    def changes(self, row_type: str, row_id: str) -> bool:
        """Whether it writes this row, as far as its entries are known."""
        return any((entry.type, entry.id) == (row_type, row_id) for entry in self.entries)


def row_words(row: WrittenRow) -> str:
    """What becomes of a row: of a to-do as people say it, of any other by its columns."""
    if row.type != "todos":
        return f"{row.op} {row.type}: {', '.join(row.data)}" if row.data else f"{row.op} {row.type}"
    name = _short(row.old.get("description") or row.data.get("description") or "an item without a name")
    if row.op == "DELETE":
        return f"delete {name}"
    if row.op == "PUT":
        return f"add {name}"
    if set(row.data) == {"completed"}:
        return f"{'tick' if row.data['completed'] else 'untick'} {name}"
    if "description" in row.data:
        return f"rename {name} to {_short(row.data['description'])}"
    return f"change {name}"


def transactions(
    events: Iterable[EventRow], uploads: Iterable[UploadRow], online: Mapping[int, int | None]
) -> tuple[LocalTransaction, ...]:
    """All local transactions, oldest first; `online` are the times in which a stream was open, None: until now."""
    attempts: dict[int, list[UploadRow]] = {}
    for upload in uploads:
        if upload.tx_id is not None:
            attempts.setdefault(upload.tx_id, []).append(upload)
    found = []
    for event in events:
        if event.source != "store" or (written := _written(event)).transaction is None:
            continue
        connected = any(began <= event.at and (ended is None or ended > event.at) for began, ended in online.items())
        tries = tuple(attempts.get(written.transaction, ()))
        found.append(
            LocalTransaction(event.at, written.transaction, written.rows, written.entries, not connected, tries)
        )
    return tuple(found)


def _written(event: EventRow) -> _Written:
    try:
        return _decode(event.details or "{}")
    except msgspec.MsgspecError:
        return _Written()


def _short(text: object) -> str:
    words = " ".join(str(text).split())
    return words if len(words) <= _LONGEST else f"{words[: _LONGEST - 1]}…"
