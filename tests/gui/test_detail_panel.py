"""The selected frame: heading, operations, tree and bytes, whatever the frame is made of."""

import json
from collections.abc import Callable
from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QGuiApplication
from pytestqt.qtbot import QtBot

from inspector.capture.writer import CaptureWriter
from inspector.protocol.framing import FrameFormat
from inspector.protocol.lines import MalformedLine, decode_line
from inspector.ui.frame.json_document import parse_json
from inspector.ui.panels.detail.json_tree import JsonTreeModel
from inspector.ui.theme import Colour
from inspector.ui.window import Window
from tests.capture.recording import record, recording
from tests.gui.looking import bytes_of, detail_of, frames_of, point_in, rows_of, text_at

PATIENCE_MS = 10_000

pytestmark = pytest.mark.usefixtures("frames_alone", "every_model_watched")


def capture_of(path: Path, *bodies: bytes) -> Path:
    """A capture of these frames, readable or not, on one connection."""
    with CaptureWriter(path) as writer:
        connection = writer.open_connection("http://localhost:8080", b"{}", user_id="user-1")
        writer.response(connection, 200, [], FrameFormat.NDJSON, "")
        for body in bodies:
            try:
                writer.frame(connection, body, decode_line(body, FrameFormat.NDJSON))
            except MalformedLine as error:
                writer.frame(connection, body, None, error=error.what)
    return path


def data_line(*operations: dict[str, object]) -> bytes:
    line = {"data": {"bucket": '1#my_todos|0["u"]', "data": operations, "has_more": False, "after": "0"}}
    return json.dumps(line).encode()


def put(op_id: int, row: str, checksum: int = 1) -> dict[str, object]:
    return {
        "op_id": str(op_id), "op": "PUT", "object_type": "todos", "object_id": f"0be2c9d4-aaaa-bbbb-cccc-{op_id:012}",
        "data": row, "checksum": checksum,
    }  # fmt: skip


@pytest.fixture
def show(qtbot: QtBot, open_file: Callable[[Path], Window], tmp_path: Path) -> Callable[..., Window]:
    """A window on a capture of these frames, the last of them selected and read."""

    def show_frames(*bodies: bytes) -> Window:
        window = open_file(capture_of(tmp_path / "odd.pscapture", *bodies))
        choose(qtbot, window, len(bodies) - 1)
        return window

    return show_frames


def choose(qtbot: QtBot, window: Window, row: int) -> None:
    frames_of(window).table.choose_row(row)
    qtbot.waitUntil(
        lambda: window.frame.content is not None and window.frame.content.row.id == row + 1, timeout=PATIENCE_MS
    )


def test_a_data_line_shows_its_operations_and_the_tree_of_the_selected_one(
    qtbot: QtBot, open_file: Callable[[Path], Window], capture: Path
) -> None:
    window = open_file(capture)
    choose(qtbot, window, 1)
    detail = detail_of(window)
    assert [row[1:] for row in rows_of(detail.operations)] == [
        ["PUT", f"lists / list-{n}", "✓ "] for n in (1, 10, 4, 7)
    ]
    heading = detail.heading.text()
    assert "my_lists[&quot;user-1&quot;]" in heading
    assert "1\u2009357 bytes" in heading
    assert rows_of(detail.tree)[0] == ["op_id", '"1"']
    detail.operations.choose_row(1)
    assert ["object_id", '"list-10"'] in rows_of(detail.tree)


def test_hashes_are_recomputed_and_a_wrong_one_stands_out(show: Callable[..., Window]) -> None:
    window = show(data_line(put(1, '{"a":1}'), {"op_id": "2", "op": "MOVE", "checksum": -7}))
    detail = detail_of(window)
    assert [row[3] for row in rows_of(detail.operations)] == ["✕ ", "–"]
    assert "was sent" in detail.operations.tooltip_at(point_in(detail.operations, 0, "Hash"))
    assert "compacting" in detail.operations.tooltip_at(point_in(detail.operations, 1, "Hash"))


def test_row_data_opens_as_a_tree_and_its_exact_text_is_kept(show: Callable[..., Window]) -> None:
    text = '{"n":12345678901234567890123,  "f":1.10,"n":2}'
    detail = detail_of(show(data_line(put(1, text))))
    rows = rows_of(detail.tree)
    assert ["n", "12345678901234567890123"] in rows
    assert ["f", "1.10"] in rows
    assert ["n", "2"] in rows
    data = next(row for row in range(len(rows)) if rows[row][0] == "data")
    assert detail.tree.row_model.copied(data, 1) == text


def test_unknown_fields_and_kinds_are_marked(show: Callable[..., Window]) -> None:
    bucket = b'{"bucket":"b[]","checksum":1,"novel":{"deep":1}}'
    detail = detail_of(show(b'{"checkpoint":{"last_op_id":"5","buckets":[' + bucket + b'],"extra":true},"weather":1}'))
    model = detail.tree_model
    notes = {node.key: node.note.text for row in range(model.rowCount()) if (node := model.node(row)) and node.note}
    assert notes == {"extra": "unknown field", "novel": "unknown field", "weather": "unknown kind"}


def test_a_frame_that_cannot_be_read_shows_its_error_and_its_bytes(qtbot: QtBot, show: Callable[..., Window]) -> None:
    window = show(b'{"data": not json')
    detail = detail_of(window)
    qtbot.waitUntil(detail.problem.isVisible)
    assert "cannot be read" in detail.problem.text()
    window.docks["bytes"].raise_()
    assert bytes_of(window).hex_model.record(0).chunk.startswith(b'{"data"')  # type: ignore[union-attr]


def test_text_from_data_is_never_markup(qtbot: QtBot, show: Callable[..., Window]) -> None:
    window = show(b'{"data":{"bucket":"<b>x</b>","data":[],"has_more":false,"after":"0"}}')
    assert "&lt;b&gt;x&lt;/b&gt;" in detail_of(window).heading.text()


def test_the_bytes_are_those_that_came_as_hex_as_json_and_raw(
    qtbot: QtBot, open_file: Callable[[Path], Window], capture: Path
) -> None:
    window = open_file(capture)
    choose(qtbot, window, 1)
    panel = bytes_of(window)
    window.docks["bytes"].raise_()
    body = window.frame.content.body  # type: ignore[union-attr]
    qtbot.waitUntil(lambda: panel.hex_model.rowCount() > 0, timeout=PATIENCE_MS)
    shown = b"".join(panel.hex_model.record(row).chunk for row in range(panel.hex_model.rowCount()))  # type: ignore[union-attr]
    assert shown == body
    panel.choice.findChildren(type(panel.choice._group.button(0)))[1].click()
    qtbot.waitUntil(lambda: panel.line_model.rowCount() > 10, timeout=PATIENCE_MS)
    assert json.loads("\n".join(panel.line_model.records)) == json.loads(body)
    panel.choice._group.button(2).click()
    qtbot.waitUntil(lambda: "".join(panel.line_model.records) == body.decode(), timeout=PATIENCE_MS)


def test_a_line_of_a_megabyte_opens_without_its_tree_being_built(qtbot: QtBot, show: Callable[..., Window]) -> None:
    row = json.dumps({f"column{n}": "x" * 60 for n in range(10)})
    detail = detail_of(show(data_line(*(put(n, row) for n in range(1, 1201)))))
    assert detail.operations_model.rowCount() == 1200
    detail.choice._group.button(1).click()
    assert detail.tree_model.rowCount() < 100


def test_bson_frames_show_the_same_as_ndjson(qtbot: QtBot, open_file: Callable[[Path], Window], tmp_path: Path) -> None:
    path = tmp_path / "bson.pscapture"
    with CaptureWriter(path) as writer:
        record(writer, recording("initial-bson"))
    window = open_file(path)
    choose(qtbot, window, 1)
    assert all(row[3] == "✓ " for row in rows_of(detail_of(window).operations))


def test_an_operation_is_copied_with_its_whole_id(qtbot: QtBot, show: Callable[..., Window]) -> None:
    operations = detail_of(show(data_line(put(4, "{}")))).operations
    assert text_at(operations, 0, "Row") == "todos / 0be2…04"
    operations.actions()[0].trigger()
    assert "todos/0be2c9d4-aaaa-bbbb-cccc-000000000004" in QGuiApplication.clipboard().text()


def test_moving_fast_through_frames_ends_on_the_last_one(
    qtbot: QtBot, open_file: Callable[[Path], Window], capture: Path
) -> None:
    window = open_file(capture)
    frames_of(window).table.choose_row(0)
    for _ in range(20):
        qtbot.keyClick(frames_of(window).table, Qt.Key.Key_Down)
    qtbot.waitUntil(lambda: window.frame.content is not None and window.frame.content.row.id == 21, timeout=PATIENCE_MS)


def test_the_tree_model_keeps_qts_promises(qtbot: QtBot) -> None:
    model = JsonTreeModel()
    qtbot.waitUntil(lambda: bool(model.children()), timeout=PATIENCE_MS)
    model.show_line(parse_json('{"checkpoint":{"buckets":[{"bucket":"b"},{"bucket":"c"}],"streams":[]}}'))
    model.set_expanded(0, False)
    model.set_expanded(0, True)
    assert model.row_count() > 0
    model.clear()
    assert model.row_count() == 0


def test_a_long_list_costs_nothing_until_it_is_opened() -> None:
    model = JsonTreeModel()
    model.show_line(parse_json('{"checkpoint":{"buckets":[' + ",".join(["{}"] * 5000) + "]}}"))
    assert model.rowCount() == 2
    model.set_expanded(1, True)
    assert model.rowCount() == 5002
    assert model.node(1).note is None  # type: ignore[union-attr]


def test_nothing_selected_says_what_to_do(open_file: Callable[[Path], Window], capture: Path) -> None:
    window = open_file(capture)
    assert detail_of(window).note.text() == "Select a frame to see its operations, its fields and its bytes."
    assert Colour.DIM.name == detail_of(window).note.property("tone")
