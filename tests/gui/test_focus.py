"""Whoever goes to a panel by key can go on by key: each panel names its first useful widget."""

from collections.abc import Callable
from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QAction
from PySide6.QtWidgets import QAbstractItemView, QApplication, QWidget
from pytestqt.qtbot import QtBot

from inspector.capture.reader import CaptureReader
from inspector.ui.panels.registry import PANELS
from inspector.ui.selection import RowKey
from inspector.ui.sources import Source
from inspector.ui.window import Window
from tests.gui.conftest import filled
from tests.gui.demo import Demo
from tests.store.database_files import state

PATIENCE_MS = 20_000
LISTS = {
    "buckets": "buckets",
    "streams": "streams",
    "connection": "connectionFacts",
    "frames": "frames",
    "checkpoints": "checkpoints",
    "checksums": "checksums",
    "data": "dataTables",
    "detail": "operations",
    "bytes": "hexView",
    "row": "rowSteps",
    "events": "events",
    "faults": "faults",
    "story": "story",
    "clients": "list-alice",
}
"""What each panel that is a list begins with; the others are to draw and to write in: their keys are their own."""
ONLY_FILE = {"uploads", "findings", "finding", "comparison"}
"""Nothing waits and nothing is wrong in a demo that has just begun."""


def go_to(window: Window, panel: str) -> None:
    action = window.findChild(QAction, f"goTo-{panel}")
    assert isinstance(action, QAction)
    action.trigger()


def at_keyboard(window: Window) -> QWidget:
    widget = window.focusWidget()
    assert widget is not None
    return widget


def test_down_moves_in_every_panel_that_one_goes_to(qtbot: QtBot, demo: Demo) -> None:
    window = demo.window
    qtbot.waitUntil(lambda: frame_with_operations(window) is not None, timeout=PATIENCE_MS)
    frame = frame_with_operations(window)
    window.selection.choose_frame(frame)
    qtbot.waitUntil(lambda: window.frame.content is not None, timeout=PATIENCE_MS)
    assert window.frame.content is not None
    operation = window.frame.content.operations[0].operation
    row = RowKey(operation.object_type or "", operation.object_id or "")
    for entry in PANELS:
        if entry.name not in ONLY_FILE:
            # Walking through a list has chosen others.
            window.selection.choose_frame(frame)
            window.selection.choose_row(row)
            qtbot.waitUntil(lambda: window.frame.content is not None and not window.frame.busy, timeout=PATIENCE_MS)
            go_to(window, entry.name)
            focused = keyboard_in(qtbot, window, entry.name)
            assert focused.isVisible()
            assert focused.accessibleName(), f"{entry.name} begins with a widget that has no name"
            if entry.name in LISTS:
                assert focused.objectName() == LISTS[entry.name]
                if entry.name != "events":  # none of those that are shown at first has come
                    down_moves(qtbot, focused)


def keyboard_in(qtbot: QtBot, window: Window, panel: str) -> QWidget:
    inside = window.docks[panel].panel
    qtbot.waitUntil(lambda: inside.isAncestorOf(at_keyboard(window)), timeout=PATIENCE_MS)
    return at_keyboard(window)


def down_moves(qtbot: QtBot, table: QWidget) -> None:
    assert isinstance(table, QAbstractItemView)
    model = table.model()
    qtbot.waitUntil(lambda: model.rowCount() > 0, timeout=PATIENCE_MS)
    table.setCurrentIndex(model.index(-1, -1))
    qtbot.keyClick(table, Qt.Key.Key_Down)
    first = table.currentIndex().row()
    assert first >= 0, f"Down does not move in {table.objectName()}"
    qtbot.keyClick(table, Qt.Key.Key_Down)
    assert table.currentIndex().row() == min(first + 1, model.rowCount() - 1)


def frame_with_operations(window: Window) -> int | None:
    path = window.feed.files.capture
    if path is None:
        return None
    with CaptureReader(path) as reader:
        return next((row.id for row in reader.frames(1, 200) if row.kind == "data"), None)


@pytest.mark.parametrize("panel", ["uploads", "findings", "finding", "comparison", "buckets", "data"])
def test_down_moves_in_the_panels_of_a_file(qtbot: QtBot, open_file: Callable[[Path], Window], panel: str) -> None:
    window = open_file(state("held-by-uploads"))
    qtbot.waitUntil(lambda: window.findings.chosen is not None, timeout=PATIENCE_MS)
    if panel == "comparison":
        window.docks[panel].panel.compare_with(state("up-to-date"))  # type: ignore[attr-defined]
    go_to(window, panel)
    down_moves(qtbot, keyboard_in(qtbot, window, panel))


def test_a_panel_with_nothing_to_show_takes_the_keyboard_in_when_it_has_something(
    qtbot: QtBot, open_window: Callable[[Source | None], Window], open_file: Callable[[Path], Window], capture: Path
) -> None:
    window = open_file(capture)
    go_to(window, "detail")
    dock, panel = window.docks["detail"], window.docks["detail"].panel
    QApplication.processEvents()
    assert dock.isAncestorOf(at_keyboard(window))
    assert at_keyboard(window).accessibleName() == "Detail"
    window.selection.choose_frame(2)
    qtbot.waitUntil(lambda: panel.isAncestorOf(at_keyboard(window)), timeout=PATIENCE_MS)
    assert at_keyboard(window).objectName() == "operations"


def test_the_write_that_is_shown_has_the_keyboard(qtbot: QtBot, open_file: Callable[[Path], Window]) -> None:
    window = open_file(state("held-by-uploads"))
    qtbot.waitUntil(lambda: filled(window), timeout=PATIENCE_MS)
    window.actions_.show_write.trigger()
    qtbot.waitUntil(lambda: at_keyboard(window).objectName() == "pendingWrites", timeout=PATIENCE_MS)
    table = at_keyboard(window)
    assert isinstance(table, QAbstractItemView)
    qtbot.waitUntil(lambda: table.currentIndex().row() == 0, timeout=PATIENCE_MS)
