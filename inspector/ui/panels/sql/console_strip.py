"""The line between statement and result: run, stop, plan, history, what is asked, copy and save."""

from collections.abc import Callable

from PySide6.QtGui import QAction
from PySide6.QtWidgets import QHBoxLayout, QMenu, QSizePolicy, QToolButton, QWidget

from inspector.ui.widgets.choice_strip import ChoiceStrip
from inspector.ui.widgets.room_for_buttons import RoomForButtons

DATABASE, CAPTURE = 0, 1
"""The choices of `ConsoleStrip.source`."""
_MARGIN, _SPACING = 8, 6


class ConsoleStrip(QWidget):
    """Actions of the console; the two menus are filled when they open."""

    def __init__(self, fill_history: Callable[[QMenu], None], fill_copy: Callable[[QMenu], None]) -> None:
        super().__init__()
        self.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Fixed)
        self.run = self._action(self.tr("Run"), self.tr("Run the statement, or the selected part (Ctrl+Enter)"))
        self.stop = self._action(self.tr("Stop"), self.tr("Stop the query that runs (Esc)"))
        self.plan = self._action(self.tr("Show the plan"), self.tr("How SQLite would run it (EXPLAIN QUERY PLAN)"))
        self.save = self._action(self.tr("Save…"), self.tr("Save the whole result as CSV, JSON or a Markdown table"))
        self.source = ChoiceStrip((self.tr("Database"), self.tr("Capture")))
        self.source.remark.hide()
        self.source.setObjectName("inlineChoice")
        line = QHBoxLayout(self)
        line.setContentsMargins(_MARGIN, 4, _MARGIN, 4)
        line.setSpacing(_SPACING)
        self._stay = (self._button(self.run), self._button(self.stop))
        for button in self._stay:
            line.addWidget(button)
        line.addWidget(self.source, 1)
        self._ends = RoomForButtons(self, line, self._kept)
        for button in (
            self._button(self.plan),
            self._menu_button(self.tr("History ▾"), fill_history),
            self._menu_button(self.tr("Copy ▾"), fill_copy),
            self._button(self.save),
        ):
            self._ends.add(button)

    def _kept(self) -> int:
        """What running, stopping and what is asked take, in pixels."""
        return 2 * _MARGIN + sum(widget.sizeHint().width() + _SPACING for widget in (*self._stay, self.source))

    def _action(self, text: str, tooltip: str) -> QAction:
        action = QAction(text, self)
        action.setIconText(text)
        action.setToolTip(tooltip)
        return action

    def _button(self, action: QAction) -> QToolButton:
        button = QToolButton()
        button.setDefaultAction(action)
        button.setObjectName("panelButton")
        return button

    def _menu_button(self, title: str, fill: Callable[[QMenu], None]) -> QToolButton:
        button = QToolButton()
        button.setText(title)
        button.setObjectName("panelButton")
        button.setPopupMode(QToolButton.ToolButtonPopupMode.InstantPopup)
        menu = QMenu(button)
        menu.aboutToShow.connect(menu.clear)
        menu.aboutToShow.connect(lambda: fill(menu))
        button.setMenu(menu)
        return button
