"""The uploads panel: what waits, the log of attempts, the gate in a sentence, and what can be done about it."""

import time
from collections.abc import Callable

from PySide6.QtCore import QTimer
from PySide6.QtWidgets import QApplication, QSplitter, QStackedWidget, QToolButton, QVBoxLayout

from inspector.analysis.gate import GateFacts, gate_sentence
from inspector.analysis.pending_writes import PendingWrite
from inspector.analysis.state import CaptureFile, DatabaseFile, NothingOpen, Opening, Unreadable
from inspector.capture.happenings import HappeningKind, source_of
from inspector.engine import control
from inspector.ui.actions import connect
from inspector.ui.docks.counted_panel import CountedPanel
from inspector.ui.docks.tab_painting import Badge
from inspector.ui.live_query import LiveQuery
from inspector.ui.panels.context import PanelContext
from inspector.ui.panels.uploads.columns import LOG_COLUMNS, PENDING_COLUMNS, Line, MoreWrites
from inspector.ui.panels.uploads.discard_dialog import DiscardDialog
from inspector.ui.panels.uploads.models import LogModel, PendingModel, row_of
from inspector.ui.panels.uploads.view import LOG_ROWS, UploadsView, exchange_of, read_uploads
from inspector.ui.readers import Readers
from inspector.ui.selection import RowKey
from inspector.ui.theme import Colour
from inspector.ui.widgets.choice_strip import ChoiceStrip
from inspector.ui.widgets.empty_note import EmptyNote
from inspector.ui.widgets.foot_note import FootNote
from inspector.ui.widgets.mono_text import MonoText
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
        self.pending_model, self.log_model = PendingModel(PENDING_COLUMNS, self), LogModel(LOG_COLUMNS, self)
        self.pending = RowTable(self.pending_model, "pendingWrites", parent=self)
        self.pending.setAccessibleName(self.tr("Local writes that wait"))
        self.log = RowTable(self.log_model, "uploadLog", parent=self)
        self.log.setAccessibleName(self.tr("Attempts to upload"))
        self.exchange = MonoText("uploadExchange")
        self.exchange.setAccessibleName(self.tr("What was sent and answered"))
        self.gate = FootNote("gateSentence")
        self.choice = ChoiceStrip((self.tr("Waiting"), self.tr("Log")))
        self._lay_out()
        self.pending_note, self.log_note = EmptyNote(self.pending), EmptyNote(self.log)
        self.query: LiveQuery[UploadsView] = LiveQuery(context.feed, self, lambda: read_uploads, of_now=True)
        self.exchanged: LiveQuery[str] = LiveQuery(context.feed, self, self._exchange_wanted, of_now=True)
        self._connect()
        for table in (self.pending, self.log):
            table.restore_columns(context.settings)
        self._show()
        self._reveal_in_log("uploads")

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
        log = QSplitter()
        self.pages.addWidget(self.pending)
        self.pages.addWidget(log)
        log.addWidget(self.log)
        log.addWidget(self.exchange)
        log.setSizes([600, 300])
        log.setChildrenCollapsible(False)
        self.setFocusProxy(self.pending)

    def _connect(self) -> None:
        feed, selection = self._context.feed, self._context.selection
        self.query.changed.connect(self._show)
        self.exchanged.changed.connect(lambda: self.exchange.setPlainText(self.exchanged.result or ""))
        feed.situation_changed.connect(self._tell)
        selection.happening_changed.connect(self._reveal)
        selection.row_changed.connect(self._follow_row)
        selection.reveal_wanted.connect(self._reveal_in_log)
        self.choice.chosen.connect(self._choose_page)
        self.pending.row_chosen.connect(self._chosen)
        self.pending.row_followed.connect(lambda _: selection.reveal("row"))
        self.log.row_chosen.connect(lambda _: self.exchanged.ask())
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
        self.log_model.show_records(list(view.log) if view is not None else [])
        self._follow_row()
        if self._oldest_wanted and view is not None:
            self._show_oldest()
            self._oldest_wanted = False
        if not self.log.currentIndex().isValid():
            self._reveal()
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
            button.setVisible(not isinstance(situation, DatabaseFile | CaptureFile))
        queue = view.queue if view is not None else None
        many = queue is not None and queue.entries > 0
        waiting = (
            f"{plural(queue.entries, self.tr('local write'))} · {plural(queue.transactions, self.tr('transaction'))}"
            if queue is not None and many
            else ""
        )
        log = self.tr("newest first")
        if len(self.log_model.records) == LOG_ROWS:
            log = self.tr("the last {0} attempts, newest first").format(thousands(LOG_ROWS))
        short = waiting.partition(" · ")[0]
        self.choice.remark.set_text(*((waiting, short) if self.choice.choice == _WAITING else (log,)))
        self._explain()
        self._tell_gate()

    def _tell_gate(self) -> None:
        view = self.query.result
        facts = self._gate_facts(view) if view is not None else None
        if facts is None:
            self.gate.say("")
            return
        closed = facts.pending_writes or (facts.target or 0) > (facts.seen or 0)
        self.gate.say(gate_sentence(facts, time.time_ns()), Colour.HELD if closed else Colour.DIM)

    def _gate_facts(self, view: UploadsView) -> GateFacts | None:
        if view.gate is None or isinstance(self._context.feed.situation, CaptureFile):
            return None  # the database that a capture's frames make has no local writes and no gate
        status, writes = self._context.feed.status, view.queue.writes
        return GateFacts(
            pending_writes=view.queue.entries,
            target=view.gate.target,
            seen=view.gate.seen,
            closed_at=writes[0].written_at if writes else None,
            asked_at=status.waiting_since if status is not None else None,
            seen_at=view.seen_at,
            held=status is not None and status.uploads == "held",
            nowhere=status is not None and status.nowhere_to_upload,
        )

    def _grow_older(self) -> None:
        """Ages go on without anything changing in the files."""
        if self.isVisible() and self.query.result is not None:
            self._tell_gate()
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
        if line is not None and not isinstance(line, MoreWrites) and line.entry.row_type:
            self._context.selection.choose_row(RowKey(line.entry.row_type, line.entry.row_id))

    def _reveal(self) -> None:
        """Choose the attempt that is selected for all panels."""
        upload = self._selected_upload()
        ids = [row.id for row in self.log_model.records]
        if upload in ids and ids.index(upload) != self.log.currentIndex().row():
            self.log.choose_row(ids.index(upload))

    def _reveal_in_log(self, panel: str) -> None:
        if panel != "uploads":
            return
        if self._selected_upload() is not None:
            self.choice.choose(_LOG)
            self._choose_page(_LOG)
            self._reveal()
        elif any(row_of(line) == self._context.selection.row for line in self.pending_model.records):
            self.choice.choose(_WAITING)
            self._choose_page(_WAITING)

    def _selected_upload(self) -> int | None:
        key = self._context.selection.happening
        kind, upload = source_of(key) if key is not None else (None, 0)
        return upload if kind is HappeningKind.UPLOAD else None

    def _show_oldest(self) -> None:
        self.choice.choose(_WAITING)
        self._choose_page(_WAITING)
        self._oldest_wanted = not self.pending_model.records
        if not self._oldest_wanted:
            self.pending.choose_row(0)

    def _exchange_wanted(self) -> Callable[[Readers], str] | None:
        upload = self.log_model.record(self.log.currentIndex().row())
        return None if upload is None else lambda readers: exchange_of(readers, upload)

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
        self.pending_note.say("" if self.pending_model.records else self._why_nothing_waits())
        self.log_note.say("" if self.log_model.records else self._why_no_log())
        self.exchange.setVisible(bool(self.log_model.records))

    def _why_unknown(self) -> str:
        if self.query.problem:
            return self.query.problem
        match self._context.feed.situation:
            case NothingOpen():
                return self.tr("Local writes appear here until the service has confirmed them. Connect or open a file.")
            case Opening():
                return self.tr("The file is being opened.")
            case Unreadable():
                return self.tr("Nothing is shown, because the file cannot be opened.")
        return "" if self.query.result is not None else self.tr("The upload queue is being read.")

    def _why_nothing_waits(self) -> str:
        view = self.query.result
        if isinstance(self._context.feed.situation, CaptureFile) and view is not None:
            if view.writes_recorded:
                return self.tr(
                    "No local writes were waiting when the recording ended, as far as it tells. "
                    "Its attempts to upload are in the log."
                )
            return self.tr("A capture does not hold the upload queue; its attempts to upload are in the log.")
        if unknown := self._why_unknown():
            return unknown
        if isinstance(self._context.feed.situation, DatabaseFile):
            return self.tr("No local writes are waiting.")
        return self.tr("No local writes are waiting. What you change in Data appears here until the backend has it.")

    def _why_no_log(self) -> str:
        view = self.query.result
        if view is not None and not view.has_capture:
            return self.tr("A database file knows no attempts to upload: they are in a capture, or in the app's log.")
        return self._why_unknown() or self.tr("No upload was tried yet. Each attempt and its answer appears here.")
