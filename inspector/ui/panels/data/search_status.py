"""Says above the rows how many there are, or for how long they have been searched, and why there is none."""

import time

from PySide6.QtCore import QObject, QTimer

from inspector.store.data_queries import Row
from inspector.ui.paged_query import PagedQuery
from inspector.ui.panels.data.grid import Grid
from inspector.ui.panels.data.search_strip import SearchStrip
from inspector.words import duration, plural

_WAITING_MS = 250
_LONG_SECONDS = 1.0
"""From here on a search is long enough to be told how long it has taken, and to be stopped."""


class SearchStatus(QObject):
    """Of the rows of one grid, the one that was told of last."""

    def __init__(self, strip: SearchStrip, rows: PagedQuery[Row], parent: QObject) -> None:
        super().__init__(parent)
        self._strip, self._rows = strip, rows
        self._grid: Grid | None = None
        self._waiting = QTimer(self, interval=_WAITING_MS)
        self._waiting.timeout.connect(lambda: self.tell(self._grid))

    def tell(self, grid: Grid | None) -> None:
        """Say how it stands with the rows of `grid`."""
        self._grid = grid
        strip, rows = self._strip, self._rows
        if grid is None or rows.complete or rows.stopped:
            self._waiting.stop()
            strip.stop.hide()
        strip.clear_filters.setEnabled(grid is not None and grid.is_filtered)
        if grid is None:
            strip.count.set_text("")
            return
        shown = grid.model.row_count()
        text = plural(shown, self.tr("row"))
        if grid.is_filtered and grid.shape.rows is not None:
            text = self.tr("{0} of {1}").format(shown, plural(grid.shape.rows, self.tr("row")))
        strip.count.set_text(text if rows.complete else self._how_long())
        why = ""
        if rows.stopped:
            why = self.tr("The search was stopped, so no rows are shown. Change what is searched to search again.")
        elif rows.complete and not shown:
            why = self.tr("No row meets the filters.") if grid.is_filtered else self.tr("The table has no rows.")
        grid.note.say(rows.problem or why)

    def _how_long(self) -> str:
        """What is said while rows are found: after a while, for how long, beside the way to stop it."""
        rows = self._rows
        begun = rows.begun if not rows.stopped else None
        took = 0.0 if begun is None else time.monotonic() - begun
        long = took >= _LONG_SECONDS
        self._strip.stop.setVisible(long)
        if begun is not None and not self._waiting.isActive():
            self._waiting.start()
        if rows.stopped:
            return self.tr("stopped")
        return self.tr("searching, {0}").format(duration(took)) if long else self.tr("searching")
