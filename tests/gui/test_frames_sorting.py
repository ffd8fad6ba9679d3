"""Sorting the list of frames by its columns, with and without a filter, while frames come."""

from collections.abc import Callable
from pathlib import Path

import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtTest import QAbstractItemModelTester
from pytestqt.qtbot import QtBot

from inspector.capture.reader import CaptureReader
from inspector.ui.panels.frames.panel import FramesPanel
from inspector.ui.sources import Source
from inspector.ui.window import Window
from tests.gui.looking import column_of, frames_of
from tests.gui.test_frames_panel import Growing

pytestmark = pytest.mark.usefixtures("frames_alone")


def click_header(qtbot: QtBot, panel: FramesPanel, title: str) -> None:
    header = panel.table.header
    column = column_of(panel.table, title)
    middle = QPoint(header.sectionViewportPosition(column) + header.sectionSize(column) // 2, header.height() // 2)
    qtbot.mouseClick(header.viewport(), Qt.MouseButton.LeftButton, pos=middle)


def order_of(panel: FramesPanel) -> list[int]:
    return [panel.model.frame_at(row) or 0 for row in range(panel.model.row_count())]


def test_a_click_sorts_another_turns_it_round_and_a_third_ends_it(
    qtbot: QtBot, open_file: Callable[[Path], Window], capture: Path
) -> None:
    window = open_file(capture)
    panel = frames_of(window)
    with CaptureReader(capture) as reader:
        sizes = {row.id: row.bytes for row in reader.frames(1, 100)}
    panel.table.choose_row(1)
    click_header(qtbot, panel, "Bytes")
    largest_first = sorted(sizes, key=lambda frame: (-sizes[frame], frame))
    qtbot.waitUntil(lambda: order_of(panel) == largest_first)
    assert window.selection.frame == 2
    assert panel.model.frame_at(panel.table.currentIndex().row()) == 2
    click_header(qtbot, panel, "Bytes")
    qtbot.waitUntil(lambda: order_of(panel) == sorted(sizes, key=lambda frame: (sizes[frame], frame)))
    click_header(qtbot, panel, "Bytes")
    assert order_of(panel) == list(range(1, 44))


def test_what_a_filter_finds_is_sorted_and_what_says_nothing_is_last(
    qtbot: QtBot, open_file: Callable[[Path], Window], capture: Path
) -> None:
    panel = frames_of(open_file(capture))
    tester = QAbstractItemModelTester(panel.model, QAbstractItemModelTester.FailureReportingMode.Fatal)
    click_header(qtbot, panel, "Ops")
    qtbot.waitUntil(lambda: panel.model.sorted)
    panel.filter.set_filter("frame > 5")
    qtbot.waitUntil(lambda: panel.model.sorted and panel.model.row_count() == 38)
    shown = [panel.model.record(row) for row in range(38)]
    counts = [item.frame.operations if item.frame.kind == "data" else None for item in shown if item is not None]
    known = [count for count in counts if count is not None]
    assert counts[: len(known)] == sorted(known, reverse=True)
    panel.filter.edit.clear()
    qtbot.waitUntil(lambda: panel.model.sorted and panel.model.row_count() == 43)
    assert tester.model() is panel.model


def test_new_frames_wait_until_they_are_sorted_in(
    qtbot: QtBot, tmp_path: Path, open_window: Callable[[Source | None], Window]
) -> None:
    growing = Growing(tmp_path / "live.pscapture", open_window(None))
    panel = frames_of(growing.window)
    growing.receive(20)
    click_header(qtbot, panel, "Time")
    qtbot.waitUntil(lambda: panel.model.sorted)
    click_header(qtbot, panel, "Time")
    qtbot.waitUntil(lambda: panel.model.frame_at(0) == 20)
    growing.receive(7)
    assert panel.model.row_count() == 20
    assert panel.pill.text() == "Sort in 7 new frames"
    qtbot.mouseClick(panel.pill, Qt.MouseButton.LeftButton)
    qtbot.waitUntil(lambda: panel.model.frame_at(0) == 27)
    assert not panel.pill.isVisible()
    click_header(qtbot, panel, "Time")
    assert order_of(panel) == list(range(1, 28))


def test_a_list_that_is_sorted_before_anything_came_shows_what_comes(
    qtbot: QtBot, tmp_path: Path, open_window: Callable[[Source | None], Window]
) -> None:
    growing = Growing(tmp_path / "live.pscapture", open_window(None))
    panel = frames_of(growing.window)
    click_header(qtbot, panel, "Bytes")
    growing.receive(20)
    qtbot.waitUntil(lambda: panel.model.row_count() == 20)
    assert not panel.note.isVisible()
    assert not panel.pill.isVisible()
