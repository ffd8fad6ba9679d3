"""The rows of one table: filters above, a grid, and the whole value of the current cell beside it."""

from collections.abc import Callable
from functools import partial

from PySide6.QtCore import QModelIndex, QObject, Qt, Signal
from PySide6.QtGui import QAction, QKeySequence
from PySide6.QtWidgets import QMenu, QVBoxLayout, QWidget

from inspector.store.data_queries import Row, Sorting, TableShape, Value, Wanted
from inspector.ui.panels.context import PanelContext
from inspector.ui.panels.data.cell_editor import CellEditor
from inspector.ui.panels.data.columns import RAW_IS_READ, data_columns, value_text
from inspector.ui.panels.data.filter_row import FilterRow
from inspector.ui.selection import RowKey
from inspector.ui.things import Things
from inspector.ui.widgets.cell_table import CellTable
from inspector.ui.widgets.copying import selected_rows
from inspector.ui.widgets.empty_note import EmptyNote
from inspector.ui.widgets.paged_model import PagedModel
from inspector.words import thousands


class _RowsModel(PagedModel[Row]):
    """Rows of the table `shape`."""

    def __init__(self, shape: TableShape, parent: QObject) -> None:
        super().__init__(data_columns(shape, RAW_IS_READ if shape.kind == "raw" else ""), parent)
        self._shape = shape

    def things(self, record: Row) -> Things:
        values = zip(self._shape.columns, record.values, strict=True)
        row_id = next((value.value for column, value in values if column.name == "id"), None)
        known = self._shape.kind != "raw" and row_id
        return Things(row=RowKey(self._shape.name, str(row_id))) if known else Things()


class _RowsTable(CellTable):
    rows_copy_wanted = Signal(list)
    """The numbers of rows of which all values are to be copied: a page has their beginnings, and few pages are held."""

    def copy_rows(self) -> None:
        self.rows_copy_wanted.emit(selected_rows(self))


class Grid(QWidget):
    """One table's rows. It is made anew for another table."""

    wanted_changed = Signal()
    """Other rows are wanted, or in another order."""
    shrinks = Signal(int)
    """The rows from this one on are about to go, because there are fewer."""
    cell_chosen = Signal(int, int)
    """Row and column."""
    edited = Signal(object, int, str)
    """The `Row` as it was when its editor was opened, the column, and the text that was put in."""
    refused = Signal(str)
    """Why the cell that was to be edited cannot be."""
    whole_copy_wanted = Signal(object, int)
    """The `Row` and the column whose value was copied as far as a page has it."""
    row_copy_wanted = Signal(object)
    """The `Row` that is to be copied as JSON."""
    null_wanted = Signal(int, int)
    """Row and column that are to become NULL."""

    def __init__(self, context: PanelContext, shape: TableShape, editable: Callable[[], bool]) -> None:
        super().__init__()
        self.shape = shape
        self.search = ""
        self._editable = editable
        self._sorting: Sorting | None = None
        self.model = _RowsModel(shape, self)
        # Connected before the table is: it would choose another row by itself.
        self.model.rowsAboutToBeRemoved.connect(lambda _above, first, _last: self.shrinks.emit(first))
        self.table = _RowsTable(self.model, f"data-{shape.name}", parent=self)
        self._scrolled_to: int | None = None
        """How far to the right, while other rows are found."""
        self.model.modelAboutToBeReset.connect(self._note_place)
        self.model.rowsInserted.connect(self._go_to_place)
        self.table.setAccessibleName(self.tr("Rows of {0}").format(shape.title))
        self.table.restore_columns(context.settings)
        self.filters = FilterRow(self.table, [column.name for column in shape.columns])
        self.note = EmptyNote(self.table)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(0)
        layout.addWidget(self.filters)
        layout.addWidget(self.table, 1)
        self.table.header.setSortIndicatorShown(False)
        self.table.header.sortable = frozenset(range(len(shape.columns)))
        self.table.header.sectionClicked.connect(self._sort)
        self.table.selectionModel().currentChanged.connect(self._current_changed)
        self.table.doubleClicked.connect(self.edit)
        self.table.cell_opened.connect(self._open_by_key)
        self.table.cell_copied.connect(self._copied)
        self.table.menu_wanted.connect(self._fill_menu)
        self.filters.changed.connect(self.wanted_changed)
        edit = QAction(self.tr("Edit the cell"), self.table)
        edit.setShortcut(QKeySequence("F2"))
        edit.setShortcutContext(Qt.ShortcutContext.WidgetShortcut)
        edit.triggered.connect(lambda: self.edit(self.table.currentIndex()))
        self.table.addAction(edit)

    @property
    def wanted(self) -> Wanted:
        """Which rows are to be shown, and in which order."""
        return Wanted(self.search, self.filters.conditions, self._sorting)

    @property
    def is_filtered(self) -> bool:
        """Whether some rows of the table are not wanted."""
        return self.wanted != Wanted(sorting=self._sorting)

    def edit(self, index: QModelIndex) -> None:
        """Put an editor over a cell, if it may be changed."""
        row = self.model.record(index.row()) if index.isValid() else None
        name = self.shape.columns[index.column()].name if index.isValid() else "id"
        if row is None or not self._editable():
            return
        value = row.values[index.column()]
        if why := self._why_not(name, value):
            self.refused.emit(why)
            return
        if (under_way := self.editor) is not None:
            under_way.setFocus()
            return
        # The row, not its number: while one types, a sync may put another row in its place.
        place, column = index.row(), index.column()
        self.table.scrollTo(index)
        CellEditor(self.table, place, column, value_text(value.value), partial(self.edited.emit, row, column))

    def _open_by_key(self, index: QModelIndex) -> None:
        """Enter on a cell that cannot be changed leads to what its row leads to, without a word."""
        row = self.model.record(index.row())
        if row is not None and not self._why_not(self.shape.columns[index.column()].name, row.values[index.column()]):
            self.edit(index)

    @property
    def editor(self) -> CellEditor | None:
        """The one that is over a cell."""
        return next((editor for editor in self.table.findChildren(CellEditor) if not editor.isHidden()), None)

    def _why_not(self, name: str, value: Value) -> str:
        if name == "id":
            return self.tr("An id cannot be changed: it says which row it is.")
        if value.is_odd:
            return self.tr("This text is not UTF-8: it is shown escaped, and cannot be changed here.")
        if value.is_cut:
            return self.tr("This value is too long to be changed here.")
        return self.tr("A blob cannot be changed here.") if isinstance(value.value, bytes) else ""

    def _note_place(self) -> None:
        if self.model.row_count():
            self._scrolled_to = self.table.horizontalScrollBar().value()

    def _go_to_place(self) -> None:
        if self._scrolled_to is not None:
            self.table.horizontalScrollBar().setValue(self._scrolled_to)
            self._scrolled_to = None

    def _current_changed(self, current: QModelIndex, _previous: QModelIndex) -> None:
        self.cell_chosen.emit(current.row(), current.column())

    def _copied(self, row: int, column: int) -> None:
        record = self.model.record(row)
        if record is not None and record.values[column].is_cut:
            self.whole_copy_wanted.emit(record, column)

    def _sort(self, section: int) -> None:
        """Upwards, downwards, and as before."""
        name = self.shape.columns[section].name
        before = self._sorting
        if before is None or before.column != name:
            self._sorting = Sorting(name)
        else:
            self._sorting = None if before.descending else Sorting(name, descending=True)
        header = self.table.header
        header.setSortIndicatorShown(self._sorting is not None)
        if self._sorting is not None:
            descending = self._sorting.descending
            header.setSortIndicator(
                section, Qt.SortOrder.DescendingOrder if descending else Qt.SortOrder.AscendingOrder
            )
        self.wanted_changed.emit()

    def _fill_menu(self, menu: QMenu, row: int, column: int) -> None:
        record = self.model.record(row)
        if record is None:
            return
        value, name = record.values[column].value, self.shape.columns[column].name
        text = "null" if value is None else f"= {value_text(value)}"
        menu.addSeparator()
        menu.addAction(
            self.tr("Filter “{0}” by this value").format(name), lambda: self.filters.set_condition(column, text)
        )
        several = len(selected_rows(self.table))
        title = self.tr("Copy the row") if several < 2 else self.tr("Copy {0} rows").format(thousands(several))
        menu.addAction(title, self.table.copy_rows)
        menu.addAction(self.tr("Copy the row as JSON"), partial(self.row_copy_wanted.emit, record))
        if self._editable() and name != "id":
            menu.addAction(self.tr("Set “{0}” to NULL").format(name), lambda: self.null_wanted.emit(row, column))
