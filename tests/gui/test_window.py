"""The window as a whole: layout, theme, the state sentence, files that cannot be opened."""

from collections.abc import Callable
from pathlib import Path

import pytest
from PySide6.QtCore import QSettings, Qt
from PySide6.QtGui import QFontMetricsF, QPalette
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QCheckBox, QTabBar, QToolButton
from pytestqt.qtbot import QtBot

from inspector.analysis.state import Unreadable
from inspector.capture.rows import FrameRow
from inspector.ui.docks import layout
from inspector.ui.fonts import bold_font
from inspector.ui.sources import FileSource, Source
from inspector.ui.theme import Appearance, Colour, Scheme, ThemeChoice, colour, palette_of
from inspector.ui.window import Window
from tests.bench.large_capture import large_capture
from tests.gui.looking import buckets_of, colours_in, frames_of
from tests.recordings import CAPTURES

STATES = CAPTURES.parent / "databases" / "states"
PATIENCE_MS = 20_000

pytestmark = pytest.mark.usefixtures("frames_alone")


def opened(qtbot: QtBot, window: Window, path: Path) -> None:
    window.open(FileSource(path))
    qtbot.waitUntil(lambda: type(window.feed.situation).__name__ != "Opening", timeout=PATIENCE_MS)


def test_the_docks_stand_beside_each_other_with_detail_and_bytes_as_tabs(
    open_window: Callable[[Source | None], Window],
) -> None:
    window = open_window(None)
    left, middle, right = (window.docks[name].geometry() for name in ("buckets", "frames", "detail"))
    assert left.right() < middle.left()
    assert middle.right() < right.left()
    assert middle.width() > left.width() + right.width()
    # Beside a dock that stands alone with hidden ones, Qt keeps a bar of one tab, outside the window.
    bars = [bar for bar in window.findChildren(QTabBar) if bar.count() > 1]
    assert ["Detail", "Bytes"] in [[bar.tabText(index) for index in range(2)] for bar in bars]


def test_a_tab_is_as_wide_as_its_title_is_when_it_is_the_bold_one(
    open_window: Callable[[Source | None], Window],
) -> None:
    bold = QFontMetricsF(bold_font())
    bars = [bar for bar in open_window(None).findChildren(QTabBar) if bar.count() > 1]
    assert bars
    for bar in bars:
        for title in map(bar.tabText, range(bar.count())):
            assert QFontMetricsF(bar.font()).horizontalAdvance(title) >= bold.horizontalAdvance(title), title


def test_a_layout_is_remembered_and_can_be_reset(qtbot: QtBot, open_window: Callable[[Source | None], Window]) -> None:
    first = open_window(None)
    first.docks["bytes"].close()
    first.addDockWidget(Qt.DockWidgetArea.BottomDockWidgetArea, first.docks["buckets"])
    first.close()
    second = open_window(None)
    assert second.docks["bytes"].isHidden()
    assert second.dockWidgetArea(second.docks["buckets"]) is Qt.DockWidgetArea.BottomDockWidgetArea
    second.actions_.reset_layout.trigger()
    assert not second.docks["bytes"].isHidden()
    assert second.dockWidgetArea(second.docks["buckets"]) is Qt.DockWidgetArea.LeftDockWidgetArea


def test_a_layout_of_another_version_is_left_alone(
    open_window: Callable[[Source | None], Window], settings: QSettings, monkeypatch: pytest.MonkeyPatch
) -> None:
    first = open_window(None)
    first.docks["bytes"].close()
    first.close()
    monkeypatch.setattr(layout, "VERSION", layout.VERSION + 1)
    assert not open_window(None).docks["bytes"].isHidden()
    for key in settings.allKeys():
        if key.startswith("perspectives/left/"):
            settings.setValue(key, "nonsense")
    assert open_window(None).docks["frames"].isVisible()


def test_a_dock_that_is_left_alone_gets_a_tab_of_its_own(
    qtbot: QtBot, open_window: Callable[[Source | None], Window]
) -> None:
    window = open_window(None)
    title_bar = window.docks["detail"].titleBarWidget()
    qtbot.waitUntil(lambda: title_bar.height() == 0)
    for beside in ("bytes", "row"):
        window.docks[beside].close()
    qtbot.waitUntil(lambda: title_bar.height() > 20)
    window.docks["bytes"].show()
    qtbot.waitUntil(lambda: title_bar.height() == 0)


def test_switching_the_theme_changes_what_is_painted(
    qtbot: QtBot, open_file: Callable[[Path], Window], capture: Path, appearance: Appearance
) -> None:
    window = open_file(capture)
    table = frames_of(window).table
    table.choose_row(40)
    assert {"#1a1d22", "#1e384f", "#3fb68b"} <= colours_in(table.viewport())
    window.actions_.themes[ThemeChoice.LIGHT].trigger()
    assert {"#ffffff", "#e4f0fa", "#00784f"} <= colours_in(table.viewport())
    assert {"#f4f5f7", "#6b7380"} <= colours_in(window.status_line)
    assert QApplication.palette().color(QPalette.ColorRole.Base).name() == "#ffffff"


@pytest.mark.parametrize("choice", [ThemeChoice.DARK, ThemeChoice.LIGHT])
def test_a_box_that_is_checked_has_a_tick_and_not_only_another_colour(
    qtbot: QtBot, appearance: Appearance, choice: ThemeChoice
) -> None:
    appearance.choose(choice)
    box = QCheckBox()
    box.setChecked(True)
    qtbot.addWidget(box)
    colours = colours_in(box)
    assert QApplication.palette().color(QPalette.ColorRole.Accent).name() in colours
    assert ("#14161a" if choice is ThemeChoice.DARK else "#ffffff") in colours


def test_the_theme_is_remembered(qapp: QApplication, settings: QSettings, appearance: Appearance) -> None:
    appearance.choose(ThemeChoice.LIGHT)
    assert Appearance(qapp, settings).scheme is Scheme.LIGHT
    settings.setValue("appearance/theme", "mauve")
    assert Appearance(qapp, settings).choice is ThemeChoice.SYSTEM


_GROUNDS = (Colour.WINDOW, Colour.PANEL, Colour.HEADER, Colour.SELECTION)
_DECORATION = (Colour.FAINT, Colour.LINE, Colour.EDGE)


@pytest.mark.parametrize("scheme", list(Scheme))
@pytest.mark.parametrize("role", [role for role in Colour if role not in (*_GROUNDS, *_DECORATION)])
def test_text_has_enough_contrast_on_every_ground_also_on_selected_rows(scheme: Scheme, role: Colour) -> None:
    contrasts = {ground: contrast(role.value[scheme.value], ground.value[scheme.value]) for ground in _GROUNDS}
    # The grey of squares and dots is never that of words.
    assert min(contrasts.values()) >= (3.0 if role is Colour.IDLE else 4.5), contrasts


@pytest.mark.parametrize("scheme", list(Scheme))
@pytest.mark.parametrize("tone", [Colour.HELD, Colour.BROKEN, Colour.FAULT, Colour.ACCENT])
def test_figures_in_badges_and_words_on_buttons_have_enoughcontrast(scheme: Scheme, tone: Colour) -> None:
    for text in (Colour.PANEL, Colour.WINDOW):
        assert contrast(text.value[scheme.value], tone.value[scheme.value]) >= 4.5


def contrast(first: str, second: str) -> float:
    lighter, darker = sorted((_luminance(first), _luminance(second)), reverse=True)
    return (lighter + 0.05) / (darker + 0.05)


def _luminance(digits: str) -> float:
    channels = [int(digits[at : at + 2], 16) / 255 for at in (0, 2, 4)]
    red, green, blue = (c / 12.92 if c <= 0.03928 else ((c + 0.055) / 1.055) ** 2.4 for c in channels)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def test_the_palette_leaves_nothing_to_the_platform() -> None:
    dark = palette_of(Scheme.DARK)
    assert dark.color(QPalette.ColorRole.Window).name() == "#1a1d22"
    assert dark.color(QPalette.ColorGroup.Inactive, QPalette.ColorRole.Highlight).name() == "#1e384f"


def test_the_state_sentence_stands_there_with_its_cause_its_colour_and_its_actions(
    qtbot: QtBot, open_window: Callable[[Source | None], Window]
) -> None:
    window = open_window(None)
    assert window.state_bar.lead.text() == "Nothing is open."

    def offered() -> list[str]:
        return [button.text() for button in window.state_bar.findChildren(QToolButton) if button.isVisible()]

    qtbot.waitUntil(lambda: offered() == ["Connect…", "Open…", "Start the demo"])
    opened(qtbot, window, STATES / "held-by-uploads.db")
    assert window.state_bar.lead.text().startswith("Nothing new has been shown since")
    assert colour(Colour.BROKEN).name() in colours_in(window.state_bar)


@pytest.mark.parametrize("name", ["damaged", "truncated", "never-synced", "partial", "mid-download", "wal-left-behind"])
def test_each_state_of_a_database_is_shown_and_not_changed(
    qtbot: QtBot, open_window: Callable[[Source | None], Window], name: str
) -> None:
    path = STATES / f"{name}.db"
    before = path.read_bytes()
    window = open_window(None)
    opened(qtbot, window, path)
    qtbot.waitUntil(lambda: window.buckets.snapshot is not None and not window.buckets.busy, timeout=PATIENCE_MS)
    assert window.state_bar.lead.text()
    window.close()
    assert path.read_bytes() == before


@pytest.mark.parametrize(
    ("content", "words"), [(b"", "empty"), (b"hello, this is no database\n" * 50, "no database"), (None, "no file")]
)
def test_a_file_that_cannot_be_opened_is_said_in_one_sentence(
    qtbot: QtBot, open_window: Callable[[Source | None], Window], tmp_path: Path, content: bytes | None, words: str
) -> None:
    path = tmp_path / "customer.db"
    if content is not None:
        path.write_bytes(content)
    window = open_window(None)
    opened(qtbot, window, path)
    assert isinstance(window.feed.situation, Unreadable)
    sentence = f"{window.state_bar.lead.text()} {window.state_bar.then.whole}"
    assert "customer.db" in sentence
    assert words in sentence.lower() or words.split()[-1] in sentence.lower()
    assert "cannot be opened" in buckets_of(window).note.text()


def test_another_file_takes_the_place_of_the_first(
    qtbot: QtBot, open_file: Callable[[Path], Window], capture: Path
) -> None:
    window = open_file(capture)
    frames_of(window).table.choose_row(3)
    opened(qtbot, window, STATES / "up-to-date.db")
    assert frames_of(window).table.row_model.rowCount() == 0
    assert window.selection.frame is None
    assert [path.name for path in window.recent.paths()] == ["up-to-date.db", "recorded.pscapture"]
    window.actions_.close_source.trigger()
    assert window.state_bar.lead.text() == "Nothing is open."
    assert buckets_of(window).table.row_model.rowCount() == 0


def test_a_file_that_is_overtaken_by_another_leaves_nothing_behind(
    qtbot: QtBot, open_window: Callable[[Source | None], Window], capture: Path
) -> None:
    window = open_window(FileSource(STATES / "wal-left-behind.db"))
    opened(qtbot, window, capture)
    qtbot.waitUntil(lambda: frames_of(window).table.row_model.rowCount() == 43, timeout=PATIENCE_MS)
    folders = [Path(folder.name) for folder in window.feed._work]
    assert folders
    window.close()
    assert not any(folder.exists() for folder in folders)


def test_the_title_names_the_file(open_file: Callable[[Path], Window], capture: Path) -> None:
    assert open_file(capture).windowTitle() == "recorded.pscapture"


def test_the_rebuilding_of_a_long_capture_is_told_and_can_be_stopped(
    qtbot: QtBot, open_window: Callable[[Source | None], Window], tmp_path: Path
) -> None:
    window = open_window(FileSource(large_capture(tmp_path / "long.pscapture", 120_000)))

    def told() -> str:
        return "" if window.state_bar.sentence is None else window.state_bar.sentence.then

    qtbot.waitUntil(lambda: "are being rebuilt: " in told(), timeout=PATIENCE_MS)
    assert window.actions_.stop_rebuilding.isEnabled()
    window.actions_.stop_rebuilding.trigger()
    qtbot.waitUntil(lambda: "not rebuilt to the end" in window.feed.files.no_database, timeout=PATIENCE_MS)
    assert "being rebuilt" not in told()
    assert not window.actions_.stop_rebuilding.isEnabled()


def test_a_long_sentence_takes_a_second_line_and_is_not_cut(open_file: Callable[[Path], Window], capture: Path) -> None:
    window = open_file(STATES / "held-by-uploads.db")
    one_line = window.state_bar.height()
    window.resize(900, 600)
    QTest.qWait(0)
    assert window.state_bar.height() > one_line
    assert window.state_bar.then.text().replace("\n", " ") == window.state_bar.then.whole


def test_the_status_line_says_what_a_file_holds(open_file: Callable[[Path], Window], capture: Path) -> None:
    window = open_file(capture)
    assert "43 frames" in window.status_line.text
    assert "571 operations · 566 rows" in window.status_line.text


def test_the_window_can_be_made_small_without_losing_its_panels(
    qtbot: QtBot, open_file: Callable[[Path], Window], capture: Path
) -> None:
    window = open_file(capture)
    window.resize(1000, 600)
    QTest.qWait(0)
    assert window.width() == 1000
    assert frames_of(window).table.viewport().width() > 300


def test_a_past_moment_is_said_until_one_goes_back_to_now(
    qtbot: QtBot, open_file: Callable[[Path], Window], capture: Path
) -> None:
    window = open_file(capture)
    before = window.state_bar.lead.text()
    frame = frames_of(window).model.record(20)
    assert frame is not None
    assert isinstance(frame.frame, FrameRow)
    window.selection.choose_moment(frame.frame.received_at)
    qtbot.waitUntil(lambda: window.state_bar.lead.text().startswith("You are looking at"), timeout=PATIENCE_MS)
    assert window.state_bar.lead.text().endswith(f", checkpoint {frame.frame.checkpoint}.")
    window.actions_.back_to_now.trigger()
    assert window.state_bar.lead.text() == before
    window.selection.choose_moment(1)
    qtbot.waitUntil(lambda: "before the first checkpoint" in window.state_bar.lead.text(), timeout=PATIENCE_MS)
    window.actions_.close_source.trigger()
    assert window.state_bar.lead.text() == "Nothing is open."


def test_a_list_that_has_the_keyboard_shows_it_where_no_row_is_chosen(
    qtbot: QtBot, open_file: Callable[[Path], Window], capture: Path
) -> None:
    window = open_file(capture)
    table = frames_of(window).table
    assert not table.currentIndex().isValid()
    window.activateWindow()
    window.state_bar.setFocus()
    table.setFocus(Qt.FocusReason.TabFocusReason)
    qtbot.waitUntil(table.hasFocus)
    image = table.viewport().grab().toImage()
    edge = {image.pixelColor(0, y).name() for y in range(10, image.height() - 10)}
    assert edge == {colour(Colour.ACCENT).name()}
