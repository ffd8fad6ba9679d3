"""The engine process: reads `Start` from stdin, syncs, and talks over the control channel until it is told to stop.

The end of its input is an order to stop too, so that no engine outlives its window.
"""

import asyncio
import os
import signal
import sys
from collections.abc import Callable
from contextlib import suppress
from io import FileIO, RawIOBase
from pathlib import Path
from typing import BinaryIO

import apsw

from inspector.capture.writer import CaptureWriter
from inspector.engine.channel import CommandReader, NoticeWriter, decode_command
from inspector.engine.control import (
    VERSION,
    Answer,
    Command,
    Connect,
    Disconnect,
    Farewell,
    Hello,
    Problem,
    RefreshToken,
    SetOffline,
    Shutdown,
    Start,
    Status,
)
from inspector.engine.driver import Driver
from inspector.engine.recorder import Recorder
from inspector.protocol.errors import InspectorError
from inspector.store.database import ClientDatabase


def problem_of(error: InspectorError) -> Problem:
    """An error as it goes over the channel."""
    return Problem(error.what, error.why, error.next_step)


async def sync(start: Start, *, on_tick: Callable[[Status], None], on_driver: Callable[[Driver], None]) -> None:
    """Open both files and run a driver on them until it is stopped; raises InspectorError."""
    database = ClientDatabase.open(start.client_database)
    try:
        capture = CaptureWriter(Path(start.capture))
        try:
            driver = Driver(start, database, Recorder(capture, database), on_tick=on_tick)
            on_driver(driver)
            await driver.run()
        finally:
            capture.close()
    except apsw.Error as error:
        raise InspectorError(
            "The sync engine cannot write its files.",
            why=f"SQLite says: {error}.",
            next_step="Check the free space and the permissions of their folder.",
        ) from error
    finally:
        database.close()


class Engine:
    """The process's commands, applied to its driver."""

    def __init__(self, notices: NoticeWriter) -> None:
        self._notices = notices
        self._driver: Driver | None = None
        self._stop_early = False

    def adopt(self, driver: Driver) -> None:
        """Commands go to this driver from now on."""
        self._driver = driver
        if self._stop_early:
            driver.stop()

    def obey(self, command: Command | None) -> None:
        """Carry out one command; None is the end of input."""
        if self._driver is None:
            self._stop_early = self._stop_early or command is None or isinstance(command, Shutdown)
            return
        match command:
            case Connect():
                self._driver.connect()
            case Disconnect():
                self._driver.disconnect()
            case SetOffline(offline):
                self._driver.set_offline(offline)
            case RefreshToken():
                self._driver.refresh_token()
            case Shutdown() | None:
                self._driver.stop()
            case Start():
                self.complain(Problem("The engine has started already.", next_step="Start another engine."), command.id)
                return
        if command is not None and command.id:
            self._notices.send(Answer(command.id, ok=True))

    def complain(self, problem: Problem, command: int = 0) -> None:
        """Answer a command that cannot be carried out."""
        self._notices.send(Answer(command, ok=False, problem=problem))


def main() -> int:
    """Run the engine process; its exit code."""
    notices = NoticeWriter(_own_stdout())
    commands = _unbuffered_stdin()
    problem: Problem | None = None
    try:
        start = decode_command(commands.readline() or b"null")
        if not isinstance(start, Start):
            raise InspectorError("The engine's first command has to be “start”.", next_step="Send it one.")
        asyncio.run(_run(start, commands, notices))
    except InspectorError as error:
        problem = problem_of(error)
        sys.stderr.write(f"{error}\n")
    notices.send(Farewell(problem))
    notices.close()
    return 0 if problem is None else 1


async def _run(start: Start, commands: RawIOBase, notices: NoticeWriter) -> None:
    engine = Engine(notices)
    loop = asyncio.get_running_loop()
    for name in (signal.SIGINT, signal.SIGTERM):
        with suppress(NotImplementedError):
            loop.add_signal_handler(name, engine.obey, Shutdown())
    CommandReader(commands, loop, engine.obey, engine.complain)

    def greet(driver: Driver) -> None:
        notices.send(Hello(VERSION, os.getpid(), start.client_database, start.capture))
        engine.adopt(driver)

    await sync(start, on_tick=notices.send_status, on_driver=greet)


def _unbuffered_stdin() -> RawIOBase:
    """Without a buffer there is no lock that a waiting reader could hold while the interpreter ends."""
    return FileIO(os.dup(sys.stdin.fileno()), "rb")


def _own_stdout() -> BinaryIO:
    """Standard output for notices alone: what a library prints goes to stderr."""
    output = os.fdopen(os.dup(sys.stdout.fileno()), "wb")
    os.dup2(sys.stderr.fileno(), sys.stdout.fileno())
    return output


if __name__ == "__main__":
    sys.exit(main())
