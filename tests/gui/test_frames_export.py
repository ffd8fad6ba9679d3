"""Frames out of the window: to the clipboard, and to files."""

import json
from collections.abc import Callable
from pathlib import Path

import pytest
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QFileDialog
from pytestqt.qtbot import QtBot

from inspector.capture.export import ExportFormat
from inspector.engine.control import StaticToken
from inspector.ui.panels.frames.exporter import ExportStrip
from inspector.ui.window import Window
from tests.gui.conftest import PATIENCE_MS, Connecting, ServiceUnderTest
from tests.gui.looking import child, frames_of

pytestmark = pytest.mark.usefixtures("frames_alone")


def test_a_frame_is_copied_as_indented_json_and_several_as_lines(
    qtbot: QtBot, open_file: Callable[[Path], Window], capture: Path
) -> None:
    window = open_file(capture)
    table = frames_of(window).table
    table.choose_row(1)
    QGuiApplication.clipboard().clear()
    window.actions_.copy_json.trigger()
    qtbot.waitUntil(lambda: QGuiApplication.clipboard().text().startswith("{\n"))
    assert "data" in json.loads(QGuiApplication.clipboard().text())
    table.selectAll()
    window.actions_.copy_json.trigger()
    qtbot.waitUntil(lambda: len(QGuiApplication.clipboard().text().splitlines()) == 43)


def test_a_request_is_copied_as_curl_without_a_token(
    qtbot: QtBot, open_file: Callable[[Path], Window], capture: Path
) -> None:
    window = open_file(capture)
    frames_of(window).table.choose_row(1)
    window.actions_.copy_curl.trigger()
    qtbot.waitUntil(lambda: QGuiApplication.clipboard().text().startswith("curl"))
    assert "$POWERSYNC_TOKEN" in QGuiApplication.clipboard().text()
    assert not window.actions_.copy_curl_with_token.isVisible(), "a capture has no token"


def test_the_token_is_copied_only_when_asked_and_stays_out_of_the_capture(
    qtbot: QtBot, connect: Connecting, service: ServiceUnderTest, tmp_path: Path
) -> None:
    token = service.token()
    window = connect(StaticToken(token))
    panel, action = frames_of(window), window.actions_.copy_curl_with_token
    qtbot.waitUntil(lambda: action.isVisible() and panel.model.row_count() > 0, timeout=PATIENCE_MS)
    panel.table.choose_row(0)
    assert "a secret" in action.toolTip()
    QGuiApplication.clipboard().clear()
    action.trigger()
    qtbot.waitUntil(lambda: f"Authorization: Token {token}" in QGuiApplication.clipboard().text(), timeout=PATIENCE_MS)
    QGuiApplication.clipboard().clear()
    window.actions_.close_source.trigger()
    qtbot.waitUntil(lambda: not action.isVisible(), timeout=PATIENCE_MS)
    assert not [file for file in tmp_path.rglob("*") if file.is_file() and token.encode() in file.read_bytes()]


def test_what_the_filter_shows_is_exported_or_what_is_selected(
    qtbot: QtBot, open_file: Callable[[Path], Window], capture: Path, tmp_path: Path
) -> None:
    window = open_file(capture)
    panel = frames_of(window)
    panel.filter.set_filter("kind == data")
    qtbot.waitUntil(lambda: not panel.search.searching)
    shown = list(panel.tools.entries_to_export())
    assert len(shown) == panel.model.row_count()
    window.actions_.export_frames.trigger()
    dialog = child(panel, QFileDialog)
    assert dialog.windowTitle() == f"Export {len(shown)} frames"
    target = tmp_path / "shown.csv"
    dialog.fileSelected.emit(str(target))
    dialog.reject()
    strip = child(panel, ExportStrip)
    qtbot.waitUntil(lambda: strip.text.text() == f"{len(shown)} frames written to shown.csv.")
    assert len(target.read_text().splitlines()) == len(shown) + 1
    panel.table.choose_row(0)
    panel.table.selectAll()
    assert list(panel.tools.entries_to_export()) == shown


def test_an_export_that_cannot_be_written_says_why(
    qtbot: QtBot, open_file: Callable[[Path], Window], capture: Path, tmp_path: Path
) -> None:
    panel = frames_of(open_file(capture))
    panel.tools.exporter.write(tmp_path / "no" / "such.har", ExportFormat.HAR, [1, 2], {})
    strip = child(panel, ExportStrip)
    qtbot.waitUntil(lambda: strip.text.text().startswith("✕ The file such.har cannot be written."))
    strip.dismiss.click()
    assert not strip.isVisible()
