"""Says how long a statement has been running, and how to end it."""

import time

from PySide6.QtCore import QObject, QTimer

from inspector.ui.panels.sql.runner import SqlRunner
from inspector.ui.widgets.foot_note import FootNote
from inspector.words import duration, plural

_TICK_MS = 1000


class RunningClock(QObject):
    """Tells `foot` while `runner` runs; what came of it is for others to say."""

    def __init__(self, runner: SqlRunner, foot: FootNote, parent: QObject) -> None:
        super().__init__(parent)
        self._runner, self._foot = runner, foot
        self._began = time.monotonic()
        self._rows = 0
        self._ticks = QTimer(self, interval=_TICK_MS)
        self._ticks.timeout.connect(self._say)

    def begin(self) -> None:
        """A statement was started."""
        self._began, self._rows = time.monotonic(), 0
        self._say()
        self._ticks.start()

    def tell(self, rows: int) -> None:
        """So many rows are there by now."""
        self._rows = rows
        self._say()

    def _say(self) -> None:
        if not self._runner.running:
            self._ticks.stop()
            return
        seconds = time.monotonic() - self._began
        said = self.tr("{0} so far.").format(plural(self._rows, self.tr("row"))) if self._rows else ""
        if seconds >= 1:
            said += self.tr(" It has been running for {0}; Esc or “Stop” ends it.").format(duration(seconds))
        self._foot.say(said.strip() or self.tr("It runs."))
