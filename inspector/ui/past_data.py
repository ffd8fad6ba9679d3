"""The client database of the chosen moment: rebuilt off the window's thread, and shown by every panel that can."""

import tempfile
import threading
from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, QTimer, Signal

from inspector.analysis.past_database import PastDatabase, SessionTables
from inspector.analysis.situations import PastData
from inspector.capture.reader import CaptureReader
from inspector.capture.rows import CheckpointRow
from inspector.engine.control import Problem
from inspector.protocol.errors import InspectorError
from inspector.ui.background import Background
from inspector.ui.feed import Feed
from inspector.ui.selection import Selection

if TYPE_CHECKING:
    from inspector.analysis.past_databases import PastDatabases

_SETTLE_MS = 120
"""Who drags over the timeline does not want each moment rebuilt."""
_TELL_MS = 100
_NOT_ASKED = PastData()


class PastDataLoader(QObject):
    """Once asked for, it follows the chosen moment until the user goes back to now."""

    changed = Signal()

    def __init__(self, feed: Feed, selection: Selection, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._feed, self._selection = feed, selection
        self.state = _NOT_ASKED
        self._asked_for = False
        self._background = Background(self)
        self._stop = threading.Event()
        self._progress = (0, 0)
        self._databases: PastDatabases | None = None
        self._folder: tempfile.TemporaryDirectory[str] | None = None
        self._settled = QTimer(self, singleShot=True, interval=_SETTLE_MS)
        self._settled.timeout.connect(self._rebuild)
        self._teller = QTimer(self, interval=_TELL_MS)
        self._teller.timeout.connect(self._tell_progress)
        selection.moment_changed.connect(self._follow)
        feed.files_changed.connect(self._forget)
        feed.closing.connect(self.close)

    @property
    def asked_for(self) -> bool:
        """Whether the panels show the data of the chosen moment, or are about to."""
        return self._asked_for

    @property
    def can_show(self) -> bool:
        """Whether there is a moment and a recording to make its data of."""
        return self._selection.moment is not None and self._feed.present.capture is not None

    @property
    def can_show_frame(self) -> bool:
        """Whether, without a moment, the selected frame tells of one."""
        selection = self._selection
        return selection.moment is None and selection.frame is not None and self._feed.present.capture is not None

    def show(self) -> None:
        """Show the data of the chosen moment, or of when the selected frame came, and then of those chosen next."""
        if self.can_show:
            self._asked_for = True
            self._rebuild()
        elif self.can_show_frame:
            self._choose_frames_moment()

    def _choose_frames_moment(self) -> None:
        path, number = self._feed.present.capture, self._selection.frame
        if path is None or number is None:
            return

        def find() -> int | None:
            with CaptureReader(path) as capture:
                return next((row.received_at for row in capture.chosen_frames([number])), None)

        def go(moment: int | None) -> None:
            if moment is not None and self._selection.frame == number and self._selection.moment is None:
                self._selection.choose_moment(moment)
                self.show()

        self._background.run(find, go, lambda _: None)

    def stop(self) -> None:
        """Rebuild no further; the panels show the data of now, the moment stays chosen."""
        self._leave()

    def step(self, by: int) -> None:
        """Go to the checkpoint before (-1) or after (1) the chosen moment, or the newest one from now."""
        path, moment, chosen = self._feed.present.capture, self._selection.moment, self._selection.checkpoint
        if path is None:
            return

        def find() -> CheckpointRow | None:
            with CaptureReader(path) as capture:
                return capture.checkpoints.beside(moment, chosen, by)

        def go(row: CheckpointRow | None) -> None:
            if row is not None and self._selection.moment == moment:
                self._selection.choose_checkpoint(row.id)
                self._selection.choose_frame(row.frame)
                self._selection.choose_moment(row.decided_at)

        self._background.run(find, go, lambda _: None)

    def close(self) -> None:
        """Nothing runs any more when this returns."""
        self._stop.set()
        self._background.close(self._drop)

    def _follow(self) -> None:
        if self._selection.moment is None:
            if self._asked_for:
                self._leave()
        elif self._asked_for:
            self._settled.start()

    def _leave(self) -> None:
        self._end()
        self._feed.show_present()

    def _end(self) -> None:
        self._asked_for = False
        self._settled.stop()
        self._stop.set()
        self._set(_NOT_ASKED)

    def _forget(self) -> None:
        """Other files: what was rebuilt is not of them."""
        self._end()
        self._background.run(self._drop, lambda _: None)

    # Rebuilding

    def _rebuild(self) -> None:
        moment, files = self._selection.moment, self._feed.present
        capture = files.capture
        if moment is None or capture is None:
            return
        self._stop.set()
        stop = self._stop = threading.Event()
        self._progress = (0, 0)
        status = self._feed.status
        schema = Path(status.schema_file) if status is not None and status.schema_file else None
        tables = SessionTables(schema, files.open_database)

        def told(done: int, of: int) -> bool:
            self._progress = done, of
            return not stop.is_set() and not self._background.closed

        def work() -> PastDatabase:
            return self._opened(capture, tables).at(moment, told)

        def done(past: PastDatabase) -> None:
            if stop is self._stop and not stop.is_set():
                self._feed.show_past(past)
                self._set(
                    PastData(
                        "shown",
                        has_local_writes=past.has_local_writes,
                        unknown=past.unknown_writes,
                        strayed_at=past.strayed_at,
                    )
                )

        def failed(error: InspectorError) -> None:
            if stop is self._stop and not stop.is_set():
                self._feed.show_present()
                self._set(PastData("impossible", problem=Problem(error.what, error.why, error.next_step)))

        self._background.run(work, done, failed)
        self._teller.start()

    def _opened(self, capture: Path, tables: SessionTables) -> "PastDatabases":
        """On the other thread; what was rebuilt with other tables is of no use."""
        if self._databases is not None and self._databases.tables.schema_file != tables.schema_file:
            self._drop()
        if self._databases is None:
            self._folder = tempfile.TemporaryDirectory(prefix="powersync-inspector-", ignore_cleanup_errors=True)
            from inspector.analysis.past_databases import PastDatabases  # which nobody needs at the start

            self._databases = PastDatabases(capture, Path(self._folder.name), tables)
        return self._databases

    def _drop(self) -> None:
        if self._databases is not None:
            self._databases.close()
            self._databases = None
        if self._folder is not None:
            self._folder.cleanup()
            self._folder = None

    def _tell_progress(self) -> None:
        """Only of what takes long enough to be noticed."""
        if self._stop.is_set() or not self._background.busy:
            self._teller.stop()
            return
        done, of = self._progress
        self._set(PastData("rebuilding", done, of))

    def _set(self, state: PastData) -> None:
        if state.name != "rebuilding":
            self._teller.stop()
        if state != self.state:
            self.state = state
            self.changed.emit()
