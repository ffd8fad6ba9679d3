"""The table of every panel: rows painted whole, chosen whole, copied whole; columns that belong to the user."""

from typing import Any

from PySide6.QtCore import QEvent, QModelIndex, QPoint, Qt, Signal
from PySide6.QtGui import (
    QAction,
    QContextMenuEvent,
    QFocusEvent,
    QHelpEvent,
    QKeyEvent,
    QKeySequence,
    QMouseEvent,
    QPainter,
    QPaintEvent,
)
from PySide6.QtWidgets import QAbstractScrollArea, QMenu, QToolTip, QWidget

from inspector.ui.fonts import PADDING, header_height, zoom
from inspector.ui.theme import Colour, colour
from inspector.ui.widgets.columns import RowStyle
from inspector.ui.widgets.copying import copy_cell, copy_rows
from inspector.ui.widgets.fitted_view import FittedView
from inspector.ui.widgets.row_delegate import INDENT, RowState, Section
from inspector.ui.widgets.row_menu import begin_row_menu, end_row_menu
from inspector.ui.widgets.row_model import RowModel
from inspector.ui.widgets.row_view import Index
from inspector.ui.widgets.tooltips import plain_tooltip

_BY_KEY = (Qt.FocusReason.TabFocusReason, Qt.FocusReason.BacktabFocusReason, Qt.FocusReason.ShortcutFocusReason)


class RowTable(FittedView):
    """A table of whole-row selections. `name` is where its columns' widths and order are remembered."""

    row_chosen = Signal(int)
    """The current row, by hand or by program; -1 for none."""
    about_to_follow = Signal()
    """The current row is as it was chosen; next it leads elsewhere."""
    row_followed = Signal(int)
    """Double click, Alt+click or Enter: the user wants to see where the row leads."""
    menu_wanted = Signal(QMenu, int, int)
    """The context menu of the cell in this row and column is about to be shown: there is time to add to it."""

    def __init__(self, model: RowModel[Any], name: str, *, header: bool = True, parent: QWidget | None = None) -> None:
        super().__init__(model, name, header=header, parent=parent)
        self._zoom = zoom()
        self._came_by_key = False
        """Whether the keyboard was brought here by itself."""
        self._add_actions()
        # A reset takes the current row away without a word.
        model.modelReset.connect(lambda: self.row_chosen.emit(-1))

    def currentChanged(self, current: Index, previous: Index) -> None:
        super().currentChanged(current, previous)
        self.viewport().update()
        self.setAccessibleDescription(self._spoken(current.row()) if current.isValid() else "")
        if current.row() != previous.row() or current.isValid() != previous.isValid():
            self.row_chosen.emit(current.row())

    def choose_none(self) -> None:
        """No row is the current one, and none is selected."""
        self.setCurrentIndex(QModelIndex())

    def follow_choice(self, row: int | None) -> None:
        """What is chosen elsewhere stands in `row`, or nowhere here."""
        if row is None:
            self.choose_none()
        elif row != self.currentIndex().row():
            self.choose_row(row)

    # Painting

    def sections(self) -> list[Section]:
        """The columns on screen, from left to right."""
        header, found = self.header, []
        right = self.viewport().width()
        for visual in range(header.count()):
            column = header.logicalIndex(visual)
            x, width = header.sectionViewportPosition(column), header.sectionSize(column)
            if not header.isSectionHidden(column) and x < right and x + width > 0:
                found.append(Section(column, x, width))
        return found

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self.viewport())
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        sections, width = self.sections(), self.viewport().width()
        selection, current = self.selectionModel(), self.currentIndex().row()
        focused, root = self.hasFocus(), QModelIndex()
        for row in self.rows_on_screen():
            record = self.row_model.record(row)
            if record is None:
                continue
            state = RowState(selection.rowIntersectsSelection(row, root), focused and row == current)
            style = self.row_model.row_style(record)
            self.row_delegate.paint(painter, self.top_of(row), width, sections, record, style, state)
        if focused and current < 0 and self._came_by_key:  # a current row would show where the keyboard is
            painter.setRenderHint(QPainter.RenderHint.Antialiasing, on=False)
            painter.setPen(colour(Colour.ACCENT))
            painter.setBrush(Qt.BrushStyle.NoBrush)
            painter.drawRect(self.viewport().rect().adjusted(0, 0, -1, -1))
        painter.end()

    def changeEvent(self, event: QEvent) -> None:
        super().changeEvent(event)
        # Its own font is none of those that it paints with: what is painted follows the zoom.
        if event.type() is QEvent.Type.FontChange and self._zoom != zoom():
            self._zoom = zoom()
            self.row_delegate = self.make_delegate()
            self.rezoom()
            if not self.header.resized_by_user:
                self.fit_columns()

    # Hands

    def focusInEvent(self, event: QFocusEvent) -> None:
        self._came_by_key = event.reason() in _BY_KEY
        # The view's own would choose the first row, and scroll to it.
        QAbstractScrollArea.focusInEvent(self, event)
        self.viewport().update()

    def focusOutEvent(self, event: QFocusEvent) -> None:
        QAbstractScrollArea.focusOutEvent(self, event)
        self.viewport().update()

    def _add_actions(self) -> None:
        copy = QAction(self.tr("Copy"), self)
        copy.setShortcut(QKeySequence.StandardKey.Copy)
        copy.setShortcutContext(Qt.ShortcutContext.WidgetShortcut)
        copy.triggered.connect(lambda: self.copy())
        self.addAction(copy)

    def copy(self) -> None:
        """Put what is selected on the clipboard."""
        copy_rows(self)

    def copies_rows(self) -> bool:
        """Whether what `copy` takes is more than a cell."""
        return True

    def copy_cell(self, row: int, column: int) -> None:
        """Put one cell's whole text on the clipboard."""
        copy_cell(self, row, column)

    def contextMenuEvent(self, event: QContextMenuEvent) -> None:
        index = self.indexAt(self.viewport().mapFromGlobal(event.globalPos()))
        if event.reason() is QContextMenuEvent.Reason.Keyboard and not self.currentIndex().isValid():
            index = QModelIndex()  # the key points at the middle of the list then, and nobody chose what lies there
        menu = QMenu(self)
        begin_row_menu(menu, self, index, self.copy_cell if self.copies_rows() else None)
        if index.isValid():
            self.menu_wanted.emit(menu, index.row(), index.column())
        end_row_menu(menu, self)
        menu.exec(event.globalPos())
        menu.deleteLater()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter) and self.currentIndex().isValid():
            self._follow_row(self.currentIndex().row())
            return
        if event.key() in (Qt.Key.Key_Left, Qt.Key.Key_Right) and self._open_by_key(event.key()):
            return
        super().keyPressEvent(event)

    def mousePressEvent(self, event: QMouseEvent) -> None:
        row = self.row_at(event.position().toPoint().y())
        if row is not None and event.button() is Qt.MouseButton.LeftButton:
            style = self._style_of(row)
            arrow_end = self.header.sectionViewportPosition(0) + PADDING + (style.depth + 1) * INDENT
            if style.expanded is not None and event.position().x() < arrow_end:
                self._set_expanded(row, not style.expanded)
                return
        super().mousePressEvent(event)
        if row is not None and event.modifiers() & Qt.KeyboardModifier.AltModifier:
            self._follow_row(row)

    def mouseDoubleClickEvent(self, event: QMouseEvent) -> None:
        row = self.row_at(event.position().toPoint().y())
        if row is not None and (expanded := self._style_of(row).expanded) is not None:
            self._set_expanded(row, not expanded)
            return
        super().mouseDoubleClickEvent(event)
        if row is not None and event.button() is Qt.MouseButton.LeftButton:
            self._follow_row(row)

    def _follow_row(self, row: int) -> None:
        self.about_to_follow.emit()
        self.row_followed.emit(row)

    def viewportEvent(self, event: QEvent) -> bool:
        if event.type() is QEvent.Type.ToolTip and isinstance(event, QHelpEvent):
            QToolTip.showText(event.globalPos(), plain_tooltip(self.tooltip_at(event.pos())), self.viewport())
            return True
        return super().viewportEvent(event)

    def tooltip_at(self, point: QPoint) -> str:
        """What the tooltip says there: what the cell explains, or its whole text where that is cut or shortened."""
        row, column = self.row_at(point.y()), self.header.logicalIndexAt(point.x())
        record = None if row is None or column < 0 else self.row_model.record(row)
        if record is None:
            return ""
        if tooltip := self.row_model.columns[column].tooltip(record):
            return tooltip
        cell = self.row_model.columns[column].of(record)
        style, width = self.row_model.row_style(record), self.header.sectionSize(column)
        return cell.text if self.row_delegate.is_cut(column, cell, style, width) else ""

    # Rows that open

    def _style_of(self, row: int) -> RowStyle:
        record = self.row_model.record(row)
        return RowStyle() if record is None else self.row_model.row_style(record)

    def _set_expanded(self, row: int, expanded: bool) -> None:
        """Open or close a row by hand; the current one below a row that is closed hands over to it."""
        above: int | None = self.currentIndex().row()
        while not expanded and above is not None and above > row:
            above = self.row_model.parent_row(above)
            if above == row:
                self.choose_row(row)
        self.row_model.set_expanded(row, expanded)

    def _open_by_key(self, key: int) -> bool:
        row = self.currentIndex().row()
        if row < 0:
            return False
        opening, expanded = key == Qt.Key.Key_Right, self._style_of(row).expanded
        if expanded is not None and expanded != opening:
            self._set_expanded(row, opening)
            return True
        above = None if opening else self.row_model.parent_row(row)
        if above is None:
            return False
        self.choose_row(above)
        return True

    def _spoken(self, row: int) -> str:
        cells = ((column.title, self.row_model.copied(row, i)) for i, column in enumerate(self.row_model.columns))
        return ", ".join(f"{title} {text}".strip() for title, text in cells if text)


def fit_height(table: RowTable) -> None:
    """Let a short table be no higher than its rows; a longer one scrolls in the room that there is."""
    header = header_height() if table.property("headed") else 0
    table.setMaximumHeight(header + table.row_model.row_count() * table.height_of_row + 2)
