"""Work off the window's thread, one job after the other, with the result handed back on it."""

import sys
import time
from collections import deque
from collections.abc import Callable
from functools import cache
from typing import Any, TypeVar

from PySide6.QtCore import QCoreApplication, QObject, QThreadPool, QTimer, Signal
from shiboken6 import isValid

from inspector.protocol.errors import InspectorError

T = TypeVar("T")

_TURN_S = 0.006
"""Processor time after which what else came back waits for the event loop's next turn."""


class Background(QObject):
    """A thread for one owner's work; SQLite connections used only in here need no lock."""

    idle = Signal()
    """The last job has been handed back."""
    _ended = Signal(object, object)

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._pool = QThreadPool(self)
        self._pool.setMaxThreadCount(1)
        self._pool.setExpiryTimeout(-1)
        self._closed = False
        self._waiting = 0
        self._ended.connect(self._came_back)

    @property
    def busy(self) -> bool:
        """Whether a job runs or waits."""
        return self._waiting > 0

    @property
    def closed(self) -> bool:
        """Whether nobody wants results any more; long work asks this itself, from its own thread."""
        return self._closed

    def run(
        self,
        work: Callable[[], T],
        done: Callable[[T], None],
        failed: Callable[[InspectorError], None] | None = None,
    ) -> None:
        """Do `work` on the thread, then `done` with its result, or `failed` with the reason, on this one.

        An error that is no InspectorError, or that nobody wants, is reported as an uncaught one.
        """
        if self._closed:
            return
        self._waiting += 1
        self._pool.start(lambda: self._carry_out(work, done, failed))

    def close(self, last: Callable[[], None] | None = None) -> None:
        """Take no more work, wait for what runs, then do `last`; results that are under way are dropped."""
        if self._closed:
            return
        self._closed = True
        self._pool.clear()
        self._pool.waitForDone()
        if last is not None:
            last()

    def _carry_out(self, work: Callable[[], Any], done: Callable[[Any], None], failed: Any) -> None:
        if self._closed:
            return
        try:
            result = work()
        except Exception as error:
            self._ended.emit(failed, error)
        else:
            self._ended.emit(done, result)

    def _came_back(self, receiver: Callable[[Any], None] | None, result: object) -> None:
        _returns().add(self, lambda: self._hand_back(receiver, result))

    def _hand_back(self, receiver: Callable[[Any], None] | None, result: object) -> None:
        self._waiting -= 1
        if self._closed:
            return
        if isinstance(result, Exception) and (receiver is None or not isinstance(result, InspectorError)):
            sys.excepthook(type(result), result, result.__traceback__)
        elif receiver is not None:
            receiver(result)
        if not self._waiting:
            self.idle.emit()


class _Returns(QObject):
    """Hands results back a few a turn: after a new source all panels hear of what they asked in the same moment."""

    def __init__(self) -> None:
        super().__init__(QCoreApplication.instance())
        self._waiting: deque[tuple[Background, Callable[[], None]]] = deque()
        self._timer = QTimer(self, interval=0)
        self._timer.timeout.connect(self._go_on)

    def add(self, owner: Background, hand_back: Callable[[], None]) -> None:
        """Call `hand_back` after those that came before, as long as `owner` is there."""
        self._waiting.append((owner, hand_back))
        if not self._timer.isActive():
            self._timer.start()

    def _go_on(self) -> None:
        end = time.thread_time() + _TURN_S
        while self._waiting and time.thread_time() < end:
            owner, hand_back = self._waiting.popleft()
            if isValid(owner):
                hand_back()
        if not self._waiting:
            self._timer.stop()


@cache
def _returns() -> _Returns:
    return _Returns()
