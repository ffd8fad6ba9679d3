"""Getting about: the palette, back and forward, following things to other panels, the size of text."""

from collections.abc import Callable
from pathlib import Path

import pytest
from PySide6.QtCore import QPoint, QRect, QSettings, Qt
from PySide6.QtGui import QAction
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QMenu, QWidget
from pytestqt.qtbot import QtBot

from inspector.capture.rows import FrameRow
from inspector.ui.fonts import ROW_HEIGHT, row_height, zoom
from inspector.ui.fuzzy import score
from inspector.ui.palette_entries import Entry, Offers, entries, matching
from inspector.ui.panels.sql.panel import SqlPanel
from inspector.ui.selection import RowKey
from inspector.ui.sources import Source
from inspector.ui.theme import Appearance, ThemeChoice
from inspector.ui.widgets.row_table import RowTable
from inspector.ui.window import Window
from tests.gui.demo import Demo
from tests.gui.looking import buckets_of, frames_of, made_for_now
from tests.store.database_files import state

PATIENCE_MS = 20_000

pytestmark = pytest.mark.usefixtures("frames_alone", "every_model_watched")


def test_letters_at_beginnings_of_words_find_best() -> None:
    def best(wanted: str, *texts: str) -> str:
        return max(texts, key=lambda text: score(wanted, text) or -99.0)

    assert best("gto", "Forget stop", "Go to Frames") == "Go to Frames"
    assert best("fr", "Go to Frames", "Offer") == "Go to Frames"
    assert best("open", "Open recent", "Stop engine") == "Open recent"
    assert score("xq", "Go to Frames") is None
    assert score("", "anything") == 0.0


def test_what_cannot_be_done_is_found_behind_what_can() -> None:
    offered = [Entry("Connect", "", lambda: None, possible=False), Entry("Connection…", "", lambda: None)]
    assert [entry.title for entry in matching("connect", offered)] == ["Connection…", "Connect"]
    assert [entry.title for entry in matching("", offered)] == ["Connection…"]


def test_the_palette_runs_what_a_few_letters_mean(
    qtbot: QtBot, open_file: Callable[[Path], Window], capture: Path, appearance: Appearance
) -> None:
    window = open_file(capture)
    window.actions_.command_palette.trigger()
    palette = window.palette_
    assert palette.isVisible()
    QTest.keyClicks(palette.line, "light")
    assert palette.model.cell(0, 0).text == "Light"
    assert "Theme" in palette.model.cell(0, 1).text
    QTest.keyClick(palette.line, Qt.Key.Key_Return)
    assert appearance.choice is ThemeChoice.LIGHT
    assert not palette.isVisible()


def test_the_palette_offers_every_action_of_the_menus(open_window: Callable[[Source | None], Window]) -> None:
    window = open_window(None)

    def leaves(menu: QMenu) -> list[QAction]:
        found = []
        for action in menu.actions():
            inner = action.menu()
            if isinstance(inner, QMenu):
                found += leaves(inner)
            elif not action.isSeparator() and action.isVisible():
                found.append(action)
        return found

    for top in window.menuBar().actions():
        menu = top.menu()
        assert isinstance(menu, QMenu)
        for text in [action.text().replace("&", "") for action in leaves(menu)]:
            window.palette_.ask()
            window.palette_.line.setText(text)
            assert any(entry.title.endswith(text) for entry in window.palette_.model.records)
    window.palette_.hide()


def test_the_palette_finds_buckets_and_frames(qtbot: QtBot, open_file: Callable[[Path], Window], capture: Path) -> None:
    window = open_file(capture)
    window.palette_.ask()
    window.palette_.line.setText("#40")
    window.palette_.run_chosen()
    assert window.selection.frame == 40
    window.palette_.ask()
    window.palette_.line.setText("my_lists")
    window.palette_.run_chosen()
    assert window.selection.bucket is not None
    assert "my_lists" in window.selection.bucket
    window.palette_.ask()
    window.palette_.line.setText("zzzzqqq")
    assert "Nothing fits" in window.palette_.note.text()
    window.palette_.run_chosen()
    window.palette_.hide()


def test_what_stands_in_two_menus_is_offered_once(open_window: Callable[[Source | None], Window]) -> None:
    window = open_window(None)
    offers = Offers(window.menuBar(), window.feed, window.buckets, window.selection, str, window.docks)
    assert [entry.title for entry in entries(offers)].count("Connect…") == 1


def offered_by(window: Window) -> list[tuple[str, str]]:
    offers = Offers(window.menuBar(), window.feed, window.buckets, window.selection, str, window.docks)
    return [(entry.title, entry.place) for entry in entries(offers)]


def test_the_palette_has_what_only_panels_offer_once_they_are_there(
    qtbot: QtBot, open_file: Callable[[Path], Window]
) -> None:
    window = open_file(state("held-by-uploads"))
    asked = offered_by(window)
    for title in ("Show uploads and events", "Show the findings", "Show the bucket", "Stop rebuilding"):
        assert sum(offered == title for offered, _ in asked) == 1
    for dock in window.docks.values():
        assert dock.panel is not None
    asked = offered_by(window)
    for title, place in (
        ("Run", "SQL"),
        ("Show the plan", "SQL"),
        ("Save…", "SQL"),
        ("Check operations", "Checksums"),
        ("Check all buckets", "Checksums"),
        ("Add a row…", "Data"),
        ("Delete the row…", "Data"),
    ):
        # In a narrow panel a button stands in a menu.
        assert any(offered == title and where.split(" › ")[0] == place for offered, where in asked)
    assert any(title == "Since the selected frame" and place.endswith("Times") for title, place in asked)
    assert len(set(asked)) == len(asked)


def test_the_palette_ends_subscriptions_of_a_connection(qtbot: QtBot, connect: Callable[[], Window]) -> None:
    window = connect()
    assert window.docks["streams"].panel is not None
    wanted = {("Renew", "Streams"), ("Unsubscribe", "Streams")}
    qtbot.waitUntil(lambda: wanted <= set(offered_by(window)), timeout=PATIENCE_MS)


def test_a_button_of_a_panel_is_pressed_from_the_palette(qtbot: QtBot, open_file: Callable[[Path], Window]) -> None:
    window = open_file(state("held-by-uploads"))
    panel = window.docks["sql"].panel
    assert isinstance(panel, SqlPanel)
    panel.editor.setPlainText("SELECT 41 + 1")
    window.palette_.ask()
    window.palette_.line.setText("sql run")
    window.palette_.run_chosen()
    assert window.docks["sql"].isVisible()
    qtbot.waitUntil(lambda: panel.results.row_count == 1, timeout=PATIENCE_MS)


def test_back_and_forward_walk_through_what_was_selected(
    qtbot: QtBot, open_file: Callable[[Path], Window], capture: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("inspector.ui.selection_history._QUICK_SECONDS", 0)
    window = open_file(capture)
    back, forward = window.actions_.back, window.actions_.forward
    assert not back.isEnabled()
    for frame in (3, 17, 40):
        window.selection.choose_frame(frame)
        QApplication.processEvents()
    back.trigger()
    assert window.selection.frame == 17
    QApplication.processEvents()
    back.trigger()
    QApplication.processEvents()
    assert window.selection.frame == 3
    assert frames_of(window).table.currentIndex().row() == 2
    assert not back.isEnabled()
    forward.trigger()
    QApplication.processEvents()
    assert window.selection.frame == 17
    window.selection.choose_frame(20)
    QApplication.processEvents()
    assert not forward.isEnabled()
    window.actions_.close_source.trigger()
    assert not back.isEnabled()


def test_walking_through_a_list_is_one_step(open_file: Callable[[Path], Window], capture: Path) -> None:
    window = open_file(capture)
    for frame in (3, 4, 5, 6):
        window.selection.choose_frame(frame)
        QApplication.processEvents()
    assert not window.history.can_go_back


def test_alt_click_follows_a_frame_to_its_bucket(
    qtbot: QtBot, open_file: Callable[[Path], Window], capture: Path
) -> None:
    window = open_file(capture)
    window.perspectives.choose("demo")
    table = frames_of(window).table
    window.selection.reveal("frames")
    records = [frames_of(window).model.record(row) for row in range(43)]
    frames = [(row, record.frame) for row, record in enumerate(records) if record is not None]
    row, bucket = next((row, frame.bucket) for row, frame in frames if isinstance(frame, FrameRow) and frame.bucket)
    table.choose_row(row)
    place = QPoint(200, table.top_of(row) + 5)
    qtbot.mouseClick(table.viewport(), Qt.MouseButton.LeftButton, Qt.KeyboardModifier.AltModifier, place)
    assert window.selection.bucket == bucket
    assert buckets_of(window).isVisible()
    assert window.selection.moment is None


def test_the_menu_of_a_row_names_the_panels_that_show_it(open_file: Callable[[Path], Window], capture: Path) -> None:
    window = open_file(capture)
    table = buckets_of(window).table
    row = next(row for row in range(10) if buckets_of(window).model.bucket_at(row))
    _, panels = window.revealing.places(table, row, "frames")
    assert panels[0] == "buckets"
    menu = QMenu()
    frames_of(window).table.menu_wanted.emit(menu, 40, 0)
    (within,) = [action.menu() for action in menu.actions() if action.text() == "Reveal in"]
    assert isinstance(within, QMenu)
    titles = [action.text().partition("\t")[0] for action in within.actions()]
    assert "Detail" in titles
    assert "Frames" not in titles
    next(action for action in within.actions() if action.objectName() == "reveal-bytes").trigger()
    assert window.docks["bytes"].isVisible()
    assert window.selection.frame == 41


def test_text_grows_and_shrinks_and_stays_as_it_was_left(
    qtbot: QtBot, qapp: QApplication, open_file: Callable[[Path], Window], capture: Path, settings: QSettings
) -> None:
    window = open_file(capture)
    table = frames_of(window).table
    # Each panel that is made may give the list another height.
    qtbot.waitUntil(lambda: all(made_for_now(window)), timeout=PATIENCE_MS)
    before, usual = len(table.rows_on_screen()), text_height(table)
    try:
        for _ in range(10):
            window.actions_.zoom_in.trigger()
        assert zoom() == 150
        assert row_height() == 33
        assert text_height(table) == pytest.approx(1.5 * usual, rel=0.1), "letters grow with their rows"
        QApplication.processEvents()
        assert len(table.rows_on_screen()) < before * 0.75
        for shown in (table, buckets_of(window).table):
            assert shown.horizontalScrollBar().maximum() == 0, "columns give way, and none is out of sight"
        assert Appearance(qapp, settings, ThemeChoice.DARK) is not None
        assert zoom() == 150
        window.actions_.zoom_out.trigger()
        assert zoom() == 125
    finally:
        window.actions_.zoom_reset.trigger()
    QApplication.processEvents()
    assert row_height() == ROW_HEIGHT
    assert len(table.rows_on_screen()) == before
    assert text_height(table) == usual


def text_height(table: RowTable) -> int:
    """Of what is painted in the first column, in pixels."""
    table.choose_none()
    QApplication.processEvents()
    top, width = table.top_of(table.rows_on_screen()[2]), table.header.sectionSize(table.header.shown_columns()[0])
    image = table.viewport().grab(QRect(0, top, width, table.height_of_row)).toImage()
    ground = image.pixelColor(1, 1)
    inked = [y for y in range(image.height()) if any(image.pixelColor(x, y) != ground for x in range(image.width()))]
    return max(inked) - min(inked) + 1


def nameless(window: Window) -> list[str]:
    """What the keyboard reaches in panels and bars, in sight or not, and a screen reader could not name."""
    found = []
    for dock in window.docks.values():
        assert dock.panel is not None
    for widget in window.findChildren(QWidget):
        focusable = widget.focusPolicy() & Qt.FocusPolicy.TabFocus and widget.window() is window
        if focusable and not widget.objectName().startswith("qt_"):
            text = getattr(widget, "text", str)()
            if not (widget.accessibleName() or text):
                found.append(f"{type(widget).__name__} {widget.objectName()}")
    return found


@pytest.mark.parametrize("kind", ["capture", "database"])
def test_whoever_cannot_see_hears_what_each_part_is(
    qtbot: QtBot, open_file: Callable[[Path], Window], capture: Path, kind: str
) -> None:
    window = open_file(capture if kind == "capture" else state("held-by-uploads"))
    for name in window.docks:
        window.selection.reveal(name)
    assert not nameless(window)


def test_whoever_cannot_see_hears_what_each_part_of_the_demo_is(demo: Demo) -> None:
    for name in demo.window.docks:
        demo.window.selection.reveal(name)
    assert not nameless(demo.window)


def test_a_checkpoint_leads_to_its_frame(qtbot: QtBot, open_file: Callable[[Path], Window], capture: Path) -> None:
    window = open_file(capture)
    window.selection.reveal("checkpoints")
    table = window.docks["checkpoints"].panel.findChild(RowTable)
    assert isinstance(table, RowTable)
    qtbot.waitUntil(lambda: table.row_model.row_count() > 2, timeout=PATIENCE_MS)
    things, panels = window.revealing.places(table, 1, "checkpoints")
    assert panels[0] == "frames"
    assert things.checkpoint == 2
    window.revealing.reveal(things, "frames")
    assert window.selection.frame == things.frame
    assert window.docks["frames"].isVisible()


@pytest.mark.parametrize(
    ("panel", "name", "thing"),
    [
        ("data", "data-todos", "row"),
        ("uploads", "pendingWrites", "row"),
        ("checksums", "checksums", "bucket"),
        ("buckets", "bucketRows", "operation"),
    ],
)
def test_a_row_knows_what_it_is_about_before_it_is_chosen(
    qtbot: QtBot, open_file: Callable[[Path], Window], panel: str, name: str, thing: str
) -> None:
    window = open_file(state("held-by-uploads"))
    window.selection.choose_row(RowKey("todos", "nobody"))
    window.selection.choose_bucket('1#my_todos|0["list-1"]')
    window.front.show(panel)

    def table() -> RowTable | None:
        return next(
            (each for each in window.docks[panel].panel.findChildren(RowTable) if each.objectName() == name), None
        )

    def about() -> object:
        found = table()
        record = None if found is None else found.row_model.record(0)
        return None if found is None or record is None else getattr(found.row_model.things(record), thing)

    qtbot.waitUntil(lambda: about() is not None, timeout=PATIENCE_MS)
    assert about() != RowKey("todos", "nobody")
