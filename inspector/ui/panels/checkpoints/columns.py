"""The columns of the checkpoints panel."""

from inspector.analysis.timeline_words import precise_span
from inspector.capture.outcome import Outcome
from inspector.capture.rows import CheckpointLine
from inspector.ui.theme import Colour
from inspector.ui.times import clock, full_utc
from inspector.ui.widgets.columns import DASH, Cell, Column, Face, Mark, figures
from inspector.words import plural, thousands

OUTCOMES = {
    Outcome.RECEIVING: ("receiving", Mark("◌", Colour.CHECKPOINT)),
    Outcome.APPLIED: ("applied", Mark("✓", Colour.FINE)),
    Outcome.HELD: ("held", Mark("‖", Colour.HELD)),
    Outcome.SUPERSEDED: ("superseded", Mark("○", Colour.IDLE)),
    Outcome.MISMATCH: ("mismatch", Mark("✕", Colour.BROKEN)),
    Outcome.INTERRUPTED: ("interrupted", Mark("○", Colour.IDLE)),
    Outcome.REFUSED: ("refused", Mark("✕", Colour.BROKEN)),
}
"""What became of a checkpoint, in a word and a glyph."""

_NOT_REACHED = "The checkpoint did not come so far."


def _buckets(line: CheckpointLine) -> Cell:
    if line.is_full:
        return Cell(thousands(line.buckets), tooltip=f"It names all buckets: {plural(line.buckets, 'bucket')}.")
    if not line.removed:
        return Cell(thousands(line.buckets), tooltip=f"{plural(line.buckets, 'bucket')} updated.")
    changed = f"{plural(line.buckets, 'bucket')} updated, {thousands(line.removed)} removed."
    return Cell(f"{thousands(line.buckets)} −{thousands(line.removed)}", tooltip=changed)


def _step(began: int | None, ended: int | None) -> Cell:
    if began is None or ended is None:
        return Cell(DASH, Colour.DIM, tooltip=_NOT_REACHED)
    return Cell(precise_span(max(0, ended - began)), Colour.DIM)


def _outcome(line: CheckpointLine) -> Cell:
    known = OUTCOMES.get(Outcome(line.row.outcome)) if line.row.outcome in set(Outcome) else None
    if known is None:
        return Cell(line.row.outcome)
    word, mark = known
    return Cell(word, mark.colour if mark.colour is not Colour.IDLE else Colour.DIM, mark)


def _write_checkpoint(line: CheckpointLine) -> Cell:
    if line.row.write_checkpoint is None:
        return Cell(DASH, Colour.DIM, tooltip="The checkpoint confirms no upload of this client.")
    return Cell(str(line.row.write_checkpoint))


COLUMNS: tuple[Column[CheckpointLine], ...] = (
    Column(
        "Received",
        cell=lambda line: Cell(clock(line.row.received_at), Colour.DIM),
        whole=lambda line: full_utc(line.row.received_at),
        face=Face.MONO,
        width=12,
        explains="When its first line arrived, in local time.",
    ),
    figures(
        "Op id",
        lambda line: Cell(str(line.row.op_id)),
        width=7,
        explains="A checkpoint is named by the last operation that is in it.",
    ),
    Column(
        "Outcome", cell=_outcome, width=12, explains="✓ applied · ‖ held by uploads · ○ never complete · ✕ mismatch"
    ),
    figures(
        "Write cp",
        _write_checkpoint,
        width=8,
        optional=True,
        beside=30,
        explains="The write checkpoint: the mark that tells this client that its uploads are in it.",
    ),
    Column(
        "Kind",
        cell=lambda line: Cell("full" if line.is_full else "diff", Colour.DIM),
        width=5,
        optional=True,
        beside=40,
        explains="full: it names all buckets · diff: it tells what changed since the one before",
    ),
    figures("Buckets", _buckets, width=7, explains="Buckets that it names, and − those that it removes."),
    figures(
        "Ops",
        lambda line: Cell(thousands(line.row.operations)),
        width=6,
        explains="Operations that came while it was the target.",
    ),
    figures(
        "Bytes",
        lambda line: Cell(thousands(line.row.bytes), Colour.DIM),
        width=8,
        optional=True,
        beside=40,
        explains="Bytes of the data lines that came while it was the target.",
    ),
    figures(
        "Data",
        lambda line: _step(line.row.received_at, line.row.data_done_at),
        width=8,
        explains="From its first line to the line that completed it.",
    ),
    figures(
        "Validate",
        lambda line: _step(line.row.data_done_at, line.row.validated_at),
        width=8,
        optional=True,
        beside=24,
        explains="Comparing each bucket's checksum with the announced one.",
    ),
    figures(
        "Publish",
        lambda line: _step(line.row.validated_at, line.row.published_at),
        width=8,
        optional=True,
        beside=20,
        explains="From valid to shown: writing the rows, and waiting for uploads where it was held.",
    ),
    Column(
        "Why not",
        cell=lambda line: Cell(line.row.reason, Colour.TEXT if line.row.outcome != Outcome.APPLIED else Colour.DIM),
        width=20,
        least=16,
        stretch=True,
        explains="Why it was not shown, or not at once.",
    ),
)
