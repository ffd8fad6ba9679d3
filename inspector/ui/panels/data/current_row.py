"""Keeps the current cell in its row while rows come, go and move beneath it, or are sorted and filtered."""

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
    settled = Signal()
    """Other rows are listed, and the current cell is where it is among them, or nowhere."""

    def __init__(self, rows: PagedQuery[Row], busy: Callable[[], bool], parent: QObject) -> None:
        super().__init__(parent)
        self._rows, self._busy = rows, busy
        self._grid: Grid | None = None
        self._row: RowKey | None = None
        self.moving = False
        """The current cell is the same one, at another place."""
        self._left: tuple[RowKey, int] | None = None
        """The row and column that were current when other rows were asked for; nothing was chosen since."""
        self.returning = False
        """That place is looked for among the rows that are listed now, or read."""
        rows.changed.connect(self._return)

    def watch(self, grid: Grid) -> None:
        """Look after this grid from now on."""
        self._grid, self._row, self._left, self.returning = grid, None, None, False
        grid.model.modelAboutToBeReset.connect(lambda: self._leave(grid))
        grid.model.dataChanged.connect(lambda *_: self._look(grid))
        grid.shrinks.connect(lambda first: self._step_back(grid, first))
        grid.table.row_chosen.connect(lambda _: self._remember(grid))

    def _remember(self, grid: Grid) -> None:
        if grid is self._grid and not self.moving:
            self._row = self._at(grid)
            if grid.table.currentIndex().isValid():
                self._left, self.returning = None, False

    def _leave(self, grid: Grid) -> None:
        """Other rows are about to be listed."""
        if grid is not self._grid:
            return
        if self._row is not None:
            self._left = self._row, grid.table.currentIndex().column()
        self.returning = self._left is not None

    def _return(self) -> None:
        """Make the cell current again that was, if its row is among those that are listed now."""
        grid, left = self._grid, self._left
        if grid is None or left is None or not self.returning or not self._rows.complete:
            return
        sought, column = left

        def settle(index: QModelIndex) -> None:
            if grid is self._grid and left == self._left and self.returning:
                if index.isValid():
                    self._row, self._left = sought, None
                    self._go(grid, index)
                self._settle(grid)

        self._find(grid, sought, lambda row: settle(grid.model.index(row, column)), lambda: settle(QModelIndex()))

    def _settle(self, grid: Grid) -> None:
        """The cell is where it belongs, and what is in it has been read."""
        index = grid.table.currentIndex()
        if self.returning and (not index.isValid() or grid.model.record(index.row()) is not None):
            self.returning = False
            self.settled.emit()

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
        if self._left is None:
            self._settle(grid)
        now = self._at(grid)
        if now is None or now == self._row:
            return
        if self._row is None:  # it was chosen before it was read
            self._row = now
            return
        sought = self._row
        self._find(grid, sought, lambda row: self._move(grid, sought, row), lambda: self._lose(grid, sought))

    def _find(self, grid: Grid, sought: RowKey, found: Callable[[int], None], missing: Callable[[], None]) -> None:
        shape, wanted = grid.shape, grid.wanted
        # Among those that meet the filters; where it was just written, its new place is known with the next listing.
        itself = Wanted(wanted.search, (*wanted.conditions, ("id", f"= {sought.id}")))

        def where(readers: Readers) -> int | None:
            assert readers.database is not None
            return next(iter(readers.database.find_rows(shape, itself, lambda: True)), None)

        self._rows.find(where, found, missing)

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
