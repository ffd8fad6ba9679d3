"""A window on real files and real engines, without a screen."""

import gc
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Protocol

import pytest
from PySide6.QtCore import QSettings
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from inspector.cli.demo import NAMES, demo_start
from inspector.cli.service_process import service_process
from inspector.engine.control import BackendUpload, CredentialSource, Hold, Start, StaticToken
from inspector.ui.collector import collected_here
from inspector.ui.engine_process import ENGINE_COMMAND
from inspector.ui.on_screen import in_sight
from inspector.ui.sources import ClientsSource, FileSource, LiveSource, Source
from inspector.ui.theme import Appearance, ThemeChoice
from inspector.ui.window import Window
from tests.capture.recording import record_to
from tests.gui.demo import Demo
from tests.gui.watched_models import every_model_watched as every_model_watched
from tests.nursery.forked import POSSIBLE
from tests.nursery.forked import engine_command as forked_engine_command
from tests.running_service import ServiceUnderTest, running_service

SIZE = (1440, 900)
PATIENCE_MS = 20_000


@pytest.fixture(scope="session", autouse=True)
def _spared() -> None:
    """What tests leave behind is looked for among what they made, and not among all modules."""
    gc.collect()
    gc.freeze()


@pytest.fixture(autouse=True)
def _collected_here(qapp: QApplication, _spared: None) -> Iterator[None]:
    """No other thread takes apart what a test leaves behind, as in the program."""
    with collected_here():
        yield
        gc.collect()


@pytest.fixture
def settings(tmp_path: Path) -> QSettings:
    """Settings that nobody else has."""
    return QSettings(str(tmp_path / "settings.ini"), QSettings.Format.IniFormat)


@pytest.fixture
def appearance(qapp: QApplication, settings: QSettings) -> Appearance:
    """The dark theme in force."""
    return Appearance(qapp, settings, ThemeChoice.DARK)


@pytest.fixture
def engine_command() -> Sequence[str]:
    """What starts the engines of the windows; each is forked where that is possible."""
    return forked_engine_command() if POSSIBLE else ENGINE_COMMAND


@pytest.fixture
def open_window(
    qtbot: QtBot, settings: QSettings, appearance: Appearance, engine_command: Sequence[str]
) -> Iterator[Callable[[Source | None], Window]]:
    """Opens windows, and closes them in the end."""
    windows: list[Window] = []

    def open_one(source: Source | None = None) -> Window:
        window = Window(settings, appearance, size=SIZE, engine_command=engine_command)
        windows.append(window)
        window.show()
        if source is not None:
            window.open(source)
        return window

    yield open_one
    for window in windows:
        window.close()
        window.deleteLater()


def filled(window: Window) -> bool:
    """Nothing is being opened, rebuilt or read any more, and panels that are made and in sight are shown."""
    shown = all(dock.is_shown for dock in window.docks.values() if dock.is_made and in_sight(dock))
    return shown and not window.feed.busy and window.buckets.snapshot is not None and not window.buckets.busy


@pytest.fixture
def open_file(qtbot: QtBot, open_window: Callable[[Source | None], Window]) -> Callable[[Path], Window]:
    """Opens a window on a file, and waits until its panels are filled."""

    def open_one(path: Path) -> Window:
        window = open_window(FileSource(path))
        qtbot.waitUntil(lambda: filled(window), timeout=PATIENCE_MS)
        return window

    return open_one


@pytest.fixture
def service() -> Iterator[ServiceUnderTest]:
    """An embedded service with rows that change when a test changes them."""
    with running_service() as service:
        yield service


class Connecting(Protocol):
    """Opens a window on a connection to the service, with a new client database and a new capture.

    Without `credentials`, with a fixed token; `upload_path` is where the service takes local writes, held without it.
    """

    def __call__(self, credentials: CredentialSource | None = None, *, upload_path: str | None = None) -> Window: ...


@pytest.fixture
def connect(service: ServiceUnderTest, tmp_path: Path, open_window: Callable[[Source | None], Window]) -> Connecting:
    def connect_one(credentials: CredentialSource | None = None, *, upload_path: str | None = None) -> Window:
        start = Start(
            service.endpoint,
            credentials or StaticToken(service.token()),
            str(tmp_path / "client.db"),
            str(tmp_path / "stream.pscapture"),
            uploads=Hold() if upload_path is None else BackendUpload(f"{service.endpoint}{upload_path}"),
        )
        return open_window(LiveSource(start, ""))

    return connect_one


def has_synced(window: Window) -> bool:
    """A full checkpoint is shown."""
    return window.feed.status is not None and window.feed.status.shown_checkpoint is not None


@pytest.fixture
def capture(tmp_path: Path) -> Path:
    """A capture of a first sync and of some changes: 43 frames."""
    return record_to(tmp_path / "recorded.pscapture", "initial-ndjson", "incremental")


@pytest.fixture
def frames_alone(settings: QSettings) -> None:
    """The list of frames shows no uploads and events between them."""
    settings.setValue("frames/happenings", False)


@pytest.fixture
def demo(qtbot: QtBot, tmp_path: Path, open_window: Callable[[Source | None], Window]) -> Iterator[Demo]:
    arguments = ("--no-writer", "--groceries", "--storage", str(tmp_path / "service.db"))
    with service_process(*arguments) as service:
        clients = tuple(
            LiveSource(demo_start(service.ready, name.lower(), tmp_path), "Demo service", True, name, service)
            for name in NAMES
        )
        window = open_window(ClientsSource(clients))
        demo = Demo(qtbot, window, service)
        demo.wait(lambda: all(demo.shows(name, "☐ Milk", "☐ Bread", "☐ Tomatoes") for name in NAMES))
        yield demo
        window.close()
