"""The engine process: reads `Start` from stdin, syncs, and talks over the control channel until it is told to stop.

The end of its input is an order to stop too, so that no engine outlives its window.
"""

import asyncio
import os
import signal
import sys
from collections.abc import Callable, Coroutine
from contextlib import suppress
from io import FileIO, RawIOBase
from pathlib import Path
from typing import Any, BinaryIO

import apsw
import msgspec

from inspector.capture.annotations import Annotation
from inspector.capture.writer import CaptureWriter
from inspector.engine.channel import CommandReader, NoticeWriter, decode_command
from inspector.engine.control import (
    VERSION,
    Annotate,
    Answer,
    ArmFault,
    Command,
    Connect,
    Discard,
    Disconnect,
    Farewell,
    Hello,
    LiftFault,
    LoadSchema,
    PresentToken,
    Problem,
    RefreshToken,
    RequestCheckpoint,
    Retry,
    SetHold,
    SetOffline,
    SetParameters,
    Shutdown,
    Start,
    Status,
    Subscribe,
    TellToken,
    Unsubscribe,
    Upload,
    Write,
)
from inspector.engine.driver import Driver
from inspector.engine.recorder import Recorder
from inspector.protocol.errors import InspectorError
from inspector.store.app_schema import read_schema
from inspector.store.continuing import Continued, prepare_to_continue
from inspector.store.database import ClientDatabase


def problem_of(error: InspectorError) -> Problem:
    """An error as it goes over the channel."""
    return Problem(error.what, error.why, error.next_step)


async def sync(start: Start, *, on_tick: Callable[[Status], None], on_driver: Callable[[Driver], None]) -> None:
    """Open both files and run a driver on them until it is stopped; raises InspectorError."""
    schema = read_schema(Path(start.schema_file)) if start.schema_file else None
    continued = prepare_to_continue(
        Path(start.client_database), copies=Path(start.capture).parent, in_place=start.migrate_in_place
    )
    if continued.words:
        sys.stderr.write(f"{continued.words}\n")
    start = msgspec.structs.replace(start, client_database=str(continued.path))
    database = ClientDatabase.open(continued.path, schema)
    try:
        capture = CaptureWriter(Path(start.capture))
        try:
            recorder = Recorder(capture, database)
            _tell_continued(recorder, continued)
            driver = Driver(start, database, recorder, on_tick=on_tick)
            on_driver(driver)
            await driver.run()
        finally:
            capture.close()
    except (apsw.CorruptError, apsw.NotADBError) as error:
        raise InspectorError(
            "The client database or the capture is damaged.",
            why=f"SQLite says: {error}.",
            next_step="Look at what is left of it with “inspector open”, and sync into a new file.",
        ) from error
    except apsw.Error as error:
        raise InspectorError(
            "The sync engine cannot write its files.",
            why=f"SQLite says: {error}.",
            next_step="Check the free space and the permissions of their folder.",
        ) from error
    finally:
        database.close()


def _tell_continued(recorder: Recorder, continued: Continued) -> None:
    """Which file is written, and what was done for it."""
    status = recorder.status
    status.client_database = str(continued.path)
    status.original_database = str(continued.original) if continued.original is not None else ""
    if continued.words:
        status.migrated_from = continued.version
        recorder.note("info", "store", continued.words)


class Engine:
    """The process's commands, applied to its driver."""

    def __init__(self, notices: NoticeWriter) -> None:
        self._notices = notices
        self._driver: Driver | None = None
        self._stop_early = False
        self._answering: set[asyncio.Task[None]] = set()

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
        try:
            if (action := _lasting(self._driver, command)) is not None:
                self._answer_later(0 if command is None else command.id, action)
                return
            self._carry_out(self._driver, command)
        except InspectorError as error:
            self.complain(problem_of(error), command.id if command is not None else 0)
            return
        if command is not None and command.id:
            self._notices.send(Answer(command.id, ok=True))

    def _carry_out(self, driver: Driver, command: Command | None) -> None:
        """Raises InspectorError for what cannot be done."""
        match command:
            case Connect():
                driver.connect()
            case Disconnect():
                driver.disconnect()
            case SetOffline(offline):
                driver.set_offline(offline)
            case RefreshToken():
                driver.refresh_token()
            case TellToken(id=number):
                self._notices.send(PresentToken(number, driver.present_token))
            case Subscribe(subscription):
                driver.subscribe(subscription)
            case Unsubscribe(stream, parameters, when_expired):
                driver.unsubscribe(stream, parameters, when_expired=when_expired)
            case SetParameters(parameters, app_metadata):
                driver.set_parameters(parameters, app_metadata)
            case LoadSchema(file):
                driver.load_schema(file)
            case Write(written):
                driver.uploads.write(written)
            case Upload() | Retry():
                driver.uploads.upload_now()
            case Discard(transaction):
                driver.uploads.discard(transaction)
            case SetHold(hold):
                driver.uploads.hold(hold)
            case Annotate(frame, marked, comment):
                driver.annotate(frame, Annotation(marked, comment))
            case Shutdown() | None:
                driver.stop()
            case Start():
                raise InspectorError("The engine has started already.", next_step="Start another engine.")

    def _answer_later(self, command: int, action: Coroutine[Any, Any, None]) -> None:
        """Answer once `action` is done."""
        task = asyncio.create_task(action)
        self._answering.add(task)
        task.add_done_callback(lambda done: self._answer(command, done))

    def _answer(self, command: int, done: asyncio.Task[None]) -> None:
        self._answering.discard(done)
        if done.cancelled():
            return
        error = done.exception()
        if isinstance(error, InspectorError):
            self.complain(problem_of(error), command)
        elif error is not None:
            raise error
        elif command:
            self._notices.send(Answer(command, ok=True))

    def complain(self, problem: Problem, command: int = 0) -> None:
        """Answer a command that cannot be carried out."""
        self._notices.send(Answer(command, ok=False, problem=problem))


def _lasting(driver: Driver, command: Command | None) -> Coroutine[Any, Any, None] | None:
    """What a command starts that takes a while; None for what is done at once."""
    match command:
        case RequestCheckpoint():
            return driver.uploads.request_checkpoint()
        case ArmFault():
            return driver.faults.arm(command)
        case LiftFault():
            return driver.faults.lift(command)
    return None


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
        notices.send(Hello(VERSION, os.getpid(), driver.client_database, start.capture))
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
