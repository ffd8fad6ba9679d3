"""From the dialog to the connection: where its files lie, and that nothing is left of one that never recorded."""

from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, QSettings, Signal
from PySide6.QtWidgets import QWidget

from inspector.engine import control
from inspector.engine.session_files import forget_if_empty
from inspector.ui.actions import Actions, connect
from inspector.ui.recent_connections import RecentConnections
from inspector.ui.sources import LiveSource

if TYPE_CHECKING:
    from inspector.ui.connection_dialog.dialog import ConnectionDialog


class Connecting(QObject):
    """Owns the dialog and the folders of the sessions that it began."""

    source_wanted = Signal(object)
    """The user asked for this `LiveSource` to be opened."""

    help_wanted = Signal()
    """How to connect is to be read."""

    def __init__(self, window: QWidget, actions: Actions, settings: QSettings) -> None:
        super().__init__(window)
        self._window = window
        self.recent = RecentConnections(settings, self)
        self._folders: list[Path] = []
        connect(actions.new_connection, lambda: self.dialog.ask())

    @cached_property
    def dialog(self) -> "ConnectionDialog":
        """Made when it is first asked for: what it needs for its test of a connection takes long to import."""
        from inspector.ui.connection_dialog.dialog import ConnectionDialog

        dialog = ConnectionDialog(self._window, self.recent)
        dialog.chosen.connect(self._open)
        dialog.help_wanted.connect(self.help_wanted)
        return dialog

    def close_down(self) -> None:
        """After the engine has ended: tidy up."""
        if "dialog" in vars(self):
            self.dialog.close_down()
        self.recent.close()
        for folder in self._folders:
            forget_if_empty(folder)

    def _open(self, start: control.Start) -> None:
        self._folders.append(Path(start.capture).parent)
        self.source_wanted.emit(LiveSource(start, ""))
