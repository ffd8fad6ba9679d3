"""The comparison panel: what differs between the open client database and another one, or a fresh copy of its user."""

from collections.abc import Callable
from pathlib import Path

from PySide6.QtCore import QTimer
from PySide6.QtWidgets import QFileDialog, QToolButton, QVBoxLayout, QWidget

from inspector.analysis.comparison import Comparison
from inspector.analysis.comparison_report import Compared
from inspector.analysis.fresh.comparison import FreshComparison
from inspector.analysis.state import DatabaseFile
from inspector.engine.control import Problem
from inspector.protocol.errors import InspectorError
from inspector.ui.actions import connect
from inspector.ui.background import Background
from inspector.ui.panels.comparison.fresh_copy import FreshCopy
from inspector.ui.panels.comparison.models import models_of_fresh, models_of_two, records_of
from inspector.ui.panels.comparison.sentences import explained_words, listed_words, same_words
from inspector.ui.panels.comparison.work import comparing, comparing_fresh
from inspector.ui.panels.context import PanelContext
from inspector.ui.sources import FileSource
from inspector.ui.theme import Colour
from inspector.ui.widgets.choice_strip import ChoiceStrip
from inspector.ui.widgets.elided_label import ElidedLabel
from inspector.ui.widgets.empty_note import EmptyNote
from inspector.ui.widgets.foot_note import FootNote
from inspector.ui.widgets.row_table import RowTable
from inspector.ui.widgets.tone import set_tone
from inspector.words import plural

_TICK_MS = 200
_PAGES = 3


class ComparisonPanel(QWidget):
    """Carries out *Compare with…* and *Sync fresh as this user…*; the open file is only read."""

    def __init__(self, context: PanelContext) -> None:
        super().__init__(context.room)
        self._context = context
        self._background = Background(self)
        self._generation = 0
        self._rows_so_far = 0
        self._other = ""
        self._running = False
        self._with_fresh = False
        self.result: Comparison | FreshComparison | None = None
        self.problem = ""
        self.copy = FreshCopy(context, self)
        self.title, self.sentence = ElidedLabel(), ElidedLabel(most_lines=3)
        self.choice = ChoiceStrip((self.tr("Rows"), self.tr("Buckets"), self.tr("State")))
        self.models = (*models_of_two(self), *models_of_fresh(self))
        names = ("comparedRows", "comparedBuckets", "comparedState", "freshRows", "freshBuckets", "freshState")
        self.tables = [RowTable(model, name, parent=self) for model, name in zip(self.models, names, strict=True)]
        self.stop = self._button(self.tr("Stop"))
        self.open_copy = self._button(self.tr("Open the copy"))
        self.open_copy.setToolTip(self.tr("Show the fresh copy in this window, in place of this file"))
        self.delete_copy = self._button(self.tr("Delete the copy"))
        self.delete_copy.setToolTip(self.tr("Take the fresh copy and its recording off this machine"))
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
        """Let go of all files, and end a sync that is under way."""
        self._generation += 1
        self.copy.shut_down()
        self._background.close()

    def _button(self, title: str) -> QToolButton:
        button = QToolButton()
        button.setText(title)
        button.setObjectName("panelButton")
        return button

    def _lay_out(self) -> None:
        set_tone(self.title, Colour.TEXT, bold=True)
        set_tone(self.sentence, Colour.DIM)
        self.head = QWidget()
        lines = QVBoxLayout(self.head)
        lines.setContentsMargins(12, 9, 12, 9)
        lines.setSpacing(3)
        lines.addWidget(self.title)
        lines.addWidget(self.sentence)
        for button in (self.stop, self.open_copy, self.delete_copy):
            self.choice.add_widget(button)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(0)
        layout.addWidget(self.head)
        layout.addWidget(self.choice)
        titles = (self.tr("Rows that differ"), self.tr("Buckets that differ"), self.tr("Facts that differ"))
        for table, title in zip(self.tables, titles * 2, strict=True):
            table.setAccessibleName(title)
            table.restore_columns(self._context.settings)
            layout.addWidget(table, 1)
        layout.addStretch()  # for as long as there is no table to show
        layout.addWidget(self.foot)

    def _connect(self) -> None:
        connect(self._context.actions.compare_with, self._ask)
        connect(self._context.actions.sync_fresh, self._ask_for_token)
        self.choice.chosen.connect(lambda _: self._show_page())
        self.stop.clicked.connect(self._stop)
        self.open_copy.clicked.connect(self._open_copy)
        self.delete_copy.clicked.connect(self._delete_copy)
        self.copy.began.connect(self._sync_began)
        self.copy.synced.connect(self._compare_fresh)
        self.copy.failed.connect(self._sync_failed)
        self._context.feed.files_changed.connect(self._forget)
        self._ticking = QTimer(self, interval=_TICK_MS)
        self._ticking.timeout.connect(self._tell_progress)
        for number, panel in ((0, "row"), (1, "buckets")):
            for at in (number, number + _PAGES):
                self.tables[at].row_followed.connect(lambda row, at=at, panel=panel: self._follow(at, row, panel))
                self.tables[at].row_chosen.connect(lambda row, at=at: self._choose(at, row))

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
        self._begin(path.name, fresh=False)
        self._background.run(comparing(files, path, self._goes_on()), *self._answers())

    def _ask_for_token(self) -> None:
        if self._context.feed.files.open_database is not None:
            self.copy.ask(self._name)

    def _sync_began(self) -> None:
        self._begin(self.tr("a fresh copy"), fresh=True)

    def _compare_fresh(self, path: Path) -> None:
        files = self._context.feed.files
        if files.open_database is None:
            return
        copy = self.copy
        self._name_sides(
            self.tr("a fresh copy for {0}, checkpoint {1}").format(copy.user, copy.status.shown_checkpoint or 0)
        )
        self._background.run(comparing_fresh(files, path, copy.doubts, self._goes_on()), *self._answers())

    def _sync_failed(self, problem: Problem) -> None:
        again = self.tr("“Sync fresh as this user…” tries again.")
        self._end(None, f"{self.tr('No fresh copy was synced.')} {problem} {again}")

    def _begin(self, other: str, *, fresh: bool) -> None:
        if not fresh:
            self.copy.forget()
        self._generation += 1
        self._rows_so_far = 0
        self._running, self._with_fresh, self.result, self.problem = True, fresh, None, ""
        self._context.shared.compared = None
        self._name_sides(other)
        self._ticking.start()
        self._context.selection.reveal("comparison")
        self._show()

    def _name_sides(self, other: str) -> None:
        self._other = other
        self.title.set_text(f"{self._name}  ↔  {other}")

    @property
    def _first_page(self) -> int:
        """Whose tables are shown: those of two files come first, then those of a fresh copy."""
        return _PAGES if self._with_fresh else 0

    @property
    def _name(self) -> str:
        situation = self._context.feed.situation
        return situation.name if isinstance(situation, DatabaseFile) else self.tr("the open database")

    def _goes_on(self) -> Callable[[int], bool]:
        generation = self._generation

        def go_on(rows: int) -> bool:
            self._rows_so_far = rows
            return self._generation == generation

        return go_on

    def _answers(
        self,
    ) -> tuple[Callable[[Comparison | FreshComparison | None], None], Callable[[InspectorError], None]]:
        generation = self._generation

        def done(result: Comparison | FreshComparison | None) -> None:
            if self._generation == generation:
                self._end(result, "")

        def failed(error: InspectorError) -> None:
            if self._generation == generation:
                self._end(None, str(error))

        return done, failed

    def _end(self, result: Comparison | FreshComparison | None, problem: str) -> None:
        self._ticking.stop()
        self._running, self.result, self.problem = False, result, problem
        self._context.shared.compared = Compared(self._other, result) if result is not None else None
        self._show()

    def _stop(self) -> None:
        # Of a copy that was never compared nobody would know.
        self.copy.delete()
        self._forget()

    def _forget(self) -> None:
        self._generation += 1
        self._rows_so_far = 0
        self.copy.forget()
        self._end(None, "")

    # What is shown

    def _show(self) -> None:
        result = self.result
        shown = records_of(result)
        pages = slice(self._first_page, self._first_page + _PAGES)
        for model, records in zip(self.models[pages], shown, strict=True):
            model.show_records(records)
        there = result is not None or self._running
        self.head.setVisible(there)
        self.choice.setVisible(there)
        self.choice.show_widget(self.stop, self._running)
        self.sentence.set_text(result.sentence if result is not None else "")
        if self._running:
            self._tell_progress()
        self._show_page()
        self.note.say("" if there else self._why_empty())
        notes = self.same_notes[pages]
        for note, words, records in zip(notes, same_words(), shown, strict=True):
            note.say("" if records else words)

    def _show_foot(self) -> None:
        """What is chosen, or else where the copy is, and that not all rows are listed."""
        result, path = self.result, self.copy.path
        kept = result is not None and path is not None and self._with_fresh
        self.choice.show_widget(self.open_copy, kept)
        self.choice.show_widget(self.delete_copy, kept)
        where = (
            self.tr("The fresh copy and its recording are kept in {0}.").format(path.parent) if kept and path else ""
        )
        self.foot.say(self._chosen_words() or f"{listed_words(result)} {where}".strip())

    def _chosen_words(self) -> str:
        """Why the chosen row or bucket differs: more than its cell has room for."""
        page = self._first_page + self.choice.choice
        record = self.models[page].record(self.tables[page].currentIndex().row())
        return explained_words(record) if record is not None and self.result is not None else ""

    def _tell_progress(self) -> None:
        compared = self.tr("{0} compared so far.").format(plural(self._rows_so_far, self.tr("row")))
        self.sentence.set_text(self.copy.words if self.copy.sync.running else compared)

    def _show_page(self) -> None:
        page = self._first_page + self.choice.choice
        for number, table in enumerate(self.tables):
            table.setVisible(self.result is not None and number == page)
        self.setFocusProxy(self.tables[page])
        records = self.models[page].records
        self.choice.remark.set_text(plural(len(records), self.tr("difference")) if self.result is not None else "")
        self._show_foot()

    def _open_copy(self) -> None:
        if self.copy.path is not None:
            self._context.feed.open(FileSource(self.copy.path))

    def _delete_copy(self) -> None:
        self.copy.delete()
        self._show_foot()
        self.foot.say(self.tr("The fresh copy is deleted. What differed is still listed."))

    def _choose(self, page: int, row: int) -> None:
        model = self.models[page]
        record = model.record(row)
        if record is not None:
            model.things(record).choose(self._context.selection)
        self._show_foot()

    def _follow(self, page: int, row: int, panel: str) -> None:
        self._choose(page, row)
        if self.models[page].record(row) is not None:
            self._context.selection.reveal(panel)

    def _why_empty(self) -> str:
        if self.problem:
            return self.problem
        if self._context.feed.files.open_database is None:
            return self.tr("Open a client database; then it can be compared with another one here.")
        return self.tr(
            "“Compare with…” asks for another client database, “Sync fresh as this user…” syncs a fresh copy with a"
            " token of this file's user; what differs appears here."
        )
