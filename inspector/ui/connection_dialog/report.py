"""What the token says, and what a test found."""

from PySide6.QtCore import QObject
from PySide6.QtWidgets import QWidget

from inspector.analysis.facts import Fact
from inspector.analysis.situations import Role
from inspector.engine.connection_trial import TrialStep
from inspector.ui.widgets.empty_note import EmptyNote
from inspector.ui.widgets.facts_table import FactsModel, FactsTable

_LEAST_HEIGHT, _NO_LIMIT = 120, 16_777_215
"""Pixels."""


class Report(QObject):
    """A table of facts, or a sentence where there are none."""

    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent)
        self.model = FactsModel(self)
        self.table = FactsTable(self.model, "tokenFacts", parent)
        self.table.setAccessibleName(self.tr("What the token says, and what the test found"))
        self.table.setMinimumHeight(_LEAST_HEIGHT)
        self.note = EmptyNote(self.table, top=0)

    @property
    def spare(self) -> int:
        """Pixels of height that it could do without."""
        return self.table.height() - _LEAST_HEIGHT

    def keep_small(self, small: bool) -> None:
        """Whether others need its room."""
        self.table.setMaximumHeight(_LEAST_HEIGHT if small else _NO_LIMIT)

    def show_facts(self, facts: list[Fact], note: str = "") -> None:
        """Show these, or `note` where there are none."""
        self.model.show_records([])
        self.model.show_records(facts)
        self.note.say("" if facts else note)
        self.table.fit_columns()

    def show_trial(self, steps: list[TrialStep]) -> None:
        """One line for each thing that was tried."""
        facts = []
        for step in steps:
            said = step.said if step.problem is None else f"{step.problem.what} {step.problem.why}".strip()
            role = Role.FINE if step.problem is None else Role.HELD if step.doubt else Role.BROKEN
            facts.append(Fact(step.title, said, role, str(step.problem) if step.problem is not None else ""))
        self.show_facts(facts)
