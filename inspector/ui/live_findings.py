"""The checks of both files of a session that goes on: off the window's thread, a little at a time."""

import time
from collections.abc import Callable
from functools import partial
from pathlib import Path

from PySide6.QtCore import QObject, QTimer, Signal

from inspector.analysis.finding_types import CheckResult, Material, Progress, Stopped
from inspector.analysis.live_examination import Lane, LiveExamination
from inspector.analysis.situations import Live
from inspector.protocol.errors import InspectorError
from inspector.ui.background import Background
from inspector.ui.feed import Feed
from inspector.ui.live_session import LiveSession
from inspector.ui.other_findings import OtherFindings
from inspector.ui.readers import Readers
from inspector.ui.sources import Files

_FIRST_MS, _WAIT_MS, _TROUBLE_MS = 500, 1_000, 5_000


class LiveFindings(QObject):
    """Of the client that is shown, in `others` of the rest; what was found is kept until its session ends."""

    changed = Signal()
    progressed = Signal()
    """Other frames are left than before."""

    def __init__(self, feed: Feed, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._feed = feed
        self._background = Background(self)
        self._readers: Readers | None = None
        self._examinations: dict[Path, LiveExamination] = {}
        self._generation = 0
        self.results: tuple[CheckResult, ...] = ()
        self.frames_left = 0
        """Frames that came and were not looked at yet."""
        self._timers = {lane: QTimer(self, singleShot=True) for lane in Lane}
        for lane, timer in self._timers.items():
            timer.timeout.connect(partial(self._take_turn, lane))
        self.others = OtherFindings(feed, self._background, self._examination_of, self)
        feed.files_changed.connect(self._start_anew)
        feed.database_changed.connect(self._start_anew)

    def close(self) -> None:
        """Let go of the files."""
        self._interrupt()
        self.others.interrupt()
        self._background.close(self._close_all)

    def _examination_of(self, session: LiveSession) -> LiveExamination:
        return self._examinations.setdefault(session.files.capture or session.capture, LiveExamination())

    def _start_anew(self) -> None:
        self._interrupt()
        self._background.run(self._close_readers, lambda _: None)
        captures = {session.capture for session in self._feed.sessions}
        self._examinations = {path: it for path, it in self._examinations.items() if path in captures}
        live = isinstance(self._feed.situation, Live) or self._feed.active is not None
        capture = self._feed.present.capture if live else None
        known = self._examinations.get(capture) if capture is not None else None
        self.results, self.frames_left = (known.results, 0) if known is not None else ((), 0)
        if capture is not None:
            for timer in self._timers.values():
                timer.start(_FIRST_MS)

    def _interrupt(self) -> None:
        self._generation += 1
        for timer in self._timers.values():
            timer.stop()
        if self._readers is not None and self._readers.database is not None:
            self._readers.database.interrupt()

    def _take_turn(self, lane: Lane) -> None:
        files, situation, timer = self._feed.present, self._feed.situation, self._timers[lane]
        if files.capture is None:
            return
        if not isinstance(situation, Live) or (lane is Lane.DATABASE and situation.status.first_sync):
            timer.start(_WAIT_MS)  # half a first sync tells nothing of its rows yet
            return
        examination = self._examinations.setdefault(files.capture, LiveExamination())
        generation = self._generation

        def done(turn: tuple[float, int] | None) -> None:
            if generation != self._generation or turn is None:
                return
            pause, left = turn
            timer.start(int(pause * 1000))
            if left != self.frames_left:
                self.frames_left = left
                self.progressed.emit()
            if examination.results != self.results:
                self.results = examination.results
                self.changed.emit()

        def failed(_: InspectorError) -> None:
            if generation == self._generation:
                self._background.run(self._close_readers, lambda _: None)
                timer.start(_TROUBLE_MS)

        self._background.run(self._turn(lane, files, situation, examination), done, failed)

    def _turn(
        self, lane: Lane, files: Files, situation: Live, examination: LiveExamination
    ) -> Callable[[], tuple[float, int] | None]:
        generation = self._generation

        def turn() -> tuple[float, int] | None:
            if generation != self._generation:
                return None
            if self._readers is None:
                self._readers = Readers(files)
                examination.reopened()
            readers = self._readers
            progress = Progress(lambda: self._generation == generation)
            material = Material(
                situation, time.time_ns(), database=readers.database, capture=readers.capture, progress=progress
            )
            try:
                pause = examination.turn(lane, material)
            except Stopped:
                return None
            newest = readers.capture.frame_count() if readers.capture is not None else 0
            return pause, examination.frames_left(newest)

        return turn

    def _close_all(self) -> None:
        self._close_readers()
        self.others.close_readers()

    def _close_readers(self) -> None:
        if self._readers is not None:
            readers, self._readers = self._readers, None
            readers.close()
