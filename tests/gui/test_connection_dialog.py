"""The connection dialog: pasted tokens are understood, what is wrong is named, secrets are kept apart."""

import json
import socket
from collections.abc import Callable, Iterator
from pathlib import Path

import keyring
import pytest
from keyring.backend import KeyringBackend
from keyring.backends.fail import Keyring as NoBackend
from msgspec.structs import replace
from PySide6.QtCore import QEvent, QSettings, Qt
from PySide6.QtGui import QGuiApplication, QKeySequence
from PySide6.QtWidgets import QAbstractButton, QLabel, QLineEdit, QWidget
from pytestqt.qtbot import QtBot

from inspector.engine.connection_entry import ConnectionEntry, recognise_token, start_of
from inspector.engine.control import BackendUpload, MintedToken, StaticToken, TokenFile
from inspector.engine.errors import SettingsError
from inspector.engine.session_files import files_in
from inspector.ui.connection_dialog.dialog import ConnectionDialog
from inspector.ui.connection_dialog.source_fields import KINDS
from inspector.ui.recent_connections import RecentConnections
from inspector.ui.sources import LiveSource, Source
from inspector.ui.theme import Appearance
from inspector.ui.window import Window
from tests.engine.running_engine import token
from tests.running_service import ServiceUnderTest, running_service

pytestmark = pytest.mark.usefixtures("every_model_watched")

PATIENCE_MS = 20_000


class InMemory(KeyringBackend):
    """A keyring like any other, gone with the test."""

    priority = 1

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


@pytest.fixture
def dialog(qtbot: QtBot, appearance: Appearance, settings: QSettings) -> Iterator[ConnectionDialog]:
    """The dialog alone."""
    QGuiApplication.clipboard().clear()
    parent = QWidget()
    qtbot.addWidget(parent)
    recent = RecentConnections(settings, parent)
    dialog = ConnectionDialog(parent, recent)
    dialog.ask()
    yield dialog
    dialog.close_down()
    recent.close()


def dialog_of(window: Window) -> ConnectionDialog:
    window.actions_.new_connection.trigger()
    dialog = window.connecting.dialog
    assert dialog.isVisible()
    assert not dialog.isModal()
    return dialog


def told(dialog: ConnectionDialog) -> dict[str, str]:
    return {fact.name: fact.value for fact in dialog.report.model.records}


def test_a_pasted_token_is_decoded_and_its_service_guessed(window: Window, service: ServiceUnderTest) -> None:
    dialog = dialog_of(window)
    assert dialog.source.echoMode() is QLineEdit.EchoMode.Password
    dialog.source.setText(service.token("bob", aud="https://sync.example.com"))
    assert dialog.endpoint.text() == "https://sync.example.com"
    assert told(dialog)["User"] == "bob"
    assert "guessed" in told(dialog)["Service"]
    dialog.source.setText("not.a-token")
    assert "no JSON web token" in dialog.report.note.text()
    answer = {"endpoint": service.endpoint, "token": service.token()}
    dialog.endpoint.clear()
    dialog.source.setText(json.dumps(answer))
    assert dialog.endpoint.text() == service.endpoint


def test_what_surely_is_refused_stands_first(window: Window, service: ServiceUnderTest) -> None:
    dialog = dialog_of(window)
    dialog.source.setText(service.token(seconds=-60))
    first, second = dialog.report.model.records[:2]
    assert (first.name, second.name) == ("Ended", "Refused")
    assert "expired" in second.value


def test_a_token_on_the_clipboard_is_offered(window: Window, service: ServiceUnderTest) -> None:
    QGuiApplication.clipboard().setText(service.token("alice"))
    dialog = dialog_of(window)
    assert dialog.source_fields.use_clipboard.text().endswith("for alice")
    dialog.source_fields.use_clipboard.click()
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


def test_a_test_that_waits_for_an_answer_can_be_stopped(
    qtbot: QtBot, window: Window, service: ServiceUnderTest
) -> None:
    dialog = dialog_of(window)
    dialog.source.setText(service.token())
    with socket.create_server(("127.0.0.1", 0)) as silent:
        dialog.endpoint.setText(f"http://127.0.0.1:{silent.getsockname()[1]}")
        dialog.test_button.click()
        assert dialog.test_button.text().replace("&", "") == "Stop the test"
        accepted, _ = silent.accept()
        dialog.test_button.click()
        assert dialog.test_button.text().replace("&", "") == "Test"
        assert "is under way." not in told(dialog).values()
        accepted.settimeout(PATIENCE_MS / 1000)
        while accepted.recv(65536):
            pass  # until the connection is closed, long before the request would have timed out
        accepted.close()
    dialog.endpoint.setText(service.endpoint)
    dialog.test_button.click()
    qtbot.waitUntil(lambda: "One request" in told(dialog), timeout=PATIENCE_MS)


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
    again.recent.table.choose_row(0)
    assert again.endpoint.text() == service.endpoint
    assert window.feed.status is not None, "what is open goes on"


def test_a_token_is_kept_in_the_keyring_when_one_asks_for_it(
    qtbot: QtBot, window: Window, service: ServiceUnderTest, settings: QSettings, secrets: InMemory
) -> None:
    token = service.token()
    dialog = dialog_of(window)
    dialog.source.setText(token)
    dialog.endpoint.setText(service.endpoint)
    dialog.source_fields.keep.setChecked(True)
    dialog.connect_now()
    qtbot.waitUntil(lambda: list(secrets.secrets.values()) == [token], timeout=PATIENCE_MS)
    settings.sync()
    assert token not in Path(settings.fileName()).read_text()
    again = dialog_of(window)
    again.recent.table.choose_row(0)
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
        dialog.source_fields.keep.setChecked(True)
        dialog.connect_now()
        qtbot.waitUntil(lambda: "not kept" in dialog.problems.text(), timeout=PATIENCE_MS)
    finally:
        keyring.set_keyring(before)


def test_other_sources_of_tokens_and_streams_are_understood(window: Window, tmp_path: Path) -> None:
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


TOKEN = token()


@pytest.mark.parametrize(
    "copied",
    [
        "{0}",
        "bearer {0}",
        "Authorization: Bearer {0}",
        '"{0}"',
        "'Bearer {0}',",
        '"token": "{0}",',
        '{{"token": "{0}"}}',
    ],
)
def test_a_token_is_found_in_what_was_copied_with_it(copied: str, tmp_path: Path) -> None:
    text = copied.format(TOKEN)
    start = start_of(ConnectionEntry("https://s.example.com", "token", text), files_in(tmp_path))
    assert start.credentials == StaticToken(TOKEN)


def test_a_token_that_a_terminal_broke_into_lines_is_put_together() -> None:
    halves = TOKEN[:40], TOKEN[40:]
    assert (found := recognise_token("\n".join(halves))) is not None
    assert found.token == TOKEN


def test_more_settings_are_behind_one_button_and_come_back_with_their_connection(
    dialog: ConnectionDialog, service: ServiceUnderTest, tmp_path: Path
) -> None:
    more = dialog.more
    assert not more.schema.isVisible()
    more.toggle.click()
    assert more.schema.isVisible()
    assert not more.key_id.isVisible(), "tokens are not signed here"
    dialog.source_fields.choose("secret")
    assert more.key_id.isVisible()
    assert not more.warning.isVisible()
    more.insecure.click()
    more.toggle.click()
    assert more.warning.isVisible(), "what is given up is said even while its field is folded away"
    assert more.toggle.text().endswith("· 1")
    entry = ConnectionEntry(
        service.endpoint,
        "secret",
        "/secret.txt",
        "bob",
        database=str(tmp_path / "app.db"),
        migrate_in_place=True,
        schema_file="/schema.json",
        app_metadata="app=shop",
        ca_file="/ca.pem",
        key_id="k1",
        audience="a, b",
        lifetime="60",
        claims='{"role": "editor"}',
    )
    dialog.fill(entry)
    assert more.schema.isVisible()
    assert dialog.entry() == entry


def test_what_is_entered_under_more_settings_reaches_the_engine(tmp_path: Path) -> None:
    files = files_in(tmp_path)
    entry = ConnectionEntry(
        "https://s.example.com",
        "secret",
        "/k",
        "bob",
        app_metadata="app=shop\n\nversion = 1.4",
        insecure=True,
        ca_file="/ca.pem",
        schema_file="/schema.json",
        database="/app.db",
        migrate_in_place=True,
        key_id="k1",
        audience="a, b",
        lifetime="60",
        claims='{"role": "editor"}',
    )
    start = start_of(entry, files)
    assert start.app_metadata == {"app": "shop", "version": "1.4"}
    assert (start.insecure, start.ca_file, start.schema_file) == (True, "/ca.pem", "/schema.json")
    assert (start.client_database, start.migrate_in_place) == ("/app.db", True)
    assert start.credentials == MintedToken(
        "/k", "bob", is_secret=True, key_id="k1", audience=("a", "b"), lifetime=60, claims={"role": "editor"}
    )
    with pytest.raises(SettingsError, match="number of seconds"):
        start_of(replace(entry, lifetime="an hour"), files)
    with pytest.raises(SettingsError, match="no pair"):
        start_of(replace(entry, app_metadata="app"), files)


def test_a_token_pasted_as_the_address_goes_where_it_belongs(
    dialog: ConnectionDialog, service: ServiceUnderTest
) -> None:
    answer = json.dumps({"endpoint": service.endpoint, "token": service.token("bob")})
    dialog.endpoint.setText(answer)
    assert dialog.source.text() == answer
    assert dialog.endpoint.text() == service.endpoint
    assert told(dialog)["User"] == "bob"


def test_a_connection_is_forgotten_with_its_secret(
    qtbot: QtBot, dialog: ConnectionDialog, service: ServiceUnderTest, settings: QSettings, secrets: InMemory
) -> None:
    recent = RecentConnections(settings, dialog)
    entry = ConnectionEntry(service.endpoint, source=service.token())
    recent.add(entry)
    recent.keep_secret(entry, lambda problem: pytest.fail(str(problem)))
    qtbot.waitUntil(lambda: len(secrets.secrets) == 1, timeout=PATIENCE_MS)
    dialog.ask()
    assert not dialog.recent.forget.isEnabled()
    dialog.recent.table.choose_row(0)
    assert dialog.recent.forget_action.shortcut() == QKeySequence(Qt.Key.Key_Delete)
    dialog.recent.forget.click()
    assert not recent.entries()
    assert "appear here" in dialog.recent.note.text()
    qtbot.waitUntil(lambda: not secrets.secrets, timeout=PATIENCE_MS)


def test_every_field_is_reached_by_a_letter_of_its_own(dialog: ConnectionDialog) -> None:
    dialog.more.toggle.click()
    for kind in KINDS:
        dialog.source_fields.choose(kind)
        labels = [it for it in dialog.findChildren(QLabel) if it.isVisible() and it.buddy() is not None]
        buttons = [it for it in dialog.findChildren(QAbstractButton) if it.isVisible()]
        texts = [*(it.text() for it in labels), *(it.text() for it in buttons)]
        letters = [text[text.index("&") + 1].lower() for text in texts if "&" in text]
        assert len(letters) == len(set(letters)), (kind, sorted(letters))


def test_what_a_test_finds_is_not_shown_for_other_entries(
    qtbot: QtBot, dialog: ConnectionDialog, service: ServiceUnderTest
) -> None:
    dialog.source.setText(service.token())
    dialog.endpoint.setText(service.endpoint)
    dialog.test_button.click()
    dialog.endpoint.setText("http://127.0.0.1:9")
    dialog.test_button.click()
    # Looking at another program meanwhile changes nothing.
    QGuiApplication.sendEvent(dialog, QEvent(QEvent.Type.WindowActivate))
    qtbot.waitUntil(lambda: "cannot be reached" in dialog.problems.text(), timeout=PATIENCE_MS)
    assert "One request" not in told(dialog)


def test_the_dialog_fits_a_narrow_place(qtbot: QtBot, dialog: ConnectionDialog) -> None:
    assert dialog.recent.isVisible()
    dialog.resize(540, 420)
    assert not dialog.recent.isVisible()

    def fits(field: QWidget) -> bool:
        return field.mapTo(dialog, field.rect().topRight()).x() <= dialog.width()

    fields = dialog.source, dialog.endpoint, dialog.source_fields.keep, dialog.connect_button
    qtbot.waitUntil(lambda: all(map(fits, fields)), timeout=PATIENCE_MS)


def test_a_token_that_is_copied_while_the_dialog_is_open_is_offered(
    dialog: ConnectionDialog, service: ServiceUnderTest
) -> None:
    assert not dialog.source_fields.use_clipboard.isVisible()
    QGuiApplication.clipboard().setText(service.token("bob"))
    QGuiApplication.sendEvent(dialog, QEvent(QEvent.Type.WindowActivate))
    assert dialog.source_fields.use_clipboard.isVisible()
    assert dialog.source_fields.use_clipboard.text().endswith("for bob")
    QGuiApplication.clipboard().clear()
