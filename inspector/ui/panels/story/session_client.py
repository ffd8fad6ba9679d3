"""A client of the window as the story knows it: called from the story's thread, carried out on the window's."""

import time
from pathlib import Path

from PySide6.QtCore import QObject, Qt, Signal

from inspector.analysis.story.scene import Stopped
from inspector.engine import control
from inspector.ui.live_session import LiveSession

_LOOK_SECONDS = 0.02


class SessionClient(QObject):
    """To be left before its session goes."""

    _sent = Signal(object)
    _afresh = Signal()

    def __init__(self, session: LiveSession, parent: QObject) -> None:
        super().__init__(parent)
        self._session = session
        self._left = False
        self._sent.connect(session.send, Qt.ConnectionType.QueuedConnection)
        self._afresh.connect(session.start_afresh, Qt.ConnectionType.QueuedConnection)

    @property
    def name(self) -> str:
        """As people call it."""
        return self._session.source.client

    @property
    def status(self) -> control.Status | None:
        """The engine's last word."""
        return self._session.status

    @property
    def client_database(self) -> Path:
        """What the engine syncs into."""
        return self._session.client_database

    @property
    def capture(self) -> Path:
        """What the engine records in."""
        return self._session.capture

    def send(self, command: control.Command) -> None:
        """Tell the engine."""
        self._sent.emit(command)

    def start_afresh(self) -> None:
        """Begin anew with empty files; raises Stopped."""
        before = self._session.files.capture
        self._afresh.emit()
        while self._session.files.capture in (None, before):
            if self._left:
                raise Stopped
            time.sleep(_LOOK_SECONDS)

    def leave(self) -> None:
        """The story waits for this client no more."""
        self._left = True
