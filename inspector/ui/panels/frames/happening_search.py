"""Finds the uploads, events, requests and ends that belong into the list, and keeps finding as the capture grows."""

from PySide6.QtCore import QObject, Signal

from inspector.capture.annotations import Annotations
from inspector.capture.filter import CompiledFilter, FilterScan
from inspector.capture.filter.happening_scan import FoundHappenings, Seen
from inspector.ui.panels.frames.search import FrameSearch


class HappeningSearch(QObject):
    """Works on the thread of the frames' search."""

    found = Signal(object)
    """A `FoundHappenings`."""

    def __init__(self, search: FrameSearch, parent: QObject) -> None:
        super().__init__(parent)
        self._search = search
        self._condition: CompiledFilter | None = None
        self._annotations: Annotations = {}
        self._seen = Seen()
        self._run: object | None = None
        self._running = self._due = False

    def look_for(self, condition: CompiledFilter | None, annotations: Annotations) -> None:
        """Look for those that meet `condition`, or for all, from the beginning."""
        self._condition, self._annotations = condition, annotations
        self._run, self._seen, self._running = object(), Seen(), False
        self.follow()

    def stop(self) -> None:
        """Look for none."""
        self._run = None

    def follow(self) -> None:
        """There may be more of them by now."""
        if self._run is None or self._running:
            self._due = self._run is not None
            return
        self._due, self._running = False, True
        run, condition, seen, annotations = self._run, self._condition, self._seen, self._annotations

        def work(scan: FilterScan) -> FoundHappenings:
            if condition is not None and condition.annotated:
                scan.set_annotations(annotations)
            return scan.find_happenings(condition, seen)

        self._search.on_scan(work, lambda found: self._take(run, found))

    def _take(self, run: object, found: FoundHappenings) -> None:
        if run is not self._run:
            return
        self._running, self._seen = False, found.seen
        self.found.emit(found)
        if self._due:
            self.follow()
