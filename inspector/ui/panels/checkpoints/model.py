"""The checkpoints of a capture as rows: only the pages on screen are in memory."""

from PySide6.QtCore import QModelIndex, QObject

from inspector.capture.errors import CaptureError
from inspector.capture.reader import CaptureReader
from inspector.capture.rows import CheckpointLine
from inspector.ui.panels.checkpoints.columns import COLUMNS
from inspector.ui.things import Things
from inspector.ui.widgets.row_model import RowModel
from inspector.ui.widgets.sql_window import SqlWindow


class CheckpointsModel(RowModel[CheckpointLine]):
    """Row n is the checkpoint with id n + 1: ids have no gaps."""

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(COLUMNS, parent)
        self._reader: CaptureReader | None = None
        self._window: SqlWindow[CheckpointLine] = SqlWindow(self._fetch)
        self._count = 0
        self.problem = ""
        """Why the capture cannot be read, as sentences; empty when it can."""

    def show_capture(self, reader: CaptureReader | None) -> None:
        """Show the checkpoints of `reader`, which is closed when another one takes its place."""
        self.beginResetModel()
        if self._reader is not None:
            self._reader.close()
        self._reader = reader
        self._window.forget()
        self.problem = ""
        self._count = self._counted()
        self.endResetModel()

    def catch_up(self) -> None:
        """Show what has come since, and what has become of the rest."""
        count = self._counted()
        self._window.forget()
        if count > self._count:
            self.beginInsertRows(QModelIndex(), self._count, count - 1)
            self._count = count
            self.endInsertRows()
        if self._count:
            self.dataChanged.emit(self.index(0, 0), self.index(self._count - 1, len(self.columns) - 1))

    def row_count(self) -> int:
        return self._count

    def things(self, record: CheckpointLine) -> Things:
        row = record.row
        return Things(frame=row.frame, checkpoint=row.id, moment=row.received_at)

    def record(self, row: int) -> CheckpointLine | None:
        return self._window.row(row) if 0 <= row < self._count else None

    def row_of(self, checkpoint: int) -> int | None:
        """The row of the checkpoint with this id."""
        return checkpoint - 1 if 1 <= checkpoint <= self._count else None

    def in_force_at(self, frame: int) -> int | None:
        """The id of the checkpoint that was the target when a frame came."""
        if self._reader is None:
            return None
        try:
            return self._reader.checkpoints.of_frame(frame)
        except CaptureError as error:
            self.problem = str(error)
            return None

    def _counted(self) -> int:
        if self._reader is None:
            return 0
        try:
            return self._reader.checkpoints.count()
        except CaptureError as error:
            self.problem = str(error)
            return self._count

    def _fetch(self, first: int, count: int) -> list[CheckpointLine]:
        if self._reader is None:
            return []
        try:
            return self._reader.checkpoints.lines(first + 1, count)
        except CaptureError as error:
            self.problem = str(error)
            return []
