"""Compare with… and Export bundle…: what an opened client database can be asked for."""

import zipfile
from collections.abc import Callable
from pathlib import Path

import pytest
from pytestqt.qtbot import QtBot

from inspector.ui.panels.comparison.panel import ComparisonPanel
from inspector.ui.selection import RowKey
from inspector.ui.sources import Source
from inspector.ui.window import Window
from tests.gui.looking import text_at
from tests.store.database_files import change, copy_to, state

pytestmark = pytest.mark.usefixtures("every_model_watched")

PATIENCE_MS = 20_000


def panel_of(window: Window) -> ComparisonPanel:
    panel = window.docks["comparison"].panel
    assert isinstance(panel, ComparisonPanel)
    return panel


def test_two_databases_are_compared_and_rows_lead_to_their_history(
    qtbot: QtBot, open_file: Callable[[Path], Window], tmp_path: Path
) -> None:
    other = copy_to(tmp_path, state("up-to-date"), "other.db")
    change(other, "UPDATE ps_data__todos SET data = json_set(data, '$.completed', 7) WHERE id = 'todo-1002'")
    window = open_file(state("up-to-date"))
    assert window.actions_.compare_with.isVisible()
    panel = panel_of(window)
    panel.compare_with(other)
    qtbot.waitUntil(lambda: panel.result is not None, timeout=PATIENCE_MS)
    assert window.docks["comparison"].isVisible()
    assert panel.sentence.whole.startswith("1 of 564 rows differ")
    rows = panel.tables[0]
    assert text_at(rows, 0, "Row") == "todos / todo-1002"
    assert text_at(rows, 0, "Here ≠ there") == "completed: 0 ≠ 7"
    rows.choose_row(0)
    assert window.selection.row == RowKey("todos", "todo-1002")
    rows.row_followed.emit(0)
    assert window.docks["row"].isVisible()
    panel.choice.chosen.emit(2)
    assert not panel.same_notes[0].text()
    assert panel.same_notes[1].text() == "The buckets are the same in both databases."
    window.actions_.close_source.trigger()
    assert "Open a client database" in panel.note.text()


def test_what_cannot_be_compared_says_why(qtbot: QtBot, open_file: Callable[[Path], Window], capture: Path) -> None:
    panel = panel_of(open_file(state("up-to-date")))
    panel.compare_with(capture)
    qtbot.waitUntil(lambda: bool(panel.problem), timeout=PATIENCE_MS)
    assert "is a capture, and only client databases are compared" in panel.note.text()


def test_a_bundle_is_written_for_a_file_alone(
    qtbot: QtBot, open_file: Callable[[Path], Window], open_window: Callable[[Source | None], Window], tmp_path: Path
) -> None:
    assert not open_window(None).actions_.export_bundle.isVisible()
    window = open_file(state("held-by-uploads"))
    qtbot.waitUntil(lambda: window.findings.ready, timeout=PATIENCE_MS)
    written: list[str] = []
    target = tmp_path / "findings.zip"
    window.bundles.write(target, False, lambda: written.append("done"), lambda error: written.append(str(error)))
    qtbot.waitUntil(lambda: bool(written), timeout=PATIENCE_MS)
    assert written == ["done"]
    with zipfile.ZipFile(target) as archive:
        assert "report.txt" in archive.namelist()
    panel = panel_of(window)
    panel.compare_with(state("up-to-date"))
    qtbot.waitUntil(lambda: panel.result is not None, timeout=PATIENCE_MS)
    window.bundles.write(target, True, lambda: written.append("again"), lambda error: written.append(str(error)))
    qtbot.waitUntil(lambda: written == ["done", "again"], timeout=PATIENCE_MS)
    with zipfile.ZipFile(target) as archive:
        assert "Compared with up-to-date.db" in archive.read("report.txt").decode()
    window.bundles.write(
        tmp_path / "no" / "x.zip", False, lambda: written.append("done"), lambda error: written.append(str(error))
    )
    qtbot.waitUntil(lambda: len(written) == 3, timeout=PATIENCE_MS)
    assert "cannot be written to x.zip" in written[2]
