"""Sessions whose engines take their time to end: nobody waits for them who need not."""

from collections.abc import Callable, Iterable
from functools import partial
from pathlib import Path

from PySide6.QtCore import QObject, QTimer

from inspector.ui.live_session import LiveSession


class Departures(QObject):
    """Asks engines to end, and lets go of their sessions when they have."""

    def __init__(self, parent: QObject) -> None:
        super().__init__(parent)
        self._leaving: list[LiveSession] = []
        self._waiting: list[tuple[Path, Callable[[], None]]] = []

    def begin(self, sessions: Iterable[LiveSession]) -> None:
        """Ask the engines of `sessions` to end; returns at once."""
        for session in sessions:
            self._leaving.append(session)
            session.left.connect(partial(self._end, session))
            session.leave()

    def wait(self, files: Iterable[Path] | None = None) -> None:
        """Until those that write to one of `files` (None: all) have ended; an engine that does not is killed."""
        wanted = None if files is None else list(files)
        for session in list(self._leaving):
            if wanted is None or any(map(session.writes_to, wanted)):
                self._end(session)

    def when_gone(self, file: Path, then: Callable[[], None]) -> None:
        """Call `then` in a later turn, in which no engine writes to `file` any more."""
        self._waiting.append((file, then))
        QTimer.singleShot(0, self, self._go_on)

    def _go_on(self) -> None:
        waiting, self._waiting = self._waiting, []
        for file, then in waiting:
            if any(session.writes_to(file) for session in self._leaving):
                self._waiting.append((file, then))
            else:
                then()

    def _end(self, session: LiveSession) -> None:
        self._leaving.remove(session)
        session.left.disconnect()
        session.stop()
        session.deleteLater()
        QTimer.singleShot(0, self, self._go_on)
