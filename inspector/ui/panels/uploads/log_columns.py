"""The columns of the upload log: each attempt, and what one wrote."""

from dataclasses import dataclass
from typing import TypeAlias

from inspector.analysis.upload_contents import UploadedWrite
from inspector.capture.answers import answer_words
from inspector.capture.outcome import UploadOutcome
from inspector.capture.rows import UploadRow
from inspector.ui.theme import Colour
from inspector.ui.times import clock, full_utc, shortened
from inspector.ui.widgets.columns import DASH, Align, Cell, Column, Face, Mark, figures
from inspector.words import NS, byte_size, elapsed, plural, thousands

LONGEST_CELL = 300
OPS = {"PUT": Colour.FINE, "PATCH": Colour.ACCENT, "DELETE": Colour.BROKEN}


@dataclass(frozen=True, slots=True)
class Attempt:
    """`written_at`: when its local transaction was written, ns since the Unix epoch; None where that is not known."""

    upload: UploadRow
    written_at: int | None


@dataclass(frozen=True, slots=True)
class UnknownWrites:
    """So many entries of which it is not known what they write."""

    count: int


WrittenLine: TypeAlias = UploadedWrite | UnknownWrites


def answer_cell(upload: UploadRow, times: int = 0) -> Cell:
    """What became of an attempt, in one line."""
    answer = answer_words(upload.answer)
    status = "" if upload.status is None else str(upload.status)
    said = " ".join(part for part in (status, answer[:LONGEST_CELL]) if part)
    repeated = f" ×{thousands(times)}" if times > 1 else ""
    whole = " ".join(part for part in (status, upload.answer or "") if part)
    match upload.outcome:
        case UploadOutcome.ACCEPTED:
            return Cell(said or "taken", Colour.TEXT, Mark("✓", Colour.FINE), whole=whole)
        case UploadOutcome.SENDING:
            return Cell("being uploaded", Colour.DIM, Mark("◐", Colour.ACCENT))
        case UploadOutcome.DISCARDED:
            return Cell("discarded", Colour.DIM, Mark("○", Colour.IDLE), tooltip="Given up on this device.")
    return Cell(f"{said or upload.outcome}{repeated}", Colour.BROKEN, Mark("✕", Colour.BROKEN), whole=whole)


def _entries(attempt: Attempt) -> Cell:
    upload = attempt.upload
    entries = upload.last_entry - upload.first_entry + 1
    return Cell(thousands(entries), tooltip=f"Entries {upload.first_entry} to {upload.last_entry} of the queue.")


def _written(attempt: Attempt) -> Cell:
    if attempt.written_at is None:
        return Cell(DASH, Colour.DIM, tooltip="When it was written is not known: the recording does not tell.")
    return Cell(clock(attempt.written_at), Colour.DIM, whole=full_utc(attempt.written_at))


def _took(attempt: Attempt) -> Cell:
    upload = attempt.upload
    if upload.outcome == UploadOutcome.DISCARDED:
        return Cell()
    if upload.ended_at is None:
        return Cell(DASH, Colour.DIM, tooltip="No answer is recorded.")
    return Cell(elapsed((upload.ended_at - upload.started_at) / NS))


def _sent(attempt: Attempt) -> Cell:
    upload = attempt.upload
    if upload.outcome == UploadOutcome.DISCARDED:
        return Cell()
    if upload.bytes is None:
        return Cell(DASH, Colour.DIM, tooltip="How much was sent is not recorded.")
    return Cell(byte_size(upload.bytes), Colour.DIM)


def _outcome(attempt: Attempt) -> Cell:
    words = {
        UploadOutcome.ACCEPTED: Cell("taken", Colour.TEXT, Mark("✓", Colour.FINE)),
        UploadOutcome.REFUSED: Cell("refused", Colour.BROKEN, Mark("✕", Colour.BROKEN)),
        UploadOutcome.FAILED: Cell("failed", Colour.BROKEN, Mark("✕", Colour.BROKEN)),
        UploadOutcome.SENDING: Cell("sending", Colour.DIM, Mark("◐", Colour.ACCENT)),
        UploadOutcome.DISCARDED: Cell("discarded", Colour.DIM, Mark("○", Colour.IDLE)),
    }
    known = {str(outcome): cell for outcome, cell in words.items()}
    return known.get(attempt.upload.outcome, Cell(attempt.upload.outcome))


LOG_COLUMNS: tuple[Column[Attempt], ...] = (
    Column(
        "Time",
        lambda attempt: clock(attempt.upload.started_at),
        whole=lambda attempt: full_utc(attempt.upload.started_at),
        face=Face.MONO,
        colour=Colour.DIM,
        width=12,
        explains="When the attempt began, in local time.",
    ),
    Column(
        "Tx",
        lambda attempt: attempt.upload.tx_id,
        align=Align.RIGHT,
        face=Face.MONO,
        width=4,
        unknown="The client wrote no transaction.",
        explains="The local transaction.",
    ),
    figures("Entries", _entries, width=7, optional=True, beside=12, explains="Local writes in it."),
    Column("Outcome", cell=_outcome, width=10, explains="What became of the attempt."),
    Column(
        "Status",
        lambda attempt: attempt.upload.status,
        align=Align.RIGHT,
        face=Face.MONO,
        width=6,
        unknown="No HTTP status came.",
        explains="The backend's HTTP status.",
    ),
    figures("Took", _took, width=7, explains="How long the backend took to answer."),
    Column(
        "Answer",
        lambda attempt: answer_words(attempt.upload.answer)[:LONGEST_CELL] or None,
        whole=lambda attempt: attempt.upload.answer or "",
        width=24,
        least=12,
        stretch=True,
        explains="What the backend said.",
    ),
    figures(
        "Written",
        _written,
        width=12,
        optional=True,
        explains="When the app wrote the transaction on this device, in local time.",
    ),
    figures("Sent", _sent, width=9, optional=True, explains="How much the attempt sent."),
)


def row_cell(row_type: str | None, row_id: str | None) -> Cell:
    """A row by its table and its id, shortened."""
    if not row_type or not row_id:
        return Cell(DASH, Colour.DIM, tooltip="It names no row.")
    return Cell(f"{row_type} / {shortened(row_id)}", whole=f"{row_type}/{row_id}", cut_middle=True)


def _op(line: WrittenLine) -> Cell:
    if isinstance(line, UnknownWrites):
        return Cell("…", Colour.DIM)
    return Cell(line.op, OPS.get(line.op, Colour.TEXT))


def _row(line: WrittenLine) -> Cell:
    if isinstance(line, UnknownWrites):
        return Cell(plural(line.count, "entry", "entries"), Colour.DIM)
    return row_cell(line.row_type, line.row_id)


def _values(line: WrittenLine) -> Cell:
    if isinstance(line, UnknownWrites):
        return Cell("What they write is not recorded.", Colour.DIM)
    return Cell(line.words[:LONGEST_CELL], whole=line.words)


WRITTEN_COLUMNS: tuple[Column[WrittenLine], ...] = (
    Column("Op", cell=_op, width=7, explains="PUT, PATCH or DELETE: what the local write does to the row."),
    Column("Row", cell=_row, face=Face.MONO, width=12, least=10, explains="The table and the row's id."),
    Column("Values", cell=_values, face=Face.MONO, width=5, least=4, stretch=True, explains="What it sets."),
)
