"""The list of tables, and the columns of a table made from its shape."""

from dataclasses import replace
from typing import Any

from PySide6.QtCore import QCoreApplication

from inspector.store.data_queries import DataColumn, Row, TableShape, Value
from inspector.ui.theme import Colour
from inspector.ui.widgets.columns import DASH, Align, Cell, Column, Face, Mark, figures
from inspector.words import byte_size, thousands

RAW_IS_READ = QCoreApplication.translate(
    "RowChanges",
    "The app made this table itself, and changes it by statements of its own: what it would upload for a change is not"
    " known here, so its rows are only read.",
)
ODD = QCoreApplication.translate(
    "DataPanel", "This text is not UTF-8, as with half of a surrogate pair: what is odd in it is shown escaped."
)
_LONGEST_CELL = 300
_KINDS = {
    "synced": Cell("synced", Colour.DIM, tooltip="Its rows come from the service, and local writes are uploaded."),
    "local": Cell("local only", Colour.DIM, tooltip="Its rows stay on this device: they are never synced."),
    "untyped": Cell(
        "not in schema",
        Colour.HELD,
        Mark("‖", Colour.HELD),
        tooltip="The client's schema has no such table, so the app does not see these rows: they wait in ps_untyped.",
    ),
    "raw": Cell("the app's own", Colour.DIM, tooltip="The app made this table itself, outside of the SDK's schema."),
}


def _rows(shape: TableShape) -> Cell:
    if shape.rows is None:
        why = "It is counted when it is opened." if shape.kind == "raw" else "Damage keeps it from being counted."
        return Cell(DASH, Colour.DIM, tooltip=why)
    return Cell(thousands(shape.rows))


TABLE_COLUMNS: tuple[Column[TableShape], ...] = (
    Column(
        "Table",
        lambda shape: shape.title,
        width=8,
        least=6,
        stretch=True,
        explains="A table or view as the app calls it.",
    ),
    figures("Rows", _rows, width=6, explains="Rows in it now."),
    Column("Kind", cell=lambda shape: _KINDS[shape.kind], width=11, least=6, explains="Where its rows come from."),
)


def data_columns(shape: TableShape, remark: str = "") -> tuple[Column[Row], ...]:
    """A column of the grid for each of the table's; `remark` is in the tooltip of each cell."""
    return tuple(_column(number, column, remark) for number, column in enumerate(shape.columns))


def _column(number: int, column: DataColumn, remark: str) -> Column[Row]:
    typed = f"The schema casts it to {column.type.lower()}." if column.type else "It has no type."
    return Column(
        column.name,
        cell=lambda row: value_cell(row.values[number], remark),
        align=Align.RIGHT if column.is_number else Align.LEFT,
        face=Face.MONO,
        width=max(6, min(16, len(column.name) + 2)),
        widest=40,
        explains=f"{column.name}. {typed}",
        word=None,
    )


def value_cell(value: Value, remark: str = "") -> Cell:
    """A value of a table as it is painted; `remark` follows the value in its tooltip."""
    cell = _value_cell(value)
    if not remark:
        return cell
    return replace(cell, tooltip="\n\n".join(part for part in (cell.tooltip or cell.whole, remark) if part))


def _value_cell(value: Value) -> Cell:
    text = value_text(value.value)
    if value.is_odd:
        return Cell(
            " ".join(text[:_LONGEST_CELL].split()), Colour.HELD, whole=text, tooltip=f"{ODD} {text}"[:_LONGEST_CELL]
        )
    if value.value is None:
        return Cell("NULL", Colour.DIM)
    if isinstance(value.value, bytes):
        return Cell(f"blob, {byte_size(value.size or 0)}", Colour.DIM, whole=text)
    one_line = " ".join(text[:_LONGEST_CELL].split()) if len(text) > 80 or "\n" in text else text
    if value.is_cut:
        tooltip = f"{byte_size(value.size or 0)}. The pane beside the table shows all of it."
        return Cell(f"{one_line}…", whole=text, tooltip=tooltip)
    return Cell(one_line, whole=text)


def value_text(value: Any) -> str:
    """A value as text: what is copied."""
    if value is None:
        return ""
    if isinstance(value, bytes):
        return value.hex(" ")
    return str(value)


def describe_value(column: str, value: Any, *, is_odd: bool = False) -> str:
    """What stands above a whole value."""
    if is_odd:
        return f"{column} · {QCoreApplication.translate('DataPanel', 'not UTF-8, shown escaped')}"
    if value is None:
        return f"{column} · NULL"
    if isinstance(value, str | bytes):
        size = len(value.encode(errors="replace")) if isinstance(value, str) else len(value)
        return f"{column} · {'text' if isinstance(value, str) else 'blob'} · {byte_size(size)}"
    return f"{column} · {'integer' if isinstance(value, int) else 'real'}"
