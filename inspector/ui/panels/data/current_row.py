"""Keeps the current cell in its row while rows come, go and move beneath it."""

from collections.abc import Callable

from PySide6.QtCore import QModelIndex, QObject, Signal

from inspector.store.data_queries import Row, Wanted
from inspector.ui.paged_query import PagedQuery
from inspector.ui.panels.data.grid import Grid
from inspector.ui.panels.data.tables import id_of
from inspector.ui.readers import Readers
from inspector.ui.selection import RowKey


class CurrentRow(QObject):
    """Of the grid that is watched last. Nothing moves while a cell is being edited."""

    said = Signal(str)
    """That the row is not there any more: now none is the current one."""

    def __init__(self, rows: PagedQuery[Row], busy: Callable[[], bool], parent: QObject) -> None:
        super().__init__(parent)
        self._rows, self._busy = rows, busy
        self._grid: Grid | None = None
        self._row: RowKey | None = None
        self.moving = False
        """The current cell is the same one, at another place."""

    def watch(self, grid: Grid) -> None:
        """Look after this grid from now on."""
        self._grid, self._row = grid, None
        grid.model.dataChanged.connect(lambda *_: self._look(grid))
        grid.shrinks.connect(lambda first: self._step_back(grid, first))
        grid.table.row_chosen.connect(lambda _: self._remember(grid))

    def _remember(self, grid: Grid) -> None:
        if grid is self._grid and not self.moving:
            self._row = self._at(grid)

    def _step_back(self, grid: Grid, first: int) -> None:
        """There are fewer rows: to be on the last one is no choice, and where the row is now is to be found out."""
        current = grid.table.currentIndex()
        if grid is self._grid and current.row() >= first > 0:
            self._go(grid, grid.model.index(first - 1, current.column()))

    def _at(self, grid: Grid) -> RowKey | None:
        """The row in which the current cell is; None where it has no id, or is not read yet."""
        record = grid.model.record(grid.table.currentIndex().row())
        row_id = "" if record is None else id_of(grid.shape, record)
        return RowKey(grid.shape.name, row_id) if row_id else None

    def _look(self, grid: Grid) -> None:
        if grid is not self._grid or self._busy() or not grid.table.currentIndex().isValid():
            return
        now = self._at(grid)
        if now is None or now == self._row:
            return
        if self._row is None:  # it was chosen before it was read
            self._row = now
            return
        shape, sought, wanted = grid.shape, self._row, grid.wanted
        # Among those that meet the filters; where it was just written, its new place is known with the next listing.
        itself = Wanted(wanted.search, (*wanted.conditions, ("id", f"= {sought.id}")))

        def where(readers: Readers) -> int | None:
            assert readers.database is not None
            return next(iter(readers.database.find_rows(shape, itself, lambda: True)), None)

        self._rows.find(where, lambda row: self._move(grid, sought, row), lambda: self._lose(grid, sought))

    def _move(self, grid: Grid, sought: RowKey, row: int) -> None:
        if self._is_about(grid, sought):
            self._go(grid, grid.model.index(row, grid.table.currentIndex().column()))

    def _lose(self, grid: Grid, sought: RowKey) -> None:
        if self._is_about(grid, sought):
            self._go(grid, QModelIndex())
            self._row = None
            self.said.emit(self.tr("{0} / {1} is not among these rows any more.").format(sought.type, sought.id))

    def _is_about(self, grid: Grid, sought: RowKey) -> bool:
        """Whether it is still this row that is sought, in a cell that nobody edits."""
        return grid is self._grid and sought == self._row and not self._busy() and self._at(grid) != sought

    def _go(self, grid: Grid, index: QModelIndex) -> None:
        """To another place, while the rows on screen stay where they are."""
        scrolls = grid.table.hasAutoScroll()
        grid.table.setAutoScroll(False)
        self.moving = True
        grid.table.setCurrentIndex(index)
        self.moving = False
        grid.table.setAutoScroll(scrolls)
