"""The rows of a result, and beside them the whole value of the cell that was chosen."""

from typing import Any

from PySide6.QtCore import QEvent, QModelIndex, QObject, Qt, Signal
from PySide6.QtGui import QGuiApplication, QKeyEvent
from PySide6.QtWidgets import QSplitter, QVBoxLayout, QWidget

from inspector.analysis.sql_console import ResultShape
from inspector.store.data_queries import DataColumn, Row, TableShape
from inspector.ui.panels.context import PanelContext
from inspector.ui.panels.data.columns import describe_value, value_text
from inspector.ui.panels.sql.models import ResultModel
from inspector.ui.panels.sql.runner import SqlRunner
from inspector.ui.theme import Colour
from inspector.ui.widgets.cell_table import CellTable
from inspector.ui.widgets.elided_label import ElidedLabel
from inspector.ui.widgets.mono_text import MonoText
from inspector.ui.widgets.paged_model import PagedModel
from inspector.ui.widgets.tone import set_tone

_PAGE = 128


class Results(QSplitter):
    """What `runner` found last. There is no table before the first result."""

    table_made = Signal(object)
    """The table of another result."""

    def __init__(self, context: PanelContext, runner: SqlRunner, parent: QWidget) -> None:
        super().__init__(parent)
        self._context, self._runner = context, runner
        self.shape = ResultShape((), ())
        self.model: PagedModel[Row] = PagedModel((), self)
        self.table: CellTable | None = None
        self.value_title, self.value = ElidedLabel(), MonoText("sqlValue")
        self.value.setAccessibleName(self.tr("The whole value of the current cell"))
        self.value.installEventFilter(self)
        set_tone(self.value_title, Colour.DIM)
        self._rows, self._side = QWidget(self), QWidget(self)
        self._rows_layout = QVBoxLayout(self._rows)
        self._rows_layout.setContentsMargins(0, 0, 0, 0)
        pane = QVBoxLayout(self._side)
        pane.setContentsMargins(8, 6, 0, 0)
        pane.addWidget(self.value_title)
        pane.addWidget(self.value, 1)
        self.setSizes([560, 180])
        self.setStretchFactor(0, 1)
        self._side.hide()

    @property
    def row_count(self) -> int:
        """How many rows the result has so far."""
        return self.model.row_count()

    def begin(self, shape: ResultShape) -> None:
        """Show a result with these columns and no row yet, in place of the one before."""
        self.shape = shape
        if self.table is not None:
            self._rows_layout.removeWidget(self.table)
            self.table.hide()
            self.table.deleteLater()
            self.model.deleteLater()
        columns = tuple(DataColumn(name, kind) for name, kind in zip(shape.columns, shape.types, strict=True))
        table_shape = TableShape("result", "raw", "result", "", columns, None)
        self.model = ResultModel(table_shape, lambda: self._context.buckets.snapshot, self)
        table = self.table = CellTable(self.model, "sqlResult", parent=self._rows)
        table.setAccessibleName(self.tr("Rows of the result"))
        self.model.page_wanted.connect(self._read_page)
        table.selectionModel().currentChanged.connect(self._cell_chosen)
        table.whole_wanted.connect(self._read_whole)
        table.cell_copied.connect(self._copied)
        self.table_made.emit(table)
        self._rows_layout.addWidget(table)
        self._side.hide()  # what it shows is of the result before

    def grow(self, rows: int) -> None:
        """So many rows were found so far."""
        if self.row_count % _PAGE or not self.row_count:
            self.model.set_stale()
        self.model.set_count(rows)

    def end(self, rows: int) -> None:
        """So many rows were found, and no more come."""
        self.model.set_count(rows)

    def _read_page(self, number: int) -> None:
        model = self.model
        self._runner.read_page(number, lambda rows: model.put_page(number, rows) if model is self.model else None)

    def _cell_chosen(self, current: QModelIndex, _previous: QModelIndex) -> None:
        row, column = current.row(), current.column()
        if row < 0 or column >= len(self.shape.columns):
            return
        name, model = self.shape.columns[column], self.model
        self._runner.read_results(
            lambda results: results.value(row, column),
            lambda value: self._show_value(name, value) if model is self.model else None,
        )

    def _read_whole(self) -> None:
        """Give the pane of the whole value the keyboard."""
        if not self._side.isHidden():
            self.value.setFocus()

    def _copied(self, row: int, column: int) -> None:
        """A page has the beginning of a long value only: put all of it on the clipboard."""
        record = self.model.record(row)
        if record is not None and record.values[column].is_cut:
            self._runner.read_results(
                lambda results: results.value(row, column),
                lambda value: QGuiApplication.clipboard().setText(value_text(value)),
            )

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Escape leads from the whole value back to the rows."""
        if event.type() is QEvent.Type.KeyPress and isinstance(event, QKeyEvent) and event.key() == Qt.Key.Key_Escape:
            if self.table is not None:
                self.table.setFocus()
            return True
        return super().eventFilter(watched, event)

    def _show_value(self, name: str, value: Any) -> None:
        self._side.show()
        self.value_title.set_text(describe_value(name, value))
        self.value.setPlainText(value_text(value))
