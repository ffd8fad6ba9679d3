"""What feeds the panels: a live engine, a client database or a capture, one at a time.

The feed tells which files there are, that something in them has changed, and what the situation is. It does not read
rows: each panel opens the files for itself.
"""

import tempfile
from collections.abc import Sequence
from pathlib import Path

from PySide6.QtCore import QObject, QTimer, Signal

from inspector.analysis.opening import OpenedCapture, OpenedDatabase, open_file
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
        self._work: tempfile.TemporaryDirectory[str] | None = None
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
        if self._work is not None:
            self._work.cleanup()
            self._work = None

    def shut_down(self) -> None:
        """The end: nothing runs any more when this returns."""
        self._background.close()
        self.close()

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
        database = Path(hello.client_database)
        self._show_files(Files(Path(hello.capture), lambda: ClientDatabaseReader(database)))

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
        self._work = tempfile.TemporaryDirectory(prefix="powersync-inspector-", ignore_cleanup_errors=True)
        work = Path(self._work.name)

        def done(opened: OpenedDatabase | OpenedCapture) -> None:
            if self.source is source:
                self._show_opened(opened)

        def failed(error: InspectorError) -> None:
            if self.source is source:
                self._situate(Unreadable(control.Problem(error.what, error.why, error.next_step)))

        self._background.run(lambda: open_file(source.path, work=work), done, failed)

    def _show_opened(self, opened: OpenedDatabase | OpenedCapture) -> None:
        if isinstance(opened, OpenedDatabase):
            self._evidence = opened.evidence
            self._show_files(Files(None, opened.evidence.open_reader))
        elif (replayed := opened.database) is not None:
            self._show_files(Files(opened.capture, lambda: ClientDatabaseReader(replayed)))
        else:
            self._show_files(Files(opened.capture, None, str(opened.no_database or "")))
        self._situate(opened.summary)
        self.data_changed.emit()

    # All

    def _show_files(self, files: Files) -> None:
        self.files = files
        self.files_changed.emit()

    def _situate(self, situation: Situation) -> None:
        self.situation = situation
        self.situation_changed.emit()
