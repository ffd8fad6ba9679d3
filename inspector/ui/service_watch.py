"""Watches a service that this program started: clients are told when it is gone, and it can be started again."""

from PySide6.QtCore import QObject, QTimer

from inspector.engine import control
from inspector.protocol.errors import InspectorError
from inspector.ui.background import Background
from inspector.ui.live_session import LiveSession
from inspector.ui.sources import ServiceHandle

_LOOK_MS = 500


class ServiceWatch(QObject):
    """For as long as the sessions last."""

    def __init__(self, service: ServiceHandle, sessions: tuple[LiveSession, ...], parent: QObject) -> None:
        super().__init__(parent)
        self._service = service
        self._sessions = sessions
        self._background = Background(self)
        self._clock = QTimer(self, interval=_LOOK_MS)
        self._clock.timeout.connect(self._look)
        self._clock.start()

    def restart(self) -> None:
        """Start the service again, unless it runs."""
        if self._service.problem() is not None and not self._background.busy:
            self._background.run(self._service.restart, lambda _: self._is_back(), self._failed)

    def close(self) -> None:
        """Watch no more."""
        self._clock.stop()
        self._background.close()

    def _look(self) -> None:
        if not self._background.busy:
            self._tell(self._service.problem())

    def _is_back(self) -> None:
        self._tell(None)
        for session in self._sessions:
            session.send(control.Connect())

    def _failed(self, error: InspectorError) -> None:
        self._tell(control.Problem(error.what, error.why, error.next_step))

    def _tell(self, problem: control.Problem | None) -> None:
        for session in self._sessions:
            session.tell_service(problem)
