"""Docks that are taken out of the window: where they stand, how large they are, and how they come back."""

from collections.abc import Callable, Iterable

from PySide6.QtCore import QObject, QPoint, QRect, QSize, Qt, QTimer
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QMainWindow, QWidget

from inspector.ui.docks.dock import Dock
from inspector.ui.fonts import zoomed
from inspector.ui.on_screen import in_sight

_IN_HAND = QMainWindow.DockOption.AllowNestedDocks | QMainWindow.DockOption.AllowTabbedDocks
"""Without grouped dragging: to drop a floating dock on another one ends the program, in Qt 6.11."""
_IN_THE_WINDOW = _IN_HAND | QMainWindow.DockOption.GroupedDragging
"""With it a tab can be dragged out of its row."""
_LEAST = QSize(300, 200)
"""Pixels at usual text: one that is smaller, as a low row of the window is, shows too little to be worth a window."""
_USUAL = QSize(560, 360)
"""Pixels at usual text."""
_IN_HAND_MS = 100
_OFFSET = QPoint(24, 24)
"""From the place in the window, so that one sees that it was taken out."""


class Floating(QObject):
    """Takes docks out of `window` and puts them back; one without a place there any more comes up beside `host`."""

    def __init__(self, window: QMainWindow, docks: Iterable[Dock], host: Callable[[], Dock]) -> None:
        super().__init__(window)
        self._window, self._host = window, host
        window.setDockOptions(_IN_THE_WINDOW)
        for dock in docks:
            dock.taking_out_wanted.connect(lambda dock=dock: self.take_out(dock))
            dock.putting_back_wanted.connect(lambda dock=dock: self.put_back(dock))
            dock.taken_in_hand.connect(lambda dock=dock: self._in_hand(dock))
            dock.topLevelChanged.connect(lambda out, dock=dock: self._in_hand(dock) if out else None)
        self._held: list[Dock] = []
        self._let_go = QTimer(self, interval=_IN_HAND_MS)
        self._let_go.timeout.connect(self._look_at_those_let_go)

    def take_out(self, dock: Dock) -> None:
        """Give `dock` a window of its own, near the place where it stood."""
        place = next((it for it in (dock, *self._window.tabifiedDockWidgets(dock)) if in_sight(it)), None)
        corner = (place or self._window).mapToGlobal(QPoint()) + _OFFSET
        size = place.size() if place is not None else QSize()
        dock.setFloating(True)
        dock.show()
        dock.setGeometry(_on_screen(QRect(corner, _worth_a_window(size)), dock))
        bring_to_front(dock)

    def put_back(self, dock: Dock) -> None:
        """Into the place that the window has for it, else beside the host; with the keyboard, which it had."""
        give_place(self._window, dock, self._host())
        dock.setFloating(False)
        dock.raise_()
        self._window.activateWindow()
        dock.take_focus()

    def _in_hand(self, dock: Dock) -> None:
        if dock not in self._held:
            self._held.append(dock)
        self._window.setDockOptions(_IN_HAND)
        self._let_go.start()

    def _look_at_those_let_go(self) -> None:
        """While the user drags one, Qt changes its mind about where it is, and must not find it of another size."""
        if QGuiApplication.mouseButtons() is not Qt.MouseButton.NoButton:
            return
        self._let_go.stop()
        self._window.setDockOptions(_IN_THE_WINDOW)
        held, self._held = self._held, []
        for dock in held:
            if dock.isFloating() and dock.isVisible() and (size := _worth_a_window(dock.size())) != dock.size():
                dock.setGeometry(_on_screen(QRect(dock.pos(), size), dock))


def give_place(window: QMainWindow, dock: Dock, host: Dock) -> None:
    """Have `window` know where `dock` belongs, without which Qt does not put it back; beside `host` if nowhere."""
    if window.dockWidgetArea(dock) is not Qt.DockWidgetArea.NoDockWidgetArea:
        return
    if host is dock or host.isFloating() or window.dockWidgetArea(host) is Qt.DockWidgetArea.NoDockWidgetArea:
        window.addDockWidget(Qt.DockWidgetArea.LeftDockWidgetArea, dock)
    else:
        window.tabifyDockWidget(host, dock)


def bring_to_front(dock: Dock) -> None:
    """In front of its tabs, and of other windows where it has its own."""
    dock.raise_()
    if dock.isFloating():
        dock.activateWindow()


def _worth_a_window(size: QSize) -> QSize:
    least, usual = (QSize(zoomed(it.width()), zoomed(it.height())) for it in (_LEAST, _USUAL))
    return QSize(
        size.width() if size.width() >= least.width() else usual.width(),
        size.height() if size.height() >= least.height() else usual.height(),
    )


def _on_screen(wanted: QRect, near: QWidget) -> QRect:
    screen = QGuiApplication.screenAt(wanted.topLeft()) or near.screen()
    room = screen.availableGeometry()
    place = QRect(wanted.topLeft(), wanted.size().boundedTo(room.size()))
    place.moveRight(min(place.right(), room.right()))
    place.moveBottom(min(place.bottom(), room.bottom()))
    place.moveLeft(max(place.left(), room.left()))
    place.moveTop(max(place.top(), room.top()))
    return place
