"""The SQL panel: typed, run, stopped, shown, copied and saved."""

import json
from collections.abc import Callable
from pathlib import Path

from PySide6.QtCore import QSettings, Qt
from PySide6.QtGui import QGuiApplication
from PySide6.QtTest import QAbstractItemModelTester
from PySide6.QtWidgets import QToolButton
from pytestqt.qtbot import QtBot

from inspector.analysis.result_export import Format
from inspector.ui.panels.sql.editor import SqlEditor
from inspector.ui.panels.sql.panel import SqlPanel
from inspector.ui.selection import RowKey
from inspector.ui.sources import Source
from inspector.ui.window import Window
from tests.gui.looking import made_for_now, rows_of, text_at
from tests.gui.watchdog import watchdog
from tests.gui.yardstick import stall_ms
from tests.recordings import CAPTURES

STATES = CAPTURES.parent / "databases" / "states"
PATIENCE_MS = 30_000
NUMBERS = "WITH RECURSIVE n(i) AS (VALUES (1) UNION ALL SELECT i + 1 FROM n WHERE i < 100000)"
MANY = f"{NUMBERS} SELECT i, 'row ' || i AS t FROM n"
ENDLESS = "WITH RECURSIVE n(i) AS (VALUES (1) UNION ALL SELECT i + 1 FROM n) SELECT max(i) FROM n"


def sql_of(window: Window) -> SqlPanel:
    window.selection.reveal("sql")
    panel = window.docks["sql"].panel
    assert isinstance(panel, SqlPanel)
    return panel


def run(qtbot: QtBot, panel: SqlPanel, sql: str) -> None:
    """Type a statement and run it by key, until it has ended."""
    panel.editor.setPlainText(sql)
    qtbot.keyClick(panel.editor, Qt.Key.Key_Return, Qt.KeyboardModifier.ControlModifier)
    qtbot.waitUntil(lambda: not panel.runner.running, timeout=PATIENCE_MS)


def first_row(qtbot: QtBot, panel: SqlPanel) -> None:
    qtbot.waitUntil(lambda: panel.results.model.record(0) is not None, timeout=PATIENCE_MS)


def test_a_query_shows_its_rows_and_their_whole_values(qtbot: QtBot, open_file: Callable[[Path], Window]) -> None:
    panel = sql_of(open_file(STATES / "held-by-uploads.db"))
    run(qtbot, panel, "SELECT id, data FROM ps_crud")
    first_row(qtbot, panel)
    assert panel.results.table is not None
    assert text_at(panel.results.table, 0, "id") == "1"
    assert panel.foot.text.startswith("1 row in ")
    panel.results.table.setCurrentIndex(panel.results.model.index(0, 1))
    qtbot.waitUntil(lambda: "todo-1002" in panel.results.value.toPlainText(), timeout=PATIENCE_MS)
    assert panel.results.value_title.whole.startswith("data · text")
    assert panel.results.value.isVisibleTo(panel)
    run(qtbot, panel, "SELECT 1")
    assert not panel.results.value.isVisibleTo(panel), "it was of the result before"
    offered = [button.text() for button in panel.source.findChildren(QToolButton) if button.isVisibleTo(panel)]
    assert not offered, "there is one file to ask"


def test_a_change_is_refused_and_the_file_stays_as_it_is(
    qtbot: QtBot, open_file: Callable[[Path], Window], tmp_path: Path
) -> None:
    copy = tmp_path / "evidence.db"
    copy.write_bytes((STATES / "held-by-uploads.db").read_bytes())
    panel = sql_of(open_file(copy))
    run(qtbot, panel, "DELETE FROM ps_crud")
    assert panel.foot.text.startswith("The console only reads. The statement asks for DELETE.")
    assert copy.read_bytes() == (STATES / "held-by-uploads.db").read_bytes()


def test_an_error_is_marked_where_it_is(qtbot: QtBot, open_file: Callable[[Path], Window]) -> None:
    panel = sql_of(open_file(STATES / "held-by-uploads.db"))
    run(qtbot, panel, "SELECT 1 frm ps_crud")
    assert "at column 14" in panel.foot.text
    (mark,) = panel.editor.extraSelections()
    assert mark.cursor.selectedText() == "ps_crud"


def test_the_plan_is_shown_as_a_tree(qtbot: QtBot, open_file: Callable[[Path], Window]) -> None:
    panel = sql_of(open_file(STATES / "held-by-uploads.db"))
    panel.editor.setPlainText("SELECT * FROM ps_oplog WHERE row_type = 'todos' ORDER BY data")
    panel.plan_action.trigger()
    qtbot.waitUntil(lambda: bool(panel.plan_model.records), timeout=PATIENCE_MS)
    assert any("ps_oplog_row" in row[0] for row in rows_of(panel.plan))


def test_a_query_without_end_is_stopped(qtbot: QtBot, open_file: Callable[[Path], Window]) -> None:
    panel = sql_of(open_file(STATES / "held-by-uploads.db"))
    panel.editor.setPlainText(ENDLESS)
    panel.run_action.trigger()
    assert panel.stop_action.isEnabled()
    panel.stop_action.trigger()
    qtbot.waitUntil(lambda: not panel.runner.running, timeout=PATIENCE_MS)
    assert panel.foot.text == "The query was stopped."


def test_escape_stops_the_query_from_the_editor_and_from_the_results(
    qtbot: QtBot, open_file: Callable[[Path], Window]
) -> None:
    panel = sql_of(open_file(STATES / "held-by-uploads.db"))
    run(qtbot, panel, "SELECT 1 AS a")
    first_row(qtbot, panel)
    assert panel.results.table is not None
    for place in (panel.editor, panel.results.table, panel.editor):
        panel.editor.setPlainText(f"{ENDLESS} -- {place.objectName()}")
        place.setFocus()
        panel.run()
        assert panel.runner.running
        qtbot.keyClick(place, Qt.Key.Key_Escape)
        qtbot.waitUntil(lambda: not panel.runner.running, timeout=PATIENCE_MS)
        assert panel.foot.text.startswith("The query was stopped.")
    panel.run()
    qtbot.keyClicks(panel.editor, "sel")
    popup = panel.editor.completer.popup()
    assert popup is not None
    qtbot.waitUntil(popup.isVisible, timeout=PATIENCE_MS)
    qtbot.keyClick(panel.editor, Qt.Key.Key_Escape)
    assert panel.runner.running, "the completions are closed first"
    popup.hide()
    qtbot.keyClick(panel.editor, Qt.Key.Key_Escape)
    qtbot.waitUntil(lambda: not panel.runner.running, timeout=PATIENCE_MS)
    text = panel.editor.toPlainText()
    qtbot.keyClick(panel.editor, Qt.Key.Key_Escape)
    assert panel.editor.toPlainText() == text, "with nothing to stop it does nothing"


def test_numbers_stand_at_the_right_whatever_the_column_is_declared_to_be(
    qtbot: QtBot, open_file: Callable[[Path], Window]
) -> None:
    panel = sql_of(open_file(STATES / "held-by-uploads.db"))
    run(
        qtbot,
        panel,
        "SELECT count(*) AS n, 'a' AS t, NULL AS e, x'00' AS b FROM ps_oplog UNION ALL SELECT 'x', 2.5, 3, 4",
    )
    first_row(qtbot, panel)
    model, role = panel.results.model, Qt.ItemDataRole.TextAlignmentRole

    def sides(row: int) -> str:
        right = Qt.AlignmentFlag.AlignRight
        return "".join("r" if model.index(row, at).data(role) & right else "l" for at in range(4))

    assert [sides(0), sides(1)] == ["rlrl", "lrrr"]
    titles = [model.headerData(at, Qt.Orientation.Horizontal, role) for at in range(4)]
    assert ["r" if side & Qt.AlignmentFlag.AlignRight else "l" for side in titles] == ["r", "l", "r", "l"]
    assert panel.results.table is not None
    panel.results.table.setFocus()
    panel.results.table.choose_row(0)
    qtbot.keyClick(panel.results.table, Qt.Key.Key_Right)
    qtbot.keyClick(panel.results.table, Qt.Key.Key_C, Qt.KeyboardModifier.ControlModifier)
    assert QGuiApplication.clipboard().text() == "a"


def test_a_long_value_is_copied_whole(qtbot: QtBot, open_file: Callable[[Path], Window]) -> None:
    panel = sql_of(open_file(STATES / "held-by-uploads.db"))
    run(qtbot, panel, "SELECT 1 AS n, replace(hex(zeroblob(2500)), '00', 'xy') AS t")
    first_row(qtbot, panel)
    assert panel.results.table is not None
    panel.results.table.setFocus()
    panel.results.table.setCurrentIndex(panel.results.model.index(0, 1))
    qtbot.keyClick(panel.results.table, Qt.Key.Key_C, Qt.KeyboardModifier.ControlModifier)
    qtbot.waitUntil(lambda: QGuiApplication.clipboard().text() == "xy" * 2_500, timeout=PATIENCE_MS)


def test_a_long_statement_says_how_long_it_has_been_running(qtbot: QtBot, open_file: Callable[[Path], Window]) -> None:
    panel = sql_of(open_file(STATES / "held-by-uploads.db"))
    panel.editor.setPlainText(ENDLESS)
    panel.run_action.trigger()
    assert panel.foot.text == "It runs."
    qtbot.waitUntil(lambda: "“Stop” ends it." in panel.foot.text, timeout=PATIENCE_MS)
    assert panel.foot.text.startswith("It has been running for ")
    panel.stop_action.trigger()
    qtbot.waitUntil(lambda: panel.foot.text == "The query was stopped.", timeout=PATIENCE_MS)


def test_rows_that_stay_beside_an_error_are_said_to_be_of_the_statement_before(
    qtbot: QtBot, open_file: Callable[[Path], Window]
) -> None:
    panel = sql_of(open_file(STATES / "held-by-uploads.db"))
    run(qtbot, panel, "SELECT nothing")
    assert "statement before" not in panel.foot.text
    run(qtbot, panel, "SELECT 1")
    run(qtbot, panel, "SELECT nothing")
    assert panel.foot.text.endswith("The rows above are those of the statement before.")


def test_a_hundred_thousand_rows_are_scrolled_without_stalls(qtbot: QtBot, open_file: Callable[[Path], Window]) -> None:
    window = open_file(STATES / "held-by-uploads.db")
    panel = sql_of(window)
    # Panels that nobody waits for are made in turns of their own, which tests of them look at.
    qtbot.waitUntil(lambda: all(made_for_now(window)), timeout=PATIENCE_MS)
    with watchdog() as dog:
        dog.do(lambda: panel.editor.setPlainText(MANY))
        dog.do(panel.run)
        dog.wait_for(lambda: not panel.runner.running)
        assert panel.results.table is not None
        bar = panel.results.table.verticalScrollBar()
        dog.do(lambda: bar.setValue(bar.maximum()))
        dog.wait_for(lambda: panel.results.model.record(99_999) is not None)
    assert dog.busiest_ms < stall_ms()
    assert text_at(panel.results.table, 99_999, "t") == "row 100000"
    assert panel.foot.text.startswith("100 000 rows in ".replace(" ", "\u2009", 1))


def test_results_are_copied_and_saved(qtbot: QtBot, open_file: Callable[[Path], Window], tmp_path: Path) -> None:
    panel = sql_of(open_file(STATES / "held-by-uploads.db"))
    run(qtbot, panel, "SELECT id, tx_id FROM ps_crud")
    panel.output.copy(Format.CSV)
    qtbot.waitUntil(lambda: panel.foot.text == "The result is on the clipboard.", timeout=PATIENCE_MS)
    assert QGuiApplication.clipboard().text().split() == ["id,tx_id", "1,1"]
    panel.output.save_to(tmp_path / "result.json")
    qtbot.waitUntil(lambda: panel.foot.text == "1 row saved to result.json.", timeout=PATIENCE_MS)
    assert json.loads((tmp_path / "result.json").read_text()) == [{"id": 1, "tx_id": 1}]
    panel.output.save_to(tmp_path / "not-there" / "result.csv")
    qtbot.waitUntil(lambda: "result.csv cannot be written." in panel.foot.text, timeout=PATIENCE_MS)


def test_what_was_run_is_remembered(qtbot: QtBot, open_file: Callable[[Path], Window], settings: QSettings) -> None:
    panel = sql_of(open_file(STATES / "held-by-uploads.db"))
    run(qtbot, panel, "SELECT 1")
    run(qtbot, panel, "SELECT 2")
    qtbot.keyClick(panel.editor, Qt.Key.Key_Up, Qt.KeyboardModifier.AltModifier)
    qtbot.keyClick(panel.editor, Qt.Key.Key_Up, Qt.KeyboardModifier.AltModifier)
    assert panel.editor.toPlainText() == "SELECT 1"
    panel.save()
    assert settings.value("sql/history") == ["SELECT 1", "SELECT 2"]


def test_completion_offers_tables_columns_and_words(qtbot: QtBot) -> None:
    editor = SqlEditor()
    qtbot.addWidget(editor)
    editor.set_tables({"ps_crud": ("id", "data"), "todos": ("id", "description")})
    assert "ps_crud" in editor.completions("SELECT * FROM ps")[1]
    assert editor.completions("SELECT todos.de") == ("de", ["description", "id"])
    editor.show()
    qtbot.keyClicks(editor, "SELECT * FROM ps_c")
    qtbot.waitUntil(lambda: editor.completer.popup() is not None and editor.completer.completionCount() > 0)
    editor.completer.activated.emit("ps_crud")
    assert editor.toPlainText() == "SELECT * FROM ps_crud"


def test_enter_and_tab_take_what_is_offered_first_unless_a_whole_word_is_typed(qtbot: QtBot) -> None:
    editor = SqlEditor()
    qtbot.addWidget(editor)
    editor.set_tables({"ps_crud": ("id", "data"), "todos": ("id", "description")})
    editor.show()
    ran = []
    editor.run_wanted.connect(lambda: ran.append(editor.toPlainText()))
    popup = editor.completer.popup()
    assert popup is not None
    for key, typed, expected in (
        (Qt.Key.Key_Return, "SELECT * FROM tod", "SELECT * FROM todos"),
        (Qt.Key.Key_Tab, "SELECT * FROM ps_c", "SELECT * FROM ps_crud"),
        (Qt.Key.Key_Return, "SELECT 1 AS", "SELECT 1 AS"),
    ):
        editor.clear()
        qtbot.keyClicks(editor, typed)
        qtbot.waitUntil(popup.isVisible, timeout=PATIENCE_MS)
        qtbot.keyClick(popup, key)
        assert editor.toPlainText() == expected
        assert not popup.isVisible()
    qtbot.keyClicks(editor, " tod")
    qtbot.keyClick(popup, Qt.Key.Key_Return, Qt.KeyboardModifier.ControlModifier)
    assert ran == ["SELECT 1 AS tod"], "the statement is run as it stands"


def test_a_capture_can_be_asked_too(qtbot: QtBot, open_file: Callable[[Path], Window], capture: Path) -> None:
    panel = sql_of(open_file(capture))
    panel.source.choose(1)
    panel.source.chosen.emit(1)
    run(qtbot, panel, "SELECT count(*) AS frames FROM frames")
    first_row(qtbot, panel)
    assert panel.results.table is not None
    assert text_at(panel.results.table, 0, "frames") == "43"


def test_a_row_of_the_oplog_leads_to_its_history(qtbot: QtBot, open_file: Callable[[Path], Window]) -> None:
    window = open_file(STATES / "held-by-uploads.db")
    panel = sql_of(window)
    run(qtbot, panel, "SELECT row_type, row_id FROM ps_oplog WHERE row_id = 'todo-1008'")
    first_row(qtbot, panel)
    assert panel.results.table is not None
    panel.results.table.choose_row(0)
    qtbot.keyClick(panel.results.table, Qt.Key.Key_Return)
    assert window.selection.row == RowKey("todos", "todo-1008")


def test_its_models_keep_qts_promises(qtbot: QtBot, open_file: Callable[[Path], Window]) -> None:
    panel = sql_of(open_file(STATES / "held-by-uploads.db"))
    run(qtbot, panel, "SELECT 1 AS a")
    testers = [
        QAbstractItemModelTester(model, QAbstractItemModelTester.FailureReportingMode.Fatal)
        for model in (panel.results.model, panel.plan_model)
    ]
    panel.explain()
    qtbot.waitUntil(lambda: bool(panel.plan_model.records), timeout=PATIENCE_MS)
    assert len(testers) == 2


def test_without_a_source_it_says_how_to_get_one(open_window: Callable[[Source | None], Window]) -> None:
    panel = sql_of(open_window(None))
    assert panel.note.text().startswith("SQL reads client databases and captures.")
    assert not panel.run_action.isEnabled()
