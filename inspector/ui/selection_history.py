"""Back and forward over what was selected and where, as in a browser."""

import time
from dataclasses import dataclass, replace

from PySide6.QtCore import QObject, QTimer, Signal

from inspector.ui.docks.front import Front, InFront
from inspector.ui.feed import Feed
from inspector.ui.findings_loader import FindingsLoader
from inspector.ui.selection import Selection
from inspector.ui.things import Things, things_in

_KEPT = 200
_QUICK_SECONDS = 0.6
"""Who walks through a list with the arrow keys does not want to go back through each row."""


@dataclass(frozen=True, slots=True)
class _Step:
    """All that was selected, and the panels in front at that time."""

    things: Things
    front: InFront
    finding: str | None = None
    """The name of the finding that was looked at; None where nobody had chosen one and the top one was shown."""


class SelectionHistory(QObject):
    """Selections in the order in which they were made. One choice makes several changes; together they are one step.

    Following something to another panel is a step as well, also where the selection stays the same.
    """

    changed = Signal()

    def __init__(
        self,
        feed: Feed,
        selection: Selection,
        findings: FindingsLoader,
        front: Front,
        parent: QObject | None = None,
    ) -> None:
        super().__init__(parent)
        self._selection = selection
        self._findings = findings
        self._front = front
        self._steps: list[_Step] = []
        self._at = -1
        self._last_change = 0.0
        self._went = 0.0
        """When a step was last gone to."""
        self._revealed: str | None = None
        """The panel to which something is being followed."""
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
        # The top finding changes by itself while the checks run: that is no choice.
        findings.chosen_changed.connect(lambda: self._settled.start() if findings.by_hand else None)
        selection.left.connect(self._take)
        selection.reveal_wanted.connect(self._follow)
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
        """Select what was selected before, and show it where it was looked at."""
        self._take()
        if self.can_go_back:
            self._go(self._at - 1)

    def forward(self) -> None:
        """Undo `back`."""
        self._take()
        if self.can_go_forward:
            self._go(self._at + 1)

    def _go(self, at: int) -> None:
        self._at = at
        step = self._steps[at]
        # Panels that come to the front may look for what belongs to what was selected: the selection has the last word.
        self._front.bring_back(step.front)
        self._bring_back(step.finding)
        step.things.restore(self._selection)
        self._steps[at] = replace(step, finding=self._finding())
        self._settled.stop()
        self._revealed = None
        self._last_change, self._went = 0.0, time.monotonic()
        self.changed.emit()

    def _finding(self) -> str | None:
        chosen = self._findings.chosen
        return chosen.name if chosen is not None and self._findings.by_hand else None

    def _bring_back(self, finding: str | None) -> None:
        """Look at this finding again, or at the top one; one that is not found any more is not to be had."""
        found = self._findings.report.findings
        if finding is None and not self._findings.by_hand:
            return
        shown = next((it for it in found if finding is None or it.name == finding), None)
        if shown is not None:
            self._findings.choose(shown)

    def _follow(self, panel: str) -> None:
        self._revealed = panel
        self._settled.start()

    def _take(self) -> None:
        self._settled.stop()
        things, followed = things_in(self._selection), self._revealed is not None
        front = self._front.now()
        front = InFront(self._revealed, front.seen) if followed else front
        self._revealed = None
        finding = self._finding()
        if finding is not None and not self._steps:
            self._steps, self._at = [_Step(Things(), front)], 0  # the top finding, which nobody had to choose
        last = self._steps[self._at] if self._steps else _Step(Things(), InFront())
        other_finding = finding is not None and finding != last.finding
        same = things == last.things and not other_finding
        if same and (not followed or not self._steps or front.panel == last.front.panel):
            return
        now = time.monotonic()
        found_more = things.has_all_of(last.things) and not other_finding
        if now - self._went < _QUICK_SECONDS and not followed and found_more:
            return  # what a panel that came back has found to what was selected
        quick, self._last_change = now - self._last_change < _QUICK_SECONDS, now
        del self._steps[self._at + 1 :]
        same_choice = front.panel == last.front.panel and (
            things.same_kinds_as(last.things) or things.has_all_of(last.things)
        )
        if quick and not followed and self._steps and same_choice:
            self._steps[-1] = _Step(things, front, finding)
        else:
            self._steps = [*self._steps, _Step(things, front, finding)][-_KEPT:]
        if followed:
            self._last_change = 0.0
        self._at = len(self._steps) - 1
        self.changed.emit()

    def _forget(self) -> None:
        self._steps, self._at = [], -1
        self.changed.emit()
