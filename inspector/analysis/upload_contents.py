"""Which rows an attempt to upload is about, with what it writes to each; and which attempt is about a row.

What was sent tells it best. Where that is not recorded, or was too long to be kept whole, the local transaction tells
it, or the upload queue while the entries are still in it.
"""

import json
from collections.abc import Iterable
from dataclasses import dataclass

import msgspec
from msgspec import Struct

from inspector.analysis.pending_writes import fields_of
from inspector.capture.outcome import UploadOutcome
from inspector.capture.reader import CaptureReader
from inspector.capture.rows import UploadRow
from inspector.store.reader import ClientDatabaseReader

_ENTRIES_AT_ONCE = 2_000
_BEFORE_ENTRIES = '{"batch":['


@dataclass(frozen=True, slots=True)
class UploadedWrite:
    """An entry of an attempt; `values` are columns with their JSON texts, none of a DELETE."""

    op: str
    row_type: str
    row_id: str
    values: tuple[tuple[str, str], ...] = ()

    @property
    def words(self) -> str:
        """`completed: 1, name: "b"`, or that the row goes."""
        if self.op == "DELETE":
            return "the row goes"
        return ", ".join(f"{column}: {value}" for column, value in self.values) or "no column changes"


@dataclass(frozen=True, slots=True)
class UploadContents:
    """What an attempt is about, as far as it is known."""

    writes: tuple[UploadedWrite, ...]
    entries: int
    """How many it has; more than `writes` where the rest is not known."""

    @property
    def unknown(self) -> int:
        """How many entries are not known."""
        return max(0, self.entries - len(self.writes))


@dataclass(frozen=True, slots=True)
class RowUploads:
    """Where a row's local writes are found: whether one waits, and the newest attempt, by its id."""

    waits: bool
    upload: int | None


class _Entry(Struct, frozen=True):
    op: str
    type: str
    id: str
    data: msgspec.Raw = msgspec.Raw()


class _Batch(Struct, frozen=True):
    batch: tuple[_Entry, ...]


_decode_batch = msgspec.json.Decoder(_Batch).decode
_decode_writes = msgspec.json.Decoder(tuple[_Entry, ...]).decode
_decode_entry = msgspec.json.Decoder(_Entry).decode


def contents_of(database: ClientDatabaseReader | None, capture: CaptureReader, upload: UploadRow) -> UploadContents:
    """What an attempt is about; raises InspectorError when the files cannot be read."""
    entries = upload.last_entry - upload.first_entry + 1
    sent = capture.uploads.request(upload.id) or ""
    found = _decoded(sent)
    if found is None and (written := capture.local_writes.of_upload(upload)) is not None:
        found = _written(written.writes)
    if found is None and database is not None:
        found = _queued(database, upload)
    return UploadContents(_readable(sent) if found is None else found, entries)


def uploads_of_row(
    database: ClientDatabaseReader | None, capture: CaptureReader | None, row_type: str, row_id: str
) -> RowUploads:
    """Where the row's local writes are; raises InspectorError when the files cannot be read."""
    waits = database is not None and _waits(database, row_type, row_id)
    if capture is None:
        return RowUploads(waits, None)
    for upload in capture.uploads.that_may_name(_as_sent(row_id)):
        writes = contents_of(database, capture, upload).writes
        if any((write.row_type, write.row_id) == (row_type, row_id) for write in writes):
            return RowUploads(waits, upload.id)
    return RowUploads(waits, None)


def accepted_writes_of_row(
    capture: CaptureReader, row_type: str, row_id: str, known: set[int]
) -> list[tuple[UploadRow, UploadedWrite]]:
    """What attempts wrote to the row that the backend has taken, newest first; raises InspectorError when the capture
    cannot be read. Attempts in `known` are left out; those that are over are added to it."""
    found = []
    for upload in capture.uploads.that_may_name(_as_sent(row_id)):
        if upload.id in known:
            continue
        if upload.outcome != UploadOutcome.SENDING:
            known.add(upload.id)
        if upload.outcome == UploadOutcome.ACCEPTED:
            writes = contents_of(None, capture, upload).writes
            found += [
                (upload, write) for write in reversed(writes) if (write.row_type, write.row_id) == (row_type, row_id)
            ]
    return found


def _as_sent(row_id: str) -> str:
    """How JSON writes an id, where that is certain: it may write others in several ways."""
    quoted = f'"{row_id}"'
    return quoted if json.dumps(row_id) == quoted else ""


def _waits(database: ClientDatabaseReader, row_type: str, row_id: str) -> bool:
    after = 0
    while page := database.pending(_ENTRIES_AT_ONCE, after):
        if any((entry.row_type, entry.row_id) == (row_type, row_id) for entry in page):
            return True
        after = page[-1].id
    return False


def _decoded(sent: str) -> tuple[UploadedWrite, ...] | None:
    try:
        return _told(_decode_batch(sent).batch)
    except (msgspec.MsgspecError, UnicodeEncodeError):
        return None


def _written(writes: str | None) -> tuple[UploadedWrite, ...] | None:
    try:
        return None if writes is None else _told(_decode_writes(writes))
    except (msgspec.MsgspecError, UnicodeEncodeError):
        return None


def _queued(database: ClientDatabaseReader, upload: UploadRow) -> tuple[UploadedWrite, ...] | None:
    """The entries as they wait; None where one of them has left the queue, or is none."""
    if upload.outcome in (UploadOutcome.ACCEPTED, UploadOutcome.DISCARDED):
        return None  # entries of these numbers are of a queue that began anew
    wanted = upload.last_entry - upload.first_entry + 1
    found = [
        entry
        for entry in database.pending(wanted, upload.first_entry - 1)
        if entry.id <= upload.last_entry and entry.tx_id == upload.tx_id and entry.op
    ]
    if len(found) < wanted:
        return None
    return tuple(UploadedWrite(it.op, it.row_type, it.row_id, tuple(fields_of(it.data).items())) for it in found)


def _readable(sent: str) -> tuple[UploadedWrite, ...]:
    """The entries before the place where a long request was cut off."""
    found, at, decoder = [], len(_BEFORE_ENTRIES), json.JSONDecoder()
    while sent.startswith(_BEFORE_ENTRIES):
        try:
            _, end = decoder.raw_decode(sent, at)
            found.append(_decode_entry(sent[at:end]))
        except (ValueError, RecursionError):
            break
        at = end + 1  # behind the comma
    return _told(found)


def _told(entries: Iterable[_Entry]) -> tuple[UploadedWrite, ...]:
    return tuple(
        UploadedWrite(it.op, it.type, it.id, tuple(fields_of(bytes(it.data).decode()).items())) for it in entries
    )
