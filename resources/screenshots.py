"""Takes the pictures of the README and of the docs from the real program: `.venv/bin/python resources/screenshots.py`.

A demo service runs, a client syncs from it, writes, uploads and meets trouble; then the window and each of its panels
are saved in both themes to `resources/screenshots`. It needs no display. Takes about two minutes.
"""

import os
import shutil
import sys
import tempfile
from collections.abc import Callable
from pathlib import Path

os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")
ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT))

import apsw  # noqa: E402
import httpx  # noqa: E402
from PySide6.QtCore import QDeadlineTimer, QEventLoop, QSettings, QTimer  # noqa: E402
from PySide6.QtWidgets import QApplication, QWidget  # noqa: E402

from inspector.analysis.state import DatabaseFile  # noqa: E402
from inspector.capture.reader import CaptureReader  # noqa: E402
from inspector.cli.demo import NAMES, demo_start  # noqa: E402
from inspector.cli.service_process import running_service  # noqa: E402
from inspector.engine.control import (  # noqa: E402
    ArmFault,
    BackendUpload,
    SetOffline,
    Start,
    TokenEndpoint,
    Write,
)
from inspector.service.options import Ready  # noqa: E402
from inspector.store.local_write import LocalWrite  # noqa: E402
from inspector.ui.panels.comparison.panel import ComparisonPanel  # noqa: E402
from inspector.ui.panels.frames.panel import FramesPanel  # noqa: E402
from inspector.ui.panels.sql.panel import SqlPanel  # noqa: E402
from inspector.ui.panels.story.panel import StoryPanel  # noqa: E402
from inspector.ui.panels.timeline.panel import TimelinePanel  # noqa: E402
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
WATCHED_NS = 30_000_000_000
"""Of the timeline, until the last frame."""
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
            _diagnose(window, appearance, Path(folder))
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
    todos = _some_todos(window, 2)
    _live_through_trouble(window, source.start.endpoint, todos)
    frames = window.docks["frames"].panel
    assert isinstance(frames, FramesPanel)
    row = frames.model.row_of(_last_frame_about(window, todos[0]))
    if row is not None:
        frames.table.choose_row(row)
    snapshot = window.buckets.snapshot
    if snapshot is not None:
        window.selection.choose_bucket(snapshot.streams[-1][1][0].name.full)
    window.selection.choose_row(RowKey("todos", todos[0]))
    _ask(window, STATEMENT)
    window.perspectives.choose("watch")
    timeline = window.docks["timeline"].panel
    assert isinstance(timeline, TimelinePanel)
    for theme in THEMES:
        _put_on(appearance, theme)
        timeline.show_span(WATCHED_NS)
        _wait(SETTLE_MS)
        _save(window, f"watch-{theme}")
    for theme in THEMES:
        _put_on(appearance, theme)
        for name, dock in window.docks.items():
            if name in ("story", "clients", "both", "finding", "findings", "comparison"):
                continue
            window.selection.reveal(name)
            _wait(SETTLE_MS)
            _save_panel(dock.panel, name, theme)
        window.perspectives.reset()


def _live_through_trouble(window: Window, endpoint: str, todos: list[str]) -> None:
    """A write that is taken, an operation that is damaged on its way, some seconds offline, and a write that is refused
    while somebody else changes the same row: what one keeps the window open for."""
    send = window.feed.send
    send(Write((LocalWrite("PATCH", "todos", todos[1], {"completed": 1}),)))
    _wait(3_000)
    send(ArmFault("altered-checksum", times=1))
    _change_elsewhere(endpoint, todos[1], {"description": "Book the train"})
    _wait(5_000)
    send(SetOffline(offline=True))
    _wait(4_000)
    send(SetOffline(offline=False))
    _wait(3_000)
    send(ArmFault("row-refused", {"message": "The list is archived"}, user="alice"))
    changes = ((todos[0], {"completed": 1}), (todos[1], {"rating": 4.5}))
    send(Write(tuple(LocalWrite("PATCH", "todos", row, values) for row, values in changes)))
    _wait(3_000)
    _change_elsewhere(endpoint, todos[0], {"description": "Call the plumber"})
    _wait(5_000)
    _change_elsewhere(endpoint, todos[0], {"photo_size": 48_000})
    _wait(1_500)


def _change_elsewhere(endpoint: str, todo: str, values: dict[str, object]) -> None:
    token = httpx.get(f"{endpoint}/api/credentials", params={"user": "bob"}).json()["token"]
    entry = {"op": "PATCH", "type": "todos", "id": todo, "data": values}
    answer = httpx.post(f"{endpoint}/api/data", json={"batch": [entry]}, headers={"Authorization": f"Bearer {token}"})
    answer.raise_for_status()


def _diagnose(window: Window, appearance: Appearance, folder: Path) -> None:
    window.open(FileSource(_damaged(folder / "customer-4411.db")))
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


def _damaged(path: Path) -> Path:
    """A client database in which something wrote to a table itself, behind the back of PowerSync."""
    shutil.copyfile(FILE, path)
    connection = apsw.Connection(str(path))
    connection.execute("UPDATE ps_data__todos SET data = json_set(data, '$.rating', 5.0) WHERE id = 'todo-1002'")
    connection.close()
    return path


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


def _last_frame_about(window: Window, todo: str) -> int:
    """The newest data line that brought the row."""
    capture = window.feed.files.capture
    assert capture is not None
    with CaptureReader(capture) as reader:
        lines = reader.data_frames_about("todos", 0, 10_000)
    return max(frame.row.id for frame in lines if f'"{todo}"'.encode() in frame.body)


def _some_todos(window: Window, count: int) -> list[str]:
    database = window.feed.files.open_database
    assert database is not None
    reader = database()
    try:
        return [row.id for row in reader.rows("todos", limit=count)]
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
    loop = QEventLoop()
    QTimer.singleShot(milliseconds, loop.quit)
    loop.exec()


if __name__ == "__main__":
    main()
