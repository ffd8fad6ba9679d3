"""A row that was followed to the data panel, until it is shown."""

from collections.abc import Sequence

from PySide6.QtWidgets import QWidget

from inspector.store.data_queries import Row, TableShape
from inspector.ui.paged_query import PagedQuery
from inspector.ui.panels.data.grid import Grid
from inspector.ui.selection import RowKey, Selection


class SoughtRow:
    """It is the only one that is listed, and becomes the current one unless another was chosen meanwhile."""

    def __init__(self, selection: Selection, rows: PagedQuery[Row], panel: QWidget) -> None:
        self._selection, self._rows, self._panel = selection, rows, panel
        self.row: RowKey | None = None

    def seek(self, tables: Sequence[TableShape]) -> int | None:
        """Seek the selected row from now on; which of the tables it is in, None where that is not known."""
        wanted = self.row = self._selection.row
        return next((number for number, shape in enumerate(tables) if wanted and shape.name == wanted.type), None)

    def filter(self, grid: Grid | None) -> None:
        """Have its table list nothing else."""
        if grid is None or self.row is None:
            return
        column = next((number for number, column in enumerate(grid.shape.columns) if column.name == "id"), None)
        if column is not None:
            grid.filters.set_condition(column, f"= {self.row.id}")
        self.show(grid)

    def show(self, grid: Grid | None) -> None:
        """Have it be the current one, if it is listed by now."""
        sought = self.row
        if grid is None or sought is None or grid.shape.name != sought.type or not self._rows.complete:
            return
        if grid.model.row_count() == 1 and self._selection.row == sought:
            grid.table.choose_row(0)
        if self._panel.isAncestorOf(self._panel.window().focusWidget() or self._panel):
            grid.table.setFocus()
        self.row = None
