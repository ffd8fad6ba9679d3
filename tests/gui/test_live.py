"""A live engine behind the window: what it says, that it may die, and that nothing of it stays behind."""

import os
import signal
import time
from collections.abc import Callable, Sequence
from pathlib import Path

import pytest
from PySide6.QtCore import QSettings, Qt
from PySide6.QtWidgets import QToolButton
from pytestqt.qtbot import QtBot

from inspector.analysis.state import CaptureFile, EngineGone
from inspector.engine.control import Start, StaticToken, TokenEndpoint
from inspector.ui.engine_process import ENGINE_COMMAND
from inspector.ui.panels.timeline.panel import TimelinePanel
from inspector.ui.sources import ClientsSource, FileSource, LiveSource, Source
from inspector.ui.widgets.connection_chip import ConnectionChip
from inspector.ui.widgets.tooltips import plain_tooltip
from inspector.ui.window import Window
from tests.gui.conftest import Connecting
from tests.gui.looking import buckets_of, child, column_of, frames_of
from tests.running_service import ServiceUnderTest

PATIENCE_MS = 30_000


@pytest.fixture
def engine_command() -> Sequence[str]:
    """The program's own: its process is looked at."""
    return ENGINE_COMMAND


@pytest.fixture
def live(qtbot: QtBot, connect: Connecting) -> Window:
    """A window that has seen the first full checkpoint."""
    window = connect()
    synced(qtbot, window)
    return window


def synced(qtbot: QtBot, window: Window) -> None:
    def reached() -> None:
        status = window.feed.status
        assert status is not None
        assert status.shown_checkpoint is not None
        assert frames_of(window).model.frames_in_capture() == status.frames
        assert frames_of(window).model.row_count() >= status.frames
        assert not window.buckets.busy

    qtbot.waitUntil(reached, timeout=PATIENCE_MS)


def press(qtbot: QtBot, window: Window, text: str) -> None:
    """Click the only button beside the state sentence."""

    def only_button() -> QToolButton:
        visible = [button for button in window.state_bar.findChildren(QToolButton) if button.isVisible()]
        assert [button.text() for button in visible] == [text]
        return visible[0]

    qtbot.waitUntil(lambda: only_button().isEnabled(), timeout=PATIENCE_MS)
    qtbot.mouseClick(only_button(), Qt.MouseButton.LeftButton)


def test_a_service_whose_address_comes_with_the_token_names_the_window(
    qtbot: QtBot, open_window: Callable[[Source | None], Window], service: ServiceUnderTest, tmp_path: Path
) -> None:
    credentials = TokenEndpoint(f"{service.endpoint}/api/credentials?user=alice")
    start = Start("", credentials, str(tmp_path / "client.db"), str(tmp_path / "stream.pscapture"))
    window = open_window(LiveSource(start, ""))
    synced(qtbot, window)
    host = service.endpoint.removeprefix("http://")
    assert window.windowTitle() == f"{host} · alice"
    chip = child(window, ConnectionChip)
    assert (chip.text.name, chip.text.remark) == (host, "alice")
    assert chip.toolTip() == plain_tooltip(f"{host} alice\n{service.endpoint}")


def test_a_connection_shows_its_frames_as_they_come_however_another_list_was_sorted(
    qtbot: QtBot, connect: Connecting, settings: QSettings
) -> None:
    settings.setValue("frames/sorted-by", "Kind up")
    window = connect()
    synced(qtbot, window)
    panel = frames_of(window)
    assert not panel.model.sorted
    assert panel.following.active
    panel.sorting._clicked(column_of(panel.table, "Kind"))
    qtbot.waitUntil(lambda: panel.model.sorted, timeout=PATIENCE_MS)
    window.feed.files_changed.emit()
    qtbot.waitUntil(lambda: panel.model.sorted, timeout=PATIENCE_MS)  # it is the same connection


def runs(process: int) -> bool:
    try:
        os.kill(process, 0)
    except ProcessLookupError:
        return False
    return True


def test_the_window_names_the_source_the_user_and_the_transport(live: Window) -> None:
    assert live.state_bar.lead.text().startswith("Up to date with checkpoint")
    text = live.status_line.text
    assert text.startswith("Streaming · NDJSON")
    assert "recording 17 frames" in text
    chip = child(live, ConnectionChip)
    assert chip.text.name.startswith("127.0.0.1:")
    assert chip.text.remark == "alice"


def test_going_offline_and_online_again_is_one_button(qtbot: QtBot, live: Window) -> None:
    assert live.actions_.go_offline.isVisible()
    assert not live.actions_.go_online.isVisible()
    live.actions_.go_offline.trigger()
    qtbot.waitUntil(lambda: live.state_bar.lead.text() == "Offline, working locally.", timeout=PATIENCE_MS)
    assert not live.actions_.go_offline.isVisible()
    press(qtbot, live, "Go online")
    qtbot.waitUntil(lambda: live.state_bar.lead.text().startswith("Up to date"), timeout=PATIENCE_MS)


def test_an_engine_that_dies_is_said_and_restarts_on_the_same_files(
    qtbot: QtBot, live: Window, service: ServiceUnderTest
) -> None:
    first, frames = live.feed.engine_process_id, frames_of(live).table.row_model.rowCount()
    os.kill(first, signal.SIGKILL)
    qtbot.waitUntil(lambda: isinstance(live.feed.situation, EngineGone), timeout=PATIENCE_MS)
    assert live.state_bar.lead.text() == "The sync engine stopped."
    assert "signal 9" in live.state_bar.then.whole
    assert child(live, ConnectionChip).text.name == service.endpoint.removeprefix("http://")
    timeline = child(live, TimelinePanel)
    qtbot.waitUntil(lambda: timeline.canvas.overview is not None, timeout=PATIENCE_MS)
    overview = timeline.canvas.overview
    assert overview is not None
    assert timeline.canvas.now == overview.extent.last, "nothing is drawn as going on until now"
    assert frames_of(live).table.row_model.rowCount() >= frames
    assert buckets_of(live).table.row_model.rowCount() > 5
    press(qtbot, live, "Restart the engine")
    qtbot.waitUntil(lambda: live.state_bar.lead.text().startswith("Up to date"), timeout=PATIENCE_MS)
    assert live.feed.engine_process_id not in (0, first)
    assert timeline.canvas.live
    qtbot.waitUntil(lambda: frames_of(live).table.row_model.rowCount() > frames, timeout=PATIENCE_MS)


def test_closing_the_window_ends_the_engine(live: Window) -> None:
    engine = live.feed.engine_process_id
    assert runs(engine)
    began = time.monotonic()
    live.close()
    assert not runs(engine)
    assert time.monotonic() - began < 5


def test_opening_a_file_ends_the_connection(qtbot: QtBot, live: Window, capture: Path) -> None:
    engine = live.feed.engine_process_id
    live.open(FileSource(capture))
    qtbot.waitUntil(lambda: frames_of(live).model.frames_in_capture() == 43, timeout=PATIENCE_MS)
    qtbot.waitUntil(lambda: not runs(engine), timeout=PATIENCE_MS)


def test_an_engine_that_is_slow_to_end_keeps_nobody_from_a_file(qtbot: QtBot, live: Window, capture: Path) -> None:
    engine = live.feed.engine_process_id
    os.kill(engine, signal.SIGSTOP)
    live.open(FileSource(capture))
    qtbot.waitUntil(lambda: frames_of(live).model.frames_in_capture() == 43, timeout=PATIENCE_MS)
    assert runs(engine)
    os.kill(engine, signal.SIGCONT)
    qtbot.waitUntil(lambda: not runs(engine), timeout=PATIENCE_MS)


def test_the_capture_of_a_connection_is_opened_once_its_engine_has_ended(qtbot: QtBot, live: Window) -> None:
    engine, session = live.feed.engine_process_id, live.feed.active
    assert session is not None
    os.kill(engine, signal.SIGSTOP)
    live.open(FileSource(session.capture))
    # The line says so at once; nothing holds the window up.
    assert live.state_bar.lead.text() == f"Opening {session.capture.name}."
    assert runs(engine)
    os.kill(engine, signal.SIGCONT)
    qtbot.waitUntil(lambda: isinstance(live.feed.situation, CaptureFile), timeout=PATIENCE_MS)
    assert not runs(engine)


def test_an_engine_that_cannot_start_says_why(
    qtbot: QtBot, open_window: Callable[[Source | None], Window], tmp_path: Path
) -> None:
    folder = tmp_path / "not-there"
    start = Start("http://127.0.0.1:9", StaticToken("x"), str(folder / "client.db"), str(folder / "stream.pscapture"))
    window = open_window(LiveSource(start, ""))
    qtbot.waitUntil(lambda: isinstance(window.feed.situation, EngineGone), timeout=PATIENCE_MS)
    assert window.state_bar.lead.text() == "The sync engine stopped."
    assert window.state_bar.then.whole


def test_of_two_clients_the_active_one_is_shown_and_both_go_on(
    qtbot: QtBot, service: ServiceUnderTest, tmp_path: Path, open_window: Callable[[Source | None], Window]
) -> None:
    def client(name: str) -> LiveSource:
        files = str(tmp_path / f"{name}.db"), str(tmp_path / f"{name}.pscapture")
        return LiveSource(Start(service.endpoint, StaticToken(service.token(name)), *files), "Demo", client=name)

    window = open_window(ClientsSource((client("alice"), client("bob"))))
    synced(qtbot, window)
    alice, bob = window.feed.sessions
    assert window.feed.status is not None
    assert window.feed.status.user_id == "alice"

    window.feed.activate(bob)
    synced(qtbot, window)
    assert window.feed.status is not None
    assert window.feed.status.user_id == "bob"
    window.actions_.go_offline.trigger()
    qtbot.waitUntil(lambda: window.state_bar.lead.text() == "Offline, working locally.", timeout=PATIENCE_MS)
    assert alice.status is not None
    assert alice.status.phase == "connected"

    window.feed.activate(alice)
    synced(qtbot, window)
    assert window.state_bar.lead.text().startswith("Up to date")
    processes = [session.engine_process_id for session in (alice, bob)]
    window.close()
    assert not any(runs(process) for process in processes)


def test_a_client_that_starts_afresh_syncs_into_other_files(qtbot: QtBot, live: Window) -> None:
    session = live.feed.active
    assert session is not None
    before = live.feed.files.capture
    session.start_afresh()
    qtbot.waitUntil(lambda: live.feed.files.capture not in (None, before), timeout=PATIENCE_MS)
    synced(qtbot, live)
    status = live.feed.status
    assert status is not None
    assert f"recording {status.frames} frames" in live.status_line.text
