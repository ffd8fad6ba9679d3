"""A list of two lines a row: what is so in bold with a word at the right end, and the figure below it."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QFont, QFontMetricsF, QPainter

from inspector.ui.fonts import PADDING, bold_font, text_font, zoomed
from inspector.ui.theme import Colour, colour
from inspector.ui.widgets.columns import Cell, Column, RowStyle
from inspector.ui.widgets.row_delegate import RowDelegate, RowState, Section
from inspector.ui.widgets.row_model import RowModel
from inspector.ui.widgets.row_table import RowTable

_HEIGHT = 52
"""Pixels at 100 %."""
_EDGE = 3
_GAP = 8
_GLYPH = 17


@dataclass(frozen=True, slots=True)
class _Line:
    font: QFont
    metrics: QFontMetricsF


class TwoLineDelegate(RowDelegate):
    """Paints the first column bold, the second below it, the third at the right end; the row's tint is its edge."""

    def __init__(self, columns: Sequence[Column[Any]]) -> None:
        super().__init__(columns)
        self._title = _Line(bold_font(), QFontMetricsF(bold_font()))
        self._plain = _Line(text_font(), QFontMetricsF(text_font()))

    def paint(
        self,
        painter: QPainter,
        top: int,
        width: int,
        sections: Sequence[Section],
        record: Any,
        style: RowStyle,
        state: RowState,
    ) -> None:
        height = zoomed(_HEIGHT)
        title, below, word = (column.of(record) for column in self._columns[:3])
        if state.selected:
            painter.fillRect(0, top, width, height, colour(Colour.SELECTION))
        if style.tint is not None:
            painter.fillRect(0, top, _EDGE, height - 1, colour(style.tint))
        painter.fillRect(0, top + height - 1, width, 1, colour(Colour.LINE))
        if state.current:
            # The edge tells the severity, so that the keyboard's place is told by a frame.
            painter.setPen(colour(Colour.ACCENT))
            painter.setBrush(Qt.BrushStyle.NoBrush)
            painter.drawRect(QRectF(_EDGE + 0.5, top + 0.5, width - _EDGE - 1, height - 2))
        dim = Colour.TEXT if state.selected else Colour.DIM
        left, right = _EDGE + PADDING, width - PADDING - 4
        line = self._plain.metrics.height()
        first = top + (height - 2 * line - 3) / 2 + self._plain.metrics.ascent()
        taken = self._plain.metrics.horizontalAdvance(word.text)
        painter.setFont(self._plain.font)
        painter.setPen(colour(dim))
        painter.drawText(QPointF(right - taken, first), word.text)
        if title.mark is not None:
            painter.setPen(colour(title.mark.colour))
            painter.drawText(QPointF(left, first), title.mark.glyph)
        left += zoomed(_GLYPH)
        self._draw(painter, self._title, left, first, right - taken - _GAP - left, title, Colour.TEXT)
        self._draw(painter, self._plain, left, first + line + 3, right - left, below, dim)

    def is_cut(self, column: int, cell: Cell, style: RowStyle, width: int) -> bool:
        return True  # the tooltip is the whole, wherever one points

    @staticmethod
    def _draw(painter: QPainter, line: _Line, left: float, y: float, room: float, cell: Cell, tone: Colour) -> None:
        painter.setFont(line.font)
        painter.setPen(colour(tone))
        painter.drawText(QPointF(left, y), line.metrics.elidedText(cell.text, Qt.TextElideMode.ElideRight, room))


class TwoLineTable(RowTable):
    """Rows of two lines, without a header."""

    def __init__(self, model: RowModel[Any], name: str) -> None:
        super().__init__(model, name, header=False)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)

    @property
    def height_of_row(self) -> int:
        return zoomed(_HEIGHT)

    def make_delegate(self) -> RowDelegate:
        return TwoLineDelegate(self.row_model.columns)
