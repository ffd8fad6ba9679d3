"""The columns of what waits."""

import time
from dataclasses import dataclass
from typing import TypeAlias

from inspector.analysis.pending_writes import PendingWrite, change_pieces, change_words
from inspector.ui.panels.uploads.log_columns import LONGEST_CELL, OPS, answer_cell, row_cell
from inspector.ui.theme import Colour
from inspector.ui.times import clock, full_utc
from inspector.ui.widgets.columns import DASH, Cell, Column, Face, Mark, figures
from inspector.words import NS, byte_size, duration, plural, thousands

NO_TIME = "When it was written is not known: neither the client database nor the capture holds it."
NOT_IN_A_FILE = "A client database holds no attempts to upload; a capture does, and so does the app's log."
_EXPLAINED = {
    "PUT": "PUT: the whole row is set.",
    "PATCH": "PATCH: some columns of the row change.",
    "DELETE": "DELETE: the row goes.",
}
_LONGEST_BEFORE, _HALF_BEFORE = 101, 50
"""Characters of a value that another one replaces."""


@dataclass(frozen=True, slots=True)
class MoreWrites:
    """So many entries follow that are not listed."""

    count: int


Line: TypeAlias = PendingWrite | MoreWrites


def _transaction(line: Line) -> Cell:
    if isinstance(line, MoreWrites) or not line.begins_transaction:
        return Cell()
    tx_id = line.entry.tx_id
    if tx_id is None:
        return Cell(DASH, Colour.DIM, tooltip="The client wrote no transaction, so the entry stands alone.")
    return Cell(str(tx_id), tooltip=f"Transaction {tx_id}: uploaded as a whole or not at all.")


def _op(line: Line) -> Cell:
    if isinstance(line, MoreWrites):
        return Cell("…", Colour.DIM)
    op = line.entry.op
    if not op:
        return Cell("unreadable", Colour.BROKEN, Mark("✕", Colour.BROKEN), tooltip="The entry is no JSON object.")
    return Cell(op, OPS.get(op, Colour.TEXT), tooltip=_EXPLAINED.get(op, ""))


def _row(line: Line) -> Cell:
    if isinstance(line, MoreWrites):
        return Cell(f"{plural(line.count, 'more entry', 'more entries')}", Colour.DIM)
    return row_cell(line.entry.row_type, line.entry.row_id)


def _change(line: Line) -> Cell:
    if isinstance(line, MoreWrites):
        return Cell("They wait behind those above.", Colour.DIM)
    words = change_words(line)
    if line.before_from:
        origin = f"The value before is from {line.before_from}."
    elif line.is_new_row:
        origin = "The service has sent no operation of this row: it is new, or its operations are not here."
    else:
        origin = "The value before is not known: no operation of this row is here."
    shown, spans = _shown_change(line)
    return Cell(shown, whole=words, tooltip=f"{words}\n{origin}", gives_way=spans)


def _shown_change(write: PendingWrite) -> tuple[str, tuple[tuple[int, int], ...]]:
    """The change as a cell shows it, and where in it values from before stand."""
    shown, spans = "", []
    for piece, is_before in change_pieces(write):
        if is_before:
            kept = piece if len(piece) <= _LONGEST_BEFORE else f"{piece[:_HALF_BEFORE]}…{piece[-_HALF_BEFORE:]}"
            spans.append((len(shown), len(shown) + len(kept)))
            shown += kept
        else:
            shown += piece
        if len(shown) > LONGEST_CELL:
            return f"{shown[:LONGEST_CELL]}…", tuple(span for span in spans if span[1] <= LONGEST_CELL)
    return shown, tuple(spans)


def _waiting(line: Line) -> Cell:
    if isinstance(line, MoreWrites):
        return Cell()
    if line.written_at is None:
        return Cell(DASH, Colour.DIM, tooltip=NO_TIME)
    return Cell(
        duration((time.time_ns() - line.written_at) / NS),
        whole=full_utc(line.written_at),
        tooltip=f"Written at {clock(line.written_at)}, local time: {full_utc(line.written_at)}.",
    )


def _written(line: Line) -> Cell:
    if isinstance(line, MoreWrites) or not line.begins_transaction:
        return Cell()
    if line.written_at is None:
        return Cell(DASH, Colour.DIM, tooltip=NO_TIME)
    return Cell(clock(line.written_at), Colour.DIM, whole=full_utc(line.written_at))


def _attempts(line: Line) -> Cell:
    if isinstance(line, MoreWrites) or not line.begins_transaction:
        return Cell()
    if line.attempts is None:
        return Cell(DASH, Colour.DIM, tooltip=NOT_IN_A_FILE)
    if not line.attempts:
        return Cell(DASH, Colour.DIM, tooltip="No attempt to upload it is recorded.")
    return Cell(thousands(line.attempts), tooltip=f"{plural(line.attempts, 'attempt')} to upload the transaction.")


def _last_answer(line: Line) -> Cell:
    if isinstance(line, MoreWrites):
        return Cell()
    if not line.begins_transaction:
        return Cell("same transaction", Colour.DIM)
    if line.attempts is None:
        return Cell("not in a file", Colour.DIM, tooltip=NOT_IN_A_FILE)
    if line.last_attempt is None:
        return Cell("not uploaded yet", Colour.DIM, tooltip="No attempt to upload it is recorded.")
    return answer_cell(line.last_attempt, line.attempts)


def _data_now(line: Line) -> Cell:
    if isinstance(line, MoreWrites):
        return Cell()
    if line.data_now is None:
        return Cell(DASH, Colour.DIM, tooltip="The table has no such row now.")
    return Cell(line.data_now[:LONGEST_CELL], whole=line.data_now)


def _size(line: Line) -> Cell:
    return Cell() if isinstance(line, MoreWrites) else Cell(byte_size(len(line.entry.text.encode())), Colour.DIM)


PENDING_COLUMNS: tuple[Column[Line], ...] = (
    figures("Tx", _transaction, width=4, explains="The local transaction."),
    Column("Op", cell=_op, width=7, explains="PUT, PATCH or DELETE: what the local write does to the row."),
    Column("Row", cell=_row, face=Face.MONO, width=17, explains="The table and the row's id."),
    Column(
        "Change",
        cell=_change,
        face=Face.MONO,
        width=34,
        least=14,
        stretch=True,
        explains="What each column was and what the local write makes of it.",
    ),
    figures("Waiting", _waiting, width=9, explains="Since when it has been waiting."),
    figures("Tries", _attempts, width=5, explains="How often the transaction was uploaded without being taken."),
    Column("Last answer", cell=_last_answer, width=20, least=16, explains="What the backend said to the last attempt."),
    figures(
        "Written",
        _written,
        width=12,
        optional=True,
        explains="When the app wrote it on this device, in local time.",
    ),
    Column(
        "In the data now",
        cell=_data_now,
        face=Face.MONO,
        width=16,
        least=16,
        optional=True,
        explains="The changed columns as the app's table shows them now.",
    ),
    figures("Size", _size, width=9, optional=True, explains="Of the entry."),
)
