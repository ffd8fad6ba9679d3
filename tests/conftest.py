"""Every test runs without a display, and away from the settings and files of whoever runs it."""

import gc
import os
from collections.abc import Iterator
from pathlib import Path

# Before anything makes a QGuiApplication, and inherited by the processes that tests start.
os.environ["QT_QPA_PLATFORM"] = "offscreen"

import hypothesis
import pytest
from PySide6.QtCore import QSettings

from tests.nursery.forked import end_nursery

# The window has its own times for Python's collector; the usual ones cost a tenth of what its tests take.
gc.set_threshold(50_000, 20, 50)

# How long an example takes says more about the machine than about the code.
hypothesis.settings.register_profile("inspector", deadline=None)
hypothesis.settings.load_profile("inspector")


@pytest.fixture(scope="session", autouse=True)
def _nursery_ends() -> Iterator[None]:
    yield
    end_nursery()


@pytest.fixture(autouse=True)
def own_settings_and_folders(tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch) -> None:
    home: Path = tmp_path_factory.mktemp("home")
    for name in ("CONFIG", "DATA", "CACHE", "STATE", "RUNTIME"):
        folder = home / name.lower()
        folder.mkdir(mode=0o700)
        monkeypatch.setenv(f"XDG_{name}_{'DIR' if name == 'RUNTIME' else 'HOME'}", str(folder))
    for form in (QSettings.Format.NativeFormat, QSettings.Format.IniFormat):
        QSettings.setPath(form, QSettings.Scope.UserScope, str(home / "config"))
