"""What the demo's devices did, read from all their captures at once, and what the story says of itself."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, QTimer, Signal
from PySide6.QtWidgets import QWidget

from inspector.ui.background import Background
from inspector.ui.feed import Feed
from inspector.ui.live_session import LiveSession
from inspector.ui.on_screen import OnScreen

if TYPE_CHECKING:
    from inspector.analysis.devices.history import DeviceHistory
    from inspector.analysis.devices.last_changes import LastChange
    from inspector.analysis.devices.sendings import Sending
    from inspector.ui.demo.device_reader import DevicesReader

_PAUSE_MS = 250


@dataclass(frozen=True, slots=True)
class DevicesSnapshot:
    """By the name of the device's user."""

    histories: "Mapping[str, DeviceHistory]" = field(default_factory=dict)
    sendings: "tuple[Sending, ...]" = ()
    last_changes: "Mapping[str, Mapping[str, LastChange]]" = field(default_factory=dict)
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
        self._reader: DevicesReader | None = None
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
        if self._reader is not None or self._loading:
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
        gone = {session.source.client: at for session in self.sessions if (at := session.gone_at) is not None}
        self._wanted, self._loading = False, True
        generation = self._generation

        self._background.run(lambda: self._read(captures, gone), lambda snapshot: self._have_read(generation, snapshot))

    def _have_read(self, generation: int, snapshot: DevicesSnapshot) -> None:
        self._loading = False
        if generation == self._generation:
            self._show(snapshot)
        self._pause.start()

    def _show(self, snapshot: DevicesSnapshot) -> None:
        self.snapshot = snapshot
        self.changed.emit()

    # On the other thread

    def _read(self, files: Mapping[str, tuple[Path, Path]], gone: Mapping[str, int]) -> DevicesSnapshot:
        if self._reader is None:
            # The window opens sooner without what only the demo needs.
            from inspector.ui.demo.device_reader import DevicesReader

            self._reader = DevicesReader()
        return DevicesSnapshot(*self._reader.read(files, gone))

    def _close_readers(self) -> None:
        if self._reader is not None:
            self._reader.close()
            self._reader = None
