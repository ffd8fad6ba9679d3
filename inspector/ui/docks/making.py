"""When docks' panels are made: those in sight at once, those whose tabs have a badge while nothing else is to do.

A window that comes up is painted first, with what its state sentence says, and has its panels in the turns after.
All others wait until they come into sight, or until somebody needs them; those behind tabs are imported by then.
"""

from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from functools import partial

from PySide6.QtCore import QEvent, QObject, QTimer
from PySide6.QtWidgets import QWidget

from inspector.ui.docks.dock import Dock
from inspector.ui.on_screen import in_sight

_SOON_MS = 8
"""Between two steps that the user waits for: painting has a turn of its own."""
_PAUSE_MS = 40
"""Between two steps that nobody waits for."""


class Making(QObject):
    """Makes panels one a turn of the event loop, so that no turn is long; `badges` names docks that have one.

    While the window is `busy` with what the user did, nothing is made that nobody waits for.
    """

    def __init__(self, docks: Iterable[Dock], badges: Iterable[str], busy: Callable[[], bool], window: QWidget) -> None:
        super().__init__(window)
        self._docks, self._window = list(docks), window
        self._badges, self._busy = set(badges), busy
        self._held = False
        self.painted = False
        """Whether the window has been painted yet."""
        window.installEventFilter(self)
        self._soon = QTimer(self, singleShot=True)
        self._soon.timeout.connect(self._make_next_in_sight)
        self._idle = QTimer(self, singleShot=True, interval=_PAUSE_MS)
        self._idle.timeout.connect(self._go_on)
        for dock in self._docks:
            dock.visibilityChanged.connect(partial(self._appeared, dock))

    @contextmanager
    def held(self) -> Iterator[None]:
        """While docks are moved about, many come into sight and go again; those that stay are made after it."""
        self._held = True
        try:
            yield
        finally:
            self._held = False
            if self.painted and self._window.isVisible():
                self._soon.start(_SOON_MS)

    def stop(self) -> None:
        """Make no more."""
        self._held = True
        self._soon.stop()
        self._idle.stop()

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if event.type() is QEvent.Type.Paint:
            watched.removeEventFilter(self)
            self.painted = True
            self._soon.start(0)
        return False

    def _appeared(self, dock: Dock, visible: bool) -> None:
        if self._held or not self.painted or not self._window.isVisible():
            return
        if visible:
            _ = dock.panel
        self._idle.start()

    def _make_next_in_sight(self) -> None:
        wanted = next((dock for dock in self._docks if not dock.is_made and in_sight(dock)), None)
        if wanted is None:
            self._idle.start()
            return
        _step(wanted)
        self._soon.start(_SOON_MS)

    def _go_on(self) -> None:
        """One step for what nobody waits for yet: what is behind a tab will be looked at."""
        if self._busy():
            self._idle.start()
            return
        behind = [dock for dock in self._docks if not dock.is_made and not dock.isHidden()]
        behind.sort(key=lambda dock: dock.objectName() not in self._badges)
        for dock in behind:
            if not dock.is_loaded or dock.objectName() in self._badges:
                _step(dock)
                self._idle.start()
                return


def _step(dock: Dock) -> None:
    """Half of what it takes to make a panel."""
    if dock.is_loaded:
        _ = dock.panel
    else:
        dock.load()
