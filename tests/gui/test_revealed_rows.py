"""What is revealed in a panel is selected there and in view, also where the panel is made for it."""

from collections.abc import Callable
from pathlib import Path

import pytest
from pytestqt.qtbot import QtBot

from inspector.ui.on_screen import in_sight
from inspector.ui.selection import RowKey
from inspector.ui.things import Things
from inspector.ui.widgets.row_table import RowTable
from inspector.ui.window import Window
from tests.gui.looking import child
from tests.store.database_files import state

PATIENCE_MS = 20_000
BUCKETS = '1#my_lists|0["user-1"]', '1#my_todos|0["list-1"]', "1#all_notes|0[]"

IN_DATABASE = [
    *(("buckets", "buckets", Things(bucket=bucket)) for bucket in BUCKETS),
    *(("checksums", "checksums", Things(bucket=bucket)) for bucket in BUCKETS),
    ("data", "data-todos", Things(row=RowKey("todos", "todo-1002"))),
    ("data", "data-lists", Things(row=RowKey("lists", "list-4"))),
    ("uploads", "pendingWrites", Things(row=RowKey("todos", "todo-1002"))),
]
IN_CAPTURE = [
    ("frames", "frames", Things(frame=3)),
    ("frames", "frames", Things(frame=20)),
    ("checkpoints", "checkpoints", Things(checkpoint=1)),
    ("checkpoints", "checkpoints", Things(checkpoint=4)),
    ("checksums", "checksums", Things(bucket=BUCKETS[0])),
    ("buckets", "buckets", Things(bucket=BUCKETS[1])),
]


def shows_chosen(table: RowTable) -> bool:
    row = table.currentIndex().row()
    height = table.viewport().height()
    whole = 0 <= table.top_of(row) <= max(0, height - table.height_of_row)
    return row >= 0 and in_sight(table) and whole and table.selectionModel().isRowSelected(row, table.rootIndex())


@pytest.mark.parametrize(("panel", "table", "things"), IN_DATABASE)
def test_of_a_database(
    qtbot: QtBot, open_file: Callable[[Path], Window], panel: str, table: str, things: Things
) -> None:
    window = open_file(state("held-by-uploads"))
    check(qtbot, window, panel, table, things)


@pytest.mark.parametrize(("panel", "table", "things"), IN_CAPTURE)
def test_of_a_capture(
    qtbot: QtBot, open_file: Callable[[Path], Window], capture: Path, panel: str, table: str, things: Things
) -> None:
    window = open_file(capture)
    check(qtbot, window, panel, table, things)


def check(qtbot: QtBot, window: Window, panel: str, table: str, things: Things) -> None:
    window.revealing.reveal(things, panel)
    inside = window.docks[panel].panel

    def found() -> bool:
        one = inside.findChild(RowTable, table)
        return isinstance(one, RowTable) and shows_chosen(one)

    def about() -> Things | None:
        one = child(inside, RowTable, table)
        record = one.row_model.record(one.currentIndex().row())
        return None if record is None else one.row_model.things(record)

    qtbot.waitUntil(found, timeout=PATIENCE_MS)
    qtbot.waitUntil(lambda: about() is not None, timeout=PATIENCE_MS)
    shown = about()
    assert shown is not None
    for kind in ("frame", "bucket", "row", "checkpoint"):
        assert getattr(things, kind) in (None, getattr(shown, kind))
    qtbot.wait(50)
    assert found(), "it stays in view once the panel has its size"
