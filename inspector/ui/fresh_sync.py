"""Syncs a fresh copy for the user of a file: an engine of its own, into a folder of its own, until all is there."""

import shutil
from collections.abc import Sequence
from pathlib import Path

from PySide6.QtCore import QObject, Signal

from inspector.engine import control
from inspector.ui.engine_process import ENGINE_COMMAND, EngineProcess


class FreshSync(QObject):
    """One sync at a time. What is stopped or fails leaves nothing behind; a whole copy stays where it is."""

    progressed = Signal(object)
    """`control.Status`."""
    done = Signal(object, object)
    """The copy's client database, a Path, and the last `control.Status`: the engine has ended, and closed its files."""
    failed = Signal(object)
    """`control.Problem`."""

    def __init__(self, command: Sequence[str] = ENGINE_COMMAND, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._command = command
        self._engine: EngineProcess | None = None
        self._leaving: list[EngineProcess] = []
        self._database = Path()

    @property
    def running(self) -> bool:
        """Whether a copy is being synced."""
        return self._engine is not None

    def start(self, start: control.Start) -> None:
        """Sync what `start` says, in place of what is under way; local writes of nobody are in it."""
        self.stop()
        engine = EngineProcess(self._command, self)
        engine.status.connect(self._take)
        engine.gone.connect(self._fail)
        self._engine, self._database = engine, Path(start.client_database)
        engine.start(start)

    def stop(self) -> None:
        """Give up what is under way; returns at once."""
        if self._engine is not None:
            folder = self._database.parent
            self._leave().ended.connect(lambda: shutil.rmtree(folder, ignore_errors=True))

    def shut_down(self) -> None:
        """Give up what is under way, and wait until nothing runs."""
        self.stop()
        while self._leaving:
            self._leaving.pop().stop()

    def _leave(self) -> EngineProcess:
        """The engine, which is asked to end."""
        engine, self._engine = self._engine, None
        assert engine is not None
        engine.status.disconnect(self._take)
        engine.gone.disconnect(self._fail)
        self._leaving.append(engine)
        engine.ended.connect(lambda: self._forget(engine))
        engine.retire()
        return engine

    def _forget(self, engine: EngineProcess) -> None:
        if engine in self._leaving:
            self._leaving.remove(engine)
        engine.deleteLater()

    def _take(self, status: control.Status) -> None:
        in_vain = status.phase == "refused" or (status.no_token and not status.token_source)
        if in_vain and status.problem is not None:
            self._fail(status.problem)
        elif not status.first_sync:
            database = self._database
            self._leave().ended.connect(lambda: self.done.emit(database, status))
        else:
            self.progressed.emit(status)

    def _fail(self, problem: control.Problem) -> None:
        self.stop()
        self.failed.emit(problem)
