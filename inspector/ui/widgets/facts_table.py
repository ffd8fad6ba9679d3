"""A table of facts: names, values, and where there is room what they mean."""

from PySide6.QtCore import QObject
from PySide6.QtWidgets import QWidget

from inspector.analysis.facts import Fact
from inspector.analysis.situations import Role
from inspector.ui.theme import ROLE_COLOURS, Colour
from inspector.ui.widgets.columns import Cell, Column, Face, Mark, RowStyle
from inspector.ui.widgets.row_model import ListModel
from inspector.ui.widgets.row_table import RowTable

_GLYPHS = {Role.FINE: "✓", Role.HELD: "▲", Role.BROKEN: "✕"}
_HEADING, _LINE = RowStyle(bold=True), RowStyle()


def _name(fact: Fact) -> Cell:
    return Cell(fact.name, Colour.TEXT if fact.heading else Colour.DIM, tooltip=fact.explains)


def _value(fact: Fact) -> Cell:
    glyph = _GLYPHS.get(fact.role)
    mark = Mark(glyph, ROLE_COLOURS[fact.role]) if glyph and fact.value else None
    colour = ROLE_COLOURS[fact.role] if fact.role in (Role.BROKEN, Role.HELD) else Colour.TEXT
    explained = f"{fact.value}\n{fact.explains}".strip() if fact.explains else ""
    return Cell(fact.value, colour, mark, tooltip=explained, progress=fact.progress, cut_middle=fact.mono)


def _meaning(fact: Fact) -> Cell:
    return Cell("" if fact.heading else fact.explains, Colour.DIM)


_NAME: Column[Fact] = Column("Fact", cell=_name, width=12, widest=28)
_WIDE_NAME: Column[Fact] = Column("Fact", cell=_name, width=17, widest=28)
_VALUE: Column[Fact] = Column("Value", cell=_value, face=Face.MONO, width=16, stretch=True)
_WIDE_VALUE: Column[Fact] = Column("Value", cell=_value, face=Face.MONO, width=38, least=16, stretch=True)
_MEANING: Column[Fact] = Column("Meaning", cell=_meaning, width=48, widest=90, least=20, optional=True)


class FactsModel(ListModel[Fact]):
    """Facts by their names; headings stand out. With `meanings`, what they mean is a column where there is room."""

    def __init__(self, parent: QObject | None = None, *, meanings: bool = False) -> None:
        super().__init__((_WIDE_NAME, _WIDE_VALUE, _MEANING) if meanings else (_NAME, _VALUE), parent)

    def key(self, record: Fact) -> object:
        return record.name, record.heading

    def row_style(self, record: Fact) -> RowStyle:
        return _HEADING if record.heading else _LINE


class FactsTable(RowTable):
    """Names are never cut: all of them are measured, also those that are scrolled away."""

    def __init__(self, model: FactsModel, name: str, parent: QWidget) -> None:
        super().__init__(model, name, header=False, parent=parent)

    def rows_to_fit(self) -> range:
        return range(self.row_model.row_count())
