"""What the demo's devices did, read from all their captures at once, and what the story says of itself."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from PySide6.QtCore import QObject, QTimer, Signal
from PySide6.QtWidgets import QWidget

from inspector.analysis.devices.history import DeviceHistory, joined, read_history
from inspector.analysis.devices.last_changes import LastChange, last_changes, newest_operations
from inspector.analysis.devices.sendings import Sending, sendings
from inspector.capture.errors import CaptureError
from inspector.capture.reader import CaptureReader
from inspector.ui.background import Background
from inspector.ui.feed import Feed
from inspector.ui.live_session import LiveSession
from inspector.ui.on_screen import OnScreen

_PAUSE_MS = 250


@dataclass(frozen=True, slots=True)
class DevicesSnapshot:
    """By the name of the device's user."""

    histories: Mapping[str, DeviceHistory] = field(default_factory=dict)
    sendings: tuple[Sending, ...] = ()
    last_changes: Mapping[str, Mapping[str, LastChange]] = field(default_factory=dict)
    """Of the items that each device shows, by their ids."""


class Devices(QObject):
    """Follows all clients of the feed that have a name. At most four times a second, while somebody looks."""

    changed = Signal()
    sessions_changed = Signal()
    situations_changed = Signal()
    """Of any of them."""
    story_changed = Signal()

    def __init__(self, feed: Feed, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._background = Background(self)
        self._feed = feed
        self._watchers: list[OnScreen] = []
        self._readers: dict[str, _DeviceReader] = {}
        self._wanted = self._loading = False
        self._generation = 0
        self.snapshot = DevicesSnapshot()
        self.told = ""
        """What is to be said of the story's step that was played last."""
        self._pause = QTimer(self, singleShot=True, interval=_PAUSE_MS)
        self._pause.timeout.connect(self._read_if_wanted)
        feed.sessions_changed.connect(self._follow_sessions)
        feed.closing.connect(lambda: self._background.close(self._close_readers))
        self._follow_sessions()

    @property
    def sessions(self) -> tuple[LiveSession, ...]:
        """The clients that have names."""
        return tuple(session for session in self._feed.sessions if session.source.client)

    def watch_for(self, widget: QWidget) -> None:
        """Read while `widget` is on screen."""
        watcher = OnScreen(widget)
        watcher.came.connect(self._want)
        self._watchers.append(watcher)
        widget.destroyed.connect(lambda: self._watchers.remove(watcher))

    def tell_story(self, told: str) -> None:
        """Say what came of a step of the story; empty: nothing was played yet."""
        if told != self.told:
            self.told = told
            self.story_changed.emit()

    def _follow_sessions(self) -> None:
        self._generation += 1
        self._background.run(self._close_readers, lambda _: None)
        self._show(DevicesSnapshot())
        self.tell_story("")
        for session in self.sessions:
            session.situation_changed.connect(self.situations_changed)
            session.files_changed.connect(self._want)
            session.data_changed.connect(self._want)
        self.sessions_changed.emit()
        self._want()

    def _want(self) -> None:
        self._wanted = True
        if not self._loading and not self._pause.isActive():
            self._read_if_wanted()

    def _read_if_wanted(self) -> None:
        captures = {
            session.source.client: (capture, session.client_database)
            for session in self.sessions
            if (capture := session.files.capture) is not None
        }
        if not self._wanted or not captures or not any(watcher.now for watcher in self._watchers):
            return
        self._wanted, self._loading = False, True
        generation = self._generation

        self._background.run(lambda: self._read(captures), lambda snapshot: self._have_read(generation, snapshot))

    def _have_read(self, generation: int, snapshot: DevicesSnapshot) -> None:
        self._loading = False
        if generation == self._generation:
            self._show(snapshot)
        self._pause.start()

    def _show(self, snapshot: DevicesSnapshot) -> None:
        self.snapshot = snapshot
        self.changed.emit()

    # On the other thread

    def _read(self, files: Mapping[str, tuple[Path, Path]]) -> DevicesSnapshot:
        histories = {
            name: self._readers.setdefault(name, _DeviceReader()).read(capture) for name, (capture, _) in files.items()
        }
        changes = {name: last_changes(newest_operations(database), histories) for name, (_, database) in files.items()}
        return DevicesSnapshot(histories, sendings(histories), changes)

    def _close_readers(self) -> None:
        for reader in self._readers.values():
            reader.close()
        self._readers.clear()


class _DeviceReader:
    """One user's captures: that of the present device is read again, those of earlier ones once."""

    def __init__(self) -> None:
        self._capture: CaptureReader | None = None
        self._path: Path | None = None
        self._earlier = DeviceHistory()

    def read(self, path: Path) -> DeviceHistory:
        """All that is known by now; a capture that cannot be read adds nothing, its panels say why."""
        try:
            if path != self._path or self._capture is None:
                self._take_up(path)
            assert self._capture is not None
            return joined(self._earlier, read_history(self._capture))
        except CaptureError:
            return self._earlier

    def close(self) -> None:
        """Let go of the file."""
        if self._capture is not None:
            self._capture.close()
            self._capture = None

    def _take_up(self, path: Path) -> None:
        if self._capture is not None:
            self._earlier = joined(self._earlier, read_history(self._capture))
        self.close()
        self._path = path
        self._capture = CaptureReader(path)
