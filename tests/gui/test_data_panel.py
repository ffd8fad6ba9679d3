"""The data panel: tables, rows, filters; read-only for files, local writes in live sessions."""

from collections.abc import Callable
from functools import partial
from pathlib import Path

import apsw
import pytest
from PySide6.QtCore import QEvent, QPoint, QRect, Qt
from PySide6.QtGui import QFocusEvent
from PySide6.QtTest import QAbstractItemModelTester
from PySide6.QtWidgets import QApplication, QLineEdit, QMenu, QMessageBox
from pytestqt.qtbot import QtBot

from inspector.engine import control
from inspector.store.local_write import LocalWrite
from inspector.ui.panels.data.add_row_dialog import AddRowDialog
from inspector.ui.panels.data.grid import Grid
from inspector.ui.panels.data.panel import DataPanel
from inspector.ui.selection import RowKey
from inspector.ui.theme import Colour, colour
from inspector.ui.window import Window
from tests.gui.conftest import Connecting, has_synced
from tests.gui.looking import rows_of, scroll_to, text_at
from tests.gui.watchdog import watchdog
from tests.gui.yardstick import stall_ms
from tests.recordings import CAPTURES
from tests.running_service import ServiceUnderTest
from tests.store.database_files import change, copy_to
from tests.store.large_database import make_large

STATES = CAPTURES.parent / "databases" / "states"
PATIENCE_MS = 30_000


def data_of(window: Window) -> DataPanel:
    panel = window.docks["data"].panel
    assert isinstance(panel, DataPanel)
    return panel


def show_table(qtbot: QtBot, window: Window, title: str) -> tuple[DataPanel, Grid]:
    """The panel with the rows of a table in it."""
    window.front.show("data")
    panel = data_of(window)

    def listed() -> bool:
        return title in [shape.title for shape in panel.tables_model.records]

    qtbot.waitUntil(listed, timeout=PATIENCE_MS)
    panel.tables.choose_row([shape.title for shape in panel.tables_model.records].index(title))
    settled(qtbot, panel)
    assert panel.grid is not None
    return panel, panel.grid


def settled(qtbot: QtBot, panel: DataPanel) -> None:
    """The rows that are wanted are there, and the first of them are read."""

    def done() -> bool:
        grid = panel.grid
        assert grid is not None
        return panel.rows.complete and (not grid.model.row_count() or grid.model.record(0) is not None)

    qtbot.waitUntil(done, timeout=PATIENCE_MS)


def test_a_file_shows_its_tables_as_the_app_sees_them(qtbot: QtBot, open_file: Callable[[Path], Window]) -> None:
    window = open_file(STATES / "held-by-uploads.db")
    panel, grid = show_table(qtbot, window, "todos")
    assert ["todos", "500", "synced"] in rows_of(panel.tables)
    assert text_at(grid.table, 0, "id") == "todo-1002"
    assert text_at(grid.table, 0, "completed") == "1"
    assert panel.whole.isHidden()
    grid.table.choose_row(0)
    qtbot.waitUntil(panel.whole.isVisible, timeout=PATIENCE_MS)
    assert window.selection.row == RowKey("todos", "todo-1002")
    qtbot.waitUntil(lambda: panel.value.toPlainText() == "todo-1002", timeout=PATIENCE_MS)


def test_a_file_is_read_only_and_says_why(qtbot: QtBot, open_file: Callable[[Path], Window]) -> None:
    panel, grid = show_table(qtbot, open_file(STATES / "held-by-uploads.db"), "todos")
    assert panel.foot.text == "A file is only read: its rows are as the app left them."
    assert not panel.add_row.isEnabled()
    grid.edit(grid.model.index(0, 2))
    assert grid.table.findChild(QLineEdit, "cellEditor") is None


def test_rows_without_a_table_are_explained(qtbot: QtBot, open_file: Callable[[Path], Window]) -> None:
    panel, grid = show_table(qtbot, open_file(STATES / "held-by-uploads.db"), "notes")
    assert "The client's schema has no table “notes”" in panel.foot.text
    assert [column.title for column in grid.model.columns] == ["id", "data"]


def test_search_and_filters_narrow_the_rows_and_can_be_cleared(
    qtbot: QtBot, open_file: Callable[[Path], Window]
) -> None:
    panel, grid = show_table(qtbot, open_file(STATES / "held-by-uploads.db"), "todos")
    qtbot.keyClicks(panel.search, "number 1002")
    qtbot.waitUntil(lambda: grid.model.row_count() == 1, timeout=PATIENCE_MS)
    qtbot.waitUntil(lambda: panel.count.whole == "1 of 500 rows", timeout=PATIENCE_MS)
    panel.clear_filters.trigger()
    qtbot.waitUntil(lambda: grid.model.row_count() == 500, timeout=PATIENCE_MS)
    completed = next(i for i, column in enumerate(grid.shape.columns) if column.name == "completed")
    qtbot.keyClicks(grid.filters.edits[completed], "= 1")
    qtbot.waitUntil(lambda: 0 < grid.model.row_count() < 500, timeout=PATIENCE_MS)
    settled(qtbot, panel)
    assert text_at(grid.table, 0, "completed") == "1"
    qtbot.keyClicks(panel.search, "no such text")
    qtbot.waitUntil(lambda: grid.note.text() == "No row meets the filters.", timeout=PATIENCE_MS)


def test_a_click_on_a_header_sorts_and_a_third_one_ends_it(qtbot: QtBot, open_file: Callable[[Path], Window]) -> None:
    panel, grid = show_table(qtbot, open_file(STATES / "held-by-uploads.db"), "todos")
    first = text_at(grid.table, 0, "id")
    rating = next(i for i, column in enumerate(grid.shape.columns) if column.name == "photo_size")
    for _ in range(2):
        grid.table.header.sectionClicked.emit(rating)
        settled(qtbot, panel)
    largest = int(text_at(grid.table, 0, "photo_size"))
    assert largest > int(text_at(grid.table, 5, "photo_size"))
    grid.table.header.sectionClicked.emit(rating)
    settled(qtbot, panel)
    assert text_at(grid.table, 0, "id") == first


def test_a_row_that_is_chosen_elsewhere_is_found(qtbot: QtBot, open_file: Callable[[Path], Window]) -> None:
    window = open_file(STATES / "held-by-uploads.db")
    panel, _ = show_table(qtbot, window, "lists")
    window.selection.choose_row(RowKey("todos", "todo-1008"))
    window.selection.reveal("data")
    settled(qtbot, panel)
    assert panel.grid is not None
    assert text_at(panel.grid.table, 0, "id") == "todo-1008"


def test_a_hundred_thousand_rows_open_and_scroll_without_stalls(
    qtbot: QtBot, open_file: Callable[[Path], Window], tmp_path: Path
) -> None:
    window = open_file(make_large(tmp_path / "large.db", 100_000))
    panel, grid = show_table(qtbot, window, "todos")
    assert grid.model.row_count() == 100_000
    bar = grid.table.verticalScrollBar()
    with watchdog() as dog:
        for part in range(12):
            dog.do(partial(scroll_to, bar, part / 11))
            dog.wait_for(lambda: not panel.rows.busy)
        dog.do(lambda: panel.search.setText("number 99999"))
        dog.wait_for(lambda: grid.model.row_count() == 1)
    assert dog.busiest_ms < stall_ms()


def test_a_long_search_says_how_long_it_takes_and_is_stopped(
    qtbot: QtBot, open_file: Callable[[Path], Window], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("inspector.ui.panels.data.search_status._LONG_SECONDS", 0.1)
    window = open_file(make_large(tmp_path / "large.db", 200_000))
    panel, grid = show_table(qtbot, window, "todos")
    stop = panel.strip.stop
    assert not stop.isVisible()
    panel.search.setText("nobody has this in it")
    qtbot.waitUntil(stop.isVisible, timeout=PATIENCE_MS)
    assert panel.count.whole.startswith("searching, ")
    stop.click()
    assert not stop.isVisible()
    assert panel.count.whole == "stopped"
    assert "The search was stopped" in grid.note.text()
    qtbot.waitUntil(lambda: not panel.rows.busy, timeout=PATIENCE_MS)
    assert grid.model.row_count() == 0
    panel.search.clear()
    qtbot.waitUntil(lambda: grid.model.row_count() == 200_000, timeout=PATIENCE_MS)
    assert not grid.note.text()


def test_the_rows_of_a_table_that_the_app_made_say_why_they_are_only_read(
    qtbot: QtBot, open_file: Callable[[Path], Window], tmp_path: Path
) -> None:
    file = make_large(tmp_path / "own.db", 1)
    connection = apsw.Connection(str(file))
    connection.execute("CREATE TABLE priority(id TEXT, bucket TEXT); INSERT INTO priority VALUES ('a', 'b')")
    connection.close()
    window = open_file(file)
    _, grid = show_table(qtbot, window, "priority")
    tooltip = grid.model.columns[1].tooltip(grid.model.record(0))  # type: ignore[arg-type]
    assert "changes it by statements of its own" in tooltip
    assert tooltip.startswith("b")
    header = grid.table.header
    at = QPoint(header.sectionViewportPosition(1) + 4, 4)
    assert "set of rows" not in header.tooltip_at(at), "the app's columns are not the field's words"


def test_its_models_keep_qts_promises(qtbot: QtBot, open_file: Callable[[Path], Window]) -> None:
    panel, grid = show_table(qtbot, open_file(STATES / "held-by-uploads.db"), "todos")
    testers = [
        QAbstractItemModelTester(model, QAbstractItemModelTester.FailureReportingMode.Fatal)
        for model in (panel.tables_model, grid.model)
    ]
    panel.search.setText("number 10")
    qtbot.waitUntil(lambda: grid.model.row_count() < 500, timeout=PATIENCE_MS)
    settled(qtbot, panel)
    assert len(testers) == 2


@pytest.fixture
def live(qtbot: QtBot, connect: Connecting) -> Window:
    """A synced window that uploads to the embedded service."""
    window = connect(upload_path="/api/data")
    qtbot.waitUntil(lambda: has_synced(window), timeout=PATIENCE_MS)
    return window


def column_of(grid: Grid, name: str) -> int:
    return next(number for number, column in enumerate(grid.shape.columns) if column.name == name)


def open_editor(grid: Grid, row: int, column: str) -> QLineEdit:
    index = grid.model.index(row, column_of(grid, column))
    grid.table.setCurrentIndex(index)
    grid.edit(index)
    return next(editor for editor in grid.table.findChildren(QLineEdit, "cellEditor") if editor.isVisible())


def double_click(qtbot: QtBot, grid: Grid, row: int, column: str) -> None:
    """By mouse, both clicks at the same place of the screen, wherever the cell has got to in between."""
    screen = grid.window()
    cell = grid.table.visualRect(grid.model.index(row, column_of(grid, column))).intersected(
        grid.table.viewport().rect()
    )
    place = grid.table.viewport().mapTo(screen, cell.center())
    for click in (qtbot.mouseClick, qtbot.mouseDClick):
        QApplication.processEvents()  # what the first click changed in the layout comes to be
        under = screen.childAt(place)
        assert under is not None
        click(under, Qt.MouseButton.LeftButton, pos=under.mapFrom(screen, place))


def in_sight_of(grid: Grid, place: QRect) -> bool:
    return grid.table.viewport().rect().contains(place)


def test_a_cell_at_the_edge_of_the_rows_is_edited_by_a_double_click_and_by_key(qtbot: QtBot, live: Window) -> None:
    panel, grid = show_table(qtbot, live, "todos")
    width = grid.table.viewport().width()
    names = [column.name for column in grid.shape.columns]
    last = [name for at, name in enumerate(names) if grid.table.visualRect(grid.model.index(0, at)).left() < width - 9]
    double_click(qtbot, grid, 0, last[-1])
    assert grid.editor is not None
    assert panel.whole.isHidden()
    qtbot.keyClick(grid.editor, Qt.Key.Key_Escape)
    qtbot.waitUntil(panel.whole.isVisible, timeout=PATIENCE_MS)
    current = grid.model.index(0, column_of(grid, last[-1]))
    QApplication.processEvents()
    assert in_sight_of(grid, grid.table.visualRect(current)), "the pane takes room, and does not hide what it is about"
    grid.table.horizontalScrollBar().setValue(0)
    qtbot.keyClick(grid.table, Qt.Key.Key_F2)
    assert in_sight_of(grid, grid.editor.geometry())
    qtbot.keyClick(grid.editor, Qt.Key.Key_Escape)
    grid.table.horizontalScrollBar().setValue(0)
    double_click(qtbot, grid, 0, "id")
    assert grid.editor is None
    assert panel.foot.text == "An id cannot be changed: it says which row it is."


def keys(qtbot: QtBot, grid: Grid, *names: Qt.Key, ctrl: bool = False) -> tuple[int, str]:
    """Press these in the grid; where the current cell is then."""
    held = Qt.KeyboardModifier.ControlModifier if ctrl else Qt.KeyboardModifier.NoModifier
    for name in names:
        qtbot.keyClick(grid.table, name, held)
    index = grid.table.currentIndex()
    return index.row(), grid.shape.columns[index.column()].name if index.isValid() else ""


def test_arrows_move_the_current_cell_and_rows_stay_chosen_whole(
    qtbot: QtBot, open_file: Callable[[Path], Window]
) -> None:
    window = open_file(STATES / "held-by-uploads.db")
    panel, grid = show_table(qtbot, window, "todos")
    names = [column.name for column in grid.shape.columns]
    grid.table.setFocus()
    grid.table.choose_row(1)
    key = Qt.Key
    assert keys(qtbot, grid, key.Key_Right) == (1, names[1])
    assert keys(qtbot, grid, key.Key_Down) == (2, names[1]), "the column is kept"
    assert grid.table.selectionModel().isRowSelected(2, grid.table.rootIndex())
    assert window.selection.row == RowKey("todos", text_at(grid.table, 2, "id"))
    grid.table.choose_row(3)
    assert keys(qtbot, grid) == (3, names[1])
    assert keys(qtbot, grid, key.Key_End) == (3, names[-1])
    assert in_sight_of(grid, grid.table.visualRect(grid.table.currentIndex()))
    assert keys(qtbot, grid, key.Key_Right) == (3, names[-1])
    assert keys(qtbot, grid, key.Key_Home) == (3, names[0])
    assert keys(qtbot, grid, key.Key_Left) == (3, names[0])
    assert keys(qtbot, grid, key.Key_End, ctrl=True) == (grid.model.row_count() - 1, names[-1])
    assert keys(qtbot, grid, key.Key_Home, ctrl=True) == (0, names[0])
    grid.table.header.hideSection(1)
    assert keys(qtbot, grid, key.Key_Right) == (0, names[2]), "what is hidden is passed over"
    shown = text_at(grid.table, 0, names[2])
    qtbot.waitUntil(lambda: panel.value.toPlainText() == shown, timeout=PATIENCE_MS)
    assert panel.whole.title.whole.startswith(names[2])


def test_the_current_cell_has_a_frame_that_shows_the_keyboard(
    qtbot: QtBot, open_file: Callable[[Path], Window]
) -> None:
    panel, grid = show_table(qtbot, open_file(STATES / "held-by-uploads.db"), "todos")
    grid.table.setCurrentIndex(grid.model.index(1, 2))

    def frame() -> str:
        cell = grid.table.visualRect(grid.table.currentIndex())
        return grid.table.viewport().grab().toImage().pixelColor(cell.center().x(), cell.top()).name()

    grid.table.setFocus()
    assert frame() == colour(Colour.ACCENT).name()
    panel.search.setFocus()
    assert frame() == colour(Colour.DIM).name()


def test_copying_takes_the_cell_or_several_rows_and_long_values_whole(
    qtbot: QtBot, open_file: Callable[[Path], Window], tmp_path: Path
) -> None:
    copy = copy_to(tmp_path, STATES / "held-by-uploads.db")
    text = "long " * 1_000
    change(copy, f"UPDATE ps_data__todos SET data = json_set(data, '$.description', '{text}') WHERE id = 'todo-1002'")
    _, grid = show_table(qtbot, open_file(copy), "todos")
    clipboard, held = QApplication.clipboard(), Qt.KeyboardModifier.ControlModifier
    row = next(at for at in range(20) if text_at(grid.table, at, "id") == "todo-1002")
    grid.table.setFocus()
    grid.table.setCurrentIndex(grid.model.index(row, column_of(grid, "description")))
    qtbot.keyClick(grid.table, Qt.Key.Key_C, held)
    qtbot.waitUntil(lambda: clipboard.text() == text, timeout=PATIENCE_MS)
    keys(qtbot, grid, Qt.Key.Key_Home)
    qtbot.keyClick(grid.table, Qt.Key.Key_C, held)
    assert clipboard.text() == "todo-1002"
    menu = QMenu()
    grid.table.menu_wanted.emit(menu, row, 0)
    next(action for action in menu.actions() if action.text() == "Copy the row as JSON").trigger()
    qtbot.waitUntil(lambda: text in clipboard.text(), timeout=PATIENCE_MS)
    clipboard.clear()
    next(action for action in menu.actions() if action.text() == "Copy the row").trigger()
    qtbot.waitUntil(lambda: text in clipboard.text(), timeout=PATIENCE_MS)
    assert clipboard.text().split("\t")[0] == "todo-1002"
    grid.table.selectAll()
    grid.table.menu_wanted.emit(menu, row, 0)
    clipboard.clear()
    next(action for action in menu.actions() if action.text() == "Copy 500 rows").trigger()
    qtbot.waitUntil(lambda: bool(clipboard.text()), timeout=PATIENCE_MS)
    lines = clipboard.text().splitlines()
    assert len(lines) == 500, "of pages that were never on screen, too"
    assert all(line.split("\t")[0] for line in lines)


def test_a_row_with_half_a_surrogate_pair_is_shown_with_it_escaped(
    qtbot: QtBot, open_file: Callable[[Path], Window], tmp_path: Path
) -> None:
    copy = copy_to(tmp_path, STATES / "held-by-uploads.db")
    odd = r"""json_set(data, '$.description', json('"a \ud800 b"'))"""
    change(copy, f"UPDATE ps_data__todos SET data = {odd} WHERE id = 'todo-1002'")
    panel, grid = show_table(qtbot, open_file(copy), "todos")
    column = column_of(grid, "description")
    assert text_at(grid.table, 0, "id") == "todo-1002"
    assert text_at(grid.table, 0, "description") == r"a \ud800 b"
    record = grid.model.record(0)
    assert record is not None
    assert "not UTF-8" in grid.model.columns[column].tooltip(record)
    grid.table.setCurrentIndex(grid.model.index(0, column))
    qtbot.waitUntil(lambda: panel.value.toPlainText() == r"a \ud800 b", timeout=PATIENCE_MS)
    assert "escaped" in panel.whole.title.whole


def test_space_reads_the_whole_value_and_escape_leads_back(qtbot: QtBot, open_file: Callable[[Path], Window]) -> None:
    panel, grid = show_table(qtbot, open_file(STATES / "held-by-uploads.db"), "todos")
    grid.table.setFocus()
    grid.table.choose_row(0)
    qtbot.keyClick(grid.table, Qt.Key.Key_Space)
    assert panel.whole.isVisible()
    assert panel.value.hasFocus()
    qtbot.keyClick(panel.value, Qt.Key.Key_Escape)
    assert grid.table.hasFocus()


def test_enter_edits_the_current_cell_in_a_session_and_follows_the_row_in_a_file(
    qtbot: QtBot, live: Window, open_file: Callable[[Path], Window]
) -> None:
    _, grid = show_table(qtbot, live, "todos")
    grid.table.setFocus()
    grid.table.setCurrentIndex(grid.model.index(0, column_of(grid, "description")))
    qtbot.keyClick(grid.table, Qt.Key.Key_Return)
    assert grid.editor is not None
    assert grid.editor.text() == text_at(grid.table, 0, "description")
    qtbot.keyClick(grid.editor, Qt.Key.Key_Escape)
    assert grid.table.hasFocus()
    keys(qtbot, grid, Qt.Key.Key_Right)
    qtbot.keyClick(grid.table, Qt.Key.Key_F2)
    assert grid.editor is not None
    assert grid.editor.accessibleName() == grid.shape.columns[column_of(grid, "description") + 1].name
    qtbot.keyClick(grid.editor, Qt.Key.Key_Escape)

    window = open_file(STATES / "held-by-uploads.db")
    _, grid = show_table(qtbot, window, "todos")
    grid.table.setFocus()
    grid.table.setCurrentIndex(grid.model.index(0, 2))
    qtbot.keyClick(grid.table, Qt.Key.Key_Return)
    assert window.front.now().panel == "row"


def test_the_current_row_is_the_same_one_while_others_come_and_it_goes(qtbot: QtBot, live: Window) -> None:
    panel, grid = show_table(qtbot, live, "lists")
    live.actions_.hold_uploads.trigger()
    qtbot.waitUntil(lambda: bool(live.feed.status and live.feed.status.uploads == "held"), timeout=PATIENCE_MS)
    rows, name = grid.model.row_count(), column_of(grid, "name")
    grid.table.setFocus()
    grid.table.setCurrentIndex(grid.model.index(0, name))
    key = live.selection.row
    assert key is not None
    live.feed.send(control.Write((LocalWrite("PUT", "lists", "0-comes-first", {"name": "First"}),)))
    qtbot.waitUntil(lambda: grid.model.row_count() == rows + 1, timeout=PATIENCE_MS)
    qtbot.waitUntil(lambda: grid.table.currentIndex().row() == 1, timeout=PATIENCE_MS)
    assert text_at(grid.table, 1, "id") == key.id
    assert grid.table.currentIndex().column() == name
    assert live.selection.row == key
    assert grid.table.selectionModel().isRowSelected(1, grid.table.rootIndex())

    live.feed.send(control.Write((LocalWrite("DELETE", "lists", key.id),)))
    qtbot.waitUntil(lambda: not grid.table.currentIndex().isValid(), timeout=PATIENCE_MS)
    assert panel.foot.text == f"lists / {key.id} is not among these rows any more."
    assert live.selection.row == key, "its history is still told"

    qtbot.waitUntil(lambda: grid.model.row_count() == rows, timeout=PATIENCE_MS)
    settled(qtbot, panel)
    grid.table.choose_row(rows - 1)
    last = live.selection.row
    assert last is not None
    live.feed.send(control.Write((LocalWrite("DELETE", "lists", last.id),)))
    qtbot.waitUntil(lambda: panel.foot.text.startswith(f"lists / {last.id} is not among"), timeout=PATIENCE_MS)
    assert not grid.table.currentIndex().isValid()
    assert live.selection.row == last


def test_the_current_cell_is_kept_while_rows_are_sorted_and_filtered(
    qtbot: QtBot, open_file: Callable[[Path], Window], tmp_path: Path
) -> None:
    copy = copy_to(tmp_path, STATES / "held-by-uploads.db")
    change(copy, "UPDATE ps_data__todos SET id = '1e3' WHERE id = 'todo-1002'")  # no number
    window = open_file(copy)
    panel, grid = show_table(qtbot, window, "todos")
    row = next(at for at in range(20) if text_at(grid.table, at, "id") == "1e3")
    column = column_of(grid, "description")
    grid.table.setCurrentIndex(grid.model.index(row, column))
    qtbot.waitUntil(panel.whole.isVisible, timeout=PATIENCE_MS)

    def is_current() -> bool:
        index = grid.table.currentIndex()
        record = grid.model.record(index.row())
        return record is not None and (record.values[0].value, index.column()) == ("1e3", column)

    bar = grid.table.horizontalScrollBar()
    bar.setValue(40)
    grid.table.header.sectionClicked.emit(column)
    assert not is_current()
    qtbot.waitUntil(is_current, timeout=PATIENCE_MS)
    assert panel.whole.isVisible()
    assert bar.value() == 40, "the column that was clicked is still under the mouse"
    grid.filters.set_condition(column_of(grid, "id"), "todo")
    settled(qtbot, panel)
    qtbot.waitUntil(lambda: not panel.current.returning, timeout=PATIENCE_MS)
    assert not grid.table.currentIndex().isValid(), "it is not shown"
    assert panel.whole.isHidden()
    panel.clear_filters.trigger()
    qtbot.waitUntil(is_current, timeout=PATIENCE_MS)
    assert grid.table.selectionModel().isRowSelected(grid.table.currentIndex().row(), grid.table.rootIndex())
    panel.search.setText(text_at(grid.table, grid.table.currentIndex().row(), "description"))
    grid.table.choose_none()
    panel.strip.wanted.emit()
    settled(qtbot, panel)
    assert window.selection.row == RowKey("todos", "1e3")


def test_the_keyboard_comes_back_to_the_cell(qtbot: QtBot, open_file: Callable[[Path], Window]) -> None:
    window = open_file(STATES / "held-by-uploads.db")
    panel, grid = show_table(qtbot, window, "todos")
    assert panel.tables.hasFocus(), "while no cell is chosen"
    grid.table.setFocus()
    grid.table.setCurrentIndex(grid.model.index(1, 2))
    window.front.show("row")
    window.front.show("data")
    assert grid.table.hasFocus()


def put_in(qtbot: QtBot, grid: Grid, row: int, column: str, text: str) -> None:
    """Edit a cell by keyboard."""
    editor = open_editor(grid, row, column)
    editor.clear()
    qtbot.keyClicks(editor, text)
    qtbot.keyClick(editor, Qt.Key.Key_Return)


def test_an_edited_cell_goes_through_the_upload_queue(qtbot: QtBot, live: Window, service: ServiceUnderTest) -> None:
    panel, grid = show_table(qtbot, live, "todos")
    put_in(qtbot, grid, 0, "description", "Written here")
    qtbot.waitUntil(lambda: text_at(grid.table, 0, "description") == "Written here", timeout=PATIENCE_MS)
    qtbot.waitUntil(lambda: panel.value.toPlainText() == "Written here", timeout=PATIENCE_MS)

    def confirmed() -> bool:
        status = live.feed.status
        return status is not None and not status.pending_writes and status.seen_request == status.target_request

    qtbot.waitUntil(confirmed, timeout=PATIENCE_MS)
    assert text_at(grid.table, 0, "description") == "Written here"


def test_an_edit_is_of_the_row_that_it_was_begun_for(qtbot: QtBot, live: Window, service: ServiceUnderTest) -> None:
    _, grid = show_table(qtbot, live, "todos")
    live.actions_.hold_uploads.trigger()
    description = column_of(grid, "description")

    def first() -> list[str]:
        return [text_at(grid.table, row, "description") for row in range(6)]

    assert first() != sorted(first())
    grid.table.header.sectionClicked.emit(description)
    qtbot.waitUntil(lambda: all(first()) and first() == sorted(first()), timeout=PATIENCE_MS)
    # A change of the data has the rows read anew, and for a moment there are none.
    qtbot.waitUntil(lambda: grid.model.record(0) is not None and grid.model.record(3) is not None, timeout=PATIENCE_MS)
    begun, other = (text_at(grid.table, row, "id") for row in (0, 3))
    editor = open_editor(grid, 0, "description")
    qtbot.keyClicks(editor, "of the first")
    service.patch("todos", other, description=" comes first now")
    qtbot.waitUntil(lambda: text_at(grid.table, 0, "id") == other, timeout=PATIENCE_MS)
    qtbot.keyClick(editor, Qt.Key.Key_Return)

    qtbot.waitUntil(lambda: bool(live.feed.status and live.feed.status.pending_writes), timeout=PATIENCE_MS)
    opened = live.feed.files.open_database
    assert opened is not None
    reader = opened()
    try:
        assert [entry.row_id for entry in reader.pending()] == [begun]
    finally:
        reader.close()


def test_a_row_that_a_sync_changes_stays_on_screen_until_it_is_found_anew(qtbot: QtBot, live: Window) -> None:
    """A changed row is written anew, at another place in its table."""
    _, grid = show_table(qtbot, live, "todos")
    before = grid.model.record(3)
    assert before is not None
    shown: list[object] = []
    grid.model.dataChanged.connect(lambda *_: shown.append(grid.model.record(3)))
    client = apsw.Connection(str(live.feed.active.client_database if live.feed.active else ""))
    client.set_busy_timeout(PATIENCE_MS)
    client.execute("UPDATE ps_data__todos SET rowid = rowid + 100000 WHERE rowid = ?", (before.rowid,))
    grid.model.set_stale()
    qtbot.waitUntil(lambda: _rowid(grid, 3) == before.rowid + 100_000, timeout=PATIENCE_MS)
    assert None not in shown

    rows = grid.model.row_count()
    client.execute("DELETE FROM ps_data__todos WHERE rowid = ?", (before.rowid + 100_000,))
    client.close()
    grid.model.set_stale()
    qtbot.waitUntil(lambda: grid.model.row_count() == rows - 1, timeout=PATIENCE_MS)
    assert None not in shown


def _rowid(grid: Grid, row: int) -> int:
    record = grid.model.record(row)
    return record.rowid if record is not None else 0


def test_typed_text_is_kept_when_the_focus_goes_elsewhere(qtbot: QtBot, live: Window) -> None:
    _, grid = show_table(qtbot, live, "todos")
    left = QFocusEvent(QEvent.Type.FocusOut, Qt.FocusReason.MouseFocusReason)
    untouched = open_editor(grid, 0, "description")
    QApplication.sendEvent(untouched, left)
    assert untouched.isHidden()
    editor = open_editor(grid, 0, "description")
    qtbot.keyClicks(editor, "half a sentence")
    QApplication.sendEvent(editor, left)
    assert editor.isVisible()
    grid.edit(grid.model.index(1, column_of(grid, "description")))
    assert editor.text() == "half a sentence"
    assert [other for other in grid.table.findChildren(QLineEdit, "cellEditor") if other.isVisible()] == [editor]
    qtbot.keyClick(editor, Qt.Key.Key_Escape)
    assert editor.isHidden()


def test_a_value_of_another_type_is_refused_with_the_reason(qtbot: QtBot, live: Window) -> None:
    panel, grid = show_table(qtbot, live, "todos")
    put_in(qtbot, grid, 0, "completed", "maybe")
    assert panel.foot.text == "“maybe” is no value of completed: the schema casts it to a whole number."


def test_rows_are_added_and_deleted_after_a_question(qtbot: QtBot, live: Window) -> None:
    panel, grid = show_table(qtbot, live, "lists")
    before = grid.model.row_count()
    live.actions_.hold_uploads.trigger()
    qtbot.waitUntil(lambda: bool(live.feed.status and live.feed.status.uploads == "held"), timeout=PATIENCE_MS)
    panel.add_row.trigger()
    dialog = panel.findChild(AddRowDialog)
    assert isinstance(dialog, AddRowDialog)
    dialog.edits["name"].setText("Made here")
    qtbot.mouseClick(dialog.add, Qt.MouseButton.LeftButton)
    qtbot.waitUntil(lambda: grid.model.row_count() == before + 1, timeout=PATIENCE_MS)
    settled(qtbot, panel)
    grid.table.choose_row(0)
    panel.delete_row.trigger()
    box = panel.findChild(QMessageBox, "deleteRowDialog")
    assert isinstance(box, QMessageBox)
    assert box.text().startswith("Delete lists / ")
    assert box.defaultButton().text() == "Keep it"
    delete = next(button for button in box.buttons() if button.text() == "Delete the row")
    qtbot.mouseClick(delete, Qt.MouseButton.LeftButton)
    qtbot.waitUntil(lambda: grid.model.row_count() == before, timeout=PATIENCE_MS)
