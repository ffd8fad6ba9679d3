"""A field that is selected in the tree is marked in the bytes; an operation that is selected is so for all panels."""

from collections import Counter
from collections.abc import Callable
from functools import partial
from pathlib import Path

import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QWidget
from pytestqt.qtbot import QtBot

from inspector.capture.reader import CaptureReader
from inspector.ui.fonts import PADDING, mono_width
from inspector.ui.frame.field_places import path_at
from inspector.ui.frame.field_spans import span_of
from inspector.ui.panels.frame_bytes.panel import BytesPanel
from inspector.ui.selection import OperationKey, RowKey
from inspector.ui.widgets.columns import PLAIN_ROW
from inspector.ui.widgets.row_table import RowTable
from inspector.ui.window import Window
from tests.capture.recording import record_to
from tests.gui.looking import bytes_of, detail_of, frames_of, point_in
from tests.gui.test_detail_panel import choose

pytestmark = pytest.mark.usefixtures("frames_alone", "every_model_watched")


def bytes_shown(qtbot: QtBot, window: Window) -> BytesPanel:
    """The panel with the bytes of the first line of data."""
    choose(qtbot, window, 1)
    window.selection.reveal("bytes")
    panel = bytes_of(window)
    qtbot.waitUntil(lambda: panel.hex_model.row_count() > 0)
    return panel


def show_as(panel: BytesPanel, choice: int) -> None:
    panel.choice.choose(choice)
    panel.choice.chosen.emit(choice)


def large_areas(widget: QWidget) -> set[str]:
    """The colours that more is painted in than letters are."""
    image = widget.grab().toImage()
    pixels = Counter(image.pixelColor(x, y).name() for x in range(image.width()) for y in range(image.height()))
    return {name for name, count in pixels.items() if count > 500}


def field_bytes(window: Window) -> bytes:
    """The bytes of the field that is selected."""
    assert window.frame.content is not None
    assert window.frame.field is not None
    start, end = window.frame.field
    return window.frame.content.body[start:end]


def choose_field(qtbot: QtBot, window: Window, key: str) -> bytes:
    """Select a field of the tree; its bytes."""
    detail = detail_of(window)
    nodes = (detail.tree_model.node(row) for row in range(detail.tree_model.row_count()))
    row = next(row for row, node in enumerate(nodes) if node is not None and node.key == key)
    before = window.frame.field
    detail.tree.choose_row(row)
    qtbot.waitUntil(lambda: window.frame.field is not None and window.frame.field != before)
    return field_bytes(window)


def test_the_selected_fields_bytes_are_marked(qtbot: QtBot, open_file: Callable[[Path], Window], capture: Path) -> None:
    window = open_file(capture)
    panel = bytes_shown(qtbot, window)
    unmarked = large_areas(panel.hex_table.viewport())
    assert choose_field(qtbot, window, "object_id") == b'"list-1"'
    assert choose_field(qtbot, window, "name").startswith(b'\\"')
    assert panel.choice.remark.whole.startswith("field: ")
    rows = [panel.hex_model.record(row) for row in range(panel.hex_model.row_count())]
    marked = b"".join(row.chunk[slice(*row.marked)] for row in rows if row is not None and row.marked is not None)
    assert marked == field_bytes(window)
    assert large_areas(panel.hex_table.viewport()) - unmarked


_EDGE = 12
"""Pixels, on both sides together."""


def fits(table: RowTable, width: int) -> bool:
    """Whether it takes all of a panel that is so wide, but for the panel's edge, and needs no scroll bar."""
    return width - _EDGE <= table.width() <= width and table.horizontalScrollBar().maximum() == 0


def test_bytes_and_their_text_are_seen_whole_in_every_width(
    qtbot: QtBot, open_file: Callable[[Path], Window], capture: Path
) -> None:
    window = open_file(capture)
    dock, panel = window.docks["bytes"], bytes_shown(qtbot, window)
    dock.setFloating(True)
    table, per_row = panel.hex_table, set()
    for width in (240, 296, 330, 420, 620, 1000):
        dock.resize(width, 500)
        qtbot.waitUntil(partial(fits, table, width))
        assert table.horizontalScrollBar().maximum() == 0, width
        row = panel.hex_model.record(0)
        assert row is not None
        for column in table.header.shown_columns():
            cell = table.row_model.columns[column].of(row)
            assert not table.row_delegate.is_cut(column, cell, PLAIN_ROW, table.header.sectionSize(column)), width
        per_row.add(panel.hex_model.per_row)
    assert per_row == {4, 8, 16, 24}


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
    qtbot.waitUntil(detail.operations.isVisible)
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


def test_a_click_on_a_byte_selects_its_field_and_pointing_at_it_names_it(
    qtbot: QtBot, open_file: Callable[[Path], Window], capture: Path
) -> None:
    window = open_file(capture)
    panel, detail = bytes_shown(qtbot, window), detail_of(window)
    assert window.frame.content is not None
    body = window.frame.content.body
    offset = body.index(b'"list-4"') + 2
    panel.hex_table.scrollTo(panel.hex_model.index(offset // panel.hex_model.per_row, 0))
    place = next(
        QPoint(x, y)
        for y in range(2, panel.hex_table.viewport().height(), 6)
        for x in range(2, panel.hex_table.viewport().width(), 3)
        if panel.hex_table.byte_at(QPoint(x, y)) == offset
    )
    assert panel.hex_table.tooltip_at(place).startswith("data › data › [2] › object_id\n")
    qtbot.mouseClick(panel.hex_table.viewport(), Qt.MouseButton.LeftButton, pos=place)
    qtbot.waitUntil(lambda: window.frame.field is not None)
    assert field_bytes(window) == b'"list-4"'
    assert detail.operations.currentIndex().row() == 2
    node = detail.tree_model.node(detail.tree.currentIndex().row())
    assert node is not None
    assert (node.key, node.value) == ("object_id", "list-4")


@pytest.mark.parametrize("recorded", ["initial-ndjson", "initial-bson"])
def test_each_byte_belongs_to_a_field_whose_bytes_have_it(recorded: str, tmp_path: Path) -> None:
    with CaptureReader(record_to(tmp_path / "any.pscapture", recorded)) as reader:
        frames = list(reader.bodies())[:3]
    for frame in frames:
        paths = set()
        for offset in range(0, min(1_500, len(frame.body))):
            path = path_at(frame.body, frame.format, offset)
            span = span_of(frame.body, frame.format, path)
            assert span is not None
            # A name, a colon and a comma belong to the field before or after which they stand.
            assert offset < span[1] + 2
            paths.add(tuple(path))
        assert len(paths) > 3


def test_text_is_found_in_the_bytes_and_in_coloured_json(
    qtbot: QtBot, open_file: Callable[[Path], Window], capture: Path
) -> None:
    window = open_file(capture)
    panel = bytes_shown(qtbot, window)
    panel.hex_table.setFocus()
    qtbot.keyClick(panel.hex_table, Qt.Key.Key_F, Qt.KeyboardModifier.ControlModifier)
    assert panel.finder.isVisible()
    qtbot.keyClicks(panel.finder.edit, "object_id")
    assert panel.finder.place.text() == "1 of 4"
    qtbot.keyClick(panel.finder.edit, Qt.Key.Key_Return)
    assert panel.finder.place.text() == "2 of 4"
    show_as(panel, 1)
    qtbot.waitUntil(lambda: panel.line_model.row_count() > 10)
    qtbot.keyClick(panel.finder.edit, Qt.Key.Key_Return)
    row = panel.line_table.currentIndex().row()
    line = panel.line_model.records[row]
    assert "object_id" in line
    assert "".join(part for part, _ in panel.line_model.cell(row, 0).parts) == line
    assert len(panel.line_model.cell(row, 0).parts) > 2
    qtbot.keyClicks(panel.finder.edit, "zzz")
    assert panel.finder.place.text() == "not found"
    qtbot.keyClick(panel.finder.edit, Qt.Key.Key_Escape)
    assert not panel.finder.isVisible()


def test_any_part_of_the_text_can_be_marked_and_copied(
    qtbot: QtBot, open_file: Callable[[Path], Window], capture: Path
) -> None:
    window = open_file(capture)
    panel = bytes_shown(qtbot, window)
    show_as(panel, 1)
    qtbot.waitUntil(lambda: panel.line_model.row_count() > 10)
    view, lines, left = panel.line_table, panel.line_model.records, Qt.MouseButton.LeftButton
    port = view.viewport()

    def point(row: int, at: int) -> QPoint:
        x = view.header.sectionViewportPosition(0) + PADDING + round(at * mono_width())
        return QPoint(x, view.top_of(row) + view.height_of_row // 2)

    def copied() -> str:
        qtbot.keyClick(view, Qt.Key.Key_C, Qt.KeyboardModifier.ControlModifier)
        return QGuiApplication.clipboard().text()

    view.setFocus()
    qtbot.mousePress(port, left, pos=point(1, 3))
    qtbot.mouseMove(port, point(2, 4))
    qtbot.mouseRelease(port, left, pos=point(2, 4))
    assert copied() == f"{lines[1][3:]}\n{lines[2][:4]}"
    row = next(row for row, line in enumerate(lines) if '"object_id": "' in line)
    view.scrollTo(panel.line_model.index(row, 0))
    qtbot.mouseDClick(port, left, pos=point(row, lines[row].index('": "') + 6))
    assert copied() == "list-1"
    assert window.frame.content is not None
    body = window.frame.content.body.decode()
    show_as(panel, 2)
    qtbot.waitUntil(lambda: "".join(panel.line_model.records) == body)
    qtbot.keyClick(view, Qt.Key.Key_A, Qt.KeyboardModifier.ControlModifier)
    assert copied() == body, "lines that were cut to fit are one line again"
