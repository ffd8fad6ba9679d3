"""A result on its way out: to the clipboard, or to a file."""

import io
from collections.abc import Callable, Sequence
from functools import partial
from pathlib import Path

from PySide6.QtCore import QObject, Signal
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QFileDialog, QMenu, QWidget

from inspector.analysis.result_export import Format, write_result
from inspector.analysis.sql_console import ResultReader, SqlProblem
from inspector.ui.panels.sql.runner import SqlRunner
from inspector.ui.widgets.copying import MOST_ROWS
from inspector.words import plural, thousands


class ResultOutput(QObject):
    """Of the newest result of `runner`, which has these columns and so many rows."""

    said = Signal(str)
    """What came of it."""

    def __init__(
        self, runner: SqlRunner, columns: Callable[[], Sequence[str]], rows: Callable[[], int], panel: QWidget
    ) -> None:
        super().__init__(panel)
        self._runner, self._columns, self._rows, self._panel = runner, columns, rows, panel

    def fill_menu(self, menu: QMenu) -> None:
        """The forms in which a result is copied."""
        for form in Format:
            title = self.tr("Copy the result as {0}").format(form.title)
            menu.addAction(title, partial(self.copy, form)).setEnabled(self._rows() > 0)

    def copy(self, form: Format) -> None:
        """Put the result on the clipboard, up to as many rows as a clipboard takes."""
        columns = self._columns()

        def work(results: ResultReader) -> str:
            out = io.StringIO(newline="")
            write_result(out, columns, results.all_rows(MOST_ROWS), form)
            return out.getvalue()

        self._runner.read_results(work, self._copied)

    def _copied(self, text: str) -> None:
        QGuiApplication.clipboard().setText(text)
        most = self._rows() > MOST_ROWS
        rest = self.tr(" The first {0} rows; Save takes all.").format(thousands(MOST_ROWS)) if most else ""
        self.said.emit(self.tr("The result is on the clipboard.") + rest)

    def ask_where(self) -> None:
        """Ask for a file, and save the result there."""
        name, _ = QFileDialog.getSaveFileName(
            self._panel, self.tr("Save the result"), "result.csv", "CSV (*.csv);;JSON (*.json);;Markdown (*.md)"
        )
        if name:
            self.save_to(Path(name))

    def save_to(self, path: Path) -> None:
        """Write the whole result to a file; its ending says how, and CSV is what others get."""
        ending, columns = path.suffix.lower().removeprefix("."), self._columns()
        form = next((each for each in Format if each.value == ending), Format.CSV)

        def work(results: ResultReader) -> int:
            try:
                with path.open("w", newline="", encoding="utf-8") as out:
                    return write_result(out, columns, results.all_rows(), form)
            except OSError as error:
                raise SqlProblem(
                    f"{path.name} cannot be written.",
                    why=f"The system says: {error.strerror}.",
                    next_step="Choose another folder or name.",
                ) from error

        self.said.emit(self.tr("The result is being saved."))
        self._runner.read_results(
            work,
            lambda rows: self.said.emit(self.tr("{0} saved to {1}.").format(plural(rows, self.tr("row")), path.name)),
        )
