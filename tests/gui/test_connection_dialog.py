"""The connection dialog: pasted tokens are understood, what is wrong is named, secrets are kept apart."""

import json
from collections.abc import Callable, Iterator
from pathlib import Path

import keyring
import pytest
from keyring.backend import KeyringBackend
from keyring.backends.fail import Keyring as NoBackend
from PySide6.QtCore import QSettings
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QLineEdit
from pytestqt.qtbot import QtBot

from inspector.engine.connection_entry import ConnectionEntry, recognise_token
from inspector.ui.connection_dialog import ConnectionDialog
from inspector.ui.sources import LiveSource, Source
from inspector.ui.window import Window
from tests.running_service import ServiceUnderTest, running_service

PATIENCE_MS = 20_000


class InMemory(KeyringBackend):
    """A keyring like any other, gone with the test."""

    priority = 1  # type: ignore[assignment]

    def __init__(self) -> None:
        super().__init__()
        self.secrets: dict[tuple[str, str], str] = {}

    def get_password(self, service: str, username: str) -> str | None:
        return self.secrets.get((service, username))

    def set_password(self, service: str, username: str, password: str) -> None:
        self.secrets[service, username] = password

    def delete_password(self, service: str, username: str) -> None:
        del self.secrets[service, username]


@pytest.fixture
def secrets() -> Iterator[InMemory]:
    before, own = keyring.get_keyring(), InMemory()
    keyring.set_keyring(own)
    yield own
    keyring.set_keyring(before)


@pytest.fixture(scope="module")
def service() -> Iterator[ServiceUnderTest]:
    with running_service() as service:
        yield service


@pytest.fixture
def window(open_window: Callable[[Source | None], Window]) -> Window:
    QGuiApplication.clipboard().clear()
    return open_window(None)


def dialog_of(window: Window) -> ConnectionDialog:
    window.actions_.new_connection.trigger()
    dialog = window.connecting.dialog
    assert dialog.isVisible()
    assert not dialog.isModal()
    return dialog


def told(dialog: ConnectionDialog) -> dict[str, str]:
    return {fact.name: fact.value for fact in dialog.facts_model.records}


def test_a_pasted_token_is_decoded_and_its_service_guessed(window: Window, service: ServiceUnderTest) -> None:
    dialog = dialog_of(window)
    assert dialog.source.echoMode() is QLineEdit.EchoMode.Password
    dialog.source.setText(service.token("bob", aud="https://sync.example.com"))
    assert dialog.endpoint.text() == "https://sync.example.com"
    assert told(dialog)["User"] == "bob"
    assert "guessed" in told(dialog)["Service"]
    dialog.source.setText("not.a-token")
    assert "no JSON web token" in dialog.facts_note.text()
    answer = {"endpoint": service.endpoint, "token": service.token()}
    dialog.endpoint.clear()
    dialog.source.setText(json.dumps(answer))
    assert dialog.endpoint.text() == service.endpoint


def test_what_surely_is_refused_stands_first(window: Window, service: ServiceUnderTest) -> None:
    dialog = dialog_of(window)
    dialog.source.setText(service.token(seconds=-60))
    first, second = dialog.facts_model.records[:2]
    assert (first.name, second.name) == ("Ended", "Refused")
    assert "expired" in second.value


def test_a_token_on_the_clipboard_is_offered(window: Window, service: ServiceUnderTest) -> None:
    QGuiApplication.clipboard().setText(service.token("alice"))
    dialog = dialog_of(window)
    assert dialog.use_clipboard.text().endswith("for alice")
    dialog.use_clipboard.click()
    assert told(dialog)["User"] == "alice"
    QGuiApplication.clipboard().clear()


def test_the_test_names_what_is_wrong_and_says_when_all_is_well(
    qtbot: QtBot, window: Window, service: ServiceUnderTest
) -> None:
    dialog = dialog_of(window)
    dialog.test_button.click()
    assert "needs a token" in dialog.problems.text()
    dialog.source.setText(service.token())
    dialog.endpoint.setText("localhost")
    dialog.test_button.click()
    assert "no web address" in dialog.problems.text()
    dialog.endpoint.setText("http://127.0.0.1:9")
    dialog.test_button.click()
    qtbot.waitUntil(
        lambda: dialog.test_button.isEnabled() and "cannot be reached" in dialog.problems.text(), timeout=PATIENCE_MS
    )
    dialog.endpoint.setText(service.endpoint)
    dialog.source.setText(service.token(aud="somebody-else"))
    dialog.test_button.click()
    qtbot.waitUntil(lambda: "audience" in dialog.problems.text().lower(), timeout=PATIENCE_MS)
    dialog.source.setText(service.token())
    dialog.test_button.click()
    qtbot.waitUntil(lambda: "One request" in told(dialog), timeout=PATIENCE_MS)
    assert told(dialog)["One request"].startswith("is answered with a stream")
    assert told(dialog)["The token"] == "is for alice."
    assert window.feed.source is None


def test_connecting_syncs_and_is_remembered_without_the_token(
    qtbot: QtBot, window: Window, service: ServiceUnderTest, settings: QSettings, secrets: InMemory
) -> None:
    token = service.token()
    dialog = dialog_of(window)
    dialog.source.setText(token)
    dialog.endpoint.setText(service.endpoint)
    dialog.connect_button.click()
    assert isinstance(window.feed.source, LiveSource)
    qtbot.waitUntil(lambda: window.state_bar.lead.text().startswith("Up to date"), timeout=PATIENCE_MS)
    settings.sync()
    assert token not in Path(settings.fileName()).read_text()
    assert not secrets.secrets
    again = dialog_of(window)
    assert not again.source.text()
    again.recent_table.choose_row(0)
    assert again.endpoint.text() == service.endpoint
    assert window.feed.status is not None, "what is open goes on"


def test_a_token_is_kept_in_the_keyring_when_one_asks_for_it(
    qtbot: QtBot, window: Window, service: ServiceUnderTest, settings: QSettings, secrets: InMemory
) -> None:
    token = service.token()
    dialog = dialog_of(window)
    dialog.source.setText(token)
    dialog.endpoint.setText(service.endpoint)
    dialog.keep.setChecked(True)
    dialog.connect_now()
    qtbot.waitUntil(lambda: list(secrets.secrets.values()) == [token], timeout=PATIENCE_MS)
    settings.sync()
    assert token not in Path(settings.fileName()).read_text()
    again = dialog_of(window)
    again.recent_table.choose_row(0)
    qtbot.waitUntil(lambda: again.source.text() == token, timeout=PATIENCE_MS)
    entry = window.connecting.recent.entries()[0]
    window.connecting.recent.forget(entry)
    qtbot.waitUntil(lambda: not secrets.secrets, timeout=PATIENCE_MS)


def test_a_system_without_a_keyring_is_said(qtbot: QtBot, window: Window, service: ServiceUnderTest) -> None:
    before = keyring.get_keyring()
    keyring.set_keyring(NoBackend())
    try:
        dialog = dialog_of(window)
        dialog.source.setText(service.token())
        dialog.endpoint.setText(service.endpoint)
        dialog.keep.setChecked(True)
        dialog.connect_now()
        qtbot.waitUntil(lambda: "not kept" in dialog.problems.text(), timeout=PATIENCE_MS)
    finally:
        keyring.set_keyring(before)


def test_other_sources_of_tokens_and_streams_are_understood(window: Window, tmp_path: Path) -> None:
    from inspector.engine.connection_entry import start_of
    from inspector.engine.control import BackendUpload, MintedToken, TokenFile
    from inspector.engine.session_files import files_in

    files = files_in(tmp_path)
    entry = ConnectionEntry(
        "https://s.example.com/", "file", "/t.txt", streams='a\nb{"x": 1}\n', uploads="backend", upload_to="http://b/u"
    )
    start = start_of(entry, files)
    assert start.credentials == TokenFile("/t.txt")
    assert [it.stream for it in start.subscriptions] == ["a", "b"]
    assert start.uploads == BackendUpload("http://b/u")
    minted = start_of(ConnectionEntry("https://s.example.com", "secret", "/k", "bob"), files)
    assert minted.credentials == MintedToken("/k", "bob", is_secret=True)
    assert recognise_token("Bearer nothing") is None
