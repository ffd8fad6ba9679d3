"""Sessions whose engines take their time to end: nobody waits for them who need not."""

from collections.abc import Iterable
from functools import partial
from pathlib import Path

from inspector.ui.live_session import LiveSession


class Departures:
    """Asks engines to end, and lets go of their sessions when they have."""

    def __init__(self) -> None:
        self._leaving: list[LiveSession] = []

    def begin(self, sessions: Iterable[LiveSession]) -> None:
        """Ask the engines of `sessions` to end; returns at once."""
        for session in sessions:
            self._leaving.append(session)
            session.left.connect(partial(self._end, session))
            session.leave()

    def wait(self) -> None:
        """Until all have ended; those that do not are killed."""
        while self._leaving:
            self._end(self._leaving[0])

    def writes_to(self, file: Path) -> bool:
        """Whether it is a file of one of their engines."""
        return any(session.writes_to(file) for session in self._leaving)

    def _end(self, session: LiveSession) -> None:
        self._leaving.remove(session)
        session.left.disconnect()
        session.stop()
        session.deleteLater()
