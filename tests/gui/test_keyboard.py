"""Where the keyboard goes: from panel to panel as they stand in the window, and never behind a tab."""

import shutil
from collections.abc import Callable
from functools import partial
from pathlib import Path

from PySide6.QtCore import QSettings, Qt, QTimer
from PySide6.QtGui import QContextMenuEvent
from PySide6.QtWidgets import QAbstractItemView, QApplication, QMenu, QTabBar, QToolBar
from pytestqt.qtbot import QtBot

from inspector.ui.mnemonics import lettered
from inspector.ui.on_screen import in_sight
from inspector.ui.selection import RowKey
from inspector.ui.sources import FileSource
from inspector.ui.theme import Appearance
from inspector.ui.widgets.row_table import RowTable
from inspector.ui.window import Window
from tests.gui.conftest import PATIENCE_MS
from tests.gui.looking import column_of, frames_of
from tests.store.database_files import state

Opening = Callable[[Path], Window]


def held(qtbot: QtBot, open_file: Opening) -> Window:
    """A file that is diagnosed, in a window that has the keyboard."""
    window = open_file(state("held-by-uploads"))
    window.activateWindow()
    in_front = [dock for dock in window.docks.values() if in_sight(dock)]
    qtbot.waitUntil(lambda: all(dock.is_shown for dock in in_front), timeout=PATIENCE_MS)
    qtbot.waitUntil(lambda: place_of(window) == "findings", timeout=PATIENCE_MS)
    # The top finding's row is read in the background; until then its panel has nothing that takes keys.
    lists = window.docks["row"].findChildren(QAbstractItemView)
    qtbot.waitUntil(lambda: any(map(in_sight, lists)), timeout=PATIENCE_MS)
    return window


def place_of(window: Window) -> str:
    """The dock, bar or row of tabs that has the keyboard."""
    focused = window.focusWidget()
    if isinstance(focused, QTabBar):
        return "tabs"
    if any(bar.isAncestorOf(focused) for bar in window.findChildren(QToolBar) if focused is not None):
        return "bar"
    return next((name for name, dock in window.docks.items() if focused and dock.isAncestorOf(focused)), "")


def tab_round(qtbot: QtBot, window: Window, key: Qt.Key) -> list[str]:
    """Where the keyboard comes by until it is back where it was; each place once."""
    places: list[str] = []
    first = window.focusWidget()
    for _ in range(60):
        focused = window.focusWidget()
        assert focused is not None
        qtbot.keyClick(focused, key)
        now = window.focusWidget()
        assert now is not None
        assert in_sight(now)
        if not places or places[-1] != place_of(window):
            places.append(place_of(window))
        if now is first:
            break
    return [place for place in places if place != "tabs"]


def test_the_keyboard_begins_in_the_list_that_the_perspective_is_for(qtbot: QtBot, open_file: Opening) -> None:
    window = held(qtbot, open_file)
    focused = window.focusWidget()
    assert focused is not None
    assert focused.objectName() == "findings"


def test_the_panel_that_another_perspective_begins_with_does_not_take_the_keyboard(
    qtbot: QtBot, settings: QSettings, appearance: Appearance
) -> None:
    window = Window(settings, appearance)
    window.perspectives.choose("watch")
    window.perspectives.choose("demo")
    window.show()
    window.activateWindow()
    frames = window.docks["frames"]
    assert in_sight(frames)
    assert frames.panel is not None, "it is made before the story is"
    qtbot.waitUntil(lambda: place_of(window) == "story", timeout=PATIENCE_MS)
    window.close()
    window.deleteLater()


def test_tab_goes_from_panel_to_panel_as_they_stand_and_skips_those_behind_others(
    qtbot: QtBot, open_file: Opening
) -> None:
    window = held(qtbot, open_file)
    round_trip = tab_round(qtbot, window, Qt.Key.Key_Tab)
    assert round_trip == ["findings", "finding", "uploads", "row", "bar", "findings"]
    backwards = tab_round(qtbot, window, Qt.Key.Key_Backtab)
    assert backwards == ["bar", "row", "uploads", "finding", "findings"]


def test_a_click_on_a_tab_gives_the_keyboard_to_its_panel(qtbot: QtBot, open_file: Opening) -> None:
    window = held(qtbot, open_file)
    for title, wanted in (("SQL", "sqlEditor"), ("Uploads", "pendingWrites"), ("Finding", "evidence")):
        bar, index = tab_of(window, title)
        qtbot.mouseClick(bar, Qt.MouseButton.LeftButton, pos=bar.tabRect(index).center())
        qtbot.waitUntil(partial(has_keyboard, window, wanted), timeout=PATIENCE_MS)


def tab_of(window: Window, title: str) -> tuple[QTabBar, int]:
    """The tab of the panel that is called so."""
    for bar in window.findChildren(QTabBar):
        for index in range(bar.count()):
            if bar.isVisible() and bar.tabText(index).split("  ")[0] == title:
                return bar, index
    raise AssertionError(title)


def has_keyboard(window: Window, wanted: str) -> bool:
    focused = window.focusWidget()
    return focused is not None and focused.objectName() == wanted


def chosen_from_menu(table: RowTable, *titles: str) -> None:
    """Ask for the menu as the Menu key does, and choose what is called so in it, from menu to menu."""
    found: list[str] = []

    def choose() -> None:
        menu = QApplication.activePopupWidget()
        assert isinstance(menu, QMenu)
        top = menu
        for title in titles:
            found[:] = [action.text() for action in menu.actions()]
            action = next(each for each in menu.actions() if each.text() == title)
            inner = action.menu()
            if isinstance(inner, QMenu):
                menu = inner
            else:
                action.trigger()
        top.close()

    QTimer.singleShot(0, choose)
    middle = table.viewport().rect().center()
    event = QContextMenuEvent(QContextMenuEvent.Reason.Keyboard, middle, table.viewport().mapToGlobal(middle))
    QApplication.sendEvent(table.viewport(), event)
    assert titles[-1] in found


def test_shift_and_f10_ask_for_the_menu_of_the_row_that_has_the_keyboard(
    qtbot: QtBot, open_file: Opening, capture: Path
) -> None:
    window = open_file(capture)
    window.activateWindow()
    table = frames_of(window).table
    table.choose_row(table.rows_on_screen()[2])
    table.setFocus()
    found: list[str] = []

    def look() -> None:
        menu = QApplication.activePopupWidget()
        assert isinstance(menu, QMenu)
        found.extend(action.text() for action in menu.actions())
        menu.close()

    QTimer.singleShot(0, look)
    qtbot.keyClick(table, Qt.Key.Key_F10, Qt.KeyboardModifier.ShiftModifier)
    assert "Copy" in found
    assert "Reveal in" in found


def test_the_menu_key_sorts_a_list_and_chooses_its_columns(qtbot: QtBot, open_file: Opening, capture: Path) -> None:
    panel = frames_of(open_file(capture))
    table, header = panel.table, panel.table.header
    table.choose_row(0)
    chosen_from_menu(table, "Sort by", "Bytes")
    qtbot.waitUntil(lambda: panel.model.sorted, timeout=PATIENCE_MS)
    assert header.sortIndicatorOrder() is Qt.SortOrder.DescendingOrder
    chosen_from_menu(table, "Sort by", "Bytes ▼")
    assert header.sortIndicatorOrder() is Qt.SortOrder.AscendingOrder
    chosen_from_menu(table, "Sort by", "Bytes ▲")
    assert not panel.model.sorted
    ops = column_of(table, "Ops")
    hidden = header.isSectionHidden(ops)
    chosen_from_menu(table, "Columns", "Ops")
    assert header.isSectionHidden(ops) is not hidden


def test_the_menu_key_sorts_the_rows_of_a_table(qtbot: QtBot, open_file: Opening) -> None:
    window = open_file(state("held-by-uploads"))
    window.activateWindow()
    window.selection.reveal("data")
    window.selection.choose_row(RowKey("lists", "list-1"))

    def table() -> RowTable | None:
        return window.docks["data"].panel.findChild(RowTable, "data-lists")

    qtbot.waitUntil(lambda: (shown := table()) is not None and shown.row_model.row_count() > 0, timeout=PATIENCE_MS)
    shown = table()
    assert shown is not None
    chosen_from_menu(shown, "Sort by", "name")
    assert shown.header.isSortIndicatorShown()
    assert shown.header.sortIndicatorSection() == column_of(shown, "name")


def test_every_entry_of_a_menu_has_a_letter_of_its_own_while_the_menu_is_open(qtbot: QtBot, open_file: Opening) -> None:
    window = held(qtbot, open_file)
    bar = window.menuBar()
    for menu in (action.menu() for action in bar.actions() if action.isVisible()):
        assert isinstance(menu, QMenu)
        before = [action.text() for action in menu.actions()]
        menu.popup(window.pos())
        qtbot.waitUntil(menu.isVisible)
        letters = [text[text.index("&") + 1].lower() for action in menu.actions() if "&" in (text := action.text())]
        entries = [action for action in menu.actions() if action.isVisible() and not action.isSeparator()]
        assert len(letters) == len(entries) or len(letters) > 20, "there are no more letters"
        assert len(set(letters)) == len(letters)
        menu.close()
        assert [action.text() for action in menu.actions()] == before, "buttons and the palette show no letters"


def test_a_letter_chooses_its_entry(qtbot: QtBot, open_file: Opening) -> None:
    window = held(qtbot, open_file)
    menu = next(action.menu() for action in window.menuBar().actions() if action.text() == "&Go")
    assert isinstance(menu, QMenu)
    menu.popup(window.pos())
    qtbot.waitUntil(menu.isVisible)
    text = next(action.text() for action in menu.actions() if action.text().replace("&", "") == "Go to Uploads")
    qtbot.keyClick(menu, text[text.index("&") + 1].lower())
    assert not menu.isVisible()
    qtbot.waitUntil(lambda: place_of(window) == "uploads", timeout=PATIENCE_MS)


def test_letters_are_spread_so_that_each_entry_gets_one() -> None:
    assert lettered(["Connect", "Open", "Open recent", "Close"]) == ["&Connect", "&Open", "Open &recent", "C&lose"]
    assert lettered(["Cab", "Ca", "C"]) == ["Ca&b", "C&a", "&C"], "who has another letter to go to makes room"
    assert lettered(["&Quit", "Quiet", "A && B", "…"]) == ["&Quit", "Q&uiet", "&A && B", "…"]


def test_files_of_one_name_are_told_apart_and_what_is_no_file_is_not_remembered(
    open_file: Opening, tmp_path: Path
) -> None:
    for folder in ("before", "after"):
        (tmp_path / folder).mkdir()
        shutil.copyfile(state("up-to-date"), tmp_path / folder / "client.db")
    window = open_file(tmp_path / "before" / "client.db")
    window.open(FileSource(tmp_path / "after" / "client.db"))
    window.open(FileSource(tmp_path / "nothing.db"))
    window.open(FileSource(tmp_path))
    menu = next(each for each in window.menuBar().findChildren(QMenu) if each.title() == "Open recent")
    menu.aboutToShow.emit()
    assert [action.text() for action in menu.actions()] == ["client.db in after", "client.db in before"]
