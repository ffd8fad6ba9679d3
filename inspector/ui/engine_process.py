"""The sync engine as the window sees it: a process that takes commands and gives notices, one JSON line each."""

import sys
from collections.abc import Callable, Sequence
from itertools import count

import msgspec
from PySide6.QtCore import QObject, QProcess, QTimer, Signal

from inspector.engine import control

ENGINE_COMMAND = (sys.executable, "-m", "inspector.engine.main")
"""Past the command line, which takes a third of a second to start."""

_GRACE_MS = 3000
"""How long an engine may take to end its stream and close its files."""
_STDERR_KEPT = 8192

_command_ids = count(1)
_decoder = msgspec.json.Decoder(control.Notice)


class EngineProcess(QObject):
    """One run of the engine."""

    greeted = Signal(object)
    """`control.Hello`: both files are there."""
    status = Signal(object)
    """`control.Status`."""
    gone = Signal(object)
    """`control.Problem`: the process ended and nobody asked it to."""
    ended = Signal()
    """The process is gone, asked or not: its files are closed."""

    def __init__(self, command: Sequence[str] = ENGINE_COMMAND, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._command = command
        self._stopping = False
        self._output = b""
        self._errors = b""
        self._farewell: control.Problem | None = None
        self._asked: dict[int, Callable[[control.Problem | None], None]] = {}
        self._asked_for_token: dict[int, Callable[[str], None]] = {}
        self._process = QProcess(self)
        self._process.readyReadStandardOutput.connect(self._read_notices)
        self._process.readyReadStandardError.connect(self._read_errors)
        self._process.finished.connect(self._finished)
        self._process.errorOccurred.connect(self._failed)

    def start(self, start: control.Start) -> None:
        """Start the process and tell it what to sync."""
        self._process.start(self._command[0], list(self._command[1:]))
        self.send(start)

    def send(self, command: control.Command) -> None:
        """Give a command; a process that is gone does not hear it."""
        if self._process.state() is not QProcess.ProcessState.NotRunning:
            self._process.write(msgspec.json.encode(command) + b"\n")

    def ask(self, command: control.Command, answered: Callable[[control.Problem | None], None]) -> None:
        """Give a command, and hear why it could not be carried out; None: it was."""
        number = next(_command_ids)
        self._asked[number] = answered
        self.send(msgspec.structs.replace(command, id=number))

    def ask_token(self, told: Callable[[str], None]) -> None:
        """Hear the token that the engine holds in memory, empty for none; it is kept nowhere on the way."""
        number = next(_command_ids)
        self._asked_for_token[number] = told
        self.send(control.TellToken(number))

    def begin_stop(self) -> None:
        """Ask the process to end, without waiting for it."""
        if not self._stopping and self._process.state() is not QProcess.ProcessState.NotRunning:
            self.send(control.Shutdown())
            self._process.closeWriteChannel()
        self._stopping = True

    def retire(self) -> None:
        """Ask the process to end, and kill it later when it does not; returns at once."""
        self.begin_stop()
        QTimer.singleShot(_GRACE_MS, self._process, self._process.kill)

    def stop(self) -> None:
        """Ask the process to end, wait for it, and kill it when it does not."""
        self.begin_stop()
        if self._process.state() is QProcess.ProcessState.NotRunning:
            return
        if not self._process.waitForFinished(_GRACE_MS):
            self._process.kill()
            self._process.waitForFinished(_GRACE_MS)

    @property
    def process_id(self) -> int:
        """0 when it does not run."""
        return self._process.processId()

    def _read_notices(self) -> None:
        self._output += bytes(self._process.readAllStandardOutput().data())
        *lines, self._output = self._output.split(b"\n")
        for line in lines:
            self._take(line)

    def _take(self, line: bytes) -> None:
        if self._stopping:
            return
        try:
            notice = _decoder.decode(line)
        except msgspec.MsgspecError:
            self._errors += b"The engine printed a line that is no notice.\n"
            return
        match notice:
            case control.Hello(version=version) if version != control.VERSION:
                self._farewell = control.Problem(
                    "The sync engine is of another version.",
                    f"It speaks version {version} of the control channel, this window version {control.VERSION}.",
                    "Install the program anew, so that both parts fit.",
                )
                self._process.kill()
            case control.Hello():
                self.greeted.emit(notice)
            case control.Status():
                self.status.emit(notice)
            case control.Answer(id=number, problem=problem):
                if (answered := self._asked.pop(number, None)) is not None:
                    answered(problem)
            case control.PresentToken(id=number, token=token):
                if (told := self._asked_for_token.pop(number, None)) is not None:
                    told(token)
            case control.Farewell(problem=problem):
                self._farewell = problem

    def _read_errors(self) -> None:
        self._errors = (self._errors + bytes(self._process.readAllStandardError().data()))[-_STDERR_KEPT:]

    def _failed(self, error: QProcess.ProcessError) -> None:
        if error is QProcess.ProcessError.FailedToStart and not self._stopping:
            why = f"The system says: {self._process.errorString()}."
            self.gone.emit(control.Problem("The sync engine does not start.", why, "Install the program anew."))

    def _finished(self, code: int, status: QProcess.ExitStatus) -> None:
        self._read_notices()
        self._read_errors()
        if not self._stopping:
            self.gone.emit(self._farewell or self._reason(code, status))
        self.ended.emit()

    def _reason(self, code: int, status: QProcess.ExitStatus) -> control.Problem:
        crashed = status is QProcess.ExitStatus.CrashExit
        how = f"It was ended by signal {code}" if crashed else f"It ended with exit code {code}"
        lines = self._errors.decode(errors="replace").strip().splitlines()
        why = f"{how}: {lines[-1].strip().rstrip('.')}." if lines else f"{how} and said nothing."
        return control.Problem(
            "The sync engine stopped.", why, "Restart it: it goes on with the same client database and capture."
        )
