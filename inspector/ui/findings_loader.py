"""The findings of the open source, made anew as the source changes, and the one that is looked at.

A file is checked once, a check at a time and off the window's thread: its findings appear as they are found, and
the checks can be stopped. What a live connection knows of itself is looked at each second, and what it has recorded
and stored by `LiveFindings`.
"""

import time
from collections.abc import Callable

from PySide6.QtCore import QObject, QTimer, Signal

from inspector.analysis.checking import Checking, CheckingHere, check_capture, checks_of_capture
from inspector.analysis.examination import concluded, material_of
from inspector.analysis.finding_types import (
    BucketFacts,
    Check,
    CheckResult,
    CheckState,
    Finding,
    Material,
    Progress,
    Report,
    Stopped,
)
from inspector.analysis.findings import all_checks, find, report_of, waiting
from inspector.analysis.state import CaptureFile, DatabaseFile, Live
from inspector.ui.background import Background
from inspector.ui.bucket_loader import BucketLoader
from inspector.ui.feed import Feed
from inspector.ui.live_findings import LiveFindings
from inspector.ui.sources import Files

_TICK_MS = 1000
_PROGRESS_MS = 200
_EMPTY = Report()
_LARGE = 100_000
"""Operations."""


class FindingsLoader(QObject):
    """Follows the feed and the buckets."""

    changed = Signal()
    chosen_changed = Signal()
    progressed = Signal()
    """The checks have come further."""

    def __init__(self, feed: Feed, buckets: BucketLoader, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._feed, self._buckets = feed, buckets
        self.report = _EMPTY
        self.chosen: Finding | None = None
        self.by_hand = False
        """Whether the user has chosen it, and not only the top one is shown."""
        self.progress = Progress()
        self._results: dict[str, CheckResult] = {}
        self._files: Files | None = None
        """Those that are being checked, or were."""
        self._generation = 0
        self._begun = 0.0
        self._background = Background(self)
        self._checking: Checking | None = None
        self._imported = False
        self._due = QTimer(self, singleShot=True, interval=100)
        self._due.timeout.connect(self._find_when_imported)
        feed.files_changed.connect(self._forget)
        feed.situation_changed.connect(self._want)
        buckets.changed.connect(self._want)
        self.live = LiveFindings(feed, self)
        self.live.changed.connect(self._want)
        self.live.progressed.connect(self.progressed)
        feed.closing.connect(self.close)
        # What is normal for some seconds is not for ever.
        clock = QTimer(self, interval=_TICK_MS)
        clock.timeout.connect(lambda: self._want() if feed.status is not None else None)
        clock.start()
        self._ticking = QTimer(self, interval=_PROGRESS_MS)
        self._ticking.timeout.connect(self.progressed)

    @property
    def ready(self) -> bool:
        """Whether the present source has been looked at."""
        return bool(self.report.results) and not self.report.waiting

    @property
    def running(self) -> bool:
        """Whether the checks of a file are under way."""
        return self.report.waiting > 0

    def choose(self, finding: Finding | None) -> None:
        """Look at this one: the user has chosen it."""
        if finding != self.chosen:
            self.by_hand = True
            self._look_at(finding)

    def _look_at(self, finding: Finding | None) -> None:
        if finding != self.chosen:
            self.chosen = finding
            self.chosen_changed.emit()

    def stop(self) -> None:
        """Leave out the checks that have not run yet."""
        if not self.running:
            return
        self._interrupt()
        self._files = self._feed.present
        remark = self.tr("It was stopped before it had run to its end.")
        for name, result in self._results.items():
            if result.state is CheckState.WAITS:
                self._results[name] = CheckResult(result.check, CheckState.NOT_RUN, remark=remark)
        self._conclude()

    def run_again(self) -> None:
        """Run the checks of the file anew."""
        self._forget()
        self._want()

    def close(self) -> None:
        """Let go of the files."""
        self._interrupt()
        self.live.close()
        self._background.close(self._close_checking)

    # Files

    def _forget(self) -> None:
        """The files are others now."""
        self._interrupt()
        self._background.run(self._close_checking, lambda _: None)
        self._files, self._results = None, {}

    def _interrupt(self) -> None:
        self._generation += 1
        self._ticking.stop()
        if (checking := self._checking) is not None:
            checking.stop()

    def _check_file(self, situation: DatabaseFile | CaptureFile) -> None:
        files, generation = self._feed.present, self._generation
        self._files, self._begun = files, time.monotonic()
        self.progress = progress = Progress(lambda: self._generation == generation)
        results = waiting(situation)
        if isinstance(situation, CaptureFile):
            # What the buckets tell comes with them, and is looked at on this thread.
            results = [CheckResult(check, CheckState.WAITS) for check in checks_of_capture(situation)]
        self._results = {result.check.name: result for result in results}
        self._ticking.start()

        def prepare() -> None:
            self._checking = checking = _checking_of(situation, files, progress)
            if self._generation != generation:
                checking.stop()

        def failed(error: Exception) -> None:
            if self._generation == generation:
                for name, result in self._results.items():
                    self._results[name] = CheckResult(result.check, CheckState.NOT_RUN, remark=str(error))
                self._conclude()

        self._background.run(prepare, lambda _: None, failed)
        for result in results:
            self._background.run(self._running(result.check, generation), lambda it: self._ran(generation, it))

    def _running(self, check: Check, generation: int) -> Callable[[], CheckResult | None]:
        def run() -> CheckResult | None:
            if self._generation != generation or self._checking is None:
                return None
            try:
                return self._checking.run(check)
            except Stopped:
                return None

        return run

    def _ran(self, generation: int, result: CheckResult | None) -> None:
        if self._generation != generation or result is None:
            return
        self._results[result.check.name] = result
        if any(each.state is CheckState.WAITS for each in self._results.values()):
            self._want()
        else:
            self._conclude()

    def _conclude(self) -> None:
        self._ticking.stop()
        self._find()
        situation = self._feed.situation
        if isinstance(situation, DatabaseFile | CaptureFile):
            seconds = time.monotonic() - self._begun
            unchanged = self._feed.is_as_opened()
            operations = self.progress.operations if isinstance(situation, DatabaseFile) else None
            self._feed.tell(concluded(situation, self.report, seconds, unchanged=unchanged, operations=operations))

    def _close_checking(self) -> None:
        if self._checking is not None:
            checking, self._checking = self._checking, None
            checking.close()

    # All

    def _want(self) -> None:
        if not self._due.isActive():
            self._due.start()

    def _find_when_imported(self) -> None:
        """The window comes up without the checks, whose code another thread fetches then."""
        if self._imported:
            self._find()
        else:
            self._background.run(all_checks, lambda _: self._came())

    def _came(self) -> None:
        if not self._imported:
            self._imported = True
            self._find()

    def _find(self) -> None:
        situation = self._feed.situation
        report = _EMPTY
        if isinstance(situation, DatabaseFile | CaptureFile) and not self._is_looked_at(situation):
            if isinstance(situation, DatabaseFile) and situation.operations > _LARGE and self._buckets.busy:
                # Two scans of a large file at a time make both late, and the buckets are looked at first.
                self._results = {result.check.name: result for result in waiting(situation)}
                self._want()
            else:
                self._check_file(situation)
        match situation:
            case DatabaseFile():
                report = report_of(self._results.values())
            case CaptureFile():
                # The database that is rebuilt from a capture is another file than the capture itself.
                report = report_of((*self._results.values(), *self._at_hand().results))
            case Live():
                report = report_of((*self._at_hand().results, *self.live.results))
        if report != self.report:
            self.report = report
            self._keep_chosen()
            self.changed.emit()

    def _is_looked_at(self, situation: DatabaseFile | CaptureFile) -> bool:
        files, present = self._files, self._feed.present
        if isinstance(situation, CaptureFile):  # another database that is made of it changes nothing in it
            return files is not None and files.capture == present.capture
        return files is present

    def _at_hand(self) -> Report:
        """What needs no file to be read on purpose."""
        snapshot = self._buckets.present
        buckets = [bucket for _, group in snapshot.streams for bucket in group] if snapshot is not None else []
        facts = tuple(BucketFacts(bucket.name.full, bucket.operations, bucket.rows) for bucket in buckets)
        summary = snapshot.summary if snapshot is not None else None
        return find(Material(self._feed.situation, time.time_ns(), summary, facts))

    def _keep_chosen(self) -> None:
        known = {finding.name: finding for finding in self.report.findings}
        before = self.chosen.name if self.chosen is not None and self.by_hand else ""
        self.by_hand = before in known
        self._look_at(known.get(before, next(iter(self.report.findings), None)))


def _checking_of(situation: DatabaseFile | CaptureFile, files: Files, progress: Progress) -> Checking:
    if isinstance(situation, CaptureFile):
        assert files.capture is not None
        return check_capture(situation, files.capture, progress)
    assert files.open_database is not None
    database = files.open_database()
    try:
        return CheckingHere(material_of(situation, database, progress))
    except BaseException:
        database.close()
        raise
