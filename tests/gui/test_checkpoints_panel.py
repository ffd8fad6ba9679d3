"""The table of checkpoints: what each did, how long its steps took, and its links to frames and timeline."""

from collections.abc import Callable
from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QAbstractItemModelTester
from pytestqt.qtbot import QtBot

from inspector.capture.reader import CaptureReader
from inspector.protocol.events import BucketMismatch
from inspector.ui.panels.checkpoints.model import CheckpointsModel
from inspector.ui.panels.checkpoints.panel import CheckpointsPanel
from inspector.ui.sources import Source
from inspector.ui.window import Window
from tests.capture.test_timeline import Scene
from tests.gui.looking import point_in, text_at


def checkpoints_of(window: Window) -> CheckpointsPanel:
    panel = window.docks["checkpoints"].panel
    assert isinstance(panel, CheckpointsPanel)
    window.selection.reveal("checkpoints")
    return panel


@pytest.fixture
def steps(tmp_path: Path) -> Path:
    """One checkpoint applied, one superseded, one mismatched, one held."""
    scene = Scene(tmp_path / "steps.pscapture")
    scene.connect()
    scene.checkpoint(10, write_checkpoint=3)
    scene.at(2).receive(b'{"data":{"bucket":"b[]","data":[]}}')
    scene.writer.checkpoint_data(scene.connection, 2, 512)
    frame, _ = scene.at(2.5).receive(b'{"checkpoint_complete":{"last_op_id":"10"}}')
    scene.writer.checkpoint_data_done(scene.connection)
    scene.at(2.6).writer.checkpoint_validated(scene.connection)
    scene.at(2.9).writer.checkpoint_published(scene.connection, frame)
    scene.at(3).checkpoint(11)
    scene.at(4).checkpoint(12)
    scene.writer.checkpoint_mismatched(scene.connection, None, [BucketMismatch("b[]", 1, 2, 3)])
    scene.at(5).checkpoint(13)
    scene.writer.checkpoint_held(scene.connection, scene.at(6).complete(), 2)
    scene.disconnect()
    scene.writer.close()
    return scene.path


def test_each_checkpoint_says_what_became_of_it_and_how_long_each_step_took(
    open_file: Callable[[Path], Window], steps: Path
) -> None:
    table = checkpoints_of(open_file(steps)).table
    assert [text_at(table, row, "Outcome") for row in range(4)] == [
        "✓ applied", "○ superseded", "✕ mismatch", "‖ held"
    ]  # fmt: skip
    assert [text_at(table, 0, title) for title in ("Op id", "Write cp", "Ops", "Bytes")] == ["10", "3", "2", "512"]
    assert [text_at(table, 0, title) for title in ("Data", "Validate", "Publish")] == ["2.50 s", "100 ms", "300 ms"]
    assert [text_at(table, 1, title) for title in ("Data", "Validate", "Publish")] == ["–"] * 3
    assert text_at(table, 1, "Why not") == "Checkpoint 12 came before it was complete."
    assert text_at(table, 3, "Why not") == "2 local writes were not uploaded."


def test_full_checkpoints_and_diffs_are_told_apart_with_what_they_change(
    open_file: Callable[[Path], Window], capture: Path
) -> None:
    table = checkpoints_of(open_file(capture)).table
    assert [text_at(table, 0, "Kind"), text_at(table, 0, "Buckets")] == ["full", "6"]
    kinds = [text_at(table, row, "Kind") for row in range(table.row_model.rowCount())]
    assert "diff" in kinds
    changed = text_at(table, kinds.index("diff"), "Buckets")
    assert changed.split()[0] in ("1", "2")


def test_a_row_chooses_the_checkpoint_and_its_frame_and_follows_the_frames(
    qtbot: QtBot, open_file: Callable[[Path], Window], steps: Path
) -> None:
    window = open_file(steps)
    panel = checkpoints_of(window)
    qtbot.mouseClick(panel.table.viewport(), Qt.MouseButton.LeftButton, pos=point_in(panel.table, 2, "Op id"))
    assert (window.selection.checkpoint, window.selection.frame) == (3, 5)
    assert window.selection.moment is None
    window.selection.choose_frame(2)
    qtbot.waitUntil(lambda: panel.table.currentIndex().row() == 0)
    assert panel.table.currentIndex().row() == 0
    assert (window.selection.checkpoint, window.selection.frame) == (1, 2)
    window.selection.choose_checkpoint(4)
    assert panel.table.currentIndex().row() == 3


def test_the_model_keeps_qts_promises_while_a_capture_grows(tmp_path: Path) -> None:
    scene = Scene(tmp_path / "growing.pscapture")
    scene.connect()
    scene.checkpoint(1)
    scene.writer.flush()
    model = CheckpointsModel()
    tester = QAbstractItemModelTester(model, QAbstractItemModelTester.FailureReportingMode.Fatal)
    model.show_capture(CaptureReader(scene.path))
    assert model.rowCount() == 1
    for op_id in range(2, 200):
        scene.checkpoint(op_id)
    scene.writer.flush()
    model.catch_up()
    assert model.rowCount() == 199
    assert model.record(0) is not None
    model.show_capture(None)
    assert model.rowCount() == 0
    assert tester.model() is model


def test_an_empty_window_says_what_would_be_here(open_window: Callable[[Source | None], Window]) -> None:
    panel = checkpoints_of(open_window(None))
    assert "start the demo" in panel.note.text()
