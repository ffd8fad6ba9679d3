"""The row panel follows the selected row and tells its story."""

from collections.abc import Callable
from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from pytestqt.qtbot import QtBot

from inspector.ui.panels.row.panel import RowPanel
from inspector.ui.selection import RowKey
from inspector.ui.sources import Source
from inspector.ui.theme import Colour
from inspector.ui.window import Window
from tests.gui.looking import colours_in, rows_of, text_at
from tests.recordings import CAPTURES
from tests.store.database_files import change, copy_to, state

pytestmark = pytest.mark.usefixtures("every_model_watched")

STATES = CAPTURES.parent / "databases" / "states"
PATIENCE_MS = 30_000


def story_of(qtbot: QtBot, window: Window, row: RowKey) -> RowPanel:
    """The panel, once it tells of this row."""
    window.selection.choose_row(row)
    window.selection.reveal("row")
    panel = window.docks["row"].panel
    assert isinstance(panel, RowPanel)
    qtbot.waitUntil(lambda: panel.query.result is not None and not panel.query.busy, timeout=PATIENCE_MS)
    return panel


def test_it_says_what_is_pending_and_what_the_service_has(qtbot: QtBot, open_file: Callable[[Path], Window]) -> None:
    panel = story_of(qtbot, open_file(STATES / "held-by-uploads.db"), RowKey("todos", "todo-1002"))
    assert panel.title.whole == "todos / todo-1002"
    assert panel.verdict.text().startswith("✓ The app sees it with a local write in it")
    completed = next(row for row in rows_of(panel.compared) if row[0] == "completed")
    assert completed[1:] == ["0", "1"]
    assert text_at(panel.steps, 0, "What happened") == "‖ local PATCH, waiting"
    assert text_at(panel.steps, 1, "What happened") == "✓ PUT, shown"
    assert panel.compared_model.headerData(1, Qt.Orientation.Horizontal) == "Service (op 30)"
    assert panel.warning.isHidden()


def test_a_value_that_nobody_sent_is_coloured_and_said(
    qtbot: QtBot, open_file: Callable[[Path], Window], tmp_path: Path
) -> None:
    path = copy_to(tmp_path, state("up-to-date"))
    change(path, "UPDATE ps_data__todos SET data = json_set(data, '$.rating', 5.0) WHERE id = 'todo-1002'")
    panel = story_of(qtbot, open_file(path), RowKey("todos", "todo-1002"))
    rating = next(it for it in panel.compared_model.records if it.column == "rating")
    assert panel.compared_model.row_style(rating).tint is Colour.BROKEN
    assert panel.warning.text().startswith("✕ rating is neither what operation 30 has nor a local write's")
    assert Colour.BROKEN.value[0] in "".join(colours_in(panel.compared))


def test_a_step_shows_the_values_before_and_after_it(qtbot: QtBot, open_file: Callable[[Path], Window]) -> None:
    panel = story_of(qtbot, open_file(STATES / "held-by-uploads.db"), RowKey("todos", "todo-1002"))
    panel.steps.choose_row(0)
    assert panel.changed.isVisible()
    assert rows_of(panel.changed) == [["completed", "0", "1"]]


def test_a_chosen_column_has_both_its_values_whole(qtbot: QtBot, open_file: Callable[[Path], Window]) -> None:
    panel = story_of(qtbot, open_file(STATES / "held-by-uploads.db"), RowKey("todos", "todo-1002"))
    assert not panel.whole.isVisible()
    panel.compared.choose_row([it.column for it in panel.compared_model.records].index("completed"))
    assert panel.whole.isVisible()
    assert panel.whole.toPlainText() == "completed\n\nService (op 30):\n0\n\nThis device:\n1"
    panel.steps.choose_row(0)
    assert not panel.whole.isVisible()
    panel.changed.choose_row(0)
    assert panel.whole.toPlainText() == "completed\n\nBefore:\n0\n\nAfter:\n1"


def test_a_step_leads_to_the_frame_that_brought_it(
    qtbot: QtBot, open_file: Callable[[Path], Window], capture: Path
) -> None:
    window = open_file(capture)
    panel = story_of(qtbot, window, RowKey("lists", "list-2"))
    assert "It left my_lists" in panel.verdict.text()
    panel.steps.choose_row(0)
    assert window.selection.operation is not None
    assert window.selection.operation.op_id == 1596
    qtbot.keyClick(panel.steps, Qt.Key.Key_Return)
    assert window.selection.frame is not None


def test_without_a_row_it_says_how_to_get_one(qtbot: QtBot, open_window: Callable[[Source | None], Window]) -> None:
    window = open_window(None)
    panel = window.docks["row"].panel
    assert isinstance(panel, RowPanel)
    window.selection.reveal("row")
    assert panel.note.text().startswith("Select a row")
