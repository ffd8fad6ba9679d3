"""A client that syncs: its engine's process, the engine's last word, and the two files that the engine writes."""

import time
from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

from msgspec import structs
from PySide6.QtCore import QObject, QTimer, Signal

from inspector.analysis.state import EngineGone, Live, Situation
from inspector.engine import control
from inspector.store.reader import ClientDatabaseReader
from inspector.ui.engine_process import EngineProcess
from inspector.ui.sources import Files, LiveSource

_THROTTLE_MS = 50


class LiveSession(QObject):
    """One engine at work. A feed shows one session at a time; the others go on syncing."""

    situation_changed = Signal()
    files_changed = Signal()
    """The files are others now."""
    database_changed = Signal()
    """The engine was started anew on the same files: who reads them keeps the place."""
    data_changed = Signal()
    """There is more in the files, or other; at most 20 times a second."""
    left = Signal()
    """The engine that was asked to end has ended."""

    def __init__(self, source: LiveSource, command: Sequence[str], parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.source = source
        self.situation: Situation = Live(control.Status())
        self.files = Files()
        self._start = source.start
        self._command = command
        self._engine: EngineProcess | None = None
        self._retired: list[EngineProcess] = []
        self._known: tuple[int, int] | None = None
        self._devices = 1
        self._service_gone: control.Problem | None = None
        self._copied: control.Status | None = None
        """What the engine said that migrated a copy of the client database: the next one finds that done."""
        self.told: control.Status | None = None
        """The engine's last word, kept when it is gone."""
        self.gone_at: int | None = None
        """When the engine ended though nobody asked it to, ns; None while one runs."""
        self._throttle = QTimer(self, singleShot=True, interval=_THROTTLE_MS)
        self._throttle.timeout.connect(self.data_changed)

    @property
    def status(self) -> control.Status | None:
        """The engine's last word; None when it is gone."""
        return self.situation.status if isinstance(self.situation, Live) else None

    @property
    def client_database(self) -> Path:
        """The file that the engine syncs into, there or not."""
        return Path(self._start.client_database)

    @property
    def capture(self) -> Path:
        """The file that the engine records in, there or not."""
        return Path(self._start.capture)

    def writes_to(self, file: Path) -> bool:
        """Whether it is one of the engine's files."""
        return file.absolute() in (self.client_database.absolute(), self.capture.absolute())

    @property
    def engine_process_id(self) -> int:
        """0 when no engine runs."""
        return self._engine.process_id if self._engine is not None else 0

    def start(self) -> None:
        """Start the engine."""
        engine = EngineProcess(self._command, self)
        engine.greeted.connect(self._greeted)
        engine.status.connect(self._take_status)
        engine.gone.connect(self._engine_gone)
        self._engine = engine
        self._known = self.gone_at = None
        phase: control.Phase = "connecting" if self._start.connect else "idle"
        self._situate(Live(control.Status(phase=phase, endpoint=self._start.endpoint), self._service_gone))
        engine.start(self._start)

    def send(self, command: control.Command) -> None:
        """Tell the engine; without one nothing happens."""
        if self._engine is not None:
            self._engine.send(command)

    def ask(self, command: control.Command, answered: Callable[[control.Problem | None], None]) -> None:
        """Tell the engine, and hear why it could not be done, or None when it was; without one nothing happens."""
        if self._engine is not None:
            self._engine.ask(command, answered)

    def ask_token(self, told: Callable[[str], None]) -> None:
        """Hear the token that the engine holds in memory, empty for none; without an engine nothing happens."""
        if self._engine is not None:
            self._engine.ask_token(told)

    def take_parameters(self, parameters: dict[str, Any] | None, app_metadata: dict[str, str] | None) -> None:
        """The engine sends these now; one that is started anew is to send them, too."""
        self._start = structs.replace(self._start, parameters=parameters, app_metadata=app_metadata)
        self._remember_start()

    def take_schema(self, file: str) -> None:
        """The engine's tables follow this file now."""
        self._start = structs.replace(self._start, schema_file=file)
        self._remember_start()

    def _remember_start(self) -> None:
        start = self.source.start
        kept = structs.replace(self._start, client_database=start.client_database, capture=start.capture)
        self.source = replace(self.source, start=kept)
        self.situation_changed.emit()

    def tell_service(self, problem: control.Problem | None) -> None:
        """The service that this program started has ended for this reason, or runs."""
        if problem != self._service_gone:
            self._service_gone = problem
            if self.status is not None:
                self._situate(Live(self.status, problem))

    def restart(self) -> None:
        """Start the engine anew on the same two files."""
        self.stop()
        self.start()

    def start_afresh(self) -> None:
        """Start the engine anew with empty files beside the present ones, as on another device of the same user.

        The one that has the present files may take its time to end: nobody needs to wait for it.
        """
        if self._engine is not None:
            self._engine.retire()
            self._retired.append(self._engine)
            self._engine = None
        self._devices += 1
        self._start = control.on_another_device(self.source.start, self._devices)
        self.start()

    def leave(self) -> None:
        """Ask the engine to end, without waiting for it: `left` tells when it is gone. `stop` waits."""
        if self._engine is None or not self._engine.process_id:
            self.left.emit()
            return
        self._engine.ended.connect(self.left)
        self._engine.retire()

    def stop(self) -> None:
        """End the engine, and those of earlier devices."""
        while self._retired:
            self._retired.pop().stop()
        if self._engine is not None:
            engine, self._engine = self._engine, None
            engine.stop()
            engine.deleteLater()

    def _greeted(self, hello: control.Hello) -> None:
        database, capture = Path(hello.client_database), Path(hello.capture)
        # A migrated copy is gone on with: another one would lack what was written since.
        self._start = structs.replace(self._start, client_database=hello.client_database)
        same = capture == self.files.capture
        self.files = Files(capture, lambda: ClientDatabaseReader(database))
        if same:
            self.database_changed.emit()
            self.data_changed.emit()
        else:
            self.files_changed.emit()

    def _take_status(self, status: control.Status) -> None:
        if status.original_database:
            self._copied = status
        elif self._copied is not None and status.client_database == self._copied.client_database:
            status.original_database, status.migrated_from = self._copied.original_database, self._copied.migrated_from
        self.told = status
        self._situate(Live(status, self._service_gone))
        known = status.frames, status.revision
        if known != self._known:
            self._known = known
            if not self._throttle.isActive():
                self._throttle.start()

    def _engine_gone(self, problem: control.Problem) -> None:
        self.stop()
        self.gone_at = time.time_ns()
        self._situate(EngineGone(problem))
        self.data_changed.emit()

    def _situate(self, situation: Situation) -> None:
        self.situation = situation
        self.situation_changed.emit()
