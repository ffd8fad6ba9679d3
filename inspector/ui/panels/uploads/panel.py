"""The uploads panel: what waits, the log of attempts, the gate in a sentence, and what can be done about it."""

from functools import partial

from PySide6.QtCore import QTimer
from PySide6.QtWidgets import QApplication, QMenu, QStackedWidget, QToolButton, QVBoxLayout

from inspector.analysis.pending_writes import PendingWrite
from inspector.analysis.state import CaptureFile, DatabaseFile
from inspector.capture.happenings import HappeningKind, key_of
from inspector.engine import control
from inspector.ui.actions import connect
from inspector.ui.docks.counted_panel import CountedPanel
from inspector.ui.docks.tab_painting import Badge
from inspector.ui.live_query import LiveQuery
from inspector.ui.panels.context import PanelContext
from inspector.ui.panels.uploads.columns import PENDING_COLUMNS, Line, MoreWrites
from inspector.ui.panels.uploads.discard_dialog import DiscardDialog
from inspector.ui.panels.uploads.gate_line import GateLine
from inspector.ui.panels.uploads.log_page import LogPage
from inspector.ui.panels.uploads.models import PendingModel, row_of
from inspector.ui.panels.uploads.sentences import why_no_log, why_nothing_waits
from inspector.ui.panels.uploads.view import LOG_ROWS, UploadsView, read_uploads
from inspector.ui.theme import Colour
from inspector.ui.widgets.choice_strip import ChoiceStrip
from inspector.ui.widgets.empty_note import EmptyNote
from inspector.ui.widgets.now_note import NowNote
from inspector.ui.widgets.row_table import RowTable
from inspector.words import plural, thousands

_WAITING, _LOG = 0, 1
_TICK_MS = 1000


class UploadsPanel(CountedPanel):
    """Local writes on their way to the backend."""

    def __init__(self, context: PanelContext) -> None:
        super().__init__(context.room)
        self._context = context
        self._discard_wanted = self._oldest_wanted = False
        self._asked_for: int | None = None
        """An attempt that was followed to here and is none of the newest."""
        self.pending_model = PendingModel(PENDING_COLUMNS, self)
        self.pending = RowTable(self.pending_model, "pendingWrites", parent=self)
        self.pending.setAccessibleName(self.tr("Local writes that wait"))
        self.log_page = LogPage(context)
        self.log, self.log_model, self.exchange = self.log_page.table, self.log_page.model, self.log_page.exchange
        self.gate = GateLine(context.feed)
        self.choice = ChoiceStrip((self.tr("Waiting"), self.tr("Log")))
        self._lay_out()
        self.pending_note, self.log_note = EmptyNote(self.pending), EmptyNote(self.log)
        self.query: LiveQuery[UploadsView] = LiveQuery(
            context.feed, self, lambda: partial(read_uploads, wanted=self._asked_for), of_now=True
        )
        self._connect()
        self.pending.restore_columns(context.settings)
        self._show()
        self._reveal("uploads")

    def save(self) -> None:
        """Remember the columns."""
        for table in (self.pending, self.log):
            table.save_columns(self._context.settings)

    def _lay_out(self) -> None:
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(0)
        why = self.tr("The writes of then are in the data of then.")
        self.pages = QStackedWidget()
        for part in (NowNote(self._context.feed, why), self.choice, self.pages, self.gate):
            layout.addWidget(part)
        actions = self._context.actions
        self._buttons: list[QToolButton] = []
        for action in (actions.upload_now, actions.retry_upload, actions.hold_uploads, actions.discard_writes):
            button = QToolButton()
            button.setDefaultAction(action)
            button.setObjectName("panelButton")
            self.choice.add_widget(button)
            self._buttons.append(button)
            self.pending.addAction(action)
        self.pages.addWidget(self.pending)
        self.pages.addWidget(self.log_page)
        self.setFocusProxy(self.pending)

    def _connect(self) -> None:
        feed, selection = self._context.feed, self._context.selection
        self.query.changed.connect(self._show)
        feed.situation_changed.connect(self._tell)
        feed.files_changed.connect(self._forget)
        selection.row_changed.connect(self._follow_row)
        selection.reveal_wanted.connect(self._reveal)
        self.log_page.upload_missing.connect(self._ask_for_selected)
        self.choice.chosen.connect(self._choose_page)
        self.pending.row_chosen.connect(self._chosen)
        self.pending.row_followed.connect(lambda _: selection.reveal("row"))
        self.pending.menu_wanted.connect(self._offer_attempt)
        self.log.menu_wanted.connect(self._offer_waiting)
        connect(self._context.actions.discard_writes, self.discard)
        connect(self._context.actions.show_write, self._show_oldest)
        self._tick = QTimer(self, interval=_TICK_MS)
        self._tick.timeout.connect(self._grow_older)
        self._tick.start()

    # What is shown

    def _show(self) -> None:
        view = self.query.result
        lines: list[Line] = list(view.queue.writes) if view is not None else []
        if view is not None and view.queue.entries > len(lines):
            lines.append(MoreWrites(view.queue.entries - len(lines)))
        self.pending_model.show_records(lines)
        self.log_page.show_log(view.log if view is not None else ())
        self._follow_row()
        if self._oldest_wanted and view is not None:
            self._show_oldest()
            self._oldest_wanted = False
        self._tell()
        if self._discard_wanted and view is not None:
            self.discard()

    def _follow_row(self) -> None:
        """Choose the oldest write of the row that is selected."""
        wanted, at = self._context.selection.row, self.pending.currentIndex().row()
        if wanted is None or row_of(self.pending_model.record(at)) == wanted:
            return
        lines = self.pending_model.records
        row = next((number for number, line in enumerate(lines) if row_of(line) == wanted), None)
        if row is not None:
            self.pending.choose_row(row)

    def _tell(self) -> None:
        feed, view = self._context.feed, self.query.result
        status, situation = feed.status, feed.situation
        pending = status.pending_writes if status is not None else view.queue.entries if view is not None else None
        if isinstance(situation, DatabaseFile):
            pending = situation.pending_writes
        elif isinstance(situation, CaptureFile):
            pending = view.queue.entries or None if view is not None and view.writes_recorded else None
        self.tell_count(Badge(pending, Colour.HELD) if pending else pending)
        for button in self._buttons:  # a file has no engine to do it
            self.choice.show_widget(button, not isinstance(situation, DatabaseFile | CaptureFile))
        queue = view.queue if view is not None else None
        many = queue is not None and queue.entries > 0
        waiting = (
            f"{plural(queue.entries, self.tr('local write'))} · {plural(queue.transactions, self.tr('transaction'))}"
            if queue is not None and many
            else ""
        )
        log = self.tr("newest first")
        if len(self.log_model.records) >= LOG_ROWS:
            log = self.tr("the last {0} attempts, newest first").format(thousands(LOG_ROWS))
        if len(self.log_model.records) > LOG_ROWS:
            log = self.tr("the last {0} attempts, and the chosen one").format(thousands(LOG_ROWS))
        short = waiting.partition(" · ")[0]
        self.choice.remark.set_text(*((waiting, short) if self.choice.choice == _WAITING else (log,)))
        self._explain()
        self.gate.tell(view)

    def _grow_older(self) -> None:
        """Ages go on without anything changing in the files."""
        if self.isVisible() and self.query.result is not None:
            self.gate.tell(self.query.result)
            self.pending.viewport().update()

    def _choose_page(self, page: int) -> None:
        focused = QApplication.focusWidget() or self.window().focusWidget()
        had_focus = focused is not None and self.pages.isAncestorOf(focused)
        self.pages.setCurrentIndex(page)
        shown = self.log if page == _LOG else self.pending
        self.setFocusProxy(shown)
        if had_focus:
            shown.setFocus()
        self._tell()

    # What is chosen

    def _chosen(self, row: int) -> None:
        line = self.pending_model.record(row)
        if (key := row_of(line)) is not None:
            self._context.selection.choose_row(key)
        if isinstance(line, PendingWrite) and line.last_attempt is not None and not self._is_at_log():
            self.log_page.choose(line.last_attempt.id)

    def _is_at_log(self) -> bool:
        return self.choice.choice == _LOG

    def _reveal(self, panel: str) -> None:
        """Show what is selected for all panels: an attempt in the log, or else what waits."""
        if panel != "uploads":
            return
        if self.log_page.selected_upload is not None:
            self._show_page(_LOG)
            self.log_page.reveal()
        else:
            self._show_page(_WAITING)
            self._follow_row()

    def _ask_for_selected(self) -> None:
        """Read the attempt that is selected, though it is older than those that are shown."""
        wanted = self.log_page.selected_upload
        if wanted is not None and wanted != self._asked_for:
            self._asked_for = wanted
            self.query.ask()

    def _forget(self) -> None:
        self._asked_for = None

    def _show_page(self, page: int) -> None:
        self.choice.choose(page)
        self._choose_page(page)

    def _offer_attempt(self, menu: QMenu, row: int, _column: int) -> None:
        line = self.pending_model.record(row)
        attempt = line.last_attempt if isinstance(line, PendingWrite) else None
        if attempt is not None:
            menu.addAction(self.tr("Show its last attempt in the log"), partial(self._show_attempt, attempt.id))

    def _show_attempt(self, upload: int) -> None:
        self._show_page(_LOG)
        self._context.selection.choose_happening(key_of(HappeningKind.UPLOAD, upload))

    def _offer_waiting(self, menu: QMenu, row: int, _column: int) -> None:
        attempt = self.log_model.record(row)
        entries = [line.entry.id if isinstance(line, PendingWrite) else 0 for line in self.pending_model.records]
        if attempt is not None and attempt.upload.first_entry in entries:
            number = entries.index(attempt.upload.first_entry)
            menu.addAction(self.tr("Show what waits of it"), partial(self._show_waiting, number))

    def _show_waiting(self, row: int) -> None:
        self._show_page(_WAITING)
        self.pending.choose_row(row)

    def _show_oldest(self) -> None:
        self._show_page(_WAITING)
        self._oldest_wanted = not self.pending_model.records
        if not self._oldest_wanted:
            self.pending.choose_row(0)

    # Discarding

    def discard(self) -> None:
        """Ask whether to give up the chosen transaction, the oldest where none is chosen."""
        view = self.query.result
        if view is None or not self.isVisible():
            self._discard_wanted = True
            self._context.selection.reveal("uploads")
            return
        self._discard_wanted = False
        chosen = self.pending_model.record(self.pending.currentIndex().row())
        first = chosen if isinstance(chosen, PendingWrite) else next(iter(view.queue.writes), None)
        if first is None:
            return
        if first.entry.tx_id is None:
            first = view.queue.writes[0]
        dialog = DiscardDialog(view.queue.of_transaction(first), self)
        tx_id = first.entry.tx_id
        dialog.accepted.connect(lambda: self._context.feed.ask(control.Discard(tx_id), self._discarded))
        dialog.open()

    def _discarded(self, problem: control.Problem | None) -> None:
        if problem is not None:
            self.choice.remark.set_text(str(problem))

    # Empty states

    def _explain(self) -> None:
        known = self._context.feed.situation, self.query.result, self.query.problem
        self.pending_note.say("" if self.pending_model.records else why_nothing_waits(*known))
        self.log_note.say("" if self.log_model.records else why_no_log(*known))
