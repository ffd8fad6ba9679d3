"""The row panel: the verdict, the values beside each other, and every step of the selected row."""

from collections.abc import Callable
from typing import Any

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QLabel, QSizePolicy, QVBoxLayout, QWidget

from inspector.analysis.row_columns import ColumnValues, changed_columns
from inspector.analysis.row_facts import Step
from inspector.analysis.row_history import RowSearch
from inspector.analysis.row_story import RowStory, tell_row
from inspector.capture.happenings import HappeningKind, key_of
from inspector.ui.fonts import PADDING
from inspector.ui.live_query import LiveQuery
from inspector.ui.panels.context import PanelContext
from inspector.ui.panels.row.columns import COMPARED_COLUMNS, STEP_COLUMNS, STEP_VALUE_COLUMNS, TINTS, whole_values
from inspector.ui.readers import Readers
from inspector.ui.selection import OperationKey, RowKey
from inspector.ui.theme import Colour
from inspector.ui.things import Things
from inspector.ui.widgets.choice_strip import ChoiceStrip
from inspector.ui.widgets.columns import RowStyle
from inspector.ui.widgets.elided_label import ElidedLabel
from inspector.ui.widgets.empty_note import EmptyNote
from inspector.ui.widgets.mono_text import MonoText
from inspector.ui.widgets.row_model import ListModel
from inspector.ui.widgets.row_table import RowTable, fit_height
from inspector.ui.widgets.tone import set_tone
from inspector.words import plural, thousands

_SEARCH_SECONDS = 0.4
"""How long a capture is looked through before what was found is shown."""
_NOW, _STEP = 0, 1


class _ValuesModel(ListModel[ColumnValues]):
    def key(self, record: ColumnValues) -> object:
        return record.column


class _ComparedModel(_ValuesModel):
    """Says in its header which operation the service's values are from."""

    newest: int | None = None

    def show_newest(self, op_id: int | None) -> None:
        if op_id != self.newest:
            self.newest = op_id
            self.headerDataChanged.emit(Qt.Orientation.Horizontal, 1, 1)

    def row_style(self, record: ColumnValues) -> RowStyle:
        return RowStyle(tint=TINTS.get(record.state))

    def headerData(self, section: int, orientation: Qt.Orientation, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        if section == 1 and role == Qt.ItemDataRole.DisplayRole and self.newest is not None:
            return f"Service (op {self.newest})"
        return super().headerData(section, orientation, role)


class _StepsModel(ListModel[Step]):
    """Steps of the row `row`."""

    row: RowKey | None = None

    def key(self, record: Step) -> object:
        local = (record.upload, record.change) if record.is_local else ()
        return record.bucket, record.op_id, record.tx_id, local

    def things(self, record: Step) -> Things:
        operation = None if record.op_id is None else OperationKey(record.bucket, record.op_id)
        happening = None if record.upload is None else key_of(HappeningKind.UPLOAD, record.upload)
        return Things(record.frame, record.bucket or None, operation, self.row, moment=record.at, happening=happening)


class RowPanel(QWidget):
    """Follows the selected row."""

    def __init__(self, context: PanelContext) -> None:
        super().__init__(context.room)
        self._context = context
        self._search: RowSearch | None = None
        self.title, self.facts = ElidedLabel(), ElidedLabel(most_lines=2)
        self.verdict, self.warning = QLabel(), QLabel()
        self.compared_model = _ComparedModel(COMPARED_COLUMNS, self)
        self.compared = RowTable(self.compared_model, "rowValues", parent=self)
        self.compared.setAccessibleName(self.tr("The row as the service has it and as this device shows it"))
        self.changed_model = _ValuesModel(STEP_VALUE_COLUMNS, self)
        self.changed = RowTable(self.changed_model, "rowStepValues", parent=self)
        self.changed.setAccessibleName(self.tr("The row before and after the selected step"))
        self.steps_model = _StepsModel(STEP_COLUMNS, self)
        self.steps = RowTable(self.steps_model, "rowSteps", parent=self)
        self.steps.setAccessibleName(self.tr("What happened to the row, newest first"))
        self.whole = MonoText("rowWholeValues")
        self.whole.setAccessibleName(self.tr("The whole values of the chosen column"))
        self.whole.document().setDocumentMargin(PADDING)
        self.choice = ChoiceStrip((self.tr("Now"), self.tr("Selected step")))
        self._lay_out()
        self.note = EmptyNote(self, top=0)
        self.query: LiveQuery[RowStory | None] = LiveQuery(context.feed, self, self._question)
        self._connect()
        for table in (self.compared, self.changed, self.steps):
            table.restore_columns(context.settings)
        self._forget()
        self._show()

    def save(self) -> None:
        """Remember the columns."""
        for table in (self.compared, self.changed, self.steps):
            table.save_columns(self._context.settings)

    def _lay_out(self) -> None:
        head = QWidget()
        head.setObjectName("rowHead")
        lines = QVBoxLayout(head)
        lines.setContentsMargins(12, 9, 12, 9)
        lines.setSpacing(3)
        set_tone(self.title, Colour.TEXT, bold=True)
        set_tone(self.facts, Colour.DIM)
        for label in (self.verdict, self.warning):
            label.setWordWrap(True)
            label.setTextFormat(Qt.TextFormat.PlainText)
            label.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
            label.setObjectName("rowVerdict")
            label.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Minimum)
            label.setMinimumHeight(1)  # the height of wrapped text is that for its width, not Qt's guess
        set_tone(self.warning, Colour.BROKEN)
        for label in (self.title, self.facts):
            lines.addWidget(label)
        self.choice.hide()
        self.changed.hide()
        self.whole.hide()
        self.head = head
        self.body = QWidget()
        below = QVBoxLayout(self.body)
        below.setContentsMargins(0, 0, 0, 0)
        below.setSpacing(0)
        for part in (self.choice, self.compared, self.changed, self.steps):
            below.addWidget(part, 0 if part is self.choice else 1)
        below.addWidget(self.verdict)
        below.addWidget(self.warning)
        below.addWidget(self.whole, 1)
        below.addStretch(0)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(0)
        layout.addWidget(head)
        layout.addWidget(self.body, 1)
        self.setFocusProxy(self.steps)

    def _connect(self) -> None:
        selection = self._context.selection
        selection.row_changed.connect(self._row_changed)
        self._context.feed.files_changed.connect(self._forget)
        self._context.feed.database_changed.connect(self._database_changed)
        self._context.feed.situation_changed.connect(self._explain)
        self.query.changed.connect(self._show)
        self.choice.chosen.connect(self._choose)
        for table in (self.compared, self.changed):
            table.row_chosen.connect(lambda _: self._show_whole())
        self.steps.row_chosen.connect(self._step_chosen)
        self.steps.row_followed.connect(self._follow)

    # What is asked

    def _row_changed(self) -> None:
        self._forget()
        self.choice.choose(_NOW)
        self._choose(_NOW)
        self.query.ask()

    def _database_changed(self) -> None:
        self._forget()
        self.query.ask()

    def _forget(self) -> None:
        row, past = self._context.selection.row, self._context.feed.files.past
        self.steps_model.row = row
        self._search = None if row is None else RowSearch(row.type, row.id, None if past is None else past.frame)
        self.choice.rename(_NOW, self.tr("Now") if past is None else self.tr("Then"))

    def _question(self) -> Callable[[Readers], RowStory | None] | None:
        search = self._search
        if search is None:
            return None
        return lambda readers: tell_row(readers.database, readers.capture, search, _SEARCH_SECONDS)

    # What is shown

    def _show(self) -> None:
        story = self.query.result
        for part in (self.head, self.body):
            part.setVisible(story is not None)
        self.compared_model.show_records(list(story.columns) if story is not None else [])
        self._show_whole()
        self.steps_model.show_records(list(story.steps) if story is not None else [])
        for table in (self.compared, self.steps):
            fit_height(table)
        if story is not None:
            self._head(story)
            self._show_step()
            if story.searched is not None and story.searched[0] < story.searched[1]:
                self.query.ask()
        self._explain()

    def _head(self, story: RowStory) -> None:
        facts = story.facts
        self.title.set_text(f"{facts.row_type} / {facts.row_id}")
        parts = [
            self.tr("in {0}").format(plural(len(story.buckets), self.tr("bucket"))) if story.buckets else "",
            plural(len(facts.pending), self.tr("local write")) if facts.pending else "",
            self._searched(story),
        ]
        self.facts.set_text(" · ".join(part for part in parts if part))
        self.verdict.setText(f"{'✓' if story.visible else '○'} {story.verdict.removesuffix(story.warning)}".strip())
        self.warning.setText(f"✕ {story.warning}")
        self.warning.setVisible(bool(story.warning))
        held = bool(facts.pending) or (facts.newest is not None and not facts.newest_is_shown)
        set_tone(self.verdict, Colour.HELD if held else Colour.DIM)
        self.compared_model.show_newest(None if facts.newest is None else facts.newest.op_id)

    def _searched(self, story: RowStory) -> str:
        if story.searched is None:
            return ""
        searched, frames = story.searched
        if searched >= frames:
            return ""
        return self.tr("{0} of {1} looked through").format(thousands(searched), plural(frames, self.tr("frame")))

    def _choose(self, page: int) -> None:
        self.compared.setVisible(page == _NOW)
        self.changed.setVisible(page == _STEP)
        self._show_whole()

    def _show_whole(self) -> None:
        """Both values of the chosen column, for which a cell has too little room."""
        table = self.changed if self.choice.choice == _STEP else self.compared
        values = table.row_model.record(table.currentIndex().row())
        self.whole.setVisible(values is not None)
        if values is not None:
            self.whole.setPlainText(whole_values(table.row_model, values))

    def _show_step(self) -> None:
        step = self.steps_model.record(self.steps.currentIndex().row())
        self.choice.setVisible(step is not None)
        self.changed_model.show_records(list(changed_columns(step)) if step is not None else [])
        fit_height(self.changed)

    def _step_chosen(self, row: int) -> None:
        step = self.steps_model.record(row)
        self._show_step()
        if step is None:
            return
        self.choice.choose(_STEP)
        self._choose(_STEP)
        if step.op_id is not None:
            self._context.selection.choose_operation(OperationKey(step.bucket, step.op_id))

    def _follow(self, row: int) -> None:
        """To the frame that brought it, the bucket that holds it, or the queue where it waits."""
        step, selection = self.steps_model.record(row), self._context.selection
        if step is None:
            return
        if step.is_local:
            # Of one that waits the write is meant, and no attempt.
            selection.choose_happening(self.steps_model.things(step).happening)
            selection.reveal("uploads")
        elif step.frame is not None:
            selection.choose_frame(step.frame)
            selection.reveal("frames")
        else:
            selection.choose_bucket(step.bucket)
            selection.reveal("buckets")

    # Empty states

    def _explain(self) -> None:
        self.note.say("" if self.query.result is not None else self._why_empty())

    def _why_empty(self) -> str:
        row: RowKey | None = self._context.selection.row
        files = self._context.feed.files
        if self.query.problem:
            return self.query.problem
        if row is None:
            return self.tr(
                "Select a row in Data, in a bucket, in Uploads or an operation's row: what happened to it, and "
                "whether the app sees it and why, is told here."
            )
        if files.open_database is None:
            return files.no_database or self.tr("There is no client database to tell what became of the row.")
        return self.tr("The row is being read.")
