"""Checking each operation's checksum off the window's thread, with progress and cancel."""

import time

from PySide6.QtCore import QObject, Signal

from inspector.analysis.operation_checks import OperationChecks, check_capture, check_database
from inspector.protocol.errors import InspectorError
from inspector.ui.background import Background
from inspector.ui.feed import Feed
from inspector.ui.readers import Readers

_TELL_SECONDS = 0.1


class Checking(QObject):
    """One run at a time; `checks` holds the results by bucket until another source is opened."""

    changed = Signal()
    """Results, or a run has begun or ended."""
    progressed = Signal(int, int)
    """Operations checked of how many, 0 where that is not known; from any thread."""

    def __init__(self, feed: Feed, parent: QObject) -> None:
        super().__init__(parent)
        self._feed = feed
        self._background = Background(self)
        self._cancelled = False
        self.running = False
        self.checks: dict[str, OperationChecks] = {}
        self.problem = ""
        """Why the last run came to no end, as sentences."""
        feed.files_changed.connect(self._forget)
        feed.database_changed.connect(self._forget)
        feed.closing.connect(self._close)

    def run(self, buckets: list[str], *, all_buckets: bool) -> None:
        """Check the operations of `buckets`; `all_buckets` says that there are no others."""
        if self.running:
            return
        files = self._feed.files
        self.running, self._cancelled, self.problem = True, False, ""
        found: dict[str, OperationChecks] = {}

        def check() -> bool:
            readers = Readers(files)
            try:
                return self._check(readers, buckets, all_buckets, found)
            finally:
                readers.close()

        def done(whole: bool) -> None:
            self.running = False
            if files == self._feed.files and whole:
                for bucket in buckets:
                    self.checks[bucket] = found.get(bucket, OperationChecks())
            self.changed.emit()

        def failed(error: InspectorError) -> None:
            self.running, self.problem = False, str(error)
            self.changed.emit()

        self._background.run(check, done, failed)
        self.changed.emit()

    def cancel(self) -> None:
        """End the run; its results are dropped."""
        self._cancelled = True

    def _check(
        self, readers: Readers, buckets: list[str], all_buckets: bool, found: dict[str, OperationChecks]
    ) -> bool:
        database, capture = readers.database, readers.capture
        kept = database.summary(fast=True).operations if database is not None else 0
        received = capture.evidence.received_operations() if capture is not None else 0
        total = kept + received if all_buckets else 0
        begun, told = 0, 0.0

        def progressed(done: int) -> bool:
            nonlocal told
            now = time.monotonic()
            if now - told >= _TELL_SECONDS:
                told = now
                self.progressed.emit(begun + done, total)
            return not (self._cancelled or self._background.closed)

        if database is not None:
            if not check_database(database, buckets, found, progressed):
                return False
            begun = kept
        wanted = None if all_buckets else buckets
        return capture is None or check_capture(capture, wanted, found, progressed)

    def _forget(self) -> None:
        self.cancel()
        self.checks = {}
        self.changed.emit()

    def _close(self) -> None:
        self.cancel()
        self._background.close()
