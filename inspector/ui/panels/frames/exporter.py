"""Frames out of the window: copies on the clipboard, and files that are written while the window goes on."""

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import msgspec
from PySide6.QtCore import QObject, Qt, Signal
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QFileDialog, QFrame, QHBoxLayout, QLabel, QToolButton, QWidget

from inspector.capture.annotations import Annotations
from inspector.capture.export import ExportFormat, export_to
from inspector.capture.export.as_curl import as_curl
from inspector.capture.export.as_ndjson import json_lines
from inspector.capture.export.exporting import Cancelled
from inspector.capture.reader import CaptureReader
from inspector.protocol.errors import InspectorError
from inspector.ui.background import Background
from inspector.ui.panels.frames.happenings import FrozenEntries
from inspector.ui.theme import Colour
from inspector.ui.widgets.tone import set_tone
from inspector.words import plural, thousands

MOST_COPIED = 500
"""Frames; more than that is an export."""


class Exporter(QObject):
    """Reads and writes off the window's thread, one job at a time."""

    told = Signal(str, bool)
    """What goes on or came of it, as a sentence; whether it can be cancelled."""
    failed = Signal(str)
    _progressed = Signal(int)

    def __init__(self, capture: Callable[[], Path | None], parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._capture = capture
        self._background = Background(self)
        self._cancelled = False
        self._progressed.connect(self._tell_progress)
        self._name, self._total = "", 0

    def close(self) -> None:
        """Give up what is being written."""
        self._cancelled = True
        self._background.close()

    def cancel(self) -> None:
        """Give up what is being written; nothing of it is left."""
        self._cancelled = True

    def copy_json(self, frames: Sequence[int]) -> None:
        """Put the lines of these frames, and what is known of these happenings, on the clipboard: one indented,
        several one below the other."""

        def read(reader: CaptureReader) -> str:
            bodies = json_lines(reader, frames[:MOST_COPIED])
            return (msgspec.json.format(bodies[0], indent=2) if len(bodies) == 1 else b"\n".join(bodies)).decode()

        self._run(read, QGuiApplication.clipboard().setText)

    def copy_curl(self, connection: int, token: str = "") -> None:
        """Put a connection's request on the clipboard, as a curl command; a token goes nowhere but there."""

        def read(reader: CaptureReader) -> str:
            row = reader.connection(connection)
            return as_curl(row, token) if row is not None else ""

        self._run(read, QGuiApplication.clipboard().setText)

    def copy_curl_with(self, connection: int, token: str) -> None:
        """The same, but with a token or not at all; empty: the session holds none any more."""
        if token:
            self.copy_curl(connection, token)
        else:
            self.failed.emit(self.tr("The connection has no token now: nothing was copied."))

    def write(self, path: Path, form: ExportFormat, frames: Sequence[int], annotations: Annotations) -> None:
        """Write these frames to a file."""
        self._cancelled, self._name, self._total = False, path.name, len(frames)
        self._tell_progress(0)

        def wanted(written: int) -> bool:
            self._progressed.emit(written)
            return not self._cancelled

        def done(written: int) -> None:
            told = self.tr("{0} written to {1}.").format(counted(frames), path.name)
            if left_out := len(frames) - written:
                # Requests stand in an HTTP archive with their frames; where uploads went is not recorded.
                rows = plural(left_out, self.tr("row"))
                told = self.tr("{0} written to {1}. {2} between them have no place in an HTTP archive.").format(
                    plural(written, self.tr("frame")), path.name, rows
                )
            self.told.emit(told, False)

        self._run(lambda reader: export_to(path, reader, frames, form, annotations=annotations, wanted=wanted), done)

    def _tell_progress(self, written: int) -> None:
        amount = self.tr("{0} of {1}").format(thousands(written), thousands(self._total))
        self.told.emit(self.tr("{0} is being written: {1}").format(self._name, amount), True)

    def _run(self, work: Callable[[CaptureReader], object], done: Callable[[Any], None]) -> None:
        capture = self._capture()
        if capture is None:
            return

        def read() -> object:
            with CaptureReader(capture) as reader:
                return work(reader)

        self._background.run(read, done, self._tell_failure)

    def _tell_failure(self, error: InspectorError) -> None:
        if isinstance(error, Cancelled):
            self.told.emit(self.tr("The export was cancelled; no file is left of it."), False)
        else:
            self.failed.emit(str(error))


def counted(entries: Sequence[int]) -> str:
    """How many frames these are, and how many of what happened between them."""
    happenings = entries.happenings if isinstance(entries, FrozenEntries) else sum(entry < 0 for entry in entries)
    frames = plural(len(entries) - happenings, "frame")
    return f"{frames} and {plural(happenings, 'upload or event', 'uploads and events')}" if happenings else frames


class ExportStrip(QFrame):
    """What goes on with an export, at the list's lower edge; not there when nothing does."""

    def __init__(self, exporter: Exporter) -> None:
        super().__init__()
        self.setObjectName("choiceStrip")
        self.text, self.cancel, self.dismiss = QLabel(), QToolButton(), QToolButton()
        self.text.setTextFormat(Qt.TextFormat.PlainText)
        self.cancel.setText(self.tr("Cancel"))
        self.dismiss.setText(self.tr("Close"))
        layout = QHBoxLayout(self)
        layout.setContentsMargins(12, 4, 8, 4)
        layout.addWidget(self.text, 1)
        for button in (self.cancel, self.dismiss):
            button.setObjectName("choice")
            layout.addWidget(button)
        self.hide()
        self.cancel.clicked.connect(exporter.cancel)
        self.dismiss.clicked.connect(self.hide)
        exporter.told.connect(lambda text, running: self._show(text, Colour.DIM, running))
        exporter.failed.connect(lambda text: self._show(f"✕ {text}", Colour.BROKEN, False))

    def _show(self, text: str, tone: Colour, running: bool) -> None:
        self.text.setText(text)
        set_tone(self.text, tone)
        self.cancel.setVisible(running)
        self.dismiss.setVisible(not running)
        self.show()


def ask_for_file(parent: QWidget, title: str, name: str, chosen: Callable[[Path, ExportFormat], None]) -> QFileDialog:
    """Ask where to write, beside a window that goes on; the name's ending tells the format, else what was picked."""
    kinds = {
        parent.tr("NDJSON, one object a frame (*.ndjson)"): ExportFormat.NDJSON,
        parent.tr("CSV, one row a frame (*.csv)"): ExportFormat.CSV,
        parent.tr("HTTP archive (*.har)"): ExportFormat.HAR,
    }
    dialog = QFileDialog(parent, title)
    dialog.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
    dialog.setAcceptMode(QFileDialog.AcceptMode.AcceptSave)
    dialog.setNameFilters(list(kinds))
    dialog.selectFile(f"{name}.{ExportFormat.NDJSON}")

    def accept(text: str) -> None:
        path = Path(text)
        ending = path.suffix.removeprefix(".").lower()
        if ending in set(ExportFormat):
            chosen(path, ExportFormat(ending))
        else:
            form = kinds[dialog.selectedNameFilter()]
            chosen(path.with_name(f"{path.name}.{form}"), form)

    dialog.filterSelected.connect(lambda kind: dialog.setDefaultSuffix(str(kinds[kind])))
    dialog.fileSelected.connect(accept)
    dialog.open()
    return dialog
