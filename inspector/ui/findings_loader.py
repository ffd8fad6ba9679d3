"""The findings of the open source, made anew as the source changes, and the one that is looked at."""

import time

from PySide6.QtCore import QObject, QTimer, Signal

from inspector.analysis.finding_types import BucketFacts, Finding, Material, Report
from inspector.analysis.findings import find
from inspector.analysis.state import CaptureFile, DatabaseFile, Live
from inspector.ui.bucket_loader import BucketLoader
from inspector.ui.feed import Feed

_TICK_MS = 1000
_EMPTY = Report((), 0, 0)


class FindingsLoader(QObject):
    """Follows the feed and the buckets."""

    changed = Signal()
    chosen_changed = Signal()

    def __init__(self, feed: Feed, buckets: BucketLoader, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._feed, self._buckets = feed, buckets
        self.report = _EMPTY
        self.chosen: Finding | None = None
        self._due = QTimer(self, singleShot=True, interval=100)
        self._due.timeout.connect(self._find)
        feed.situation_changed.connect(self._want)
        buckets.changed.connect(self._want)
        # What is normal for some seconds is not for ever.
        clock = QTimer(self, interval=_TICK_MS)
        clock.timeout.connect(lambda: self._want() if feed.status is not None else None)
        clock.start()

    @property
    def ready(self) -> bool:
        """Whether the present source has been looked at."""
        return bool(self.report.checks)

    def choose(self, finding: Finding | None) -> None:
        """Look at this one."""
        if finding != self.chosen:
            self.chosen = finding
            self.chosen_changed.emit()

    def _want(self) -> None:
        if not self._due.isActive():
            self._due.start()

    def _find(self) -> None:
        situation, snapshot = self._feed.situation, self._buckets.snapshot
        report = _EMPTY
        if isinstance(situation, DatabaseFile | CaptureFile | Live):
            buckets = [bucket for _, group in snapshot.streams for bucket in group] if snapshot is not None else []
            facts = tuple(
                BucketFacts(bucket.name.full, bucket.operations, bucket.rows, bucket.mismatches) for bucket in buckets
            )
            summary = snapshot.summary if snapshot is not None else None
            report = find(Material(situation, time.time_ns(), summary, facts))
        if report != self.report:
            self.report = report
            self._keep_chosen()
            self.changed.emit()

    def _keep_chosen(self) -> None:
        known = {finding.name: finding for finding in self.report.findings}
        before = self.chosen.name if self.chosen is not None else ""
        self.choose(known.get(before, next(iter(self.report.findings), None)))
