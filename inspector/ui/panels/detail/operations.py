"""The operations of a data line as rows."""

from PySide6.QtCore import QObject

from inspector.protocol.lines import OpType
from inspector.ui.frame.content import ShownOperation
from inspector.ui.frame.operation_hash import Verdict
from inspector.ui.selection import OperationKey, RowKey
from inspector.ui.theme import Colour
from inspector.ui.things import Things
from inspector.ui.times import shortened
from inspector.ui.widgets.columns import DASH, Align, Cell, Column, Face, Mark
from inspector.ui.widgets.row_model import ListModel

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


class OperationsModel(ListModel[ShownOperation]):
    """The operations of one data line; `bucket` is the line's."""

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(COLUMNS, parent)
        self.bucket: str | None = None

    def things(self, record: ShownOperation) -> Things:
        operation = record.operation
        key = None if self.bucket is None else OperationKey(self.bucket, operation.op_id)
        named = operation.object_type is not None and operation.object_id is not None
        row = RowKey(operation.object_type or "", operation.object_id or "") if named else None
        return Things(bucket=self.bucket, operation=key, row=row)
