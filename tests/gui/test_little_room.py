"""Little room: large text, narrow and low panels. Nothing is cut or out of reach that could give way."""

import re
from collections.abc import Callable
from pathlib import Path

import pytest
from PySide6.QtGui import QAction
from PySide6.QtWidgets import QApplication, QLineEdit, QMenu, QToolBar, QToolButton, QVBoxLayout, QWidget
from pytestqt.qtbot import QtBot

from inspector.ui.panels.data.search_strip import SearchStrip
from inspector.ui.panels.frames.columns import COLUMNS
from inspector.ui.panels.sql.console_strip import ConsoleStrip
from inspector.ui.panels.uploads.columns import PENDING_COLUMNS
from inspector.ui.sources import Source
from inspector.ui.theme import Appearance, Colour, Scheme, ThemeChoice, colour
from inspector.ui.widgets.choice_box import ChoiceBox
from inspector.ui.widgets.choice_strip import ChoiceStrip
from inspector.ui.widgets.connection_chip import ConnectionChip
from inspector.ui.widgets.empty_note import EmptyNote
from inspector.ui.widgets.number_box import NumberBox
from inspector.ui.widgets.row_model import ListModel
from inspector.ui.widgets.row_table import RowTable
from inspector.ui.window import Window
from tests.gui.looking import child, colours_in
from tests.gui.test_window import contrast
from tests.recordings import CAPTURES
from tests.store.database_files import copy_to

STATE = CAPTURES.parent / "databases" / "states" / "held-by-uploads.db"

BUTTONS = ("Upload now", "Retry now", "Hold uploads", "Discard…")
pytestmark = pytest.mark.usefixtures("appearance")


@pytest.fixture
def pressed() -> list[str]:
    return []


@pytest.fixture
def room(qtbot: QtBot) -> QWidget:
    room = QWidget()
    QVBoxLayout(room).setContentsMargins(0, 0, 0, 0)
    qtbot.addWidget(room)
    return room


@pytest.fixture
def strip(room: QWidget, pressed: list[str]) -> ChoiceStrip:
    """Two choices and four buttons, the third one with an action of its own."""
    strip = ChoiceStrip(("Waiting", "Log"))
    for title in BUTTONS:
        button = QToolButton()
        if title == BUTTONS[2]:
            action = QAction(title, strip)
            action.triggered.connect(lambda: pressed.append(BUTTONS[2]))
            button.setDefaultAction(action)
        else:
            button.setText(title)
            button.clicked.connect(lambda _=False, title=title: pressed.append(title))
        strip.add_widget(button)
    layout = room.layout()
    assert layout is not None
    layout.addWidget(strip)
    room.resize(900, 30)
    room.show()
    return strip


def seen(strip: ChoiceStrip) -> list[str]:
    buttons = [button for button in strip.findChildren(QToolButton) if button.isVisible()]
    return [button.text() for button in sorted(buttons, key=lambda button: button.x())]


def in_menu(strip: ChoiceStrip) -> list[QAction]:
    strip.more.menu().aboutToShow.emit()
    return strip.more.menu().actions()


def test_buttons_that_have_no_room_stand_whole_in_a_menu(strip: ChoiceStrip, pressed: list[str]) -> None:
    assert seen(strip) == ["Waiting", "Log", *BUTTONS]
    strip.window().resize(360, 30)
    assert seen(strip)[-1] == "More ▾"
    assert [*seen(strip)[2:-1], *[action.text() for action in in_menu(strip)]] == list(BUTTONS)
    for button in strip.findChildren(QToolButton):
        assert not button.isVisible() or button.width() >= button.sizeHint().width(), button.text()
    for action in in_menu(strip):
        action.trigger()
    assert pressed == list(BUTTONS)[len(BUTTONS) - len(pressed) :]
    assert BUTTONS[2] in pressed
    strip.window().resize(900, 30)
    assert seen(strip) == ["Waiting", "Log", *BUTTONS]


def test_what_is_not_offered_is_in_no_menu_either(strip: ChoiceStrip) -> None:
    strip.window().resize(200, 30)
    buttons = [button for button in strip.findChildren(QToolButton) if button.text() in BUTTONS]
    for button in buttons[1:]:
        strip.show_widget(button, shown=False)
    assert [action.text() for action in in_menu(strip)] in ([], [BUTTONS[0]])
    strip.window().resize(900, 30)
    assert seen(strip) == ["Waiting", "Log", BUTTONS[0]]
    strip.show_widget(buttons[0], shown=False)
    assert seen(strip) == ["Waiting", "Log"]


def test_the_place_to_search_the_data_keeps_room_beside_its_buttons(qtbot: QtBot, room: QWidget) -> None:
    strip = SearchStrip()
    layout = room.layout()
    assert layout is not None
    layout.addWidget(strip)
    room.resize(400, 30)
    room.show()
    qtbot.waitUntil(lambda: strip.search.width() > 100)
    buttons = [button for button in strip.findChildren(QToolButton, "panelButton") if button.isVisible()]
    assert all(button.width() >= button.sizeHint().width() for button in buttons)
    room.resize(800, 30)
    qtbot.waitUntil(lambda: strip.search.width() > 150)
    assert {"Clear filters", "Add a row…", "Delete the row…"} == {
        button.text() for button in strip.findChildren(QToolButton, "panelButton") if button.isVisible()
    }


def test_a_narrow_console_names_what_is_asked_and_keeps_its_menus_in_a_menu(qtbot: QtBot, room: QWidget) -> None:
    def fill(menu: QMenu) -> None:
        menu.addAction("As CSV")

    strip = ConsoleStrip(fill, fill)
    layout = room.layout()
    assert layout is not None
    layout.addWidget(strip)
    room.resize(440, 30)
    room.show()
    choices = strip.source.findChildren(QToolButton, "choice")
    qtbot.waitUntil(lambda: all(choice.width() >= choice.sizeHint().width() for choice in choices))
    more = next(
        button for button in strip.findChildren(QToolButton) if button.text() == "More ▾" and button.isVisible()
    )
    for _ in range(2):
        more.menu().aboutToShow.emit()
        copying = next(action for action in more.menu().actions() if action.text() == "Copy")
        submenu = copying.menu()
        assert isinstance(submenu, QMenu)
        submenu.aboutToShow.emit()
        assert [action.text() for action in submenu.actions()] == ["As CSV"]
    room.resize(900, 30)
    qtbot.waitUntil(lambda: not more.isVisible())


def test_the_note_in_a_low_list_is_whole_and_the_header_comes_back_with_the_room(qtbot: QtBot) -> None:
    table = RowTable(ListModel(PENDING_COLUMNS), "pendingWrites")
    qtbot.addWidget(table)
    note = EmptyNote(table)
    note.say("No local writes are waiting. What you change in Data appears here until the backend has it.")
    table.resize(420, 60)
    table.show()
    assert note.geometry() == table.rect()
    assert note.heightForWidth(note.width()) <= note.height()
    assert table.children().index(note) > table.children().index(table.header), "the header is below it"
    table.resize(420, 300)
    assert note.y() >= table.header.height()


@pytest.mark.parametrize("width", [400, 460, 620, 900])
def test_the_list_of_frames_needs_no_scrolling_sideways_until_somebody_sizes_columns(qtbot: QtBot, width: int) -> None:
    table = RowTable(ListModel(COLUMNS), "frames")
    qtbot.addWidget(table)
    table.resize(width, 300)
    table.show()
    assert table.header.length() <= table.viewport().width()
    assert table.horizontalScrollBar().maximum() == 0
    assert all(table.header.sectionSize(column) >= 28 for column in table.header.shown_columns())
    first = table.header.shown_columns()[0]
    table.header.resizeSection(first, width)
    assert table.header.length() > table.viewport().width(), "what a user made wide stays so"


def test_the_name_of_a_file_gives_way_to_what_one_searches_in(
    qtbot: QtBot, tmp_path: Path, open_file: Callable[[Path], Window]
) -> None:
    path = copy_to(tmp_path, STATE, f"{'a-customer-with-a-long-name-' * 3}.db")
    window = open_file(path)
    window.resize(900, 700)
    box, chip = child(window, QToolButton, "searchBox"), child(window, ConnectionChip)
    qtbot.waitUntil(lambda: window.width() == 900 and box.isVisible() and box.width() > 90)
    assert window.rect().contains(box.mapTo(window, box.rect().bottomRight()))
    assert chip.shown.name.startswith("a-customer")
    assert chip.shown.name.endswith("…")
    assert path.name in chip.toolTip()
    assert path.name in chip.accessibleName()


@pytest.mark.parametrize("scheme", list(Scheme))
def test_borders_of_what_one_types_into_stand_out_from_every_ground(scheme: Scheme) -> None:
    for ground in (Colour.WINDOW, Colour.PANEL, Colour.HEADER):
        assert contrast(Colour.EDGE.value[scheme.value], ground.value[scheme.value]) >= 3.0


@pytest.mark.parametrize("choice", [ThemeChoice.DARK, ThemeChoice.LIGHT])
def test_what_one_types_into_or_chooses_from_has_that_border(
    qtbot: QtBot, appearance: Appearance, choice: ThemeChoice
) -> None:
    appearance.choose(choice)
    for box in (QLineEdit(), NumberBox(), ChoiceBox()):
        qtbot.addWidget(box)
        assert colour(Colour.EDGE).name() in colours_in(box), type(box).__name__


@pytest.mark.parametrize("choice", [ThemeChoice.DARK, ThemeChoice.LIGHT])
def test_bars_and_menus_have_the_ground_of_headers(
    open_window: Callable[[Source | None], Window], appearance: Appearance, choice: ThemeChoice
) -> None:
    appearance.choose(choice)
    window = open_window(None)
    header = colour(Colour.HEADER).name()
    menu = child(window, QMenu)
    for widget in (
        window.menuBar(),
        child(window, QToolBar, "mainToolBar"),
        child(window, QToolBar, "sourceTools"),
        menu,
    ):
        assert header in colours_in(widget), widget.objectName()


def test_every_colour_of_the_style_sheet_is_one(qapp: QApplication) -> None:
    values = re.findall(r"(?:background|color|border-color): *([^;}]+)", qapp.styleSheet())
    assert len(values) > 60
    assert [value for value in values if not re.fullmatch(r"#[0-9a-f]{6}|transparent", value.strip())] == []
