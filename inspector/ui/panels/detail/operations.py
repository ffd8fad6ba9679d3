"""The operations of a data line as rows."""

from inspector.protocol.lines import OpType
from inspector.ui.frame_content import ShownOperation
from inspector.ui.operation_hash import Verdict
from inspector.ui.theme import Colour
from inspector.ui.times import shortened
from inspector.ui.widgets.columns import DASH, Align, Cell, Column, Face, Mark

OP_COLOURS = {
    OpType.PUT: Colour.ACCENT,
    OpType.REMOVE: Colour.HELD,
    OpType.MOVE: Colour.CHECKPOINT,
    OpType.CLEAR: Colour.CHECKPOINT,
}
HASH_MARKS = {
    Verdict.AGREES: Mark("✓", Colour.FINE),
    Verdict.DIFFERS: Mark("✕", Colour.BROKEN),
}
_EXPLAINED = {
    OpType.PUT: "PUT: the whole row as it is now.",
    OpType.REMOVE: "REMOVE: the row leaves this bucket; it leaves the client when no bucket holds it.",
    OpType.MOVE: "MOVE: its content was compacted away, only its checksum counts.",
    OpType.CLEAR: "CLEAR: everything before it in this bucket is forgotten.",
}


def _op(shown: ShownOperation) -> Cell:
    op = shown.operation.op
    return Cell(str(op), OP_COLOURS[op], tooltip=_EXPLAINED[op])


def _row(shown: ShownOperation) -> Cell:
    operation = shown.operation
    if operation.object_type is None or operation.object_id is None:
        return Cell(DASH, Colour.DIM, tooltip="The operation names no row.")
    text = f"{operation.object_type} / {shortened(operation.object_id)}"
    return Cell(text, whole=f"{operation.object_type}/{operation.object_id}")


def _hash(shown: ShownOperation) -> Cell:
    check = shown.hash_check
    mark = HASH_MARKS.get(check.verdict)
    if mark is None:
        return Cell(DASH, Colour.DIM, tooltip=check.reason)
    return Cell(mark=mark, tooltip=check.reason)


COLUMNS: tuple[Column[ShownOperation], ...] = (
    Column(
        "Op id",
        lambda shown: shown.operation.op_id,
        align=Align.RIGHT,
        face=Face.MONO,
        width=7,
        explains="Operations are numbered through all buckets of the service.",
    ),
    Column("Op", cell=_op, width=8, explains="PUT, REMOVE, MOVE or CLEAR."),
    Column("Row", cell=_row, face=Face.MONO, width=12, stretch=True, explains="The table and the row's id."),
    Column(
        "Hash",
        cell=_hash,
        align=Align.RIGHT,
        width=5,
        explains="Whether the checksum that was sent is that of the content, recomputed here.",
    ),
)
