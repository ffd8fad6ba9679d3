"""What goes wrong is told on stderr too: whoever started the window from a terminal may not be looking at it."""

import sys

from PySide6.QtCore import QObject

from inspector.analysis.state import DatabaseFile, EngineGone, Live, Situation, Unreadable
from inspector.engine.control import Problem
from inspector.ui.feed import Feed


class Complaints(QObject):
    """Writes each new problem of a feed once, and knows how the program is to end."""

    def __init__(self, feed: Feed) -> None:
        super().__init__(feed)
        self._feed = feed
        self._told: Problem | None = None
        self._failed = False
        feed.situation_changed.connect(self._look)

    @property
    def exit_code(self) -> int:
        """1 when the last thing that was opened could not be shown, else 0."""
        return 1 if self._failed else 0

    def _look(self) -> None:
        situation = self._feed.situation
        problem = _problem_of(situation)
        if isinstance(situation, Live):
            shown = situation.status.shown_checkpoint is not None
            self._failed = (self._failed or problem is not None) and not shown
        elif self._feed.source is not None:
            self._failed = isinstance(situation, EngineGone | Unreadable)
        if problem is not None and problem != self._told:
            sys.stderr.write(f"{problem}\n")
        self._told = problem


def _problem_of(situation: Situation) -> Problem | None:
    match situation:
        case Live(status):
            return status.problem
        case EngineGone(problem) | Unreadable(problem):
            return problem
        case DatabaseFile(problems=(worst, *_)):
            return worst
    return None
