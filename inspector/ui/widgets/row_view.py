"""The geometry of a view of rows of one height: which row is where, over a model of any length.

A view of our own because Qt's hold some bytes for each row (a table view of ten million frames has 80 MB of section
sizes before it paints one). Here nothing is held per row: position and row number follow from each other.
"""

from collections.abc import Sequence
from typing import Any

from PySide6.QtCore import (
    QItemSelection,
    QItemSelectionModel,
    QModelIndex,
    QPersistentModelIndex,
    QPoint,
    QRect,
    QSize,
    Qt,
)
from PySide6.QtGui import QMouseEvent, QRegion, QResizeEvent
from PySide6.QtWidgets import QAbstractItemView, QWidget

from inspector.ui.fonts import header_height, row_height
from inspector.ui.widgets.row_header import RowHeader
from inspector.ui.widgets.row_model import RowModel

Index = QModelIndex | QPersistentModelIndex
Action = QAbstractItemView.CursorAction


class RowView(QAbstractItemView):
    """Rows below a header; what they look like is up to a subclass."""

    def __init__(self, model: RowModel[Any], *, header: bool, parent: QWidget | None) -> None:
        super().__init__(parent)
        # First what the overridden methods use: the settings below call them.
        self.row_model = model
        self._has_size = False
        self.header = RowHeader(model, self)
        if not header:  # to show it is to polish it, which is for nothing before it has its place
            self.header.hide()
        self.setProperty("headed", header)
        self.setFrameShape(QAbstractItemView.Shape.NoFrame)
        self.setSelectionBehavior(QAbstractItemView.SelectionBehavior.SelectRows)
        self.setSelectionMode(QAbstractItemView.SelectionMode.ExtendedSelection)
        self.setEditTriggers(QAbstractItemView.EditTrigger.NoEditTriggers)
        self.setVerticalScrollMode(QAbstractItemView.ScrollMode.ScrollPerPixel)
        self.header.changed.connect(self._columns_changed)
        # Connected before the selection is, which would have the row above be the current one: nobody chose that.
        model.rowsAboutToBeRemoved.connect(self._let_go)
        self.setModel(model)
        self.rezoom()

    @property
    def height_of_row(self) -> int:
        """In pixels."""
        return row_height()

    def rows_on_screen(self) -> range:
        """The rows of which any part is visible."""
        offset = self.verticalScrollBar().value()
        first = offset // self.height_of_row
        last = (offset + self.viewport().height() - 1) // self.height_of_row
        return range(first, min(last + 1, self.row_model.row_count()))

    def top_of(self, row: int) -> int:
        """The upper edge of `row`, in pixels of the viewport."""
        return row * self.height_of_row - self.verticalScrollBar().value()

    def row_at(self, y: int) -> int | None:
        """The row at `y` in pixels of the viewport."""
        row = (y + self.verticalScrollBar().value()) // self.height_of_row
        return row if 0 <= row < self.row_model.row_count() else None

    def choose_row(self, row: int) -> None:
        """Make `row` the current and only selected one, and visible."""
        self.setCurrentIndex(self.row_model.index(row, 0))

    def _let_go(self, _above: QModelIndex, first: int, last: int) -> None:
        """Rows are about to go: the current one leaves its place to none."""
        if first <= self.currentIndex().row() <= last:
            keep = QItemSelectionModel.SelectionFlag.NoUpdate
            self.selectionModel().setCurrentIndex(QModelIndex(), keep)

    def at_end(self) -> bool:
        """Whether the last row is in view."""
        bar = self.verticalScrollBar()
        return bar.value() >= bar.maximum()

    def minimumSizeHint(self) -> QSize:
        """One row below the header, so that low docks can have lists in two halves."""
        header = header_height() if self.property("headed") else 0
        return QSize(super().minimumSizeHint().width(), header + row_height() + 4)

    def rezoom(self) -> None:
        """Rows are of another height now."""
        self.setViewportMargins(0, header_height() if self.property("headed") else 0, 0, 0)
        self.updateGeometries()
        self.viewport().update()

    # What QAbstractItemView asks of a view

    def visualRect(self, index: Index) -> QRect:
        x = self.header.sectionViewportPosition(index.column())
        return QRect(x, self.top_of(index.row()), self.header.sectionSize(index.column()), self.height_of_row)

    def indexAt(self, point: QPoint) -> QModelIndex:
        row, column = self.row_at(point.y()), self.header.logicalIndexAt(point.x())
        return QModelIndex() if row is None else self.row_model.index(row, max(0, column))

    def scrollTo(
        self, index: Index, hint: QAbstractItemView.ScrollHint = QAbstractItemView.ScrollHint.EnsureVisible
    ) -> None:
        bar, height = self.verticalScrollBar(), self.viewport().height()
        top = index.row() * self.height_of_row
        if hint is QAbstractItemView.ScrollHint.PositionAtCenter:
            bar.setValue(top - (height - self.height_of_row) // 2)
        elif top < bar.value():
            bar.setValue(top)
        elif top + self.height_of_row > bar.value() + height:
            bar.setValue(-(-(top + self.height_of_row - height) // self.height_of_row) * self.height_of_row)

    def moveCursor(self, action: Action, modifiers: Qt.KeyboardModifier) -> QModelIndex:
        count = self.row_model.row_count()
        if not count:
            return QModelIndex()
        row = self.currentIndex().row()
        if row < 0 and action in (Action.MoveUp, Action.MoveDown):
            return self.row_model.index(self.rows_on_screen()[0 if action is Action.MoveDown else -1], 0)
        page = max(1, self.viewport().height() // self.height_of_row - 1)
        moved = {
            Action.MoveUp: row - 1,
            Action.MovePrevious: row - 1,
            Action.MoveDown: row + 1,
            Action.MoveNext: row + 1,
            Action.MovePageUp: row - page,
            Action.MovePageDown: row + page,
            Action.MoveHome: 0,
            Action.MoveEnd: count - 1,
        }
        return self.row_model.index(min(max(0, moved.get(action, row)), count - 1), 0)

    def horizontalOffset(self) -> int:
        return self.horizontalScrollBar().value()

    def verticalOffset(self) -> int:
        return self.verticalScrollBar().value()

    def dataChanged(self, first: Index, last: Index, roles: Sequence[int] = ()) -> None:
        # Qt would ask for the place of each cell, to paint no more than these; a row is painted in one go.
        self.viewport().update()

    def isIndexHidden(self, index: Index) -> bool:
        return False

    def setSelection(self, rect: QRect, command: QItemSelectionModel.SelectionFlag) -> None:
        area = rect.normalized()
        offset, last = self.verticalScrollBar().value(), self.row_model.row_count() - 1
        first_row = max(0, (area.top() + offset) // self.height_of_row)
        last_row = min(last, (area.bottom() + offset) // self.height_of_row)
        if first_row > last_row:
            return
        chosen = QItemSelection(
            self.row_model.index(first_row, 0), self.row_model.index(last_row, len(self.row_model.columns) - 1)
        )
        self.selectionModel().select(chosen, command)

    def mousePressEvent(self, event: QMouseEvent) -> None:
        row = self.row_at(event.position().toPoint().y())
        super().mousePressEvent(event)
        current, selection = self.currentIndex(), self.selectionModel()
        if row is None or current.row() != row or event.modifiers() & Qt.KeyboardModifier.ControlModifier:
            return
        if not selection.isRowSelected(row, QModelIndex()):
            # Choosing it has moved the rows: Qt has selected what came under the pointer.
            flag = QItemSelectionModel.SelectionFlag
            selection.select(current, flag.ClearAndSelect | flag.Rows)

    def visualRegionForSelection(self, selection: QItemSelection) -> QRegion:
        region = QRegion()
        width, screen = self.viewport().width(), self.rows_on_screen()
        for span in (selection.at(i) for i in range(selection.count())):
            first, last = max(span.top(), screen.start), min(span.bottom(), screen.stop - 1)
            if first <= last:
                region += QRect(0, self.top_of(first), width, (last - first + 1) * self.height_of_row)
        return region

    def updateGeometries(self) -> None:
        if not self._has_size:  # a panel that is being put together has Qt ask again and again
            return
        super().updateGeometries()
        size = self.viewport().size()
        vertical, horizontal = self.verticalScrollBar(), self.horizontalScrollBar()
        vertical.setSingleStep(self.height_of_row)
        vertical.setPageStep(size.height())
        # Whole rows: at the end the uppermost one is not cut.
        hidden_rows = -(-(self.row_model.row_count() * self.height_of_row - size.height()) // self.height_of_row)
        vertical.setRange(0, max(0, hidden_rows * self.height_of_row))
        horizontal.setSingleStep(2 * self.height_of_row)
        horizontal.setPageStep(size.width())
        self.header.setGeometry(0, 0, self.width(), header_height())
        self.viewport().stackUnder(self.header)  # and not above a note that covers both
        self.header.set_room(size.width())
        horizontal.setRange(0, self._hidden_width())

    def scrollContentsBy(self, dx: int, dy: int) -> None:
        self.header.setOffset(self.horizontalScrollBar().value())
        self.viewport().update()

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        first, self._has_size = not self._has_size, True
        stays = first or self._shows_current(event.oldSize().height())
        self.updateGeometries()
        if stays and self.currentIndex().isValid():
            self.scrollTo(self.currentIndex())

    def _shows_current(self, height: int) -> bool:
        """Whether the current row was in view in a viewport of `height`; in one lower than a row, none could be."""
        top = self.top_of(self.currentIndex().row())
        return height < self.height_of_row or 0 <= top <= height - self.height_of_row

    def _hidden_width(self) -> int:
        """Pixels of the columns that do not fit; without rows there is nothing to scroll to."""
        return max(0, self.header.length() - self.viewport().width()) if self.row_model.row_count() else 0

    def _columns_changed(self) -> None:
        horizontal = self.horizontalScrollBar()
        horizontal.setRange(0, self._hidden_width())
        self.viewport().update()
