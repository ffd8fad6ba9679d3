"""The detail panel: heading, operations, and the tree of the selected operation or of the whole line."""

from PySide6.QtCore import QEvent, Qt
from PySide6.QtWidgets import QFrame, QLabel, QSizePolicy, QVBoxLayout, QWidget

from inspector.analysis.operation_standing import OperationSearch
from inspector.analysis.state import DatabaseFile
from inspector.ui.by_program import ByProgram
from inspector.ui.fonts import header_height, row_height
from inspector.ui.frame.content import FrameContent
from inspector.ui.frame.operation_hash import Verdict
from inspector.ui.panels.context import PanelContext
from inspector.ui.panels.detail.heading import happening_heading, heading
from inspector.ui.panels.detail.json_tree import JsonTreeModel
from inspector.ui.panels.detail.operations import OperationsModel
from inspector.ui.panels.detail.standing import OperationStanding
from inspector.ui.theme import Colour
from inspector.ui.widgets.choice_strip import ChoiceStrip
from inspector.ui.widgets.columns import Note
from inspector.ui.widgets.empty_note import EmptyNote
from inspector.ui.widgets.row_table import RowTable
from inspector.ui.widgets.tone import set_tone

_MOST_OPERATION_ROWS = 12
_HASH_NOTES = {
    Verdict.AGREES: Note("✓ recomputed", Colour.FINE),
    Verdict.DIFFERS: Note("✕ differs from the content", Colour.BROKEN),
    Verdict.NOT_KNOWN: Note("not verifiable here", Colour.DIM),
}
_OPERATION, _LINE = 0, 1


class DetailPanel(QWidget):
    """The selected frame, taken apart."""

    def __init__(self, context: PanelContext) -> None:
        super().__init__(context.room)
        self._context = context
        self._content: FrameContent | None = None
        self._by_program = ByProgram()
        self.heading, self.problem = QLabel(), QLabel()
        self.heading.setObjectName("detailHeading")
        self.problem.setObjectName("detailProblem")
        self.operations_model = OperationsModel(self)
        self.operations = RowTable(self.operations_model, "operations", parent=self)
        self.operations.setAccessibleName(self.tr("Operations of the data line"))
        self.operations.restore_columns(context.settings)
        self.choice = ChoiceStrip((self.tr("Operation"), self.tr("Whole line")))
        self.tree_model = JsonTreeModel(self)
        self.tree = RowTable(self.tree_model, "jsonTree", header=False, parent=self)
        self.tree.setAccessibleName(self.tr("The line as a tree"))
        self.standing = OperationStanding(context, self)
        self.note = EmptyNote(self, top=0)
        self._lay_out()
        context.frame.changed.connect(self._show)
        context.frame.path_chosen.connect(self._go_to_field)
        context.feed.situation_changed.connect(self._explain)
        self.operations.row_chosen.connect(self._choose_operation)
        context.selection.operation_changed.connect(self._follow_operation)
        self.choice.chosen.connect(self._choose)
        self.tree.row_chosen.connect(self._choose_field)
        self.standing.query.changed.connect(self._note_local_writes)
        self._show()

    def save(self) -> None:
        """Remember the columns."""
        self.operations.save_columns(self._context.settings)

    def changeEvent(self, event: QEvent) -> None:
        super().changeEvent(event)
        if event.type() is QEvent.Type.PaletteChange:
            self.standing.tell()
            if self._content is not None:
                self._head(self._content)
            elif (happening := self._context.frame.happening) is not None:
                self.heading.setText(happening_heading(happening.row))

    def _lay_out(self) -> None:
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(0)
        for label in (self.heading, self.problem):
            label.setWordWrap(True)
            label.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
            # A label's own idea of its width would keep the panel from being made narrow.
            label.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Minimum)
            layout.addWidget(label)
        self.rule = QFrame()
        self.rule.setObjectName("rule")
        layout.insertWidget(1, self.rule)
        self.heading.setTextFormat(Qt.TextFormat.RichText)
        self.problem.setTextFormat(Qt.TextFormat.PlainText)
        set_tone(self.problem, Colour.BROKEN)
        layout.addWidget(self.operations)
        layout.addWidget(self.choice)
        layout.addWidget(self.tree, 1)
        layout.addWidget(self.standing)

    def _show(self) -> None:
        content = self._content = self.tree_model.content = self._context.frame.content
        happening = self._context.frame.happening
        for part in (self.heading, self.rule, self.tree):
            part.setVisible(content is not None or happening is not None)
        shown = content.operations if content is not None else []
        self.operations_model.show_records([])
        self.operations_model.bucket = content.row.bucket if content is not None else None
        self.operations_model.show_records(shown)
        self.operations.setVisible(bool(shown))
        self.choice.setVisible(bool(shown))
        self.setFocusProxy(self.operations if shown else self.tree)
        if content is None:
            self.standing.show_operation(None)
            self.problem.hide()
            if happening is None:
                self.tree_model.clear()
            else:
                self.heading.setText(happening_heading(happening.row))
                self.tree_model.show_facts(happening.tree)
                self.tree.fit_columns()
        else:
            self._head(content)
            self._fit_operations(len(shown))
            self._choose(_OPERATION if shown else _LINE)
            if shown:
                self._show_operation(self._wanted_operation() or 0)
        self._explain()

    def _head(self, content: FrameContent) -> None:
        self.heading.setText(heading(content.row, content.line))
        self.problem.setText(f"✕ {content.problem} {self.tr('The panel Bytes shows it as it came.')}")
        self.problem.setVisible(bool(content.problem))

    def _fit_operations(self, count: int) -> None:
        rows = min(count, _MOST_OPERATION_ROWS)
        self.operations.setFixedHeight(header_height() + rows * row_height())

    def _choose(self, what: int) -> None:
        content = self._content
        if content is None:
            return
        self.choice.choose(what)
        position = max(0, self.operations.currentIndex().row())
        shown = self.operations_model.record(position)
        if what == _OPERATION and shown is not None and (bucket := self.operations_model.bucket) is not None:
            path = content.path_of_operation(position)
            self.tree_model.show_operation(shown.tree, _HASH_NOTES[shown.hash_check.verdict], path)
            self.standing.show_operation(OperationSearch(content.row, bucket, shown.operation, position))
            self._note_local_writes()
        else:
            self.tree_model.show_line(content.tree)
            self.standing.show_operation(None)
        self.tree.fit_columns()

    def _note_local_writes(self) -> None:
        if self.choice.choice == _OPERATION:
            self.tree_model.note_columns(self.standing.notes())

    def _choose_operation(self, row: int) -> None:
        if row < 0:
            return
        self._choose(_OPERATION)
        shown = self.operations_model.record(row)
        # What is merely the first one of a frame is nobody's choice, and takes nobody's row away.
        if shown is not None and self.operations.hasFocus() and not self._by_program:
            self.operations_model.things(shown).choose(self._context.selection)

    def _wanted_operation(self) -> int | None:
        """The row of the operation that is selected for all panels, if the frame has it."""
        wanted = self._context.selection.operation
        if wanted is None or wanted.bucket != self.operations_model.bucket:
            return None
        ids = [shown.operation.op_id for shown in self.operations_model.records]
        return ids.index(wanted.op_id) if wanted.op_id in ids else None

    def _follow_operation(self) -> None:
        row = self._wanted_operation()
        if row is not None and row != self.operations.currentIndex().row():
            self._show_operation(row)

    def _show_operation(self, row: int) -> None:
        with self._by_program:
            self.operations.choose_row(row)

    def _choose_field(self, row: int) -> None:
        known = row >= 0 and self._content is not None
        self._context.frame.choose_field(self.tree_model.path(row) if known else None)

    def _go_to_field(self) -> None:
        """Show the field that was chosen by one of its bytes, in its operation where it has one."""
        path, content = self._context.frame.path, self._content
        if content is None or not path:
            return
        operation = path[2].position if len(path) > 3 and path[1].key == "data" else None
        if operation is not None and operation < len(content.operations):
            if operation != self.operations.currentIndex().row():
                self.operations.choose_row(operation)
            self._choose(_OPERATION)
            path = path[3:]
        else:
            self._choose(_LINE)
        row = self.tree_model.open_path(path)
        if row is not None:
            self.tree.choose_row(row)

    def _explain(self) -> None:
        if self._content is not None or self._context.frame.happening is not None:
            self.note.say("")
        elif self._context.frame.problem:
            self.note.say(self._context.frame.problem)
        elif self._context.frame.busy:
            self.note.say(self.tr("The frame is being read."))
        elif isinstance(self._context.feed.situation, DatabaseFile):
            self.note.say(self.tr("A client database holds no frames, so there is none to show in detail."))
        else:
            self.note.say(self.tr("Select a frame to see its operations, its fields and its bytes."))
