"""The checksums panel: the buckets' sums above; below, the chosen bucket's history, mismatches and operations."""

from collections import Counter
from collections.abc import Callable

from PySide6.QtWidgets import QProgressBar, QStackedWidget, QToolButton, QVBoxLayout, QWidget

from inspector.analysis.mismatch import MismatchReport
from inspector.analysis.mismatch_differences import Difference
from inspector.analysis.operation_checks import BadOperation
from inspector.ui.bucket_state import Bucket
from inspector.ui.docks.counted_panel import CountedPanel
from inspector.ui.live_query import LiveQuery
from inspector.ui.panels.checksums.checking import Checking
from inspector.ui.panels.checksums.chosen_bucket import ChosenBucket, read_chosen
from inspector.ui.panels.checksums.columns import (
    BAD_COLUMNS,
    BUCKET_COLUMNS,
    DIFFERENCE_COLUMNS,
    HISTORY_COLUMNS,
    ChecksumLine,
)
from inspector.ui.panels.checksums.mismatch_report import MismatchReportView
from inspector.ui.panels.checksums.models import BucketModel, HistoryModel, WrongModel
from inspector.ui.panels.checksums.sentences import why_no_bad, why_no_buckets, why_no_history
from inspector.ui.panels.context import PanelContext
from inspector.ui.readers import Readers
from inspector.ui.selection import OperationKey, RowKey
from inspector.ui.widgets.choice_strip import ChoiceStrip
from inspector.ui.widgets.empty_note import EmptyNote
from inspector.ui.widgets.row_table import RowTable
from inspector.ui.widgets.turning_splitter import TurningSplitter
from inspector.words import plural, thousands

_HISTORY, _MISMATCH, _OPERATIONS = 0, 1, 2


class ChecksumsPanel(CountedPanel):
    """What is expected of each bucket and what we have; and, where they differed, who is to blame."""

    def __init__(self, context: PanelContext) -> None:
        super().__init__(context.room)
        self._context = context
        self._chosen_mismatch: int | None = None
        self._last_report: MismatchReport | None = None
        self.checking = Checking(context.feed, self)
        self.model = BucketModel(BUCKET_COLUMNS, self)
        self.history_model = HistoryModel(HISTORY_COLUMNS, self)
        self.difference_model: WrongModel[Difference] = WrongModel(DIFFERENCE_COLUMNS, self)
        self.bad_model: WrongModel[BadOperation] = WrongModel(BAD_COLUMNS, self)
        self.table = self._table(RowTable(self.model, "checksums", parent=self), self.tr("Checksums by bucket"))
        self.history = self._table(RowTable(self.history_model, "checksumHistory"), self.tr("History of the bucket"))
        self.differences = self._table(
            RowTable(self.difference_model, "mismatchDifferences"), self.tr("Operations that differ")
        )
        self.bad = self._table(RowTable(self.bad_model, "badOperations"), self.tr("Operations with a wrong checksum"))
        self.report = MismatchReportView(context.selection)
        self._lay_out()
        self.query: LiveQuery[ChosenBucket] = LiveQuery(context.feed, self, self._question)
        self._connect()
        self._show_buckets()

    def save(self) -> None:
        """Remember the columns."""
        for table in (self.table, self.history, self.differences, self.bad):
            table.save_columns(self._context.settings)

    def _table(self, table: RowTable, name: str) -> RowTable:
        table.setAccessibleName(name)
        table.restore_columns(self._context.settings)
        return table

    def _lay_out(self) -> None:
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        splitter = TurningSplitter(self._context.settings, "checksumSplit", (200, 220), (440, 520))
        layout.addWidget(splitter)
        splitter.addWidget(self.table)
        lower = QWidget(splitter)
        below = QVBoxLayout(lower)
        below.setContentsMargins(0, 0, 0, 0)
        below.setSpacing(0)
        self.strip = ChoiceStrip((self.tr("History"), self.tr("Mismatches"), self.tr("Operations")))
        self.check_one = self._button(self.tr("Check operations"), self.tr("Compute each operation's own checksum"))
        self.check_all = self._button(self.tr("Check all buckets"), self.tr("The same for all operations"))
        self.cancel = self._button(self.tr("Cancel"), self.tr("End the check; what it found is dropped"))
        self.progress = QProgressBar()
        self.progress.setTextVisible(False)
        self.progress.setFixedSize(90, 6)
        below.addWidget(self.strip)
        for widget in (self.progress, self.cancel, self.check_one, self.check_all):
            self.strip.add_widget(widget)
        self.pages = QStackedWidget()
        below.addWidget(self.pages, 1)
        mismatch = QWidget()
        for page in (self.history, mismatch, self.bad):
            self.pages.addWidget(page)
        column = QVBoxLayout(mismatch)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        column.addWidget(self.report)
        column.addWidget(self.differences, 1)
        splitter.share()
        self.setFocusProxy(self.table)
        self.note, self.history_note = EmptyNote(self.table), EmptyNote(self.history)
        self.difference_note, self.bad_note = EmptyNote(self.differences), EmptyNote(self.bad)

    def _button(self, title: str, tooltip: str) -> QToolButton:
        button = QToolButton()
        button.setText(title)
        button.setToolTip(tooltip)
        button.setObjectName("panelButton")
        return button

    def _connect(self) -> None:
        context, selection = self._context, self._context.selection
        context.buckets.changed.connect(self._show_buckets)
        context.feed.files_changed.connect(self._forget)
        context.feed.situation_changed.connect(self._explain)
        selection.bucket_changed.connect(self._follow_bucket)
        self.query.changed.connect(self._show_chosen)
        self.checking.changed.connect(self._show_buckets)
        self.checking.progressed.connect(self._tell_progress)
        self.strip.chosen.connect(self.pages.setCurrentIndex)
        self.table.row_chosen.connect(self._choose_bucket)
        self.history.row_chosen.connect(self._choose_verdict)
        self.history.row_followed.connect(lambda _: selection.reveal("frames"))
        self.differences.row_chosen.connect(self._choose_difference)
        self.bad.row_chosen.connect(self._choose_bad)
        self.check_one.clicked.connect(self._check_chosen)
        self.check_all.clicked.connect(self._check_everything)
        self.cancel.clicked.connect(self.checking.cancel)

    # Buckets

    @property
    def _buckets(self) -> list[Bucket]:
        snapshot = self._context.buckets.snapshot
        return [bucket for _, group in snapshot.streams for bucket in group] if snapshot is not None else []

    def _show_buckets(self) -> None:
        buckets = self._buckets
        checks = self.checking.checks
        same = Counter(bucket.name.short for bucket in buckets)
        self.model.show_records(
            [
                ChecksumLine(
                    bucket,
                    bucket.name.short if same[bucket.name.short] == 1 else bucket.name.full,
                    checks.get(bucket.name.full),
                )
                for bucket in buckets
            ]
        )
        broken = sum(1 for line in self.model.records if line.bucket.check.name == "MISMATCH")
        self.tell_count(broken or None)
        self._follow_bucket()
        self._show_checks()
        running = self.checking.running
        self.strip.show_widget(self.progress, running)
        self.strip.show_widget(self.cancel, running)
        self.check_one.setEnabled(not running and self._bucket is not None)
        self.check_all.setEnabled(not running and bool(buckets))
        self._explain()

    @property
    def _bucket(self) -> str | None:
        line = self.model.record(self.table.currentIndex().row())
        return line.bucket.name.full if line is not None else None

    def _follow_bucket(self) -> None:
        wanted = self._context.selection.bucket
        names = [line.bucket.name.full for line in self.model.records]
        self.table.follow_choice(names.index(wanted) if wanted in names else None)

    def _choose_bucket(self, row: int) -> None:
        line = self.model.record(row)
        if line is not None:
            self._context.selection.choose_bucket(line.bucket.name.full)
        result = self.query.result
        if result is None or result.bucket != self._bucket:
            self._chosen_mismatch = None
            self.query.ask()
        self.check_one.setEnabled(not self.checking.running and self._bucket is not None)
        self._show_checks()

    # The chosen bucket

    def _question(self) -> Callable[[Readers], ChosenBucket] | None:
        bucket, wanted, last = self._bucket, self._chosen_mismatch, self._last_report
        if bucket is None:
            return None
        return lambda readers: read_chosen(readers, bucket, wanted, last)

    def _show_chosen(self) -> None:
        chosen = self.query.result
        if chosen is not None and chosen.bucket != self._bucket:
            return
        report = chosen.report if chosen is not None else None
        self.history_model.show_records(list(chosen.history) if chosen is not None else [])
        if report is not self._last_report or report is None:
            self._last_report = report
            self.difference_model.bucket = self._bucket
            self.difference_model.show_records(list(report.differences) if report is not None else [])
        self.report.show_report(report)
        self._explain()

    def _choose_verdict(self, row: int) -> None:
        entry = self.history_model.record(row)
        if entry is None:
            return
        self._context.selection.choose_checkpoint(entry.checkpoint)
        self._context.selection.choose_frame(entry.frame)
        if entry.mismatch is not None and entry.mismatch != self._chosen_mismatch:
            self._chosen_mismatch = entry.mismatch
            self.query.ask()

    def _choose_difference(self, row: int) -> None:
        difference = self.difference_model.record(row)
        if difference is not None:
            self._announce(difference.op_id, difference.row_type, difference.row_id, None)

    def _choose_bad(self, row: int) -> None:
        operation = self.bad_model.record(row)
        if operation is not None:
            self._announce(operation.op_id, operation.row_type, operation.row_id, operation.frame)

    def _announce(self, op_id: int, row_type: str, row_id: str, frame: int | None) -> None:
        selection = self._context.selection
        if frame is not None:
            selection.choose_frame(frame)
        if self._bucket is not None:
            selection.choose_operation(OperationKey(self._bucket, op_id))
        if row_type and row_id:
            selection.choose_row(RowKey(row_type, row_id))

    # Checking operations

    def _check_chosen(self) -> None:
        if self._bucket is not None:
            self._show_page(_OPERATIONS)
            self.checking.run([self._bucket], all_buckets=False)

    def _check_everything(self) -> None:
        self._show_page(_OPERATIONS)
        self.checking.run([bucket.name.full for bucket in self._buckets], all_buckets=True)

    def _show_page(self, page: int) -> None:
        self.strip.choose(page)
        self.pages.setCurrentIndex(page)

    def _tell_progress(self, done: int, total: int) -> None:
        done = min(done, total) if total else done
        self.progress.setMaximum(total)
        self.progress.setValue(done)
        checked = f"{thousands(done)} {self.tr('of')} " if total else ""
        self.strip.remark.set_text(f"{checked}{plural(total or done, self.tr('operation'))}")

    def _show_checks(self) -> None:
        checks = self.checking.checks.get(self._bucket or "")
        self.bad_model.bucket = self._bucket
        self.bad_model.show_records(checks.bad if checks is not None else [])
        if not self.checking.running:
            everything = list(self.checking.checks.values())
            wrong = sum(one.differ for one in everything)
            told = f"{plural(wrong, self.tr('operation'))} {self.tr('with a wrong checksum')}" if wrong else ""
            self.strip.remark.set_text(self.checking.problem or told)
        self._explain()

    def _forget(self) -> None:
        self._chosen_mismatch = self._last_report = None
        self.history_model.show_records([])
        self.difference_model.show_records([])
        self.bad_model.show_records([])

    # Empty states

    def _explain(self) -> None:
        chosen = self.query.result
        self.note.say("" if self.model.records else why_no_buckets(self._context.buckets, self._context.feed))
        no_history = self.query.problem or why_no_history(self._bucket, self._context.feed)
        self.history_note.say("" if self.history_model.records else no_history)
        report = chosen.report if chosen is not None else None
        if report is None:
            self.difference_note.say(self.tr("This bucket has never failed validation, as far as the capture goes."))
        elif not report.differences and report.fresh_operations is not None:
            self.difference_note.say(self.tr("No operation differs from the fresh download."))
        else:
            self.difference_note.say("")
        self.bad_note.say("" if self.bad_model.records else why_no_bad(self.checking, self._bucket))
