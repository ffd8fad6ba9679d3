"""Python's collector of what nobody refers to any more, on the window's thread only.

By itself it runs in whatever thread makes an object just then, and what it finds goes there and then: a widget that a
reading thread destroys while the window's thread paints ends the process.
"""

import gc
import time
from collections.abc import Iterator
from contextlib import contextmanager

from PySide6.QtCore import QObject, QTimer

_LOOK_MS = 100
"""So often that the objects which a reading thread makes meanwhile are few: each look takes 20 µs for a thousand."""
_FULL_PAUSE_S = 20.0
"""Between two looks at all objects, which take the longest."""


@contextmanager
def collected_here() -> Iterator[None]:
    """Collect in turns of this thread's event loop, and by no other thread, in the block."""
    before = gc.isenabled()
    gc.disable()
    collector = _Collector()
    try:
        yield
    finally:
        collector.stop()
        if before:
            gc.enable()


class _Collector(QObject):
    """One generation at a time, as Python would have it."""

    def __init__(self) -> None:
        super().__init__()
        self._full_at = time.monotonic()
        self._timer = QTimer(self, interval=_LOOK_MS)
        self._timer.timeout.connect(self._look)
        self._timer.start()

    def stop(self) -> None:
        self._timer.stop()

    def _look(self) -> None:
        young, middle, old = (count > most for count, most in zip(gc.get_count(), gc.get_threshold(), strict=True))
        if old and time.monotonic() - self._full_at > _FULL_PAUSE_S:
            gc.collect(2)
            self._full_at = time.monotonic()
        elif middle:
            gc.collect(1)
        elif young:
            gc.collect(0)
