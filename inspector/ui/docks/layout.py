"""How the docks stand: the layout that a new user finds, and the one that was left."""

from collections.abc import Mapping

from PySide6.QtCore import QByteArray, QSettings, Qt
from PySide6.QtWidgets import QMainWindow

from inspector.ui.docks.dock import Dock

VERSION = 1
"""Grows when a remembered layout no longer fits the window's parts: such a one is not taken over."""

_LAYOUT, _GEOMETRY = "window/layout", "window/geometry"
_COLUMNS = ("buckets", "frames", "detail")
_SHARES = (300, 800, 340)
_LEAST = 300
"""Pixels that the buckets and the frames need."""
_LEAST_DETAIL = 280


def arrange_watch(window: QMainWindow, docks: Mapping[str, Dock]) -> None:
    """Buckets left, frames in the middle, detail and bytes right; the docks of a later day beside the frames."""
    for dock in docks.values():
        window.removeDockWidget(dock)
    left, middle, right = (docks[name] for name in _COLUMNS)
    window.addDockWidget(Qt.DockWidgetArea.LeftDockWidgetArea, left)
    window.splitDockWidget(left, middle, Qt.Orientation.Horizontal)
    window.splitDockWidget(middle, right, Qt.Orientation.Horizontal)
    window.tabifyDockWidget(right, docks["bytes"])
    for name, dock in docks.items():
        if name not in (*_COLUMNS, "bytes"):
            window.tabifyDockWidget(middle, dock)
    for dock in docks.values():
        dock.setFloating(False)
        dock.show()
    right.raise_()
    middle.raise_()
    share_width(window, docks)


def share_width(window: QMainWindow, docks: Mapping[str, Dock]) -> None:
    """Give the three columns their shares of the window's width."""
    shares = [share * window.width() // sum(_SHARES) for share in _SHARES]
    left, right = max(_LEAST, shares[0]), max(_LEAST_DETAIL, shares[2])
    widths = [left, max(_LEAST, window.width() - left - right), right]
    window.resizeDocks([docks[name] for name in _COLUMNS], widths, Qt.Orientation.Horizontal)


def save_layout(window: QMainWindow, settings: QSettings) -> None:
    """Remember where the docks and the window are."""
    settings.setValue(_LAYOUT, window.saveState(VERSION))
    settings.setValue(_GEOMETRY, window.saveGeometry())


def restore_layout(window: QMainWindow, settings: QSettings) -> bool:
    """Take over what was remembered; False when there is nothing, or it is of another version."""
    geometry, layout = settings.value(_GEOMETRY), settings.value(_LAYOUT)
    if isinstance(geometry, QByteArray):
        window.restoreGeometry(geometry)
    return isinstance(layout, QByteArray) and window.restoreState(layout, VERSION)
