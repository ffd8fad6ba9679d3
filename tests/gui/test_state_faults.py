"""The state sentence of a real connection while the service misbehaves, and while the user keeps writes back."""

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from pytestqt.qtbot import QtBot

from inspector.analysis.state import Role, StateSentence
from inspector.engine.control import BackendUpload, CredentialSource, Start, StaticToken, TokenEndpoint, Write
from inspector.store.local_write import LocalWrite
from inspector.ui.sources import LiveSource, Source
from inspector.ui.window import Window
from tests.running_service import ServiceUnderTest, running_service

PATIENCE_MS = 30_000
OpenWindow = Callable[[Source | None], Window]


@pytest.fixture
def service() -> Iterator[ServiceUnderTest]:
    with running_service() as service:
        yield service


def connect(open_window: OpenWindow, service: ServiceUnderTest, folder: Path, token: CredentialSource) -> Window:
    start = Start(
        service.endpoint,
        token,
        str(folder / "client.db"),
        str(folder / "stream.pscapture"),
        uploads=BackendUpload(f"{service.endpoint}/api/data"),
    )
    return open_window(LiveSource(start, ""))


@pytest.fixture
def live(qtbot: QtBot, service: ServiceUnderTest, tmp_path: Path, open_window: OpenWindow) -> Window:
    """A window whose client uploads, and is up to date."""
    token = TokenEndpoint(f"{service.endpoint}/api/credentials?user=alice")
    window = connect(open_window, service, tmp_path, token)
    says(qtbot, window, "Up to date with checkpoint")
    return window


def says(qtbot: QtBot, window: Window, lead: str, *then: str) -> StateSentence:
    """The sentence, once it begins so and goes on with these words."""
    found: list[StateSentence] = []

    def said() -> bool:
        sentence = window.state_bar.sentence
        if sentence is None or not sentence.lead.startswith(lead) or any(words not in sentence.then for words in then):
            return False
        found.append(sentence)
        return True

    try:
        qtbot.waitUntil(said, timeout=PATIENCE_MS)
    except Exception as error:
        raise AssertionError(f"Not {lead!r} {then} but {window.state_bar.sentence}") from error
    return found[-1]


def change(window: Window, rating: int) -> None:
    window.feed.send(Write((LocalWrite("PATCH", "todos", "todo-1", {"rating": rating}),)))


def test_a_bucket_that_fails_again_and_again_is_counted(qtbot: QtBot, live: Window, service: ServiceUnderTest) -> None:
    service.faults.arm("wrong-bucket-checksum", bucket="1#all_notes|0[]")
    service.patch("notes", "note-1", body="changed")
    lead = "Bucket all_notes[] did not match its checksum."
    sentence = says(qtbot, live, lead, "It was deleted and", "for the 2nd time.", "A fault is armed")
    assert sentence.role is Role.BROKEN
    service.faults.lift("wrong-bucket-checksum")
    says(qtbot, live, "Up to date with checkpoint")


def test_a_confirmation_that_is_withheld_is_waited_for(qtbot: QtBot, live: Window, service: ServiceUnderTest) -> None:
    service.faults.arm("write-checkpoint-withheld")
    change(live, 3)
    lead = "Uploaded; waiting for the service."
    assert says(qtbot, live, lead, "Checkpoint request ", "A few seconds are normal.").role is Role.IDLE
    service.patch("notes", "note-1", body="not shown yet")
    assert says(qtbot, live, lead, "cannot be shown before.").role is Role.HELD
    service.faults.lift("write-checkpoint-withheld")
    says(qtbot, live, "Up to date with checkpoint")


def test_a_token_without_a_next_one_asks_for_one_before_it_ends(
    qtbot: QtBot, service: ServiceUnderTest, tmp_path: Path, open_window: OpenWindow
) -> None:
    window = connect(open_window, service, tmp_path, StaticToken(service.token(seconds=20)))
    assert says(qtbot, window, "The token ends in ", "No source for the next one is known").role is Role.HELD


def test_a_token_that_is_renewed_says_from_where(qtbot: QtBot, tmp_path: Path, open_window: OpenWindow) -> None:
    with running_service(token_seconds=25) as service:
        token = TokenEndpoint(f"{service.endpoint}/api/credentials?user=alice")
        window = connect(open_window, service, tmp_path, token)
        assert says(qtbot, window, "The token ends in ", "The next one comes from ").role is Role.IDLE


def test_a_service_that_is_gone_is_a_lost_connection(qtbot: QtBot, live: Window, service: ServiceUnderTest) -> None:
    service.stop()
    sentence = says(qtbot, live, "The connection was lost.", "The next try is in ")
    assert sentence.role is Role.BROKEN
    change(live, 2)
    says(qtbot, live, "The connection was lost.", "1 local write waits for the connection.")


def test_offline_tells_what_waits(qtbot: QtBot, live: Window) -> None:
    live.actions_.go_offline.trigger()
    assert says(qtbot, live, "Offline, working locally.", "No writes wait.").role is Role.IDLE
    change(live, 1)
    assert says(qtbot, live, "Offline, working locally.", "1 write waits for the connection.").role is Role.HELD
    live.actions_.go_online.trigger()
    says(qtbot, live, "Up to date with checkpoint")


def test_writes_that_the_user_holds_hold_downloads_back(qtbot: QtBot, live: Window, service: ServiceUnderTest) -> None:
    live.actions_.hold_uploads.trigger()
    change(live, 5)
    says(qtbot, live, "Up to date with checkpoint", "1 local write is not uploaded yet.", "Uploads are held by choice.")
    service.patch("notes", "note-1", body="held")
    lead = "Downloads are held back."
    sentence = says(qtbot, live, lead, "1 local write is not uploaded, so checkpoint ", "Uploads are held by choice.")
    assert sentence.role is Role.HELD
    resume = live.actions_.for_state(sentence.actions[0])
    assert resume.text() == "Resume uploads"
    resume.trigger()
    says(qtbot, live, "Up to date with checkpoint")
