"""The line above the rows: what is searched, how many rows there are, and what can be done with them."""

from PySide6.QtCore import QTimer, Signal
from PySide6.QtGui import QAction
from PySide6.QtWidgets import QHBoxLayout, QLineEdit, QSizePolicy, QToolButton, QWidget

from inspector.ui.fonts import zoomed
from inspector.ui.theme import Colour
from inspector.ui.widgets.elided_label import ElidedLabel
from inspector.ui.widgets.room_for_buttons import RoomForButtons
from inspector.ui.widgets.tone import set_tone

_TYPING_MS = 250
_SEARCHING = 250
"""Pixels that the place to search in and the count keep before buttons do."""


class SearchStrip(QWidget):
    """Search, count, Stop and the panel's actions."""

    wanted = Signal()
    """Other rows are searched now."""
    stop_wanted = Signal()

    def __init__(self) -> None:
        super().__init__()
        self.clear_filters = self._action("clear", self.tr("Clear filters"))
        self.add_row = self._action("addRow", self.tr("Add a row…"))
        self.delete_row = self._action("deleteRow", self.tr("Delete the row…"))
        self.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Fixed)
        self.search = QLineEdit()
        self.search.setObjectName("dataSearch")
        self.search.setPlaceholderText(self.tr("Search all columns"))
        self.search.setAccessibleName(self.tr("Search all columns of the table"))
        self.search.setClearButtonEnabled(True)
        self.count = ElidedLabel()
        set_tone(self.count, Colour.DIM)
        self.stop = QToolButton()
        self.stop.setText(self.tr("Stop"))
        self.stop.setObjectName("panelButton")
        self.stop.setToolTip(self.tr("Give up searching and sorting"))
        self.stop.clicked.connect(lambda: self.stop_wanted.emit())
        self.stop.hide()
        line = QHBoxLayout(self)
        line.setContentsMargins(8, 4, 8, 4)
        line.setSpacing(6)
        line.addWidget(self.search, 2)
        line.addWidget(self.count, 1)
        line.addWidget(self.stop)
        self._ends = RoomForButtons(self, line, self._kept)
        for action in (self.clear_filters, self.add_row, self.delete_row):
            button = QToolButton()
            button.setDefaultAction(action)
            button.setObjectName("panelButton")
            self._ends.add(button)
        self._typing = QTimer(self, singleShot=True, interval=_TYPING_MS)
        self._typing.timeout.connect(self.wanted)
        self.search.textChanged.connect(lambda _: self._typing.start())

    def _kept(self) -> int:
        """What searching and the count keep, in pixels."""
        return zoomed(_SEARCHING) + (0 if self.stop.isHidden() else self.stop.sizeHint().width())

    def _action(self, name: str, title: str) -> QAction:
        action = QAction(title, self)
        action.setObjectName(name)
        action.setIconText(title)
        return action

    def clear_quietly(self) -> None:
        """Search nothing, without a word: another table is shown."""
        self.search.blockSignals(True)
        self.search.clear()
        self.search.blockSignals(False)
        self._typing.stop()
