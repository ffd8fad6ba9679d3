"""Back and forward restore all that was selected, and the panel where it was looked at, as a browser does."""

from collections.abc import Callable
from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QAction
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from inspector.ui.on_screen import in_sight
from inspector.ui.panels.findings.panel import FindingsPanel
from inspector.ui.selection import RowKey
from inspector.ui.things import Things, things_in
from inspector.ui.window import Window
from tests.gui.looking import buckets_of, frames_of
from tests.store.database_files import state

PATIENCE_MS = 20_000


@pytest.fixture(autouse=True)
def nobody_is_quick(monkeypatch: pytest.MonkeyPatch) -> None:
    """Choices follow each other faster here than people make them."""
    monkeypatch.setattr("inspector.ui.selection_history._QUICK_SECONDS", 0)


@pytest.fixture
def window(qtbot: QtBot, open_file: Callable[[Path], Window], capture: Path, frames_alone: None) -> Window:
    window = open_file(capture)
    qtbot.waitUntil(lambda: all(window.docks[name].is_made for name in ("frames", "buckets", "detail")))
    return window


def settle(window: Window) -> None:
    """Until nothing is read any more that a panel may make a selection of."""
    for _ in range(20):
        QApplication.processEvents()


def panel_with_keyboard(window: Window) -> str | None:
    return window.front.now().panel


def walk(window: Window, action: QAction) -> Things:
    action.trigger()
    settle(window)
    return things_in(window.selection)


def click_frame(qtbot: QtBot, window: Window, frame: int) -> None:
    frames = frames_of(window)
    row = frames.model.row_of(frame)
    assert row is not None
    frames.table.scrollTo(frames.model.index(row, 0))
    qtbot.mouseClick(
        frames.table.viewport(),
        Qt.MouseButton.LeftButton,
        pos=frames.table.visualRect(frames.model.index(row, 0)).center(),
    )
    settle(window)


def click_bucket(qtbot: QtBot, window: Window) -> str:
    table, model = buckets_of(window).table, buckets_of(window).model
    row = next(row for row in range(model.row_count()) if model.bucket_at(row) is not None)
    qtbot.mouseClick(table.viewport(), Qt.MouseButton.LeftButton, pos=table.visualRect(model.index(row, 0)).center())
    settle(window)
    assert window.selection.bucket is not None
    return window.selection.bucket


def test_back_from_another_panel_shows_the_frame_again_where_it_was(qtbot: QtBot, window: Window) -> None:
    click_frame(qtbot, window, 9)
    window.revealing.reveal(Things(bucket='1#my_lists|0["user-1"]'), "checksums")
    settle(window)
    assert panel_with_keyboard(window) == "checksums"
    assert walk(window, window.actions_.back) == Things(frame=9)
    assert panel_with_keyboard(window) == "frames"
    assert in_sight(frames_of(window))
    assert walk(window, window.actions_.forward) == Things(frame=9, bucket='1#my_lists|0["user-1"]')
    assert panel_with_keyboard(window) == "checksums"
    assert in_sight(window.docks["checksums"])


def test_every_step_back_moves_and_every_step_forward_returns(qtbot: QtBot, window: Window) -> None:
    chosen = []
    for frame in (3, 9, 14):
        click_frame(qtbot, window, frame)
        chosen.append(Things(frame=frame))
    chosen.append(Things(frame=14, bucket=click_bucket(qtbot, window)))
    where = ["frames"] * 3 + ["buckets"]
    back, forward = window.actions_.back, window.actions_.forward
    for at in (2, 1, 0):
        assert walk(window, back) == chosen[at]
        assert panel_with_keyboard(window) == where[at]
        assert not buckets_of(window).table.currentIndex().isValid(), "no bucket was chosen then"
    assert not back.isEnabled()
    for at in (1, 2, 3):
        assert walk(window, forward) == chosen[at]
        assert panel_with_keyboard(window) == where[at]
    assert not forward.isEnabled()


def test_following_the_same_things_to_another_panel_is_a_step(qtbot: QtBot, window: Window) -> None:
    click_frame(qtbot, window, 9)
    window.revealing.reveal(Things(frame=9), "detail")
    settle(window)
    window.revealing.reveal(Things(frame=9), "bytes")
    settle(window)
    assert panel_with_keyboard(window) == "bytes"
    for expected in ("detail", "frames"):
        assert walk(window, window.actions_.back) == Things(frame=9)
        assert panel_with_keyboard(window) == expected
        assert in_sight(window.docks[expected])
    for expected in ("detail", "bytes"):
        walk(window, window.actions_.forward)
        assert panel_with_keyboard(window) == expected


def test_a_panel_that_looks_for_what_belongs_to_the_selection_makes_no_step(qtbot: QtBot, window: Window) -> None:
    click_frame(qtbot, window, 9)
    click_frame(qtbot, window, 14)
    window.selection.reveal("checkpoints")
    settle(window)
    assert walk(window, window.actions_.back) == Things(frame=14)
    assert walk(window, window.actions_.back) == Things(frame=9)
    assert walk(window, window.actions_.forward) == Things(frame=14)
    walk(window, window.actions_.forward)
    assert panel_with_keyboard(window) == "checkpoints"
    assert not window.actions_.forward.isEnabled()


def test_a_panel_that_was_closed_since_comes_back(qtbot: QtBot, window: Window) -> None:
    click_frame(qtbot, window, 9)
    window.revealing.reveal(Things(row=RowKey("lists", "list-2")), "row")
    settle(window)
    window.docks["frames"].close()
    walk(window, window.actions_.back)
    assert window.selection.row is None
    assert in_sight(frames_of(window))


def test_alt_click_on_another_row_comes_back_to_that_row(qtbot: QtBot, window: Window) -> None:
    click_frame(qtbot, window, 3)
    frames = frames_of(window)
    frames.table.scrollToTop()
    place = frames.table.visualRect(frames.model.index(1, 0)).center()
    qtbot.mouseClick(frames.table.viewport(), Qt.MouseButton.LeftButton, Qt.KeyboardModifier.AltModifier, place)
    settle(window)
    assert panel_with_keyboard(window) != "frames"
    assert walk(window, window.actions_.back).frame == 2
    assert panel_with_keyboard(window) == "frames"
    assert walk(window, window.actions_.back).frame == 3


def click_finding(qtbot: QtBot, window: Window, row: int) -> None:
    panel = window.docks["findings"].panel
    assert isinstance(panel, FindingsPanel)
    place = panel.table.visualRect(panel.model.index(row, 0)).center()
    qtbot.mouseClick(panel.table.viewport(), Qt.MouseButton.LeftButton, pos=place)
    settle(window)


def shown_finding(window: Window) -> str:
    """The name of the one that is looked at, which the list has as its current one."""
    panel, chosen = window.docks["findings"].panel, window.findings.chosen
    assert isinstance(panel, FindingsPanel)
    assert chosen is not None
    assert panel.model.records[panel.table.currentIndex().row()] == chosen
    return chosen.name


def checked(qtbot: QtBot, window: Window) -> tuple[str, str, int]:
    """The names of the first and the last finding, once all are found and in front, and the row of the last.

    Between them is how long ago the last sync was, once that is more than a day.
    """
    qtbot.waitUntil(lambda: window.findings.ready, timeout=PATIENCE_MS)
    window.front.show("findings")
    settle(window)
    names = [finding.name for finding in window.findings.report.findings]
    return names[0], names[-1], len(names) - 1


def test_the_finding_that_was_looked_at_is_part_of_a_step(qtbot: QtBot, open_file: Callable[[Path], Window]) -> None:
    window = open_file(state("held-by-uploads"))
    held, lacking, last = checked(qtbot, window)
    assert shown_finding(window) == held, "the top one, by itself"
    click_finding(qtbot, window, last)
    window.revealing.reveal(Things(bucket="1#all_notes|0[]"), "buckets")
    settle(window)
    assert shown_finding(window) == lacking
    walk(window, window.actions_.back)
    assert shown_finding(window) == lacking
    assert panel_with_keyboard(window) == "findings"
    walk(window, window.actions_.back)
    assert shown_finding(window) == held
    assert window.selection.row == RowKey("todos", "todo-1002")
    for where in ("findings", "buckets"):
        assert window.actions_.forward.isEnabled()
        walk(window, window.actions_.forward)
        assert shown_finding(window) == lacking
        assert panel_with_keyboard(window) == where
    assert not window.actions_.forward.isEnabled()


def test_a_finding_is_gone_back_to_though_nothing_else_was_selected(
    qtbot: QtBot, open_file: Callable[[Path], Window]
) -> None:
    window = open_file(state("waiting-for-service"))
    unconfirmed, lacking, last = checked(qtbot, window)
    assert things_in(window.selection) == Things()
    assert not window.actions_.back.isEnabled()
    click_finding(qtbot, window, last)
    walk(window, window.actions_.back)
    assert shown_finding(window) == unconfirmed
    walk(window, window.actions_.forward)
    assert shown_finding(window) == lacking
