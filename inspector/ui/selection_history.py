"""Back and forward over what was selected, as in a browser."""

import time

from PySide6.QtCore import QObject, QTimer, Signal

from inspector.ui.feed import Feed
from inspector.ui.selection import Selection
from inspector.ui.things import Things, things_in

_KEPT = 200
_QUICK_SECONDS = 0.6
"""Who walks through a list with the arrow keys does not want to go back through each row."""


class SelectionHistory(QObject):
    """Selections in the order in which they were made. One choice makes several changes; together they are one step."""

    changed = Signal()

    def __init__(self, feed: Feed, selection: Selection, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._selection = selection
        self._steps: list[Things] = []
        self._at = -1
        self._last_change = 0.0
        self._settled = QTimer(self, singleShot=True, interval=0)
        self._settled.timeout.connect(self._take)
        for signal in (
            selection.frame_changed,
            selection.bucket_changed,
            selection.operation_changed,
            selection.row_changed,
            selection.checkpoint_changed,
            selection.moment_changed,
            selection.happening_changed,
        ):
            signal.connect(self._settled.start)
        selection.reveal_wanted.connect(self._keep_step)
        feed.files_changed.connect(self._forget)

    @property
    def can_go_back(self) -> bool:
        """Whether something was selected before."""
        return self._at > 0

    @property
    def can_go_forward(self) -> bool:
        """Whether one has gone back."""
        return self._at < len(self._steps) - 1

    def back(self) -> None:
        """Select what was selected before."""
        if self.can_go_back:
            self._go(self._at - 1)

    def forward(self) -> None:
        """Undo `back`."""
        if self.can_go_forward:
            self._go(self._at + 1)

    def _go(self, step: int) -> None:
        self._at = step
        things = self._steps[step]
        things.choose(self._selection)
        if things.frame is None and things.happening is None:
            self._selection.choose_frame(None)
            self._selection.choose_happening(None)
        if things.moment is None:
            self._selection.choose_moment(None)
        self._last_change = 0.0
        self.changed.emit()

    def _keep_step(self) -> None:
        """Who follows something to another panel wants to come back, however quick that was."""
        self._last_change = 0.0

    def _take(self) -> None:
        things = things_in(self._selection)
        if things == Things() or (self._steps and things == self._steps[self._at]):
            return
        now = time.monotonic()
        quick, self._last_change = now - self._last_change < _QUICK_SECONDS, now
        del self._steps[self._at + 1 :]
        if quick and self._steps and _same_kinds(things, self._steps[-1]):
            self._steps[-1] = things
        else:
            self._steps = [*self._steps, things][-_KEPT:]
        self._at = len(self._steps) - 1
        self.changed.emit()

    def _forget(self) -> None:
        self._steps, self._at = [], -1
        self.changed.emit()


def _same_kinds(one: Things, other: Things) -> bool:
    """Whether the same kinds of things are selected in both."""
    return all((getattr(one, name) is None) is (getattr(other, name) is None) for name in Things.__dataclass_fields__)
