"""Changes to the app's rows: local writes through the upload queue, in a live session and where they can be told."""

from typing import Any

from PySide6.QtCore import QObject, Qt, Signal
from PySide6.QtWidgets import QMessageBox, QWidget

from inspector.analysis.state import CaptureFile, DatabaseFile, EngineGone
from inspector.engine import control
from inspector.store.data_queries import DataColumn, TableShape
from inspector.store.local_write import LocalWrite
from inspector.ui.feed import Feed
from inspector.ui.panels.data.add_row_dialog import AddRowDialog
from inspector.ui.panels.data.cell_editor import NotThatType, parse_value
from inspector.ui.panels.data.columns import RAW_IS_READ
from inspector.ui.theme import Colour
from inspector.ui.times import shortened
from inspector.words import clock


class RowChanges(QObject):
    """Sends the writes to the engine."""

    said = Signal(str, object)
    """What came of a write, and its `Colour`."""

    def __init__(self, feed: Feed, panel: QWidget) -> None:
        super().__init__(panel)
        self._feed, self._panel = feed, panel

    def why_read_only(self, shape: TableShape | None) -> str:
        """Why nothing can be changed in a table; empty where it can."""
        past = self._feed.files.past
        if past is not None:
            return self.tr("These are the rows of {0}: what was then is only read.").format(clock(past.at))
        match self._feed.situation:
            case DatabaseFile():
                return self.tr("A file is only read: its rows are as the app left them.")
            case CaptureFile():
                return self.tr(
                    "These rows are rebuilt from the capture, with the local writes that it holds; they are only read."
                )
            case EngineGone():
                return self.tr("The sync engine does not run, so nothing can be changed.")
        if self._feed.status is None:
            return self.tr("Nothing is open that could be changed.")
        return RAW_IS_READ if shape is not None and shape.kind == "raw" else ""

    def edit(self, shape: TableShape, row_id: str, column: DataColumn, text: str) -> None:
        """Change a cell to what `text` says in the column's type."""
        try:
            value = parse_value(column, text)
        except NotThatType as error:
            self.said.emit(str(error), Colour.BROKEN)
        else:
            self.patch(shape, row_id, column.name, value)

    def patch(self, shape: TableShape, row_id: str, column: str, value: Any) -> None:
        """Change a cell."""
        self._write(LocalWrite("PATCH", shape.name, row_id, {column: value}))

    def ask_for_row(self, shape: TableShape) -> None:
        """Ask for the values of a new row, and add it."""
        AddRowDialog(shape, self._write, self._panel).open()

    def ask_to_delete(self, shape: TableShape, row_id: str) -> None:
        """Delete a row, once the user has read what that means."""
        box = QMessageBox(self._panel)
        box.setObjectName("deleteRowDialog")
        box.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        box.setTextFormat(Qt.TextFormat.PlainText)
        box.setText(self.tr("Delete {0} / {1}?").format(shape.title, shortened(row_id)))
        box.setInformativeText(
            self.tr(
                "It goes from this device at once, and with the upload from everywhere. "
                "Until then it can be brought back by discarding the write in Uploads."
            )
        )
        delete = box.addButton(self.tr("Delete the row"), QMessageBox.ButtonRole.AcceptRole)
        # What cannot be taken back is not a matter of one press of Enter.
        box.setDefaultButton(box.addButton(self.tr("Keep it"), QMessageBox.ButtonRole.RejectRole))
        delete.clicked.connect(lambda: self._write(LocalWrite("DELETE", shape.name, row_id)))
        box.open()

    def _write(self, write: LocalWrite) -> None:
        self._feed.ask(control.Write((write,)), self._written)

    def _written(self, problem: control.Problem | None) -> None:
        if problem is not None:
            self.said.emit(str(problem), Colour.BROKEN)
        else:
            text = self.tr("Written on this device; Uploads tells what becomes of it.")
            self.said.emit(text, Colour.DIM)
