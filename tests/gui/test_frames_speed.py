"""The list of frames never holds the window up, whatever one does with many frames."""

from collections.abc import Callable
from functools import partial
from pathlib import Path

import pytest
from pytestqt.qtbot import QtBot

from inspector.ui.window import Window
from tests.bench.large_capture import large_capture
from tests.gui.looking import frames_of, scroll_to
from tests.gui.watchdog import watchdog
from tests.gui.yardstick import stall_ms

FRAMES = 20_000

pytestmark = pytest.mark.usefixtures("frames_alone")


@pytest.fixture(scope="module")
def large(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return large_capture(tmp_path_factory.mktemp("large") / "large.pscapture", FRAMES)


def test_scrolling_filtering_searching_and_sorting_do_not_stall(
    qtbot: QtBot, open_file: Callable[[Path], Window], large: Path
) -> None:
    panel = frames_of(open_file(large))
    qtbot.waitUntil(lambda: panel.model.row_count() == FRAMES)
    bar = panel.table.verticalScrollBar()
    with watchdog() as dog:
        for part in range(10):
            dog.do(partial(scroll_to, bar, part / 10))
        for text in ("kind == data", '"plumber 12" and kind == data', "since checkpoint 5000 and ops > 1"):
            dog.do(partial(panel.filter.set_filter, text))
            dog.do(lambda: bar.setValue(0))
            dog.wait_for(lambda: not panel.search.searching)
            assert 0 < panel.model.row_count() < FRAMES
        dog.do(panel.filter.edit.clear)
        dog.do(lambda: panel.table.header.sectionClicked.emit(6))
        dog.wait_for(lambda: panel.model.sorted)
    assert dog.busiest_ms < stall_ms()
    assert panel.model.rows_held < 10_000
