"""Sync fresh as this user…: a damaged database beside what the service has, and nothing of it is sent."""

import re
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from PySide6.QtGui import QGuiApplication
from pytestqt.qtbot import QtBot

from inspector.analysis.fresh.buckets import BucketCause
from inspector.analysis.fresh.comparison import FreshComparison
from inspector.analysis.fresh.rows import Cause
from inspector.engine.control import StaticToken, StreamSubscription, Write
from inspector.store.local_write import LocalWrite
from inspector.store.reader import ClientDatabaseReader
from inspector.ui.connection_dialog.fresh_dialog import FreshSyncDialog
from inspector.ui.panels.comparison.panel import ComparisonPanel
from inspector.ui.selection import RowKey
from inspector.ui.sources import FileSource
from inspector.ui.window import Window
from tests.engine.running_engine import running_engine
from tests.gui.looking import text_at
from tests.relay import Relay, relay
from tests.running_service import ServiceUnderTest, running_service
from tests.store.database_files import change, fingerprint

PATIENCE_MS = 20_000


@pytest.fixture(scope="module")
def service() -> Iterator[ServiceUnderTest]:
    with running_service() as service:
        yield service


@pytest.fixture
def line(service: ServiceUnderTest) -> Iterator[Relay]:
    """The way to the service, which keeps what was asked of it."""
    with relay(service.endpoint, 10**9) as line:
        yield line


@pytest.fixture(scope="module")
def damaged(service: ServiceUnderTest, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A row altered and another one gone beneath the views, a bucket as it was an operation ago, a write that waits."""
    folder = tmp_path_factory.mktemp("customer")
    streams = (StreamSubscription("list_todos", {"list": "list-7"}),)
    credentials = StaticToken(service.token())
    with running_engine(service.endpoint, folder, credentials=credentials, subscriptions=streams) as engine:
        engine.wait(lambda status: not status.first_sync)
        engine.send(Write((LocalWrite("PATCH", "lists", "list-1", {"name": "Written here"}),), 1))
        assert engine.wait_answer(1).ok
    path = folder / "client.db"
    bucket = "(SELECT bucket FROM ps_oplog WHERE row_type = 'notes' LIMIT 1)"
    last = f"(SELECT max(op_id) FROM ps_oplog WHERE bucket = {bucket})"
    change(
        path,
        "UPDATE ps_data__todos SET data = json_set(data, '$.description', 'Altered') WHERE id = 'todo-10'",
        "DELETE FROM ps_data__todos WHERE id = 'todo-11'",
        f"UPDATE ps_buckets SET last_op = {last} - 1, last_applied_op = {last} - 1,"
        f" op_checksum = op_checksum - (SELECT hash FROM ps_oplog WHERE op_id = {last}) WHERE id = {bucket}",
        f"DELETE FROM ps_data__notes WHERE id = (SELECT row_id FROM ps_oplog WHERE op_id = {last})",
        f"DELETE FROM ps_oplog WHERE op_id = {last}",
        "PRAGMA wal_checkpoint(TRUNCATE)",
    )
    (folder / "stream.pscapture").unlink()
    return path


def panel_of(window: Window) -> ComparisonPanel:
    panel = window.docks["comparison"].panel
    assert isinstance(panel, ComparisonPanel)
    return panel


def ask(qtbot: QtBot, window: Window) -> FreshSyncDialog:
    QGuiApplication.clipboard().clear()
    window.actions_.sync_fresh.trigger()
    copy = panel_of(window).copy
    qtbot.waitUntil(lambda: "dialog" in vars(copy) and copy.dialog.isVisible(), timeout=PATIENCE_MS)
    return copy.dialog


def sync(qtbot: QtBot, window: Window, line: Relay, token: str) -> FreshComparison:
    dialog = ask(qtbot, window)
    dialog.source.setText(token)
    dialog.endpoint.setText(line.endpoint)
    dialog.connect_button.click()
    panel = panel_of(window)
    qtbot.waitUntil(lambda: panel.result is not None or bool(panel.problem), timeout=PATIENCE_MS)
    assert isinstance(panel.result, FreshComparison), panel.problem
    return panel.result


def test_the_damage_is_found_and_nothing_of_the_file_leaves_it(
    qtbot: QtBot, open_file: Callable[[Path], Window], service: ServiceUnderTest, line: Relay, damaged: Path
) -> None:
    before = fingerprint(damaged.parent)
    window = open_file(damaged)
    assert window.actions_.sync_fresh.isVisible()
    token = service.token()
    result = sync(qtbot, window, line, token)
    assert {row.difference.row_id: row.cause for row in result.rows if row.cause is not Cause.BEHIND} == {
        "todo-10": Cause.ALTERED,
        "todo-11": Cause.MISSING,
        "list-1": Cause.LOCAL,
    }
    assert [row.difference.row_type for row in result.rows if row.cause is Cause.BEHIND] == ["notes"]
    assert [it.cause for it in result.buckets] == [BucketCause.BEHIND]

    panel, rows = panel_of(window), panel_of(window).tables[3]
    assert window.docks["comparison"].isVisible()
    assert "for alice, checkpoint" in panel.title.whole
    assert text_at(rows, 0, "Cause") == "✕ altered here"
    assert "Altered" in text_at(rows, 0, "Here ≠ service")
    assert panel.foot.text.startswith("The fresh copy and its recording are kept in ")
    rows.choose_row(0)
    assert window.selection.row == RowKey("todos", "todo-10")
    assert panel.foot.text.startswith("todos / todo-10, altered here: description is not as operation ")

    assert fingerprint(damaged.parent) == before
    assert {*re.findall(rb"(?:POST|PUT|PATCH|DELETE) [^ ?]+", line.asked)} == {b"POST /sync/stream"}
    assert b"Written here" not in line.asked
    own = ClientDatabaseReader(damaged, immutable=True)
    assert (own.summary().client_id or "?").encode() not in line.asked
    own.close()
    assert not window.connecting.recent.entries()
    copy = panel.copy.path
    assert copy is not None
    assert copy.parent.exists()
    assert not any(token.encode() in file.read_bytes() for file in copy.parent.iterdir())

    panel.delete_copy.click()
    qtbot.waitUntil(lambda: not copy.parent.exists(), timeout=PATIENCE_MS)
    assert not panel.open_copy.isVisible()


def test_the_dialog_has_the_files_streams_and_no_place_to_upload_to(
    qtbot: QtBot, open_file: Callable[[Path], Window], damaged: Path
) -> None:
    dialog = ask(qtbot, open_file(damaged))
    assert dialog.streams.toPlainText() == 'list_todos{"list":"list-7"}'
    assert "client.db" in dialog.intro.text()
    dialog.more.toggle.click()
    assert not dialog.more.uploads.isVisible()
    assert not dialog.more.database.isVisible()
    assert not dialog.source_fields.keep.isVisible()
    dialog.reject()


def test_the_copy_can_be_opened(
    qtbot: QtBot, open_file: Callable[[Path], Window], service: ServiceUnderTest, line: Relay, damaged: Path
) -> None:
    window = open_file(damaged)
    sync(qtbot, window, line, service.token())
    path = panel_of(window).copy.path
    assert path is not None
    panel_of(window).open_copy.click()
    assert window.feed.source == FileSource(path)
    assert path.exists()


def test_a_token_that_is_refused_leaves_nothing_behind(
    qtbot: QtBot, open_file: Callable[[Path], Window], service: ServiceUnderTest, damaged: Path
) -> None:
    window = open_file(damaged)
    dialog = ask(qtbot, window)
    dialog.source.setText(service.token(seconds=-60))
    dialog.endpoint.setText(service.endpoint)
    started: list[Path] = []
    dialog.chosen.connect(lambda start: started.append(Path(start.client_database).parent))
    dialog.connect_button.click()
    panel = panel_of(window)
    qtbot.waitUntil(lambda: bool(panel.problem), timeout=PATIENCE_MS)
    assert panel.note.text().startswith("No fresh copy was synced.")
    assert "expired" in panel.note.text()
    qtbot.waitUntil(lambda: not started[0].exists(), timeout=PATIENCE_MS)


def test_a_sync_is_stopped_and_another_file_ends_it(
    qtbot: QtBot, open_file: Callable[[Path], Window], service: ServiceUnderTest, damaged: Path
) -> None:
    window = open_file(damaged)
    with relay(service.endpoint, 500) as slow:
        for end in (lambda: panel_of(window).stop.click(), window.actions_.close_source.trigger):
            dialog = ask(qtbot, window)
            dialog.source.setText(service.token())
            dialog.endpoint.setText(slow.endpoint)
            dialog.connect_button.click()
            panel = panel_of(window)
            assert panel.stop.isVisible()
            assert panel.sentence.whole.startswith("Connecting to")
            end()
            assert not panel.copy.sync.running
            assert not panel.stop.isVisible()
            assert panel.result is None
