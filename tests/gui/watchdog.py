"""Watches how long the window's thread is held up: the longest time between two turns of its event loop.

    with watchdog() as dog:
        dog.do(lambda: bar.setValue(bar.maximum()))
        dog.wait_for(lambda: panel.filter.complete)
    assert dog.busiest_ms < STALL_MS

Three figures, as a shared machine may give the processor to somebody else in the middle of a turn: `longest_ms` is time
on the wall; `held_ms` is that without what the thread waited for a processor, and so what a user of an idle machine
notices: its own work, and waiting for locks, files, and Python's interpreter, which other threads hold, too;
`busiest_ms` is the processor time that the window's own thread took in one turn, and what tests assert.
"""

import os
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from PySide6.QtCore import QCoreApplication, QEventLoop, QObject, Qt, QTimer

STALL_MS = 50.0
"""What a user notices as a stall."""

_TICK_MS = 5
_LONGEST_S = 30.0
_SCHEDULE = Path("/proc/thread-self/schedstat")


class _Clock:
    """What one thread has had of the time: on the wall, waiting for a processor, and on one; in seconds."""

    def __init__(self) -> None:
        self._schedule = os.open(_SCHEDULE, os.O_RDONLY) if _SCHEDULE.exists() else None

    def __call__(self) -> tuple[float, float, float]:
        waited = 0
        if self._schedule is not None:
            # How long it ran, how long it waited, both in ns, and how often.
            waited = int(os.pread(self._schedule, 100, 0).split()[1])
        return time.perf_counter(), waited / 1e9, time.thread_time()

    def close(self) -> None:
        if self._schedule is not None:
            os.close(self._schedule)
            self._schedule = None


class Watchdog(QObject):
    """Counts from when it is made until `stop`; everything happens in turns of the event loop."""

    def __init__(self) -> None:
        super().__init__()
        self.longest_ms = 0.0
        """The longest time between two ticks, in milliseconds on the wall."""
        self.held_ms = 0.0
        """The longest time between two ticks in which this thread had, or could have had, a processor; the same as
        `longest_ms` where the system does not tell."""
        self.busiest_ms = 0.0
        """The most processor time that this thread took between two ticks, in milliseconds."""
        self.ticks = 0
        self.begun = time.perf_counter()
        self._timer = QTimer(self, interval=_TICK_MS, timerType=Qt.TimerType.PreciseTimer)
        self._timer.timeout.connect(self._tick)
        self._timer.start()
        self._clock = _Clock()
        self._last = self._clock()

    def do(self, action: Callable[[], object]) -> None:
        """Have `action` done by the event loop, and wait until the turn after it."""
        done: list[BaseException | None] = []

        def act() -> None:
            try:
                action()
            except BaseException as error:
                done.append(error)
            else:
                done.append(None)

        self._begin()
        QTimer.singleShot(0, self, act)
        self._turn_until(lambda: bool(done))
        after = self.ticks
        self._turn_until(lambda: self.ticks > after)
        if done[0] is not None:
            raise done[0]

    def wait_for(self, condition: Callable[[], bool], *, seconds: float = _LONGEST_S) -> None:
        """Let the event loop turn until `condition` holds."""
        self._begin()
        self._turn_until(condition, seconds)

    def wait_for_turns(self, number: int) -> None:
        """Let the event loop turn more than `number` times: until what was begun has come due."""
        after = self.ticks + number
        self.wait_for(lambda: self.ticks > after)

    def stop(self) -> None:
        """Count no more."""
        self._timer.stop()
        self._clock.close()

    def _begin(self) -> None:
        # What a test does between two calls is no turn of the event loop.
        self._last = self._clock()

    def _turn_until(self, condition: Callable[[], bool], seconds: float = _LONGEST_S) -> None:
        end = time.perf_counter() + seconds
        while not condition():
            if time.perf_counter() > end:
                raise TimeoutError(f"Nothing came of it within {seconds:.0f} s.")
            QCoreApplication.processEvents(QEventLoop.ProcessEventsFlag.WaitForMoreEvents)

    def _tick(self) -> None:
        now = self._clock()
        wall, waited, own = (1000 * (after - before) for before, after in zip(self._last, now, strict=True))
        self.longest_ms = max(self.longest_ms, wall)
        self.held_ms = max(self.held_ms, wall - waited)
        self.busiest_ms = max(self.busiest_ms, own)
        self._last = now
        self.ticks += 1


@contextmanager
def watchdog() -> Iterator[Watchdog]:
    """A watchdog for the block."""
    dog = Watchdog()
    try:
        yield dog
    finally:
        dog.stop()
        dog.deleteLater()
