"""A view of rows whose columns are as wide as what is in them, until the user sizes one."""

from typing import Any

from PySide6.QtCore import QSettings, QTimer
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QWidget

from inspector.ui.widgets.columns import PLAIN_ROW, Cell, RowStyle
from inspector.ui.widgets.row_delegate import RowDelegate
from inspector.ui.widgets.row_model import RowModel
from inspector.ui.widgets.row_view import RowView

_ROWS_FITTED = 60
"""Columns are sized to content until there are so many rows, or until the user sizes one."""
_REFIT_MS = 1_000
"""The columns of a short list follow what changes in it so often at most."""


class FittedView(RowView):
    """Rows that are painted by `row_delegate`. `name` is where the columns' widths and order are remembered."""

    def __init__(self, model: RowModel[Any], name: str, *, header: bool, parent: QWidget | None) -> None:
        super().__init__(model, header=header, parent=parent)
        self.setObjectName(name)
        self.row_delegate = self.make_delegate()
        self._fitting = True
        self._has_fitted = False
        self._awaits_content = False
        """Rows that another thread reads are there before their content."""
        self.header.sectionHandleDoubleClicked.connect(self._refit_column)
        self._again = QTimer(self, singleShot=True, interval=0)
        self._again.timeout.connect(self._rows_changed)
        model.modelReset.connect(self._rows_changed)
        for moved in (model.rowsInserted, model.rowsRemoved):
            moved.connect(self._some_changed)
        model.dataChanged.connect(self._content_changed)
        self._refit = QTimer(self, singleShot=True, interval=_REFIT_MS)
        self._refit.timeout.connect(self._rows_changed)

    def resizeEvent(self, event: QResizeEvent) -> None:
        first = not self._has_size
        super().resizeEvent(event)
        if first:
            self._rows_changed()

    def make_delegate(self) -> RowDelegate:
        """What paints the rows in the fonts that are in force."""
        return RowDelegate(self.row_model.columns)

    def restore_columns(self, settings: QSettings) -> None:
        """Take over the widths, order and choice of columns that the user left."""
        self._fitting = not self.header.restore(settings, self.objectName()) or not self.header.resized_by_user

    def fit_columns(self) -> None:
        """Make each column as wide as its content."""
        self._fit_to(self._measured_rows())

    def _fit_to(self, rows: list[tuple[Any, RowStyle]]) -> None:
        columns = [column for column, description in enumerate(self.row_model.columns) if not description.stretch]
        with self.header.fitting():
            for column in columns:
                self._fit_column(column, rows)

    def keep_room_for(self, column: int, cell: Cell) -> None:
        """A cell like this is somewhere in the table: have the column wide enough for it."""
        self.header.keep_room(column, self.row_delegate.needed_width(column, cell, PLAIN_ROW))

    def save_columns(self, settings: QSettings) -> None:
        """Remember the columns as they are."""
        self.header.save(settings, self.objectName())

    def rows_to_fit(self) -> range:
        """The rows that columns are sized to: all of a few, else those on screen, or the first ones."""
        count = self.row_model.row_count()
        return range(count) if count <= _ROWS_FITTED else self.rows_on_screen() or range(100)

    def _rows_changed(self) -> None:
        self.updateGeometries()
        self.viewport().update()
        if self._fitting and not self.header.resized_by_user and self.row_model.row_count():
            rows = self._measured_rows()
            # The first rows of a live list tell little of those to come, and a table without a size shows one.
            self._awaits_content = not rows
            self._fitting = self.row_model.row_count() < _ROWS_FITTED or self._awaits_content or not self._has_size
            self._fit_to(rows)
            self._has_fitted = bool(rows)

    def _some_changed(self) -> None:
        """Rows come and go one by one: in a list that has been fitted they are fitted together, in the next turn."""
        if not self._has_fitted:
            self._rows_changed()
            return
        self.updateGeometries()
        self.viewport().update()
        self._again.start()

    def _content_changed(self) -> None:
        self.viewport().update()
        if self._awaits_content:
            self._rows_changed()
        elif self._fitting and not self._refit.isActive():
            self._refit.start()

    def _measured_rows(self) -> list[tuple[Any, RowStyle]]:
        """The records and styles of the rows that columns are sized to."""
        model = self.row_model
        records = [record for row in self.rows_to_fit() if (record := model.record(row)) is not None]
        return [(record, model.row_style(record)) for record in records]

    def _fit_column(self, column: int, rows: list[tuple[Any, RowStyle]]) -> None:
        """Make a column as wide as what `rows` have in it."""
        cell_of, needed_width = self.row_model.columns[column].of, self.row_delegate.needed_width
        needed = [needed_width(column, cell_of(record), style) for record, style in rows]
        self.header.fit(column, max(needed, default=0))

    def _refit_column(self, column: int) -> None:
        self.header.take_as_sized()
        self._fit_column(column, self._measured_rows())
