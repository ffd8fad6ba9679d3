"""The columns of the row panel: values beside each other, and steps."""

from inspector.analysis.row_story import ColumnValues, Step
from inspector.protocol.buckets import parse_bucket_name
from inspector.ui.panels.buckets.content_columns import op_cell
from inspector.ui.theme import Colour
from inspector.ui.times import clock, full_utc
from inspector.ui.widgets.columns import DASH, Align, Cell, Column, Face, Mark, Note

_LONGEST_CELL = 300
_LOCAL_OPS = {"PUT": Colour.FINE, "PATCH": Colour.ACCENT, "DELETE": Colour.BROKEN}
_REMARKS = {
    "pending": Note("pending", Colour.HELD),
    "newer": Note("not shown yet", Colour.HELD),
    "altered": Note("✕ altered", Colour.BROKEN),
    "unknown": Note("not confirmed", Colour.DIM),
}
_EXPLAINED = {
    "pending": "A local write in the upload queue has set it.",
    "newer": "The service's value is downloaded and not shown yet.",
    "altered": "It is no value of an operation or of a local write: something wrote to the table itself.",
    "unknown": "It differs while uploaded writes are not confirmed.",
}


def _value(text: str | None, absent: str) -> Cell:
    if text is None:
        return Cell(DASH, Colour.DIM, tooltip=absent)
    return Cell(text[:_LONGEST_CELL], whole=text)


def _device(values: ColumnValues) -> Cell:
    cell = _value(values.device, "The table has no such value.")
    if values.state == "same" or values.service is None or values.device is None:
        return cell
    colour = Colour.BROKEN if values.state == "altered" else Colour.HELD
    return Cell(
        cell.text, colour, note=_REMARKS.get(values.state), whole=cell.whole, tooltip=_EXPLAINED.get(values.state, "")
    )


def _after(values: ColumnValues) -> Cell:
    cell = _value(values.device, "It has no such value after it.")
    return cell if values.state == "same" else Cell(cell.text, Colour.ACCENT, whole=cell.whole, tooltip="It changed.")


def _column(title: str) -> Column[ColumnValues]:
    return Column(
        title, lambda values: values.column, face=Face.MONO, width=11, least=7, explains="A column of the row."
    )


COMPARED_COLUMNS: tuple[Column[ColumnValues], ...] = (
    _column("Column"),
    Column(
        "Service",
        cell=lambda values: _value(values.service, "The newest operation has no such value, or there is none."),
        face=Face.MONO,
        width=12,
        widest=26,
        least=8,
        explains="What the newest operation has.",
    ),
    Column(
        "This device",
        cell=_device,
        face=Face.MONO,
        width=12,
        least=8,
        stretch=True,
        explains="What the app's table has, local writes included.",
    ),
)

STEP_VALUE_COLUMNS: tuple[Column[ColumnValues], ...] = (
    _column("Column"),
    Column(
        "Before",
        cell=lambda values: _value(values.service, "It is not known, or was not there."),
        face=Face.MONO,
        width=12,
        widest=26,
        least=8,
        explains="The row before the selected step.",
    ),
    Column("After", cell=_after, face=Face.MONO, width=14, stretch=True, explains="The row after it."),
)


def _number(step: Step) -> Cell:
    if step.is_local:
        text = DASH if step.tx_id is None else f"tx {step.tx_id}"
        return Cell(text, Colour.DIM, tooltip="A local transaction in the upload queue.")
    return Cell(str(step.op_id), tooltip="The operation's id.")


def _op(step: Step) -> Cell:
    if step.is_local:
        return Cell(f"local {step.op}", _LOCAL_OPS.get(step.op, Colour.TEXT))
    return op_cell(step.op)


def _state(step: Step) -> Cell:
    match step.state:
        case "shown":
            return Cell("shown", Colour.TEXT, Mark("✓", Colour.FINE), tooltip="The app's table shows it.")
        case "newer":
            return Cell("not shown", Colour.HELD, Mark("‖", Colour.HELD), tooltip="It is downloaded and not shown yet.")
        case "waiting":
            return Cell("waiting", Colour.HELD, Mark("‖", Colour.HELD), tooltip="The backend has not taken it yet.")
        case "left":
            return Cell("left", Colour.DIM, Mark("○", Colour.IDLE), tooltip="The row left this bucket.")
        case "superseded":
            tooltip = "A newer operation of the row counts."
            return Cell("superseded", Colour.DIM, Mark("○", Colour.IDLE), tooltip=tooltip)
    return Cell()


def _bucket(step: Step) -> Cell:
    if not step.bucket:
        return Cell()
    return Cell(parse_bucket_name(step.bucket).short, whole=step.bucket)


def _time(step: Step) -> Cell:
    if step.at is None:
        return Cell(DASH, Colour.DIM, tooltip="When it came is not known: no capture holds it.")
    return Cell(clock(step.at), Colour.DIM, whole=full_utc(step.at))


STEP_COLUMNS: tuple[Column[Step], ...] = (
    Column(
        "Op id", cell=_number, align=Align.RIGHT, face=Face.MONO, width=7, explains="The operation, or local write."
    ),
    Column("Op", cell=_op, width=9, explains="What it does to the row."),
    Column("State", cell=_state, width=10, explains="Whether it is what the app sees."),
    Column(
        "Change",
        lambda step: step.change[:_LONGEST_CELL],
        whole=lambda step: step.change,
        face=Face.MONO,
        width=12,
        least=6,
        stretch=True,
        explains="What differs from the operation before it.",
    ),
    Column("Bucket", cell=_bucket, face=Face.MONO, width=14, optional=True, explains="The bucket that it is in."),
    Column("Time", cell=_time, face=Face.MONO, width=12, optional=True, explains="When it came, in local time."),
)
