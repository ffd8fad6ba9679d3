"""What became of the rows of an accepted upload: whether the checkpoint that confirms it has brought them.

A service confirms an upload with the checkpoint that has everything before it (protocol §5). A row that the upload
changed and that no operation up to that checkpoint is about shows its old values again.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from enum import Enum
from typing import Any

import msgspec
from msgspec import structs

from inspector.capture.reader import CaptureReader
from inspector.capture.rows import CheckpointRow, UploadRow, columns_of
from inspector.protocol.lines import DataLine, MalformedLine, Operation, OpType, decode_line
from inspector.store.local_write import LocalWrite
from inspector.words import NS

PATIENCE_NS = 10 * NS
"""After the confirmation, before a row counts as turned back and not as late."""
_MOST_ROWS = 20
_FEWEST_VALUES = 2
"""With fewer, another row may be the same by chance."""
_MOST_LINES, _MOST_FRAMES = 200, 20_000
"""Data lines of a table that are read to find a row, and frames among which they are looked for."""

_CONFIRMED = f"""
SELECT {columns_of(CheckpointRow)} FROM checkpoints WHERE received_at > ?1 AND write_checkpoint >
  coalesce((SELECT max(write_checkpoint) FROM checkpoints WHERE received_at <= ?1), 0) ORDER BY id LIMIT 1
"""
_WRITTEN = "SELECT at, writes FROM local_writes WHERE tx_id = ? AND at <= ? ORDER BY id DESC LIMIT 1"
_WRITTEN_AGAIN = "SELECT writes FROM local_writes WHERE at > ? AND at <= ? LIMIT 200"
_LINES = "SELECT id FROM frames WHERE id BETWEEN ? AND ? AND kind = 'data' AND instr(row_types, ?)"
_FRAME_BY = "SELECT id FROM frames WHERE received_at <= ? ORDER BY received_at DESC, id DESC LIMIT 1"

_decode = msgspec.json.Decoder(tuple[LocalWrite, ...]).decode


@dataclass(frozen=True, slots=True)
class Return:
    """A written row that the confirming checkpoint did not have. Times are ns since the Unix epoch."""

    upload: UploadRow
    confirmed: CheckpointRow
    write: LocalWrite
    is_new: bool
    """Whether the service had no such row before: then no stream may give it to this user."""
    came_at: int | None
    """When the written values came after all; None: they have not."""
    other_id: str = ""
    """The id of a row with the same values that came meanwhile; empty: there was none."""
    kept: tuple[str, ...] = ()
    """Columns that the written row has no value for and that came back with their old ones, beside what was written."""


class Before(Enum):
    """Where no operation of a row was found before an upload."""

    NEVER = 0
    """The recording has all, and none of this row."""
    NOT_KNOWN = 1


@dataclass(frozen=True, slots=True)
class _Came:
    frame: int
    at: int
    operation: Operation


@dataclass(frozen=True, slots=True)
class _Line:
    frame: int
    at: int
    operations: Sequence[Operation]


def returns_of(capture: CaptureReader, upload: UploadRow, now_ns: int) -> list[Return] | None:
    """The rows of an accepted upload that turned back; None while that cannot be told yet."""
    ended = upload.ended_at or upload.started_at
    found = capture.ask(_CONFIRMED, ended)
    if not found:
        return None
    confirmed = CheckpointRow(*found[0])
    shown, done = confirmed.published_at, confirmed.data_done_at
    if shown is None or done is None or now_ns - shown < PATIENCE_NS:
        return None
    written = capture.ask(_WRITTEN, upload.tx_id or 0, ended) if capture.acts.has_local_writes else []
    if not written or written[0][1] is None:
        return []
    again = {
        (it.type, it.id) for (text,) in capture.ask(_WRITTEN_AGAIN, written[0][0], shown) for it in writes_of(text)
    }
    begun, until = _frame_by(capture, upload.started_at), _frame_by(capture, done)
    returns = []
    for write in writes_of(written[0][1])[:_MOST_ROWS]:
        if (write.type, write.id) in again:
            continue
        came = next(_operations(capture, write, begun + 1, begun + _MOST_FRAMES), None)
        if came is not None and came.frame <= until:
            kept = _kept(write, came.operation, capture, begun)
            if kept:
                returns.append(Return(upload, confirmed, write, False, came.at, kept=kept))
            continue
        before = _before(capture, write, begun)
        if not _changes(write, before):
            continue
        is_new = before is Before.NEVER
        # An operation with other values is of a later write: this one has never been in the data.
        came_at = came.at if came is not None and _has(write, came.operation) else None
        other = _same_under_other_id(capture, write, begun + 1) if is_new and came is None else ""
        returns.append(Return(upload, confirmed, write, is_new and came is None, came_at, other))
    return returns


def _kept(write: LocalWrite, came: Operation, capture: CaptureReader, frame: int) -> tuple[str, ...]:
    """The columns that a whole row was written without and that its operation has as they were before."""
    given = {name: value for name, value in (write.data or {}).items() if value is not None}
    after = _data(came) if write.op == "PUT" and came.op is OpType.PUT and given else None
    if after is None or not _has(structs.replace(write, data=given), came):
        return ()
    left = [name for name, value in after.items() if value is not None and name not in given and name != "id"]
    before = _before(capture, write, frame) if left else Before.NOT_KNOWN
    if isinstance(before, Before) or before.op is not OpType.PUT:
        return ()
    old = _data(before) or {}
    return tuple(name for name in left if _text(old.get(name)) == _text(after[name]))


def _changes(write: LocalWrite, before: Operation | Before) -> bool:
    """Whether the row as the service had it is surely another one than the one that was written."""
    if isinstance(before, Before):
        return before is Before.NEVER and write.op == "PUT"
    if before.op is not OpType.PUT:
        return write.op == "PUT"
    return write.op == "DELETE" or not _has(write, before)


def _has(write: LocalWrite, operation: Operation) -> bool:
    """Whether an operation says what the write says; columns that are not synced say nothing."""
    if write.op == "DELETE" or operation.op is not OpType.PUT:
        return write.op == "DELETE" and operation.op is OpType.REMOVE
    data = _data(operation)
    return data is None or all(
        _text(value) == _text(data[name]) for name, value in (write.data or {}).items() if name in data
    )


def _has_all(given: dict[str, Any], operation: Operation) -> bool:
    data = _data(operation) or {}
    return all(name in data and _text(value) == _text(data[name]) for name, value in given.items())


def _data(operation: Operation) -> dict[str, Any] | None:
    try:
        return msgspec.json.decode(operation.data_text or "{}", type=dict[str, Any])
    except msgspec.MsgspecError:
        return None


def _text(value: Any) -> str | None:
    if value is None:
        return None
    return str(int(value)) if isinstance(value, bool | int) else str(value)


def _same_under_other_id(capture: CaptureReader, write: LocalWrite, first: int) -> str:
    """The id of a row that came from a frame on and has all that a new row was given; empty where there is none."""
    given = {name: value for name, value in (write.data or {}).items() if value is not None}
    if len(given) < _FEWEST_VALUES:
        return ""
    for line in _lines(capture, write.type, first, first + _MOST_FRAMES):
        for operation in line.operations:
            is_put = operation.op is OpType.PUT and operation.object_type == write.type
            if is_put and operation.object_id not in (None, write.id) and _has_all(given, operation):
                return operation.object_id or ""
    return ""


def _before(capture: CaptureReader, write: LocalWrite, frame: int) -> Operation | Before:
    """The newest operation of the row up to a frame."""
    first = max(1, frame - _MOST_FRAMES)
    lines = capture.ask(f"{_LINES} ORDER BY id DESC LIMIT {_MOST_LINES}", first, frame, write.type)
    for (line,) in lines:
        if found := list(_operations(capture, write, line, line)):
            return found[-1].operation
    # A table of which nothing ever came may be one that is never downloaded.
    whole = first == 1 and 0 < len(lines) < _MOST_LINES and _begins_fresh(capture)
    return Before.NEVER if whole else Before.NOT_KNOWN


def _begins_fresh(capture: CaptureReader) -> bool:
    first = capture.connection(1)
    return first is not None and '"buckets":[]' in first.request.replace(" ", "")


def _operations(capture: CaptureReader, write: LocalWrite, first: int, last: int) -> Iterator[_Came]:
    """The operations of the row from one frame to another, in order."""
    for line in _lines(capture, write.type, first, last, write.id):
        for operation in line.operations:
            if (operation.object_type, operation.object_id) == (write.type, write.id):
                yield _Came(line.frame, line.at, operation)


def _lines(capture: CaptureReader, row_type: str, first: int, last: int, row_id: str = "") -> Iterator[_Line]:
    """The data lines that name a type, from one frame to another; those without the text of `row_id` are left out."""
    wanted = row_id.encode()
    for (number,) in capture.ask(f"{_LINES} ORDER BY id LIMIT {_MOST_LINES}", first, last, row_type):
        frame = capture.frame(number)
        if frame is None or wanted not in frame.body:
            continue
        try:
            line = decode_line(frame.body, frame.format)
        except MalformedLine:
            continue
        if isinstance(line, DataLine):
            yield _Line(number, frame.row.received_at, line.data)


def writes_of(text: str | None) -> tuple[LocalWrite, ...]:
    """The local writes of a transaction as a capture keeps them; none where they cannot be read."""
    try:
        return _decode(text or "[]")
    except msgspec.MsgspecError:
        return ()


def _frame_by(capture: CaptureReader, at: int) -> int:
    found = capture.ask(_FRAME_BY, at)
    return int(found[0][0]) if found else 0
