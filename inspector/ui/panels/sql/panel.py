"""The SQL panel: editor, results, plan, and the whole value of a cell."""

from PySide6.QtCore import Qt
from PySide6.QtGui import QKeySequence
from PySide6.QtWidgets import (
    QMenu,
    QSplitter,
    QStackedWidget,
    QVBoxLayout,
    QWidget,
)

from inspector.analysis.sql_console import Finished, PlanStep, ResultShape, SqlProblem, finished_words
from inspector.analysis.state import NothingOpen, Unreadable
from inspector.protocol.errors import InspectorError
from inspector.ui.panels.context import PanelContext
from inspector.ui.panels.sql.console_strip import CAPTURE, DATABASE, ConsoleStrip
from inspector.ui.panels.sql.editor import SqlEditor
from inspector.ui.panels.sql.history import fill_history_menu, keep_history, kept_history
from inspector.ui.panels.sql.models import PLAN_COLUMNS, PlanModel
from inspector.ui.panels.sql.result_output import ResultOutput
from inspector.ui.panels.sql.results import Results
from inspector.ui.panels.sql.runner import SqlRunner, Words
from inspector.ui.panels.sql.running_clock import RunningClock
from inspector.ui.theme import Colour
from inspector.ui.widgets.choice_strip import ChoiceStrip
from inspector.ui.widgets.empty_note import EmptyNote
from inspector.ui.widgets.foot_note import FootNote
from inspector.ui.widgets.row_table import RowTable
from inspector.ui.widgets.split_memory import remember_split
from inspector.words import clock, elapsed

_QUICK_SECONDS = 1.0
"""Statements that took no longer are run again when the database is another one."""
_RESULT, _PLAN = 0, 1


class SqlPanel(QWidget):
    """Reads anything and changes nothing."""

    def __init__(self, context: PanelContext) -> None:
        super().__init__(context.room)
        self._context = context
        self.editor = SqlEditor()
        self.runner = SqlRunner(context.feed, self)
        self.results = Results(context, self.runner, self)
        self.table_made = self.results.table_made
        self.output = ResultOutput(
            self.runner, lambda: self.results.shape.columns, lambda: self.results.row_count, self
        )
        self.plan_model = PlanModel(PLAN_COLUMNS, self)
        self.plan = RowTable(self.plan_model, "sqlPlan", parent=self)
        self.plan.setAccessibleName(self.tr("Plan of the query"))
        self.foot = FootNote("sqlFoot")
        self.strip = ConsoleStrip(self._fill_history, self.output.fill_menu)
        self.source = self.strip.source
        self.run_action, self.stop_action = self.strip.run, self.strip.stop
        self.plan_action, self.save_action = self.strip.plan, self.strip.save
        self._source_chosen = False
        self._running: str | None = None
        self._has_begun = False
        self._clock = RunningClock(self.runner, self.foot, self)
        self._repeatable: str | None = None
        self.view = ChoiceStrip((self.tr("Results"), self.tr("Plan")))
        self._lay_out()
        self.note = EmptyNote(self.pages, top=0)
        self._connect()
        self.editor.history = kept_history(context.settings)
        self._files_changed()
        self._run_wanted()

    def save(self) -> None:
        """Remember what was run."""
        keep_history(self._context.settings, self.editor.history)

    def _lay_out(self) -> None:
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(0)
        split = QSplitter(Qt.Orientation.Vertical)
        layout.addWidget(split, 1)
        layout.addWidget(self.foot)
        split.addWidget(self.editor)
        below = QWidget(split)
        lower = QVBoxLayout(below)
        lower.setContentsMargins(0, 0, 0, 0)
        lower.setSpacing(0)
        self.pages = QStackedWidget()
        for part in (self.strip, self.view, self.pages):
            lower.addWidget(part)
        self.pages.addWidget(self.results)
        self.pages.addWidget(self.plan)
        split.setStretchFactor(1, 1)
        remember_split(split, self._context.settings, "sql", [84, 386])
        self.setFocusProxy(self.editor)

    def _connect(self) -> None:
        self.run_action.triggered.connect(lambda: self.run())
        self.editor.run_wanted.connect(self.run)
        self.stop_action.triggered.connect(lambda: self.runner.stop())
        self.stop_action.setShortcut(QKeySequence(Qt.Key.Key_Escape))
        self.stop_action.setShortcutContext(Qt.ShortcutContext.WidgetWithChildrenShortcut)
        self.addAction(self.stop_action)  # wherever in the panel the keyboard is
        self.plan_action.triggered.connect(lambda: self.explain())
        self.save_action.triggered.connect(lambda: self.output.ask_where())
        self.output.said.connect(self.foot.say)
        self.runner.begun.connect(self._begun)
        self.runner.counted.connect(self._counted)
        self.runner.finished.connect(self._finished)
        self.runner.failed.connect(self._failed)
        self.view.chosen.connect(self.pages.setCurrentIndex)
        self.source.chosen.connect(self._choose_source)
        feed = self._context.feed
        feed.files_changed.connect(self._files_changed)
        feed.database_changed.connect(self._database_changed)
        feed.situation_changed.connect(self._explain_emptiness)
        self._context.selection.sql_wanted.connect(self._run_wanted)

    # Running

    @property
    def _on_capture(self) -> bool:
        return self.source.choice == CAPTURE

    def run(self) -> None:
        """Run what the editor has."""
        sql = self.editor.statement
        if not sql.strip():
            return
        self.editor.remember(sql)
        self._show_page(_RESULT)
        self._run(sql)

    def _run(self, sql: str) -> None:
        self._repeatable = None
        self._has_begun = False
        self._running = None if self._on_capture else sql
        self.runner.run(sql, capture=self._on_capture)
        self._clock.begin()
        self._enable()

    def _run_wanted(self) -> None:
        """Run what another panel asked for."""
        sql, self._context.selection.sql = self._context.selection.sql, ""
        if sql:
            self.source.choose(DATABASE)
            self.editor.setPlainText(sql)
            self.run()

    def _database_changed(self) -> None:
        """A result is never of another database than the one that is shown."""
        self._files_changed()
        if self._repeatable is not None and not self._on_capture:
            self._run(self._repeatable)
        elif self._running is not None and self.results.table is not None:
            self.foot.say(self.tr("These rows are from before: run the statement again."), Colour.HELD)

    def explain(self) -> None:
        """Show the plan of what the editor has."""
        if self.editor.statement.strip():
            self.runner.explain(self.editor.statement, capture=self._on_capture, done=self._show_plan)

    def _show_plan(self, steps: list[PlanStep]) -> None:
        self.plan_model.show_records(steps)
        self._show_page(_PLAN)
        self.foot.say(self.tr("This is how SQLite would run it; it was not run."))

    def _show_page(self, page: int) -> None:
        self.view.choose(page)
        self.pages.setCurrentIndex(page)
        self._explain_emptiness()

    def _begun(self, shape: ResultShape) -> None:
        self._has_begun = True
        self.results.begin(shape)
        self._explain_emptiness()

    def _counted(self, rows: int) -> None:
        if not rows:
            return
        self.results.grow(rows)
        self._clock.tell(rows)

    def _finished(self, finished: Finished) -> None:
        self.results.end(finished.rows)
        self._repeatable = self._running if finished.seconds < _QUICK_SECONDS else None
        took, past = elapsed(finished.seconds), self._context.feed.files.past
        said = self.tr("The statement gives no rows ({0}).").format(took)
        if self.results.shape.columns:
            said = self.tr("{0} in {1}.").format(finished_words(finished).capitalize(), took)
        if past is not None and not self._on_capture:
            said = self.tr("{0} As it was at {1}.").format(said, clock(past.at))
        self.foot.say(said)
        self._enable()
        self._explain_emptiness()

    def _failed(self, problem: InspectorError) -> None:
        shown = self.results.table is not None and not self._has_begun
        before = self.tr("The rows above are those of the statement before.") if shown else ""
        self.foot.say(f"{problem} {before}".rstrip(), Colour.BROKEN)
        if isinstance(problem, SqlProblem) and problem.position is not None:
            self.editor.mark_error(problem.position)
        self._enable()
        self._explain_emptiness()

    # History, completion, sources

    def _fill_history(self, menu: QMenu) -> None:
        fill_history_menu(menu, self.editor.history, self.editor.setPlainText)

    def _files_changed(self) -> None:
        files = self._context.feed.files
        to_choose = files.open_database is not None and files.capture is not None
        for number in (DATABASE, CAPTURE):
            self.source.offer(number, to_choose)
        if files.open_database is None and files.capture is not None:
            self.source.choose(CAPTURE)
        elif files.capture is None or not self._source_chosen:
            self.source.choose(DATABASE)
        self._ask_words()
        self._enable()
        self._explain_emptiness()

    def _choose_source(self, _number: int) -> None:
        self._source_chosen = True
        self._ask_words()

    def _ask_words(self) -> None:
        files = self._context.feed.files
        if files.open_database is not None or files.capture is not None:
            self.runner.ask_words(capture=self._on_capture, done=self._take_words)

    def _take_words(self, words: Words) -> None:
        self.editor.set_tables(words)

    def _enable(self) -> None:
        files = self._context.feed.files
        there = files.open_database is not None or files.capture is not None
        self.run_action.setEnabled(there)
        self.plan_action.setEnabled(there)
        self.stop_action.setEnabled(self.runner.running)
        self.save_action.setEnabled(self.results.row_count > 0)

    def _explain_emptiness(self) -> None:
        page = self.view.choice
        filled = self.results.table is not None if page == _RESULT else self.plan_model.records
        self.view.setVisible(bool(self.plan_model.records))
        self.note.say("" if filled else self._why_empty(page))

    def _why_empty(self, page: int) -> str:
        match self._context.feed.situation:
            case NothingOpen():
                return self.tr("SQL reads client databases and captures. Connect, start the demo, or open a file.")
            case Unreadable():
                return self.tr("There is nothing to ask, because the file cannot be opened.")
        if page == _PLAN:
            return self.tr("The plan of a statement appears here: write one and choose “Show the plan”.")
        return self.tr(
            "Rows appear here. The console only reads, so nothing can be broken: ps_oplog has the operations, "
            "ps_crud the upload queue, ps_buckets the buckets, and the app's views its rows."
        )
