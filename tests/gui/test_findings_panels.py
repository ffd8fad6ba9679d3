"""Findings: what the example databases, captures and live sessions have, and how one gets to the evidence."""

import re
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest
from msgspec import structs
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QMenu
from pytestqt.qtbot import QtBot

from inspector.analysis.finding_types import BucketFacts, Finding, Material
from inspector.analysis.findings import find
from inspector.analysis.state import Live
from inspector.capture.happenings import HappeningKind, key_of
from inspector.engine.control import Mismatch, Problem, Status
from inspector.ui.panels.findings.finding_panel import FindingPanel
from inspector.ui.panels.findings.panel import FindingsPanel
from inspector.ui.panels.sql.panel import SqlPanel
from inspector.ui.selection import RowKey
from inspector.ui.sources import FileSource, Source
from inspector.ui.window import Window
from tests.analysis.plays_of_uploads import refusing_backend
from tests.analysis.tape import Tape
from tests.gui.conftest import filled
from tests.gui.looking import text_at
from tests.recordings import CAPTURES
from tests.store.database_files import change, copy_to

pytestmark = pytest.mark.usefixtures("every_model_watched")

PATIENCE_MS = 20_000
STATES = CAPTURES.parent / "databases" / "states"
NS = 1_000_000_000
NOW = 1_800_000_000 * NS


def findings_of(window: Window) -> FindingsPanel:
    panel = window.docks["findings"].panel
    assert isinstance(panel, FindingsPanel)
    return panel


def found(qtbot: QtBot, window: Window) -> list[Finding]:
    qtbot.waitUntil(lambda: window.findings.ready, timeout=PATIENCE_MS)
    qtbot.wait(150)
    return findings_of(window).model.records


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("held-by-uploads", "uploads/queue-blocks-downloads"),
        ("waiting-for-service", "uploads/not-confirmed"),
        ("never-synced", "sync/never"),
        ("partial", "sync/first-sync-incomplete"),
        ("mid-download", "sync/first-sync-incomplete"),
        ("damaged", "file/problem-0"),
        ("truncated", "file/problem-0"),
    ],
)
def test_each_state_of_a_database_has_its_finding(
    qtbot: QtBot, open_file: Callable[[Path], Window], name: str, expected: str
) -> None:
    window = open_file(STATES / f"{name}.db")
    assert expected in [finding.name for finding in found(qtbot, window)]
    assert window.perspectives.current == "diagnose"


def test_a_sound_database_tells_of_its_age_and_of_a_table_that_its_schema_lacks(
    qtbot: QtBot, open_file: Callable[[Path], Window]
) -> None:
    window = open_file(STATES / "up-to-date.db")
    assert {finding.name for finding in found(qtbot, window)} <= {"sync/old", "schema/lacks-notes"}
    assert "checks ran" in findings_of(window).foot.text


def test_a_row_chosen_by_hand_is_not_replaced_by_that_of_a_finding_that_comes_later(
    qtbot: QtBot, open_file: Callable[[Path], Window]
) -> None:
    window = open_file(STATES / "held-by-uploads.db")
    chosen = RowKey("lists", "list-1")
    window.selection.choose_row(chosen)
    report = found(qtbot, window)
    top = window.findings.chosen
    assert top is report[0]
    assert top.row not in (None, (chosen.type, chosen.id))
    assert window.selection.row == chosen

    panel, other = findings_of(window), next(row for row, it in enumerate(report) if row and it.row is None)
    panel.table.choose_row(other)
    panel.table.choose_row(0)
    assert window.selection.row == RowKey(*top.row), "a finding that is chosen by hand leads to its row"

    window.selection.choose_row(chosen)
    more = replace(top, evidence=(*top.evidence, *top.evidence))
    window.findings.report = replace(window.findings.report, findings=(more, *report[1:]))
    window.findings._keep_chosen()
    window.findings.changed.emit()
    assert window.findings.chosen is more
    assert window.selection.row == chosen


def test_findings_that_come_in_another_order_are_no_choice_of_the_user(
    qtbot: QtBot, open_file: Callable[[Path], Window]
) -> None:
    window = open_file(STATES / "held-by-uploads.db")
    report = found(qtbot, window)
    loader = window.findings
    for findings in (report[::-1], report[1:], report[:1], report):
        loader.report = replace(loader.report, findings=tuple(findings))
        loader._keep_chosen()
        loader.changed.emit()
        assert loader.chosen is findings[0]
        assert not loader.by_hand
        assert findings_of(window).table.currentIndex().row() == 0


def test_a_finding_is_shown_whole_and_leads_to_its_evidence(qtbot: QtBot, open_file: Callable[[Path], Window]) -> None:
    window = open_file(STATES / "held-by-uploads.db")
    found(qtbot, window)
    panel = window.docks["finding"].panel
    assert isinstance(panel, FindingPanel)
    assert panel.title.plain == "✕ Downloads are held behind 1 local write"
    assert "certain" in panel.origin.plain
    assert "Discarding on the device loses: todos / todo-1002 completed 0 → 1." in panel.next_step.plain
    rows = [evidence.where for evidence in panel.model.records]
    assert rows[0] == "ps_crud 1"
    assert window.selection.row == RowKey("todos", "todo-1002")
    panel.table.choose_row(rows.index("ps_buckets"))
    panel.table.row_followed.emit(rows.index("ps_buckets"))
    assert window.docks["buckets"].isVisible()
    window.actions_.close_source.trigger()
    qtbot.waitUntil(lambda: not findings_of(window).model.row_count(), timeout=PATIENCE_MS)
    assert "with its evidence" in findings_of(window).note.text()


def test_a_sound_capture_has_no_finding(qtbot: QtBot, open_file: Callable[[Path], Window], capture: Path) -> None:
    window = open_file(capture)
    assert found(qtbot, window) == []
    assert findings_of(window).note.text() == "Nothing is wrong, as far as the checks go."


def test_the_checks_of_a_capture_run_once_though_its_database_comes_later(
    qtbot: QtBot, open_window: Callable[[Source | None], Window], capture: Path
) -> None:
    window = open_window(FileSource(capture))
    waiting: list[int] = []
    window.findings.changed.connect(lambda: waiting.append(window.findings.report.waiting))
    qtbot.waitUntil(lambda: filled(window) and window.feed.present.open_database is not None, timeout=PATIENCE_MS)
    found(qtbot, window)
    assert waiting == sorted(waiting, reverse=True)


def test_the_sentence_of_a_capture_says_what_the_top_finding_says(
    qtbot: QtBot, open_file: Callable[[Path], Window], tmp_path: Path
) -> None:
    tape = Tape(tmp_path / "trouble.pscapture")
    refusing_backend(tape)
    tape.writer.close()
    window = open_file(tape.path)
    found(qtbot, window)
    assert window.state_bar.sentence is not None
    assert window.state_bar.sentence.lead == "The backend has not taken transaction 7 in 3 tries."
    assert window.state_bar.sentence.then.startswith("HTTP 422: the title is too long.")
    panel = window.docks["finding"].panel
    assert isinstance(panel, FindingPanel)
    panel.table.row_followed.emit(0)
    assert window.docks["uploads"].isVisible()
    assert window.selection.happening == key_of(HappeningKind.UPLOAD, 1)


def test_an_empty_window_says_what_would_be_here(open_window: Callable[[Source | None], Window]) -> None:
    assert "Open a file, or connect" in findings_of(open_window(None)).note.text()


def test_a_live_session_tells_what_the_engine_knows() -> None:
    status = Status(
        "connected",
        "http://localhost:8090",
        connected_at=NOW - 60 * NS,
        pending_writes=1,
        uploads="failed",
        upload_problem=Problem("The backend refuses transaction 7.", "It answers 409: archived.", "", "409"),
        clock_skew=90.0,
        stream_problems=(Problem("The service knows no stream “x”."),),
        token_expires_at=NOW + 60 * NS,
        mismatch=Mismatch('1#todos|0["u"]', 1, 2, 3, times=2),
    )
    buckets = (BucketFacts('1#todos|0["u"]', 24_310, 5_204), BucketFacts("1#notes|0[]", 100, 10))
    report = find(Material(Live(status), NOW, None, buckets))
    names = [finding.name for finding in report.findings]
    assert {"uploads/refused", "connection/clock", "streams/problem-0", "token/no-next"} <= set(names)
    assert [name for name in names if "compacting" in name] == ['buckets/needs-compacting/1#todos|0["u"]']
    assert report.checks == report.silent + 5
    for finding in report.findings:
        assert finding.meaning.endswith(".")
        assert finding.next_step.endswith(".")
    sound = Status("connected", "http://localhost:8090", connected_at=NOW, token_source="a file")
    assert find(Material(Live(sound), NOW)).findings == ()


def test_an_upload_on_its_way_is_no_finding() -> None:
    going = Status("connected", "x", connected_at=NOW, pending_writes=1, uploads="uploading", oldest_write_at=NOW - NS)
    assert find(Material(Live(going), NOW)).findings == ()
    offline = structs.replace(going, phase="offline", uploads="idle", oldest_write_at=NOW - 600 * NS, connected_at=None)
    assert find(Material(Live(offline), NOW)).findings == ()


def test_a_long_finding_does_not_make_the_window_higher_than_a_small_screen(
    qtbot: QtBot, open_file: Callable[[Path], Window]
) -> None:
    window = open_file(STATES / "held-by-uploads.db")
    window.resize(1280, 800)
    found(qtbot, window)
    panel = window.docks["finding"].panel
    assert isinstance(panel, FindingPanel)
    qtbot.waitUntil(lambda: panel.text.verticalScrollBar().maximum() == 0)
    assert window.minimumSizeHint().height() < 800
    assert window.height() == 800


def test_findings_are_copied_for_a_ticket(qtbot: QtBot, open_file: Callable[[Path], Window]) -> None:
    window = open_file(STATES / "held-by-uploads.db")
    found(qtbot, window)
    panel = findings_of(window)
    assert "copy for a ticket" in panel.foot.label.accessibleName()
    panel.foot.label.linkActivated.emit("copy")
    told = QGuiApplication.clipboard().text().split("\n\n")
    assert told[0] == "## held-by-uploads.db"
    assert told[1].startswith("**Nothing new has been shown since ")
    assert told[2] == "### Downloads are held behind 1 local write"
    assert told[3] == "certain, found by `uploads/queue-blocks-downloads`"
    assert "`todos / todo-1002 completed 0 → 1`" in told[5]
    assert told[6].startswith("| Where | What is there |\n| --- | --- |\n| ps\\_crud 1 | transaction 1, 1 entry |")
    assert "checks ran" in told[-1]
    assert "### The client's schema lacks the table “notes”" in told
    menu = QMenu()
    panel.table.menu_wanted.emit(menu, 0, 0)
    menu.actions()[0].trigger()
    assert QGuiApplication.clipboard().text().count("### ") == 1


def test_every_check_is_listed_with_what_it_looked_at(qtbot: QtBot, open_file: Callable[[Path], Window]) -> None:
    window = open_file(STATES / "damaged.db")
    found(qtbot, window)
    panel = findings_of(window)
    assert "could not run" in panel.foot.text
    panel.foot.show_all.emit()
    assert panel.checks_table.isVisible()
    by_name = {result.check.name: row for row, result in enumerate(panel.checks_model.records)}
    assert text_at(panel.checks_table, by_name["streams/expired"], "Looked at") == "looked at ps_stream_subscriptions"
    assert text_at(panel.checks_table, by_name["streams/expired"], "Found") == "nothing"
    assert "cannot be read" in text_at(panel.checks_table, by_name["operations/altered"], "Looked at")
    panel.checks_table.row_followed.emit(by_name["file/problem"])
    assert panel.table.isVisible()
    assert window.findings.chosen is not None
    assert window.findings.chosen.check == "file/problem"


def test_the_checks_of_a_file_can_be_stopped_and_run_again(qtbot: QtBot, open_file: Callable[[Path], Window]) -> None:
    window = open_file(STATES / "up-to-date.db")
    found(qtbot, window)
    window.findings.run_again()
    qtbot.waitUntil(lambda: window.findings.running, timeout=PATIENCE_MS)
    findings_of(window).foot.stop.emit()
    assert not window.findings.running
    assert window.findings.report.not_run > 0
    assert window.state_bar.sentence is not None
    assert " did not; the file was not changed." in window.state_bar.sentence.then
    findings_of(window).foot.again.emit()
    qtbot.waitUntil(lambda: window.findings.ready and not window.findings.report.not_run, timeout=PATIENCE_MS)
    assert "Checked 564 stored operations" in window.state_bar.sentence.then


def test_the_file_is_read_for_its_hash_before_and_after(qtbot: QtBot, open_file: Callable[[Path], Window]) -> None:
    window = open_file(STATES / "up-to-date.db")
    qtbot.waitUntil(lambda: "SHA-256 unchanged since opening" in window.status_line.text, timeout=PATIENCE_MS)
    assert "schema 14 · SQLite 3." in window.status_line.text


def test_a_file_that_is_written_while_it_is_shown_is_said_to_have_changed(
    qtbot: QtBot, open_file: Callable[[Path], Window], tmp_path: Path
) -> None:
    path = copy_to(tmp_path, STATES / "up-to-date.db")
    window = open_file(path)
    found(qtbot, window)
    change(path, "PRAGMA journal_mode = DELETE", "DELETE FROM ps_untyped")
    qtbot.waitUntil(lambda: "✕ the file has changed since opening" in window.status_line.text, timeout=PATIENCE_MS)
    qtbot.waitUntil(
        lambda: window.state_bar.then.whole.startswith("The file was written since it was opened"), timeout=PATIENCE_MS
    )
    assert "was not changed" not in window.state_bar.then.whole
    assert window.actions_.reopen.isEnabled()
    before = window.feed.evidence
    window.actions_.reopen.trigger()
    qtbot.waitUntil(lambda: window.feed.evidence not in (None, before), timeout=PATIENCE_MS)
    qtbot.waitUntil(lambda: "the file was not changed" in window.state_bar.then.whole, timeout=PATIENCE_MS)


def test_a_place_in_a_table_of_the_sdk_is_shown_in_sql(qtbot: QtBot, open_file: Callable[[Path], Window]) -> None:
    window = open_file(STATES / "held-by-uploads.db")
    found(qtbot, window)
    panel = window.docks["finding"].panel
    assert isinstance(panel, FindingPanel)
    row = next(at for at, it in enumerate(panel.model.records) if it.where == "ps_kv target")
    panel.table.row_followed.emit(row)
    sql = window.docks["sql"].panel
    assert isinstance(sql, SqlPanel)
    qtbot.waitUntil(lambda: sql.results.table is not None and sql.results.model.row_count() > 0, timeout=PATIENCE_MS)
    assert window.docks["sql"].isVisible()


@pytest.mark.parametrize("name", ["damaged", "truncated", None])
def test_every_file_says_what_was_checked_and_that_it_was_not_changed(
    qtbot: QtBot, open_file: Callable[[Path], Window], capture: Path, name: str | None
) -> None:
    window = open_file(capture if name is None else STATES / f"{name}.db")

    def said() -> str:
        sentence = window.state_bar.sentence
        return "" if sentence is None else sentence.then

    qtbot.waitUntil(lambda: "the file was not changed." in said(), timeout=PATIENCE_MS)
    assert re.search(r"\d+ checks ran in|Checked \S+ stored operation", said().replace("\u2009", "")), said()
