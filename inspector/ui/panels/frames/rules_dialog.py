"""The dialog for colour rules: one line each, checked while one writes, in force when it is left."""

from collections.abc import Callable, Sequence

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QIcon, QPixmap
from PySide6.QtWidgets import (
    QCheckBox,
    QDialog,
    QDialogButtonBox,
    QHBoxLayout,
    QLabel,
    QLineEdit,
    QToolButton,
    QVBoxLayout,
    QWidget,
)

from inspector.capture.filter import FilterError, compile_filter
from inspector.ui.panels.frames.colour_rules import COLOURS, DEFAULT_RULES, ColourRule
from inspector.ui.panels.frames.filter_edit import FilterEdit
from inspector.ui.theme import Colour, colour
from inspector.ui.widgets.choice_box import ChoiceBox
from inspector.ui.widgets.elided_label import ElidedLabel
from inspector.ui.widgets.tone import set_tone

_WIDTH = 720


class RuleLine(QWidget):
    """One rule, being written."""

    removed = Signal()
    raised = Signal()

    def __init__(self, rule: ColourRule, values_of: Callable[[str], Sequence[str]]) -> None:
        super().__init__()
        self.enabled, self.name, self.colours = QCheckBox(), QLineEdit(rule.name), ChoiceBox()
        self.filter = FilterEdit(values_of, lambda: [])
        self.problem = ElidedLabel()
        up, remove = QToolButton(), QToolButton()
        self.enabled.setChecked(rule.enabled)
        self.enabled.setAccessibleName(self.tr("In force"))
        self.name.setAccessibleName(self.tr("Name of the rule"))
        self.name.setFixedWidth(150)
        self.filter.setText(rule.filter)
        self.filter.setAccessibleName(self.tr("Filter of the rule"))
        self.colours.setAccessibleName(self.tr("Colour of the rule"))
        for known, word in COLOURS.items():
            square = QPixmap(12, 12)
            square.fill(colour(known))
            self.colours.addItem(QIcon(square), self.tr(word), known.name)
        self.colours.setCurrentIndex(max(0, self.colours.findData(rule.tint.name)))
        up.setText("↑")
        up.setToolTip(self.tr("Ask this rule before the one above"))
        up.setAccessibleName(self.tr("Move up"))
        remove.setText(self.tr("Remove"))
        line = QHBoxLayout()
        for part in (self.enabled, self.name, self.colours, self.filter, up, remove):
            line.addWidget(part, 1 if part is self.filter else 0)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(2)
        layout.addLayout(line)
        layout.addWidget(self.problem)
        set_tone(self.problem, Colour.BROKEN)
        up.clicked.connect(self.raised)
        remove.clicked.connect(self.removed)
        self.filter.textChanged.connect(lambda _: self._judge())
        self._judge()

    def rule(self) -> ColourRule:
        """As it stands now."""
        name, text = self.name.text().strip(), self.filter.text().strip()
        return ColourRule(name or text, text, str(self.colours.currentData()), self.enabled.isChecked())

    def _judge(self) -> None:
        problem = ""
        try:
            compile_filter(self.filter.text())
        except FilterError as error:
            problem = str(error)
        self.filter.show_verdict(not problem)
        self.problem.set_text(problem)
        self.problem.setVisible(bool(problem))


class RulesDialog(QDialog):
    """Stands beside the window, which goes on."""

    kept = Signal(list)
    """The rules as the user left them."""

    def __init__(
        self, rules: Sequence[ColourRule], values_of: Callable[[str], Sequence[str]], parent: QWidget | None = None
    ) -> None:
        super().__init__(parent)
        self.setObjectName("colourRules")
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.setWindowTitle(self.tr("Colour rules"))
        self.setMinimumWidth(_WIDTH)
        self._values_of = values_of
        self.lines: list[RuleLine] = []
        note = QLabel(
            self.tr(
                "A frame is tinted by the first rule that it meets. The column “Rule” of the list names it; "
                "right-click the list's header to show it."
            )
        )
        note.setWordWrap(True)
        set_tone(note, Colour.DIM)
        self._room = QVBoxLayout()
        self._room.setSpacing(6)
        buttons = QDialogButtonBox()
        self.add_button = buttons.addButton(self.tr("Add a rule"), QDialogButtonBox.ButtonRole.ActionRole)
        restore = buttons.addButton(self.tr("Restore the first ones"), QDialogButtonBox.ButtonRole.ResetRole)
        self.keep_button = buttons.addButton(self.tr("Keep"), QDialogButtonBox.ButtonRole.AcceptRole)
        buttons.addButton(self.tr("Cancel"), QDialogButtonBox.ButtonRole.RejectRole)
        layout = QVBoxLayout(self)
        layout.addWidget(note)
        layout.addLayout(self._room)
        layout.addStretch(1)
        layout.addWidget(buttons)
        self.add_button.clicked.connect(lambda: self._add(ColourRule(self.tr("New rule"), "kind == data")))
        restore.clicked.connect(lambda: self._show(DEFAULT_RULES))
        buttons.accepted.connect(self.accept)
        buttons.rejected.connect(self.reject)
        self.accepted.connect(lambda: self.kept.emit([line.rule() for line in self.lines]))
        self._show(rules)

    def _show(self, rules: Sequence[ColourRule]) -> None:
        for line in list(self.lines):
            self._remove(line)
        for rule in rules:
            self._add(rule)

    def _add(self, rule: ColourRule) -> None:
        line = RuleLine(rule, self._values_of)
        line.removed.connect(lambda: self._remove(line))
        line.raised.connect(lambda: self._raise(line))
        self.lines.append(line)
        self._room.addWidget(line)

    def _remove(self, line: RuleLine) -> None:
        self.lines.remove(line)
        self._room.removeWidget(line)
        line.deleteLater()

    def _raise(self, line: RuleLine) -> None:
        place = self.lines.index(line)
        if place:
            self.lines.insert(place - 1, self.lines.pop(place))
            self._room.removeWidget(line)
            self._room.insertWidget(place - 1, line)
