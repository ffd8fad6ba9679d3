"""Sorting the list by a click on a column's header: up, down, and as the frames came."""

from array import array

from PySide6.QtCore import QObject, QSettings, Qt, Signal

from inspector.ui.panels.frames.chosen_entry import ChosenEntry
from inspector.ui.panels.frames.columns import SORT_KEYS
from inspector.ui.panels.frames.model import FramesModel
from inspector.ui.panels.frames.search import FrameSearch
from inspector.ui.sources import FileSource, Source
from inspector.ui.widgets.row_table import RowTable

_FIRST_DOWN = {"Ops", "Bytes", "Δ s"}
"""Of these the largest are what one looks for."""
_SETTING = "frames/sorted-by"


class Sorting(QObject):
    """Which column sorts the list, and the work of it; a filter is searched to its end first."""

    about_to_show = Signal()
    shown = Signal()
    """The frames stand in another order now."""

    def __init__(self, table: RowTable, model: FramesModel, search: FrameSearch, chosen: ChosenEntry) -> None:
        super().__init__(table)
        self._table, self._model, self._search, self._chosen = table, model, search, chosen
        self._column: int | None = None
        self._descending = False
        self._wanted = False
        self._source: Source | None = None
        titles = enumerate(column.title for column in model.columns)
        table.header.sortable = frozenset(column for column, title in titles if title in SORT_KEYS)
        table.header.sectionClicked.connect(self._clicked)
        search.changed.connect(self._go_on)
        self._tell()

    def restore(self, settings: QSettings) -> None:
        """Sort as it was sorted when it was last remembered; not what a connection brings."""
        if _is_connection(self._source):
            return
        title, _, order = str(settings.value(_SETTING) or "").rpartition(" ")
        columns = [column.title for column in self._model.columns]
        if title in SORT_KEYS and title in columns:
            self._column, self._descending = columns.index(title), order == "down"
            self._tell()
            self.again()

    def save(self, settings: QSettings) -> None:
        """Remember which column sorts the list, and which way."""
        order = "down" if self._descending else "up"
        title = "" if self._column is None else self._model.columns[self._column].title
        settings.setValue(_SETTING, f"{title} {order}" if title else "")

    def again(self) -> None:
        """Other frames are to be sorted: another filter, or more of them."""
        self._wanted = self._column is not None
        self._go_on()

    def follow(self, source: Source | None) -> None:
        """Another connection is shown as it comes: to sort it as the last one was would hold its frames back."""
        is_other, self._source = source is not self._source, source
        if is_other and _is_connection(source) and self._column is not None:
            self._column = None
            self._tell()
            self._show(None)

    def _clicked(self, column: int) -> None:
        title = self._model.columns[column].title
        if title not in SORT_KEYS:
            return
        first_down = title in _FIRST_DOWN
        if column != self._column:
            self._column, self._descending = column, first_down
        elif self._descending is first_down:
            self._descending = not first_down
        else:
            self._column = None
        self._tell()
        if self._column is None:
            self._show(None)
        else:
            self.again()

    def _tell(self) -> None:
        header = self._table.header
        header.setSortIndicatorShown(self._column is not None)
        if self._column is not None:
            order = Qt.SortOrder.DescendingOrder if self._descending else Qt.SortOrder.AscendingOrder
            header.setSortIndicator(self._column, order)

    def _go_on(self) -> None:
        if not self._wanted or self._column is None or self._search.searching:
            return
        self._wanted = False
        column, descending = self._column, self._descending

        def done(ids: "array[int]") -> None:
            if (column, descending) == (self._column, self._descending):
                self._show(ids)

        key = SORT_KEYS[self._model.columns[column].title]
        frames, happenings = self._model.frames_to_sort(), self._model.happenings_to_sort()
        self._search.sort(key, frames, happenings, descending=descending, done=done)

    def _show(self, ids: "array[int] | None") -> None:
        self.about_to_show.emit()
        with self._chosen.kept:
            self._model.show_sorted(ids)
        self.shown.emit()


def _is_connection(source: Source | None) -> bool:
    return source is not None and not isinstance(source, FileSource)
