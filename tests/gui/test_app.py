"""Starting the program: pictures of the window without a screen, and a clear word where there can be no window."""

import os
import struct
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
from PySide6.QtCore import QSettings
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QApplication, QWidget
from pytestqt.qtbot import QtBot

from inspector.ui.app import fit_frame, fitting
from inspector.ui.mishaps import Mishaps, tell_in_window
from inspector.ui.theme import Appearance
from inspector.ui.window import Window
from tests.engine.running_engine import token
from tests.running_service import running_service

PATIENCE_SECONDS = 60


def inspector(*arguments: str, **environment: str) -> subprocess.CompletedProcess[str]:
    kept = {
        name: value
        for name, value in os.environ.items()
        if name not in ("QT_QPA_PLATFORM", "DISPLAY", "WAYLAND_DISPLAY")
    }
    return subprocess.run(
        [sys.executable, "-m", "inspector", *arguments],
        capture_output=True,
        text=True,
        timeout=PATIENCE_SECONDS,
        env=kept | environment,
        check=False,
    )


def test_a_window_is_not_larger_than_the_screen(qapp: QApplication) -> None:
    screen = qapp.primaryScreen()
    room = screen.availableGeometry()
    assert fitting((room.width() + 200, 300), screen) == (room.width(), 300)
    assert fitting((400, room.height() + 1), screen) == (400, room.height())


def test_a_window_that_its_frame_makes_larger_than_the_screen_gives_way(qtbot: QtBot) -> None:
    window = QWidget()
    qtbot.addWidget(window)
    room = window.screen().availableGeometry().size()
    window.resize(room.width() - 100, room.height() + 20)
    window.show()
    fit_frame(window)
    assert window.frameGeometry().height() == room.height()
    assert window.width() == room.width() - 100


def test_an_unexpected_error_is_told_in_the_window_and_kept_without_secrets_for_a_report(
    open_file: Callable[[Path], Window], capture: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    window, mishaps, before = open_file(capture), Mishaps(), sys.excepthook
    copy_report = window.actions_.copy_report
    tell_in_window(mishaps, copy_report, window.status_line)
    assert not copy_report.isVisible()
    with mishaps.heard():
        for _ in range(3):
            try:
                raise KeyError(f"lost with {token()}")
            except KeyError as error:
                sys.excepthook(type(error), error, error.__traceback__)
    assert sys.excepthook is before
    told = capsys.readouterr().err
    assert told.startswith("An error in the window: KeyError: 'lost with <redacted>' (test_app.py, line ")
    assert told.count("\n") == 3
    assert window.status_line.text.startswith("✕ An error in the program: Help › Copy the error report")
    assert copy_report.isVisible()
    copy_report.trigger()
    report = QGuiApplication.clipboard().text()
    assert report.startswith("PowerSync Inspector ")
    assert "3 ×\nKeyError: 'lost with <redacted>'\n  tests/gui/test_app.py:" in report
    assert str(Path.home()) not in report


def png_size(path: Path) -> tuple[int, int]:
    header = path.read_bytes()[:24]
    assert header.startswith(b"\x89PNG")
    width, height = struct.unpack(">II", header[16:24])
    return width, height


def test_a_picture_of_a_file_is_saved_in_the_asked_size_without_a_screen(tmp_path: Path, capture: Path) -> None:
    picture = tmp_path / "window.png"
    done = inspector("open", str(capture), "--screenshot", str(picture), "--size", "1280x800", "--theme", "light")
    assert done.returncode == 0, done.stderr
    assert png_size(picture) == (1280, 800)
    assert "QThread" not in done.stderr
    assert "Traceback" not in done.stderr


def test_a_picture_of_a_live_sync_is_saved_once_synced(tmp_path: Path) -> None:
    picture = tmp_path / "window.png"
    with running_service() as service:
        files = "--database", str(tmp_path / "client.db"), "--capture", str(tmp_path / "stream.pscapture")
        done = inspector("connect", service.endpoint, "--token", service.token(), *files, "--screenshot", str(picture))
    assert done.returncode == 0, done.stderr
    assert png_size(picture) == (1440, 900)


def test_a_sync_that_fails_saves_no_picture_and_says_why(tmp_path: Path) -> None:
    picture = tmp_path / "window.png"
    files = "--database", str(tmp_path / "client.db"), "--capture", str(tmp_path / "stream.pscapture")
    done = inspector("connect", "http://127.0.0.1:9", "--token", token(), *files, "--screenshot", str(picture))
    assert done.returncode != 0
    assert not picture.exists()
    assert "127.0.0.1:9" in done.stderr
    assert "Traceback" not in done.stderr


def test_garbage_saves_no_picture_and_says_why(tmp_path: Path) -> None:
    garbage = tmp_path / "garbage.db"
    garbage.write_bytes(b"this is no database" * 100)
    picture = tmp_path / "window.png"
    done = inspector("open", str(garbage), "--screenshot", str(picture))
    assert done.returncode != 0
    assert not picture.exists()
    assert "garbage.db" in done.stderr


def test_without_a_screen_the_program_says_what_works(tmp_path: Path, capture: Path) -> None:
    done = inspector("open", str(capture))
    assert done.returncode != 0
    assert "--screenshot" in done.stderr
    assert done.stderr.count("\n") == 1


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        (("connect", "http://127.0.0.1:1"), "The service at 127.0.0.1:1 cannot be reached. Nothing accepts"),
        (("open", "garbage.db"), "garbage.db is no"),
    ],
)
def test_what_the_window_cannot_show_is_told_on_stderr_once_and_by_the_exit_code(
    tmp_path: Path, arguments: tuple[str, ...], sentence: str
) -> None:
    (tmp_path / "garbage.db").write_bytes(b"no database " * 100)
    command = [sys.executable, "-m", "inspector", *arguments]
    variables = {**os.environ, "QT_QPA_PLATFORM": "offscreen", "INSPECTOR_TOKEN": token()}
    with subprocess.Popen(command, stderr=subprocess.PIPE, text=True, cwd=tmp_path, env=variables) as process:
        assert process.stderr is not None
        first = process.stderr.readline()
        process.terminate()
        rest = process.stderr.read()
        assert process.wait(PATIENCE_SECONDS) == 1
    assert first.startswith(sentence)
    assert sentence not in rest
    assert "Traceback" not in rest


def test_a_size_that_is_asked_for_wins_over_the_remembered_one(
    qtbot: QtBot, settings: QSettings, appearance: Appearance
) -> None:
    sizes = []
    for size, remembered in (((760, 700), True), ((780, 640), False), ((700, 620), True)):
        window = Window(settings, appearance, size=size, remembered=remembered)
        qtbot.addWidget(window)
        window.show()
        sizes.append((window.width(), window.height()))
        window.close()
    assert sizes == [(760, 700), (780, 640), (780, 640)]
