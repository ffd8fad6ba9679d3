"""Panels that are taken out of the window, put back, closed and brought back."""

from collections.abc import Callable
from pathlib import Path

import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtWidgets import QApplication, QMainWindow, QSplitter, QTabBar, QToolButton, QWidget
from pytestqt.qtbot import QtBot

from inspector.ui.app import close_windows
from inspector.ui.docks.dock import Dock, TitleBar
from inspector.ui.sources import Source
from inspector.ui.theme import Appearance
from inspector.ui.window import Window
from tests.gui.looking import child
from tests.recordings import CAPTURES

Opening = Callable[[Source | None], Window]
LEFT = Qt.MouseButton.LeftButton


def _button(dock: Dock, text: str) -> QToolButton:
    return next(it for it in child(dock, TitleBar).findChildren(QToolButton) if it.text() == text)


def _beside(window: Window, name: str) -> set[str]:
    return {dock.objectName() for dock in window.tabifiedDockWidgets(window.docks[name])}


def _take_out(qtbot: QtBot, dock: Dock) -> None:
    dock.turn_in_or_out()
    qtbot.waitUntil(lambda: dock.isFloating() and dock.isVisible())


def _bottom(widget: QWidget) -> int:
    return widget.mapToGlobal(widget.rect().bottomLeft()).y()


def test_a_panel_behind_a_tab_is_taken_out_where_one_sees_it_and_put_back(qtbot: QtBot, open_window: Opening) -> None:
    window = open_window(None)
    dock = window.docks["events"]
    before = _beside(window, "events")
    _take_out(qtbot, dock)
    assert dock.screen().availableGeometry().contains(dock.geometry())
    assert dock.width() >= 300
    assert dock.height() >= 200
    assert dock.windowTitle() == "Events"
    qtbot.mouseClick(_button(dock, "Put back"), LEFT)
    assert not dock.isFloating()
    assert _beside(window, "events") == before
    qtbot.waitUntil(lambda: not dock.visibleRegion().isEmpty())
    assert _button(dock, "Put back").isHidden()


def test_a_low_panel_that_is_dragged_out_grows_once_it_is_let_go(qtbot: QtBot, open_window: Opening) -> None:
    window = open_window(None)
    dock = window.docks["uploads"]
    dock.setFloating(True)
    dock.resize(280, 120)
    qtbot.waitUntil(lambda: dock.height() >= 200 and dock.width() >= 300)


def test_a_panel_without_a_place_in_the_window_is_put_back_by_a_double_click(
    qtbot: QtBot, open_window: Opening
) -> None:
    window = open_window(None)
    dock = window.docks["events"]
    _take_out(qtbot, dock)
    window.removeDockWidget(dock)
    dock.show()
    qtbot.mouseDClick(child(dock, TitleBar), LEFT, pos=QPoint(200, 10))
    assert not dock.isFloating()
    assert "frames" in _beside(window, "events")


def test_a_panel_out_of_the_window_is_closed_and_comes_back_by_the_menu(qtbot: QtBot, open_window: Opening) -> None:
    window = open_window(None)
    dock = window.docks["buckets"]
    _take_out(qtbot, dock)
    close = _button(dock, "✕")
    assert close.accessibleName() == "Close “Buckets”"
    qtbot.mouseClick(close, LEFT)
    assert dock.isHidden()
    assert not dock.toggleViewAction().isChecked()
    dock.toggleViewAction().trigger()
    assert dock.isVisible()


@pytest.mark.parametrize("name", ["events", "timeline", "detail"])
def test_reset_layout_brings_back_what_was_taken_out(qtbot: QtBot, open_window: Opening, name: str) -> None:
    window = open_window(None)
    before = _beside(window, name)
    _take_out(qtbot, window.docks[name])
    window.actions_.reset_layout.trigger()
    assert not window.docks[name].isFloating()
    assert _beside(window, name) == before


def test_a_perspective_that_was_never_put_up_takes_in_what_was_out(qtbot: QtBot, open_window: Opening) -> None:
    window = open_window(None)
    _take_out(qtbot, window.docks["events"])
    _take_out(qtbot, window.docks["row"])
    window.perspectives.choose("demo")
    assert "frames" in _beside(window, "events")
    assert not [name for name, dock in window.docks.items() if dock.isFloating()]
    window.perspectives.choose("watch")
    assert window.docks["events"].isFloating()
    assert window.docks["row"].isVisible()


def test_what_is_out_is_out_at_the_next_start_and_in_a_perspective_of_the_users_own(
    qtbot: QtBot, open_window: Opening
) -> None:
    window = open_window(None)
    _take_out(qtbot, window.docks["events"])
    window.docks["events"].setGeometry(200, 150, 500, 320)
    window.perspectives.save_as("Mine")
    window.perspectives.choose("watch")
    window.actions_.reset_layout.trigger()
    assert not window.docks["events"].isFloating()
    window.perspectives.choose("Mine")
    assert window.docks["events"].isFloating()
    window.close()
    second = open_window(None)
    assert second.perspectives.current == "Mine"
    assert second.docks["events"].isFloating()
    assert second.docks["events"].size().toTuple() == (500, 320)
    second.perspectives.choose("watch")
    assert not second.docks["events"].isFloating()


def test_what_is_out_stays_out_when_a_signal_ends_the_program(
    qtbot: QtBot, qapp: QApplication, open_window: Opening
) -> None:
    window = open_window(None)
    for name in ("events", "row", "sql"):
        _take_out(qtbot, window.docks[name])
    close_windows(qapp)
    assert not window.isVisible()
    second = open_window(None)
    assert {name for name, dock in second.docks.items() if dock.isFloating() and dock.isVisible()} == {
        "events",
        "row",
        "sql",
    }


def test_a_panel_alone_in_its_place_has_its_title_above_it_and_nothing_under_the_title(
    qtbot: QtBot, open_window: Opening
) -> None:
    window = open_window(None)
    for name in ("uploads", "events", "faults"):
        window.docks[name].close()
    alone = window.docks["findings"]
    bar = child(alone, TitleBar)
    qtbot.waitUntil(lambda: bar.height() > 0 and alone.panel.isVisible())
    qtbot.waitUntil(lambda: alone.panel.mapToGlobal(QPoint()).y() == _bottom(bar) + 1)
    window.docks["events"].show()
    qtbot.waitUntil(lambda: alone.panel.mapTo(alone, QPoint()).y() == 0)


def test_no_panel_can_be_dropped_on_one_that_is_out_which_ends_the_program_in_qt(
    qtbot: QtBot, open_window: Opening
) -> None:
    window = open_window(None)
    grouped = QMainWindow.DockOption.GroupedDragging
    assert grouped in window.dockOptions()
    dock = window.docks["events"]
    dock.setFloating(True)
    assert grouped not in window.dockOptions()
    qtbot.waitUntil(lambda: grouped in window.dockOptions())
    bar = child(dock, TitleBar)
    qtbot.mousePress(bar, LEFT, pos=QPoint(200, 10))
    assert grouped not in window.dockOptions()
    qtbot.mouseRelease(bar, LEFT, pos=QPoint(200, 10))
    qtbot.waitUntil(lambda: grouped in window.dockOptions())


def test_going_to_a_panel_that_is_out_makes_its_window_the_active_one(qtbot: QtBot, open_window: Opening) -> None:
    window = open_window(None)
    _take_out(qtbot, window.docks["frames"])
    window.activateWindow()
    qtbot.waitUntil(window.isActiveWindow)
    window.front.show("frames")
    qtbot.waitUntil(window.docks["frames"].isActiveWindow)


def test_tabs_of_what_stays_lose_the_tab_of_what_went(qtbot: QtBot, open_window: Opening) -> None:
    window = open_window(None)

    def tabs() -> set[str]:
        bars = [bar for bar in window.findChildren(QTabBar) if bar.isVisible()]
        return {bar.tabText(place) for bar in bars for place in range(bar.count())}

    qtbot.waitUntil(lambda: "Events" in tabs())
    _take_out(qtbot, window.docks["events"])
    qtbot.waitUntil(lambda: "Events" not in tabs())


@pytest.mark.parametrize(("name", "way"), [("buckets", 60), ("checksums", 60), ("data", 37), ("sql", 12)])
def test_how_a_panels_room_is_shared_is_remembered_and_no_part_goes_away(
    qtbot: QtBot, open_file: Callable[[Path], Window], name: str, way: int
) -> None:
    database = CAPTURES.parent / "databases" / "states" / "up-to-date.db"

    def split_in(window: Window) -> QSplitter:
        window.front.show(name)
        split = child(window.docks[name].panel, QSplitter)
        qtbot.waitUntil(lambda: split.isVisible() and all(size > 0 for size in split.sizes()[:2]))
        return split

    first = open_file(database)
    split = split_in(first)
    handle = split.handle(1)
    assert handle is not None
    qtbot.mousePress(handle, LEFT)
    qtbot.mouseMove(handle, QPoint(way, way))
    qtbot.mouseRelease(handle, LEFT, pos=QPoint(way, way))
    moved = split.sizes()
    assert min(moved[:2]) > 30
    first.close()
    again = split_in(open_file(database))
    same_share = again.sizes()[0] / sum(again.sizes()) == pytest.approx(moved[0] / sum(moved), abs=0.03)
    assert same_share or again.sizes()[0] == moved[0]  # what is larger or smaller than then belongs to the rows
    handle = again.handle(1)
    assert handle is not None
    qtbot.mousePress(handle, LEFT)
    qtbot.mouseMove(handle, QPoint(-3_000, -3_000))
    qtbot.mouseRelease(handle, LEFT, pos=QPoint(-3_000, -3_000))
    assert again.sizes()[0] > 30


@pytest.mark.parametrize("steps", [0, 5])
def test_the_place_to_search_is_there_with_large_text_in_a_narrow_window(
    qtbot: QtBot, open_window: Opening, appearance: Appearance, steps: int
) -> None:
    window = open_window(None)
    window.resize(1280 if steps else 2_560, 800)
    try:
        appearance.zoom_by(steps)
        box = child(window, QToolButton, "searchBox")
        qtbot.waitUntil(lambda: box.isVisible() and 100 < box.width() <= 270)
        assert window.rect().contains(box.mapTo(window, box.rect().bottomRight()))
    finally:
        appearance.zoom_by(0)
