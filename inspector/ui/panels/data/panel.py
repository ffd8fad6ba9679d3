"""The data panel: tables at the left, rows in the middle, the whole value of a cell at the right."""

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QSplitter, QVBoxLayout, QWidget

from inspector.store.data_queries import Row, TableShape
from inspector.ui.live_query import LiveQuery
from inspector.ui.paged_query import Listing, PagedQuery
from inspector.ui.panels.context import PanelContext
from inspector.ui.panels.data.changes import RowChanges
from inspector.ui.panels.data.columns import TABLE_COLUMNS, value_text
from inspector.ui.panels.data.current_row import CurrentRow
from inspector.ui.panels.data.grid import Grid
from inspector.ui.panels.data.search_status import SearchStatus
from inspector.ui.panels.data.search_strip import SearchStrip
from inspector.ui.panels.data.sentences import untyped_hint, why_no_tables
from inspector.ui.panels.data.sought_row import SoughtRow
from inspector.ui.panels.data.tables import TablesModel, id_of, read_shapes, rows_listing, same_table
from inspector.ui.panels.data.whole_copies import WholeCopies
from inspector.ui.panels.data.whole_value import CellPlace, WholeValuePane
from inspector.ui.selection import RowKey
from inspector.ui.theme import Colour
from inspector.ui.widgets.empty_note import EmptyNote
from inspector.ui.widgets.foot_note import FootNote
from inspector.ui.widgets.paged_model import PagedModel
from inspector.ui.widgets.row_table import RowTable
from inspector.ui.widgets.split_memory import remember_split


class DataPanel(QWidget):
    """The app's data; in a live session a change goes through the upload queue."""

    table_made = Signal(object)
    """The table of the rows of another table of the app."""

    def __init__(self, context: PanelContext) -> None:
        super().__init__(context.room)
        self._context = context
        self.tables_model = TablesModel(TABLE_COLUMNS, self)
        self.tables = RowTable(self.tables_model, "dataTables", parent=self)
        self.tables.setAccessibleName(self.tr("Tables"))
        self.tables.restore_columns(context.settings)
        self.tables_model.buckets = lambda: context.buckets.snapshot
        self.grid: Grid | None = None
        self.copies = WholeCopies(context.feed, self)
        self.whole = WholeValuePane(context.feed, self._current_cell, self._is_editing)
        self.value = self.whole.text
        self.foot = FootNote("dataFoot")
        self._remark: tuple[str, Colour] | None = None
        self.changes = RowChanges(context.feed, self)
        self.strip = strip = SearchStrip()
        self.search, self.count = strip.search, strip.count
        self.clear_filters, self.add_row, self.delete_row = strip.clear_filters, strip.add_row, strip.delete_row
        self._lay_out()
        self.note = EmptyNote(self.tables)
        self.shapes: LiveQuery[list[TableShape]] = LiveQuery(context.feed, self, lambda: read_shapes)
        self._no_rows: PagedModel[Row] = PagedModel((), self)
        self.rows: PagedQuery[Row] = PagedQuery(context.feed, self, self._no_rows, self._listing)
        self.status = SearchStatus(strip, self.rows, self)
        self.current = CurrentRow(self.rows, self._is_editing, self)
        self.sought = SoughtRow(context.selection, self.rows, self)
        self._connect()
        self._show_tables()

    def save(self) -> None:
        """Remember the columns."""
        self.tables.save_columns(self._context.settings)
        if self.grid is not None:
            self.grid.table.save_columns(self._context.settings)

    def _lay_out(self) -> None:
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(0)
        split = QSplitter(Qt.Orientation.Horizontal)
        layout.addWidget(self.strip)
        layout.addWidget(split, 1)
        layout.addWidget(self.foot)
        middle = QWidget()
        for part in (self.tables, middle, self.whole):
            split.addWidget(part)
        self._middle = QVBoxLayout(middle)
        self._middle.setContentsMargins(0, 0, 0, 0)
        self._middle.setSpacing(0)
        self._middle.addStretch(1)
        split.setStretchFactor(1, 1)
        remember_split(split, self._context.settings, "data", [265, 445, 170])
        self.setFocusProxy(self.tables)

    def _connect(self) -> None:
        feed = self._context.feed
        self.strip.wanted.connect(self._ask_rows)
        self.strip.stop_wanted.connect(self.rows.stop)
        self.changes.said.connect(self._say)
        self.copies.said.connect(self._say)
        self.current.said.connect(lambda text: self._say(text, Colour.HELD))
        self.whole.left.connect(lambda: self.grid.table.setFocus() if self.grid is not None else None)
        self.shapes.changed.connect(self._show_tables)
        self.rows.changed.connect(self._tell)
        self.rows.changed.connect(lambda: self.sought.show(self.grid))
        self.rows.changed.connect(self._look_at_value)
        self.current.settled.connect(self.whole.look)
        self.current.settled.connect(self._tell)
        feed.situation_changed.connect(self._tell)
        feed.database_changed.connect(self._tell)
        feed.files_changed.connect(self._drop_grid)
        self.tables.row_chosen.connect(self._table_chosen)
        self.add_row.triggered.connect(lambda: self._add_row())
        self.delete_row.triggered.connect(lambda: self._delete_row())
        self.clear_filters.triggered.connect(lambda: self._clear_filters())
        self._context.selection.reveal_wanted.connect(lambda panel: self._reveal() if panel == "data" else None)

    # Tables

    @property
    def shape(self) -> TableShape | None:
        """The table that is shown."""
        return self.grid.shape if self.grid is not None else None

    def _show_tables(self) -> None:
        shapes = self.shapes.result or []
        self.tables_model.show_records(shapes)
        shown = self.shape
        present = next((shape for shape in shapes if shown and same_table(shape, shown)), None)
        if present is not None and shown is not None and present.columns != shown.columns:
            self._open(present)
        elif present is None and shapes and self.sought.row is not None:
            self._reveal()
        elif present is None and shapes:
            wanted = self._context.selection.row
            chosen = next((i for i, shape in enumerate(shapes) if wanted and shape.name == wanted.type), 0)
            self.tables.choose_row(chosen)
        self._tell()

    def _table_chosen(self, row: int) -> None:
        shape = self.tables_model.record(row)
        if shape is not None and (self.shape is None or not same_table(shape, self.shape)):
            self._open(shape)

    def _open(self, shape: TableShape) -> None:
        self._drop_grid()
        self._remark = None
        self.strip.clear_quietly()
        grid = self.grid = Grid(self._context, shape, lambda: not self._why_read_only())
        grid.wanted_changed.connect(self._ask_rows)
        grid.cell_chosen.connect(self._cell_chosen)
        grid.edited.connect(self._edit)
        grid.refused.connect(lambda why: self._say(why, Colour.HELD))
        grid.null_wanted.connect(self._set_null)
        grid.whole_copy_wanted.connect(lambda row, column: self.copies.copy_cell(shape, row, column))
        grid.row_copy_wanted.connect(lambda row: self.copies.copy_row(shape, row))
        grid.table.rows_copy_wanted.connect(self._copy_rows)
        grid.table.whole_wanted.connect(self.whole.read)
        grid.table.row_followed.connect(self._follow)
        self.current.watch(grid)
        self.table_made.emit(grid.table)
        self._middle.takeAt(0)
        self._middle.addWidget(grid, 1)
        grid.model.dataChanged.connect(lambda *_: self._look_at_value())
        self.rows.use(grid.model)
        self._tell()

    def _drop_grid(self) -> None:
        if self.grid is not None:
            self.grid.table.save_columns(self._context.settings)
            grid, self.grid = self.grid, None
            self.setFocusProxy(self.tables)
            self.rows.use(self._no_rows)
            self._middle.removeWidget(grid)
            self._middle.addStretch(1)
            grid.hide()
            grid.deleteLater()
            self.whole.look()

    # Rows

    def _listing(self) -> Listing[Row] | None:
        shape = self.shape
        if shape is None or self.grid is None or self._context.feed.files.open_database is None:
            return None
        return rows_listing(shape, self.grid.wanted)

    def _ask_rows(self) -> None:
        if self.grid is not None:
            self.grid.search = self.search.text()
            self.rows.ask()
            self._tell()

    def _clear_filters(self) -> None:
        self.search.clear()
        if self.grid is not None:
            self.grid.filters.clear()
            self._ask_rows()

    def _record(self, row: int) -> Row | None:
        return self.grid.model.record(row) if self.grid is not None else None

    def _cell_chosen(self, row: int, _column: int) -> None:
        record, shape = self._record(row), self.shape
        if self.grid is not None and row >= 0:
            self.setFocusProxy(self.grid.table)  # whoever comes back to the panel comes back to the cell
        if self.current.moving:
            self._look_at_value()
            return
        if record is not None and shape is not None and shape.kind != "raw":
            self._context.selection.choose_row(RowKey(shape.name, id_of(shape, record)))
        self.whole.look()
        self._remark = None
        self._tell()

    def _copy_rows(self, rows: list[int]) -> None:
        if self.grid is not None and rows:
            columns = [self.grid.model.columns[at] for at in self.grid.table.header.shown_columns()]
            self.copies.copy_rows(self.grid.shape, self.rows.positions_of(rows), columns)

    def _follow(self, _row: int) -> None:
        if self.grid is not None and not self._is_editing():
            self._context.selection.reveal("row")

    def _reveal(self) -> None:
        """Show the table of the selected row, with that row alone in it."""
        number = self.sought.seek(self.tables_model.records)
        if number is not None:
            self.tables.choose_row(number)
            self.sought.filter(self.grid)

    def _is_editing(self) -> bool:
        return self.grid is not None and self.grid.editor is not None

    def _look_at_value(self) -> None:
        if not self.current.returning:  # else its pane would go, and come again with the cell
            self.whole.look()

    def _current_cell(self) -> CellPlace | None:
        grid, shape = self.grid, self.shape
        index = grid.table.currentIndex() if grid is not None else None
        record = self._record(index.row()) if index is not None else None
        if shape is None or record is None or index is None:
            return None
        return CellPlace(shape, record.rowid, shape.columns[index.column()])

    # Changes

    def _why_read_only(self) -> str:
        return self.changes.why_read_only(self.shape)

    def _edit(self, record: Row, column: int, text: str) -> None:
        shape = self.shape
        if shape is not None and text != value_text(record.values[column].value):
            self.changes.edit(shape, id_of(shape, record), shape.columns[column], text)

    def _set_null(self, row: int, column: int) -> None:
        shape, record = self.shape, self._record(row)
        if shape is not None and record is not None:
            self.changes.patch(shape, id_of(shape, record), shape.columns[column].name, None)

    def _add_row(self) -> None:
        if self.shape is not None:
            self.changes.ask_for_row(self.shape)

    def _delete_row(self) -> None:
        grid, shape = self.grid, self.shape
        record = self._record(grid.table.currentIndex().row()) if grid is not None else None
        if record is not None and shape is not None:
            self.changes.ask_to_delete(shape, id_of(shape, record))

    def _say(self, text: str, tone: Colour) -> None:
        """Until another cell or table is chosen."""
        self._remark = text, tone
        self._tell()

    # What is said

    def _tell(self) -> None:
        why, grid = self._why_read_only(), self.grid
        has_row = grid is not None and grid.table.currentIndex().isValid()
        for action, needs_row in ((self.add_row, False), (self.delete_row, True)):
            # A row that is added among filtered ones would not be seen.
            possible = has_row if needs_row else grid is not None and not grid.is_filtered
            action.setEnabled(not why and possible)
            action.setToolTip(why or action.text())
            # Of a file nothing can ever be changed: the search has their room.
            action.setVisible(self._context.feed.active is not None)
        no_tables = self.shapes.problem or why_no_tables(self._context.feed, read=self.shapes.result is not None)
        self.note.say("" if self.tables_model.records else no_tables)
        self.status.tell(grid)
        hint = untyped_hint(self.shape, schema_can_be_loaded=self._context.actions.load_schema.isEnabled())
        how = self.tr(
            "Double-click a cell, or press F2, to change it: a change is a local write, uploaded like the app's."
        )
        standing = hint or why or (how if grid is not None else "")
        text, tone = self._remark or (standing, Colour.HELD if hint else Colour.DIM)
        self.foot.say(text, tone)
