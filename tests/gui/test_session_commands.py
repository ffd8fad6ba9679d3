"""What is changed while a connection goes on: the app's schema, the parameters; and which files it has."""

import json
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from PySide6.QtCore import QMimeData, QPoint, QPointF, Qt, QUrl
from PySide6.QtGui import QDesktopServices, QDragEnterEvent, QDropEvent
from PySide6.QtWidgets import QApplication, QMessageBox
from pytestqt.qtbot import QtBot

from inspector.capture.reader import CaptureReader
from inspector.capture.rows import ConnectionRow
from inspector.engine.control import Start, StaticToken
from inspector.ui.panels.connection.panel import ConnectionPanel
from inspector.ui.panels.data.panel import DataPanel
from inspector.ui.parameters_dialog import ParametersDialog
from inspector.ui.sources import LiveSource, Source
from inspector.ui.window import Window
from tests.gui.conftest import Connecting
from tests.recordings import CAPTURES
from tests.running_service import ServiceUnderTest, running_service

PATIENCE_MS = 20_000
VERSIONS = CAPTURES.parent / "databases" / "versions"
Open = Callable[[Source | None], Window]


@pytest.fixture(scope="module")
def service() -> Iterator[ServiceUnderTest]:
    with running_service() as service:
        yield service


def up_to_date(qtbot: QtBot, window: Window) -> Window:
    qtbot.waitUntil(lambda: window.state_bar.lead.text().startswith("Up to date"), timeout=PATIENCE_MS)
    return window


def drop(window: Window, file: Path) -> None:
    data = QMimeData()
    data.setUrls([QUrl.fromLocalFile(str(file))])
    action = Qt.DropAction.CopyAction | Qt.DropAction.MoveAction
    buttons, keys = Qt.MouseButton.LeftButton, Qt.KeyboardModifier.ShiftModifier  # which asks to have it moved
    enter = QDragEnterEvent(QPoint(50, 50), action, data, buttons, keys)
    QApplication.sendEvent(window, enter)
    assert enter.isAccepted()
    dropped = QDropEvent(QPointF(50, 50), action, data, buttons, keys)
    QApplication.sendEvent(window, dropped)
    taken = {enter.dropAction(), dropped.dropAction()}
    assert taken == {Qt.DropAction.CopyAction}, "a file manager would take a file away that was moved"


def facts(window: Window) -> dict[str, str]:
    panel = window.docks["connection"].panel
    assert isinstance(panel, ConnectionPanel)
    return {fact.name: fact.value for fact in panel.model.records}


def box_of(window: Window) -> QMessageBox | None:
    return next((box for box in window.findChildren(QMessageBox, "problemBox") if box.isVisible()), None)


def test_uploads_that_nobody_held_are_never_offered_to_be_resumed(qtbot: QtBot, connect: Connecting) -> None:
    window = connect(upload_path="/api/data")
    hold = window.actions_.hold_uploads
    said = {hold.text()}
    hold.changed.connect(lambda: said.add(hold.text()))
    up_to_date(qtbot, window)
    assert said == {"Hold uploads"}


def test_a_schema_that_is_dropped_gives_the_tables_their_columns(
    qtbot: QtBot, connect: Connecting, tmp_path: Path
) -> None:
    window = up_to_date(qtbot, connect())
    window.front.show("data")
    data = window.docks["data"].panel
    assert isinstance(data, DataPanel)

    def columns() -> dict[str, list[str]]:
        return {shape.name: [it.name for it in shape.columns] for shape in data.tables_model.records}

    qtbot.waitUntil(lambda: len(columns().get("lists", ())) > 2, timeout=PATIENCE_MS)
    schema = tmp_path / "schema.json"
    schema.write_text(json.dumps({"tables": [{"name": "lists", "columns": [{"name": "name", "type": "text"}]}]}))
    drop(window, schema)
    qtbot.waitUntil(lambda: columns().get("lists") == ["id", "name"], timeout=PATIENCE_MS)
    window.selection.reveal("findings")
    qtbot.waitUntil(
        lambda: any("lacks the table “todos”" in it.title for it in window.findings.report.findings),
        timeout=PATIENCE_MS,
    )
    window.selection.reveal("connection")
    qtbot.waitUntil(lambda: facts(window)["Tables"] == "schema.json", timeout=PATIENCE_MS)


def test_a_schema_that_cannot_be_used_says_why_and_what_is_expected(
    qtbot: QtBot, connect: Connecting, tmp_path: Path
) -> None:
    window = up_to_date(qtbot, connect())
    wrong = tmp_path / "package.json"
    wrong.write_text('{"name": "app"}')
    drop(window, wrong)
    qtbot.waitUntil(lambda: box_of(window) is not None, timeout=PATIENCE_MS)
    box = box_of(window)
    assert box is not None
    assert "package.json cannot be read" in box.text()
    assert "names no tables" in box.informativeText()
    assert "JSON.stringify(schema.toJSON())" in box.informativeText()
    status = window.feed.status
    assert status is not None
    assert status.schema_file == ""


def test_without_a_connection_a_schema_is_refused_and_a_database_is_opened(
    qtbot: QtBot, open_window: Open, tmp_path: Path
) -> None:
    window = open_window(None)
    assert not window.actions_.load_schema.isEnabled()
    schema = tmp_path / "schema.json"
    schema.write_text("{}")
    drop(window, schema)
    box = box_of(window)
    assert box is not None
    assert "for a connection" in box.text()
    box.close()
    drop(window, VERSIONS / "v14.db")
    qtbot.waitUntil(lambda: window.feed.files.open_database is not None, timeout=PATIENCE_MS)


def test_parameters_are_changed_while_the_connection_goes_on(qtbot: QtBot, connect: Connecting, tmp_path: Path) -> None:
    window = up_to_date(qtbot, connect())
    window.selection.reveal("connection")
    window.actions_.change_parameters.trigger()
    (dialog,) = window.findChildren(ParametersDialog)
    dialog.parameters.setPlainText("[1]")
    dialog.accept_button.click()
    assert "no JSON object" in dialog.problems.text()
    dialog.parameters.setPlainText('{"project": "p1"}')
    dialog.metadata.setPlainText("app=shop")
    dialog.accept_button.click()
    qtbot.waitUntil(lambda: facts(window)["Parameters"] == '{"project":"p1"}', timeout=PATIENCE_MS)
    assert facts(window)["Metadata"] == '{"app":"shop"}'

    def sent() -> bool:
        return any('"project"' in row.request for row in _connections(tmp_path))

    qtbot.waitUntil(sent, timeout=PATIENCE_MS)


def _connections(folder: Path) -> list[ConnectionRow]:
    with CaptureReader(folder / "stream.pscapture") as reader:
        return reader.connections()


def test_a_database_of_an_older_version_is_continued_on_a_copy_and_that_is_said(
    qtbot: QtBot, open_window: Open, service: ServiceUnderTest, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    original = tmp_path / "app" / "app.db"
    original.parent.mkdir()
    shutil.copy(VERSIONS / "v09.db", original)
    before = original.read_bytes()
    session = tmp_path / "session"
    session.mkdir()
    window = open_window(
        LiveSource(
            Start(service.endpoint, StaticToken(service.token()), str(original), str(session / "stream.pscapture")),
            "",
        )
    )
    qtbot.waitUntil(lambda: window.feed.status is not None and window.feed.status.frames > 0, timeout=PATIENCE_MS)
    assert "A migrated copy of app.db is synced." in window.state_bar.then.whole
    window.selection.reveal("connection")
    told = facts(window)
    assert told["Client database"] == str(session / "app (version 14).db")
    assert told["Copy of"] == str(original)
    assert told["Migrated"] == "from schema version 9 to 14, on a copy"
    opened: list[QUrl] = []
    monkeypatch.setattr(QDesktopServices, "openUrl", opened.append)
    window.actions_.open_folder.trigger()
    assert [Path(url.toLocalFile()) for url in opened] == [session]
    assert original.read_bytes() == before
    frames = window.feed.status.frames if window.feed.status is not None else 0
    window.feed.restart_engine()
    qtbot.waitUntil(lambda: window.feed.status is not None and window.feed.status.frames > frames, timeout=PATIENCE_MS)
    assert [file.name for file in session.glob("*.db")] == ["app (version 14).db"], "the copy is gone on with"
    assert "A migrated copy of app.db is synced." in window.state_bar.then.whole
