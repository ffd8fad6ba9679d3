"""Perspectives: where the panels stand for one kind of work. Three are built in, users save their own.

Whatever is opened brings its perspective with it, unless the user has chosen another for things of its kind.
"""

from base64 import urlsafe_b64encode
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

from PySide6.QtCore import QCoreApplication, QEvent, QObject, QSettings, Qt, QTimer, Signal
from PySide6.QtWidgets import QMainWindow, QWidget

from inspector.analysis.state import CaptureFile, DatabaseFile, Opening
from inspector.store.sqlite_file import FileKind, recognise
from inspector.ui.docks.arrangements import BUILT_IN, DEMO, DIAGNOSE, WATCH, Arrangement
from inspector.ui.docks.dock import Dock
from inspector.ui.docks.layout import arrange, restore_layout, save_layout
from inspector.ui.docks.making import Making
from inspector.ui.feed import Feed
from inspector.ui.on_screen import in_sight
from inspector.ui.sources import FileSource, LiveSource

_CURRENT, _OWN, _FOR = "perspectives/current", "perspectives/own", "perspectives/for"
_KINDS = {"demo": DEMO, "live": WATCH, "database": DIAGNOSE, "capture": WATCH}
_KINDS_OF_FILES = {FileKind.SQLITE: "database", FileKind.CAPTURE: "capture"}


class Perspectives(QObject):
    """The perspectives by name; a built-in one is named as its arrangement, a user's own as the user likes."""

    changed = Signal()
    """Another one is in force, or there are others now."""
    arranged = Signal()
    """The docks stand elsewhere now."""

    def __init__(
        self, window: QMainWindow, docks: Mapping[str, Dock], making: Making, feed: Feed, settings: QSettings
    ) -> None:
        super().__init__(window)
        self._window = window
        self._docks = docks
        self._making = making
        self._feed = feed
        self._settings = settings
        self._kind = ""
        remembered = str(settings.value(_CURRENT) or WATCH.name)
        self.current = remembered if remembered in self.names() else WATCH.name
        self._paint = QTimer(self, singleShot=True, interval=0)
        self._paint.timeout.connect(self._paint_now)
        self._soon = QTimer(self, singleShot=True, interval=0)
        self._soon.timeout.connect(self._switch_to_kind)
        feed.files_changed.connect(self._paint_in_next_turn)
        feed.source_changed.connect(self._look)
        feed.situation_changed.connect(self._look)

    def put_up(self) -> None:
        """Arrange the docks for the first time, as the last session left them."""
        if self._settings.contains(_present_key(self.current)):
            # A layout can be restored only for docks that the window has.
            arrange(self._window, self._docks, WATCH)
        self._put_up()
        self.changed.emit()

    @property
    def home(self) -> str:
        """The dock that has the keyboard first."""
        built_in = _built_in(self.current)
        return built_in.home if built_in is not None else WATCH.home

    @property
    def host(self) -> str:
        """The dock beside which others come up that have no place."""
        built_in = _built_in(self.current)
        return built_in.guests if built_in is not None and built_in.guests in self._docks else WATCH.guests

    def names(self) -> list[str]:
        """All of them, the built-in ones first."""
        return [*(arrangement.name for arrangement in BUILT_IN), *self.own()]

    def own(self) -> list[str]:
        """Those that the user saved."""
        value = self._settings.value(_OWN) or []
        # A list of one comes back from an INI file as a string.
        return [value] if isinstance(value, str) else list(value)

    def title(self, name: str) -> str:
        """What the menus call it."""
        built_in = _built_in(name)
        return built_in.title if built_in is not None else name

    def choose(self, name: str) -> None:
        """The user wants this one, now and for whatever is of the same kind as what is open."""
        self._soon.stop()
        if self._kind:
            self._settings.setValue(f"{_FOR}/{self._kind}", name)
        self._switch(name)

    def save_as(self, name: str) -> None:
        """Keep the present layout under a name of the user's own; one of that name is replaced."""
        self.save()
        self._settings.setValue(_OWN, sorted({*self.own(), name}))
        save_layout(self._window, self._docks, self._settings, _kept_key(name))
        self.current = name
        self.choose(name)
        self.save()
        self.changed.emit()

    def can_be_named(self, name: str) -> bool:
        """Whether a perspective of the user's own may have this name."""
        return bool(name) and name.casefold() not in {title.casefold() for a in BUILT_IN for title in (a.name, a.title)}

    def delete(self, name: str) -> None:
        """Forget one of the user's own; the one for what is open takes its place."""
        self._settings.setValue(_OWN, [own for own in self.own() if own != name])
        for key in (_kept_key(name), _present_key(name)):
            self._settings.remove(key)
            self._settings.remove(f"{key}-docks")
        for kind in _KINDS:
            if self._settings.value(f"{_FOR}/{kind}") == name:
                self._settings.remove(f"{_FOR}/{kind}")
        if self.current == name:
            self.current = ""
            self._switch(self._fitting().name)
        self.changed.emit()

    def reset(self) -> None:
        """The present one as it was found, or as it was saved."""
        built_in = _built_in(self.current)
        with self._docks_moving():
            if built_in is not None:
                arrange(self._window, self._docks, built_in)
            else:
                self._restore(_kept_key(self.current))
        self.arranged.emit()

    def save(self) -> None:
        """Remember how the present one was left."""
        if self.current:
            save_layout(self._window, self._docks, self._settings, _present_key(self.current))
        self._settings.setValue(_CURRENT, self.current)

    def _look(self) -> None:
        """Something else may be open."""
        kind = self._kind_of_source()
        if kind == self._kind:
            return
        self._kind = kind
        if self._window.isVisible():
            # All panels have heard of the new source in this turn: moving them about is for the next one.
            self._soon.start()
        else:
            self._switch_to_kind()

    def _switch_to_kind(self) -> None:
        if self._kind:
            wanted = str(self._settings.value(f"{_FOR}/{self._kind}") or "")
            self._switch(wanted if wanted in self.names() else self._fitting().name)

    def _kind_of_source(self) -> str:
        source = self._feed.source
        if isinstance(source, LiveSource):
            return "demo" if source.client else "live"
        match self._feed.situation:
            case DatabaseFile():
                return "database"
            case CaptureFile():
                return "capture"
            case Opening() if isinstance(source, FileSource):
                # The docks stand right before the file is read, and before the window is first shown.
                return _KINDS_OF_FILES.get(_kind_of_file(source.path), self._kind)
        return "" if source is None else self._kind

    def _fitting(self) -> Arrangement:
        arrangement = _KINDS.get(self._kind, WATCH)
        return arrangement if arrangement.needs in self._docks else WATCH

    def _switch(self, name: str) -> None:
        if name != self.current:
            self.save()
            self.current = name
            self._put_up()
        self.changed.emit()

    def _put_up(self) -> None:
        self._paint_in_next_turn()
        with self._docks_moving():
            restored = self._restore(_present_key(self.current))
        if restored:
            self.arranged.emit()
        else:
            self.reset()

    def _paint_in_next_turn(self) -> None:
        """To move the docks, or to fill them with something else, and to paint all of them are two turns' work."""
        # Before the window's first picture Qt must not be kept from painting: it would never do so again.
        if self._window.isVisible() and self._making.painted:
            self._window.setUpdatesEnabled(False)
            self._paint.start()

    def _paint_now(self) -> None:
        self._window.setUpdatesEnabled(True)
        # A request that came meanwhile was refused, and Qt takes it for still under way: it would send no other until
        # something else has the whole window painted.
        QCoreApplication.postEvent(self._window, QEvent(QEvent.Type.UpdateRequest))

    @contextmanager
    def _docks_moving(self) -> Iterator[None]:
        """Whose dock is hidden for a moment would hand the keyboard on, for which all widgets are looked at."""
        had = self._window.focusWidget()
        if had is not None:
            had.clearFocus()
        with self._making.held():
            yield
        if had is not None:
            self._give_back(had)

    def _give_back(self, focus: QWidget) -> None:
        """The keyboard to where it was, if that is still in sight; its panel does not wait for its turn."""
        for dock in self._docks.values():
            if dock.isAncestorOf(focus) and in_sight(dock):
                dock.show_panel()
        if in_sight(focus):
            focus.setFocus(Qt.FocusReason.OtherFocusReason)

    def _restore(self, key: str) -> bool:
        return restore_layout(self._window, self._docks, self._settings, key, self.host)


def _kind_of_file(path: Path) -> FileKind:
    try:
        return recognise(path).kind if path.is_file() else FileKind.UNKNOWN
    except OSError:
        return FileKind.UNKNOWN


def _built_in(name: str) -> Arrangement | None:
    return next((arrangement for arrangement in BUILT_IN if arrangement.name == name), None)


def _key(group: str, name: str) -> str:
    # A slash in a name would be a folder of settings.
    return f"perspectives/{group}/{urlsafe_b64encode(name.encode()).decode().rstrip('=')}"


def _present_key(name: str) -> str:
    return _key("left", name)


def _kept_key(name: str) -> str:
    return _key("kept", name)
