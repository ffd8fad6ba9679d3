"""The columns of the row panel: values beside each other, and steps."""

from PySide6.QtCore import Qt

from inspector.analysis.row_columns import ColumnValues
from inspector.analysis.row_facts import Step
from inspector.protocol.buckets import parse_bucket_name
from inspector.ui.theme import Colour
from inspector.ui.times import clock, full_utc
from inspector.ui.widgets.columns import DASH, Cell, Column, Face, Mark, Note
from inspector.ui.widgets.row_model import RowModel

_LONGEST_CELL = 300
_REMARKS = {
    "pending": Note("pending", Colour.HELD),
    "newer": Note("not shown yet", Colour.HELD),
    "altered": Note("altered", Colour.BROKEN),
    "unknown": Note("not confirmed", Colour.DIM),
}
TINTS = {"pending": Colour.HELD, "newer": Colour.HELD, "altered": Colour.BROKEN}
"""What lies under the row of a column that differs."""

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
    return Cell(cell.text, note=_REMARKS.get(values.state), whole=cell.whole, tooltip=_EXPLAINED.get(values.state, ""))


def _after(values: ColumnValues) -> Cell:
    cell = _value(values.device, "It has no such value after it.")
    return cell if values.state == "same" else Cell(cell.text, Colour.ACCENT, whole=cell.whole, tooltip="It changed.")


def _column(title: str) -> Column[ColumnValues]:
    return Column(
        title,
        lambda values: values.column,
        face=Face.MONO,
        width=11,
        widest=16,
        explains="A column of the row.",
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


def whole_values(model: RowModel[ColumnValues], values: ColumnValues) -> str:
    """The column's name, and both values under what the model's headers call them."""
    titles = (str(model.headerData(section, Qt.Orientation.Horizontal)) for section in (1, 2))
    parts = (
        f"{title}:\n{DASH if text is None else text}"
        for title, text in zip(titles, (values.service, values.device), strict=True)
    )
    return "\n\n".join((values.column, *parts))


def _number(step: Step) -> Cell:
    if step.is_local:
        text = DASH if step.tx_id is None else f"tx {step.tx_id}"
        where = "in the upload queue" if step.upload is None else "that was uploaded"
        return Cell(text, tooltip=f"A local transaction {where}.")
    return Cell(f"op {step.op_id}", tooltip="The operation's id.")


def _what(step: Step) -> Cell:
    """What it does to the row, and whether it is what the app sees."""
    bucket = parse_bucket_name(step.bucket).short
    words = f"local {step.op}" if step.is_local else step.op
    match step.state:
        case "shown":
            return Cell(f"{words}, shown", mark=Mark("✓", Colour.FINE), tooltip="The app's table shows it.")
        case "newer":
            tooltip = "It is downloaded and not shown yet."
            return Cell(f"{words}, downloaded, not shown", mark=Mark("‖", Colour.HELD), tooltip=tooltip)
        case "waiting":
            tooltip = "The backend has not taken it yet."
            return Cell(f"{words}, waiting", mark=Mark("‖", Colour.HELD), tooltip=tooltip)
        case "uploaded":
            tooltip = "The backend has taken it. What the service made of it comes with an operation."
            return Cell(f"{words}, uploaded", mark=Mark("✓", Colour.IDLE), tooltip=tooltip)
        case "left":
            return Cell(
                f"{words}, left {bucket}", Colour.DIM, Mark("○", Colour.IDLE), tooltip="The row left this bucket."
            )
        case "also":
            tooltip = "Another bucket holds the row with the same values."
            return Cell(f"also in {bucket}", Colour.DIM, Mark("○", Colour.IDLE), whole=step.bucket, tooltip=tooltip)
    tooltip = "A newer operation of the row counts."
    return Cell(f"{words}, superseded", Colour.DIM, Mark("○", Colour.IDLE), tooltip=tooltip)


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
        "History",
        cell=_number,
        face=Face.MONO,
        width=8,
        explains="The operation, or the local transaction. Superseded operations are in a capture only.",
    ),
    Column("What happened", cell=_what, width=22, explains="What it does to the row, and whether the app sees it."),
    Column(
        "Change",
        lambda step: step.change[:_LONGEST_CELL],
        whole=lambda step: step.change,
        face=Face.MONO,
        width=8,
        least=4,
        stretch=True,
        explains="What differs from the operation before it.",
    ),
    Column("Bucket", cell=_bucket, face=Face.MONO, width=14, optional=True, explains="The bucket that it is in."),
    Column("Time", cell=_time, face=Face.MONO, width=12, optional=True, explains="When it came, in local time."),
)
