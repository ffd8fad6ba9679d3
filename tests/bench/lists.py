"""A long list as hands use it: the wheel, the keys for pages and ends, the scroll bar dragged and clicked."""

from collections.abc import Callable
from functools import partial

from PySide6.QtCore import QPoint, QPointF, Qt
from PySide6.QtGui import QWheelEvent
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication

from inspector.ui.widgets.row_table import RowTable
from inspector.words import thousands
from tests.bench.steps import PATIENCE_S, Steps
from tests.gui.looking import scroll_to
from tests.gui.watchdog import Watchdog

_NOTCH = QPoint(0, -120)
"""Of a wheel, in eighths of a degree: away from the beginning."""


def scroll(table: RowTable, settled: Callable[[], bool], steps: Steps) -> None:
    """Scroll through `table` in all ways, waiting after each until it has `settled`."""
    bar = table.verticalScrollBar()
    rows = thousands(table.row_model.row_count())

    def by(name: str, times: int, act: Callable[[int], object]) -> None:
        dog = Watchdog()
        for number in range(times):
            dog.do(partial(act, number))
            dog.wait_for(settled, seconds=PATIENCE_S)
        steps.tell(f"{rows} rows: {name}", dog)

    by("jump to thirty places", 30, lambda number: scroll_to(bar, number / 29))
    by("a hundred notches of the wheel", 100, lambda _: turn_wheel(table))
    by("thirty times Page Down", 30, lambda _: QTest.keyClick(table, Qt.Key.Key_PageDown))
    by("End and Home", 4, lambda number: QTest.keyClick(table, Qt.Key.Key_Home if number % 2 else Qt.Key.Key_End))
    bar.setSliderDown(True)
    by("drag the scroll bar over it", 60, lambda number: bar.setSliderPosition(bar.maximum() * number // 59))
    bar.setSliderDown(False)
    bar.setValue(0)


def turn_wheel(table: RowTable) -> None:
    """One notch on, over the middle of the list."""
    view = table.viewport()
    at = QPointF(view.rect().center())
    event = QWheelEvent(
        at,
        view.mapToGlobal(at),
        QPoint(),
        _NOTCH,
        Qt.MouseButton.NoButton,
        Qt.KeyboardModifier.NoModifier,
        Qt.ScrollPhase.NoScrollPhase,
        False,
    )
    QApplication.sendEvent(view, event)
