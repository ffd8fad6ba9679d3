"""The columns of the comparison panel: rows, buckets and facts that are not the same."""

from inspector.analysis.comparison import (
    BucketDifference,
    RowDifference,
    Side,
    StateDifference,
    bucket_title,
    row_words,
)
from inspector.analysis.fresh.buckets import BucketCause, ExplainedBucket
from inspector.analysis.fresh.rows import Cause, ExplainedRow
from inspector.protocol.buckets import parse_bucket_name
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

_CAUSES = {
    Cause.ALTERED: Mark("✕", Colour.BROKEN),
    Cause.MISSING: Mark("✕", Colour.BROKEN),
    Cause.EXTRA: Mark("✕", Colour.BROKEN),
    Cause.LOST: Mark("✕", Colour.BROKEN),
    Cause.UNREADABLE: Mark("✕", Colour.BROKEN),
    Cause.AHEAD: Mark("▲", Colour.HELD),
    Cause.UNCONFIRMED: Mark("‖", Colour.HELD),
    Cause.NOT_SHOWN: Mark("‖", Colour.HELD),
    Cause.BEHIND: Mark("○", Colour.IDLE),
    Cause.LOCAL: Mark("‖", Colour.HELD),
}
_BUCKET_CAUSES = {
    BucketCause.DAMAGED: Mark("✕", Colour.BROKEN),
    BucketCause.AHEAD: Mark("▲", Colour.HELD),
    BucketCause.BEHIND: Mark("○", Colour.IDLE),
    BucketCause.NOT_SHOWN: Mark("‖", Colour.HELD),
    BucketCause.NO_LONGER_SENT: Mark("◧", Colour.ACCENT),
    BucketCause.NEVER_DOWNLOADED: Mark("◨", Colour.CHECKPOINT),
}
_PRESENCE = {Side.HERE: "the row is only here", Side.THERE: "the row is only at the service"}


def _row_of(row: ExplainedRow) -> Cell:
    it = row.difference
    return Cell(f"{it.row_type} / {shortened(it.row_id)}", whole=f"{it.row_type}/{it.row_id}")


def _bucket_of(bucket: ExplainedBucket) -> Cell:
    return Cell(parse_bucket_name(bucket.bucket).short, whole=bucket.bucket, cut_middle=True)


def _fresh_values(row: ExplainedRow) -> Cell:
    one_sided = _PRESENCE.get(row.difference.side)
    return Cell(one_sided, Colour.DIM) if one_sided else _values(row.difference)


FRESH_ROW_COLUMNS: tuple[Column[ExplainedRow], ...] = (
    Column("Row", cell=_row_of, face=Face.MONO, width=20, widest=30),
    Column("Cause", cell=lambda it: Cell(str(it.cause), mark=_CAUSES[it.cause]), width=15,
           explains="✕ nothing in the file explains it · ○ the service has changed it since"
           " · ‖ a local write waits, or the download is held back: normal."),
    Column("Here ≠ service", cell=_fresh_values, face=Face.MONO, width=28, least=14,
           explains="The columns that differ: the value in the open database, and the one in the fresh copy."),
    Column("Why", lambda it: it.why, width=26, least=16, stretch=True,
           explains="What this file's own operations and local writes say of it."),
)  # fmt: skip

FRESH_BUCKET_COLUMNS: tuple[Column[ExplainedBucket], ...] = (
    Column("Bucket", cell=_bucket_of, face=Face.MONO, width=20, least=14),
    Column("Cause", cell=lambda it: Cell(str(it.cause), mark=_BUCKET_CAUSES[it.cause]), width=17,
           explains="✕ no sound client has it so · ○ the service has changed it since · ‖ the download is held back"
           " · ◧ only here · ◨ only at the service."),
    Column("Here", lambda it: it.here, width=18, least=16, explains="In the open database."),
    Column("At the service", lambda it: it.fresh, width=18, least=16, explains="In the fresh copy."),
    Column("Why", lambda it: it.why, width=26, least=16, stretch=True, explains="What its operations showed."),
)  # fmt: skip

FRESH_STATE_COLUMNS: tuple[Column[StateDifference], ...] = (
    Column("What", lambda it: it.what, width=26, least=12),
    Column("Here", lambda it: it.here, width=24, least=10, explains="In the open database."),
    Column("Fresh copy", lambda it: it.there, width=24, stretch=True, explains="In the fresh copy."),
)
