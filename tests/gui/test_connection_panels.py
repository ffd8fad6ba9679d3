"""The panels Connection, Streams and Events, on a live engine, a capture and a client database."""

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from pytestqt.qtbot import QtBot

from inspector.capture.happenings import event_key
from inspector.capture.writer import CaptureWriter
from inspector.engine.control import StaticToken, StreamSubscription
from inspector.ui.panels.connection.panel import ConnectionPanel
from inspector.ui.panels.events.panel import EventsPanel
from inspector.ui.panels.streams.panel import StreamsPanel
from inspector.ui.panels.streams.subscribe_dialog import SubscribeDialog
from inspector.ui.sources import LiveSource
from inspector.ui.window import Window
from tests.gui.conftest import Connecting
from tests.recordings import CAPTURES
from tests.running_service import ServiceUnderTest, running_service

pytestmark = pytest.mark.usefixtures("every_model_watched")

PATIENCE_MS = 20_000
STATES = CAPTURES.parent / "databases" / "states"


@pytest.fixture(scope="module")
def service() -> Iterator[ServiceUnderTest]:
    with running_service() as service:
        yield service


@pytest.fixture
def live(qtbot: QtBot, connect: Connecting) -> Window:
    """A window whose client is up to date."""
    window = connect()
    qtbot.waitUntil(lambda: window.state_bar.lead.text().startswith("Up to date"), timeout=PATIENCE_MS)
    return window


def connection_of(window: Window) -> ConnectionPanel:
    window.selection.reveal("connection")
    panel = window.docks["connection"].panel
    assert isinstance(panel, ConnectionPanel)
    return panel


def streams_of(window: Window) -> StreamsPanel:
    window.selection.reveal("streams")
    panel = window.docks["streams"].panel
    assert isinstance(panel, StreamsPanel)
    return panel


def events_of(window: Window) -> EventsPanel:
    window.selection.reveal("events")
    panel = window.docks["events"].panel
    assert isinstance(panel, EventsPanel)
    return panel


def facts(panel: ConnectionPanel) -> dict[str, str]:
    return {fact.name: fact.value for fact in panel.model.records}


def test_the_connection_is_told_with_the_token_by_its_claims(qtbot: QtBot, live: Window) -> None:
    panel = connection_of(live)
    told = facts(panel)
    assert told["Address"].startswith("http://127.0.0.1:")
    assert told["User"] == "alice"
    assert told["Ends in"].startswith("59 min ") or told["Ends in"] == "1 h"
    assert told["Lives for"] == "1 h"
    assert told["Signed with"]
    assert told["Next one from"].startswith("nowhere")
    assert told["Uploads"] == "held: nothing says where to"
    assert told["State"] == "streaming"
    source = live.feed.source
    assert isinstance(source, LiveSource)
    assert isinstance(source.start.credentials, StaticToken)
    signature = source.start.credentials.token.rpartition(".")[2]
    assert not any(signature in value for value in told.values())
    live.actions_.disconnect_now.trigger()
    qtbot.waitUntil(lambda: facts(panel)["State"] == "not connected", timeout=PATIENCE_MS)


def test_the_engine_sends_claims_and_never_the_token(live: Window) -> None:
    status = live.feed.status
    assert status is not None
    assert status.token is not None
    assert status.token.claims["sub"] == "alice"
    source = live.feed.source
    assert isinstance(source, LiveSource)
    assert isinstance(source.start.credentials, StaticToken)
    assert source.start.credentials.token.rpartition(".")[2] not in repr(status)


def test_a_capture_tells_of_its_newest_connection(
    qtbot: QtBot, open_file: Callable[[Path], Window], capture: Path
) -> None:
    window = open_file(capture)
    panel = connection_of(window)
    qtbot.waitUntil(lambda: panel.model.row_count() > 5, timeout=PATIENCE_MS)
    assert panel.model.records[0].name == "The newest of 2 connections"
    assert not panel.buttons.isVisible()
    window.actions_.close_source.trigger()
    assert "Connect to see them" in panel.note.text()


def test_a_database_says_why_it_knows_no_connection(open_file: Callable[[Path], Window]) -> None:
    panel = connection_of(open_file(STATES / "up-to-date.db"))
    assert "neither tokens nor addresses" in panel.note.text()


def test_streams_are_subscribed_to_renewed_and_left(qtbot: QtBot, live: Window) -> None:
    panel = streams_of(live)
    qtbot.waitUntil(lambda: panel.model.row_count() > 0, timeout=PATIENCE_MS)
    defaults = panel.model.row_count()
    panel.table.choose_row(0)
    assert not panel.unsubscribe.isEnabled()
    live.actions_.subscribe.trigger()
    (dialog,) = panel.findChildren(SubscribeDialog)
    dialog.parameters.setText("[1]")
    dialog._accept()
    assert "No stream is named" in dialog.problems.text()
    dialog.stream.setText("list_todos")
    dialog._accept()
    assert "no JSON object" in dialog.problems.text()
    dialog.stream.setText('list_todos{"list": "list-7"}')
    dialog._accept()
    assert "given twice" in dialog.problems.text()
    dialog.parameters.clear()
    dialog._accept()

    def row() -> int:
        return next((at for at, line in enumerate(panel.model.records) if line.explicit and line.parameters), -1)

    qtbot.waitUntil(lambda: row() >= 0, timeout=PATIENCE_MS)
    qtbot.waitUntil(
        lambda: (line := panel.model.record(row())) is not None and line.last_synced_at is not None,
        timeout=PATIENCE_MS,
    )
    assert panel.model.row_count() == defaults + 1
    panel.table.choose_row(row())
    assert panel.renew.isEnabled()
    panel.renew.click()
    panel.unsubscribe.click()
    qtbot.waitUntil(lambda: panel.model.row_count() == defaults, timeout=PATIENCE_MS)


def test_a_stream_that_the_service_does_not_know_is_said(qtbot: QtBot, live: Window) -> None:
    panel = streams_of(live)
    panel._subscribe(StreamSubscription("no_such_stream"))
    qtbot.waitUntil(lambda: "no_such_stream" in panel.problems.text(), timeout=PATIENCE_MS)

    def has_problem() -> list[bool]:
        return [line.problem is not None for line in panel.model.records if line.stream == "no_such_stream"]

    qtbot.waitUntil(lambda: has_problem() == [True], timeout=PATIENCE_MS)


@pytest.mark.parametrize("name", ["up-to-date", "never-synced"])
def test_streams_of_a_database_are_read_only(qtbot: QtBot, open_file: Callable[[Path], Window], name: str) -> None:
    window = open_file(STATES / f"{name}.db")
    panel = streams_of(window)
    qtbot.waitUntil(lambda: not panel.query.busy, timeout=PATIENCE_MS)
    assert not panel.buttons.isVisible()
    assert panel.model.row_count() or panel.note.text()


def messages(panel: EventsPanel) -> list[str]:
    """What the lines say that are read."""
    records = map(panel.model.record, range(panel.model.row_count()))
    return [record.event.message for record in records if record is not None]


def test_events_follow_the_engine_and_lead_to_frames(qtbot: QtBot, live: Window) -> None:
    panel = events_of(live)
    panel.levels["debug"].setChecked(True)
    qtbot.waitUntil(lambda: panel.model.row_count() > 2, timeout=PATIENCE_MS)
    live.actions_.go_offline.trigger()
    qtbot.waitUntil(lambda: "Going offline." in messages(panel), timeout=PATIENCE_MS)
    panel.search.setText("offline going")
    qtbot.waitUntil(lambda: messages(panel) == ["Going offline."], timeout=PATIENCE_MS)
    panel.table.choose_row(0)
    panel.table.row_followed.emit(0)
    line = panel.model.record(0)
    assert line is not None
    assert live.selection.happening == event_key(line.event)
    live.selection.reveal("events")
    panel.search.setText("by checkpoint_complete")
    qtbot.waitUntil(lambda: bool(messages(panel)) and "Going offline." not in messages(panel), timeout=PATIENCE_MS)
    session = panel.model.record(0)
    assert session is not None
    panel.table.row_followed.emit(0)
    assert live.selection.checkpoint == session.newest.checkpoint is not None
    things, panels = live.revealing.places(panel.table, 0, "events")
    assert things.checkpoint == live.selection.checkpoint
    assert "checkpoints" in panels
    live.selection.reveal("events")
    panel.search.setText("nobody says this")
    qtbot.waitUntil(lambda: "No event of these levels" in panel.note.text(), timeout=PATIENCE_MS)
    panel.search.clear()
    panel.levels["debug"].setChecked(False)
    qtbot.waitUntil(lambda: bool(messages(panel)), timeout=PATIENCE_MS)
    records = map(panel.model.record, range(panel.model.row_count()))
    assert all(record is None or record.event.level != "debug" for record in records)


def test_a_long_log_is_paged_and_keeps_the_place_where_one_looks(
    qtbot: QtBot, open_file: Callable[[Path], Window], tmp_path: Path
) -> None:
    words = ["zero", "one", "two", "three", "four", "five", "six"]
    with CaptureWriter(tmp_path / "long.pscapture") as writer:
        for at in range(15_000):
            writer.event("info", "transport", f"Line {words[at % 7]} came.")
        writer.event("warning", "transport", "It is late.")
    window = open_file(tmp_path / "long.pscapture")
    panel = events_of(window)
    qtbot.waitUntil(lambda: panel.model.row_count() == 15_001, timeout=PATIENCE_MS)
    assert panel.table.at_end(), "it follows the newest"
    assert panel.levels["info"].text().endswith("15\u2009000")
    assert panel.model.rows_held < 1_000
    panel.table.choose_row(3)
    qtbot.waitUntil(lambda: panel.model.record(3) is not None, timeout=PATIENCE_MS)
    first = panel.model.record(3)
    assert first is not None
    assert first.event.message == "Line three came."
    assert not panel.following.active
    panel.levels["info"].setChecked(False)
    qtbot.waitUntil(lambda: messages(panel) == ["It is late."], timeout=PATIENCE_MS)


def test_the_newest_events_of_a_very_long_log_are_there_while_the_others_are_read(
    qtbot: QtBot, open_file: Callable[[Path], Window], tmp_path: Path
) -> None:
    words = ["zero", "one", "two", "three", "four", "five", "six"]
    with CaptureWriter(tmp_path / "long.pscapture") as writer:
        for at in range(22_000):
            writer.event("info", "transport", f"Line {words[at % 7]} came.")
    window = open_file(tmp_path / "long.pscapture")
    panel = window.docks["events"].panel
    assert isinstance(panel, EventsPanel)
    seen: list[tuple[bool, int, bool]] = []
    panel.query.changed.connect(
        lambda: seen.append((panel.query.complete, panel.model.row_count(), panel.table.at_end()))
    )
    window.selection.reveal("events")
    qtbot.waitUntil(lambda: panel.query.complete, timeout=PATIENCE_MS)
    assert [(complete, rows) for complete, rows, _ in seen] == [(False, 2_000), (True, 22_000)]
    assert all(at_end for _, _, at_end in seen)
    qtbot.waitUntil(lambda: panel.model.record(21_999) is not None, timeout=PATIENCE_MS)
    newest = panel.model.record(21_999)
    assert newest is not None
    assert newest.event.id == 22_000
    assert panel.progress.isHidden()
