"""A sync engine as a process of its own, without a window: what the headless story drives."""

import subprocess
import sys
import threading
from pathlib import Path

import msgspec

from inspector.engine import control
from inspector.protocol.errors import InspectorError

_STOP_SECONDS = 5
_GREETING_SECONDS = 30


class EngineChildError(InspectorError):
    """The engine's process does not do as it should."""


class EngineChild:
    """A client of the story; it runs from `start_afresh` on. Each of its devices has files beside those in `start`."""

    def __init__(self, name: str, start: control.Start) -> None:
        self._name = name
        self._first = start
        self._start = start
        self._devices = 0
        self._process: subprocess.Popen[bytes] | None = None
        self._reader: threading.Thread | None = None
        self._greeted = threading.Event()
        self._status: control.Status | None = None

    @property
    def name(self) -> str:
        """As people call it."""
        return self._name

    @property
    def status(self) -> control.Status | None:
        """The engine's last word; None before the first, and when it has ended."""
        return self._status

    @property
    def client_database(self) -> Path:
        """What it syncs into."""
        return Path(self._start.client_database)

    @property
    def capture(self) -> Path:
        """What it records in."""
        return Path(self._start.capture)

    def send(self, command: control.Command) -> None:
        """Give a command; an engine that is gone does not hear it."""
        if self._process is not None and self._process.stdin is not None:
            try:
                self._process.stdin.write(msgspec.json.encode(command) + b"\n")
                self._process.stdin.flush()
            except BrokenPipeError:
                return

    def start_afresh(self) -> None:
        """Begin anew with empty files; raises EngineChildError when the engine does not come up."""
        self.stop()
        self._devices += 1
        self._start = control.on_another_device(self._first, self._devices)
        self._run()

    def stop(self) -> None:
        """End the process."""
        process, self._process = self._process, None
        if process is None:
            return
        assert process.stdin is not None
        try:
            process.stdin.close()
            process.wait(_STOP_SECONDS)
        except (subprocess.TimeoutExpired, BrokenPipeError):
            process.kill()
            process.wait()
        if self._reader is not None:
            self._reader.join(_STOP_SECONDS)

    def _run(self) -> None:
        self._status = None
        self._greeted.clear()
        self._process = subprocess.Popen(
            [sys.executable, "-m", "inspector.engine.main"], stdin=subprocess.PIPE, stdout=subprocess.PIPE
        )
        self._reader = threading.Thread(target=self._read, args=(self._process,), daemon=True)
        self._reader.start()
        self.send(self._start)
        if not self._greeted.wait(_GREETING_SECONDS) or self._process.poll() is not None:
            raise EngineChildError(f"The engine of {self._name} does not start.", next_step="See what it printed.")

    def _read(self, process: subprocess.Popen[bytes]) -> None:
        decoder = msgspec.json.Decoder(control.Notice)
        assert process.stdout is not None
        with process.stdout:
            for line in process.stdout:
                match decoder.decode(line):
                    case control.Hello():
                        self._greeted.set()
                    case control.Status() as status:
                        self._status = status
        self._status = None
        self._greeted.set()
