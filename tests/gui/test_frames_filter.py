"""The filter line of the frames panel, by mouse and keyboard, on real captures."""

from array import array
from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PySide6.QtCore import QSettings, Qt
from PySide6.QtTest import QAbstractItemModelTester
from PySide6.QtWidgets import QMenu
from pytestqt.qtbot import QtBot

from inspector.capture.filter.scan import Found
from inspector.capture.reader import CaptureReader
from inspector.protocol.framing import FrameFormat
from inspector.protocol.lines import Checkpoint, decode_line
from inspector.ui.panels.frames.kept_filters import KeptFilters
from inspector.ui.panels.frames.model import FramesModel
from inspector.ui.panels.frames.order import ChosenFrames
from inspector.ui.panels.frames.panel import FramesPanel
from inspector.ui.sources import Source
from inspector.ui.window import Window
from tests.gui.looking import column_of, frames_of, rows_of, text_at
from tests.gui.test_frames_panel import Growing

KEEPALIVE = b'{"token_expires_in":3600}'

pytestmark = pytest.mark.usefixtures("frames_alone")


@pytest.fixture
def growing(tmp_path: Path, open_window: Callable[[Source | None], Window]) -> Growing:
    return Growing(tmp_path / "live.pscapture", open_window(None))


def type_filter(qtbot: QtBot, panel: FramesPanel, text: str) -> None:
    """Type a filter in place of what is there, press Enter, and wait until all frames are searched."""
    panel.filter.edit.setFocus()
    panel.filter.edit.selectAll()
    qtbot.keyClicks(panel.filter.edit, text)
    panel.filter.edit.popup.hide()
    qtbot.keyClick(panel.filter.edit, Qt.Key.Key_Return)
    qtbot.waitUntil(lambda: not panel.search.searching)


def kinds(panel: FramesPanel) -> list[str]:
    column = column_of(panel.table, "Kind")
    return [row[column] for row in rows_of(panel.table)]


def test_only_frames_that_meet_the_filter_are_shown_and_counted(
    qtbot: QtBot, open_file: Callable[[Path], Window], capture: Path
) -> None:
    window = open_file(capture)
    panel = frames_of(window)
    type_filter(qtbot, panel, "kind == data and bucket ~ todos")
    assert set(kinds(panel)) == {"data"}
    assert panel.filter.count.text() == f"{panel.table.row_model.rowCount()} of 43"
    assert panel.filter.edit.glyph.text() == "✓"
    assert text_at(panel.table, 0, "Δ s") == ""
    panel.table.choose_row(1)
    assert window.selection.frame == panel.model.frame_at(1)


def test_a_mistake_is_told_and_the_filter_in_force_stays(
    qtbot: QtBot, open_file: Callable[[Path], Window], capture: Path
) -> None:
    panel = frames_of(open_file(capture))
    type_filter(qtbot, panel, "kind == data")
    shown = panel.table.row_model.rowCount()
    type_filter(qtbot, panel, "kidn == data")
    assert panel.filter.edit.glyph.text() == "✕"
    assert panel.filter.problem.isVisible()
    assert panel.filter.problem.whole.startswith("“kidn” is no field. At column 1")
    assert panel.table.row_model.rowCount() == shown


def test_it_applies_by_itself_when_one_stops_typing(
    qtbot: QtBot, open_file: Callable[[Path], Window], capture: Path
) -> None:
    panel = frames_of(open_file(capture))
    panel.filter.edit.setFocus()
    qtbot.keyClicks(panel.filter.edit, "kind == token_expires_in")
    qtbot.waitUntil(lambda: panel.model.filtered and not panel.search.searching)
    assert set(kinds(panel)) <= {"token_expires_in"}


def test_it_can_be_switched_off_for_a_moment_and_cleared(
    qtbot: QtBot, open_file: Callable[[Path], Window], capture: Path
) -> None:
    panel = frames_of(open_file(capture))
    type_filter(qtbot, panel, "kind == data")
    shown = panel.table.row_model.rowCount()
    panel.filter.switch.click()
    assert panel.table.row_model.rowCount() == 43
    panel.filter.switch.click()
    qtbot.waitUntil(lambda: panel.table.row_model.rowCount() == shown)
    panel.filter.edit.setFocus()
    qtbot.keyClick(panel.filter.edit, Qt.Key.Key_Escape)
    assert panel.table.row_model.rowCount() == 43
    assert not panel.filter.count.isVisible()
    qtbot.keyClick(panel.filter.edit, Qt.Key.Key_Up)
    assert panel.filter.edit.text() == "kind == data"


def test_what_is_typed_while_it_is_switched_off_switches_it_on(
    qtbot: QtBot, open_file: Callable[[Path], Window], capture: Path
) -> None:
    panel = frames_of(open_file(capture))
    panel.filter.switch.click()
    assert panel.filter.switch.isChecked(), "there is nothing to switch off"
    assert panel.filter.edit.hasFocus()
    type_filter(qtbot, panel, "kind == data")
    panel.filter.switch.click()
    assert panel.filter.switch.text() == "Filter off"
    assert panel.table.row_model.rowCount() == 43
    type_filter(qtbot, panel, "kind == checkpoint")
    assert panel.filter.switch.isChecked()
    assert set(kinds(panel)) == {"checkpoint"}


def test_the_selected_frame_stays_selected_through_filters(
    qtbot: QtBot, open_file: Callable[[Path], Window], capture: Path
) -> None:
    window = open_file(capture)
    panel = frames_of(window)
    panel.table.choose_row(1)
    assert window.selection.frame == 2
    type_filter(qtbot, panel, "kind == data")
    assert panel.model.frame_at(panel.table.currentIndex().row()) == 2
    type_filter(qtbot, panel, "kind == checkpoint")
    assert window.selection.frame == 2
    assert not panel.table.currentIndex().isValid()
    assert panel.filter.count.text() == "2 of 43 · the selected frame is hidden"
    panel.filter.edit.clear()
    assert panel.table.currentIndex().row() == 1


def test_nothing_found_is_said_in_a_sentence(qtbot: QtBot, open_file: Callable[[Path], Window], capture: Path) -> None:
    panel = frames_of(open_file(capture))
    type_filter(qtbot, panel, "mismatch")
    assert panel.note.isVisible()
    assert panel.note.text().startswith("No frame meets the filter.")
    assert panel.filter.count.text() == "0 of 43"


def test_what_is_offered_can_be_taken_with_the_keyboard(
    qtbot: QtBot, open_file: Callable[[Path], Window], capture: Path
) -> None:
    edit = frames_of(open_file(capture)).filter.edit
    edit.setFocus()
    qtbot.keyClicks(edit, "buck")
    qtbot.waitUntil(edit.popup.isVisible)
    qtbot.keyClick(edit, Qt.Key.Key_Tab)
    assert edit.text() == "bucket "
    qtbot.keyClicks(edit, "== my_l")
    assert edit.offers[0].text == "'my_lists[\"user-1\"]'"
    qtbot.keyClick(edit, Qt.Key.Key_Tab)
    assert edit.text() == "bucket == 'my_lists[\"user-1\"]' "
    assert edit.glyph.text() == "✓"


def test_a_cell_becomes_a_condition_and_another_one_joins_it(
    qtbot: QtBot, open_file: Callable[[Path], Window], capture: Path
) -> None:
    panel = frames_of(open_file(capture))

    def choose(row: int, column: str, action: str) -> None:
        menu = QMenu()
        panel.table.menu_wanted.emit(menu, row, column_of(panel.table, column))
        next(entry for entry in menu.actions() if entry.text() == action).trigger()
        qtbot.waitUntil(lambda: not panel.search.searching)

    choose(1, "Kind", "Filter by this value")
    assert panel.filter.edit.text() == "kind == data"
    choose(0, "Bucket", "Not this value")
    assert panel.filter.edit.text() == "kind == data and not bucket == '1#my_lists|0[\"user-1\"]'"
    assert set(kinds(panel)) == {"data"}
    assert not any("my_lists" in row[column_of(panel.table, "Bucket")] for row in rows_of(panel.table))


def test_filters_are_saved_under_a_name(settings: QSettings) -> None:
    KeptFilters(settings).save("big", "bytes > 10kB")
    KeptFilters(settings).save("data", "kind == data")
    KeptFilters(settings).save("big", "bytes > 20kB")
    assert KeptFilters(settings).saved() == {"big": "bytes > 20kB", "data": "kind == data"}
    KeptFilters(settings).remove("data")
    assert KeptFilters(settings).saved() == {"big": "bytes > 20kB"}


def test_new_frames_are_filtered_as_they_come(qtbot: QtBot, growing: Growing) -> None:
    panel = frames_of(growing.window)
    growing.receive(300)
    type_filter(qtbot, panel, "frame > 200")
    assert panel.table.row_model.rowCount() == 100
    growing.receive(50)
    qtbot.waitUntil(lambda: panel.table.row_model.rowCount() == 150)
    assert panel.filter.count.text() == "150 of 350"
    assert panel.table.rows_on_screen()[-1] == 149


def test_an_outcome_that_comes_later_brings_a_frame_into_the_list(qtbot: QtBot, growing: Growing) -> None:
    panel = frames_of(growing.window)
    body = b'{"checkpoint":{"last_op_id":"7","buckets":[]}}'
    line = decode_line(body, FrameFormat.NDJSON)
    frame = growing.writer.frame(growing.connection, body, line)
    assert isinstance(line, Checkpoint)
    growing.writer.checkpoint_started(growing.connection, frame, line)
    growing.receive(20)
    complete = b'{"checkpoint_complete":{"last_op_id":"7"}}'
    done = growing.writer.frame(growing.connection, complete, decode_line(complete, FrameFormat.NDJSON))
    growing.receive(20)
    type_filter(qtbot, panel, "held")
    assert panel.table.row_model.rowCount() == 0
    growing.writer.checkpoint_held(growing.connection, done, pending_writes=1)
    growing.receive(1)
    qtbot.waitUntil(lambda: panel.table.row_model.rowCount() == 1)
    assert panel.model.frame_at(0) == done
    growing.writer.checkpoint_published(growing.connection, done)
    growing.receive(1)
    qtbot.waitUntil(lambda: panel.table.row_model.rowCount() == 0)


def test_an_outcome_is_noticed_however_many_frames_came_since(qtbot: QtBot, growing: Growing) -> None:
    panel = frames_of(growing.window)
    for body in (b'{"checkpoint":{"last_op_id":"7","buckets":[]}}', b'{"checkpoint_complete":{"last_op_id":"7"}}'):
        line = decode_line(body, FrameFormat.NDJSON)
        frame = growing.writer.frame(growing.connection, body, line)
        if isinstance(line, Checkpoint):
            growing.writer.checkpoint_started(growing.connection, frame, line)
            growing.receive(100)
    growing.writer.checkpoint_held(growing.connection, frame, pending_writes=1)
    growing.receive(30_000)
    type_filter(qtbot, panel, "kind == checkpoint_complete and not held")
    assert panel.table.row_model.rowCount() == 0
    growing.receive(5)
    growing.writer.checkpoint_published(growing.connection, frame)
    growing.receive(5)
    qtbot.waitUntil(lambda: panel.table.row_model.rowCount() == 1)
    assert panel.model.frame_at(0) == frame == 102


@settings(max_examples=40)
@given(st.lists(st.tuples(st.integers(1, 60), st.integers(0, 20), st.sets(st.integers(1, 80)))))
def test_rows_change_as_spans_are_told(steps: list[tuple[int, int, set[int]]]) -> None:
    """Whatever is told about whichever span, the rows are the frames that were told last."""
    model = FramesModel()
    tester = QAbstractItemModelTester(model, QAbstractItemModelTester.FailureReportingMode.Fatal)
    model.show_found()
    expected: set[int] = set()
    for first, length, ids in steps:
        inside = {frame for frame in ids if first <= frame <= first + length}
        expected = {frame for frame in expected if not first <= frame <= first + length} | inside
        model.take(Found(first, first + length, array("q", sorted(inside))))
        assert [model.frame_at(row) for row in range(model.rowCount())] == sorted(expected)
    assert tester.model() is model


def test_chosen_frames_are_fetched_in_their_order(capture: Path) -> None:
    with CaptureReader(capture) as reader:
        assert [row.id for row in reader.chosen_frames([7, 3, 9, 999])] == [7, 3, 9]
    assert ChosenFrames(array("q", [3, 7, 9])).nearest(8) == 2
