"""What feeds the panels: a live engine, a client database or a capture, one at a time.

The feed tells which files there are, that something in them has changed, and what the situation is. It does not read
rows: each panel opens the files for itself.
"""

import tempfile
from collections.abc import Sequence
from pathlib import Path

from PySide6.QtCore import QObject, QTimer, Signal

from inspector.analysis.opening import OpenedCapture, OpenedDatabase, open_file, rebuild_database
from inspector.analysis.state import EngineGone, Live, NothingOpen, Opening, Situation, Unreadable
from inspector.engine import control
from inspector.protocol.errors import InspectorError
from inspector.store.evidence import Evidence
from inspector.store.reader import ClientDatabaseReader
from inspector.ui.background import Background
from inspector.ui.engine_process import ENGINE_COMMAND, EngineProcess
from inspector.ui.sources import Files, FileSource, LiveSource, Source

_THROTTLE_MS = 50


class Feed(QObject):
    """The source that is open, what it knows of itself, and when its files change."""

    source_changed = Signal()
    """Another source, or none."""
    situation_changed = Signal()
    files_changed = Signal()
    """The files are others now: forget what was read."""
    database_changed = Signal()
    """The client database is another one now, the capture is not."""
    data_changed = Signal()
    """There is more in the files, or other; at most 20 times a second."""

    def __init__(self, engine_command: Sequence[str] = ENGINE_COMMAND, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.source: Source | None = None
        self.situation: Situation = NothingOpen()
        self.files = Files()
        self._engine_command = engine_command
        self._engine: EngineProcess | None = None
        self._known: tuple[int, int] | None = None
        self._background = Background(self)
        self._evidence: Evidence | None = None
        self._work: list[tempfile.TemporaryDirectory[str]] = []
        self._throttle = QTimer(self, singleShot=True, interval=_THROTTLE_MS)
        self._throttle.timeout.connect(self.data_changed)

    @property
    def status(self) -> control.Status | None:
        """The engine's last word while there is a connection; None for files."""
        return self.situation.status if isinstance(self.situation, Live) else None

    def open(self, source: Source) -> None:
        """Show `source` in place of what is open."""
        self.close()
        self.source = source
        self.source_changed.emit()
        if isinstance(source, LiveSource):
            self._start_engine(source)
        else:
            self._open_file(source)

    def close(self) -> None:
        """Show nothing; the engine is stopped, and the panels let go of the files."""
        self._stop_engine()
        self.source = None
        self._show_files(Files())
        self._situate(NothingOpen())
        if self._evidence is not None:
            self._evidence.close()
            self._evidence = None
        if not self._background.busy:
            self._clear_work()

    def shut_down(self) -> None:
        """The end: nothing runs any more when this returns."""
        self._background.close()
        self.close()
        self._clear_work()

    def send(self, command: control.Command) -> None:
        """Tell the engine; without one nothing happens."""
        if self._engine is not None:
            self._engine.send(command)

    def restart_engine(self) -> None:
        """Start the engine anew on the same two files."""
        if isinstance(self.source, LiveSource):
            self._stop_engine()
            self._start_engine(self.source)

    @property
    def busy(self) -> bool:
        """Whether a file is being opened, or buckets are being rebuilt."""
        return self._background.busy

    @property
    def engine_process_id(self) -> int:
        """0 when no engine runs."""
        return self._engine.process_id if self._engine is not None else 0

    # A live engine

    def _start_engine(self, source: LiveSource) -> None:
        engine = EngineProcess(self._engine_command, self)
        engine.greeted.connect(self._greeted)
        engine.status.connect(self._take_status)
        engine.gone.connect(self._engine_gone)
        self._engine = engine
        self._known = None
        phase: control.Phase = "connecting" if source.start.connect else "idle"
        self._situate(Live(control.Status(phase=phase, endpoint=source.start.endpoint)))
        engine.start(source.start)

    def _stop_engine(self) -> None:
        if self._engine is not None:
            engine, self._engine = self._engine, None
            engine.stop()
            engine.deleteLater()

    def _greeted(self, hello: control.Hello) -> None:
        database, capture = Path(hello.client_database), Path(hello.capture)
        files = Files(capture, lambda: ClientDatabaseReader(database))
        if capture == self.files.capture:  # the engine was restarted: who reads on keeps the place
            self.files = files
            self.database_changed.emit()
            self.data_changed.emit()
        else:
            self._show_files(files)

    def _take_status(self, status: control.Status) -> None:
        self._situate(Live(status))
        known = status.frames, status.revision
        if known != self._known:
            self._known = known
            if not self._throttle.isActive():
                self._throttle.start()

    def _engine_gone(self, problem: control.Problem) -> None:
        self._stop_engine()
        self._situate(EngineGone(problem))
        self.data_changed.emit()

    # A file

    def _open_file(self, source: FileSource) -> None:
        self._situate(Opening(source.path.name))
        folder = tempfile.TemporaryDirectory(prefix="powersync-inspector-", ignore_cleanup_errors=True)
        self._work.append(folder)

        def done(opened: OpenedDatabase | OpenedCapture) -> None:
            if self.source is source:
                self._show_opened(opened)
            elif isinstance(opened, OpenedDatabase):
                opened.evidence.close()

        def failed(error: InspectorError) -> None:
            if self.source is source:
                self._situate(Unreadable(control.Problem(error.what, error.why, error.next_step)))

        self._background.run(lambda: open_file(source.path, work=Path(folder.name)), done, failed)

    def _show_opened(self, opened: OpenedDatabase | OpenedCapture) -> None:
        if isinstance(opened, OpenedDatabase):
            self._evidence = opened.evidence
            self._show_files(Files(None, opened.evidence.open_reader))
        else:
            self._show_files(Files(opened.path, None, self.tr("The buckets are being rebuilt from the frames.")))
            self._rebuild(opened.path)
        self._situate(opened.summary)
        self.data_changed.emit()

    def _rebuild(self, capture: Path) -> None:
        """Make the client database that the frames of `capture` made; its frames are shown meanwhile."""
        files, work = self.files, Path(self._work[-1].name)

        def wanted() -> bool:
            return self.files is files and not self._background.closed

        def show(files_now: Files) -> None:
            if wanted():
                self.files = files_now
                self.database_changed.emit()

        self._background.run(
            lambda: rebuild_database(capture, work, wanted),
            lambda database: show(Files(capture, lambda: ClientDatabaseReader(database))),
            lambda error: show(Files(capture, None, str(error))),
        )

    def _clear_work(self) -> None:
        while self._work:
            self._work.pop().cleanup()

    # All

    def _show_files(self, files: Files) -> None:
        self.files = files
        self.files_changed.emit()

    def _situate(self, situation: Situation) -> None:
        self.situation = situation
        self.situation_changed.emit()
