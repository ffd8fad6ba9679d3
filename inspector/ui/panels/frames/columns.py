"""The columns of the frames panel."""

from dataclasses import dataclass
from typing import TypeAlias

from inspector.capture.annotations import Annotation
from inspector.capture.filter.scan import SortKey
from inspector.capture.happenings import Happening
from inspector.capture.outcome import Outcome, UploadOutcome
from inspector.capture.rows import ConnectionRow, FrameRow
from inspector.capture.summary import what_happened, what_it_did
from inspector.protocol.buckets import parse_bucket_name
from inspector.ui.panels.frames.colour_rules import ColourRule
from inspector.ui.theme import Colour
from inspector.ui.times import clock, full_utc, since_previous
from inspector.ui.widgets.columns import Align, Cell, Column, Face, Mark, Note, figures
from inspector.words import plural, thousands

NOTHING_SAID = Annotation()
MARK = "◆"
"""Stands at frames that somebody marked."""


Connections: TypeAlias = tuple[ConnectionRow, ConnectionRow]


@dataclass(frozen=True, slots=True)
class ShownFrame:
    """A frame or happening in the list, and what is said about it there."""

    frame: FrameRow | Happening
    previous_at: int | None
    """When the one before it came, of those that are shown, ns."""
    origin_at: int | None = None
    """What times are counted from, ns; None: they are told by the clock."""
    annotation: Annotation = NOTHING_SAID
    rule: ColourRule | None = None
    """The colour rule that it meets."""
    begins: Connections | None = None
    """The connections of the frame above and of this one, where they differ."""


_KIND_COLOURS = {
    "checkpoint": Colour.CHECKPOINT,
    "checkpoint_diff": Colour.CHECKPOINT,
    "data": Colour.ACCENT,
    "partial_checkpoint_complete": Colour.PARTIAL,
    "checkpoint_complete": Colour.FINE,
    "token_expires_in": Colour.IDLE,
}
_OUTCOME_COLOURS: dict[str, Colour] = {
    Outcome.HELD: Colour.HELD,
    Outcome.SKIPPED: Colour.HELD,
    Outcome.MISMATCH: Colour.BROKEN,
    Outcome.REFUSED: Colour.BROKEN,
    Outcome.SUPERSEDED: Colour.IDLE,
    Outcome.INTERRUPTED: Colour.IDLE,
}
_NOT_DECIDED = (Outcome.NONE, Outcome.RECEIVING)


_UPLOAD_COLOURS: dict[str, Colour] = {
    UploadOutcome.ACCEPTED: Colour.FINE,
    UploadOutcome.SENDING: Colour.ACCENT,
    UploadOutcome.DISCARDED: Colour.IDLE,
}
_LEVEL_COLOURS = {"warning": Colour.HELD, "error": Colour.BROKEN}


def kind_colour(row: FrameRow | Happening) -> Colour:
    """By kind, and by what became of the frame where that matters more."""
    if row.error is not None:
        return Colour.BROKEN
    if isinstance(row, Happening):
        if row.kind == "upload":
            return _UPLOAD_COLOURS.get(row.outcome, Colour.BROKEN)
        return _LEVEL_COLOURS.get(row.level, Colour.IDLE)
    if (decided := _OUTCOME_COLOURS.get(row.outcome)) is not None:
        return decided
    if row.kind == "checkpoint_complete" and row.outcome in _NOT_DECIDED:
        return Colour.IDLE
    return _KIND_COLOURS.get(row.kind, Colour.IDLE)


def _time(frame: ShownFrame) -> Cell:
    at, origin = frame.frame.received_at, frame.origin_at
    return Cell(clock(at) if origin is None else since_previous(at - origin), Colour.DIM)


def _delta(frame: ShownFrame) -> Cell:
    if frame.previous_at is None:
        return Cell()
    return Cell(since_previous(frame.frame.received_at - frame.previous_at), Colour.DIM)


_EXPLAINED = {
    "upload": "An attempt to upload local writes to the backend.",
    "event": "What the engine did or noticed, as the panel Events tells it.",
    "request": "The client asked for a sync stream.",
    "end": "The stream ended.",
}


def _kind(frame: ShownFrame) -> Cell:
    if isinstance(frame.frame, Happening):
        mark = Mark("■", kind_colour(frame.frame))
        return Cell(frame.frame.kind, Colour.DIM, mark, tooltip=_EXPLAINED.get(frame.frame.kind, ""))
    mark = Mark("■", kind_colour(frame.frame))
    if frame.frame.error is not None:
        return Cell(f"✕ {frame.frame.kind or 'not readable'}", Colour.BROKEN, mark, tooltip=frame.frame.error)
    return Cell(frame.frame.kind or "no key", Colour.TEXT, mark)


def _bucket(frame: ShownFrame) -> Cell:
    name = None if isinstance(frame.frame, Happening) else frame.frame.bucket
    return Cell() if name is None else Cell(parse_bucket_name(name).short, whole=name, cut_middle=True)


def _operations(frame: ShownFrame) -> Cell:
    row = frame.frame
    if isinstance(row, Happening):
        return Cell() if row.operations is None else Cell(thousands(row.operations), tooltip=_writes(row.operations))
    if row.kind != "data" or row.error is not None:
        return Cell()
    ids = f" {row.first_op_id} to {row.last_op_id}" if row.first_op_id is not None else ""
    return Cell(thousands(row.operations), tooltip=f"{plural(row.operations, 'operation')}{ids}")


def _writes(count: int) -> str:
    return f"{plural(count, 'local write')} in the upload"


def _bytes(frame: ShownFrame) -> Cell:
    size = frame.frame.bytes
    if size is None:
        return Cell()
    return Cell(thousands(size), Colour.DIM)


def _what(frame: ShownFrame) -> Cell:
    row = frame.frame
    note, tooltip = _said(frame.annotation), frame.annotation.comment
    if isinstance(row, Happening):
        colour = Colour.BROKEN if row.error is not None else _LEVEL_COLOURS.get(row.level, Colour.TEXT)
        return Cell(what_happened(row), colour, note=note, tooltip=tooltip)
    text = what_it_did(row)
    if frame.begins is not None and note is None:
        note, tooltip = _begins(frame.begins)
    if row.error is not None or row.outcome == Outcome.MISMATCH:
        return Cell(text, Colour.BROKEN, note=note, tooltip=tooltip)
    return Cell(text, note=note, tooltip=tooltip)


def _begins(connections: Connections) -> tuple[Note, str]:
    """A note on the connection that begins here, and why the one above ended."""
    before, now = connections
    reason = f"Connection {before.id} ended: {before.end_reason}" if before.end_reason else ""
    began = f"Connection {now.id} began at {clock(now.started_at)}."
    return Note(f"▸ connection {now.id}", Colour.DIM), f"{reason} {began}".strip()


def _said(annotation: Annotation) -> Note | None:
    if annotation.says_nothing:
        return None
    return Note(f"{MARK if annotation.marked else '“'} {annotation.comment or 'marked'}", Colour.ACCENT)


def _rule(frame: ShownFrame) -> Cell:
    return Cell() if frame.rule is None else Cell(frame.rule.name, mark=Mark("■", frame.rule.tint))


def _op_ids(frame: ShownFrame) -> Cell:
    row = frame.frame
    if isinstance(row, Happening) or row.first_op_id is None:
        return Cell()
    last = "" if row.first_op_id == row.last_op_id else f" … {row.last_op_id}"
    return Cell(f"{row.first_op_id}{last}")


def _checkpoint(frame: ShownFrame) -> Cell:
    checkpoint = None if isinstance(frame.frame, Happening) else frame.frame.checkpoint
    return Cell() if checkpoint is None else Cell(str(checkpoint))


def _connection(frame: ShownFrame) -> Cell:
    connection = frame.frame.connection
    return Cell() if connection is None else Cell(str(connection), Colour.DIM)


def _number(frame: ShownFrame) -> Cell:
    return Cell() if isinstance(frame.frame, Happening) else Cell(thousands(frame.frame.id), Colour.DIM)


COLUMNS: tuple[Column[ShownFrame], ...] = (
    figures("Frame", _number, width=9, spare=True, explains="The frame's number in the capture."),
    Column(
        "Time",
        cell=_time,
        whole=lambda frame: full_utc(frame.frame.received_at),
        face=Face.MONO,
        width=12,
        explains="When the frame arrived or the thing happened, in local time.",
    ),
    Column(
        "Δ s",
        cell=_delta,
        align=Align.RIGHT,
        face=Face.MONO,
        width=8,
        optional=True,
        beside=19,
        explains="Seconds since the one before it in time, of those that are shown.",
    ),
    Column(
        "Kind",
        cell=_kind,
        width=22,
        widest=34,
        least=21,
        explains="The line's key on the wire, or what happened between frames: upload, event, request, end."
        " Coloured by what it led to.",
    ),
    Column(
        "Bucket",
        cell=_bucket,
        face=Face.MONO,
        width=18,
        widest=44,
        least=10,
        explains="The bucket that a data line is for.",
    ),
    figures("Ops", _operations, width=5, explains="Operations in a data line, or local writes in an upload."),
    figures(
        "Bytes",
        _bytes,
        width=7,
        optional=True,
        explains="The frame's size after HTTP decoding, without the line end; of an upload, what was sent.",
    ),
    Column(
        "Op ids",
        cell=_op_ids,
        face=Face.MONO,
        width=15,
        optional=True,
        beside=70,
        explains="From the first to the last operation of a data line.",
    ),
    figures(
        "Checkpoint", _checkpoint, width=10, optional=True, beside=70, explains="Op id of the checkpoint in force."
    ),
    figures("Conn.", _connection, width=5, spare=True, explains="The number of the connection that brought the frame."),
    Column(
        "Rule",
        cell=_rule,
        width=12,
        spare=True,
        explains="The colour rule that the frame meets. It does not sort: rules are asked of the rows in sight only.",
    ),
    Column(
        "What it did",
        cell=_what,
        width=27,
        least=15,
        stretch=True,
        explains="What the frame brought and what the client made of it. Sorting puts what needs attention first:"
        " errors, then what was held back, interrupted, superseded, is not decided, and what was applied.",
    ),
)


KIND = next(i for i, column in enumerate(COLUMNS) if column.title == "Kind")
BYTES = next(i for i, column in enumerate(COLUMNS) if column.title == "Bytes")
LARGE_FRAME = thousands(99_999)
"""As a service batches them; those of the first rows may all be small."""
LONGEST_KIND = "partial_checkpoint_complete"

SORT_KEYS = {
    "Frame": SortKey.FRAME,
    "Time": SortKey.FRAME,
    "Kind": SortKey.KIND,
    "Bucket": SortKey.BUCKET,
    "Ops": SortKey.OPERATIONS,
    "Bytes": SortKey.BYTES,
    "Op ids": SortKey.FIRST_OP_ID,
    "Checkpoint": SortKey.CHECKPOINT,
    "Conn.": SortKey.CONNECTION,
    "Δ s": SortKey.DELTA,
    "What it did": SortKey.OUTCOME,
}
"""What a click on the header of a column sorts by; other columns do not sort."""
