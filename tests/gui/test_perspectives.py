"""Perspectives: what is opened brings its own, the user's choice and layouts are kept."""

from collections.abc import Callable
from pathlib import Path

import pytest
from PySide6.QtCore import QSettings, Qt
from PySide6.QtWidgets import QInputDialog, QMessageBox, QTabBar, QToolButton
from pytestqt.qtbot import QtBot

from inspector.ui.docks.arrangements import BUILT_IN, Split, Tabs
from inspector.ui.panels.registry import PANELS
from inspector.ui.sources import FileSource, Source
from inspector.ui.window import Window
from tests.recordings import CAPTURES

Opening = Callable[[Source | None], Window]
STATES = CAPTURES.parent / "databases" / "states"


def _names(node: Tabs | Split) -> list[str]:
    return list(node.names) if isinstance(node, Tabs) else [name for part in node.parts for name in _names(part)]


def _button(window: Window) -> str:
    button = window.findChild(QToolButton, "perspectiveButton")
    assert isinstance(button, QToolButton)
    return button.text()


def test_each_panel_stands_once_in_a_perspective_at_most(open_window: Opening) -> None:
    for arrangement in BUILT_IN:
        names = _names(arrangement.root)
        assert len(names) == len(set(names))
        assert arrangement.home in names
        assert arrangement.guests in names
    reachable = {name for arrangement in BUILT_IN for name in _names(arrangement.root)}
    assert {entry.name for entry in PANELS} <= reachable


def test_every_perspective_can_be_put_up_whatever_panels_there_are(open_window: Opening) -> None:
    window = open_window(None)
    for arrangement in (*BUILT_IN, *BUILT_IN[:1]):
        window.perspectives.choose(arrangement.name)
        shown = {name for name, dock in window.docks.items() if not dock.isHidden()}
        assert shown == set(_names(arrangement.root)) & set(window.docks)
        assert _button(window) == f"{arrangement.title} ▾"


def test_a_panel_that_a_perspective_hides_comes_up_when_it_is_asked_for(open_window: Opening) -> None:
    window = open_window(None)
    window.perspectives.choose("demo")
    assert window.docks["detail"].isHidden()
    window.selection.reveal("detail")
    assert window.docks["detail"].isVisible()
    assert not window.docks["detail"].isFloating()
    window.selection.reveal("a panel of a later day")


def test_a_layout_is_kept_for_each_perspective(open_window: Opening) -> None:
    window = open_window(None)
    window.docks["bytes"].close()
    window.perspectives.choose("diagnose")
    assert not window.docks["bytes"].isHidden()
    window.perspectives.choose("watch")
    assert window.docks["bytes"].isHidden()
    window.actions_.reset_layout.trigger()
    assert not window.docks["bytes"].isHidden()


def test_the_users_own_perspective_is_saved_found_again_and_deleted(
    open_window: Opening, monkeypatch: pytest.MonkeyPatch
) -> None:
    window = open_window(None)
    assert not window.actions_.delete_perspective.isEnabled()
    window.docks["detail"].close()
    answers = iter([("Watch", True), ("Two/columns & more", True)])
    monkeypatch.setattr(QInputDialog, "getText", lambda *_, **__: next(answers))
    told: list[str] = []
    monkeypatch.setattr(QMessageBox, "information", lambda *arguments: told.append(arguments[2]))
    window.actions_.save_perspective.trigger()
    assert told == ["“Watch” is the name of a built-in perspective."]
    assert window.perspectives.current == "Two/columns & more"
    window.perspectives.choose("watch")
    window.actions_.reset_layout.trigger()
    assert not window.docks["detail"].isHidden()
    window.perspectives.choose("Two/columns & more")
    assert window.docks["detail"].isHidden()
    window.close()

    second = open_window(None)
    assert second.perspectives.current == "Two/columns & more"
    assert second.docks["detail"].isHidden()
    second.docks["detail"].show()
    second.actions_.reset_layout.trigger()
    assert second.docks["detail"].isHidden()
    second.perspectives.delete("Two/columns & more")
    assert second.perspectives.own() == []
    assert second.perspectives.current == "watch"
    assert not second.docks["detail"].isHidden()


def test_what_is_opened_brings_its_perspective_unless_the_user_chose_another(
    open_window: Opening, open_file: Callable[[Path], Window], capture: Path, settings: QSettings
) -> None:
    window = open_window(None)
    window.perspectives.choose("demo")
    window.close()
    shown = open_file(capture)
    assert shown.perspectives.current == "watch"
    shown.perspectives.choose("demo")
    shown.close()
    database = open_file(STATES / "up-to-date.db")
    expected = "diagnose" if "findings" in database.docks else "watch"
    assert database.perspectives.current == expected
    database.close()
    assert open_file(capture).perspectives.current == "demo"


def test_a_panel_that_a_remembered_layout_does_not_know_is_hidden_at_its_home(
    open_window: Opening, settings: QSettings
) -> None:
    first = open_window(None)
    first.close()
    for key in settings.allKeys():
        if key.startswith("perspectives/left/") and key.endswith("-docks"):
            settings.setValue(key, [name for name in first.docks if name != "bytes"])
    second = open_window(None)
    assert second.docks["bytes"].isHidden()
    second.selection.reveal("bytes")
    assert second.docks["bytes"].isVisible()
    assert second.dockWidgetArea(second.docks["bytes"]) is Qt.DockWidgetArea.LeftDockWidgetArea


def test_opening_another_file_of_the_same_kind_leaves_the_layout(
    open_file: Callable[[Path], Window], capture: Path
) -> None:
    window = open_file(capture)
    window.docks["bytes"].close()
    window.open(FileSource(capture))
    assert window.docks["bytes"].isHidden()


def test_switching_leaves_no_tab_bars_of_places_that_are_gone(
    qtbot: QtBot, open_file: Callable[[Path], Window], capture: Path
) -> None:
    window = open_file(capture)

    def bars() -> int:
        own = [bar for bar in window.findChildren(QTabBar) if bar.parent() is window]
        return len([bar for bar in own if bar.isVisible() and bar.geometry().intersects(window.rect())])

    def places() -> int:
        groups = set()
        for dock in window.docks.values():
            beside = [it.objectName() for it in window.tabifiedDockWidgets(dock) if not it.isHidden()]
            if beside and not dock.isHidden():
                groups.add(frozenset([dock.objectName(), *beside]))
        return len(groups)

    for name in ("diagnose", "demo", "watch", "demo", "diagnose", "watch", "demo"):
        window.perspectives.choose(name)
        qtbot.waitUntil(lambda: bars() == places() > 0, timeout=5_000)


def test_a_panel_that_the_demo_has_no_place_for_leaves_the_story_in_front(open_window: Opening) -> None:
    window = open_window(None)
    window.perspectives.choose("demo")
    for name in ("detail", "sql", "row"):
        window.docks[name].show()
        assert window.docks[name] in window.tabifiedDockWidgets(window.docks["uploads"])
    assert {dock.objectName() for dock in window.tabifiedDockWidgets(window.docks["story"])} == {"faults"}
