"""Reads the buckets from both files, off the window's thread, as often as it costs little."""

import time
from collections.abc import Callable

import msgspec
from msgspec import Struct
from PySide6.QtCore import QObject, QTimer, Signal

from inspector.analysis.past_database import PastDatabase
from inspector.capture.reader import CaptureReader
from inspector.capture.rows import ConnectionRow, OperationKinds
from inspector.protocol.errors import InspectorError
from inspector.protocol.request import RequestedSubscription, StreamsRequest
from inspector.ui.background import Background
from inspector.ui.bucket_state import BucketSnapshot, Failures, put_together
from inspector.ui.feed import Feed
from inspector.ui.readers import Readers
from inspector.ui.sources import Files

_SHORTEST_PAUSE_MS = 150
_FRAMES_AT_ONCE = 100_000
_SHARE = 10
"""Reading takes at most one part in so many of a core: an inspector may not slow what it looks at."""


class _Kinds:
    """What kinds of operations came, summed up as the capture grows; a long capture is taken in parts."""

    def __init__(self) -> None:
        self._last = 0
        self.complete = False
        self.sums: dict[str, OperationKinds] = {}

    def add_new(self, capture: CaptureReader, newest: int) -> None:
        last = min(newest, self._last + _FRAMES_AT_ONCE)
        for bucket, kinds in capture.operation_kinds(self._last, last).items():
            known = self.sums.get(bucket)
            self.sums[bucket] = kinds if known is None else known + kinds
        self._last, self.complete = last, last == newest


def _snapshot(readers: Readers, past: PastDatabase | None, kinds: _Kinds, fast: bool) -> BucketSnapshot:
    database, capture = readers.database, readers.capture
    local = database.buckets(fast=fast) if database is not None else []
    summary = database.summary(fast=fast) if database is not None else None
    if capture is None:
        kinds.complete = True
        return put_together(local, {}, {}, summary, has_capture=False)
    last = capture.frame_count() if past is None else past.frame
    failed: dict[str, Failures] = {}
    for mismatch in capture.mismatches():
        if (mismatch.frame or 0) <= last:
            times = failed.get(mismatch.bucket, Failures()).count + 1
            failed[mismatch.bucket] = Failures(times, mismatch.expected)
    kinds.add_new(capture, last)
    if past is not None:
        expected = capture.expected_buckets(past.checkpoint_id or 0)
        connection = capture.connection_of_frame(last)
    else:
        expected, connection = capture.expected_buckets(), capture.last_connection()
    return put_together(
        local,
        expected,
        failed,
        summary,
        has_capture=True,
        received=dict(kinds.sums) if kinds.complete else None,
        subscriptions=_subscriptions(connection),
    )


def _subscriptions(connection: ConnectionRow | None) -> tuple[RequestedSubscription, ...]:
    if connection is None:
        return ()
    try:
        return msgspec.json.decode(connection.request, type=_Request).streams.subscriptions
    except msgspec.MsgspecError:
        return ()


class _Request(Struct):
    """The part of a request that names subscriptions."""

    streams: StreamsRequest = StreamsRequest()


class BucketLoader(QObject):
    """The newest snapshot of the buckets; None while there is nothing to read."""

    changed = Signal()

    def __init__(self, feed: Feed, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._feed = feed
        self._background = Background(self)
        self._readers: Readers | None = None
        self._kinds = _Kinds()
        self._wanted = False
        self._loading = 0
        """How many snapshots are under way: files that are given up are still being read."""
        self.snapshot: BucketSnapshot | None = None
        self.present: BucketSnapshot | None = None
        """The newest one of now, which `snapshot` is too unless a past moment's data are shown."""
        self.problem = ""
        """Why the files cannot be read, as sentences."""
        self._pause = QTimer(self, singleShot=True)
        self._pause.timeout.connect(self._load_if_wanted)
        feed.files_changed.connect(self._forget)
        feed.database_changed.connect(self._start_anew)
        feed.data_changed.connect(self._want)

    @property
    def busy(self) -> bool:
        """Whether a newer snapshot is under way."""
        return self._loading > 0 or self._wanted

    def close(self) -> None:
        """Let go of the files."""
        self._pause.stop()
        self._background.close(self._close_readers)

    def _forget(self) -> None:
        self.present = None
        self._start_anew()

    def _start_anew(self) -> None:
        self.snapshot, self.problem = None, ""
        self.changed.emit()
        self._background.run(self._close_readers, lambda _: None)
        if self._feed.files != Files():
            self._load(fast=True)
            self._want()

    def _want(self) -> None:
        self._wanted = True
        if not self._loading and not self._pause.isActive():
            self._load_if_wanted()

    def _load_if_wanted(self) -> None:
        if self._wanted:
            self._load(fast=False)

    def _load(self, *, fast: bool) -> None:
        files = self._feed.files
        self._wanted = False
        if files == Files():
            return
        self._loading += 1
        self._background.run(
            self._reading(files, fast), lambda result: self._loaded(files, *result), lambda e: self._failed(files, e)
        )

    def _reading(self, files: Files, fast: bool) -> Callable[[], tuple[BucketSnapshot, float]]:
        def read() -> tuple[BucketSnapshot, float]:
            begun = time.monotonic()
            if self._readers is None:
                self._readers = Readers(files)
                self._kinds = _Kinds()
            snapshot = _snapshot(self._readers, files.past, self._kinds, fast)
            return snapshot, time.monotonic() - begun

        return read

    def _loaded(self, files: Files, snapshot: BucketSnapshot, seconds: float) -> None:
        self._loading -= 1
        if files == self._feed.files:
            self.snapshot, self.problem = snapshot, ""
            if files.past is None:
                self.present = snapshot
            self.changed.emit()
            self._wanted = self._wanted or not self._kinds.complete
        self._pause.start(max(_SHORTEST_PAUSE_MS, int(seconds * 1000 * _SHARE)))

    def _failed(self, files: Files, error: InspectorError) -> None:
        self._loading -= 1
        if files == self._feed.files:
            self.problem = str(error)
            self.changed.emit()
        self._pause.start(1000)

    def _close_readers(self) -> None:
        if self._readers is not None:
            self._readers.close()
            self._readers = None
