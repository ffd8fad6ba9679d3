"""Runs the display filter off the window's thread: newest frames first, then on to the oldest, and what comes later."""

import time
from array import array
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import TypeVar

from PySide6.QtCore import QObject, QTimer, Signal

from inspector.capture.annotations import Annotations
from inspector.capture.filter import CompiledFilter, FilterScan, warm_up
from inspector.capture.filter.scan import Found, SortKey
from inspector.capture.filter.scan_elsewhere import ScanElsewhere
from inspector.protocol.errors import InspectorError
from inspector.ui.background import Background

T = TypeVar("T")

_WARM_UP_MS = 400
"""After the list is made."""
_STEP_S = 0.06
"""A step of the search should take about so long: what it found is shown after it."""
_FIRST_STEP = 2_000
_FIRST_STEP_IN_BODIES = 200
_LEAST_STEP, _LEAST_STEP_IN_BODIES, _MOST_STEP = 1_000, 50, 50_000
_MANY_BODIES = 10_000
"""Frames: to read the bodies of so many takes as long as to start a process, and that does not hold the window up."""


@dataclass(frozen=True, slots=True)
class _Step:
    """What one step found, and what it took."""

    found: Found
    last: int
    """The newest frame that there was."""
    undecided: frozenset[int]
    seconds: float


class FrameSearch(QObject):
    """Finds the frames of one capture that meet one condition, and keeps finding as the capture grows."""

    found = Signal(object)
    """A `Found`: what is known now of a span of frames, in place of what was known of it."""
    changed = Signal()
    """It went on, ended, or was stopped."""
    failed = Signal(str)
    ready = Signal()
    """Filters can be understood without delay from now on."""

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._background = Background(self)
        self._path: Path | None = None
        self._scan: FilterScan | None = None
        self._elsewhere: ScanElsewhere | None = None
        self._annotations: Annotations = {}
        self.condition: CompiledFilter | None = None
        self._running = False
        self._stale: set[int] = set()
        self._forget()
        # The first filter would wait for the grammar's tables, and so would the window's first picture if they were
        # made at once: two threads of Python take turns.
        self.is_ready = False
        QTimer.singleShot(_WARM_UP_MS, self, lambda: self._background.run(warm_up, lambda _: self._warmed_up()))

    def _warmed_up(self) -> None:
        self.is_ready = True
        self.ready.emit()

    def _forget(self) -> None:
        self._run = object()
        self._newest = 0
        self._oldest = 1
        self._undecided: frozenset[int] = frozenset()
        self._grown = False
        self._stopped = False
        self._stale.clear()

    @property
    def searching(self) -> bool:
        """Whether older frames are still being looked at."""
        return self.condition is not None and not self._stopped and (self._newest == 0 or self._oldest > 1)

    @property
    def stopped_at(self) -> int | None:
        """The frame that the search was stopped at: older ones were not looked at."""
        return self._oldest if self._stopped and self._oldest > 1 else None

    @property
    def progress(self) -> float:
        """The part of the capture that was looked at, 0 … 1."""
        return 1.0 if self._newest == 0 else (self._newest - self._oldest + 1) / self._newest

    def show_capture(self, path: Path | None) -> None:
        """Search this capture from now on; the filter is kept and applied to it."""
        self._path = path
        self._forget()
        self._background.run(self._close_scan, lambda _: None)
        self._go_on()

    def look_for(self, condition: CompiledFilter | None, annotations: Annotations) -> None:
        """Search anew, for another condition or none."""
        self.condition = condition
        self._annotations = annotations
        self._forget()
        self.changed.emit()
        self._go_on()

    def follow(self) -> None:
        """The capture has grown, or outcomes have changed."""
        self._grown = True
        self._go_on()

    def look_again(self, frame: int, annotations: Annotations) -> None:
        """What users say about a frame has changed."""
        self._annotations = annotations
        if self.condition is not None and self.condition.annotated:
            self._stale.add(frame)
            self._go_on()

    def sort(
        self,
        key: SortKey,
        frames: "array[int] | None",
        happenings: "array[int]",
        *,
        descending: bool,
        done: Callable[..., None],
    ) -> None:
        """Put all frames, or these, and the happenings in another order, and hand it to `done`; a later search makes
        it of no use."""
        run = self._run
        self.on_scan(
            lambda scan: scan.sorted_by(key, frames, happenings, descending=descending),
            lambda ids: done(ids) if run is self._run else None,
        )

    def on_scan(self, work: Callable[[FilterScan], T], done: Callable[[T], None]) -> None:
        """Do `work` on the thread of the search, with its scan of the capture; nothing where there is none."""
        path = self._path
        if path is None:
            return

        def on_thread() -> T:
            if self._scan is None:
                self._scan = FilterScan(path)
            return work(self._scan)

        self._background.run(on_thread, done, self._tell_failure)

    def stop(self) -> None:
        """Look at no more old frames; what was found stays, and new frames are still looked at."""
        self._stopped = True
        self.changed.emit()

    def close(self) -> None:
        """Let go of the file; nothing runs any more when this returns."""
        self._background.close(self._close_scan)

    # One step after the other

    def _go_on(self) -> None:
        condition, path = self.condition, self._path
        if self._running or condition is None or path is None:
            return
        span = self._next_span(condition)
        if span is None:
            return
        self._running = True
        run, annotations, before = self._run, self._annotations, self._undecided
        self._background.run(
            lambda: self._step(path, condition, span, annotations, before),
            lambda step: self._take(run, span, step),
            self._tell_failure,
        )

    def _next_span(self, condition: CompiledFilter) -> tuple[int, int | None] | None:
        """First and last frame to look at next; no last: up to the newest, and no further back than a step."""
        if self._newest == 0:
            self._grown = False
            self._size = _FIRST_STEP_IN_BODIES if condition.reads_bodies else _FIRST_STEP
            return 1 - self._size, None
        if self._grown:
            self._grown = False
            if condition.decided_later:
                self._stale |= self._undecided
            return self._newest + 1, None
        if self._stale:
            frame = self._stale.pop()
            return frame, frame
        if self.searching:
            return max(1, self._oldest - self._size), self._oldest - 1
        return None

    def _step(
        self,
        path: Path,
        condition: CompiledFilter,
        span: tuple[int, int | None],
        annotations: Annotations,
        before: frozenset[int],
    ) -> _Step:
        if self._scan is None:
            self._scan = FilterScan(path)
        scan, begun = self._scan, time.perf_counter()
        if condition.annotated:
            scan.set_annotations(annotations)
        first, last = span
        newest = scan.frame_count()
        if first <= 0:  # so many of the newest ones
            first = max(1, newest + first)
        undecided: frozenset[int] = frozenset()
        if last is None and condition.decided_later:
            undecided = scan.undecided(before, span[0])
        if last is None:
            found = scan.find(condition, first, newest)
        else:
            found = self._finder(path, scan, condition, last).find(condition, first, last)
        return _Step(found, newest, undecided, time.perf_counter() - begun)

    def _finder(self, path: Path, scan: FilterScan, condition: CompiledFilter, left: int) -> FilterScan | ScanElsewhere:
        """Who looks through older frames, of which so many are left."""
        if not condition.reads_bodies or condition.annotated:
            return scan
        if self._elsewhere is None and left > _MANY_BODIES:
            self._elsewhere = ScanElsewhere(path)
        return self._elsewhere or scan

    def _take(self, run: object, span: tuple[int, int | None], step: _Step) -> None:
        self._running = False
        if run is self._run:
            self._note(span, step)
            self.found.emit(step.found)
            self.changed.emit()
        self._go_on()

    def _note(self, span: tuple[int, int | None], step: _Step) -> None:
        if span[1] is None:
            if self._newest == 0:
                self._oldest = step.found.first
            self._newest = step.last
            self._undecided = step.undecided
        elif span[1] == self._oldest - 1:
            self._oldest = step.found.first
            ratio = _STEP_S / max(step.seconds, 0.001)
            in_bodies = self.condition is not None and self.condition.reads_bodies
            least = _LEAST_STEP_IN_BODIES if in_bodies else _LEAST_STEP
            self._size = int(min(max(self._size * min(max(ratio, 0.5), 2.0), least), _MOST_STEP))

    def _tell_failure(self, error: InspectorError) -> None:
        self._running = False
        self._stopped = True
        self.failed.emit(str(error))
        self.changed.emit()

    def _close_scan(self) -> None:
        if self._elsewhere is not None:
            self._elsewhere.close()
            self._elsewhere = None
        if self._scan is not None:
            self._scan.close()
            self._scan = None
