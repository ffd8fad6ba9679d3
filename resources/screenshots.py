"""Takes the pictures of the README and of the docs from the real program: `.venv/bin/python resources/screenshots.py`.

A demo service runs, a client syncs from it, writes and uploads; then the window and each of its panels are saved in
both themes to `resources/screenshots`. It needs no display. Takes about two minutes.
"""

import os
import sys
import tempfile
from collections.abc import Callable
from pathlib import Path

os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")
ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT))

from PySide6.QtCore import QDeadlineTimer, QSettings  # noqa: E402
from PySide6.QtWidgets import QApplication, QWidget  # noqa: E402

from inspector.analysis.state import DatabaseFile  # noqa: E402
from inspector.cli.demo import NAMES, demo_start  # noqa: E402
from inspector.cli.service_process import running_service  # noqa: E402
from inspector.engine.control import BackendUpload, Start, TokenEndpoint, Write  # noqa: E402
from inspector.service.options import Ready  # noqa: E402
from inspector.store.local_write import LocalWrite  # noqa: E402
from inspector.ui.panels.comparison.panel import ComparisonPanel  # noqa: E402
from inspector.ui.panels.frames.panel import FramesPanel  # noqa: E402
from inspector.ui.panels.sql.panel import SqlPanel  # noqa: E402
from inspector.ui.panels.story.panel import StoryPanel  # noqa: E402
from inspector.ui.selection import RowKey  # noqa: E402
from inspector.ui.sources import ClientsSource, FileSource, LiveSource  # noqa: E402
from inspector.ui.theme import Appearance, ThemeChoice  # noqa: E402
from inspector.ui.window import Window  # noqa: E402

PICTURES = ROOT / "resources" / "screenshots"
FILE = ROOT / "tests" / "data" / "databases" / "states" / "held-by-uploads.db"
OTHER = FILE.with_name("up-to-date.db")
"""What the file is compared with."""
THEMES = (ThemeChoice.DARK, ThemeChoice.LIGHT)
SIZE = (1440, 900)
PANEL_SIZES = {"timeline": (1200, 200), "story": (360, 640), "clients": (1000, 560), "both": (1100, 200)}
PANEL_SIZE = (760, 380)
NARROW = ("buckets", "streams", "connection", "detail", "bytes", "row")
NARROW_SIZE = (420, 560)
SETTLE_MS = 1_200
STATEMENT = """SELECT row_type, count(*) AS operations, max(op_id) AS newest
FROM ps_oplog GROUP BY row_type ORDER BY operations DESC"""
STORY_STEPS = 4
"""So many are played before the demo is pictured: then Bob is offline, and has written."""


def main() -> None:
    """All pictures, both themes."""
    application = QApplication(sys.argv[:1])
    PICTURES.mkdir(exist_ok=True)
    with tempfile.TemporaryDirectory() as folder, running_service() as service:
        settings = QSettings(str(Path(folder) / "settings.ini"), QSettings.Format.IniFormat)
        appearance = Appearance(application, settings, ThemeChoice.DARK)
        window = Window(settings, appearance, size=SIZE)
        window.show()
        try:
            live = _client(service.endpoint, "alice", Path(folder) / "live")
            _watch(window, appearance, live)
            _diagnose(window, appearance)
            with running_service("--no-writer", "--groceries") as groceries:
                _demo(window, appearance, groceries, Path(folder))
        finally:
            window.close()


def _client(endpoint: str, user: str, folder: Path) -> LiveSource:
    folder.mkdir()
    start = Start(
        endpoint,
        TokenEndpoint(f"{endpoint}/api/credentials?user={user}"),
        str(folder / "client.db"),
        str(folder / "stream.pscapture"),
        uploads=BackendUpload(f"{endpoint}/api/data"),
    )
    return LiveSource(start, user.capitalize(), demo=False, client=user)


def _watch(window: Window, appearance: Appearance, source: LiveSource) -> None:
    window.open(source)
    _until(lambda: window.state_bar.lead.text().startswith("Up to date"))
    todo = _some_todo(window)
    window.feed.send(Write((LocalWrite("PATCH", "todos", todo, {"completed": 1}),)))
    _wait(6_000)
    frames = window.docks["frames"].panel
    assert isinstance(frames, FramesPanel)
    row = frames.model.last_data_row()
    if row is not None:
        frames.table.choose_row(row)
    snapshot = window.buckets.snapshot
    if snapshot is not None:
        window.selection.choose_bucket(snapshot.streams[-1][1][0].name.full)
    window.selection.choose_row(RowKey("todos", todo))
    _ask(window, STATEMENT)
    window.perspectives.choose("watch")
    for theme in THEMES:
        _put_on(appearance, theme)
        _wait(SETTLE_MS)
        _save(window, f"watch-{theme}")
        for name, dock in window.docks.items():
            if name in ("story", "clients", "both", "finding", "findings", "comparison"):
                continue
            window.selection.reveal(name)
            _wait(SETTLE_MS)
            _save_panel(dock.panel, name, theme)
        window.perspectives.reset()


def _diagnose(window: Window, appearance: Appearance) -> None:
    window.open(FileSource(FILE))
    _until(lambda: isinstance(window.feed.situation, DatabaseFile))
    _until(lambda: window.findings.ready and not window.buckets.busy)
    window.perspectives.choose("diagnose")
    comparison = window.docks["comparison"].panel
    assert isinstance(comparison, ComparisonPanel)
    comparison.compare_with(OTHER)
    _until(lambda: comparison.result is not None)
    window.selection.reveal("finding")
    for theme in THEMES:
        _put_on(appearance, theme)
        _wait(SETTLE_MS)
        _save(window, f"diagnose-{theme}")
        for name in ("findings", "finding", "comparison"):
            _save_panel(window.docks[name].panel, name, theme)


def _demo(window: Window, appearance: Appearance, service: Ready, folder: Path) -> None:
    clients = tuple(
        LiveSource(demo_start(service, name.lower(), folder), "Demo service", demo=True, client=name) for name in NAMES
    )
    window.open(ClientsSource(clients))
    _until(lambda: window.state_bar.lead.text().startswith("Up to date"))
    window.perspectives.choose("demo")
    _play(window, STORY_STEPS)
    for theme in THEMES:
        _put_on(appearance, theme)
        _wait(2 * SETTLE_MS)
        _save(window, f"demo-{theme}")
        for name in ("story", "clients", "both"):
            if name in window.docks:
                _save_panel(window.docks[name].panel, name, theme)


def _play(window: Window, steps: int) -> None:
    """Into the middle of the story."""
    story = window.docks["story"].panel
    assert isinstance(story, StoryPanel)
    for _ in range(steps):
        story.player.play_next()
        _until(lambda: not story.player.busy)
        _wait(2 * SETTLE_MS)
    window.selection.point_at(())
    _wait(10 * SETTLE_MS)


def _ask(window: Window, statement: str) -> None:
    """Have a result in SQL."""
    panel = window.docks["sql"].panel
    assert isinstance(panel, SqlPanel)
    panel.editor.setPlainText(statement)
    panel.run()
    _until(lambda: panel.results.row_count > 0)


def _some_todo(window: Window) -> str:
    database = window.feed.files.open_database
    assert database is not None
    reader = database()
    try:
        return reader.rows("todos", limit=1)[0].id
    finally:
        reader.close()


def _put_on(appearance: Appearance, theme: ThemeChoice) -> None:
    appearance.choose(theme)


def _save_panel(panel: QWidget, name: str, theme: ThemeChoice) -> None:
    """A panel by itself: docks give it less room than its picture is worth."""
    width, height = PANEL_SIZES.get(name, NARROW_SIZE if name in NARROW else PANEL_SIZE)
    before = panel.size()
    panel.resize(width, height)
    _wait(150)
    _save(panel, f"panel-{name}-{theme}")
    panel.resize(before)


def _save(widget: QWidget, name: str) -> None:
    file = PICTURES / f"{name}.png"
    if not widget.grab().save(str(file), "PNG", 0):
        sys.exit(f"{file} cannot be written.")
    print(f"{file.relative_to(ROOT)}  {file.stat().st_size // 1000} kB")


def _until(condition: Callable[[], bool], longest_ms: int = 30_000) -> None:
    limit = QDeadlineTimer(longest_ms)
    while not condition():
        if limit.hasExpired():
            sys.exit("The demo did not come up.")
        _wait(50)


def _wait(milliseconds: int) -> None:
    limit = QDeadlineTimer(milliseconds)
    while not limit.hasExpired():
        QApplication.processEvents()


if __name__ == "__main__":
    main()
