"""Shared actions that a panel carries out, while there is no such panel yet."""

from collections.abc import Iterable
from functools import partial

from PySide6.QtCore import QObject
from PySide6.QtGui import QAction

from inspector.ui.docks.dock import Dock


class PanelActions(QObject):
    """Makes the panel of `dock` when one of `actions` is first asked for, and has the panel do it."""

    def __init__(self, dock: Dock, actions: Iterable[QAction], parent: QObject) -> None:
        super().__init__(parent)
        self._dock = dock
        self._waiting = [action.triggered.connect(partial(self._do_first, action)) for action in actions]
        dock.made.connect(self._leave_to_panel)

    def _do_first(self, action: QAction, _checked: bool = False) -> None:
        _ = self._dock.panel
        # What is connected while a signal is emitted hears the next one only.
        action.trigger()

    def _leave_to_panel(self) -> None:
        for connection in self._waiting:
            QObject.disconnect(connection)
        self._waiting = []
