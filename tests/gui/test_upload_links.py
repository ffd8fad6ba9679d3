"""An attempt to upload leads to the rows that it wrote, and a row to what became of its local writes."""

import json
from collections.abc import Callable
from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QAction
from PySide6.QtWidgets import QMenu
from pytestqt.qtbot import QtBot

from inspector.capture.happenings import HappeningKind, key_of
from inspector.capture.outcome import UploadOutcome
from inspector.capture.writer import CaptureWriter
from inspector.engine import control
from inspector.store.local_write import LocalWrite
from inspector.ui.panels.row.panel import RowPanel
from inspector.ui.panels.uploads import view
from inspector.ui.selection import RowKey
from inspector.ui.things import Things
from inspector.ui.window import Window
from tests.capture.recording import record, recording
from tests.gui.conftest import Connecting, has_synced
from tests.gui.looking import child, detail_of, point_in, rows_of, text_at
from tests.gui.test_data_panel import settled, show_table
from tests.gui.test_links import alt_click, places_in_menu
from tests.gui.test_uploads_panel import shown

pytestmark = pytest.mark.usefixtures("every_model_watched")

PATIENCE_MS = 30_000
MILK, LIST = RowKey("todos", "todo-1002"), RowKey("lists", "list-4")
ONE, MANY = key_of(HappeningKind.UPLOAD, 1), key_of(HappeningKind.UPLOAD, 2)


def send(writer: CaptureWriter, tx_id: int, first: int, *entries: dict[str, object]) -> None:
    writer.local_write(tx_id, len(entries), connected=True, writes=json.dumps(entries).encode())
    upload = writer.upload_started(tx_id, first, first + len(entries) - 1)
    writer.upload_sends(upload, json.dumps({"batch": entries}).encode())
    writer.upload_ended(upload, UploadOutcome.ACCEPTED, status=200, answer="{}")


@pytest.fixture
def uploaded(tmp_path: Path) -> Path:
    """A capture of a first sync and two uploads, of one row and of two."""
    path = tmp_path / "uploaded.pscapture"
    with CaptureWriter(path) as writer:
        record(writer, recording("initial-ndjson"))
        send(writer, 1, 1, {"op": "PATCH", "type": "todos", "id": MILK.id, "data": {"completed": 1}})
        send(
            writer,
            2,
            2,
            {"op": "PATCH", "type": "lists", "id": LIST.id, "data": {"name": "Shared"}},
            {"op": "DELETE", "type": "todos", "id": "todo-1008"},
        )
    return path


@pytest.fixture
def window(open_file: Callable[[Path], Window], uploaded: Path) -> Window:
    return open_file(uploaded)


def test_an_attempt_chooses_its_row_and_one_of_several_is_chosen_beside_it(qtbot: QtBot, window: Window) -> None:
    panel = shown(qtbot, window)
    panel.choice.chosen.emit(1)
    page = panel.log_page
    assert [text_at(panel.log, row, "Tx") for row in range(2)] == ["2", "1"]
    qtbot.mouseClick(panel.log.viewport(), Qt.MouseButton.LeftButton, pos=point_in(panel.log, 1, "Outcome"))
    qtbot.waitUntil(lambda: window.selection.row == MILK, timeout=PATIENCE_MS)
    assert window.selection.happening == ONE
    assert rows_of(page.written) == [["PATCH", "todos / todo-1002", "completed: 1"]]
    assert '"completed":1' in panel.exchange.toPlainText()

    qtbot.keyClick(panel.log, Qt.Key.Key_Up)
    qtbot.waitUntil(lambda: window.selection.row == LIST, timeout=PATIENCE_MS)
    assert window.selection.happening == MANY
    assert [row[1:] for row in rows_of(page.written)] == [
        ["lists / list-4", 'name: "Shared"'],
        ["todos / todo-1008", "the row goes"],
    ]
    page.written.choose_row(1)
    assert window.selection.row == RowKey("todos", "todo-1008")
    qtbot.keyClick(page.written, Qt.Key.Key_Return)
    assert window.docks["row"].isVisible()
    assert window.selection.row == RowKey("todos", "todo-1008")


def test_the_log_leads_to_the_row_history_by_double_click_and_by_its_menu(qtbot: QtBot, window: Window) -> None:
    panel = shown(qtbot, window)
    panel.choice.chosen.emit(1)
    assert {"Row history", "Data"} <= set(places_in_menu(panel.log, 1)["Reveal in"])
    place = point_in(panel.log, 1, "Outcome")
    qtbot.mouseClick(panel.log.viewport(), Qt.MouseButton.LeftButton, pos=place)
    qtbot.mouseDClick(panel.log.viewport(), Qt.MouseButton.LeftButton, pos=place)
    qtbot.waitUntil(lambda: window.front.now().panel == "row", timeout=PATIENCE_MS)
    assert window.selection.row == MILK


def test_a_row_that_is_chosen_while_an_attempt_is_being_read_stays_chosen(qtbot: QtBot, window: Window) -> None:
    panel = shown(qtbot, window)
    panel.choice.chosen.emit(1)
    panel.log.choose_row(1)
    window.selection.choose_row(LIST)
    qtbot.waitUntil(lambda: "todo-1002" in str(rows_of(panel.log_page.written)), timeout=PATIENCE_MS)
    assert window.selection.row == LIST


def test_an_upload_among_the_frames_asks_which_of_its_rows_is_meant(qtbot: QtBot, window: Window) -> None:
    window.revealing.reveal(Things(happening=ONE), "data")
    qtbot.waitUntil(lambda: window.selection.row == MILK, timeout=PATIENCE_MS)
    window.revealing.reveal(Things(happening=MANY), "row")
    menus: list[QMenu] = []

    def asked() -> bool:
        menus[:] = [menu for menu in window.findChildren(QMenu, "whichRow") if menu.isVisible()]
        return bool(menus)

    qtbot.waitUntil(asked, timeout=PATIENCE_MS)
    assert [action.text() for action in menus[0].actions()] == ["lists / list-4", "todos / todo-1008"]
    menus[0].actions()[1].trigger()
    menus[0].close()
    assert window.selection.row == RowKey("todos", "todo-1008")
    assert window.front.now().panel == "row"


def test_a_row_in_data_leads_to_its_upload_in_the_log(qtbot: QtBot, window: Window) -> None:
    _, grid = show_table(qtbot, window, "todos")
    row = next(at for at in range(grid.model.row_count()) if text_at(grid.table, at, "id") == MILK.id)
    grid.table.choose_row(row)
    assert "Uploads" in places_in_menu(grid.table, row)["Reveal in"]
    window.revealing.reveal(Things(row=MILK), "uploads")
    panel = shown(qtbot, window)
    qtbot.waitUntil(lambda: window.selection.happening == ONE, timeout=PATIENCE_MS)
    qtbot.waitUntil(lambda: text_at(panel.log, panel.log.currentIndex().row(), "Tx") == "1", timeout=PATIENCE_MS)
    assert panel.log.isVisible()
    written = panel.log_page.written
    qtbot.waitUntil(lambda: written.currentIndex().row() == 0, timeout=PATIENCE_MS)


def test_the_way_to_uploads_is_open_where_the_row_has_some_and_says_why_not_elsewhere(
    qtbot: QtBot, window: Window
) -> None:
    _, grid = show_table(qtbot, window, "todos")

    ids = [text_at(grid.table, row, "id") for row in range(grid.model.row_count())]
    other = next(row for row, row_id in enumerate(ids) if row_id not in (MILK.id, "todo-1008"))

    def way(row: int) -> QAction:
        menu = QMenu(grid)
        grid.table.menu_wanted.emit(menu, row, 0)
        return child(menu, QAction, "reveal-uploads")

    written, never = way(ids.index(MILK.id)), way(other)
    assert not never.isEnabled()
    qtbot.waitUntil(written.isEnabled, timeout=PATIENCE_MS)
    qtbot.waitUntil(lambda: "no upload of it is recorded" in never.toolTip(), timeout=PATIENCE_MS)
    assert not never.isEnabled()


def test_a_row_that_was_never_written_stays_where_it_is(qtbot: QtBot, window: Window) -> None:
    found: list[list[Things]] = []
    window.revealing.tracing.trace(Things(row=RowKey("todos", "todo-1003")), "uploads", found.append)
    qtbot.waitUntil(lambda: found == [[]], timeout=PATIENCE_MS)


def test_an_attempt_older_than_those_that_are_shown_is_read_when_it_is_wanted(
    qtbot: QtBot, open_file: Callable[[Path], Window], uploaded: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(view, "LOG_ROWS", 1)
    window = open_file(uploaded)
    panel = shown(qtbot, window)
    qtbot.waitUntil(lambda: len(panel.log_model.records) == 1, timeout=PATIENCE_MS)
    window.selection.choose_happening(ONE)
    window.selection.reveal("uploads")
    qtbot.waitUntil(lambda: text_at(panel.log, panel.log.currentIndex().row(), "Tx") == "1", timeout=PATIENCE_MS)


def test_the_log_says_when_its_transaction_was_written_and_how_much_was_sent(qtbot: QtBot, window: Window) -> None:
    panel = shown(qtbot, window)
    (first,) = [attempt for attempt in panel.log_model.records if attempt.upload.id == 1]
    assert first.written_at is not None
    assert text_at(panel.log, 1, "Sent").endswith(" bytes")
    assert text_at(panel.log, 1, "Took").endswith(" ms")
    assert text_at(panel.log, 1, "Written") <= text_at(panel.log, 1, "Time")


def test_what_waits_and_its_last_attempt_lead_to_each_other(qtbot: QtBot, connect: Connecting) -> None:
    window = connect(upload_path="/not-there")
    qtbot.waitUntil(lambda: has_synced(window), timeout=PATIENCE_MS)
    data, grid = show_table(qtbot, window, "lists")
    grid.table.choose_row(0)
    key = window.selection.row
    assert key is not None
    window.feed.send(control.Write((LocalWrite("PATCH", key.type, key.id, {"name": "Ours"}),)))
    panel = shown(qtbot, window)
    qtbot.waitUntil(lambda: "✕ 404" in text_at(panel.pending, 0, "Last answer"), timeout=PATIENCE_MS)
    assert text_at(panel.pending, 0, "Written") != "–"
    menu = QMenu()
    panel.pending.menu_wanted.emit(menu, 0, 0)
    next(action for action in menu.actions() if action.text() == "Show its last attempt in the log").trigger()
    assert panel.log.isVisible()
    assert panel.log.currentIndex().isValid()
    chosen = panel.log_page.chosen
    assert chosen is not None
    assert window.selection.happening == key_of(HappeningKind.UPLOAD, chosen.upload.id)

    window.revealing.reveal(Things(row=key), "uploads")
    qtbot.waitUntil(panel.pending.isVisible, timeout=PATIENCE_MS)
    assert window.selection.happening is None
    assert panel.pending.currentIndex().row() == 0
    settled(qtbot, data)


def test_what_an_upload_sent_leads_from_its_detail_to_the_row(qtbot: QtBot, window: Window) -> None:
    window.selection.choose_happening(MANY)
    window.selection.reveal("detail")
    detail = detail_of(window)
    model = detail.tree_model
    qtbot.waitUntil(lambda: model.row_count() > 0, timeout=PATIENCE_MS)
    window.selection.choose_row(RowKey("lists", "list-1"))

    def row_of(key: str) -> int | None:
        return next((at for at in range(model.row_count()) if (node := model.node(at)) and node.key == key), None)

    for key in ("sent", "batch", "[0]", "[1]"):
        at = row_of(key)
        assert at is not None
        model.set_expanded(at, True)
    second = row_of("[1]")
    assert second is not None
    alt_click(qtbot, detail.tree, point_in(detail.tree, second + 3, "Field"))
    assert window.selection.row == RowKey("todos", "todo-1008")
    assert window.docks["row"].isVisible()


def test_row_history_leads_to_the_uploads_of_its_row(qtbot: QtBot, window: Window) -> None:
    window.selection.choose_row(MILK)
    window.selection.reveal("row")
    panel = window.docks["row"].panel
    assert isinstance(panel, RowPanel)
    qtbot.waitUntil(lambda: panel.steps_model.row_count() > 0, timeout=PATIENCE_MS)
    assert {"Uploads", "Data"} <= set(places_in_menu(panel.steps, 0)["Reveal in"])
    assert "Row history" not in places_in_menu(panel.steps, 0)["Reveal in"]
    assert text_at(panel.steps, 0, "What happened") == "✓ local PATCH, uploaded"
    panel.steps.row_followed.emit(0)
    assert window.selection.happening == ONE
    assert window.front.now().panel == "uploads"
