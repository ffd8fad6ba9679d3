"""The window on a large capture and client database at once, as a session has them; and while one is rebuilt."""

import tempfile
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

from PySide6.QtCore import QSettings
from PySide6.QtWidgets import QApplication

from inspector.engine.control import Start, StaticToken
from inspector.ui.app import share_the_interpreter, spare_the_start, spare_what_came
from inspector.ui.collector import collected_here
from inspector.ui.panels.events.panel import EventsPanel
from inspector.ui.panels.frames.panel import FramesPanel
from inspector.ui.sources import FileSource, LiveSource
from inspector.ui.theme import Appearance, ThemeChoice
from inspector.ui.window import Window
from inspector.words import thousands
from tests.bench.lists import scroll
from tests.bench.panels import look_at_panels, use_perspectives
from tests.bench.steps import Steps
from tests.bench.timeline import use_timeline
from tests.bench.whole_capture import whole_capture, whole_database
from tests.bench.window import use_frames
from tests.bench.window_on_database import use_bucket, use_data, use_sql

_BUCKET = '1#my_todos|0["user-3"]'


def measure(frames: int, say: Callable[[str], None]) -> bool:
    """Make a capture and the client database of it, and use the window on them; whether all bounds were kept."""
    with tempfile.TemporaryDirectory() as folder:
        capture = whole_capture(Path(folder) / "whole.pscapture", frames)
        database = whole_database(Path(folder) / "whole.db", frames)
        sizes = " and ".join(f"{file.stat().st_size / 1e6:.0f} MB" for file in (capture, database))
        say(f"a capture of {thousands(frames)} frames, and the client database that they make: {sizes}")
        return use_both(capture, database, Path(folder), Steps(say))


def use_both(capture: Path, database: Path, folder: Path, steps: Steps) -> bool:
    """Use a window on both, then on the capture alone, of which the client database is rebuilt meanwhile."""
    application = QApplication.instance() or QApplication([])
    assert isinstance(application, QApplication)
    settings = QSettings(str(folder / "settings.ini"), QSettings.Format.IniFormat)
    share_the_interpreter()
    window = Window(settings, Appearance(application, settings, ThemeChoice.DARK))
    window.show()
    spare_the_start()
    window.loaded.connect(spare_what_came)
    with collected_here(), closing(window):
        _use_session(window, capture, database, steps)
        _use_while_rebuilt(window, capture, steps)
    return steps.end()


def _use_session(window: Window, capture: Path, database: Path, steps: Steps) -> None:
    steps.head("opening a session that is not connected")
    start = Start("http://localhost:9", StaticToken("none"), str(database), str(capture), connect=False)
    panel = window.docks["frames"].panel
    assert isinstance(panel, FramesPanel)
    steps.do(
        "open it, until frames are listed",
        lambda: window.open(LiveSource(start, "Bench")),
        until=lambda: panel.model.row_count() > 0,
    )
    steps.do("meanwhile, until the buckets are counted", until=lambda: window.buckets.snapshot is not None)
    use_frames(window, steps, words='"plumber 12345"')
    use_timeline(window, steps)
    steps.head("events")
    steps.do("go to Events", lambda: window.selection.reveal("events"))
    events = window.docks["events"].panel
    assert isinstance(events, EventsPanel)
    steps.do("list them", until=lambda: events.query.complete)
    scroll(events.table, lambda: not events.query.busy, steps)
    use_bucket(window, _BUCKET, steps)
    use_data(window, "plumber 9999", steps)
    use_sql(window, steps)
    use_perspectives(window, steps)
    look_at_panels(window, steps)


def _use_while_rebuilt(window: Window, capture: Path, steps: Steps) -> None:
    steps.head("the capture alone, while its client database is rebuilt")
    window.perspectives.choose("watch")
    panel = window.docks["frames"].panel
    assert isinstance(panel, FramesPanel)
    steps.do(
        "open it, until frames are listed",
        lambda: window.open(FileSource(capture)),
        until=lambda: panel.model.row_count() > 0,
    )
    scroll(panel.table, lambda: True, steps)
    steps.do(
        "filter kind == data",
        lambda: panel.filter.set_filter("kind == data"),
        until=lambda: not panel.search.searching,
        note=panel.filter.count.text,
    )
    steps.say("    it is still being rebuilt" if window.feed.busy else "    it was rebuilt before the end of this")
    steps.do("give it up", window.feed.close, until=lambda: not window.feed.busy)
