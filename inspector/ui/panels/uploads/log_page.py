"""The upload log: attempts at the left; at the right the rows that the chosen one is about, and what was said."""

from collections.abc import Callable, Sequence

from PySide6.QtCore import Signal
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QSplitter, QVBoxLayout, QWidget

from inspector.capture.happenings import HappeningKind, key_of, source_of
from inspector.ui.by_program import ByProgram
from inspector.ui.live_query import LiveQuery
from inspector.ui.panels.context import PanelContext
from inspector.ui.panels.uploads.log_columns import (
    LOG_COLUMNS,
    WRITTEN_COLUMNS,
    Attempt,
    UnknownWrites,
    WrittenLine,
)
from inspector.ui.panels.uploads.models import LogModel, WrittenModel, written_row
from inspector.ui.panels.uploads.view import Exchange, exchange_of
from inspector.ui.readers import Readers
from inspector.ui.widgets.mono_text import MonoText
from inspector.ui.widgets.row_table import RowTable

_LEAST_ROWS = 2


class _Told(QWidget):
    """The rows above what was sent and answered: as many whole rows as there are, in half of the height at most."""

    def __init__(self, written: RowTable, exchange: MonoText) -> None:
        super().__init__()
        self._written = written
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(0)
        layout.addWidget(written)
        layout.addWidget(exchange, 1)

    def share(self) -> None:
        """There are other rows now, or there is other room."""
        height = self._written.height_of_row
        most = max(_LEAST_ROWS, self.height() // 2 // height)
        self._written.setFixedHeight(min(self._written.row_model.row_count(), most) * height)

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self.share()


class LogPage(QSplitter):
    """What is chosen here is chosen for all panels: an attempt, and its first row or the one that is picked."""

    upload_missing = Signal()
    """The attempt that is selected for all panels is not among those that are shown."""

    def __init__(self, context: PanelContext) -> None:
        super().__init__()
        self._context = context
        self._by_program = ByProgram()
        """What is chosen follows what was chosen elsewhere."""
        self._row_wanted = self._follow_wanted = False
        """A row of the attempt that was chosen by hand is to be selected, or followed, as soon as it is known."""
        self.model, self.written_model = LogModel(LOG_COLUMNS, self), WrittenModel(WRITTEN_COLUMNS, self)
        self.table = RowTable(self.model, "uploadLog", parent=self)
        self.table.setAccessibleName(self.tr("Attempts to upload"))
        self.written = RowTable(self.written_model, "uploadWrites", header=False, parent=self)
        self.written.setAccessibleName(self.tr("The rows that the chosen attempt writes"))
        self.exchange = MonoText("uploadExchange")
        self.exchange.setAccessibleName(self.tr("What was sent and answered"))
        self.told = _Told(self.written, self.exchange)
        self.addWidget(self.table)
        self.addWidget(self.told)
        self.setSizes([600, 300])
        self.setChildrenCollapsible(False)
        self.query: LiveQuery[Exchange | None] = LiveQuery(context.feed, self, self._question, of_now=True)
        self.query.changed.connect(self._show_exchange)
        self.table.row_chosen.connect(self._chosen)
        self.table.row_followed.connect(self._follow)
        self.written.row_chosen.connect(self._row_chosen)
        context.selection.happening_changed.connect(self.reveal)
        context.selection.row_changed.connect(self._follow_selected)
        self.table.restore_columns(context.settings)
        self._show_exchange()

    @property
    def chosen(self) -> Attempt | None:
        """The current attempt."""
        return self.model.record(self.table.currentIndex().row())

    @property
    def selected_upload(self) -> int | None:
        """The id of the attempt that is selected for all panels."""
        key = self._context.selection.happening
        kind, upload = source_of(key) if key is not None else (None, 0)
        return upload if kind is HappeningKind.UPLOAD else None

    def show_log(self, attempts: Sequence[Attempt]) -> None:
        """Show these, newest first."""
        with self._by_program:
            self.model.show_records(list(attempts))
        if not self.table.currentIndex().isValid():
            self.reveal()
        self.told.setVisible(bool(attempts))

    def reveal(self) -> None:
        """Choose the attempt that is selected for all panels."""
        if self.selected_upload is not None:
            self.choose(self.selected_upload)

    def choose(self, upload: int) -> None:
        """Have this attempt be the current one, without telling the other panels."""
        ids = [attempt.upload.id for attempt in self.model.records]
        if upload not in ids:
            self.upload_missing.emit()
        elif ids.index(upload) != self.table.currentIndex().row():
            with self._by_program:
                self.table.choose_row(ids.index(upload))

    def _chosen(self, _row: int) -> None:
        attempt = self.chosen
        self._follow_wanted = False
        self._row_wanted = attempt is not None and not self._by_program
        if attempt is not None and not self._by_program:
            self._context.selection.choose_happening(key_of(HappeningKind.UPLOAD, attempt.upload.id))
        self._show_exchange()
        self.query.ask()

    def _question(self) -> Callable[[Readers], Exchange | None] | None:
        attempt = self.chosen
        return None if attempt is None else lambda readers: exchange_of(readers, attempt)

    # What the chosen one is about

    def _show_exchange(self) -> None:
        attempt, found = self.chosen, self.query.result
        if attempt is None or found is None or found.upload != attempt.upload.id:
            found = None  # what is known is of another attempt
        lines: list[WrittenLine] = list(found.contents.writes) if found is not None else []
        if found is not None and found.contents.unknown:
            lines.append(UnknownWrites(found.contents.unknown))
        with self._by_program:
            self.written_model.show_records(lines)
        self.written.setVisible(bool(lines))
        self.told.share()
        text = found.text if found is not None else ""
        if text != self.exchange.toPlainText():
            self.exchange.setPlainText(text)
        self._choose_written()
        if found is not None:
            self._tell_row()

    def _follow_selected(self) -> None:
        self._row_wanted = False  # the user was faster than what the attempt wrote is read
        self._choose_written()

    def _choose_written(self) -> None:
        """Have the row that is selected for all panels be the current one, where the attempt is about it."""
        wanted = self._context.selection.row
        if wanted is None or written_row(self.written_model.record(self.written.currentIndex().row())) == wanted:
            return
        rows = [written_row(line) for line in self.written_model.records]
        if wanted in rows:
            with self._by_program:
                self.written.choose_row(rows.index(wanted))

    def _tell_row(self) -> None:
        """Select a row of the attempt, if that is what was asked for, and lead to it."""
        wanted, follow = self._row_wanted, self._follow_wanted
        self._row_wanted = self._follow_wanted = False
        selection = self._context.selection
        rows = [row for line in self.written_model.records if (row := written_row(line)) is not None]
        if (wanted or follow) and rows and selection.row not in rows:
            selection.choose_row(rows[0])
        if follow:
            selection.reveal("row" if rows else "frames")

    def _row_chosen(self, row: int) -> None:
        key = written_row(self.written_model.record(row))
        if key is not None and not self._by_program:
            self._context.selection.choose_row(key)

    def _follow(self, _row: int) -> None:
        """To the history of the row that it wrote; of an attempt whose rows are not known, to where it was."""
        found, attempt = self.query.result, self.chosen
        self._follow_wanted = True
        if found is not None and attempt is not None and found.upload == attempt.upload.id:
            self._tell_row()
