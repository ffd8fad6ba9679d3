"""Carries out *Export bundle…*: asks what may be in it and where it goes, and writes it off the window's thread."""

from collections.abc import Callable
from pathlib import Path

from PySide6.QtCore import QObject, Qt, QUrl
from PySide6.QtGui import QDesktopServices
from PySide6.QtWidgets import QFileDialog, QMessageBox, QPushButton, QWidget

from inspector.analysis.state import DatabaseFile
from inspector.protocol.errors import InspectorError
from inspector.ui.actions import Actions, connect
from inspector.ui.background import Background
from inspector.ui.feed import Feed
from inspector.ui.file_seal import FileSeal
from inspector.ui.findings_loader import FindingsLoader
from inspector.ui.panels.context import Shared


class BundleCommands(QObject):
    """For the client database that is open as a file."""

    def __init__(
        self,
        window: QWidget,
        feed: Feed,
        findings: FindingsLoader,
        seal: FileSeal,
        shared: Shared,
        actions: Actions,
    ) -> None:
        super().__init__(window)
        self._shared = shared
        self._window, self._feed, self._findings, self._seal = window, feed, findings, seal
        self._background = Background(self)
        connect(actions.export_bundle, self._ask)
        feed.closing.connect(self._background.close)

    def write(
        self, path: Path, with_data: bool, done: Callable[[], None], failed: Callable[[InspectorError], None]
    ) -> None:
        """Write the bundle to `path`, and call `done` or `failed`."""
        situation, files, report = self._feed.situation, self._feed.files, self._findings.report
        sha256 = "" if self._seal.seal is None else self._seal.seal.first
        if not isinstance(situation, DatabaseFile) or files.open_database is None:
            return
        opening, compared = files.open_database, self._shared.compared

        def work() -> None:
            from inspector.analysis.bundle import write_bundle  # which takes a moment, and few windows need

            reader = opening()
            try:
                write_bundle(path, situation, report, reader, sha256, with_data=with_data, compared=compared)
            except OSError as error:
                raise InspectorError(
                    f"The bundle cannot be written to {path.name}.",
                    why=f"The system says: {error.strerror or error}.",
                    next_step="Choose another folder.",
                ) from error
            finally:
                reader.close()

        self._background.run(work, lambda _: done(), failed)

    def _ask(self) -> None:
        with_data = self._ask_for_data()
        if with_data is None:
            return
        situation = self._feed.situation
        of_file = f"{Path(situation.name).stem} " if isinstance(situation, DatabaseFile) else ""
        name, _ = QFileDialog.getSaveFileName(
            self._window, self.tr("Export bundle"), f"{of_file}findings.zip", self.tr("ZIP archives (*.zip)")
        )
        if name:
            path = Path(name)
            self.write(path, with_data, lambda: self._tell_written(path), self._tell_problem)

    def _ask_for_data(self) -> bool | None:
        """Whether ids and values may be in it; None when the user turns back."""
        box = QMessageBox(self._window)
        box.setWindowTitle(self.tr("Export bundle"))
        held = self.tr("the findings, the figures and the schema")
        if self._shared.compared is not None:
            held = self.tr("the findings, the figures, the schema and the comparison")
        box.setText(self.tr("The bundle holds {0}, and no copy of the database.").format(held))
        box.setInformativeText(
            self.tr(
                "With the findings as they are shown it names rows, values, the user's parameters and the client id."
                " Without, ids and parameters are numbered, and values are left out."
            )
        )
        without = QPushButton(self.tr("Without ids and values…"))
        with_them = QPushButton(self.tr("With the findings as shown…"))
        box.addButton(without, QMessageBox.ButtonRole.AcceptRole)
        box.addButton(with_them, QMessageBox.ButtonRole.AcceptRole)
        box.addButton(QMessageBox.StandardButton.Cancel)
        box.setDefaultButton(without)
        box.exec()
        chosen = box.clickedButton()
        return False if chosen is without else True if chosen is with_them else None

    def _tell_written(self, path: Path) -> None:
        box = self._say(self.tr("The bundle is {0}, in {1}.").format(path.name, path.absolute().parent))
        folder = box.addButton(self.tr("Open the folder"), QMessageBox.ButtonRole.ActionRole)
        folder.clicked.connect(lambda: QDesktopServices.openUrl(QUrl.fromLocalFile(str(path.absolute().parent))))

    def _tell_problem(self, error: InspectorError) -> None:
        self._say(str(error))

    def _say(self, text: str) -> QMessageBox:
        title, close = self.tr("Export bundle"), QMessageBox.StandardButton.Close
        box = QMessageBox(QMessageBox.Icon.NoIcon, title, text, close, self._window)
        box.setTextFormat(Qt.TextFormat.PlainText)
        box.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        box.open()
        return box
