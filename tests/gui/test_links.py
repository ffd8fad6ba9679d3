"""Whatever a row is about can be followed by mouse to the panels that show it, and back again."""

from collections.abc import Callable
from pathlib import Path

import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtWidgets import QMenu
from pytestqt.qtbot import QtBot

from inspector.analysis.result_links import ResultLinks, links_of
from inspector.capture.reader import CaptureReader
from inspector.capture.rows import FrameRow
from inspector.ui.panels.data.panel import DataPanel
from inspector.ui.panels.findings.panel import FindingsPanel
from inspector.ui.panels.streams.panel import StreamsPanel
from inspector.ui.selection import RowKey
from inspector.ui.things import Things
from inspector.ui.widgets.row_table import RowTable
from inspector.ui.window import Window
from tests.gui.looking import buckets_of, bytes_of, detail_of, frames_of, point_in
from tests.gui.test_detail_panel import choose
from tests.gui.test_sql_panel import first_row, run, sql_of
from tests.recordings import CAPTURES

STATES = CAPTURES.parent / "databases" / "states"
PATIENCE_MS = 20_000

pytestmark = pytest.mark.usefixtures("frames_alone")


def alt_click(qtbot: QtBot, table: RowTable, place: QPoint) -> None:
    qtbot.mouseClick(table.viewport(), Qt.MouseButton.LeftButton, Qt.KeyboardModifier.AltModifier, place)


def places_in_menu(table: RowTable, row: int) -> dict[str, list[str]]:
    """The submenus of the row's context menu."""
    menu = QMenu()
    table.menu_wanted.emit(menu, row, 0)
    return {
        action.text(): [entry.text().partition("\t")[0] for entry in within.actions()]
        for action in menu.actions()
        if isinstance(within := action.menu(), QMenu)
    }


def test_a_stream_leads_to_its_buckets_and_back(qtbot: QtBot, open_file: Callable[[Path], Window]) -> None:
    window = open_file(STATES / "up-to-date.db")
    window.selection.choose_row(RowKey("todos", "todo-1002"))
    qtbot.wait(1)
    window.selection.reveal("streams")
    panel = window.docks["streams"].panel
    assert isinstance(panel, StreamsPanel)
    qtbot.waitUntil(lambda: panel.model.row_count() > 1, timeout=PATIENCE_MS)
    row = next(i for i, line in enumerate(panel.model.records) if line.stream == "my_todos")
    assert len(places_in_menu(panel.table, row)["Reveal bucket"]) > 1
    alt_click(qtbot, panel.table, point_in(panel.table, row, panel.model.columns[0].title))
    assert window.selection.bucket is not None
    assert window.selection.bucket.startswith("1#my_todos")
    assert window.docks["buckets"].isVisible()
    qtbot.wait(1)
    window.history.back()
    assert window.selection.row == RowKey("todos", "todo-1002")
    window.history.forward()
    assert window.selection.bucket.startswith("1#my_todos")


def test_a_table_leads_to_the_buckets_that_hold_it(qtbot: QtBot, open_file: Callable[[Path], Window]) -> None:
    window = open_file(STATES / "up-to-date.db")
    window.front.show("data")
    panel = window.docks["data"].panel
    assert isinstance(panel, DataPanel)
    qtbot.waitUntil(lambda: panel.tables_model.row_count() > 2, timeout=PATIENCE_MS)
    row = next(i for i, shape in enumerate(panel.tables_model.records) if shape.name == "lists")
    qtbot.waitUntil(lambda: bool(panel.tables_model.several(panel.tables_model.records[row])), timeout=PATIENCE_MS)
    alt_click(qtbot, panel.tables, point_in(panel.tables, row, panel.tables_model.columns[0].title))
    assert window.selection.bucket == '1#my_lists|0["user-1"]'
    panel.tables.choose_row(row)
    qtbot.waitUntil(lambda: panel.grid is not None and panel.grid.model.record(0) is not None, timeout=PATIENCE_MS)
    assert panel.grid is not None
    assert "Row history" in places_in_menu(panel.grid.table, 0)["Reveal in"]


def test_a_result_leads_where_its_columns_say(qtbot: QtBot, open_file: Callable[[Path], Window]) -> None:
    window = open_file(STATES / "up-to-date.db")
    panel = sql_of(window)
    run(qtbot, panel, "SELECT bucket, op_id, row_type, row_id FROM ps_oplog WHERE row_type = 'lists' LIMIT 1")
    first_row(qtbot, panel)
    assert panel.results.table is not None
    assert places_in_menu(panel.results.table, 0)["Reveal in"][:2] == ["Row history", "Buckets"]
    alt_click(qtbot, panel.results.table, point_in(panel.results.table, 0, "op_id"))
    assert window.selection.row is not None
    assert window.selection.row.type == "lists"
    assert window.selection.operation is not None
    assert window.selection.operation.bucket == window.selection.bucket == '1#my_lists|0["user-1"]'
    assert window.docks["row"].isVisible()


def test_columns_say_what_a_result_is_about() -> None:
    buckets = {3: "1#a|0[]"}
    assert links_of(("bucket", "op_id"), (3, 7), buckets) == ResultLinks(bucket="1#a|0[]", op_id=7)
    assert links_of(("type", "id"), ("todos", "4"), buckets).row == ("todos", "4")
    assert links_of(("name", "last_op"), ("1#a|0[]", 7), buckets).bucket == "1#a|0[]"
    assert links_of(("name",), ("Groceries",), buckets) == ResultLinks()
    assert links_of(("id", "received_at", "kind"), (12, 1, "data"), buckets).frame == 12


def test_a_field_and_a_byte_lead_to_the_row(qtbot: QtBot, open_file: Callable[[Path], Window], capture: Path) -> None:
    window = open_file(capture)
    choose(qtbot, window, 1)
    detail = detail_of(window)
    detail.operations.choose_row(2)
    row = next(i for i in range(detail.tree_model.row_count()) if detail.tree_model.node(i).key == "object_id")  # type: ignore[union-attr]
    alt_click(qtbot, detail.tree, point_in(detail.tree, row, "Field"))
    assert window.selection.row == RowKey("lists", "list-4")
    assert window.docks["row"].isVisible()
    window.selection.reveal("bytes")
    panel = bytes_of(window)
    qtbot.waitUntil(lambda: panel.hex_model.row_count() > 0)
    assert window.frame.content is not None
    offset = window.frame.content.body.index(b'"list-1"') + 2
    panel.hex_table.scrollTo(panel.hex_model.index(offset // panel.hex_model.per_row, 0))
    area = panel.hex_table.viewport()
    points = (QPoint(x, y) for y in range(2, area.height(), 6) for x in range(2, area.width(), 3))
    alt_click(qtbot, panel.hex_table, next(it for it in points if panel.hex_table.byte_at(it) == offset))
    assert window.selection.row == RowKey("lists", "list-1")
    assert window.selection.bucket == '1#my_lists|0["user-1"]'


def test_a_bucket_named_in_a_checkpoint_line_leads_to_it(
    qtbot: QtBot, open_file: Callable[[Path], Window], capture: Path
) -> None:
    window = open_file(capture)
    choose(qtbot, window, 0)
    detail = detail_of(window)
    nodes = [detail.tree_model.node(i) for i in range(detail.tree_model.row_count())]
    row, node = next((i, node) for i, node in enumerate(nodes) if node is not None and node.key == "bucket")
    alt_click(qtbot, detail.tree, point_in(detail.tree, row, "Value"))
    assert window.selection.bucket == node.value
    assert window.docks["buckets"].isVisible()


def test_a_frame_leads_to_its_checkpoint(open_file: Callable[[Path], Window], capture: Path) -> None:
    window = open_file(capture)
    frames = frames_of(window)
    things, panels = window.revealing.places(frames.table, 42, "frames")
    with CaptureReader(capture) as reader:
        assert things.checkpoint == reader.checkpoints.of_frame(43)
    assert panels[0] == "checkpoints"


def frames_reached(qtbot: QtBot, window: Window, things: Things) -> FrameRow:
    """The frame to which “Reveal in Frames” leads."""
    window.revealing.reveal(things, "frames")
    qtbot.waitUntil(lambda: window.selection.frame is not None, timeout=PATIENCE_MS)
    record = frames_of(window).model.record(frames_of(window).table.currentIndex().row())
    assert record is not None
    assert isinstance(record.frame, FrameRow)
    return record.frame


def test_buckets_and_what_they_keep_lead_to_the_frames_that_brought_it(
    qtbot: QtBot, open_file: Callable[[Path], Window], capture: Path
) -> None:
    window = open_file(capture)
    buckets = buckets_of(window)
    bucket = '1#my_lists|0["user-1"]'
    row = buckets.model.row_of(bucket)
    assert row is not None
    assert "Frames" in places_in_menu(buckets.table, row)["Reveal in"]
    assert frames_reached(qtbot, window, Things(bucket=bucket)).bucket == bucket
    kept = buckets.contents.kept
    buckets.contents.choice.choose(1)
    buckets.contents.pages.setCurrentWidget(kept)
    qtbot.waitUntil(lambda: kept.row_model.record(0) is not None, timeout=PATIENCE_MS)
    assert "Frames" in places_in_menu(kept, 0)["Reveal in"]
    operation = kept.row_model.record(0)
    assert operation is not None
    window.selection.choose_frame(None)
    frame = frames_reached(qtbot, window, kept.row_model.things(operation))
    assert frame.first_op_id is not None
    assert frame.last_op_id is not None
    assert frame.first_op_id <= operation.op_id <= frame.last_op_id


def test_a_row_of_the_data_leads_to_its_bucket_and_its_frame(
    qtbot: QtBot, open_file: Callable[[Path], Window], capture: Path
) -> None:
    window = open_file(capture)
    things = Things(row=RowKey("lists", "list-1"))
    assert {"buckets", "frames"} <= set(window.revealing.tracing.panels(things))
    window.revealing.reveal(things, "buckets")
    qtbot.waitUntil(lambda: window.selection.bucket is not None, timeout=PATIENCE_MS)
    assert window.selection.operation is not None
    assert frames_reached(qtbot, window, things).bucket == window.selection.bucket


def test_a_finding_leads_to_all_that_its_evidence_names(qtbot: QtBot, open_file: Callable[[Path], Window]) -> None:
    window = open_file(STATES / "held-by-uploads.db")
    qtbot.waitUntil(lambda: window.findings.chosen is not None, timeout=PATIENCE_MS)
    findings = window.docks["findings"].panel
    assert isinstance(findings, FindingsPanel)
    assert {"Row history", "Data", "Buckets"} <= set(places_in_menu(findings.table, 0)["Reveal in"])
