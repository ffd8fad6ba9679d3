"""Marks and comments made by hand while a real engine records: they are in the capture, whatever comes meanwhile."""

from collections.abc import Callable
from pathlib import Path

from PySide6.QtCore import QPoint, Qt
from PySide6.QtWidgets import QInputDialog, QLineEdit, QMenu
from pytestqt.qtbot import QtBot

from inspector.capture.annotations import Annotation
from inspector.capture.happenings import HappeningKind, key_of
from inspector.capture.reader import CaptureReader
from inspector.engine.control import Start, StaticToken
from inspector.ui.panels.frames.columns import MARK
from inspector.ui.sources import LiveSource, Source
from inspector.ui.window import Window
from tests.gui.looking import frames_of, point_in, text_at
from tests.gui.test_frames_filter import type_filter
from tests.running_service import running_service

PATIENCE_MS = 20_000
REQUEST = key_of(HappeningKind.REQUEST, 1)


def test_rows_are_marked_and_commented_by_mouse_while_frames_come(
    qtbot: QtBot, open_window: Callable[[Source | None], Window], tmp_path: Path
) -> None:
    capture = tmp_path / "stream.pscapture"
    with running_service() as service:
        window = open_window(None)
        start = Start(service.endpoint, StaticToken(service.token()), str(tmp_path / "client.db"), str(capture))
        window.open(LiveSource(start, ""))
        panel = frames_of(window)
        qtbot.waitUntil(lambda: window.state_bar.lead.text().startswith("Up to date"), timeout=PATIENCE_MS)
        qtbot.waitUntil(lambda: panel.model.row_of(REQUEST) is not None, timeout=PATIENCE_MS)
        panel.table.verticalScrollBar().setValue(0)

        def click(entry: int) -> QPoint:
            row = panel.model.row_of(entry)
            assert row is not None
            place = point_in(panel.table, row, "Kind")
            qtbot.mouseClick(panel.table.viewport(), Qt.MouseButton.LeftButton, pos=place)
            return place

        for entry in (2, REQUEST):
            click(entry)
            menu = QMenu()
            panel.table.menu_wanted.emit(menu, panel.table.currentIndex().row(), 0)
            next(action for action in menu.actions() if action.objectName() == "markFrame").trigger()
        click(3)
        window.actions_.comment_frame.trigger()
        dialog = panel.table.findChild(QInputDialog)
        assert isinstance(dialog, QInputDialog)
        assert "kept in the capture" in dialog.labelText()
        line = dialog.findChild(QLineEdit)
        assert isinstance(line, QLineEdit)
        qtbot.keyClicks(line, "look here")
        qtbot.keyClick(line, Qt.Key.Key_Return)
        at = panel.model.row_of(3)
        assert at is not None
        assert "look here" in panel.table.row_model.cell(at, panel.model.columnCount() - 1).note.text  # type: ignore[union-attr]
        known = panel.model.frame_rows
        service.patch("notes", "note-1", body="written meanwhile")
        qtbot.waitUntil(lambda: panel.model.frame_rows > known, timeout=PATIENCE_MS)
        type_filter(qtbot, panel, "marked or comment")
        qtbot.waitUntil(lambda: list(panel.model.entries_shown()) == [REQUEST, 2, 3], timeout=PATIENCE_MS)
        note = panel.table.row_model.cell(0, panel.model.columnCount() - 1).note
        assert note is not None
        assert note.text.startswith(MARK)
        assert "connection 1" in text_at(panel.table, 0, "What it did")
        window.close()
    with CaptureReader(capture) as reader:
        assert reader.annotations() == {
            2: Annotation(marked=True), 3: Annotation(comment="look here"), REQUEST: Annotation(marked=True)
        }  # fmt: skip
