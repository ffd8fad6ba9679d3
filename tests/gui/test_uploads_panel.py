"""The uploads panel: what waits in a file, and what can be done about it in a live session."""

import json
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from inspector.analysis.pending_writes import PendingWrite
from inspector.engine import control
from inspector.store.local_write import LocalWrite
from inspector.ui.panels.uploads.discard_dialog import DiscardDialog
from inspector.ui.panels.uploads.panel import UploadsPanel
from inspector.ui.selection import RowKey
from inspector.ui.widgets.row_delegate import shorten_spans
from inspector.ui.window import Window
from tests.gui.conftest import Connecting, has_synced
from tests.gui.looking import column_of, rows_of, text_at
from tests.recordings import CAPTURES
from tests.store.database_files import change, copy_to, state

pytestmark = pytest.mark.usefixtures("every_model_watched")

STATES = CAPTURES.parent / "databases" / "states"
PATIENCE_MS = 30_000


def uploads_of(window: Window) -> UploadsPanel:
    panel = window.docks["uploads"].panel
    assert isinstance(panel, UploadsPanel)
    return panel


def shown(qtbot: QtBot, window: Window) -> UploadsPanel:
    """The panel, once it has read the files."""
    window.selection.reveal("uploads")
    panel = uploads_of(window)
    qtbot.waitUntil(lambda: panel.query.result is not None and not panel.query.busy, timeout=PATIENCE_MS)
    return panel


def test_a_file_shows_what_waits_and_does_not_pretend_to_know_answers(
    qtbot: QtBot, open_file: Callable[[Path], Window]
) -> None:
    window = open_file(STATES / "held-by-uploads.db")
    panel = shown(qtbot, window)
    assert rows_of(panel.pending)[0][:7] == [
        "1", "PATCH", "todos / todo-1002", "completed: 0 → 1", "–", "–", "not in a file"
    ]  # fmt: skip
    assert panel.gate.text.startswith("The gate is closed by 1 local write.")
    assert window.docks["uploads"].count == 1
    panel.choice.chosen.emit(1)
    assert "A database file knows no attempts" in panel.log_note.text()


def test_a_file_offers_no_action_and_says_why(qtbot: QtBot, open_file: Callable[[Path], Window]) -> None:
    window = open_file(STATES / "held-by-uploads.db")
    actions = window.actions_
    for action in (actions.upload_now, actions.retry_upload, actions.hold_uploads, actions.discard_writes):
        assert not action.isEnabled()
        assert "A file is only read" in action.toolTip()


def test_the_gate_of_a_file_that_waits_for_the_service(qtbot: QtBot, open_file: Callable[[Path], Window]) -> None:
    panel = shown(qtbot, open_file(STATES / "waiting-for-service.db"))
    assert panel.gate.text == "Waiting for the service to confirm checkpoint request 7; none was seen yet."
    assert panel.pending_note.text().startswith("No local writes are waiting.")


def test_choosing_a_write_chooses_its_row(qtbot: QtBot, open_file: Callable[[Path], Window]) -> None:
    window = open_file(STATES / "held-by-uploads.db")
    shown(qtbot, window).pending.choose_row(0)
    assert window.selection.row == RowKey("todos", "todo-1002")


def test_a_long_value_from_before_leaves_room_for_the_one_that_replaces_it(
    qtbot: QtBot, open_file: Callable[[Path], Window], tmp_path: Path
) -> None:
    copy = copy_to(tmp_path, STATES / "held-by-uploads.db")
    old = "The old text goes on and on. " * 30
    entry = {"op": "PATCH", "id": "todo-1002", "type": "todos", "data": {"description": "New"}, "old": {}}
    entry["old"] = {"description": old}
    change(copy, f"UPDATE ps_crud SET data = '{json.dumps(entry)}'")
    panel = shown(qtbot, open_file(copy))
    column = column_of(panel.pending, "Change")
    cell = panel.pending_model.cell(0, column)
    assert cell.text.endswith('→ "New"')
    assert old in cell.tooltip
    (span,) = cell.gives_way
    for characters in (90, 60, 36):
        fitted = shorten_spans(cell.text, cell.gives_way, len(cell.text) - characters)
        assert len(fitted) == characters
        assert fitted.startswith('description: "')
        assert fitted.endswith('" → "New"')
    assert shorten_spans(cell.text, (span,), 1000) == 'description: "The…n. " → "New"'


def test_a_file_that_is_shown_in_the_panel_is_not_changed(
    qtbot: QtBot, open_file: Callable[[Path], Window], tmp_path: Path
) -> None:
    copy = Path(shutil.copy2(STATES / "held-by-uploads.db", tmp_path))
    before = copy.read_bytes()
    panel = shown(qtbot, open_file(copy))
    panel.query.ask()
    qtbot.waitUntil(lambda: not panel.query.busy, timeout=PATIENCE_MS)
    assert copy.read_bytes() == before
    assert [path.name for path in copy.parent.iterdir() if path.name.startswith(copy.name)] == [copy.name]


@pytest.fixture
def live(qtbot: QtBot, connect: Connecting) -> Window:
    """A synced window whose uploads the backend refuses."""
    window = connect(upload_path="/not-there")
    qtbot.waitUntil(lambda: has_synced(window), timeout=PATIENCE_MS)
    return window


def test_a_refused_write_is_explained_and_discarded_after_a_look_at_what_is_lost(qtbot: QtBot, live: Window) -> None:
    panel = shown(qtbot, live)
    write = LocalWrite("PUT", "todos", "made-here", {"description": "Basil"})
    live.feed.send(control.Write((write,)))
    qtbot.waitUntil(lambda: "✕ 404" in text_at(panel.pending, 0, "Last answer"), timeout=PATIENCE_MS)
    assert text_at(panel.pending, 0, "Change") == 'description: "Basil"'
    assert text_at(panel.pending, 0, "Waiting").endswith(" s")
    assert live.docks["uploads"].count == 1
    assert live.actions_.retry_upload.isEnabled()

    live.actions_.discard_writes.trigger()
    dialog = live.findChild(DiscardDialog)
    assert isinstance(dialog, DiscardDialog)
    assert rows_of(dialog.table) == [["PUT", "todos / made-here", 'description: "Basil"']]
    assert dialog.whole.toPlainText() == 'PUT todos/made-here\ndescription: "Basil"'
    assert dialog.discard.text() == "Discard 1 local write"
    assert not dialog.discard.isDefault(), "Enter keeps"
    qtbot.mouseClick(dialog.discard, Qt.MouseButton.LeftButton)
    qtbot.waitUntil(lambda: not panel.pending_model.records, timeout=PATIENCE_MS)
    assert live.docks["uploads"].count == 0

    panel.choice.chosen.emit(1)
    qtbot.waitUntil(lambda: text_at(panel.log, 0, "Outcome") == "○ discarded", timeout=PATIENCE_MS)
    row = next(row for row in range(panel.log_model.rowCount()) if text_at(panel.log, row, "Outcome") == "✕ refused")
    panel.log.choose_row(row)
    qtbot.waitUntil(lambda: "Basil" in panel.exchange.toPlainText(), timeout=PATIENCE_MS)
    assert "Answered 404" in panel.exchange.toPlainText()


def test_of_many_writes_all_that_is_lost_is_counted_listed_and_copied(
    qtbot: QtBot, open_file: Callable[[Path], Window], tmp_path: Path
) -> None:
    copy = copy_to(tmp_path, STATES / "up-to-date.db")
    entries = [
        *({"op": "PATCH", "type": "todos", "id": f"t{at}", "data": {"description": f"text {at}"}} for at in range(600)),
        {"op": "DELETE", "type": "lists", "id": "list-4"},
    ]
    rows = ", ".join(f"({at}, 7, '{json.dumps(entry)}')" for at, entry in enumerate(entries, 1))
    change(copy, f"INSERT INTO ps_crud(id, tx_id, data) VALUES {rows}")
    panel = shown(qtbot, open_file(copy))
    dialog = DiscardDialog([line for line in panel.pending_model.records if isinstance(line, PendingWrite)], panel)
    qtbot.addWidget(dialog)
    assert dialog.windowTitle() == "Discard 601 local writes"
    assert dialog.kinds.text() == "todos: 600 changed rows · lists: 1 deletion"
    assert dialog.table.row_model.row_count() == 601
    dialog.table.choose_row(599)
    assert dialog.whole.toPlainText() == 'PATCH todos/t599\ndescription: "text 599"'
    qtbot.mouseClick(dialog.copy, Qt.MouseButton.LeftButton)
    assert json.loads(QApplication.clipboard().text()) == entries


def test_holding_uploads_is_one_button_that_becomes_resume(qtbot: QtBot, live: Window) -> None:
    assert live.actions_.hold_uploads.text() == "Hold uploads"
    live.actions_.hold_uploads.trigger()
    qtbot.waitUntil(lambda: live.actions_.hold_uploads.text() == "Resume uploads", timeout=PATIENCE_MS)
    panel = shown(qtbot, live)
    live.feed.send(control.Write((LocalWrite("PUT", "todos", "held-here", {"description": "Basil"}),)))
    qtbot.waitUntil(lambda: "Uploads are held by choice." in panel.gate.text, timeout=PATIENCE_MS)
    assert "Uploads are held." in live.actions_.upload_now.toolTip()


@pytest.mark.parametrize(("name", "why"), [("held-by-uploads", ""), ("up-to-date", "No local write waits.")])
def test_the_oldest_write_is_offered_to_be_shown_where_one_waits(
    open_file: Callable[[Path], Window], name: str, why: str
) -> None:
    action = open_file(state(name)).actions_.show_write
    assert action.isEnabled() is not bool(why)
    assert action.toolTip().endswith(why or "what became of it so far")
