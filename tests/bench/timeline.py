"""The timeline, the checkpoints and the check of operations on a large capture: stalls, and how long answers take."""

import time
from functools import partial

from PySide6.QtCore import QPointF, Qt
from PySide6.QtTest import QTest

from inspector.ui.panels.checkpoints.panel import CheckpointsPanel
from inspector.ui.panels.timeline.panel import TimelinePanel
from inspector.ui.window import Window
from inspector.words import NS, thousands
from tests.bench.lists import scroll
from tests.bench.steps import Steps

_SPANS = ((0, "all"), (3600 * NS, "1 h"), (600 * NS, "10 min"), (120 * NS, "2 min"), (30 * NS, "30 s"))
_PAINTINGS = 10


def use_timeline(window: Window, steps: Steps) -> None:
    """Zoom, pan, paint and click in the timeline of `window`, then scroll its checkpoints."""
    panel = window.docks["timeline"].panel
    assert isinstance(panel, TimelinePanel)
    canvas = panel.canvas

    def at_rest() -> bool:
        return canvas.lanes is not None and not panel.lanes.busy and not panel.overview.busy

    def painting() -> str:
        painted = time.thread_time()
        for _ in range(_PAINTINGS):
            canvas.repaint_content()
            canvas.repaint()
        paint_ms = (time.thread_time() - painted) * 1000 / _PAINTINGS
        return f"painting {thousands(len(canvas.hits))} things takes {paint_ms:.1f} ms"

    for span, name in _SPANS:
        steps.do(f"timeline: show {name}", partial(panel.show_span, span), until=at_rest, note=painting)
    keys = [Qt.Key.Key_W, Qt.Key.Key_D, Qt.Key.Key_D, Qt.Key.Key_S, Qt.Key.Key_A] * 10
    steps.do("timeline: zoom and pan by fifty keys", *[lambda key=key: QTest.keyClick(canvas, key) for key in keys])
    middle = QPointF(canvas.width() / 2, canvas.height() / 2).toPoint()
    click = lambda: QTest.mouseClick(canvas, Qt.MouseButton.LeftButton, pos=middle)  # noqa: E731
    steps.do("timeline: click", click, until=lambda: window.selection.frame is not None)
    checkpoints = window.docks["checkpoints"].panel
    assert isinstance(checkpoints, CheckpointsPanel)
    steps.do("go to Checkpoints", lambda: window.selection.reveal("checkpoints"))
    scroll(checkpoints.table, lambda: True, steps)
