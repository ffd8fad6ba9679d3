"""The frames of a capture as rows: only the pages on screen are in memory."""

from PySide6.QtCore import QModelIndex, QObject

from inspector.capture.errors import CaptureError
from inspector.capture.reader import CaptureReader
from inspector.capture.rows import FrameRow
from inspector.ui.panels.frames.columns import COLUMNS, ShownFrame
from inspector.ui.widgets.row_model import RowModel
from inspector.ui.widgets.sql_window import SqlWindow

_LOOK_BACK = 300


class FramesModel(RowModel[ShownFrame]):
    """Row n is the frame with id n + 1: ids have no gaps."""

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(COLUMNS, parent)
        self._reader: CaptureReader | None = None
        self._window: SqlWindow[FrameRow] = SqlWindow(self._fetch)
        self._count = 0
        self.problem = ""
        """Why the capture cannot be read, as sentences; empty when it can."""

    def show_capture(self, reader: CaptureReader | None) -> None:
        """Show all frames of `reader`, which is closed when another one takes its place."""
        self.beginResetModel()
        if self._reader is not None:
            self._reader.close()
        self._reader = reader
        self._window.forget()
        self.problem = ""
        self._count = self.frames_in_capture()
        self.endResetModel()

    def frames_in_capture(self) -> int:
        """How many frames there are by now, shown or not."""
        if self._reader is None:
            return 0
        try:
            return self._reader.frame_count()
        except CaptureError as error:
            self.problem = str(error)
            return self._count

    def catch_up(self) -> int:
        """Show what has come since, and what has become of the rest; how many rows are new."""
        count = self.frames_in_capture()
        self._window.forget()
        new = count - self._count
        if new > 0:
            self.beginInsertRows(QModelIndex(), self._count, count - 1)
            self._count = count
            self.endInsertRows()
        if self._count:
            self.dataChanged.emit(self.index(0, 0), self.index(self._count - 1, len(self.columns) - 1))
        return max(0, new)

    @property
    def rows_held(self) -> int:
        """How many rows are in memory."""
        return self._window.rows_held

    def row_count(self) -> int:
        return self._count

    def record(self, row: int) -> ShownFrame | None:
        if not 0 <= row < self._count or (frame := self._window.row(row)) is None:
            return None
        before = self._window.row(row - 1) if row else None
        return ShownFrame(frame, before.received_at if before is not None else None)

    def row_of(self, frame: int) -> int | None:
        """The row that shows the frame with this id."""
        return frame - 1 if 1 <= frame <= self._count else None

    def last_data_row(self) -> int | None:
        """The newest data line among the last few hundred frames, else the newest frame."""
        newest = range(self._count - 1, max(-1, self._count - _LOOK_BACK), -1)
        for row in newest:
            frame = self._window.row(row)
            if frame is not None and frame.kind == "data" and frame.error is None:
                return row
        return self._count - 1 if self._count else None

    def _fetch(self, first: int, count: int) -> list[FrameRow]:
        if self._reader is None:
            return []
        try:
            return self._reader.frames(first + 1, count)
        except CaptureError as error:
            self.problem = str(error)
            return []
