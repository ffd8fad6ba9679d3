"""The window on a large capture: first paint, stalls while one scrolls, filters and searches, and its memory.

Each figure has two parts: on the wall, and the processor time of the window's own thread in one turn of its event
loop, which tells the code from a machine that was busy with something else (see tests/gui/watchdog.py).
"""

import tempfile
import time
from collections.abc import Callable
from pathlib import Path

from PySide6.QtCore import QSettings
from PySide6.QtWidgets import QApplication

from inspector.ui.app import spare_the_start
from inspector.ui.panels.frames.panel import FramesPanel
from inspector.ui.sources import FileSource
from inspector.ui.theme import Appearance, ThemeChoice
from inspector.ui.window import Window
from inspector.words import thousands
from tests.bench.large_capture import large_capture
from tests.bench.timeline import use_timeline
from tests.gui.watchdog import STALL_MS, Watchdog

_FILTERS = (
    "kind == data",
    'ops > 2 and bucket ~ "user-3"',
    "since checkpoint 600000 and not kind == token_expires_in",
    '"plumber 123"',
)


class WindowBench:
    """One window on one capture; `say` gets a line for each measurement."""

    def __init__(self, capture: Path, say: Callable[[str], None]) -> None:
        self._say = say
        self._capture = capture
        self.worst_ms = 0.0
        """Processor time of the window's thread in its longest turn."""

    def run(self) -> None:
        """Measure everything, in the order in which a user would do it."""
        application = QApplication.instance() or QApplication([])
        assert isinstance(application, QApplication)
        with tempfile.TemporaryDirectory() as folder:
            settings = QSettings(str(Path(folder) / "settings.ini"), QSettings.Format.IniFormat)
            appearance = Appearance(application, settings, ThemeChoice.DARK)
            window = self._open(settings, appearance)
            try:
                self._use(window)
            finally:
                window.close()

    def _open(self, settings: QSettings, appearance: Appearance) -> Window:
        begun, begun_processor = time.perf_counter(), time.thread_time()
        dog = Watchdog()
        window = Window(settings, appearance)
        window.show()
        window.open(FileSource(self._capture))
        spare_the_start()
        panel = _frames(window)
        dog.wait_for(lambda: panel.model.row_count() > 0)
        panel.table.viewport().repaint()
        wall, processor = time.perf_counter() - begun, time.thread_time() - begun_processor
        self._say(f"made, shown, opened, frames painted after {wall:.2f} s, {processor:.2f} s of processor")
        dog.stop()
        return window

    def _use(self, window: Window) -> None:
        panel = _frames(window)
        bar = panel.table.verticalScrollBar()
        rows = panel.model.row_count()
        self._say(f"{thousands(rows)} frames, {self._capture.stat().st_size / 1e6:.0f} MB")
        self._look(
            "jump to thirty places",
            lambda: None,
            *[lambda n=n: bar.setValue(bar.maximum() * n // 30) for n in range(30)],
        )
        self._look("scroll 3 000 rows", *[lambda: bar.setValue(bar.value() + 22 * 30) for _ in range(100)])
        self._look("select a hundred frames", *[lambda n=n: panel.table.choose_row(n * 997) for n in range(100)])
        for text in _FILTERS:
            begun = time.perf_counter()
            self._look(
                f"filter {text}",
                lambda text=text: panel.filter.set_filter(text),
                *[lambda n=n: bar.setValue(bar.maximum() * n // 10) for n in range(10)],
                until=lambda: not panel.search.searching,
            )
            self._say(f"    {panel.filter.count.text()} after {time.perf_counter() - begun:.2f} s")
        self._look("clear the filter", panel.filter.edit.clear)
        use_timeline(window, self._look, self._say)
        self._say(f"memory of the window: {memory_mb()} MB at most")
        verdict = "no" if self.worst_ms < STALL_MS else "A"
        self._say(
            f"{verdict} turn of the window's thread took {STALL_MS:.0f} ms; the longest took {self.worst_ms:.1f} ms"
        )

    def _look(self, name: str, *actions: Callable[[], object], until: Callable[[], bool] = lambda: True) -> None:
        dog = Watchdog()
        for action in actions:
            dog.do(action)
        dog.wait_for(until, seconds=120)
        dog.stop()
        dog.deleteLater()
        self.worst_ms = max(self.worst_ms, dog.busiest_ms)
        self._say(f"{name}: longest turn {dog.longest_ms:.1f} ms on the wall, {dog.busiest_ms:.1f} ms of processor")


def _frames(window: Window) -> FramesPanel:
    panel = window.docks["frames"].panel
    assert isinstance(panel, FramesPanel)
    return panel


def memory_mb() -> int:
    """The process's peak memory; Linux only."""
    status = dict(line.split(":", 1) for line in Path("/proc/self/status").read_text().splitlines())
    return int(status["VmHWM"].split()[0]) // 1024


def measure(frames: int, say: Callable[[str], None]) -> float:
    """Make a capture of `frames` frames, and use the window on it; the longest turn in ms of processor time."""
    with tempfile.TemporaryDirectory() as folder:
        bench = WindowBench(large_capture(Path(folder) / "large.pscapture", frames), say)
        bench.run()
    return bench.worst_ms
