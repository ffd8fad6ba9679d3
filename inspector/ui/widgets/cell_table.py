"""A table with a current cell: arrows move it, a frame shows it, and what it holds is copied, opened or read whole."""

from PySide6.QtCore import QModelIndex, Qt, Signal
from PySide6.QtGui import QKeyEvent, QPainter, QPaintEvent
from PySide6.QtWidgets import QAbstractItemView

from inspector.ui.theme import Colour, colour
from inspector.ui.widgets.copying import copy_cell, copy_rows, selected_rows
from inspector.ui.widgets.row_table import RowTable
from inspector.ui.widgets.row_view import Action, Index

_Hint = QAbstractItemView.ScrollHint


class CellTable(RowTable):
    """Rows are still chosen whole: the shared selection is about rows."""

    cell_opened = Signal(QModelIndex)
    """Enter on a cell; what its row leads to comes after it."""
    whole_wanted = Signal()
    """Space: the current cell's whole value is to be read."""
    cell_copied = Signal(int, int)
    """What this row and column show was put on the clipboard."""

    # Where the current cell goes

    def choose_row(self, row: int) -> None:
        """In the column that is the current one."""
        column = max(0, self.currentIndex().column())
        self.setCurrentIndex(self.row_model.index(row, column))

    def moveCursor(self, action: Action, modifiers: Qt.KeyboardModifier) -> QModelIndex:
        before, shown = self.currentIndex(), self.header.shown_columns()
        if not before.isValid() or not shown:
            return super().moveCursor(action, modifiers)
        ends, row = modifiers & Qt.KeyboardModifier.ControlModifier, before.row()
        at = shown.index(before.column()) if before.column() in shown else 0
        match action:
            case Action.MoveLeft | Action.MoveRight:
                at += 1 if action is Action.MoveRight else -1
            case Action.MoveHome | Action.MoveEnd:
                at = 0 if action is Action.MoveHome else len(shown) - 1
                row = super().moveCursor(action, modifiers).row() if ends else row
            case _:
                row = super().moveCursor(action, modifiers).row()
        return self.row_model.index(row, shown[min(max(0, at), len(shown) - 1)])

    def scrollTo(self, index: Index, hint: _Hint = _Hint.EnsureVisible) -> None:
        super().scrollTo(index, hint)
        cell, room, bar = self.visualRect(index), self.viewport().width(), self.horizontalScrollBar()
        hidden_right = max(0, cell.right() + 1 - room)
        # Of a cell that is wider than the room the beginning is shown.
        bar.setValue(bar.value() + min(cell.left(), hidden_right))

    # Keys

    def keyPressEvent(self, event: QKeyEvent) -> None:
        current, plain = self.currentIndex(), event.modifiers() == Qt.KeyboardModifier.NoModifier
        if current.isValid() and plain and event.key() == Qt.Key.Key_Space:
            self.whole_wanted.emit()
            return
        if current.isValid() and event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
            self.cell_opened.emit(current)
        super().keyPressEvent(event)

    def copy(self) -> None:
        """The current cell, or all rows where several are selected."""
        if self.copies_rows():
            self.copy_rows()
        else:
            self.copy_cell(self.currentIndex().row(), self.currentIndex().column())

    def copy_rows(self) -> None:
        """Put the selected rows on the clipboard."""
        copy_rows(self)

    def copies_rows(self) -> bool:
        return not self.currentIndex().isValid() or len(selected_rows(self)) > 1

    def copy_cell(self, row: int, column: int) -> None:
        copy_cell(self, row, column)
        self.cell_copied.emit(row, column)

    # What is seen and heard of it

    def paintEvent(self, event: QPaintEvent) -> None:
        super().paintEvent(event)
        index = self.currentIndex()
        if index.row() not in self.rows_on_screen() or self.header.isSectionHidden(index.column()):
            return
        painter = QPainter(self.viewport())
        painter.setPen(colour(Colour.ACCENT if self.hasFocus() else Colour.DIM))
        painter.drawRect(self.visualRect(index).adjusted(0, 0, -1, -1))
        painter.end()

    def _spoken(self, row: int) -> str:
        """The current cell first: it is what has just changed."""
        column = self.currentIndex().column()
        cell = f"{self.row_model.columns[column].title} {self.row_model.copied(row, column)}".strip()
        return f"{cell}; {super()._spoken(row)}"
