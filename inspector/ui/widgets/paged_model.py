"""A table model over rows that another thread reads: a page at a time, blank until it has come."""

from collections import OrderedDict
from collections.abc import Sequence
from typing import TypeVar

from PySide6.QtCore import QModelIndex, QObject, Signal

from inspector.ui.widgets.columns import Column
from inspector.ui.widgets.row_model import RowModel

R = TypeVar("R")

PAGE_ROWS = 128
PAGES_KEPT = 48


class PagedModel(RowModel[R]):
    """Only the pages that were looked at last are held; those that are stale stay until newer ones come."""

    page_wanted = Signal(int)
    """The number of a page that is on screen and not there, or stale."""

    def __init__(self, columns: tuple[Column[R], ...], parent: QObject | None = None) -> None:
        super().__init__(columns, parent)
        self._count = 0
        self._pages: OrderedDict[int, Sequence[R | None]] = OrderedDict()
        self._fresh: set[int] = set()
        self._asked: set[int] = set()

    def show_nothing(self) -> None:
        """Forget all rows."""
        self.beginResetModel()
        self._count = 0
        self._pages.clear()
        self._fresh.clear()
        self._asked.clear()
        self.endResetModel()

    def set_count(self, count: int) -> None:
        """There are so many rows now; those at the end come and go."""
        if count > self._count:
            self.beginInsertRows(QModelIndex(), self._count, count - 1)
            self._count = count
            self.endInsertRows()
        elif count < self._count:
            self.beginRemoveRows(QModelIndex(), count, self._count - 1)
            self._count = count
            self.endRemoveRows()

    def set_stale(self) -> None:
        """Every row may be another one now: pages are asked for again as they are looked at."""
        self._fresh.clear()
        self._asked.clear()
        self._tell(0, self._count)

    def put_page(self, number: int, rows: Sequence[R | None], *, keep_gone: bool = False) -> None:
        """The rows of a page have come; with `keep_gone`, those that are None stay as they were shown before."""
        if keep_gone:
            before = self._pages.get(number, ())
            rows = [before[at] if row is None and at < len(before) else row for at, row in enumerate(rows)]
        self._pages[number] = rows
        self._pages.move_to_end(number)
        self._fresh.add(number)
        self._asked.discard(number)
        while len(self._pages) > PAGES_KEPT:
            dropped, _ = self._pages.popitem(last=False)
            self._fresh.discard(dropped)
        first = number * PAGE_ROWS
        self._tell(first, min(self._count, first + len(rows)))

    @property
    def rows_held(self) -> int:
        """How many rows are in memory."""
        return sum(map(len, self._pages.values()))

    def row_count(self) -> int:
        return self._count

    def record(self, row: int) -> R | None:
        if not 0 <= row < self._count:
            return None
        number, offset = divmod(row, PAGE_ROWS)
        if number not in self._fresh and number not in self._asked:
            self._asked.add(number)
            self.page_wanted.emit(number)
        page = self._pages.get(number, ())
        return page[offset] if offset < len(page) else None

    def _tell(self, first: int, end: int) -> None:
        if first < end:
            self.dataChanged.emit(self.index(first, 0), self.index(end - 1, len(self.columns) - 1))
