"""The columns of the comparison panel: rows, buckets and facts that are not the same."""

from inspector.analysis.comparison import (
    BucketDifference,
    RowDifference,
    Side,
    StateDifference,
    bucket_title,
    row_words,
)
from inspector.ui.theme import Colour
from inspector.ui.times import shortened
from inspector.ui.widgets.columns import Cell, Column, Face, Mark

_MARKS = {
    Side.BOTH: Mark("≠", Colour.HELD),
    Side.HERE: Mark("◧", Colour.ACCENT),
    Side.THERE: Mark("◨", Colour.CHECKPOINT),
}
_LONGEST = 400


def _side(side: Side) -> Cell:
    return Cell(str(side), mark=_MARKS[side])


def _values(row: RowDifference) -> Cell:
    whole = row_words(row, len(row.columns))
    return Cell(row_words(row)[:_LONGEST], whole=whole)


ROW_COLUMNS: tuple[Column[RowDifference], ...] = (
    Column("Row", cell=lambda it: Cell(f"{it.row_type} / {shortened(it.row_id)}", whole=f"{it.row_type}/{it.row_id}"),
           face=Face.MONO, width=20, least=10),
    Column("Difference", cell=lambda it: _side(it.side), width=12),
    Column("Here ≠ there", cell=_values, face=Face.MONO, width=24, stretch=True,
           explains="The columns that differ: the value in the open database, and the one in the other."),
)  # fmt: skip

BUCKET_COLUMNS: tuple[Column[BucketDifference], ...] = (
    Column("Bucket", cell=lambda it: Cell(bucket_title(it), whole=it.bucket), face=Face.MONO, width=20, least=10),
    Column("Difference", cell=lambda it: _side(it.side), width=12),
    Column("Here", lambda it: it.here, width=24, least=10, explains="In the open database."),
    Column("There", lambda it: it.there, width=24, stretch=True, explains="In the other one."),
)

STATE_COLUMNS: tuple[Column[StateDifference], ...] = (
    Column("What", lambda it: it.what, width=26, least=12),
    Column("Here", lambda it: it.here, width=24, least=10, explains="In the open database."),
    Column("There", lambda it: it.there, width=24, stretch=True, explains="In the other one."),
)
