"""The comparison panel: what differs between the open client database and another one."""

import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

from PySide6.QtCore import QTimer
from PySide6.QtWidgets import QFileDialog, QToolButton, QVBoxLayout, QWidget

from inspector.analysis.comparison import (
    MOST_ROWS,
    BucketDifference,
    Comparison,
    RowDifference,
    StateDifference,
    compare,
)
from inspector.analysis.opening import OpenedDatabase, open_file
from inspector.analysis.state import DatabaseFile
from inspector.protocol.errors import InspectorError
from inspector.ui.actions import connect
from inspector.ui.background import Background
from inspector.ui.panels.comparison.columns import BUCKET_COLUMNS, ROW_COLUMNS, STATE_COLUMNS
from inspector.ui.panels.context import PanelContext
from inspector.ui.selection import RowKey
from inspector.ui.sources import Files
from inspector.ui.theme import Colour
from inspector.ui.things import Things
from inspector.ui.widgets.choice_strip import ChoiceStrip
from inspector.ui.widgets.elided_label import ElidedLabel
from inspector.ui.widgets.empty_note import EmptyNote
from inspector.ui.widgets.foot_note import FootNote
from inspector.ui.widgets.row_model import ListModel
from inspector.ui.widgets.row_table import RowTable
from inspector.ui.widgets.tone import set_tone
from inspector.words import plural, thousands

_TICK_MS = 200


class _RowsModel(ListModel[RowDifference]):
    def key(self, record: RowDifference) -> object:
        return record.row_type, record.row_id

    def things(self, record: RowDifference) -> Things:
        return Things(row=RowKey(record.row_type, record.row_id))


class _BucketsModel(ListModel[BucketDifference]):
    def key(self, record: BucketDifference) -> object:
        return record.bucket

    def things(self, record: BucketDifference) -> Things:
        return Things(bucket=record.bucket)


class _StateModel(ListModel[StateDifference]):
    def key(self, record: StateDifference) -> object:
        return record.what


class ComparisonPanel(QWidget):
    """Asks for the other file when the action *Compare with…* is taken; both are only read."""

    def __init__(self, context: PanelContext) -> None:
        super().__init__()
        self._context = context
        self._background = Background(self)
        self._generation = 0
        self._rows_so_far = 0
        self._running = False
        self.result: Comparison | None = None
        self.problem = ""
        self.title, self.sentence = ElidedLabel(), ElidedLabel(most_lines=2)
        self.choice = ChoiceStrip((self.tr("Rows"), self.tr("Buckets"), self.tr("State")))
        self.models: tuple[ListModel[Any], ...] = (
            _RowsModel(ROW_COLUMNS, self),
            _BucketsModel(BUCKET_COLUMNS, self),
            _StateModel(STATE_COLUMNS, self),
        )
        names = ("comparedRows", "comparedBuckets", "comparedState")
        self.tables = [RowTable(self.models[at], name, parent=self) for at, name in enumerate(names)]
        self.stop = QToolButton()
        self.stop.setText(self.tr("Stop"))
        self.stop.setObjectName("panelButton")
        self.foot = FootNote("comparisonFoot")
        self._lay_out()
        self.note = EmptyNote(self, top=0)
        self.same_notes = [EmptyNote(table) for table in self.tables]
        self._connect()
        self._show()

    def save(self) -> None:
        """Remember the columns."""
        for table in self.tables:
            table.save_columns(self._context.settings)

    def shut_down(self) -> None:
        """Let go of both files."""
        self._generation += 1
        self._background.close()

    def _lay_out(self) -> None:
        set_tone(self.title, Colour.TEXT, bold=True)
        set_tone(self.sentence, Colour.DIM)
        self.head = QWidget()
        lines = QVBoxLayout(self.head)
        lines.setContentsMargins(12, 9, 12, 9)
        lines.setSpacing(3)
        lines.addWidget(self.title)
        lines.addWidget(self.sentence)
        self.choice.add_widget(self.stop)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(0)
        layout.addWidget(self.head)
        layout.addWidget(self.choice)
        titles = (self.tr("Rows that differ"), self.tr("Buckets that differ"), self.tr("Facts that differ"))
        for table, title in zip(self.tables, titles, strict=True):
            table.setAccessibleName(title)
            table.restore_columns(self._context.settings)
            layout.addWidget(table, 1)
        layout.addWidget(self.foot)

    def _connect(self) -> None:
        connect(self._context.actions.compare_with, self._ask)
        self.choice.chosen.connect(lambda _: self._show_page())
        self.stop.clicked.connect(self._forget)
        self._context.feed.files_changed.connect(self._forget)
        self._ticking = QTimer(self, interval=_TICK_MS)
        self._ticking.timeout.connect(self._tell_progress)
        rows, buckets, _ = self.tables
        rows.row_chosen.connect(self._row_chosen)
        rows.row_followed.connect(lambda row: self._follow(0, row, "row"))
        buckets.row_followed.connect(lambda row: self._follow(1, row, "buckets"))

    # What is asked

    def _ask(self) -> None:
        name, _ = QFileDialog.getOpenFileName(
            self, self.tr("Compare with another client database"), "", self.tr("All files (*)")
        )
        if name:
            self.compare_with(Path(name))

    def compare_with(self, path: Path) -> None:
        """Compare what is open with the client database at `path`."""
        files = self._context.feed.files
        if files.open_database is None:
            return
        self._forget()
        self._running = True
        generation = self._generation
        situation = self._context.feed.situation
        here = situation.name if isinstance(situation, DatabaseFile) else self.tr("the open database")
        self.title.set_text(f"{here}  ↔  {path.name}")
        self._ticking.start()
        self._context.selection.reveal("comparison")
        self._show()

        def go_on(rows: int) -> bool:
            self._rows_so_far = rows
            return self._generation == generation

        def done(result: Comparison | None) -> None:
            if self._generation == generation:
                self._end(result, "")

        def failed(error: InspectorError) -> None:
            if self._generation == generation:
                self._end(None, str(error))

        self._background.run(_comparing(files, path, go_on), done, failed)

    def _end(self, result: Comparison | None, problem: str) -> None:
        self._ticking.stop()
        self._running, self.result, self.problem = False, result, problem
        self._show()

    def _forget(self) -> None:
        self._generation += 1
        self._rows_so_far = 0
        self._end(None, "")

    # What is shown

    def _show(self) -> None:
        result = self.result
        shown = (result.rows, result.buckets, result.state) if result is not None else ((), (), ())
        for model, records in zip(self.models, shown, strict=True):
            model.show_records(list(records))
        self.head.setVisible(result is not None or self._running)
        self.choice.setVisible(result is not None or self._running)
        self.stop.setVisible(self._running)
        self.sentence.set_text(result.sentence if result is not None else "")
        more = result is not None and result.rows_differ > len(result.rows)
        self.foot.say(self.tr("The first {0} rows are listed.").format(thousands(MOST_ROWS)) if more else "")
        if self._running:
            self._tell_progress()
        self._show_page()
        self.note.say("" if result is not None or self._running else self._why_empty())
        same = (
            self.tr("The rows are the same in both databases."),
            self.tr("The buckets are the same in both databases."),
            self.tr("The state is the same in both databases."),
        )
        for note, words, records in zip(self.same_notes, same, shown, strict=True):
            note.say("" if records else words)

    def _tell_progress(self) -> None:
        self.sentence.set_text(self.tr("{0} compared so far.").format(plural(self._rows_so_far, self.tr("row"))))

    def _show_page(self) -> None:
        for number, table in enumerate(self.tables):
            table.setVisible(self.result is not None and number == self.choice.choice)
        records = self.models[self.choice.choice].records
        self.choice.remark.set_text(plural(len(records), self.tr("difference")) if self.result is not None else "")

    def _row_chosen(self, row: int) -> None:
        record = self.models[0].record(row)
        if record is not None:
            self._context.selection.choose_row(RowKey(record.row_type, record.row_id))

    def _follow(self, page: int, row: int, panel: str) -> None:
        model = self.models[page]
        record = model.record(row)
        if record is not None:
            model.things(record).choose(self._context.selection)
            self._context.selection.reveal(panel)

    def _why_empty(self) -> str:
        if self.problem:
            return self.problem
        if self._context.feed.files.open_database is None:
            return self.tr("Open a client database; then it can be compared with another one here.")
        return self.tr("“Compare with…” asks for another client database, and what differs appears here.")


def _comparing(files: Files, path: Path, go_on: Callable[[int], bool]) -> Callable[[], Comparison | None]:
    def work() -> Comparison | None:
        assert files.open_database is not None
        with tempfile.TemporaryDirectory(prefix="powersync-inspector-", ignore_cleanup_errors=True) as folder:
            opened = open_file(path, work=Path(folder))
            if not isinstance(opened, OpenedDatabase):
                raise InspectorError(
                    f"{path.name} is a capture, and only client databases are compared.",
                    next_step="Choose a client database.",
                )
            here, there = files.open_database(), opened.evidence.open_reader()
            try:
                return compare(here, there, go_on)
            finally:
                here.close()
                there.close()
                opened.evidence.close()

    return work
