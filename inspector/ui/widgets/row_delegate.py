"""Paints one whole row in one go.

Painting cell by cell costs two to four times as much (a delegate call, a style option and several `data()` calls for
each), and painting is what the window spends its time on while frames arrive.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, TypeAlias

from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QColor, QFont, QFontMetricsF, QPainter, QStaticText, QTransform

from inspector.ui.fonts import PADDING, bold_font, mono_font, row_height, text_font
from inspector.ui.theme import Colour, colour
from inspector.ui.widgets.columns import Align, Cell, Column, Face, Mark, RowStyle

INDENT = 14
SQUARE = 9
_TINT_ALPHA = 26
"""Of 255: little enough that text keeps its contrast."""
_TINT_EDGE = 3
_MARKED_ALPHA = 80
_BAR = 2
_MARK_GAP = 7
_NOTE_GAP = 8
_TEXTS_KEPT = 4096
_LEAST_OF_SPAN = 9
"""Characters that are left of what gives way."""

Spans: TypeAlias = tuple[tuple[int, int], ...]


@dataclass(frozen=True, slots=True)
class Section:
    """A column on screen: `x` and `width` in pixels of the viewport."""

    column: int
    x: int
    width: int


@dataclass(frozen=True, slots=True)
class RowState:
    """How the row is marked."""

    selected: bool = False
    current: bool = False


@dataclass(frozen=True, slots=True)
class FittedText:
    """Text ready to be drawn, and the width that it takes in pixels."""

    drawn: QStaticText
    width: float
    shown: str
    """Cut short where it did not fit."""


def shorten_spans(text: str, spans: Spans, excess: int) -> str:
    """`text` without so many characters, from the middles of `spans`, the longest first; fewer where that is all."""
    lengths = [end - start for start, end in spans]
    most = max(lengths, default=0)
    while most > _LEAST_OF_SPAN and sum(max(0, length - most) for length in lengths) < excess:
        most -= 1
    shown, last = "", 0
    for start, end in spans:
        head = start + most // 2
        tail = end - (most - 1) // 2
        shown += text[last:start] + (text[start:end] if end - start <= most else f"{text[start:head]}…{text[tail:end]}")
        last = end
    return shown + text[last:]


def _translucent(role: Colour, alpha: int) -> QColor:
    found = QColor(colour(role))
    found.setAlpha(alpha)
    return found


class _Lettering:
    """A font with what painting asks of it again and again."""

    def __init__(self, font: QFont) -> None:
        self.font = font
        self.metrics = QFontMetricsF(font)
        self.top = round((row_height() - self.metrics.height()) / 2)
        self._known: dict[tuple[str, int, bool, Spans], FittedText] = {}
        self._widths: dict[str, float] = {}

    def width(self, text: str) -> float:
        """The width of `text` in pixels; many cells of a column say the same."""
        known = self._widths.get(text)
        if known is None:
            if len(self._widths) >= _TEXTS_KEPT:
                self._widths.clear()
            known = self._widths[text] = self.metrics.horizontalAdvance(text)
        return known

    def fitted(self, text: str, width: int, cut_middle: bool = False, gives_way: Spans = ()) -> FittedText:
        """`text` as it fits `width` pixels; laid out once and kept, which makes drawing it twice as fast."""
        known = self._known.get((text, width, cut_middle, gives_way))
        if known is not None:
            return known
        shown, taken = text, self.metrics.horizontalAdvance(text)
        if taken > width:
            if gives_way:
                excess = math.ceil((taken - width) / self.metrics.averageCharWidth())
                shown = shorten_spans(text, gives_way, excess)
            mode = Qt.TextElideMode.ElideMiddle if cut_middle else Qt.TextElideMode.ElideRight
            shown = self.metrics.elidedText(shown, mode, max(0, width))
            taken = self.metrics.horizontalAdvance(shown)
        drawn = QStaticText(shown)
        drawn.setTextFormat(Qt.TextFormat.PlainText)
        drawn.setPerformanceHint(QStaticText.PerformanceHint.AggressiveCaching)
        drawn.prepare(QTransform(), self.font)
        if len(self._known) >= _TEXTS_KEPT:
            self._known.clear()
        fitted = self._known[text, width, cut_middle, gives_way] = FittedText(drawn, taken, shown)
        return fitted


class RowDelegate:
    """Paints rows of `columns`: background, tree arrow, marks and texts."""

    def __init__(self, columns: Sequence[Column[Any]]) -> None:
        self._columns = columns
        self._text = _Lettering(text_font())
        self._bold = _Lettering(bold_font())
        self._mono = _Lettering(mono_font())

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
        """Paint the row of `record` with its upper edge at `top`."""
        if style.line_above:
            painter.fillRect(0, top, width, 1, colour(Colour.IDLE))
        if style.tint is not None:
            painter.fillRect(0, top, _TINT_EDGE, row_height(), colour(style.tint))
            painter.fillRect(0, top, width, row_height(), _translucent(style.tint, _TINT_ALPHA))
        if state.selected:
            painter.fillRect(0, top, width, row_height(), colour(Colour.SELECTION))
        if state.current:
            painter.fillRect(0, top, 2, row_height(), colour(Colour.ACCENT))
        for section in sections:
            cell = self._columns[section.column].of(record)
            indent = self._indent(section.column, style)
            if section.column == 0 and style.expanded is not None:
                self._paint_arrow(painter, section.x + indent - INDENT, top, style.expanded)
            self._paint_cell(painter, section, cell, top, indent, style, state.selected)

    def needed_width(self, column: int, cell: Cell, style: RowStyle) -> int:
        """The width in pixels that shows all of `cell`."""
        lettering = self._lettering(self._columns[column], style)
        text = lettering.width(cell.text)
        if cell.note is not None:
            text += _NOTE_GAP + lettering.width(cell.note.text)
        return int(text + self._mark_width(cell)) + self._indent(column, style) + 2 * PADDING + 2

    def is_cut(self, column: int, cell: Cell, style: RowStyle, width: int) -> bool:
        """Whether `cell` is not shown whole in `width` pixels."""
        return self.needed_width(column, cell, style) - 2 > width

    def _indent(self, column: int, style: RowStyle) -> int:
        if column != 0:
            return 0
        return style.depth * INDENT + (INDENT if style.expanded is not None or style.gutter else 0)

    def _lettering(self, column: Column[Any], style: RowStyle) -> _Lettering:
        if style.bold:
            return self._bold if column is self._columns[0] else self._text
        return self._mono if column.face is Face.MONO else self._text

    def _mark_width(self, cell: Cell) -> float:
        if cell.mark is None:
            return 0
        if cell.mark.glyph == "■":
            return SQUARE + _MARK_GAP
        gap = 5 if cell.text else 0
        return self._text.width(cell.mark.glyph) + gap

    def _paint_cell(
        self, painter: QPainter, section: Section, cell: Cell, top: int, indent: int, style: RowStyle, selected: bool
    ) -> None:
        column = self._columns[section.column]
        lettering = self._lettering(column, style)
        mark_width = self._mark_width(cell)
        room = section.width - 2 * PADDING - indent - int(mark_width)
        if room <= 0 and not cell.mark:
            return
        note = self._fitted_note(cell, lettering, room)
        text_room = room - int(note.width) - _NOTE_GAP if note else room
        text = lettering.fitted(cell.text, text_room, cell.cut_middle, cell.gives_way) if cell.text else None
        taken = text.width if text else 0.0
        left = section.x + PADDING + indent
        if (cell.align or column.align) is Align.RIGHT:
            left = section.x + section.width - PADDING - int(taken + mark_width)
        if cell.progress is not None:
            role = cell.mark.colour if cell.mark is not None else cell.colour
            _paint_progress(painter, section, cell.progress, colour(role), top)
        if cell.mark is not None:
            self._paint_mark(painter, cell.mark, left, top)
        if cell.marked is not None and text:
            advance = lettering.metrics.horizontalAdvance("0")
            begin, end = (min(at * advance, text.width) for at in cell.marked)
            area = QRectF(left + mark_width + begin - 1, top + 2, end - begin + 2, row_height() - 4)
            painter.fillRect(area, _translucent(Colour.ACCENT, _MARKED_ALPHA))
        painter.setFont(lettering.font)
        if text and cell.parts and text.shown == cell.text:
            x = left + mark_width
            for part, role in cell.parts:
                piece = lettering.fitted(part, text_room)
                painter.setPen(colour(Colour.TEXT if selected and role is Colour.DIM else role))
                painter.drawStaticText(QPointF(x, top + lettering.top), piece.drawn)
                x += piece.width
        elif text:
            # On the selection dim text would have too little contrast.
            plain = selected and cell.colour is Colour.DIM
            painter.setPen(colour(Colour.TEXT if plain else cell.colour))
            painter.drawStaticText(QPointF(left + mark_width, top + lettering.top), text.drawn)
        if note and cell.note:
            gap = _NOTE_GAP if text else 0
            painter.setPen(colour(cell.note.colour))
            painter.drawStaticText(QPointF(left + mark_width + taken + gap, top + lettering.top), note.drawn)

    def _fitted_note(self, cell: Cell, lettering: _Lettering, room: int) -> FittedText | None:
        """What is shown of the note, which tells more than the value: it may have three fifths of the room."""
        if cell.note is None:
            return None
        left = room - int(lettering.metrics.horizontalAdvance(cell.text)) - _NOTE_GAP
        return lettering.fitted(cell.note.text, max(left, room * 3 // 5))

    def _paint_mark(self, painter: QPainter, mark: Mark, left: int, top: int) -> None:
        if mark.glyph == "■":
            square = QRectF(left, top + (row_height() - SQUARE) / 2, SQUARE, SQUARE)
            painter.setPen(Qt.PenStyle.NoPen)
            painter.setBrush(colour(mark.colour))
            painter.drawRoundedRect(square, 2, 2)
            return
        painter.setFont(self._text.font)
        painter.setPen(colour(mark.colour))
        painter.drawStaticText(QPointF(left, top + self._text.top), self._text.fitted(mark.glyph, row_height()).drawn)

    def _paint_arrow(self, painter: QPainter, left: int, top: int, expanded: bool) -> None:
        middle = top + row_height() / 2
        x = left + PADDING + 1
        down = [QPointF(x, middle - 2), QPointF(x + 7, middle - 2), QPointF(x + 3.5, middle + 3)]
        right = [QPointF(x + 1, middle - 4), QPointF(x + 6, middle), QPointF(x + 1, middle + 4)]
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(colour(Colour.DIM))
        painter.drawPolygon(down if expanded else right)


def _paint_progress(painter: QPainter, section: Section, done: float, filled: QColor, top: int) -> None:
    width = section.width - 2 * PADDING
    bar = QRectF(section.x + PADDING, top + row_height() - _BAR - 1, width, _BAR)
    painter.fillRect(bar, colour(Colour.LINE))
    bar.setWidth(width * min(1.0, max(0.0, done)))
    painter.fillRect(bar, filled)
