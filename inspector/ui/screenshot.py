"""Saves a picture of the window once there is something to see, and says why when there never will be."""

import sys
from pathlib import Path

from PySide6.QtCore import QObject, QTimer, Signal

from inspector.analysis.state import CaptureFile, DatabaseFile, EngineGone, Live, Unreadable
from inspector.engine.control import Problem
from inspector.ui.on_screen import in_sight
from inspector.ui.panels.frames.panel import FramesPanel
from inspector.ui.panels.registry import PANELS
from inspector.ui.window import Window

_LOOK_MS = 50
_SETTLED_LOOKS = 4
"""So many looks in a row must find everything at rest."""
_LONGEST_MS = 60_000


class Screenshot(QObject):
    """Watches the window until it is worth a picture."""

    finished = Signal(int)
    """The exit code: 0 when the picture is saved."""

    def __init__(self, window: Window, path: Path) -> None:
        super().__init__(window)
        self._window = window
        self._path = path
        self._looks_at_rest = 0
        self._selected = False
        self._clock = QTimer(self, interval=_LOOK_MS)
        self._clock.timeout.connect(self._look)
        self._clock.start()
        self._limit = QTimer(self, singleShot=True, interval=_LONGEST_MS)
        self._limit.timeout.connect(self._give_up)
        self._limit.start()

    def _look(self) -> None:
        window, situation = self._window, self._window.feed.situation
        if _terminal(situation) is not None:  # and told on stderr
            self._end(1)
        elif _worth_a_picture(situation) and not window.buckets.busy and window.buckets.snapshot is not None:
            self._settle()

    def _settle(self) -> None:
        window = self._window
        if not self._selected:
            self._selected = _select_something(window)
            return
        at_rest = (
            _panels_there(window)
            and not window.findings.running
            and not window.seal.busy
            and not window.feed.busy
            and not window.frame.busy
            and not window.frame.background.busy
        )
        self._looks_at_rest = self._looks_at_rest + 1 if at_rest else 0
        if self._looks_at_rest >= _SETTLED_LOOKS:
            self._save()

    def _save(self) -> None:
        if self._window.grab().save(str(self._path), "PNG"):
            self._end(0)
        else:
            self._fail("The picture cannot be saved. Check the name and the permissions of its folder.")

    def _give_up(self) -> None:
        if _worth_a_picture(self._window.feed.situation):  # the buckets of a large capture may take longer
            self._save()
            return
        sentence = self._window.state_bar.sentence
        state = f"{sentence.lead} {sentence.then}".strip() if sentence is not None else ""
        self._fail(f"There was nothing to see after {_LONGEST_MS // 1000} s. {state}".strip())

    def _fail(self, reason: str) -> None:
        sys.stderr.write(f"{reason}\n")
        self._end(1)

    def _end(self, code: int) -> None:
        self._clock.stop()
        self._limit.stop()
        self.finished.emit(code)


def _terminal(situation: object) -> Problem | None:
    match situation:
        case EngineGone(problem) | Unreadable(problem):
            return problem
        case Live(status) if status.problem is not None and status.phase in ("waiting", "refused", "stopped"):
            return status.problem
    return None


def _worth_a_picture(situation: object) -> bool:
    match situation:
        case Live(status):
            return status.shown_checkpoint is not None
        case DatabaseFile() | CaptureFile():
            return True
    return False


def _panels_there(window: Window) -> bool:
    """Whether all is made that can be seen: panels, and the figures beside tabs."""
    badges = {entry.name for entry in PANELS if entry.has_badge}
    seen = [dock for name, dock in window.docks.items() if in_sight(dock) or (name in badges and not dock.isHidden())]
    return all(dock.is_shown if in_sight(dock) else dock.is_made for dock in seen)


def _select_something(window: Window) -> bool:
    """A data frame and a bucket, so that the panels beside the lists are not empty; False while frames are to come."""
    frames = window.docks["frames"].panel
    assert isinstance(frames, FramesPanel)
    if frames.model.frame_rows < frames.model.frames_in_capture():
        return False
    if (row := frames.model.last_data_row()) is not None:
        frames.table.choose_row(row)
    snapshot = window.buckets.snapshot
    buckets = [bucket for _, group in snapshot.streams for bucket in group] if snapshot is not None else []
    if buckets:
        largest = max(buckets, key=lambda bucket: bucket.operations or 0)
        window.selection.choose_bucket(largest.name.full)
    return True
