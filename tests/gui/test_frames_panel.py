"""The list of frames: what it says, that it follows, and that one can stop it without losing anything."""

from collections.abc import Callable
from functools import partial
from pathlib import Path

import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtGui import QGuiApplication
from PySide6.QtTest import QAbstractItemModelTester
from PySide6.QtWidgets import QStyleOptionHeader, QStyleOptionHeaderV2
from pytestqt.qtbot import QtBot

from inspector.capture.outcome import Outcome
from inspector.capture.reader import CaptureReader
from inspector.capture.writer import CaptureWriter
from inspector.protocol.framing import FrameFormat
from inspector.protocol.lines import decode_line
from inspector.ui.panels.frames.model import FramesModel
from inspector.ui.sources import Files, Source
from inspector.ui.theme import Colour, colour
from inspector.ui.widgets.columns import PLAIN_ROW, Cell
from inspector.ui.widgets.row_table import RowTable
from inspector.ui.window import Window
from tests.bench.large_capture import large_capture
from tests.gui.looking import colours_in, column_of, frames_of, point_in, text_at
from tests.recordings import CAPTURES

KEEPALIVE = b'{"token_expires_in":3600}'

pytestmark = pytest.mark.usefixtures("frames_alone")


class Growing:
    """A capture that is being written, shown in a window as a live one is."""

    def __init__(self, path: Path, window: Window) -> None:
        self.writer = CaptureWriter(path)
        self.connection = self.writer.open_connection("http://localhost:8080", b"{}", user_id="user-1")
        self.writer.response(self.connection, 200, [], FrameFormat.NDJSON, "")
        self.writer.flush()
        self.window = window
        window.feed.files = Files(path)
        window.feed.files_changed.emit()

    def receive(self, frames: int) -> None:
        line = decode_line(KEEPALIVE, FrameFormat.NDJSON)
        for _ in range(frames):
            self.writer.frame(self.connection, KEEPALIVE, line)
        self.writer.flush()
        self.window.feed.data_changed.emit()


@pytest.fixture
def growing(tmp_path: Path, open_window: Callable[[Source | None], Window]) -> Growing:
    return Growing(tmp_path / "live.pscapture", open_window(None))


def test_each_frame_says_when_it_came_what_it_is_and_what_it_did(
    open_file: Callable[[Path], Window], capture: Path
) -> None:
    table = frames_of(open_file(capture)).table
    assert table.row_model.rowCount() == 43
    assert text_at(table, 0, "Kind").endswith("checkpoint")
    assert text_at(table, 1, "Bucket") == 'my_lists["user-1"]'
    assert text_at(table, 1, "Ops") == "4"
    assert text_at(table, 1, "What it did") == "4 PUT in lists"
    assert text_at(table, 0, "Bytes") == "902"
    assert text_at(table, 0, "Δ s") == ""
    assert text_at(table, 1, "Δ s").startswith("+0.")


def test_the_model_keeps_qts_promises(tmp_path: Path, capture: Path) -> None:
    model = FramesModel()
    tester = QAbstractItemModelTester(model, QAbstractItemModelTester.FailureReportingMode.Fatal)
    model.show_capture(CaptureReader(capture))
    model.catch_up()
    assert model.rowCount() == 43
    model.show_capture(None)
    assert tester.model() is model


def test_it_follows_the_newest_frame(qtbot: QtBot, growing: Growing) -> None:
    frames = frames_of(growing.window)
    growing.receive(500)
    assert frames.table.rows_on_screen()[-1] == 499
    growing.receive(500)
    assert frames.table.rows_on_screen()[-1] == 999
    assert not frames.pill.isVisible()


def test_scrolling_up_stops_following_and_a_pill_counts_what_is_new(qtbot: QtBot, growing: Growing) -> None:
    frames = frames_of(growing.window)
    growing.receive(500)
    frames.table.verticalScrollBar().setValue(0)
    growing.receive(132)
    assert frames.table.rows_on_screen()[0] == 0
    assert frames.pill.isVisible()
    assert frames.pill.text() == "▾ 132 new frames"

    qtbot.mouseClick(frames.pill, Qt.MouseButton.LeftButton)
    assert frames.table.rows_on_screen()[-1] == 631
    assert not frames.pill.isVisible()
    growing.receive(10)
    assert frames.table.rows_on_screen()[-1] == 641


def test_end_follows_again(qtbot: QtBot, growing: Growing) -> None:
    frames = frames_of(growing.window)
    growing.receive(500)
    frames.table.choose_row(3)
    growing.receive(5)
    assert frames.pill.isVisible()
    qtbot.keyClick(frames.table, Qt.Key.Key_End)
    assert not frames.pill.isVisible()
    growing.receive(5)
    assert frames.table.rows_on_screen()[-1] == 509


def test_a_selected_frame_stays_in_its_place_while_others_come(growing: Growing) -> None:
    frames = frames_of(growing.window)
    growing.receive(500)
    frames.table.choose_row(480)
    before = frames.table.top_of(480)
    growing.receive(100)
    assert frames.table.top_of(480) == before
    assert growing.window.selection.frame == 481


def test_pausing_holds_the_list_still_and_loses_nothing(qtbot: QtBot, growing: Growing) -> None:
    frames, pause = frames_of(growing.window), growing.window.actions_.pause_view
    growing.receive(10)
    pause.trigger()
    growing.receive(7)
    assert frames.table.row_model.rowCount() == 10
    assert frames.pill.text() == "Paused · 7 new frames"
    pause.trigger()
    assert frames.table.row_model.rowCount() == 17
    assert not frames.pill.isVisible()


def test_an_outcome_that_comes_later_is_shown(growing: Growing) -> None:
    frames = frames_of(growing.window)
    line = decode_line(b'{"checkpoint_complete":{"last_op_id":"7"}}', FrameFormat.NDJSON)
    frame = growing.writer.frame(growing.connection, b'{"checkpoint_complete":{"last_op_id":"7"}}', line)
    growing.receive(1)
    assert colour(Colour.HELD).name() not in colours_in(frames.table.viewport())
    growing.writer.set_outcome(frame, Outcome.HELD, pending_writes=2)
    growing.receive(1)
    assert text_at(frames.table, 0, "What it did").endswith("held by 2 uploads")
    assert colour(Colour.HELD).name() in colours_in(frames.table.viewport())


def test_a_tooltip_has_what_is_cut_or_shortened(open_file: Callable[[Path], Window], capture: Path) -> None:
    table = frames_of(open_file(capture)).table
    table.verticalScrollBar().setValue(0)
    assert table.tooltip_at(point_in(table, 1, "Bucket")) == '1#my_lists|0["user-1"]'
    assert table.tooltip_at(point_in(table, 0, "Time")).endswith("Z")
    table.header.resizeSection(column_of(table, "Kind"), 60)
    assert table.tooltip_at(point_in(table, 2, "Kind")) == "partial_checkpoint_complete"


def test_one_moves_and_copies_with_the_keyboard(
    qtbot: QtBot, open_file: Callable[[Path], Window], capture: Path
) -> None:
    table = frames_of(open_file(capture)).table
    table.choose_row(0)
    for key in (Qt.Key.Key_Down, Qt.Key.Key_Down, Qt.Key.Key_Up):
        qtbot.keyClick(table, key)
    assert table.currentIndex().row() == 1
    qtbot.keyClick(table, Qt.Key.Key_Down, Qt.KeyboardModifier.ShiftModifier)
    table.actions()[0].trigger()
    first, second = QGuiApplication.clipboard().text().splitlines()
    assert '1#my_lists|0["user-1"]' in first.split("\t")
    assert "partial_checkpoint_complete" in second.split("\t")
    qtbot.keyClick(table, Qt.Key.Key_Home)
    assert table.currentIndex().row() == 0


def test_a_client_database_says_why_it_has_no_frames(open_file: Callable[[Path], Window]) -> None:
    window = open_file(CAPTURES.parent / "databases" / "states" / "up-to-date.db")
    note = frames_of(window).note
    assert note.isVisible()
    assert note.text().startswith("A client database holds no frames")


def test_without_a_source_it_says_how_to_get_frames(open_window: Callable[[Source | None], Window]) -> None:
    note = frames_of(open_window(None)).note
    assert note.isVisible()
    assert "open a capture" in note.text()


def test_a_frame_that_could_not_be_read_is_there_with_its_reason(growing: Growing) -> None:
    frames = frames_of(growing.window)
    growing.writer.frame(growing.connection, b"{nonsense", None, error="The line is not JSON.")
    growing.receive(1)
    assert "not readable" in text_at(frames.table, 0, "Kind")
    assert text_at(frames.table, 0, "What it did") == "The line is not JSON."


def test_a_hundred_thousand_frames_open_at_once_and_only_some_are_in_memory(qtbot: QtBot, growing: Growing) -> None:
    frames = frames_of(growing.window)
    growing.receive(100_000)
    assert frames.table.row_model.rowCount() == 100_000
    bar = frames.table.verticalScrollBar()
    for part in range(20):
        bar.setValue(bar.maximum() * part // 20)
        frames.table.viewport().repaint()
    assert frames.model.rows_held < 10_000
    assert frames.table.rows_on_screen()[0] > 90_000


def test_columns_are_remembered(open_window: Callable[[Source | None], Window], qtbot: QtBot) -> None:
    first = open_window(None)
    header = frames_of(first).table.header
    header.resizeSection(2, 222)
    header.moveSection(0, 1)
    header.show_columns({0, 1, 2, 3, 6})
    first.close()
    table = frames_of(open_window(None)).table
    assert table.header.sectionSize(2) == 222
    assert table.header.shown_columns() == [1, 0, 2, 3, 6]


def test_a_column_that_is_sized_or_moved_by_hand_has_none_come_or_go(
    open_file: Callable[[Path], Window], capture: Path
) -> None:
    window = open_file(capture)
    header = frames_of(window).table.header
    shown, last = header.shown_columns(), header.shown_columns()[-2]
    header.resizeSection(shown[0], header.sectionSize(shown[0]) + 150)
    assert header.shown_columns() == shown
    header.moveSection(header.visualIndex(last), 1)
    assert sorted(header.shown_columns()) == sorted(shown)
    header.sectionHandleDoubleClicked.emit(column_of(frames_of(window).table, "Kind"))
    window.resize(1000, 800)
    assert last in header.shown_columns()


def test_the_arrow_of_a_sorted_column_points_up_where_values_grow(
    open_file: Callable[[Path], Window], capture: Path
) -> None:
    table = frames_of(open_file(capture)).table
    column, option = column_of(table, "Bytes"), QStyleOptionHeaderV2()
    for order, arrow in (
        (Qt.SortOrder.AscendingOrder, QStyleOptionHeader.SortIndicator.SortUp),
        (Qt.SortOrder.DescendingOrder, QStyleOptionHeader.SortIndicator.SortDown),
    ):
        table.header.setSortIndicator(column, order)
        table.header.setSortIndicatorShown(True)
        table.header.initStyleOptionForIndex(option, column)
        assert option.sortIndicator is arrow


def shown_whole(table: RowTable, titles: tuple[str, ...]) -> bool:
    """Whether the rows in sight show all that they say in these columns."""
    columns = [column_of(table, title) for title in titles]
    records = [table.row_model.record(row) for row in table.rows_on_screen()]
    delegate, widths = table.row_delegate, [table.header.sectionSize(column) for column in columns]
    return not any(
        delegate.is_cut(column, table.row_model.columns[column].of(record), PLAIN_ROW, width)
        for record in records
        for column, width in zip(columns, widths, strict=True)
    )


def test_where_there_is_room_the_columns_show_the_rows_in_sight_whole_each_time_a_capture_is_opened(
    qtbot: QtBot, tmp_path: Path, open_file: Callable[[Path], Window]
) -> None:
    path = large_capture(tmp_path / "long.pscapture", 2_000)
    for _ in range(2):
        window = open_file(path)
        window.resize(2200, 1200)
        table = frames_of(window).table
        assert table.rows_on_screen()[0] > 1_000, "the newest rows are in sight, not those that were read first"
        qtbot.waitUntil(partial(shown_whole, table, ("Time", "Δ s", "Kind", "Bucket", "Ops", "Bytes")))
        window.close()


def test_a_narrow_list_leaves_out_columns_so_that_what_frames_did_can_be_read(
    qtbot: QtBot, tmp_path: Path, open_file: Callable[[Path], Window]
) -> None:
    window = open_file(large_capture(tmp_path / "long.pscapture", 2_000))
    table = frames_of(window).table
    shown = lambda: {table.row_model.columns[i].title for i in table.header.shown_columns()}  # noqa: E731
    window.resize(1280, 800)
    qtbot.waitUntil(lambda: "Bytes" not in shown())
    assert shown_whole(table, ("Time", "Δ s", "Kind", "Ops", "What it did"))
    assert table.horizontalScrollBar().maximum() == 0
    window.resize(1440, 900)
    qtbot.waitUntil(lambda: "Bytes" in shown())
    assert "Checkpoint" not in shown()
    window.resize(2560, 1440)
    qtbot.waitUntil(lambda: {"Op ids", "Checkpoint"} <= shown())


def test_clicking_a_row_selects_its_frame_for_all_panels(
    qtbot: QtBot, open_file: Callable[[Path], Window], capture: Path
) -> None:
    window = open_file(capture)
    table = frames_of(window).table
    position: QPoint = point_in(table, table.rows_on_screen()[3], "Kind")
    qtbot.mouseClick(table.viewport(), Qt.MouseButton.LeftButton, pos=position)
    assert window.selection.frame == table.rows_on_screen()[3] + 1


def test_where_another_connection_begins_it_is_said_why_the_one_before_ended(
    open_file: Callable[[Path], Window], capture: Path
) -> None:
    panel = frames_of(open_file(capture))
    row = next(row for row in range(43) if panel.model.frame_at(row) == 11)
    record = panel.model.record(row)
    assert record is not None
    assert record.frame.connection == 2
    column = column_of(panel.table, "What it did")
    note = panel.model.cell(row, column).note
    assert note is not None
    assert note.text == "▸ connection 2"
    assert panel.model.columns[column].tooltip(record).startswith("Connection 1 ended: The service ended the stream.")
    assert panel.model.row_style(record).line_above
    assert panel.model.cell(row + 1, column).note is None


def test_the_size_of_a_large_frame_has_room_where_only_small_ones_have_come(growing: Growing) -> None:
    growing.receive(3)
    table = frames_of(growing.window).table
    column = column_of(table, "Bytes")
    assert table.header.sectionSize(column) >= table.row_delegate.needed_width(column, Cell("99\u2009999"), PLAIN_ROW)


def test_the_end_of_the_last_connection_is_told_below_the_list(
    qtbot: QtBot, open_file: Callable[[Path], Window], capture: Path
) -> None:
    panel = frames_of(open_file(capture))
    qtbot.waitUntil(lambda: bool(panel.last_end.text), timeout=20_000)
    with CaptureReader(capture) as reader:
        last = reader.last_connection()
    assert last is not None
    assert panel.last_end.text.startswith(f"Connection {last.id} ended at ")
    assert panel.last_end.text.endswith(last.end_reason or "nobody knows")
    assert panel.last_end.isVisible()
