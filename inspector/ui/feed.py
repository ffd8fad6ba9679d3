"""What feeds the panels: a live engine, a client database or a capture, one at a time.

The feed tells which files there are, that something in them has changed, and what the situation is. It does not read
rows: each panel opens the files for itself. Where several clients sync, one of them is active: the feed is that one's.
"""

import tempfile
from collections.abc import Callable, Sequence
from dataclasses import replace
from functools import partial
from pathlib import Path

from PySide6.QtCore import QObject, Signal

from inspector.analysis.opening import OpenedCapture, OpenedDatabase, open_file
from inspector.analysis.past_database import PastDatabase
from inspector.analysis.state import CaptureFile, Live, NothingOpen, Opening, Situation, Unreadable
from inspector.engine import control
from inspector.protocol.errors import InspectorError
from inspector.store.evidence import Evidence
from inspector.store.reader import ClientDatabaseReader
from inspector.ui.background import Background
from inspector.ui.departures import Departures
from inspector.ui.engine_process import ENGINE_COMMAND
from inspector.ui.live_session import LiveSession
from inspector.ui.rebuild import Rebuild
from inspector.ui.service_watch import ServiceWatch
from inspector.ui.sources import ClientsSource, Files, FileSource, LiveSource, Source


class Feed(QObject):
    """The source that is open, what it knows of itself, and when its files change."""

    source_changed = Signal()
    """Another source, or none; also another client of the same one."""
    sessions_changed = Signal()
    """Other clients sync now, or none."""
    situation_changed = Signal()
    files_changed = Signal()
    """The files are others now: forget what was read."""
    database_changed = Signal()
    """The client database is another one now, the capture is not."""
    data_changed = Signal()
    """There is more in the files, or other; at most 20 times a second."""
    closing = Signal()
    """The end: whoever has files open lets go of them now."""

    def __init__(self, engine_command: Sequence[str] = ENGINE_COMMAND, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.source: LiveSource | FileSource | None = None
        self.situation: Situation = NothingOpen()
        self.files = Files()
        self.present = Files()
        """The files of now, which `files` are too unless a past moment's data are shown."""
        self.sessions: tuple[LiveSession, ...] = ()
        """The clients that sync; none for files."""
        self.active: LiveSession | None = None
        """The client that is shown."""
        self._departures = Departures(self)
        self._unopened: FileSource | None = None
        self._engine_command = engine_command
        self._service: ServiceWatch | None = None
        self._background = Background(self)
        self.rebuild = Rebuild(self._background, self)
        """Makes the client database of a capture that is opened."""
        self.rebuild.told.connect(self._tell_rebuild)
        self._opened: OpenedDatabase | OpenedCapture | None = None
        self._work: list[tempfile.TemporaryDirectory[str]] = []

    @property
    def status(self) -> control.Status | None:
        """The engine's last word while there is a connection; None for files."""
        return self.situation.status if isinstance(self.situation, Live) else None

    def open(self, source: Source) -> None:
        """Show `source` in place of what is open."""
        self.close()
        match source:
            case LiveSource():
                self._start_sessions((source,))
            case ClientsSource():
                self._start_sessions(source.clients)
            case FileSource():
                self.source = source
                self.source_changed.emit()
                self._situate(Opening(source.path.name))
                self._unopened = source
                # In a turn of its own: panels have just let go of what was open before.
                self._departures.when_gone(source.path, lambda: self._open_file(source))

    def close(self) -> None:
        """Show nothing; engines are stopped, and the panels let go of the files."""
        self._stop_sessions()
        self.rebuild.stop()
        self.source = self._unopened = None
        self._show_files(Files())
        if isinstance(self._opened, OpenedDatabase):
            self._opened.evidence.close()
        self._opened = None
        self._situate(NothingOpen())
        if not self._background.busy:
            self._clear_work()

    def shut_down(self) -> None:
        """The end: nothing runs any more when this returns."""
        self.closing.emit()
        self._background.close()
        self.close()
        self._departures.wait()
        self._clear_work()

    def send(self, command: control.Command) -> None:
        """Tell the engine; without one nothing happens."""
        if self.active is not None:
            self.active.send(command)

    def ask(self, command: control.Command, answered: Callable[[control.Problem | None], None]) -> None:
        """Tell the engine, and hear why it could not be done, or None when it was. Without an engine: nothing."""
        if self.active is not None:
            self.active.ask(command, answered)

    def restart_engine(self) -> None:
        """Start the engine anew on the same two files."""
        if self.active is not None:
            self.active.restart()

    def restart_service(self) -> None:
        """Start the service again, where it is one that this program started and that has ended."""
        if self._service is not None:
            self._service.restart()

    def activate(self, session: LiveSession) -> None:
        """Show this one of the clients that sync."""
        if session is self.active:
            return
        self._leave_active()
        self.active = session
        session.situation_changed.connect(self._follow_situation)
        session.files_changed.connect(self._follow_files)
        session.database_changed.connect(self._follow_database)
        session.data_changed.connect(self.data_changed)
        self.source = session.source
        self.source_changed.emit()
        self._show_files(session.files)
        self._situate(session.situation)
        self.data_changed.emit()

    def tell(self, situation: Situation) -> None:
        """Something more is known of the file that is open."""
        self._situate(situation)

    @property
    def evidence(self) -> Evidence | None:
        """Of the client database that is open as a file; None for other sources."""
        return self._opened.evidence if isinstance(self._opened, OpenedDatabase) else None

    def is_as_opened(self) -> bool:
        """Whether nobody has written to the file that is open, as far as its size, time and first bytes tell."""
        match self._opened:
            case OpenedDatabase(evidence=evidence):
                return evidence.is_as_opened()
            case OpenedCapture():
                return self._opened.is_as_opened()
        return True

    @property
    def busy(self) -> bool:
        """Whether a file is being opened, or buckets are being rebuilt."""
        return self._background.busy or self._unopened is not None

    @property
    def engine_process_id(self) -> int:
        """0 when no engine runs."""
        return self.active.engine_process_id if self.active is not None else 0

    # Live engines

    def _start_sessions(self, sources: Sequence[LiveSource]) -> None:
        self._departures.wait(file for source in sources for file in source.files)
        self.sessions = tuple(LiveSession(source, self._engine_command, self) for source in sources)
        for session in self.sessions:
            session.start()
        if (service := sources[0].service) is not None:
            self._service = ServiceWatch(service, self.sessions, self)
        self.activate(self.sessions[0])
        self.sessions_changed.emit()

    def _stop_sessions(self) -> None:
        sessions, self.sessions = self.sessions, ()
        if self._service is not None:
            service, self._service = self._service, None
            service.close()
            service.deleteLater()
        self._leave_active()
        self._departures.begin(sessions)
        if sessions:
            self.sessions_changed.emit()

    def _leave_active(self) -> None:
        if self.active is not None:
            session, self.active = self.active, None
            session.situation_changed.disconnect(self._follow_situation)
            session.files_changed.disconnect(self._follow_files)
            session.database_changed.disconnect(self._follow_database)
            session.data_changed.disconnect(self.data_changed)

    def _follow_situation(self) -> None:
        if self.active is not None:
            self._situate(self.active.situation)

    def _follow_files(self) -> None:
        if self.active is not None:
            self._show_files(self.active.files)

    def _follow_database(self) -> None:
        if self.active is not None:
            self._change_database(self.active.files)

    # A file

    def _open_file(self, source: FileSource) -> None:
        if self._unopened is not source:
            return
        self._unopened = None
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
        self._opened = opened
        if isinstance(opened, OpenedDatabase):
            self._show_files(Files(None, opened.evidence.open_reader))
        else:
            self._show_files(Files(opened.path, None, self.tr("The buckets are being rebuilt from the frames.")))
            self._rebuild(opened.path)
        self._situate(opened.summary)
        self.data_changed.emit()

    def _rebuild(self, capture: Path) -> None:
        """Make the client database that the frames of `capture` made; its frames are shown meanwhile."""
        files, work = self.present, Path(self._work[-1].name)

        def show(files_now: Files) -> None:
            if self.present is files:
                self._change_database(files_now)

        self.rebuild.start(
            capture,
            work,
            lambda database: show(Files(capture, lambda: ClientDatabaseReader(database))),
            lambda error: show(Files(capture, None, str(error))),
        )

    def _tell_rebuild(self) -> None:
        if isinstance(self.situation, CaptureFile):
            self._situate(replace(self.situation, rebuilding=self.rebuild.progress))

    def _clear_work(self) -> None:
        while self._work:
            self._work.pop().cleanup()

    # All

    def show_past(self, past: PastDatabase) -> None:
        """Show this client database in place of the one of now; what is recorded goes on."""
        open_past = partial(ClientDatabaseReader, past.path, immutable=True)
        self.files = replace(self.present, open_database=open_past, no_database="", past=past)
        self.database_changed.emit()

    def show_present(self) -> None:
        """Show the client database of now again."""
        if self.files is not self.present:
            self.files = self.present
            self.database_changed.emit()

    def _change_database(self, files: Files) -> None:
        """There is another client database of now; who looks at the past need not know."""
        looking_back = self.files is not self.present
        self.present = files
        if not looking_back:
            self.files = files
            self.database_changed.emit()

    def _show_files(self, files: Files) -> None:
        self.files = self.present = files
        self.files_changed.emit()

    def _situate(self, situation: Situation) -> None:
        self.situation = situation
        self.situation_changed.emit()
