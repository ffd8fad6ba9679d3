"""A field that is selected in the tree is marked in the bytes; an operation that is selected is so for all panels."""

from collections.abc import Callable
from pathlib import Path

from PySide6.QtCore import Qt
from pytestqt.qtbot import QtBot

from inspector.ui.selection import OperationKey, RowKey
from inspector.ui.theme import Colour, colour
from inspector.ui.window import Window
from tests.capture.recording import record_to
from tests.gui.looking import bytes_of, detail_of, frames_of, point_in
from tests.gui.test_detail_panel import choose


def choose_field(qtbot: QtBot, window: Window, key: str) -> bytes:
    """Select a field of the tree; its bytes."""
    detail = detail_of(window)
    row = next(row for row in range(detail.tree_model.row_count()) if detail.tree_model.node(row).key == key)
    before = window.frame.field
    detail.tree.choose_row(row)
    qtbot.waitUntil(lambda: window.frame.field is not None and window.frame.field != before)
    assert window.frame.content is not None
    return window.frame.content.body[slice(*window.frame.field)]


def test_the_selected_fields_bytes_are_marked(qtbot: QtBot, open_file: Callable[[Path], Window], capture: Path) -> None:
    window = open_file(capture)
    choose(qtbot, window, 1)
    window.selection.reveal("bytes")
    panel = bytes_of(window)
    qtbot.waitUntil(lambda: panel.hex_model.row_count() > 0)
    assert choose_field(qtbot, window, "object_id") == b'"list-1"'
    assert choose_field(qtbot, window, "name").startswith(b'\\"')
    assert panel.choice.remark.whole.startswith("field: ")
    rows = [panel.hex_model.record(row) for row in range(panel.hex_model.row_count())]
    marked = b"".join(row.chunk[slice(*row.marked)] for row in rows if row is not None and row.marked is not None)
    assert marked == window.frame.content.body[slice(*window.frame.field)]
    mark = colour(Colour.ACCENT)
    image = panel.hex_table.viewport().grab().toImage()
    blended = {image.pixelColor(x, y).blue() for x in range(0, image.width(), 2) for y in range(0, image.height(), 4)}
    assert any(blue > colour(Colour.PANEL).blue() + 20 for blue in blended), mark


def test_fields_of_bson_are_marked_too(qtbot: QtBot, open_file: Callable[[Path], Window], tmp_path: Path) -> None:
    window = open_file(record_to(tmp_path / "bson.pscapture", "initial-bson"))
    choose(qtbot, window, 1)
    assert choose_field(qtbot, window, "object_id")[4:-1].decode().startswith("list-")
    assert choose_field(qtbot, window, "owner_id").startswith(b'"')


def test_an_operation_chosen_by_hand_is_chosen_for_all_panels(
    qtbot: QtBot, open_file: Callable[[Path], Window], capture: Path
) -> None:
    window = open_file(capture)
    choose(qtbot, window, 1)
    assert window.selection.operation is None
    detail = detail_of(window)
    qtbot.mouseClick(detail.operations.viewport(), Qt.MouseButton.LeftButton, pos=point_in(detail.operations, 2, "Row"))
    shown = detail.operations_model.record(2)
    assert shown is not None
    assert window.selection.row == RowKey("lists", "list-4")
    assert window.selection.operation == OperationKey('1#my_lists|0["user-1"]', shown.operation.op_id)


def test_an_operation_chosen_elsewhere_is_shown(
    qtbot: QtBot, open_file: Callable[[Path], Window], capture: Path
) -> None:
    window = open_file(capture)
    choose(qtbot, window, 1)
    detail = detail_of(window)
    last = detail.operations_model.record(3)
    assert last is not None
    frames_of(window).table.choose_row(0)
    window.selection.choose_operation(OperationKey('1#my_lists|0["user-1"]', last.operation.op_id))
    choose(qtbot, window, 1)
    assert detail.operations.currentIndex().row() == 3
