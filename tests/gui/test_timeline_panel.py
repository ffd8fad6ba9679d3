"""The timeline: what is where, zooming, measuring, and that a click is a click for the whole window."""

import time
from collections.abc import Callable
from pathlib import Path
from typing import TypeVar

import pytest
from PySide6.QtCore import QPoint, QPointF, Qt
from PySide6.QtGui import QWheelEvent
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from inspector.capture.happenings import HappeningKind, key_of
from inspector.capture.outcome import UploadOutcome
from inspector.capture.timeline_rows import (
    ActivityBin,
    CheckpointBar,
    ConnectionSpan,
    EventMark,
    HeldSpan,
    LocalWriteMark,
    UploadMark,
)
from inspector.protocol.events import BucketMismatch
from inspector.ui.panels.timeline.geometry import AXIS
from inspector.ui.panels.timeline.panel import TimelinePanel
from inspector.ui.panels.timeline.view import View, bin_width, tick_width, ticks
from inspector.ui.sources import FileSource, Source
from inspector.ui.theme import Colour, colour
from inspector.ui.window import Window
from tests.capture.test_timeline import START, S, Scene
from tests.gui.conftest import PATIENCE_MS
from tests.gui.looking import colours_in, frames_of
from tests.gui.test_frames_panel import Growing


def timeline_of(window: Window) -> TimelinePanel:
    panel = window.docks["timeline"].panel
    assert isinstance(panel, TimelinePanel)
    return panel


@pytest.fixture
def story(tmp_path: Path) -> Path:
    """100 s: applied, mismatch, offline, refused uploads, held, a fault."""
    scene = Scene(tmp_path / "story.pscapture")
    writer = scene.writer
    scene.connect()
    for second in (2, 6, 10):
        scene.at(second).checkpoint(second)
        writer.checkpoint_published(scene.connection, scene.at(second + 2).complete())
    scene.at(20).writer.event("warning", "faults", "Altered row data in todos.")
    scene.at(22).checkpoint(22)
    frame = scene.at(25).complete()
    writer.checkpoint_mismatched(scene.connection, frame, [BucketMismatch("b[]", 1, 2, 3)])
    scene.at(26).disconnect()
    scene.at(27).writer.event("info", "control", "Going offline.")
    scene.at(30).writer.local_write(7, 1, connected=False, writes=b"[]")
    scene.at(40).writer.event("info", "control", "Coming back online.")
    scene.at(40).connect()
    for second in (60, 64, 68):
        upload = scene.at(second).writer.upload_started(7, 1, 2)
        scene.at(second + 1).writer.upload_ended(upload, UploadOutcome.REFUSED, status=409, answer="list is archived")
    scene.at(70).checkpoint(70)
    writer.checkpoint_held(scene.connection, scene.at(71).complete(), 2)
    scene.at(100).disconnect()
    writer.close()
    return scene.path


@pytest.fixture
def shown(qtbot: QtBot, open_window: Callable[[Source | None], Window], story: Path) -> tuple[Window, TimelinePanel]:
    window = open_window(FileSource(story))
    panel = timeline_of(window)
    qtbot.waitUntil(lambda: panel.canvas.lanes is not None and not panel.lanes.busy, timeout=PATIENCE_MS)
    panel.canvas.repaint()
    return window, panel


T = TypeVar("T")


def things(panel: TimelinePanel, kind: type[T]) -> list[T]:
    panel.canvas.repaint()
    return [hit.thing for hit in panel.canvas.hits if isinstance(hit.thing, kind)]


def point_of(panel: TimelinePanel, kind: type, number: int = 0) -> QPoint:
    panel.canvas.repaint()
    hits = [hit for hit in panel.canvas.hits if isinstance(hit.thing, kind)]
    return hits[number].area.center().toPoint()


def wheel(panel: TimelinePanel, at: QPoint, delta: int) -> None:
    position = QPointF(at)
    event = QWheelEvent(
        position, position, QPoint(), QPoint(0, delta), Qt.MouseButton.NoButton, Qt.KeyboardModifier.NoModifier,
        Qt.ScrollPhase.NoScrollPhase, False,
    )  # fmt: skip
    QApplication.sendEvent(panel.canvas, event)


def test_a_capture_is_shown_whole_with_everything_in_its_lane(shown: tuple[Window, TimelinePanel]) -> None:
    _, panel = shown
    assert [bar.outcome for bar in things(panel, CheckpointBar)] == [
        *["applied"] * 3, "mismatch", "held"
    ]  # fmt: skip
    assert len(things(panel, ConnectionSpan)) == 2
    assert [span.ended_at for span in things(panel, HeldSpan)] == [None]
    assert len(things(panel, UploadMark)) == 3
    assert len(things(panel, EventMark)) == 1
    assert [mark.offline for mark in things(panel, LocalWriteMark)] == [1]
    assert sum(one.frames for one in things(panel, ActivityBin)) == 10
    painted = colours_in(panel.canvas)
    for role in (Colour.FINE, Colour.BROKEN, Colour.HELD, Colour.FAULT, Colour.ACCENT):
        assert colour(role).name() in painted


def test_pointing_at_a_thing_tells_its_figures(shown: tuple[Window, TimelinePanel]) -> None:
    _, panel = shown

    def told(kind: type, number: int = 0) -> str:
        return panel.canvas.tooltip_at(QPointF(point_of(panel, kind, number)))

    assert told(CheckpointBar).startswith("Checkpoint 2 was applied.\n")
    assert "data, after 2.00 s" in told(CheckpointBar)
    assert "did not match its checksums" in told(CheckpointBar, 3)
    assert told(UploadMark, 2).startswith("Transaction 7, entries 1 to 2: refused (409)\n")
    assert told(UploadMark, 2).endswith("list is archived")
    assert "Altered row data" in told(EventMark)
    assert told(LocalWriteMark).startswith("Transaction 7 was written locally, 1 row\n")
    assert told(LocalWriteMark).endswith("without a connection")
    assert "2 local writes were not uploaded." in told(HeldSpan)


def test_a_click_on_an_upload_or_a_fault_selects_its_row_among_the_frames(
    qtbot: QtBot, shown: tuple[Window, TimelinePanel]
) -> None:
    window, panel = shown
    frames = frames_of(window)
    qtbot.waitUntil(lambda: frames.model.happening_rows > 4, timeout=PATIENCE_MS)
    for kind, key in ((UploadMark, key_of(HappeningKind.UPLOAD, 1)), (EventMark, key_of(HappeningKind.EVENT, 1))):
        qtbot.mouseClick(panel.canvas, Qt.MouseButton.LeftButton, pos=point_of(panel, kind))
        assert window.selection.happening == key
        assert frames.model.entry_at(frames.table.currentIndex().row()) == key
        qtbot.waitUntil(lambda: window.selection.checkpoint is not None, timeout=PATIENCE_MS)
        assert window.selection.happening == key


def test_a_click_selects_the_moment_the_checkpoint_and_the_frame_for_all_panels(
    qtbot: QtBot, shown: tuple[Window, TimelinePanel]
) -> None:
    window, panel = shown
    qtbot.mouseClick(panel.canvas, Qt.MouseButton.LeftButton, pos=point_of(panel, CheckpointBar, 3))
    assert window.selection.checkpoint == 4
    assert window.selection.moment is not None
    assert abs(window.selection.moment - (START + 23 * S + S // 2)) < S
    assert window.selection.frame == 7
    qtbot.mouseClick(panel.canvas, Qt.MouseButton.LeftButton, pos=point_of(panel, LocalWriteMark))
    qtbot.waitUntil(lambda: window.selection.frame == 8, timeout=PATIENCE_MS)
    assert window.selection.checkpoint == 4
    qtbot.keyClick(panel.canvas, Qt.Key.Key_Escape)
    assert window.selection.moment is None


def test_a_moment_chosen_elsewhere_is_brought_into_view(qtbot: QtBot, shown: tuple[Window, TimelinePanel]) -> None:
    window, panel = shown
    panel.show_span(10 * S)
    window.selection.choose_moment(START + 23 * S)
    assert panel.canvas.view.first < START + 23 * S < panel.canvas.view.last
    assert panel.canvas.view.span == 10 * S


def test_the_wheel_zooms_at_the_pointer_and_a_double_click_shows_all(
    qtbot: QtBot, shown: tuple[Window, TimelinePanel]
) -> None:
    _, panel = shown
    whole = panel.canvas.view
    point = point_of(panel, CheckpointBar, 3)
    before = panel.canvas.geometry_.at(point.x())
    for _ in range(5):
        wheel(panel, point, 240)
    assert panel.canvas.view.span < whole.span / 4
    assert abs(panel.canvas.geometry_.at(point.x()) - before) < S / 2
    qtbot.waitUntil(lambda: not panel.lanes.busy, timeout=PATIENCE_MS)
    qtbot.mouseDClick(panel.canvas, Qt.MouseButton.LeftButton, pos=point)
    assert panel.canvas.view == whole


def test_dragging_pans_and_shift_measures_a_span_in_words(qtbot: QtBot, shown: tuple[Window, TimelinePanel]) -> None:
    window, panel = shown
    panel.show_span(30 * S)
    before, canvas = panel.canvas.view, panel.canvas
    begin, end = QPoint(600, 60), QPoint(700, 60)
    qtbot.mousePress(canvas, Qt.MouseButton.LeftButton, pos=begin)
    qtbot.mouseMove(canvas, end)
    qtbot.mouseRelease(canvas, Qt.MouseButton.LeftButton, pos=end)
    assert canvas.view.first < before.first
    assert canvas.view.span == before.span
    assert window.selection.moment is None
    canvas.measure(canvas.geometry_.at(600), canvas.geometry_.at(700))
    told = canvas.tooltip_at(QPointF(650, 5))
    assert canvas.accessibleDescription().startswith(told)
    assert float(told.split()[0]) == pytest.approx(100 * 30 / canvas.geometry_.plot_width, abs=0.01)
    assert " s from " in told


def test_two_keys_put_the_markers_and_shift_with_an_arrow_moves_the_second(
    qtbot: QtBot, shown: tuple[Window, TimelinePanel]
) -> None:
    window, panel = shown
    canvas = panel.canvas
    for second, key in ((10, Qt.Key.Key_BracketLeft), (40, Qt.Key.Key_BracketRight)):
        window.selection.choose_moment(START + second * S)
        qtbot.keyClick(canvas, key)
    assert canvas.measured == (START + 10 * S, START + 40 * S)
    assert canvas.accessibleDescription().startswith("30.00 s from ")
    for _ in range(2):
        qtbot.keyClick(canvas, Qt.Key.Key_Right, Qt.KeyboardModifier.ShiftModifier)
    assert canvas.measured[1] - START == pytest.approx(40 * S + 0.02 * canvas.view.span, abs=2)
    qtbot.keyClick(canvas, Qt.Key.Key_Escape)
    assert canvas.measured is None
    assert not canvas.accessibleDescription().startswith("30")


def test_whoever_cannot_see_hears_what_is_in_the_lanes(qtbot: QtBot, shown: tuple[Window, TimelinePanel]) -> None:
    _, panel = shown
    said = panel.canvas.accessibleDescription()
    for told in ("2 connections", "5 checkpoints", "1 local transaction", "3 upload attempts", "1 mismatch"):
        assert told in said
    assert "3 upload attempts failed." in said
    panel.canvas.show_view(View(START - 10 * S, START + 14 * S))
    panel.canvas.tell()
    assert "upload" not in panel.canvas.accessibleDescription()


def test_the_keyboard_zooms_pans_and_goes_to_both_ends(qtbot: QtBot, shown: tuple[Window, TimelinePanel]) -> None:
    _, panel = shown
    canvas, whole = panel.canvas, panel.canvas.limits
    qtbot.keyClick(canvas, Qt.Key.Key_W)
    qtbot.keyClick(canvas, Qt.Key.Key_Plus)
    assert canvas.view.span < whole.span * 0.6
    qtbot.keyClick(canvas, Qt.Key.Key_Home)
    assert canvas.view.first == whole.first
    qtbot.keyClick(canvas, Qt.Key.Key_Right)
    qtbot.keyClick(canvas, Qt.Key.Key_D)
    assert canvas.view.first > whole.first
    qtbot.keyClick(canvas, Qt.Key.Key_End)
    assert canvas.view.last == whole.last
    qtbot.keyClick(canvas, Qt.Key.Key_Minus)
    qtbot.keyClick(canvas, Qt.Key.Key_0)
    assert canvas.view == whole


def test_a_growing_capture_keeps_its_newest_moment_in_view_until_one_looks_elsewhere(
    qtbot: QtBot, open_window: Callable[[Source | None], Window], tmp_path: Path
) -> None:
    growing = Growing(tmp_path / "live.pscapture", open_window(None))
    panel = timeline_of(growing.window)
    growing.writer.event("info", "session", "The recording began.", at=time.time_ns() - 300 * S)
    panel.canvas.live = True
    panel.follow_button.setChecked(True)
    panel.span = 30 * S
    growing.receive(3)
    qtbot.waitUntil(lambda: panel.canvas.lanes is not None, timeout=PATIENCE_MS)
    qtbot.waitUntil(lambda: panel.canvas.limits.span > 200 * S, timeout=PATIENCE_MS)
    assert abs(panel.canvas.view.last - time.time_ns()) < 5 * S
    first = panel.canvas.view
    qtbot.waitUntil(lambda: panel.canvas.view.last > first.last, timeout=PATIENCE_MS)
    growing.window.selection.choose_moment(time.time_ns() - 200 * S)
    assert not panel.following
    growing.window.selection.choose_moment(None)
    assert panel.following
    wheel(panel, QPoint(400, 60), 600)
    assert not panel.following
    growing.window.selection.choose_moment(time.time_ns())
    growing.window.selection.choose_moment(None)
    assert not panel.following
    growing.writer.close()


def test_a_click_right_of_now_is_a_click_on_now(
    qtbot: QtBot, open_window: Callable[[Source | None], Window], tmp_path: Path
) -> None:
    growing = Growing(tmp_path / "live.pscapture", open_window(None))
    panel = timeline_of(growing.window)
    panel.canvas.live = True
    panel.follow_button.setChecked(True)
    panel.show_span(60 * S)
    growing.receive(3)
    qtbot.waitUntil(lambda: panel.canvas.view.last > time.time_ns() + 30 * S, timeout=PATIENCE_MS)
    right = QPoint(panel.canvas.width() - 5, 60)
    qtbot.mouseClick(panel.canvas, Qt.MouseButton.LeftButton, pos=right)
    assert growing.window.selection.moment is not None
    assert growing.window.selection.moment <= time.time_ns()
    growing.writer.close()


def test_small_frames_are_seen_beside_large_ones(
    qtbot: QtBot, open_window: Callable[[Source | None], Window], tmp_path: Path
) -> None:
    scene = Scene(tmp_path / "sizes.pscapture")
    scene.connect()
    for second, size in ((10, 200_000), (50, 20_000)):
        body = f'{{"data":{{"bucket":"b[]","data":[],"filler":"{size * "x"}"}}}}'
        scene.at(second).receive(body.encode())
    scene.at(60).disconnect()
    scene.writer.close()
    panel = timeline_of(open_window(FileSource(scene.path)))
    qtbot.waitUntil(lambda: panel.canvas.lanes is not None and not panel.lanes.busy, timeout=PATIENCE_MS)
    panel.canvas.repaint()
    image, accent = panel.canvas.grab().toImage(), colour(Colour.ACCENT)
    heights = [
        sum(image.pixelColor(int(hit.area.center().x()), y) == accent for y in range(image.height()))
        for hit in panel.canvas.hits
        if isinstance(hit.thing, ActivityBin) and hit.thing.bytes > 1_000
    ]
    assert len(heights) == 2
    assert heights[0] / 2 < heights[1] < heights[0] * 0.7


def test_a_recording_that_was_cut_ends_where_it_was_cut(
    qtbot: QtBot, open_window: Callable[[Source | None], Window], tmp_path: Path
) -> None:
    scene = Scene(tmp_path / "cut.pscapture")
    scene.connect()
    scene.at(10).checkpoint(1)
    scene.writer.flush()
    panel = timeline_of(open_window(FileSource(scene.path)))
    qtbot.waitUntil(lambda: panel.canvas.lanes is not None, timeout=PATIENCE_MS)
    assert panel.canvas.now == START + 10 * S
    assert panel.canvas.view.last < START + 12 * S
    assert not panel.follow_button.isVisible()
    scene.writer.close()


def test_an_empty_window_says_what_would_be_here(open_window: Callable[[Source | None], Window]) -> None:
    panel = timeline_of(open_window(None))
    assert panel.note.isVisible()
    assert "start the demo" in panel.note.text()


def test_bins_are_round_and_ticks_stand_at_round_times() -> None:
    assert bin_width(120 * S, 1200, 3) == S // 2
    assert bin_width(30 * S, 1200, 3) == S // 10
    assert tick_width(120 * S, 1200, 95) == 10 * S
    labels = [label for _, label in ticks(View(START, START + 30 * S), 10 * S)]
    assert all(label.endswith("0") and len(label) == 8 for label in labels)
    assert View(0, 100).within(View(0, 50)) == View(0, 50)
    assert View(-10, 10).within(View(0, 50)) == View(0, 20)


def test_the_controls_stand_in_the_title_row_and_in_the_axis_where_there_is_none(
    qtbot: QtBot, shown: tuple[Window, TimelinePanel]
) -> None:
    window, panel = shown
    dock, canvas = window.docks["timeline"], panel.canvas
    assert dock.titleBarWidget().isAncestorOf(panel.controls)
    assert panel.controls.span_button.isVisible()
    window.tabifyDockWidget(window.docks["frames"], dock)
    window.settle()
    dock.raise_()
    qtbot.waitUntil(lambda: canvas.isAncestorOf(panel.controls) and canvas.isVisible(), timeout=PATIENCE_MS)
    qtbot.waitUntil(lambda: panel.controls.geometry().right() == canvas.width() - 1, timeout=PATIENCE_MS)
    assert panel.controls.geometry().bottom() < AXIS
    assert panel.controls.span_button.isVisible()
