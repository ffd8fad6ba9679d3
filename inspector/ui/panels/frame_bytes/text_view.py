"""Lines of text of which any part can be marked by mouse and copied."""

import re
from typing import TypeAlias

from PySide6.QtCore import QPoint, QRectF, Qt
from PySide6.QtGui import QAction, QColor, QGuiApplication, QKeySequence, QMouseEvent, QPainter, QPaintEvent

from inspector.ui.fonts import PADDING, mono_width
from inspector.ui.panels.frame_bytes.models import LinesModel
from inspector.ui.theme import Colour, colour
from inspector.ui.widgets.row_table import RowTable

Place: TypeAlias = tuple[int, int]
"""A row, and before which of its characters."""

_ALPHA = 80
_VALUE = re.compile(r'"(?P<inside>(?:[^"\\]|\\.)*)"|[\w.+-]+')
"""What a double click marks: a string without its quotes, a number, a word."""


class TextView(RowTable):
    """A drag marks from one character to another, a double click a value; Ctrl+A marks all, Ctrl+C copies it."""

    def __init__(self, model: LinesModel, name: str) -> None:
        self._lines = model
        self._anchor: Place | None = None
        self._head: Place | None = None
        super().__init__(model, name, header=False)
        model.modelReset.connect(self.unmark)
        model.rowsRemoved.connect(lambda *_: self.unmark())
        model.rowsInserted.connect(lambda *_: self.unmark())

    @property
    def marked(self) -> tuple[Place, Place] | None:
        """From where to where text is marked."""
        if self._anchor is None or self._head is None or self._anchor == self._head:
            return None
        first, last = sorted((self._anchor, self._head))
        return first, last

    def mark(self, first: Place, last: Place) -> None:
        """Mark the text between two places."""
        self._anchor, self._head = first, last
        self.viewport().update()

    def unmark(self) -> None:
        """Mark nothing."""
        self._anchor = self._head = None
        self.viewport().update()

    def marked_text(self) -> str:
        """What is marked, as it would be on lines that nobody has cut."""
        if (marked := self.marked) is None:
            return ""
        (first, begin), (last, end) = marked
        lines = self._lines.records[first : last + 1]
        lines[-1] = lines[-1][:end]
        lines[0] = lines[0][begin:]
        return self._lines.joined(lines, first)

    def place_at(self, point: QPoint) -> Place | None:
        """The place next to a point of the viewport; None where there is no text at all."""
        count = self._lines.row_count()
        if not count:
            return None
        row = min(max(0, (point.y() + self.verticalScrollBar().value()) // self.height_of_row), count - 1)
        at = round((point.x() - self.header.sectionViewportPosition(0) - PADDING) / mono_width())
        return row, min(max(0, at), len(self._lines.records[row]))

    def paintEvent(self, event: QPaintEvent) -> None:
        super().paintEvent(event)
        if (marked := self.marked) is None:
            return
        (first, begin), (last, end) = marked
        shade = QColor(colour(Colour.ACCENT))
        shade.setAlpha(_ALPHA)
        painter = QPainter(self.viewport())
        left = self.header.sectionViewportPosition(0) + PADDING
        for row in self.rows_on_screen():
            if first <= row <= last:
                start = begin if row == first else 0
                stop = end if row == last else len(self._lines.records[row]) + 1
                width = (stop - start) * mono_width()
                painter.fillRect(
                    QRectF(left + start * mono_width(), self.top_of(row), width, self.height_of_row), shade
                )
        painter.end()

    def _add_actions(self) -> None:
        copy = QAction(self.tr("Copy"), self)
        copy.setShortcut(QKeySequence.StandardKey.Copy)
        copy.triggered.connect(self._copy)
        everything = QAction(self.tr("Mark everything"), self)
        everything.setShortcut(QKeySequence.StandardKey.SelectAll)
        everything.triggered.connect(self._mark_all)
        for action in (copy, everything):
            action.setShortcutContext(Qt.ShortcutContext.WidgetShortcut)
            self.addAction(action)

    def _copy(self) -> None:
        """What is marked, else the line where one is."""
        row = self.currentIndex().row()
        if text := self.marked_text() or (self._lines.records[row] if row >= 0 else ""):
            QGuiApplication.clipboard().setText(text)

    def _mark_all(self) -> None:
        if lines := self._lines.records:
            self.mark((0, 0), (len(lines) - 1, len(lines[-1])))

    def mousePressEvent(self, event: QMouseEvent) -> None:
        if event.button() is not Qt.MouseButton.LeftButton:
            super().mousePressEvent(event)
            return
        self.clearSelection()
        place = self.place_at(event.position().toPoint())
        if self._anchor is None or not event.modifiers() & Qt.KeyboardModifier.ShiftModifier:
            self._anchor = place
        self._head = place
        self.viewport().update()

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        if not event.buttons() & Qt.MouseButton.LeftButton or self._anchor is None:
            return
        self._head = self.place_at(event.position().toPoint())
        if self._head is not None:
            self.scrollTo(self._lines.index(self._head[0], 0))
        self.viewport().update()

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        event.accept()

    def mouseDoubleClickEvent(self, event: QMouseEvent) -> None:
        place = self.place_at(event.position().toPoint())
        if place is None:
            return
        row, at = place
        for value in _VALUE.finditer(self._lines.records[row]):
            if value.start() <= at <= value.end():
                begin, end = value.span("inside") if value["inside"] is not None else value.span()
                self.mark((row, begin), (row, end))
                return
