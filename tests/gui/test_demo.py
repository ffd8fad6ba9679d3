"""The demo's real processes: a service, an engine and the window, from the first checkpoint to a changed row."""

from pathlib import Path

import apsw
import httpx
from PySide6.QtCore import QSettings
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from inspector.analysis.state import Live
from inspector.capture.rows import FrameRow
from inspector.cli.service_process import running_service
from inspector.engine.control import Start, TokenEndpoint
from inspector.protocol.lines import Operation
from inspector.ui.bucket_state import Bucket, Check
from inspector.ui.panels.detail.panel import DetailPanel
from inspector.ui.panels.frames.panel import FramesPanel
from inspector.ui.sources import LiveSource
from inspector.ui.theme import Appearance, ThemeChoice
from inspector.ui.window import Window

PATIENCE_MS = 30_000


def bucket_named(window: Window, short: str) -> Bucket | None:
    snapshot = window.buckets.snapshot
    buckets = [bucket for _, group in snapshot.streams for bucket in group] if snapshot is not None else []
    return next((bucket for bucket in buckets if bucket.name.short == short), None)


def change_row(endpoint: str, row_id: str, description: str) -> None:
    token = httpx.get(f"{endpoint}/api/credentials", params={"user": "alice"}).json()["token"]
    entry = {"op": "PATCH", "type": "todos", "id": row_id, "data": {"description": description}}
    answer = httpx.post(f"{endpoint}/api/data", json={"batch": [entry]}, headers={"Authorization": f"Token {token}"})
    answer.raise_for_status()


def frame_at(frames: FramesPanel, row: int) -> FrameRow:
    shown = frames.model.record(row)
    assert shown is not None
    assert isinstance(shown.frame, FrameRow)
    return shown.frame


def shown_operation(detail: DetailPanel) -> Operation:
    shown = detail.operations_model.record(0)
    assert shown is not None
    return shown.operation


def read(database: Path, sql: str, *values: str) -> str:
    """The first value of a query on the client database that the engine is writing."""
    connection = apsw.Connection(str(database), flags=apsw.SQLITE_OPEN_READONLY)
    try:
        return str(connection.execute(sql, values).fetchall()[0][0])
    finally:
        connection.close()


def test_a_changed_row_arrives_in_every_panel(qtbot: QtBot, qapp: QApplication, tmp_path: Path) -> None:
    settings = QSettings(str(tmp_path / "settings.ini"), QSettings.Format.IniFormat)
    settings.setValue("frames/happenings", False)
    with running_service("--no-writer") as service:
        start = Start(
            service.endpoint,
            TokenEndpoint(f"{service.endpoint}/api/credentials?user=alice"),
            str(tmp_path / "client.db"),
            str(tmp_path / "stream.pscapture"),
        )
        window = Window(settings, Appearance(qapp, settings, ThemeChoice.DARK))
        try:
            window.show()
            window.open(LiveSource(start, "Demo service", demo=True))
            frames, detail = window.docks["frames"].panel, window.docks["detail"].panel
            assert isinstance(frames, FramesPanel)
            assert isinstance(detail, DetailPanel)

            def synced() -> None:
                situation = window.feed.situation
                assert isinstance(situation, Live)
                assert situation.status.shown_checkpoint is not None
                assert frames.model.row_count() == situation.status.frames
                before = bucket_named(window, 'my_todos["list-1"]')
                assert before is not None
                assert before.check is Check.VALID
                assert before.rows

            qtbot.waitUntil(synced, timeout=PATIENCE_MS)
            assert window.state_bar.sentence is not None
            assert window.state_bar.sentence.lead.startswith("Up to date with checkpoint")
            before = bucket_named(window, 'my_todos["list-1"]')
            assert before is not None
            known = frames.model.row_count()
            row_id = read(tmp_path / "client.db", "SELECT id FROM todos WHERE list_id = 'list-1' LIMIT 1")

            change_row(service.endpoint, row_id, "Changed while watching")

            def arrived() -> None:
                after = bucket_named(window, 'my_todos["list-1"]')
                assert after is not None
                assert after.operations == (before.operations or 0) + 1
                assert after.rows == before.rows
                assert after.check is Check.VALID
                assert frames.model.row_count() > known

            qtbot.waitUntil(arrived, timeout=PATIENCE_MS)
            data_row = frames.model.last_data_row()
            assert data_row is not None
            new = [frame_at(frames, row) for row in range(known, frames.model.row_count())]
            kinds = [frame.kind for frame in new]
            assert kinds[0] == "checkpoint_diff"
            assert "data" in kinds
            assert kinds[-1] == "checkpoint_complete"
            assert frame_at(frames, data_row).bucket == '1#my_todos|0["list-1"]'

            frames.table.choose_row(data_row)
            qtbot.waitUntil(lambda: detail.operations_model.row_count() == 1, timeout=PATIENCE_MS)
            assert shown_operation(detail).object_id == row_id
            assert '"Changed while watching"' in str(shown_operation(detail).data_text)
            description = read(tmp_path / "client.db", "SELECT description FROM todos WHERE id = ?", row_id)
            assert description == "Changed while watching"
        finally:
            window.close()
            window.deleteLater()
