"""Which events are shown: their levels, with how many there are of each, and words."""

from collections.abc import Mapping

from PySide6.QtCore import QTimer, Signal
from PySide6.QtWidgets import QFrame, QHBoxLayout, QLineEdit, QToolButton

from inspector.analysis.event_lines import LEVELS
from inspector.ui.panels.events.columns import LEVEL_MARKS
from inspector.words import thousands

_TYPING_MS = 150


class FilterStrip(QFrame):
    """One button a level, and a line for words."""

    changed = Signal()
    """Others are wanted now."""

    def __init__(self, shown: list[str]) -> None:
        super().__init__()
        self.setObjectName("filterStrip")
        titles = (self.tr("Debug"), self.tr("Info"), self.tr("Warnings"), self.tr("Errors"))
        self.levels: dict[str, QToolButton] = {}
        self._typing = QTimer(self, singleShot=True, interval=_TYPING_MS)
        self._typing.timeout.connect(self.changed)
        row = QHBoxLayout(self)
        row.setContentsMargins(8, 4, 8, 4)
        row.setSpacing(6)
        for level, title in zip(LEVELS, titles, strict=True):
            button = QToolButton()
            button.setObjectName("choice")
            button.setCheckable(True)
            button.setChecked(level in shown)
            button.setProperty("title", title)
            button.setToolTip(self.tr("Show or hide the events of level “{0}”").format(level))
            button.toggled.connect(lambda _: self.changed.emit())
            self.levels[level] = button
            row.addWidget(button)
        self.search = QLineEdit()
        self.search.setObjectName("eventSearch")
        self.search.setPlaceholderText(self.tr("Words in events"))
        self.search.setAccessibleName(self.tr("Show events with these words"))
        self.search.setClearButtonEnabled(True)
        self.search.textChanged.connect(lambda _: self._typing.start())
        row.addWidget(self.search, 1)
        self.show_counts({})

    @property
    def shown(self) -> list[str]:
        """The levels that are wanted."""
        return [level for level, button in self.levels.items() if button.isChecked()]

    @property
    def words(self) -> list[str]:
        """What events are to have in them, all of it."""
        return self.search.text().split()

    def show_counts(self, counts: Mapping[str, int]) -> None:
        """How many events there are of each level."""
        for level, button in self.levels.items():
            count = f" {thousands(counts[level])}" if counts.get(level) else ""
            text = f"{LEVEL_MARKS[level].glyph} {button.property('title')}{count}"
            if text != button.text():
                button.setText(text)
