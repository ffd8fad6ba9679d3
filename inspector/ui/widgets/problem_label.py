"""Problems in sentences over the upper edge of a panel; without any it is not there."""

from collections.abc import Sequence

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QLabel, QSizePolicy

from inspector.engine.control import Problem
from inspector.ui.theme import Colour
from inspector.ui.widgets.tone import set_tone


class ProblemLabel(QLabel):
    """Each problem with what it is, why, and what helps."""

    def __init__(self) -> None:
        super().__init__()
        self.setObjectName("detailProblem")
        self.setWordWrap(True)
        self.setTextFormat(Qt.TextFormat.PlainText)
        self.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        # A label's own idea of its width would keep the panel from being made narrow.
        self.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Minimum)
        set_tone(self, Colour.HELD)
        self.hide()

    def say(self, problems: Sequence[Problem]) -> None:
        """Show them, one below the other."""
        text = "\n".join(f"▲ {problem}" for problem in problems)
        if text != self.text():
            self.setText(text)
            self.setAccessibleName(text)
            self.setVisible(bool(text))
