"""The columns of what a bucket holds: operations that are kept, operations as they came, and rows."""

from inspector.analysis.bucket_history import CameOperation
from inspector.protocol.checksums import as_hex
from inspector.protocol.lines import OpType
from inspector.store.records import Operation
from inspector.ui.panels.detail.operations import OP_COLOURS
from inspector.ui.panels.uploads.log_columns import row_cell
from inspector.ui.theme import Colour
from inspector.ui.times import clock, full_utc
from inspector.ui.widgets.columns import DASH, Align, Cell, Column, Face, Mark

_LONGEST_CELL = 300
_UNREADABLE = "The page of the file that holds it is damaged."


def op_cell(op: str) -> Cell:
    """A kind of operation."""
    return Cell(op, OP_COLOURS.get(OpType(op), Colour.TEXT) if op in set(OpType) else Colour.TEXT)


def data_cell(data: str | None) -> Cell:
    """A row's JSON, its beginning."""
    if data is None:
        return Cell(DASH, Colour.DIM, tooltip="It has no data.")
    return Cell(data[:_LONGEST_CELL], Colour.DIM, whole=data)


def _kept_op(operation: Operation) -> Cell:
    if not operation.readable:
        return Cell("unreadable", Colour.BROKEN, Mark("✕", Colour.BROKEN), tooltip=_UNREADABLE)
    cell = op_cell(operation.op)
    if operation.superseded:
        return Cell(
            cell.text, Colour.DIM, Mark("○", Colour.IDLE), tooltip="Superseded by a newer operation of the row."
        )
    return cell


def _kept_row(operation: Operation) -> Cell:
    return row_cell(operation.row_type, operation.row_id)


_OP_ID: Column[Operation] = Column(
    "Op id",
    lambda operation: operation.op_id,
    align=Align.RIGHT,
    face=Face.MONO,
    width=7,
    explains="Operations are numbered through all buckets of the service.",
)
_DATA: Column[Operation] = Column(
    "Data",
    cell=lambda operation: data_cell(operation.data),
    face=Face.MONO,
    width=12,
    least=6,
    widest=60,
    stretch=True,
    explains="The row as the service sent it.",
)

KEPT_COLUMNS: tuple[Column[Operation], ...] = (
    _OP_ID,
    Column("Op", cell=_kept_op, width=8, explains="PUT: the whole row. Up to schema version 4 also REMOVE."),
    Column("Row", cell=_kept_row, face=Face.MONO, width=15, least=9, explains="The table and the row's id."),
    _DATA,
    Column(
        "Checksum",
        lambda operation: None if operation.checksum is None else as_hex(operation.checksum).removeprefix("0x"),
        align=Align.RIGHT,
        face=Face.MONO,
        colour=Colour.DIM,
        width=9,
        optional=True,
        unknown=_UNREADABLE,
        explains="As the service sent it.",
    ),
    Column(
        "Subkey",
        lambda operation: operation.subkey,
        face=Face.MONO,
        colour=Colour.DIM,
        width=10,
        optional=True,
        unknown="Its key has no such part.",
        explains="Tells apart copies of one row within the bucket.",
    ),
)

ROW_COLUMNS: tuple[Column[Operation], ...] = (
    Column("Table", lambda operation: operation.row_type, width=8, explains="The row's type."),
    Column("Id", lambda operation: operation.row_id, face=Face.MONO, width=12, least=7, explains="The row's id."),
    _OP_ID,
    _DATA,
)


def _kept(came: CameOperation) -> Cell:
    if came.kept is None:
        return Cell(DASH, Colour.DIM, tooltip="There is no client database to tell whether it is kept.")
    if came.kept:
        return Cell("kept", Colour.TEXT, Mark("✓", Colour.FINE), tooltip="The oplog holds it.")
    if came.operation.op is OpType.PUT:
        tooltip = "A newer operation of the row came, or the bucket was deleted."
        return Cell("superseded", Colour.DIM, Mark("○", Colour.IDLE), tooltip=tooltip)
    return Cell("not kept", Colour.DIM, Mark("○", Colour.IDLE), tooltip="Only its checksum counts; PUTs are kept.")


CAME_COLUMNS: tuple[Column[CameOperation], ...] = (
    Column(
        "Op id",
        lambda came: came.operation.op_id,
        align=Align.RIGHT,
        face=Face.MONO,
        width=7,
        explains="Operations are numbered through all buckets of the service.",
    ),
    Column("Op", cell=lambda came: op_cell(str(came.operation.op)), width=8, explains="PUT, REMOVE, MOVE or CLEAR."),
    Column(
        "Row",
        cell=lambda came: row_cell(came.operation.object_type, came.operation.object_id),
        face=Face.MONO,
        width=15,
        least=8,
        stretch=True,
        explains="The table and the row's id.",
    ),
    Column("Now", cell=_kept, width=11, explains="Whether the client keeps it, or a newer operation took its place."),
    Column(
        "Time",
        lambda came: clock(came.received_at),
        whole=lambda came: full_utc(came.received_at),
        face=Face.MONO,
        colour=Colour.DIM,
        width=12,
        optional=True,
        explains="When its frame arrived, in local time.",
    ),
    Column(
        "Frame",
        lambda came: came.frame,
        align=Align.RIGHT,
        face=Face.MONO,
        colour=Colour.DIM,
        width=7,
        optional=True,
        explains="The frame that brought it.",
    ),
)
