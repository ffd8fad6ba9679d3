"""How the docks stand: put up as an arrangement says, remembered, and brought back."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import replace

from PySide6.QtCore import QByteArray, QSettings, Qt
from PySide6.QtWidgets import QMainWindow

from inspector.ui.docks.arrangements import Arrangement, Direction, Node, Split, Tabs
from inspector.ui.docks.dock import Dock

VERSION = 4
"""Grows when a remembered layout no longer fits the window's parts: such a one is not taken over."""

_GEOMETRY = "window/geometry"
_BARS = 125
"""Pixels of the window's height that menus, bars and the status line take."""
_ORIENTATION = {Direction.BESIDE: Qt.Orientation.Horizontal, Direction.BELOW: Qt.Orientation.Vertical}


def arrange(window: QMainWindow, docks: Mapping[str, Dock], arrangement: Arrangement) -> None:
    """Put the docks where `arrangement` has them; the others are hidden beside its guests' place."""
    root = _present(arrangement.root, docks)
    if root is None:
        return
    with _laid_out_once(window):
        for dock in docks.values():
            window.removeDockWidget(dock)
        window.addDockWidget(Qt.DockWidgetArea.LeftDockWidgetArea, docks[_first(root)])
        _place(window, docks, root)
        shown = _names(root)
        host = arrangement.guests if arrangement.guests in shown else shown[0]
        for name, dock in docks.items():
            if name not in shown:
                window.tabifyDockWidget(docks[host], dock)
            if dock.isFloating():  # Qt puts back only what has a place already
                dock.setFloating(False)
            dock.setVisible(name in shown)
    for front in _fronts(root):
        docks[front].raise_()
    _share(window, docks, root, window.width(), window.height() - _BARS)


@contextmanager
def _laid_out_once(window: QMainWindow) -> Iterator[None]:
    """Each dock that is shown would have all others laid out anew."""
    layout = window.layout()
    assert layout is not None
    layout.setEnabled(False)
    try:
        yield
    finally:
        layout.setEnabled(True)
        layout.activate()


def save_layout(window: QMainWindow, docks: Mapping[str, Dock], settings: QSettings, key: str) -> None:
    """Remember under `key` where the docks are."""
    settings.setValue(key, window.saveState(VERSION))
    # A dock that this layout has never seen is one of a later version.
    settings.setValue(f"{key}-docks", sorted(docks))


def restore_layout(window: QMainWindow, docks: Mapping[str, Dock], settings: QSettings, key: str, host: str) -> bool:
    """Take over what `key` remembers; False when there is nothing, or it is of another version.

    Docks that it does not know are hidden beside `host`.
    """
    layout, known = settings.value(key), settings.value(f"{key}-docks") or []
    if not isinstance(layout, QByteArray):
        return False
    with _laid_out_once(window):
        if not window.restoreState(layout, VERSION):
            return False
    for name in docks.keys() - set(known):
        window.removeDockWidget(docks[name])
        window.tabifyDockWidget(docks[host], docks[name])
        docks[name].hide()
    return True


def save_geometry(window: QMainWindow, settings: QSettings) -> None:
    """Remember where the window is."""
    settings.setValue(_GEOMETRY, window.saveGeometry())


def restore_geometry(window: QMainWindow, settings: QSettings) -> None:
    """Put the window where it was."""
    geometry = settings.value(_GEOMETRY)
    if isinstance(geometry, QByteArray):
        window.restoreGeometry(geometry)


def _present(node: Node, docks: Mapping[str, Dock]) -> Node | None:
    """`node` without the docks that there are not."""
    if isinstance(node, Tabs):
        names = tuple(name for name in node.names if name in docks)
        return replace(node, names=names) if names else None
    parts = tuple(part for child in node.parts if (part := _present(child, docks)) is not None)
    if len(parts) == 1:
        return replace(parts[0], share=node.share or parts[0].share)
    return replace(node, parts=parts) if parts else None


def _first(node: Node) -> str:
    return node.names[0] if isinstance(node, Tabs) else _first(node.parts[0])


def _names(node: Node) -> list[str]:
    return list(node.names) if isinstance(node, Tabs) else [name for part in node.parts for name in _names(part)]


def _fronts(node: Node) -> list[str]:
    return [node.names[0]] if isinstance(node, Tabs) else [name for part in node.parts for name in _fronts(part)]


def _place(window: QMainWindow, docks: Mapping[str, Dock], node: Node) -> None:
    """Put the rest of `node` around its first dock, which stands already: the outer splits before the inner ones."""
    if isinstance(node, Tabs):
        for place, name in zip(node.names, node.names[1:], strict=False):
            window.tabifyDockWidget(docks[place], docks[name])
        return
    for before, part in zip(node.parts, node.parts[1:], strict=False):
        window.splitDockWidget(docks[_first(before)], docks[_first(part)], _ORIENTATION[node.direction])
    for part in node.parts:
        _place(window, docks, part)


def _share(window: QMainWindow, docks: Mapping[str, Dock], node: Node, width: int, height: int) -> None:
    """Give the parts of each split their shares of its room, in pixels; the largest gives what others need at least."""
    if not isinstance(node, Split):
        return
    room = width if node.direction is Direction.BESIDE else height
    whole = sum(part.share for part in node.parts)
    sizes = [min(max(part.least, part.share * room // whole), part.most or room) for part in node.parts]
    largest = max(range(len(sizes)), key=lambda i: node.parts[i].share)
    sizes[largest] = max(1, room - (sum(sizes) - sizes[largest]))
    window.resizeDocks([docks[_first(part)] for part in node.parts], sizes, _ORIENTATION[node.direction])
    for part, size in zip(node.parts, sizes, strict=True):
        if node.direction is Direction.BESIDE:
            _share(window, docks, part, size, height)
        else:
            _share(window, docks, part, width, size)
