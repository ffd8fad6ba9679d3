"""One selection for all panels, and the way from a thing to the panel that shows it."""

from collections.abc import Callable
from pathlib import Path

from pytestqt.qtbot import QtBot

from inspector.ui.selection import OperationKey, RowKey, Selection
from inspector.ui.sources import FileSource, Source
from inspector.ui.window import Window
from tests.recordings import CAPTURES

STATES = CAPTURES.parent / "databases" / "states"


def test_says_once_what_was_chosen(qtbot: QtBot) -> None:
    selection = Selection()
    said: list[object] = []
    selection.row_changed.connect(lambda: said.append(selection.row))
    selection.operation_changed.connect(lambda: said.append(selection.operation))
    selection.choose_row(RowKey("todos", "1"))
    selection.choose_row(RowKey("todos", "1"))
    selection.choose_operation(OperationKey("a[]", 7))
    assert said == [RowKey("todos", "1"), OperationKey("a[]", 7)]


def test_a_frame_and_what_happened_between_frames_take_each_others_place_at_once(qtbot: QtBot) -> None:
    selection = Selection()
    said: list[tuple[int | None, int | None]] = []
    for changed in (selection.frame_changed, selection.happening_changed):
        changed.connect(lambda: said.append((selection.frame, selection.happening)))
    selection.choose_frame(3)
    selection.choose_happening(-7)
    selection.choose_frame(4)
    assert said == [(3, None), (None, -7), (None, -7), (4, None), (4, None)]
    selection.choose_happening(None)
    assert selection.frame == 4


def test_reveals_a_panel_that_was_closed(qtbot: QtBot, open_window: Callable[[Source | None], Window]) -> None:
    window = open_window(None)
    window.docks["bytes"].close()
    window.selection.reveal("bytes")
    assert window.docks["bytes"].isVisible()


def test_nothing_of_one_source_stays_selected_in_the_next(open_file: Callable[[Path], Window], capture: Path) -> None:
    window = open_file(capture)
    window.selection.choose_row(RowKey("todos", "todo-1"))
    window.selection.choose_frame(3)
    window.open(FileSource(STATES / "held-by-uploads.db"))
    assert (window.selection.row, window.selection.frame) == (None, None)
