"""What the demo's actions do, and when they can be done."""

from PySide6.QtCore import QObject

from inspector.engine import control
from inspector.ui.demo.actions import ClientActions, DemoActions
from inspector.ui.demo.backend_mode import BackendMode
from inspector.ui.demo.devices import Devices
from inspector.ui.feed import Feed
from inspector.ui.live_session import LiveSession


class DemoCommands(QObject):
    """Follows the clients. The story's actions are carried out by the panel Story."""

    def __init__(self, feed: Feed, devices: Devices, actions: DemoActions, parent: QObject) -> None:
        super().__init__(parent)
        self._feed, self._devices, self._actions = feed, devices, actions
        self.backend = BackendMode(devices, actions, self)
        for number, client in enumerate(actions.clients):
            client.show.triggered.connect(lambda _=False, number=number: self._show(number))
            client.network.triggered.connect(lambda _=False, number=number: self._switch(number))
        devices.sessions_changed.connect(self._follow_sessions)
        devices.situations_changed.connect(self._name)
        self._follow_sessions()

    def _follow_sessions(self) -> None:
        several = len(self._devices.sessions) > 1
        for action in self._actions.all:
            action.setVisible(several)
        self._name()

    def _name(self) -> None:
        for session, client in zip(self._devices.sessions, self._actions.clients, strict=False):
            _name(session, client)

    def _session(self, number: int) -> LiveSession | None:
        sessions = self._devices.sessions
        return sessions[number] if number < len(sessions) else None

    def _show(self, number: int) -> None:
        session = self._session(number)
        if session is not None:
            self._feed.activate(session)

    def _switch(self, number: int) -> None:
        session = self._session(number)
        if session is not None and session.status is not None:
            session.send(control.SetOffline(offline=session.status.phase != "offline"))


def _name(session: LiveSession, client: ClientActions) -> None:
    name, status = session.source.client, session.status
    client.show.setText(client.show.tr("Show {0} in the other panels").format(name))
    offline = status is not None and status.phase == "offline"
    text = client.network.tr("{0}: go online") if offline else client.network.tr("{0}: go offline")
    client.network.setText(text.format(name))
    client.network.setEnabled(status is not None)
