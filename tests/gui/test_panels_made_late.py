"""Panels that are made when somebody looks at them or needs them: they show what was opened and selected before."""

import gc
import math
import subprocess
import sys
import time
from collections.abc import Callable
from functools import partial
from pathlib import Path

import pytest
from PySide6.QtCore import QEvent, QObject, QPoint, QSettings, QTimer
from PySide6.QtGui import QAction
from PySide6.QtWidgets import QLineEdit, QTabBar, QWidget
from pytestqt.qtbot import QtBot

from inspector.ui.app import spare_the_start
from inspector.ui.on_screen import in_sight
from inspector.ui.panels.checkpoints.panel import CheckpointsPanel
from inspector.ui.panels.data.panel import DataPanel
from inspector.ui.panels.frame_bytes.panel import BytesPanel
from inspector.ui.panels.frames.rules_dialog import RulesDialog
from inspector.ui.panels.registry import PANELS, PLAIN_MODULES
from inspector.ui.panels.row.panel import RowPanel
from inspector.ui.panels.timeline.panel import TimelinePanel
from inspector.ui.selection import OperationKey, RowKey
from inspector.ui.sources import FileSource, Source
from inspector.ui.theme import Appearance
from inspector.ui.widgets.row_table import RowTable
from inspector.ui.window import Window
from tests.gui.conftest import filled
from tests.gui.looking import BADGES, bytes_of, colours_in, frames_of, made_for_now
from tests.gui.watchdog import watchdog
from tests.gui.yardstick import stall_ms
from tests.store.database_files import state

Opening = Callable[[Source | None], Window]
PATIENCE_MS = 20_000
TODOS = '1#my_todos|0["list-1"]'


def made(window: Window) -> set[str]:
    return {name for name, dock in window.docks.items() if dock.is_made}


def unmade(window: Window, name: str) -> None:
    """The panel of this name is one that nobody has looked at."""
    assert not window.docks[name].is_made


def test_panels_in_sight_and_those_with_a_badge_are_made_and_no_others(qtbot: QtBot, open_window: Opening) -> None:
    window = open_window(None)
    in_front = {name for name, dock in window.docks.items() if in_sight(dock)}
    assert {"timeline", "buckets", "frames", "uploads", "detail"} == in_front
    assert not made(window), "the window is painted first"
    qtbot.waitUntil(lambda: in_front <= made(window), timeout=PATIENCE_MS)
    with_tabs = {name for name, dock in window.docks.items() if not dock.isHidden()}
    qtbot.waitUntil(lambda: made(window) == in_front | (BADGES & with_tabs), timeout=PATIENCE_MS)


class Paints(QObject):
    """Counts how often a widget is painted from now on."""

    def __init__(self, widget: QWidget) -> None:
        super().__init__(widget)
        self.count = 0
        widget.installEventFilter(self)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:  # noqa: N802
        self.count += event.type() is QEvent.Type.Paint
        return False


def test_a_window_whose_docks_move_before_its_first_picture_is_painted_ever_after(
    qtbot: QtBot, open_file: Callable[[Path], Window]
) -> None:
    window = open_file(state("held-by-uploads"))
    assert window.perspectives.current == "diagnose"
    painted = Paints(window.state_bar)
    window.state_bar.update()
    qtbot.waitUntil(lambda: painted.count > 0, timeout=PATIENCE_MS)


@pytest.mark.parametrize("way", ["menu", "palette"])
def test_every_panel_can_be_reached_before_there_is_one(qtbot: QtBot, open_window: Opening, way: str) -> None:
    window = open_window(None)
    late = [name for name in window.docks if not window.docks[name].is_made]
    assert len(late) > 10
    for name in late:
        dock = window.docks[name]
        if way == "menu":
            action = window.menuBar().findChild(QAction, f"goTo-{name}") or window.findChild(QAction, f"goTo-{name}")
            assert isinstance(action, QAction)
            action.trigger()
        else:
            window.palette_.ask()
            window.palette_.line.setText(f"Go to {dock.title}")
            window.palette_.run_chosen()
        assert dock.is_made
        qtbot.waitUntil(lambda dock=dock: in_sight(dock.panel))  # type: ignore[misc]
        assert len(colours_in(dock.panel)) > 1, f"The picture of {name} is empty."


def test_a_panel_shows_the_frame_that_was_selected_before_it_was_made(
    qtbot: QtBot, open_file: Callable[[Path], Window], capture: Path
) -> None:
    window = open_file(capture)
    for name in ("bytes", "checkpoints", "row"):
        unmade(window, name)
    window.selection.choose_frame(41)
    qtbot.waitUntil(lambda: window.frame.content is not None, timeout=PATIENCE_MS)
    window.selection.reveal("bytes")
    panel = bytes_of(window)
    assert isinstance(panel, BytesPanel)
    qtbot.waitUntil(lambda: panel.hex_model.row_count() > 2, timeout=PATIENCE_MS)
    window.selection.reveal("checkpoints")
    checkpoints = window.docks["checkpoints"].panel
    assert isinstance(checkpoints, CheckpointsPanel)
    qtbot.waitUntil(lambda: checkpoints.table.currentIndex().isValid(), timeout=PATIENCE_MS)
    assert window.selection.frame == 41


def test_panels_show_the_row_that_was_selected_before_they_were_made(
    qtbot: QtBot, open_file: Callable[[Path], Window], capture: Path
) -> None:
    window = open_file(capture)
    unmade(window, "row")
    unmade(window, "data")
    window.selection.choose_row(RowKey("lists", "list-2"))
    window.selection.reveal("row")
    row = window.docks["row"].panel
    assert isinstance(row, RowPanel)
    qtbot.waitUntil(lambda: row.query.result is not None, timeout=PATIENCE_MS)
    assert row.title.whole == "lists / list-2"


def test_data_shows_the_table_of_the_row_that_was_followed_to_it(
    qtbot: QtBot, open_file: Callable[[Path], Window]
) -> None:
    window = open_file(state("held-by-uploads"))
    unmade(window, "data")
    window.selection.choose_row(RowKey("todos", "todo-1002"))
    window.selection.reveal("data")
    data = window.docks["data"].panel
    assert isinstance(data, DataPanel)
    qtbot.waitUntil(lambda: data.shape is not None and data.shape.name == "todos", timeout=PATIENCE_MS)


def test_the_buckets_show_what_was_selected_and_the_tab_what_they_count(
    qtbot: QtBot, open_file: Callable[[Path], Window]
) -> None:
    window = open_file(state("held-by-uploads"))
    buckets = window.docks["buckets"]
    assert not in_sight(buckets)
    qtbot.waitUntil(lambda: buckets.count == 6, timeout=PATIENCE_MS)
    window.selection.choose_operation(OperationKey(TODOS, 1))
    window.selection.reveal("buckets")
    table = buckets.panel.findChild(RowTable, "buckets")
    assert isinstance(table, RowTable)
    assert table.currentIndex().isValid()


def test_the_timeline_begins_at_the_moment_that_is_looked_at(
    qtbot: QtBot, open_window: Opening, settings: QSettings, capture: Path
) -> None:
    first = open_window(None)
    first.docks["timeline"].close()
    first.close()
    window = open_window(FileSource(capture))
    qtbot.waitUntil(lambda: window.feed.files.capture is not None, timeout=PATIENCE_MS)
    unmade(window, "timeline")
    moment = 1_764_000_000_000_000_000
    window.selection.choose_moment(moment)
    window.selection.reveal("timeline")
    timeline = window.docks["timeline"].panel
    assert isinstance(timeline, TimelinePanel)
    assert timeline.canvas.cursor_at == moment
    qtbot.waitUntil(lambda: timeline.canvas.overview is not None, timeout=PATIENCE_MS)


def test_an_action_of_a_panel_is_done_once_also_when_there_is_no_panel_yet(open_window: Opening) -> None:
    first = open_window(None)
    first.perspectives.choose("diagnose")
    first.close()
    window = open_window(None)
    unmade(window, "frames")
    window.actions_.filter_frames.trigger()
    assert in_sight(frames_of(window))
    assert isinstance(window.focusWidget(), QLineEdit)
    window.actions_.colour_rules.trigger()
    assert len(window.findChildren(RulesDialog)) == 1


def test_an_action_makes_its_panel_and_has_it_do_what_was_asked(open_window: Opening) -> None:
    first = open_window(None)
    first.perspectives.choose("diagnose")
    first.close()
    window = open_window(None)
    unmade(window, "frames")
    window.actions_.colour_rules.trigger()
    dialogs = window.findChildren(RulesDialog)
    assert len(dialogs) == 1
    assert dialogs[0].isVisible()


def test_the_perspective_of_what_is_opened_first_is_there_when_the_window_comes_up(
    qtbot: QtBot, settings: QSettings, appearance: Appearance, capture: Path
) -> None:
    for path, perspective, seen, unseen in (
        (state("up-to-date"), "diagnose", "findings", "frames"),
        (capture, "watch", "frames", "findings"),
    ):
        window = Window(settings, appearance)
        try:
            window.open(FileSource(path))
            window.show()
            assert window.perspectives.current == perspective
            assert in_sight(window.docks[seen].panel)
            unmade(window, unseen)
        finally:
            window.close()
            window.deleteLater()


def least_busy(actions: Callable[[], tuple[Callable[[], object], Callable[[], bool]]]) -> float:
    """The processor time of the longest turn that an action causes, in ms, the least of some times: what else the
    machine does makes turns longer, by filling caches and by letting more come due for one turn, and never shorter."""
    found = [math.inf]
    while len(found) <= 5 and min(found) >= stall_ms():
        action, done = actions()
        with watchdog() as dog:
            dog.do(action)
            dog.wait_for(done)
            dog.wait_for_turns(20)
        found.append(dog.busiest_ms)
    return min(found)


def test_opening_and_switching_perspectives_do_not_stall(qtbot: QtBot, open_window: Opening, capture: Path) -> None:
    window = open_window(None)
    # Qt's classes are completed when they are first used, and modules compiled: that is no matter of the window's own.
    for name in ("diagnose", "demo", "watch"):
        window.perspectives.choose(name)
        qtbot.waitUntil(lambda: all(made_for_now(window)), timeout=PATIENCE_MS)
    spare_the_start()

    def opening(path: Path) -> tuple[Callable[[], object], Callable[[], bool]]:
        window.feed.close()
        return lambda: window.open(FileSource(path)), lambda: filled(window)

    def choosing(name: str) -> tuple[Callable[[], object], Callable[[], bool]]:
        window.perspectives.choose("demo" if name == "watch" else "watch")
        return lambda: window.perspectives.choose(name), lambda: window.perspectives.current == name

    try:
        for path in (state("held-by-uploads"), capture):
            assert least_busy(partial(opening, path)) < stall_ms()
        for name in ("diagnose", "demo", "watch"):
            assert least_busy(partial(choosing, name)) < stall_ms()
    finally:
        gc.unfreeze()


def test_no_panel_is_made_of_a_window_that_is_closed(open_window: Opening) -> None:
    window = open_window(None)
    window.close()
    before = made(window)
    window.perspectives.arranged.emit()
    assert made(window) == before


def test_no_panel_is_made_of_a_window_that_was_shut_down_before_its_first_picture(
    qtbot: QtBot, open_window: Opening
) -> None:
    window = open_window(None)
    window.shut_down()
    painted = Paints(window.state_bar)
    qtbot.waitUntil(lambda: painted.count > 0, timeout=PATIENCE_MS)
    with watchdog() as dog:
        dog.wait_for(lambda: dog.ticks > 20)
    assert not made(window)


def test_who_scrolls_waits_for_no_panel_behind_a_tab(qtbot: QtBot, open_window: Opening) -> None:
    window = open_window(None)
    in_front = {name for name, dock in window.docks.items() if in_sight(dock)}
    qtbot.waitUntil(lambda: in_front <= made(window), timeout=PATIENCE_MS)
    behind = {name for name in BADGES if not window.docks[name].isHidden()} - made(window)
    assert behind
    work = QTimer(window, interval=0)
    work.timeout.connect(lambda: busy(0.005))
    work.start()
    end = time.monotonic() + 0.5
    qtbot.waitUntil(lambda: time.monotonic() > end)
    assert not behind & made(window)
    work.stop()
    qtbot.waitUntil(lambda: behind <= made(window), timeout=PATIENCE_MS)


def busy(seconds: float) -> None:
    end = time.thread_time() + seconds
    while time.thread_time() < end:
        pass


def test_the_modules_of_a_panel_are_known_one_by_one() -> None:
    for entry in PANELS:
        assert entry.load().__module__ in set(entry.modules()), entry.name


def test_what_any_thread_may_import_is_without_qt() -> None:
    program = "import sys, importlib\nfor name in sys.argv[1:]: importlib.import_module(name)\nprint(*sys.modules)"
    done = subprocess.run([sys.executable, "-c", program, *PLAIN_MODULES], capture_output=True, text=True, check=True)
    assert not {"PySide6", "shiboken6"} & set(done.stdout.split())


def test_a_window_opens_without_what_it_needs_later() -> None:
    """What takes long to import is not waited for by who opens a file."""
    late = [
        "httpx",
        "keyring",
        "lark",
        "pygments",
        "jwt",
        "cryptography",
        "bson",
        "sqlglot",
        "starlette",
        "uvicorn",
        "rich",
        "inspector.analysis.all_checks",
        "inspector.analysis.checks",
    ]
    program = (
        "import sys, inspector.cli.app, inspector.ui.app\n"
        "from inspector.ui.panels.registry import PANELS\n"
        "[entry.load() for entry in PANELS if entry.name in sys.argv[1].split()]\n"
        "print(*sys.modules)"
    )
    seen_first = "timeline buckets frames detail uploads findings finding row"
    done = subprocess.run([sys.executable, "-c", program, seen_first], capture_output=True, text=True, check=True)
    assert not set(late) & set(done.stdout.split())


def test_a_panel_begins_right_below_its_tabs(qtbot: QtBot, open_window: Opening) -> None:
    window = open_window(None)

    def gaps() -> set[int]:
        bars = [bar for bar in window.findChildren(QTabBar) if bar.parent() is window and bar.isVisible()]
        tops = {bar.tabText(bar.currentIndex()).split("  ")[0]: bar.geometry().bottom() + 1 for bar in bars}
        docks = {dock.title: dock for dock in window.docks.values()}
        return {docks[title].panel.mapTo(window, QPoint()).y() - top for title, top in tops.items()}

    qtbot.waitUntil(lambda: gaps() == {0}, timeout=PATIENCE_MS)
