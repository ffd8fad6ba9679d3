"""The state sentence of a real connection: harmless waits are called harmless, troubles offer what helps."""

from collections.abc import Callable, Iterator
from pathlib import Path

import httpx
import pytest
from PySide6.QtWidgets import QToolButton
from pytestqt.qtbot import QtBot

from inspector.analysis.state import Role
from inspector.engine.control import Start, StaticToken, TokenEndpoint, Write
from inspector.store.local_write import LocalWrite
from inspector.ui.sources import LiveSource, Source
from inspector.ui.window import Window
from tests.gui.conftest import Connecting
from tests.running_service import ServiceUnderTest, running_service

PATIENCE_MS = 30_000


@pytest.fixture(scope="module")
def service() -> Iterator[ServiceUnderTest]:
    with running_service(writer=True) as service:
        yield service


@pytest.fixture
def live(qtbot: QtBot, service: ServiceUnderTest, connect: Connecting) -> Window:
    """A window whose client uploads, and is up to date."""
    token = TokenEndpoint(f"{service.endpoint}/api/credentials?user=alice")
    window = connect(token, upload_path="/api/data")
    says(qtbot, window, "Up to date")
    return window


def says(qtbot: QtBot, window: Window, lead: str) -> None:
    qtbot.waitUntil(lambda: window.state_bar.lead.text().startswith(lead), timeout=PATIENCE_MS)


def buttons(window: Window) -> list[str]:
    return [button.text() for button in window.state_bar.findChildren(QToolButton) if button.isVisible()]


def backend(service: ServiceUnderTest, **settings: object) -> None:
    httpx.post(f"{service.endpoint}/api/backend", json=settings).raise_for_status()


def change(window: Window, value: int) -> None:
    window.feed.send(Write((LocalWrite("PATCH", "todos", "todo-1", {"rating": value}),)))


def test_the_seconds_until_a_write_is_confirmed_are_no_warning(
    qtbot: QtBot, live: Window, service: ServiceUnderTest
) -> None:
    told: list[tuple[str, Role]] = []

    def note() -> None:
        sentence = live.state_bar.sentence
        assert sentence is not None
        told.append((sentence.lead, sentence.role))

    live.feed.situation_changed.connect(note)
    backend(service, delay=3.0)
    change(live, 4)
    qtbot.waitUntil(lambda: bool(live.feed.status and live.feed.status.uploads == "uploading"), timeout=PATIENCE_MS)
    backend(service, delay=0.0)
    service.patch("notes", "note-1", body="not shown yet")
    says(qtbot, live, "Uploading 1 local write.")
    says(qtbot, live, "Up to date")
    assert {role for _, role in told} <= {Role.IDLE, Role.DATA, Role.FINE}


def test_a_backend_that_fails_is_said_with_what_helps(qtbot: QtBot, live: Window, service: ServiceUnderTest) -> None:
    backend(service, failing=True)
    change(live, 5)
    says(qtbot, live, "Downloads are held back.")
    qtbot.waitUntil(lambda: buttons(live) == ["Show the write", "Retry now", "Discard…"], timeout=PATIENCE_MS)
    assert "500" in live.state_bar.then.whole
    live.actions_.show_write.trigger()
    assert live.docks["uploads"].isVisible()
    backend(service, failing=False)
    live.actions_.retry_upload.trigger()
    says(qtbot, live, "Up to date")


def test_a_token_that_the_service_refuses_is_said_with_the_reason(
    qtbot: QtBot, service: ServiceUnderTest, tmp_path: Path, open_window: Callable[[Source | None], Window]
) -> None:
    files = str(tmp_path / "client.db"), str(tmp_path / "stream.pscapture")
    token = service.token(aud="another-service")
    window = open_window(LiveSource(Start(service.endpoint, StaticToken(token), *files), ""))
    says(qtbot, window, "The service refuses the token.")
    assert "another-service" in window.state_bar.then.whole
    qtbot.waitUntil(lambda: "Connect…" in buttons(window), timeout=PATIENCE_MS)
    qtbot.waitUntil(
        lambda: "connection/problem" in [finding.name for finding in window.findings.report.findings],
        timeout=PATIENCE_MS,
    )
