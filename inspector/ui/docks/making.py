"""When docks' panels are made and shown: those in sight at once, those with a badge while nothing else is to do.

A window that comes up is painted first, with what its state sentence says, and has its panels in the turns after.
All others wait until they come into sight, or until somebody needs them; they are imported by then.
"""

import time
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from functools import partial
from importlib import import_module

from PySide6.QtCore import QEvent, QObject, QTimer, Signal
from PySide6.QtWidgets import QWidget

from inspector.ui.background import Background
from inspector.ui.docks.dock import Dock
from inspector.ui.on_screen import in_sight

_SOON_MS = 8
"""Between two steps that the user waits for: painting has a turn of its own."""
_NEXT_MS = 1
"""The same for panels that are there already, which takes less."""
_PAUSE_MS = 40
"""Between two steps that nobody waits for."""
_IMPORTING_S = 0.01
"""Processor time after which what else is to be imported waits for another turn."""
_AT_WORK_S = 0.012
"""Processor time of the window's thread in a pause from which on it is at something that the user sees."""
_PATIENCE_S = 1.5
"""A window on a busy stream is always at something: then what nobody waits for is done all the same."""


class Making(QObject):
    """Makes panels one a turn of the event loop, so that no turn is long; `badges` names docks that have one.

    `plain` names modules without Qt that panels need and that take long to import, which another thread can do. While
    the window is `busy` with what the user did, nothing is made that nobody waits for.
    """

    rested = Signal()
    """Nothing is left to import, and nothing to make that nobody asks for; told once."""

    def __init__(
        self,
        docks: Iterable[Dock],
        badges: Iterable[str],
        plain: Iterable[str],
        busy: Callable[[], bool],
        window: QWidget,
    ) -> None:
        super().__init__(window)
        self._docks, self._window = list(docks), window
        self._badges, self._busy = set(badges), busy
        self._plain = tuple(plain)
        self._background = Background(self)
        self._held = self._stopped = self._rested = False
        self.painted = False
        """Whether the window has been painted yet."""
        window.installEventFilter(self)
        self._soon = QTimer(self, singleShot=True)
        self._soon.timeout.connect(self._fill_next_in_sight)
        self._idle = QTimer(self, singleShot=True, interval=_PAUSE_MS)
        self._idle.timeout.connect(self._go_on)
        self._used = 0.0
        """Processor time of this thread when the pause began."""
        self._waiting_since: float | None = None
        for dock in self._docks:
            dock.visibilityChanged.connect(partial(self._appeared, dock))

    @contextmanager
    def held(self) -> Iterator[None]:
        """While docks are moved about, many come into sight and go again, and each is shown anew with all that is in
        it. So they are empty meanwhile; those that stay in sight have their panels in the turns after."""
        if self._in_force:
            for dock in self._docks:
                dock.hide_panel()
        self._held = True
        try:
            yield
        finally:
            self._held = False
            if self._in_force:
                self._soon.start(_NEXT_MS)

    @property
    def _in_force(self) -> bool:
        return not self._stopped and self.painted and self._window.isVisible()

    def stop(self) -> None:
        """Make no more; nothing is imported any more when this returns."""
        self._stopped = True
        self._soon.stop()
        self._idle.stop()
        self._background.close()

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if event.type() is QEvent.Type.Paint and not self.painted:
            self.painted = True
            # Not from within its own event: Qt goes on through the filters that there were.
            QTimer.singleShot(0, self, lambda: self._window.removeEventFilter(self))
            if not self._stopped:
                self._soon.start(0)
        return False

    def _appeared(self, dock: Dock, visible: bool) -> None:
        if self._held or not self._in_force:
            return
        if visible and not dock.is_made:  # to import, to make and to show it are turns of their own
            self._soon.start(0)
            return
        if visible:
            dock.show_panel()
        self._pause()

    def _fill_next_in_sight(self) -> None:
        wanted = next((dock for dock in self._docks if not dock.is_shown and in_sight(dock)), None)
        if wanted is None:
            self._pause()
        elif wanted.is_made:
            wanted.show_panel()
            self._soon.start(_NEXT_MS)
        else:
            _step(wanted)
            self._soon.start(_SOON_MS)

    def _pause(self) -> None:
        self._used = time.thread_time()
        self._idle.start()

    def _go_on(self) -> None:
        """One step for what nobody waits for yet: first what is behind a tab, then what has none."""
        if self._busy() or self._at_work():
            self._pause()
            return
        if self._plain:
            modules, self._plain = self._plain, ()
            self._background.run(lambda: [import_module(name) for name in modules], lambda _: self._pause())
            return
        behind = [dock for dock in self._docks if not dock.is_made]
        behind.sort(key=lambda dock: (dock.isHidden(), dock.objectName() not in self._badges))
        for dock in behind:
            if not dock.is_loaded or (dock.objectName() in self._badges and not dock.isHidden()):
                _step(dock)
                self._pause()
                return
        if not self._rested:
            self._rested = True
            self.rested.emit()

    def _at_work(self) -> bool:
        """Whether this thread had something to do in the pause: scrolling, painting, what came in."""
        if time.thread_time() - self._used < _AT_WORK_S:
            self._waiting_since = None
            return False
        if self._waiting_since is None:
            self._waiting_since = time.monotonic()
        if time.monotonic() - self._waiting_since < _PATIENCE_S:
            return True
        self._waiting_since = None
        return False


def _step(dock: Dock) -> None:
    """A part of what it takes to make a panel."""
    if dock.is_loaded:
        dock.make()
        return
    end = time.thread_time() + _IMPORTING_S
    while not dock.is_loaded and time.thread_time() < end:
        dock.load_part()
