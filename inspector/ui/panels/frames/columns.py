"""The columns of the frames panel."""

from dataclasses import dataclass
from typing import TypeAlias

from inspector.capture.annotations import Annotation
from inspector.capture.filter.scan import SortKey
from inspector.capture.outcome import Outcome
from inspector.capture.rows import ConnectionRow, FrameRow
from inspector.capture.summary import what_it_did
from inspector.protocol.buckets import parse_bucket_name
from inspector.ui.panels.frames.colour_rules import ColourRule
from inspector.ui.theme import Colour
from inspector.ui.times import clock, full_utc, since_previous
from inspector.ui.widgets.columns import Align, Cell, Column, Face, Mark, Note
from inspector.words import plural, thousands

NOTHING_SAID = Annotation()
MARK = "◆"
"""Stands at frames that somebody marked."""


Connections: TypeAlias = tuple[ConnectionRow, ConnectionRow]


@dataclass(frozen=True, slots=True)
class ShownFrame:
    """A frame in the list, and what is said about it there."""

    frame: FrameRow
    previous_at: int | None
    """When the frame in the row above came, ns."""
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
_OUTCOME_COLOURS = {
    Outcome.HELD: Colour.HELD,
    Outcome.SKIPPED: Colour.HELD,
    Outcome.MISMATCH: Colour.BROKEN,
    Outcome.REFUSED: Colour.BROKEN,
    Outcome.SUPERSEDED: Colour.IDLE,
    Outcome.INTERRUPTED: Colour.IDLE,
}
_NOT_DECIDED = {Outcome.NONE, Outcome.RECEIVING}


def kind_colour(row: FrameRow) -> Colour:
    """By kind, and by what became of the frame where that matters more."""
    if row.error is not None:
        return Colour.BROKEN
    outcome = Outcome(row.outcome) if row.outcome in set(Outcome) else Outcome.NONE
    if outcome in _OUTCOME_COLOURS:
        return _OUTCOME_COLOURS[outcome]
    if row.kind == "checkpoint_complete" and outcome in _NOT_DECIDED:
        return Colour.IDLE
    return _KIND_COLOURS.get(row.kind, Colour.FAINT)


def _time(frame: ShownFrame) -> Cell:
    at, origin = frame.frame.received_at, frame.origin_at
    return Cell(clock(at) if origin is None else since_previous(at - origin), Colour.DIM)


def _delta(frame: ShownFrame) -> Cell:
    if frame.previous_at is None:
        return Cell()
    return Cell(since_previous(frame.frame.received_at - frame.previous_at), Colour.DIM)


def _kind(frame: ShownFrame) -> Cell:
    mark = Mark("■", kind_colour(frame.frame))
    if frame.frame.error is not None:
        return Cell(f"✕ {frame.frame.kind or 'not readable'}", Colour.BROKEN, mark, tooltip=frame.frame.error)
    return Cell(frame.frame.kind or "no key", Colour.TEXT, mark)


def _bucket(frame: ShownFrame) -> Cell:
    name = frame.frame.bucket
    return Cell() if name is None else Cell(parse_bucket_name(name).short, whole=name)


def _operations(frame: ShownFrame) -> Cell:
    row = frame.frame
    if row.kind != "data" or row.error is not None:
        return Cell()
    ids = f" {row.first_op_id} to {row.last_op_id}" if row.first_op_id is not None else ""
    return Cell(thousands(row.operations), tooltip=f"{plural(row.operations, 'operation')}{ids}")


def _bytes(frame: ShownFrame) -> Cell:
    return Cell(thousands(frame.frame.bytes), Colour.DIM)


def _what(frame: ShownFrame) -> Cell:
    row = frame.frame
    text, note, tooltip = what_it_did(row), _said(frame.annotation), frame.annotation.comment
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
    if row.first_op_id is None:
        return Cell()
    last = "" if row.first_op_id == row.last_op_id else f" … {row.last_op_id}"
    return Cell(f"{row.first_op_id}{last}")


def _checkpoint(frame: ShownFrame) -> Cell:
    return Cell() if frame.frame.checkpoint is None else Cell(str(frame.frame.checkpoint))


COLUMNS: tuple[Column[ShownFrame], ...] = (
    Column(
        "Frame",
        cell=lambda frame: Cell(thousands(frame.frame.id), Colour.DIM),
        align=Align.RIGHT,
        face=Face.MONO,
        width=9,
        spare=True,
        explains="The frame's number in the capture.",
    ),
    Column(
        "Time",
        cell=_time,
        whole=lambda frame: full_utc(frame.frame.received_at),
        face=Face.MONO,
        width=12,
        explains="When the frame arrived, in local time.",
    ),
    Column(
        "Δ s",
        cell=_delta,
        align=Align.RIGHT,
        face=Face.MONO,
        width=8,
        explains="Seconds since the frame that is shown above this one.",
    ),
    Column(
        "Kind",
        cell=_kind,
        width=22,
        widest=34,
        least=17,
        explains="The line's key on the wire; coloured by what it led to.",
    ),
    Column(
        "Bucket",
        cell=_bucket,
        face=Face.MONO,
        width=18,
        widest=44,
        least=19,
        explains="The bucket that a data line is for.",
    ),
    Column("Ops", cell=_operations, align=Align.RIGHT, face=Face.MONO, width=5, explains="Operations in a data line."),
    Column(
        "Bytes",
        cell=_bytes,
        align=Align.RIGHT,
        face=Face.MONO,
        width=7,
        explains="The frame's size after HTTP decoding, without the line end.",
    ),
    Column(
        "Op ids",
        cell=_op_ids,
        face=Face.MONO,
        width=15,
        spare=True,
        explains="From the first to the last operation of a data line.",
    ),
    Column(
        "Checkpoint",
        cell=_checkpoint,
        align=Align.RIGHT,
        face=Face.MONO,
        width=10,
        spare=True,
        explains="Op id of the checkpoint in force.",
    ),
    Column(
        "Conn.",
        cell=lambda frame: Cell(str(frame.frame.connection), Colour.DIM),
        align=Align.RIGHT,
        face=Face.MONO,
        width=5,
        spare=True,
        explains="The number of the connection that brought the frame.",
    ),
    Column("Rule", cell=_rule, width=12, spare=True, explains="The colour rule that the frame meets."),
    Column(
        "What it did",
        cell=_what,
        width=25,
        least=11,
        stretch=True,
        explains="What the frame brought and what the client made of it.",
    ),
)


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
}
"""What a click on the header of a column sorts by; other columns do not sort."""
