"""The table of every panel: rows of one height, painted whole, over a model of any length.

A view of our own because Qt's hold some bytes for each row (a table view of ten million frames has 80 MB of section
sizes before it paints one). Here nothing is held per row: position and row number follow from each other.
"""

from typing import Any

from PySide6.QtCore import (
    QEvent,
    QItemSelection,
    QItemSelectionModel,
    QModelIndex,
    QPersistentModelIndex,
    QPoint,
    QRect,
    QSettings,
    Qt,
    Signal,
)
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
    QRegion,
    QResizeEvent,
)
from PySide6.QtWidgets import QAbstractItemView, QAbstractScrollArea, QMenu, QToolTip, QWidget

from inspector.ui.fonts import HEADER_HEIGHT, PADDING, ROW_HEIGHT
from inspector.ui.widgets.columns import RowStyle
from inspector.ui.widgets.copying import copy_cell, copy_rows
from inspector.ui.widgets.row_delegate import INDENT, RowDelegate, RowState, Section
from inspector.ui.widgets.row_header import RowHeader
from inspector.ui.widgets.row_model import RowModel
from inspector.ui.widgets.tooltips import plain_tooltip

Index = QModelIndex | QPersistentModelIndex
Action = QAbstractItemView.CursorAction

_ROWS_FITTED = 60
"""Columns are sized to content until there are so many rows, or until the user sizes one."""


class RowTable(QAbstractItemView):
    """A table of whole-row selections. `name` is where its columns' widths and order are remembered."""

    row_chosen = Signal(int)
    """The current row, by hand or by program; -1 for none."""
    row_activated = Signal(int)
    """Double click or Enter."""

    def __init__(self, model: RowModel[Any], name: str, *, header: bool = True, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        # First what the overridden methods use: the settings below call them.
        self.row_model = model
        self.row_delegate = RowDelegate(model.columns)
        self.header = RowHeader(model, self)
        self._fitting = True
        self.setObjectName(name)
        self.setFrameShape(QAbstractItemView.Shape.NoFrame)
        self.setSelectionBehavior(QAbstractItemView.SelectionBehavior.SelectRows)
        self.setSelectionMode(QAbstractItemView.SelectionMode.ExtendedSelection)
        self.setEditTriggers(QAbstractItemView.EditTrigger.NoEditTriggers)
        self.setVerticalScrollMode(QAbstractItemView.ScrollMode.ScrollPerPixel)
        self.header.setVisible(header)
        self.setProperty("headed", header)
        self.header.changed.connect(self._columns_changed)
        self.header.sectionHandleDoubleClicked.connect(self._refit_column)
        self.setModel(model)
        self._add_actions()
        self.setViewportMargins(0, HEADER_HEIGHT if header else 0, 0, 0)
        for moved in (model.rowsInserted, model.rowsRemoved, model.modelReset):
            moved.connect(self._rows_changed)
        model.dataChanged.connect(self.viewport().update)
        self.activated.connect(lambda index: self.row_activated.emit(index.row()))

    # Where rows are

    def rows_on_screen(self) -> range:
        """The rows of which any part is visible."""
        offset = self.verticalScrollBar().value()
        first = offset // ROW_HEIGHT
        last = (offset + self.viewport().height() - 1) // ROW_HEIGHT
        return range(first, min(last + 1, self.row_model.row_count()))

    def top_of(self, row: int) -> int:
        """The upper edge of `row`, in pixels of the viewport."""
        return row * ROW_HEIGHT - self.verticalScrollBar().value()

    def row_at(self, y: int) -> int | None:
        """The row at `y` in pixels of the viewport."""
        row = (y + self.verticalScrollBar().value()) // ROW_HEIGHT
        return row if 0 <= row < self.row_model.row_count() else None

    def choose_row(self, row: int) -> None:
        """Make `row` the current and only selected one, and visible."""
        self.setCurrentIndex(self.row_model.index(row, 0))

    def at_end(self) -> bool:
        """Whether the last row is in view."""
        bar = self.verticalScrollBar()
        return bar.value() >= bar.maximum()

    # What QAbstractItemView asks of a view

    def visualRect(self, index: Index) -> QRect:
        x = self.header.sectionViewportPosition(index.column())
        return QRect(x, self.top_of(index.row()), self.header.sectionSize(index.column()), ROW_HEIGHT)

    def indexAt(self, point: QPoint) -> QModelIndex:
        row, column = self.row_at(point.y()), self.header.logicalIndexAt(point.x())
        return QModelIndex() if row is None else self.row_model.index(row, max(0, column))

    def scrollTo(
        self, index: Index, hint: QAbstractItemView.ScrollHint = QAbstractItemView.ScrollHint.EnsureVisible
    ) -> None:
        bar, height = self.verticalScrollBar(), self.viewport().height()
        top = index.row() * ROW_HEIGHT
        if hint is QAbstractItemView.ScrollHint.PositionAtCenter:
            bar.setValue(top - (height - ROW_HEIGHT) // 2)
        elif top < bar.value():
            bar.setValue(top)
        elif top + ROW_HEIGHT > bar.value() + height:
            bar.setValue(-(-(top + ROW_HEIGHT - height) // ROW_HEIGHT) * ROW_HEIGHT)

    def moveCursor(self, action: Action, modifiers: Qt.KeyboardModifier) -> QModelIndex:
        count = self.row_model.row_count()
        if not count:
            return QModelIndex()
        row = self.currentIndex().row()
        if row < 0 and action in (Action.MoveUp, Action.MoveDown):
            return self.row_model.index(self.rows_on_screen()[0 if action is Action.MoveDown else -1], 0)
        page = max(1, self.viewport().height() // ROW_HEIGHT - 1)
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

    def isIndexHidden(self, index: Index) -> bool:
        return False

    def setSelection(self, rect: QRect, command: QItemSelectionModel.SelectionFlag) -> None:
        area = rect.normalized()
        offset, last = self.verticalScrollBar().value(), self.row_model.row_count() - 1
        first_row = max(0, (area.top() + offset) // ROW_HEIGHT)
        last_row = min(last, (area.bottom() + offset) // ROW_HEIGHT)
        if first_row > last_row:
            return
        chosen = QItemSelection(
            self.row_model.index(first_row, 0), self.row_model.index(last_row, len(self.row_model.columns) - 1)
        )
        self.selectionModel().select(chosen, command)

    def visualRegionForSelection(self, selection: QItemSelection) -> QRegion:
        region = QRegion()
        width, screen = self.viewport().width(), self.rows_on_screen()
        for span in (selection.at(i) for i in range(selection.count())):
            first, last = max(span.top(), screen.start), min(span.bottom(), screen.stop - 1)
            if first <= last:
                region += QRect(0, self.top_of(first), width, (last - first + 1) * ROW_HEIGHT)
        return region

    def updateGeometries(self) -> None:
        super().updateGeometries()
        size = self.viewport().size()
        vertical, horizontal = self.verticalScrollBar(), self.horizontalScrollBar()
        vertical.setSingleStep(ROW_HEIGHT)
        vertical.setPageStep(size.height())
        # Whole rows: at the end the uppermost one is not cut.
        hidden_rows = -(-(self.row_model.row_count() * ROW_HEIGHT - size.height()) // ROW_HEIGHT)
        vertical.setRange(0, max(0, hidden_rows * ROW_HEIGHT))
        horizontal.setSingleStep(2 * ROW_HEIGHT)
        horizontal.setPageStep(size.width())
        self.header.setGeometry(0, 0, self.width(), HEADER_HEIGHT)
        self.header.raise_()
        self.header.set_room(size.width())
        horizontal.setRange(0, max(0, self.header.length() - size.width()))

    def scrollContentsBy(self, dx: int, dy: int) -> None:
        self.header.setOffset(self.horizontalScrollBar().value())
        self.viewport().update()

    def currentChanged(self, current: Index, previous: Index) -> None:
        super().currentChanged(current, previous)
        self.viewport().update()
        self.setAccessibleDescription(self._spoken(current.row()) if current.isValid() else "")
        if current.row() != previous.row() or current.isValid() != previous.isValid():
            self.row_chosen.emit(current.row())

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
        painter.end()

    # Hands

    def focusInEvent(self, event: QFocusEvent) -> None:
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
        copy.triggered.connect(lambda: copy_rows(self))
        self.addAction(copy)

    def contextMenuEvent(self, event: QContextMenuEvent) -> None:
        index = self.indexAt(self.viewport().mapFromGlobal(event.globalPos()))
        menu = QMenu(self)
        menu.addActions(self.actions())
        if index.isValid():
            title = self.row_model.columns[index.column()].title
            menu.addAction(self.tr("Copy “{0}”").format(title), lambda: copy_cell(self, index.row(), index.column()))
        menu.exec(event.globalPos())
        menu.deleteLater()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() in (Qt.Key.Key_Left, Qt.Key.Key_Right) and self._open_by_key(event.key()):
            return
        super().keyPressEvent(event)

    def mousePressEvent(self, event: QMouseEvent) -> None:
        row = self.row_at(event.position().toPoint().y())
        if row is not None and event.button() is Qt.MouseButton.LeftButton:
            style = self._style_of(row)
            arrow_end = self.header.sectionViewportPosition(0) + PADDING + (style.depth + 1) * INDENT
            if style.expanded is not None and event.position().x() < arrow_end:
                self.row_model.set_expanded(row, not style.expanded)
                return
        super().mousePressEvent(event)

    def mouseDoubleClickEvent(self, event: QMouseEvent) -> None:
        row = self.row_at(event.position().toPoint().y())
        if row is not None and (expanded := self._style_of(row).expanded) is not None:
            self.row_model.set_expanded(row, not expanded)
            return
        super().mouseDoubleClickEvent(event)

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
        cell = self.row_model.columns[column].of(record)
        if cell.tooltip or cell.whole:
            return cell.tooltip or cell.whole
        style, width = self.row_model.row_style(record), self.header.sectionSize(column)
        return cell.text if self.row_delegate.is_cut(column, cell, style, width) else ""

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self.updateGeometries()

    # Columns

    def restore_columns(self, settings: QSettings) -> None:
        """Take over the widths, order and choice of columns that the user left."""
        self._fitting = not self.header.restore(settings, self.objectName())

    def fit_columns(self) -> None:
        """Make each column as wide as its content."""
        for column, description in enumerate(self.row_model.columns):
            if not description.stretch:
                self._fit_column(column)

    def save_columns(self, settings: QSettings) -> None:
        """Remember the columns as they are."""
        self.header.save(settings, self.objectName())

    def _rows_changed(self) -> None:
        self.updateGeometries()
        self.viewport().update()
        if self._fitting and not self.header.resized_by_user and self.row_model.row_count():
            # The first rows of a live list tell little of those to come.
            self._fitting = self.row_model.row_count() < _ROWS_FITTED
            self.fit_columns()

    def _fit_column(self, column: int) -> None:
        """Make a column as wide as what the rows on screen, or the first ones, have in it."""
        rows = self.rows_on_screen() or range(min(100, self.row_model.row_count()))
        records = [record for row in rows if (record := self.row_model.record(row)) is not None]
        description = self.row_model.columns[column]
        needed = [
            self.row_delegate.needed_width(column, description.of(record), self.row_model.row_style(record))
            for record in records
        ]
        self.header.fit(column, max(needed, default=0))

    def _refit_column(self, column: int) -> None:
        self._fit_column(column)
        self.header.resized_by_user = True

    def _columns_changed(self) -> None:
        horizontal = self.horizontalScrollBar()
        horizontal.setRange(0, max(0, self.header.length() - self.viewport().width()))
        self.viewport().update()

    # Rows that open

    def _style_of(self, row: int) -> RowStyle:
        record = self.row_model.record(row)
        return RowStyle() if record is None else self.row_model.row_style(record)

    def _open_by_key(self, key: int) -> bool:
        row = self.currentIndex().row()
        if row < 0:
            return False
        opening, expanded = key == Qt.Key.Key_Right, self._style_of(row).expanded
        if expanded is not None and expanded != opening:
            self.row_model.set_expanded(row, opening)
            return True
        above = None if opening else self.row_model.parent_row(row)
        if above is None:
            return False
        self.choose_row(above)
        return True

    def _spoken(self, row: int) -> str:
        cells = ((column.title, self.row_model.cell(row, i).copied) for i, column in enumerate(self.row_model.columns))
        return ", ".join(f"{title} {text}".strip() for title, text in cells if text)
