"""Staying at the newest frame, until the user looks at another one."""

from PySide6.QtCore import QObject, Signal

from inspector.ui.widgets.row_table import RowTable


class Following(QObject):
    """Keeps `table` at its end while `active`; counts the rows that came while it was not."""

    changed = Signal()

    def __init__(self, table: RowTable) -> None:
        super().__init__(table)
        self._table = table
        self.active = True
        self.missed = 0
        bar = table.verticalScrollBar()
        bar.rangeChanged.connect(self._stay)
        bar.valueChanged.connect(self._scrolled)
        table.row_chosen.connect(self._chosen)

    def resume(self) -> None:
        """Go to the end and stay there."""
        self.active, self.missed = True, 0
        self._stay()
        self.changed.emit()

    def leave(self) -> None:
        """Stay nowhere: the end is no longer where the newest frames are."""
        self._stop()

    def add_missed(self, rows: int) -> None:
        """So many rows came; those that stand in view are not missed."""
        if rows and not self.active and not self._table.at_end():
            self.missed += rows
            self.changed.emit()

    def _stay(self) -> None:
        if self.active:
            bar = self._table.verticalScrollBar()
            bar.setValue(bar.maximum())

    def _scrolled(self) -> None:
        at_end = self._table.at_end()
        if at_end and not self.active:
            self.resume()
        elif not at_end and self.active:
            self._stop()

    def _chosen(self, row: int) -> None:
        # A row that moves away under the eyes is lost; the pill brings the newest back with one click.
        if self.active and 0 <= row < self._table.row_model.row_count() - 1:
            self._stop()

    def _stop(self) -> None:
        self.active, self.missed = False, 0
        self.changed.emit()
