"""An engine process under a test's control, spoken to over its own channel."""

import os
import queue
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any, TypeVar

import jwt
import msgspec

from inspector.engine.control import (
    Answer,
    Command,
    CredentialSource,
    Farewell,
    Hello,
    Notice,
    Shutdown,
    Start,
    StaticToken,
    Status,
)
from tests.nursery.forked import POSSIBLE, ForkedEngine

COMMAND = (sys.executable, "-m", "inspector.engine.main")
"""What starts an engine as the window does."""
PATIENCE_SECONDS = 30
N = TypeVar("N")


def token(user: str = "user-1", *, lives: float = 3600) -> str:
    """A token for tests; the scripted service takes any."""
    return jwt.encode({"sub": user, "exp": time.time() + lives, "iat": time.time()}, "k" * 32)


class RunningEngine:
    """The process, its notices, and its commands."""

    def __init__(self, process: subprocess.Popen[bytes] | ForkedEngine, start: Start) -> None:
        self.process = process
        self.start = start
        self.statuses: list[Status] = []
        self.answers: list[Answer] = []
        self.hello: Hello | None = None
        self.farewell: Farewell | None = None
        self._notices: queue.Queue[Notice | None] = queue.Queue()
        self._reader = threading.Thread(target=self._read, daemon=True)
        self._reader.start()

    def send(self, command: Command) -> None:
        """Write one command."""
        assert self.process.stdin is not None
        self.process.stdin.write(msgspec.json.encode(command) + b"\n")
        self.process.stdin.flush()

    def wait(self, reached: Callable[[Status], object]) -> Status:
        """The first status from now on, or the last one, for which `reached` holds."""
        if self.statuses and reached(self.statuses[-1]):
            return self.statuses[-1]
        return self._until(lambda notice: isinstance(notice, Status) and bool(reached(notice)), Status)

    def wait_failed_upload(self, attempt: int) -> Status:
        """The status in which this attempt to upload has failed, and the next one has its time."""
        return self.wait(lambda status: status.upload_attempts == attempt and status.upload_retry_at)

    def wait_answer(self, command: int) -> Answer:
        """The answer to the command with this id."""
        return self._until(lambda notice: isinstance(notice, Answer) and notice.id == command, Answer)

    def wait_end(self) -> Farewell:
        """The engine's last line."""
        return self._until(lambda notice: isinstance(notice, Farewell), Farewell)

    def wait_closed(self) -> None:
        """Read what is left, and let go of the pipe."""
        self._reader.join(PATIENCE_SECONDS)
        assert self.process.stdout is not None
        self.process.stdout.close()

    def _until(self, wanted: Callable[[Notice], bool], kind: type[N]) -> N:
        deadline = time.monotonic() + PATIENCE_SECONDS
        while True:
            try:
                notice = self._notices.get(timeout=max(0.0, deadline - time.monotonic()))
            except queue.Empty:
                raise AssertionError(f"The engine did not get there; its last status: {self.statuses[-1:]}") from None
            if notice is None:
                raise AssertionError(f"The engine ended: {self.farewell}")
            self._keep(notice)
            if wanted(notice):
                assert isinstance(notice, kind)
                return notice

    def _keep(self, notice: Notice) -> None:
        match notice:
            case Status():
                self.statuses.append(notice)
            case Answer():
                self.answers.append(notice)
            case Hello():
                self.hello = notice
            case Farewell():
                self.farewell = notice

    def _read(self) -> None:
        assert self.process.stdout is not None
        decoder = msgspec.json.Decoder(Notice)
        for line in self.process.stdout:
            self._notices.put(decoder.decode(line))
        self._notices.put(None)


@contextmanager
def running_engine(
    endpoint: str,
    folder: Path,
    *,
    credentials: CredentialSource | None = None,
    connect: bool = True,
    command: Sequence[str] | None = None,
    variables: Mapping[str, str] | None = None,
    **settings: Any,
) -> Iterator[RunningEngine]:
    """Run an engine on the two files in `folder` until the block ends.

    Without a `command` it is forked where that is possible. `settings` are further fields of `Start`, `variables` of
    the process's environment.
    """
    start = Start(
        endpoint,
        credentials or StaticToken(token()),
        settings.pop("client_database", str(folder / "client.db")),
        str(folder / "stream.pscapture"),
        connect=connect,
        **settings,
    )
    process = _process(command, {**os.environ, **(variables or {})})
    engine = RunningEngine(process, start)
    try:
        engine.send(start)
        yield engine
    finally:
        assert process.stdin is not None
        # The engine may have ended already, and the test may have closed its input.
        with suppress(BrokenPipeError, ValueError):
            engine.send(Shutdown())
        with suppress(BrokenPipeError):
            process.stdin.close()
        process.wait(timeout=PATIENCE_SECONDS)
        engine.wait_closed()


def _process(command: Sequence[str] | None, variables: Mapping[str, str]) -> subprocess.Popen[bytes] | ForkedEngine:
    if command is None and POSSIBLE:
        return ForkedEngine(variables)
    return subprocess.Popen(command or COMMAND, stdin=subprocess.PIPE, stdout=subprocess.PIPE, env=variables)
