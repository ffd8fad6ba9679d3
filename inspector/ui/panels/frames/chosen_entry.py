"""The frame or happening that is selected for all panels, while rows of the list come and go."""

from inspector.ui.by_program import ByProgram
from inspector.ui.panels.frames.model import FramesModel
from inspector.ui.selection import Selection
from inspector.ui.widgets.row_table import RowTable


class ChosenEntry:
    """Keeps the current row of `table` and the window's selection at one entry.

    What is selected elsewhere stays selected while the list is filled for the first time: the row says nothing before
    `announce_rows`.
    """

    def __init__(self, table: RowTable, model: FramesModel, selection: Selection) -> None:
        self._table, self._model, self._selection = table, model, selection
        self.kept = ByProgram()
        """In its `with` block what is selected stays, whatever row becomes current."""

    @property
    def entry(self) -> int | None:
        """The id of the frame or the key of the happening."""
        return self._selection.happening if self._selection.frame is None else self._selection.frame

    def announce_rows(self) -> None:
        """From now on, the row that becomes current is selected for all panels."""
        self._table.row_chosen.connect(self._announce)

    def reveal(self) -> None:
        """Make its row the current one; none where it is not shown."""
        at = self._table.currentIndex().row()
        if self.entry is not None and 0 <= at < self._model.row_count() and self._model.entry_at(at) == self.entry:
            return  # in a sorted list the row of an entry is looked for from the top
        row = self._model.row_of(self.entry) if self.entry is not None else None
        if row is not None and row != at:
            self._table.choose_row(row)
        elif row is None and at >= 0:
            with self.kept:
                self._table.choose_none()

    def _announce(self, row: int) -> None:
        if self.kept:
            return
        entry = self._model.entry_at(row)
        if entry is not None and entry < 0:
            self._selection.choose_happening(entry)
        else:
            self._selection.choose_frame(entry)
