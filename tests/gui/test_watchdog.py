"""The watchdog itself: it sees what holds the event loop up, and nothing where nothing does."""

import time

import pytest
from pytestqt.qtbot import QtBot

from tests.gui.watchdog import STALL_MS, watchdog


def _work(seconds: float) -> None:
    end = time.thread_time() + seconds
    while time.thread_time() < end:
        pass


def test_it_sees_work_that_holds_the_event_loop_up(qtbot: QtBot) -> None:
    with watchdog() as dog:
        dog.do(lambda: _work(0.1))
    assert dog.busiest_ms >= 95
    assert dog.longest_ms >= 95


def test_what_the_test_does_between_turns_does_not_count(qtbot: QtBot) -> None:
    with watchdog() as dog:
        dog.do(lambda: None)
        _work(0.1)
        dog.wait_for(lambda: dog.ticks > 10)
    assert dog.busiest_ms < STALL_MS


def test_an_error_in_the_event_loop_is_the_tests_error(qtbot: QtBot) -> None:
    with watchdog() as dog, pytest.raises(ZeroDivisionError):
        dog.do(lambda: 1 // 0)
