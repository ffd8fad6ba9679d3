"""One selection for all panels, and the way from a thing to the panel that shows it."""

from collections.abc import Callable

from pytestqt.qtbot import QtBot

from inspector.ui.selection import OperationKey, RowKey, Selection
from inspector.ui.sources import Source
from inspector.ui.window import Window


def test_says_once_what_was_chosen(qtbot: QtBot) -> None:
    selection, said = Selection(), []
    selection.row_changed.connect(lambda: said.append(selection.row))
    selection.operation_changed.connect(lambda: said.append(selection.operation))
    selection.choose_row(RowKey("todos", "1"))
    selection.choose_row(RowKey("todos", "1"))
    selection.choose_operation(OperationKey("a[]", 7))
    assert said == [RowKey("todos", "1"), OperationKey("a[]", 7)]


def test_reveals_a_panel_that_was_closed(qtbot: QtBot, open_window: Callable[[Source | None], Window]) -> None:
    window = open_window(None)
    window.docks["bytes"].close()
    window.selection.reveal("bytes")
    assert window.docks["bytes"].isVisible()
