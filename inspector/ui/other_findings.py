"""What the checks find of the clients that sync and are not shown: the same checks, at a third of the share.

They take their turns on the thread of the shown client's checks, so that an examination is never in two hands when
another client is chosen.
"""

import time
from collections.abc import Callable

from PySide6.QtCore import QObject, QTimer, Signal

from inspector.analysis.finding_types import Finding, Material, Progress, Stopped
from inspector.analysis.findings import report_of
from inspector.analysis.live_examination import Lane, LiveExamination
from inspector.analysis.situations import Live
from inspector.protocol.errors import InspectorError
from inspector.ui.background import Background
from inspector.ui.feed import Feed
from inspector.ui.live_session import LiveSession
from inspector.ui.readers import Readers

_FIRST_MS, _TROUBLE_MS = 2_000, 10_000
_PATIENCE = 3
"""By how much the pauses are longer than for the shown client."""

ExaminationOf = Callable[[LiveSession], LiveExamination]


class OtherFindings(QObject):
    """Follows the feed. `examination_of` gives the examination of a client, which goes on when it is shown."""

    changed = Signal()

    def __init__(
        self, feed: Feed, background: Background, examination_of: ExaminationOf, parent: QObject | None = None
    ) -> None:
        super().__init__(parent)
        self._feed, self._background, self._examination_of = feed, background, examination_of
        self._watches: dict[LiveSession, _Watch] = {}
        feed.sessions_changed.connect(self._follow)
        feed.source_changed.connect(self._follow)

    def of(self, session: LiveSession) -> tuple[Finding, ...]:
        """The findings of a client that is not shown, worst first."""
        watch = self._watches.get(session)
        return () if watch is None else watch.findings

    def interrupt(self) -> None:
        """Have turns that are under way come to their end."""
        for watch in self._watches.values():
            watch.end()

    def close_readers(self) -> None:
        """Let go of all files; on the thread, or when it is closed."""
        for watch in self._watches.values():
            watch.close_readers()

    def _follow(self) -> None:
        wanted = [session for session in self._feed.sessions if session is not self._feed.active]
        for session in [session for session in self._watches if session not in wanted]:
            watch = self._watches.pop(session)
            watch.end()
            self._background.run(watch.close_readers, lambda _, gone=watch: gone.deleteLater())  # type: ignore[misc]
        for session in wanted:
            if session not in self._watches:
                self._watches[session] = watch = _Watch(session, self._background, self._examination_of, self)
                watch.changed.connect(self.changed)
        self.changed.emit()


class _Watch(QObject):
    """One client that is not shown: both of its files in turn."""

    changed = Signal()

    def __init__(
        self, session: LiveSession, background: Background, examination_of: ExaminationOf, parent: QObject
    ) -> None:
        super().__init__(parent)
        self._session, self._background, self._examination_of = session, background, examination_of
        self.findings: tuple[Finding, ...] = ()
        self._readers: Readers | None = None
        self._lane = Lane.DATABASE
        self._over = False
        self._timer = QTimer(self, singleShot=True)
        self._timer.timeout.connect(self._take_turn)
        session.files_changed.connect(self._reopen)
        session.database_changed.connect(self._reopen)
        if session.files.capture is not None:
            self.findings = self._found()
        self._timer.start(_FIRST_MS)

    def end(self) -> None:
        """Take no turn any more; `close_readers` on the thread lets go of the files."""
        self._over = True
        self._timer.stop()
        if self._readers is not None and self._readers.database is not None:
            self._readers.database.interrupt()

    def close_readers(self) -> None:
        """Let go of the files; on the thread."""
        readers, self._readers = self._readers, None
        if readers is not None:
            readers.close()

    def _reopen(self) -> None:
        if not self._over:
            self._background.run(self.close_readers, lambda _: None)

    def _take_turn(self) -> None:
        situation = self._session.situation
        if not isinstance(situation, Live) or self._session.files.capture is None:
            self._timer.start(_FIRST_MS)
            return
        self._lane = Lane.DATABASE if self._lane is Lane.CAPTURE else Lane.CAPTURE
        if situation.status.first_sync:  # half of it tells nothing of the rows yet
            self._lane = Lane.CAPTURE
        self._background.run(self._turn(situation, self._lane), self._took_turn, self._failed)

    def _turn(self, situation: Live, lane: Lane) -> Callable[[], float | None]:
        files, examination = self._session.files, self._examination_of(self._session)

        def turn() -> float | None:
            if self._over:
                return None
            if self._readers is None:
                self._readers = Readers(files)
                examination.reopened()
            readers, progress = self._readers, Progress(lambda: not self._over)
            material = Material(
                situation, time.time_ns(), database=readers.database, capture=readers.capture, progress=progress
            )
            try:
                return examination.turn(lane, material)
            except Stopped:
                return None

        return turn

    def _took_turn(self, pause: float | None) -> None:
        if pause is None or self._over:
            return
        self._timer.start(int(pause * _PATIENCE * 1000))
        found = self._found()
        if found != self.findings:
            self.findings = found
            self.changed.emit()

    def _failed(self, _: InspectorError) -> None:
        if not self._over:
            self._reopen()
            self._timer.start(_TROUBLE_MS)

    def _found(self) -> tuple[Finding, ...]:
        return report_of(self._examination_of(self._session).results).findings
