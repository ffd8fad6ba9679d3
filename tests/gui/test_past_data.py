"""The data of then: choosing a checkpoint of the past shows what the client held, and back to now what it holds."""

from collections.abc import Callable
from functools import partial
from pathlib import Path

import pytest
from PySide6.QtCore import QPointF, Qt
from PySide6.QtWidgets import QMenu, QToolButton
from pytestqt.qtbot import QtBot

from inspector.capture.reader import CaptureReader
from inspector.capture.timeline_rows import CheckpointBar
from inspector.engine.control import Start, StaticToken
from inspector.ui.panels.checkpoints.panel import CheckpointsPanel
from inspector.ui.panels.data.panel import DataPanel
from inspector.ui.panels.row.panel import RowPanel
from inspector.ui.panels.sql.panel import SqlPanel
from inspector.ui.panels.timeline.panel import TimelinePanel
from inspector.ui.selection import RowKey
from inspector.ui.sources import LiveSource, Source
from inspector.ui.window import Window
from tests.capture.recording import record_to
from tests.gui.conftest import PATIENCE_MS
from tests.gui.looking import buckets_of, rows_of
from tests.running_service import running_service


def panel(window: Window, name: str) -> object:
    return window.docks[name].panel


def data_of(window: Window) -> DataPanel:
    found = panel(window, "data")
    assert isinstance(found, DataPanel)
    return found


def timeline_of(window: Window) -> TimelinePanel:
    found = panel(window, "timeline")
    assert isinstance(found, TimelinePanel)
    return found


def click_checkpoint(qtbot: QtBot, window: Window, number: int) -> None:
    """Zoom in on one checkpoint and click its bar."""
    timeline = timeline_of(window)
    assert window.feed.files.capture is not None
    with CaptureReader(window.feed.files.capture) as capture:
        row = capture.checkpoints.rows()[number - 1]
    assert row.published_at is not None
    span = row.published_at - row.received_at
    timeline.canvas.show_view(timeline.canvas.view.zoomed(1e-9, row.received_at).zoomed(4, row.received_at))
    timeline.canvas.show_view(type(timeline.canvas.view)(row.received_at - span, row.published_at + span))
    timeline._ask_for_lanes()
    qtbot.waitUntil(lambda: bool(bars(timeline, row.id)) and not timeline.lanes.busy, timeout=PATIENCE_MS)
    area = bars(timeline, row.id)[0]
    # On its right end, where it was shown.
    at = QPointF(min(area.right() + 40, timeline.canvas.width() - 20), area.center().y())
    qtbot.mouseClick(timeline.canvas, Qt.MouseButton.LeftButton, pos=at.toPoint())


def bars(timeline: TimelinePanel, checkpoint: int) -> list:  # type: ignore[type-arg]
    timeline.canvas.repaint()
    hits = timeline.canvas.hits
    return [hit.area for hit in hits if isinstance(hit.thing, CheckpointBar) and hit.thing.id == checkpoint]


def state_button(window: Window, name: str) -> QToolButton:
    found = window.state_bar.findChild(QToolButton, f"state-{name}")
    assert isinstance(found, QToolButton)
    return found


def shown_then(qtbot: QtBot, window: Window) -> None:
    qtbot.waitUntil(lambda: "those of then" in window.state_bar.then.whole, timeout=PATIENCE_MS)
    assert window.past_data.state.name == "shown"
    qtbot.waitUntil(lambda: window.buckets.snapshot is not None and not window.buckets.busy, timeout=PATIENCE_MS)


def rows_in(qtbot: QtBot, window: Window, table: str) -> dict[str, str]:
    """The rows of a table in Data, by id."""
    data = data_of(window)
    qtbot.waitUntil(lambda: bool(data.shapes.result) and not data.shapes.busy, timeout=PATIENCE_MS)
    number = [shape.name for shape in data.tables_model.records].index(table)
    data.tables.choose_row(number)
    qtbot.waitUntil(lambda: data.rows.complete and not data.rows.busy, timeout=PATIENCE_MS)
    assert data.grid is not None
    ids = [column.name for column in data.grid.shape.columns].index("id")
    for number in range(data.grid.model.row_count()):
        data.grid.model.record(number)
    qtbot.waitUntil(lambda: not data.rows.busy, timeout=PATIENCE_MS)
    found = {}
    for number in range(data.grid.model.row_count()):
        record = data.grid.model.record(number)
        assert record is not None
        found[str(record.values[ids].value)] = str([value.value for value in record.values])
    return found


@pytest.fixture
def window(open_file: Callable[[Path], Window], capture: Path) -> Window:
    return open_file(capture)


def test_a_checkpoint_chosen_in_the_timeline_shows_the_data_of_then_and_back_to_now_those_of_now(
    qtbot: QtBot, window: Window
) -> None:
    window.front.show("data")
    now = rows_in(qtbot, window, "todos")
    click_checkpoint(qtbot, window, 1)
    qtbot.waitUntil(lambda: window.past.past is not None, timeout=PATIENCE_MS)
    assert "Data and buckets are those of now." in window.state_bar.then.whole
    qtbot.mouseClick(state_button(window, "show_then"), Qt.MouseButton.LeftButton)
    shown_then(qtbot, window)
    assert window.state_bar.lead.text().startswith("You are looking at ")
    assert window.state_bar.lead.text().endswith("checkpoint 1584.")
    assert "are those of then" in window.state_bar.then.whole
    then = rows_in(qtbot, window, "todos")
    assert then != now
    assert "only read" in data_of(window).foot.text
    assert not data_of(window).add_row.isEnabled()
    assert "checkpoint 1584 · shown 1584" in window.status_line.text.replace("  ", " ")
    assert "read-only" in window.status_line.text
    qtbot.mouseClick(state_button(window, "back_to_now"), Qt.MouseButton.LeftButton)
    assert window.selection.moment is None
    assert rows_in(qtbot, window, "todos") == now
    assert window.feed.files is window.feed.present


def shows_checkpoint(window: Window, checkpoint: int) -> bool:
    """Whether it is chosen, and the database as it was then has been read."""
    past = window.feed.files.past
    return (
        window.selection.checkpoint == checkpoint
        and past is not None
        and past.checkpoint_id == checkpoint
        and window.buckets.snapshot is not None
        and not window.buckets.busy
    )


def test_stepping_goes_from_checkpoint_to_checkpoint_and_the_data_go_along(qtbot: QtBot, window: Window) -> None:
    actions = window.actions_
    actions.previous_checkpoint.trigger()
    qtbot.waitUntil(lambda: window.selection.checkpoint == 8, timeout=PATIENCE_MS)
    actions.show_then.trigger()
    shown_then(qtbot, window)
    sums = {}
    for checkpoint in (7, 6, 5):
        actions.previous_checkpoint.trigger()
        qtbot.waitUntil(partial(shows_checkpoint, window, checkpoint), timeout=PATIENCE_MS)
        snapshot = window.buckets.snapshot
        assert snapshot is not None
        sums[checkpoint] = {
            bucket.name.full: (bucket.our_checksum, bucket.expected_checksum)
            for _, group in snapshot.streams
            for bucket in group
        }
        assert all(ours == expected for ours, expected in sums[checkpoint].values())
    assert sums[7] != sums[6] != sums[5]
    actions.next_checkpoint.trigger()
    qtbot.waitUntil(
        lambda: window.feed.files.past is not None and window.feed.files.past.checkpoint_id == 6, timeout=PATIENCE_MS
    )
    assert window.selection.checkpoint == 6
    actions.back_to_now.trigger()
    assert window.feed.files.past is None


def test_the_menu_of_the_checkpoints_shows_the_data_of_one(qtbot: QtBot, window: Window) -> None:
    found = panel(window, "checkpoints")
    assert isinstance(found, CheckpointsPanel)
    window.selection.reveal("checkpoints")
    qtbot.waitUntil(lambda: found.model.row_count() == 8, timeout=PATIENCE_MS)
    menu = QMenu()
    found.table.menu_wanted.emit(menu, 1, 0)
    (action,) = [action for action in menu.actions() if action.objectName() == "showThen"]
    action.trigger()
    shown_then(qtbot, window)
    assert window.feed.files.past is not None
    assert window.feed.files.past.checkpoint_id == 2
    assert window.selection.checkpoint == 2


def test_the_selected_frame_tells_the_moment_where_none_is_chosen(qtbot: QtBot, window: Window) -> None:
    action = window.actions_.show_then
    assert not action.isEnabled()
    window.selection.choose_frame(20)
    assert action.isEnabled()
    action.trigger()
    qtbot.waitUntil(lambda: window.feed.files.past is not None, timeout=PATIENCE_MS)
    assert window.feed.files.capture is not None
    with CaptureReader(window.feed.files.capture) as capture:
        (frame,) = capture.chosen_frames([20])
    assert window.selection.moment == frame.received_at
    assert window.selection.frame == 20


def test_sql_and_the_row_are_those_of_then(qtbot: QtBot, window: Window) -> None:
    sql, row = panel(window, "sql"), panel(window, "row")
    assert isinstance(sql, SqlPanel)
    assert isinstance(row, RowPanel)
    window.selection.reveal("sql")
    sql.editor.setPlainText("SELECT max(op_id) FROM ps_oplog")
    sql.run()
    qtbot.waitUntil(lambda: sql.foot.text.startswith("1 row"), timeout=PATIENCE_MS)
    window.selection.choose_checkpoint(1)
    assert window.feed.files.capture is not None
    with CaptureReader(window.feed.files.capture) as capture:
        window.selection.choose_moment(capture.checkpoints.rows()[0].decided_at)
        name = next(iter(capture.expected_buckets(1)))
    window.actions_.show_then.trigger()
    shown_then(qtbot, window)
    qtbot.waitUntil(lambda: "As it was at" in sql.foot.text, timeout=PATIENCE_MS)
    qtbot.waitUntil(lambda: sql.results.model.record(0) is not None, timeout=PATIENCE_MS)
    first = sql.results.model.record(0)
    assert first is not None
    assert first.values[0].value <= 1584
    window.selection.reveal("buckets")
    window.selection.choose_bucket(name)
    contents = buckets_of(window)
    assert contents is not None
    window.front.show("data")
    todo = next(iter(rows_in(qtbot, window, "todos")))
    window.selection.choose_row(RowKey("todos", todo))
    window.selection.reveal("row")
    qtbot.waitUntil(lambda: row.query.result is not None and not row.query.busy, timeout=PATIENCE_MS)
    assert row.query.result is not None
    assert all((step.op_id or 0) <= 1584 for step in row.query.result.steps)
    assert rows_of(row.steps)


def test_what_the_capture_cannot_tell_is_said_and_the_data_of_now_stay(
    qtbot: QtBot, open_file: Callable[[Path], Window], tmp_path: Path
) -> None:
    window = open_file(record_to(tmp_path / "middle.pscapture", "incremental"))
    window.actions_.previous_checkpoint.trigger()
    qtbot.waitUntil(lambda: window.selection.moment is not None, timeout=PATIENCE_MS)
    window.actions_.show_then.trigger()
    told = "The client had 6 buckets before the recording began."
    qtbot.waitUntil(lambda: told in window.state_bar.then.whole, timeout=PATIENCE_MS)
    assert window.past_data.state.name == "impossible"
    assert window.feed.files.past is None


def test_a_live_session_goes_on_behind_the_data_of_then(
    qtbot: QtBot, open_window: Callable[[Source | None], Window], tmp_path: Path
) -> None:
    with running_service() as service:
        files = str(tmp_path / "client.db"), str(tmp_path / "stream.pscapture")
        window = open_window(LiveSource(Start(service.endpoint, StaticToken(service.token()), *files), ""))
        data, feed = data_of(window), window.feed

        def shows(checkpoint: int | None) -> bool:
            return feed.status is not None and feed.status.shown_checkpoint == checkpoint is not None

        qtbot.waitUntil(lambda: feed.status is not None and bool(feed.status.shown_checkpoint), timeout=PATIENCE_MS)
        assert feed.status is not None
        first = feed.status.shown_checkpoint
        window.front.show("data")
        assert "brand-new" not in rows_in(qtbot, window, "notes")
        window.actions_.previous_checkpoint.trigger()
        qtbot.waitUntil(lambda: window.selection.moment is not None, timeout=PATIENCE_MS)
        service.put("notes", "brand-new", owner_id="alice", body="later")
        qtbot.waitUntil(lambda: not shows(first), timeout=PATIENCE_MS)
        assert "brand-new" in rows_after(qtbot, window, "brand-new")
        window.actions_.show_then.trigger()
        shown_then(qtbot, window)
        assert "brand-new" not in rows_in(qtbot, window, "notes")
        assert "only read" in data.foot.text
        frames = feed.status.frames
        service.put("notes", "brand-newer", owner_id="alice", body="later still")
        qtbot.waitUntil(lambda: feed.status is not None and feed.status.frames > frames, timeout=PATIENCE_MS)
        assert "brand-new" not in rows_in(qtbot, window, "notes")
        assert "recording goes on" in window.status_line.text
        window.actions_.back_to_now.trigger()
        assert "brand-newer" in rows_after(qtbot, window, "brand-newer")
        assert data.add_row.isEnabled()


def rows_after(qtbot: QtBot, window: Window, row_id: str) -> dict[str, str]:
    """The notes, once this one is among them."""
    found: dict[str, str] = {}

    def there() -> bool:
        found.clear()
        found.update(rows_in(qtbot, window, "notes"))
        return row_id in found

    qtbot.waitUntil(there, timeout=PATIENCE_MS)
    return found
