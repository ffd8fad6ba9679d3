"""Marks, comments, colour rules, times, and going somewhere in the list of frames."""

import shutil
from collections.abc import Callable
from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QAction
from PySide6.QtWidgets import QInputDialog, QLineEdit
from pytestqt.qtbot import QtBot

from inspector.capture.outcome import Outcome
from inspector.protocol.framing import FrameFormat
from inspector.protocol.lines import decode_line
from inspector.ui.panels.frames.panel import FramesPanel
from inspector.ui.panels.frames.rules_dialog import RulesDialog
from inspector.ui.sources import Source
from inspector.ui.theme import Colour, colour
from inspector.ui.times import clock
from inspector.ui.window import Window
from tests.gui.looking import child, colours_in, frames_of, text_at
from tests.gui.test_frames_panel import Growing

pytestmark = pytest.mark.usefixtures("frames_alone")


def note_at(panel: FramesPanel, row: int) -> str:
    """What is said about the frame in a row."""
    column = next(i for i, column in enumerate(panel.model.columns) if column.title == "What it did")
    note = panel.model.cell(row, column).note
    return note.text if note is not None else ""


def asked(qtbot: QtBot, parent: FramesPanel) -> QInputDialog:
    """The dialog that is open."""
    qtbot.waitUntil(lambda: any(dialog.isVisible() for dialog in parent.findChildren(QInputDialog)))
    return next(dialog for dialog in parent.findChildren(QInputDialog) if dialog.isVisible())


def answer(qtbot: QtBot, parent: FramesPanel, text: str) -> None:
    dialog = asked(qtbot, parent)
    line = child(dialog, QLineEdit)
    line.selectAll()
    qtbot.keyClicks(line, text)
    qtbot.keyClick(line, Qt.Key.Key_Return)


def test_frames_are_marked_and_commented_and_found_again_with_every_copy_of_the_file(
    qtbot: QtBot, open_file: Callable[[Path], Window], capture: Path, tmp_path: Path
) -> None:
    before = capture.read_bytes()
    window = open_file(capture)
    panel = frames_of(window)
    panel.table.choose_row(4)
    window.actions_.mark_frame.trigger()
    assert note_at(panel, 4) == "◆ marked"
    window.actions_.comment_frame.trigger()
    assert "The capture is not changed" in asked(qtbot, panel).labelText()
    answer(qtbot, panel, "Here it begins.")
    assert note_at(panel, 4) == "◆ Here it begins."
    panel.table.choose_row(9)
    window.actions_.mark_frame.trigger()
    window.actions_.mark_frame.trigger()
    assert note_at(panel, 9) == ""
    window.close()
    assert capture.read_bytes() == before

    copy = tmp_path / "copy.pscapture"
    shutil.copy(capture, copy)
    window = open_file(copy)
    panel = frames_of(window)
    assert note_at(panel, 4) == "◆ Here it begins."
    panel.table.choose_row(20)
    window.actions_.next_mark.trigger()
    assert window.selection.frame == 5


def test_the_key_for_a_mark_marks_in_the_list_of_frames_alone(
    qtbot: QtBot, open_file: Callable[[Path], Window], capture: Path
) -> None:
    window = open_file(capture)
    window.activateWindow()
    frames = frames_of(window)
    window.selection.choose_frame(2)
    for panel, marked in (("checkpoints", False), ("buckets", False), ("frames", True)):
        window.front.show(panel)
        focused = window.focusWidget()
        assert focused is not None
        qtbot.keyClick(focused, Qt.Key.Key_M)
        assert frames.annotations.of(2).marked is marked, panel


def test_a_filter_for_marks_follows_them(qtbot: QtBot, open_file: Callable[[Path], Window], capture: Path) -> None:
    window = open_file(capture)
    panel = frames_of(window)
    panel.filter.set_filter("marked or frame == 1")
    qtbot.waitUntil(lambda: panel.model.row_count() == 1)
    panel.filter.switch.click()
    panel.table.choose_row(6)
    window.actions_.mark_frame.trigger()
    panel.filter.switch.click()
    qtbot.waitUntil(lambda: panel.model.row_count() == 2)
    panel.table.choose_row(1)
    window.actions_.mark_frame.trigger()
    qtbot.waitUntil(lambda: panel.model.row_count() == 1)


def test_a_rule_tints_the_frames_that_meet_it_and_names_itself(
    qtbot: QtBot, tmp_path: Path, open_window: Callable[[Source | None], Window]
) -> None:
    growing = Growing(tmp_path / "live.pscapture", open_window(None))
    panel = frames_of(growing.window)
    body = b'{"checkpoint_complete":{"last_op_id":"7"}}'
    frame = growing.writer.frame(growing.connection, body, decode_line(body, FrameFormat.NDJSON))
    growing.writer.set_outcome(frame, Outcome.HELD, pending_writes=2)
    growing.receive(3)
    qtbot.waitUntil(lambda: text_at(panel.table, 0, "Rule") == "Held by uploads")
    assert text_at(panel.table, 1, "Rule") == ""

    growing.window.actions_.colour_rules.trigger()
    dialog = child(panel, RulesDialog)
    dialog.add_button.click()
    line = dialog.lines[-1]
    line.name.setText("Tokens")
    line.filter.setText("kind == token_expires_in an")
    assert not line.problem.isHidden()
    line.filter.setText("kind == token_expires_in")
    assert line.problem.isHidden()
    line.colours.setCurrentIndex(line.colours.findData(Colour.CHECKPOINT.name))
    dialog.keep_button.click()
    assert text_at(panel.table, 1, "Rule") == "Tokens"
    assert colour(Colour.CHECKPOINT).name() in colours_in(panel.table.viewport())


def test_one_goes_to_a_frame_by_number_and_by_time(
    qtbot: QtBot, open_file: Callable[[Path], Window], capture: Path
) -> None:
    window = open_file(capture)
    panel = frames_of(window)
    window.actions_.go_to_frame.trigger()
    answer(qtbot, panel, "12")
    assert window.selection.frame == 12
    shown = panel.model.record(29)
    assert shown is not None
    window.actions_.go_to_frame.trigger()
    answer(qtbot, panel, clock(shown.frame.received_at + 1_000_000))
    assert (window.selection.frame or 0) >= 30
    window.actions_.go_to_frame.trigger()
    answer(qtbot, panel, "somewhere")
    assert "“somewhere” is no number and no time." in asked(qtbot, panel).labelText()
    assert asked(qtbot, panel).textValue() == "somewhere"
    asked(qtbot, panel).reject()


@pytest.mark.parametrize(
    ("base", "first", "third"), [("START", "+0.000", None), ("ABOVE", None, None), ("SELECTED", None, "+0.000")]
)
def test_times_are_told_from_something(
    open_file: Callable[[Path], Window], capture: Path, base: str, first: str | None, third: str | None
) -> None:
    panel = frames_of(open_file(capture))
    panel.table.choose_row(2)
    action: QAction = next(action for action in panel.tools.time_bases.actions() if action.data() == base)
    action.trigger()
    times = [text_at(panel.table, row, "Time") for row in range(4)]
    assert first is None or times[0] == first
    assert third is None or times[2] == third
    if base == "ABOVE":
        assert times[1:] == [text_at(panel.table, row, "Δ s") for row in range(1, 4)]
