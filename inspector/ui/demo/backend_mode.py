"""How the demo's backend takes uploads: asked of it, and changed, over HTTP and off the window's thread."""

from msgspec.structs import replace
from PySide6.QtCore import QObject, Signal

from inspector.analysis.state import Live
from inspector.protocol.errors import InspectorError
from inspector.service.backend_settings import BackendSettings
from inspector.ui.background import Background
from inspector.ui.demo.actions import DemoActions
from inspector.ui.demo.devices import Devices

LATE_SECONDS = 3.0


class BackendMode(QObject):
    """Keeps the actions true, also when the story changes the backend."""

    changed = Signal()

    def __init__(self, devices: Devices, actions: DemoActions, parent: QObject) -> None:
        super().__init__(parent)
        self._devices, self._actions = devices, actions
        self._background = Background(self)
        self.settings: BackendSettings | None = None
        """None while it is not known."""
        self.problem = ""
        actions.last_write_wins.triggered.connect(lambda: self._change(conflicts="last_write_wins"))
        actions.refuse_conflicts.triggered.connect(lambda: self._change(conflicts="reject"))
        actions.fail.triggered.connect(lambda fails: self._change(failing=fails))
        actions.answer_late.triggered.connect(lambda late: self._change(delay=LATE_SECONDS if late else 0.0))
        self._service_gone = False
        devices.sessions_changed.connect(self.ask)
        devices.story_changed.connect(self.ask)
        devices.situations_changed.connect(self._look_for_service)

    @property
    def words(self) -> str:
        """What a button says of it."""
        settings = self.settings
        if settings is None:
            return self.tr("not known")
        said = self.tr("last write wins") if settings.conflicts == "last_write_wins" else self.tr("refuses conflicts")
        if settings.failing:
            said = self.tr("fails (500)")
        return self.tr("{0}, late").format(said) if settings.delay else said

    def ask(self) -> None:
        """Ask the backend."""
        endpoint = self._endpoint()
        if endpoint:
            self._background.run(lambda: _asked(endpoint), self._show, self._failed)
        else:
            self._show(None)

    def _look_for_service(self) -> None:
        """A service that was started again takes uploads as it does at first."""
        situations = (session.situation for session in self._devices.sessions)
        gone = any(isinstance(situation, Live) and situation.service_gone for situation in situations)
        if gone != self._service_gone:
            self._service_gone = gone
            self.ask()

    def close(self) -> None:
        """Ask nothing more."""
        self._background.close()

    def _change(self, **fields: object) -> None:
        endpoint, settings = self._endpoint(), self.settings
        if endpoint and settings is not None:
            wanted = replace(settings, **fields)
            self._background.run(lambda: _asked(endpoint, wanted), self._show, self._failed)

    def _endpoint(self) -> str:
        """Of the service of several clients; empty where there are none."""
        sessions = self._devices.sessions
        return sessions[0].source.start.endpoint if len(sessions) > 1 else ""

    def _failed(self, error: InspectorError) -> None:
        self._show(None, str(error))

    def _show(self, settings: BackendSettings | None, problem: str = "") -> None:
        self.settings, self.problem = settings, problem
        actions = self._actions
        for action in actions.backend:
            action.setEnabled(settings is not None)
        if settings is not None:
            actions.last_write_wins.setChecked(settings.conflicts == "last_write_wins")
            actions.refuse_conflicts.setChecked(settings.conflicts == "reject")
            actions.fail.setChecked(settings.failing)
            actions.answer_late.setChecked(settings.delay > 0)
        self.changed.emit()


def _asked(endpoint: str, wanted: BackendSettings | None = None) -> BackendSettings:
    """What is in force, once `wanted` is; raises InspectorError."""
    # The window opens sooner without the story.
    from inspector.analysis.story.service import StoryService

    service = StoryService(endpoint)
    return service.backend() if wanted is None else service.change_backend(wanted)
