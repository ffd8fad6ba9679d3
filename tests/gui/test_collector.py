"""What nobody refers to any more is taken apart by the window's thread, whichever thread makes objects meanwhile."""

import gc
import threading

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QWidget
from pytestqt.qtbot import QtBot

from inspector.ui.collector import collected_here


class Left(QWidget):
    """Refers to itself: only the collector finds that nobody else does."""

    def __init__(self) -> None:
        super().__init__()
        self.itself = self


def test_a_widget_that_is_left_behind_goes_on_the_windows_thread(qtbot: QtBot) -> None:
    gone: list[int] = []

    def leave() -> None:
        Left().destroyed.connect(lambda: gone.append(threading.get_ident()), Qt.ConnectionType.DirectConnection)

    def make_many() -> None:
        kept: list[object] = []
        for _ in range(200_000):
            kept.append([kept])

    with collected_here():
        leave()
        worker = threading.Thread(target=make_many)
        worker.start()
        worker.join()
        assert not gone
        qtbot.waitUntil(lambda: bool(gone))
    assert gone == [threading.get_ident()]


@pytest.mark.parametrize("enabled", [True, False])
def test_python_collects_again_if_it_did_before(enabled: bool) -> None:
    (gc.enable if enabled else gc.disable)()
    with collected_here():
        assert not gc.isenabled()
    assert gc.isenabled() is enabled
    gc.disable()
