"""The window on a large capture: first paint, stalls while one scrolls, filters and searches, and its memory."""

import tempfile
from collections.abc import Callable
from contextlib import closing
from functools import partial
from pathlib import Path

from PySide6.QtCore import QSettings
from PySide6.QtWidgets import QApplication

from inspector.ui.app import share_the_interpreter, spare_the_start, spare_what_came
from inspector.ui.collector import collected_here
from inspector.ui.panels.frames.panel import FramesPanel
from inspector.ui.sources import FileSource
from inspector.ui.theme import Appearance, ThemeChoice
from inspector.ui.window import Window
from inspector.words import thousands
from tests.bench.bytecode import keep_bytecode
from tests.bench.first_paint import measure_start
from tests.bench.large_capture import large_capture
from tests.bench.lists import scroll
from tests.bench.panels import look_at_panels, use_perspectives
from tests.bench.steps import FIRST_PAINT_S, Steps
from tests.bench.timeline import use_timeline

_FILTERS = (
    "kind == data",
    'ops > 2 and bucket ~ "user-3"',
    "since checkpoint 600000 and not kind == token_expires_in",
)
_WORDS = '"plumber 123"'


def tell_start(file: Path, steps: Steps) -> None:
    """How soon the window is there when the program is started with `file`, as the best of some times."""
    starts = measure_start(file)
    painted = min(starts, key=lambda start: start.painted)
    filled = min(start.filled for start in starts)
    steps.bound("process start to first paint, on the wall", painted.painted, FIRST_PAINT_S, "s")
    steps.say(
        f"    processor time of it, all threads: {min(start.painted_processor for start in starts):.2f} s;"
        f" content there after {filled:.2f} s"
    )


def use_frames(window: Window, steps: Steps, *, words: str = _WORDS) -> None:
    """Scroll, select, filter, search all bodies for `words`, and sort in the list of frames."""
    panel = window.docks["frames"].panel
    assert isinstance(panel, FramesPanel)
    bar = panel.table.verticalScrollBar()
    steps.head(f"{thousands(panel.model.row_count())} frames")
    scroll(panel.table, lambda: True, steps)
    steps.do("select a hundred frames", *[lambda n=n: panel.table.choose_row(n * 997) for n in range(100)])
    for text in (*_FILTERS, words):
        steps.do(
            f"filter {text}",
            partial(panel.filter.set_filter, text),
            *[lambda n=n: bar.setValue(bar.maximum() * n // 10) for n in range(10)],
            until=lambda: not panel.search.searching,
            note=panel.filter.count.text,
        )
    steps.do("clear the filter", panel.filter.edit.clear)
    size = next(i for i, column in enumerate(panel.model.columns) if column.title == "Bytes")
    sort = panel.table.header.sectionClicked
    again = partial(sort.emit, size)
    steps.do("sort by size", again, until=lambda: panel.model.sorted)
    scroll(panel.table, lambda: True, steps)
    steps.do("turn it round, and end the sorting", again, again, until=lambda: not panel.model.sorted)


def measure(frames: int, say: Callable[[str], None]) -> bool:
    """Make a capture of `frames` frames, and use the window on it; whether all bounds were kept."""
    application = QApplication.instance() or QApplication([])
    assert isinstance(application, QApplication)
    steps = Steps(say)
    with tempfile.TemporaryDirectory() as folder:
        capture = large_capture(Path(folder) / "large.pscapture", frames)
        say(f"a capture of {thousands(frames)} frames, {capture.stat().st_size / 1e6:.0f} MB")
        keep_bytecode(Path(folder) / "bytecode")
        tell_start(capture, steps)
        settings = QSettings(str(Path(folder) / "settings.ini"), QSettings.Format.IniFormat)
        share_the_interpreter()
        window = Window(settings, Appearance(application, settings, ThemeChoice.DARK))
        window.show()
        spare_the_start()
        window.loaded.connect(spare_what_came)
        with collected_here(), closing(window):
            _use(window, capture, steps)
    return steps.end()


def _use(window: Window, capture: Path, steps: Steps) -> None:
    panel = window.docks["frames"].panel
    assert isinstance(panel, FramesPanel)
    steps.head("opening")
    steps.do(
        "open it, until frames are listed",
        lambda: window.open(FileSource(capture)),
        until=lambda: panel.model.row_count() > 0,
    )
    steps.do("meanwhile, until the buckets are counted", until=lambda: window.buckets.snapshot is not None)
    use_frames(window, steps)
    steps.head("timeline and checkpoints")
    use_timeline(window, steps)
    use_perspectives(window, steps)
    look_at_panels(window, steps)
