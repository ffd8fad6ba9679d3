"""Both ends of the engine's stdin and stdout, each on a thread of its own so that neither ever stops a sync."""

import asyncio
import sys
import threading
from collections import deque
from collections.abc import Callable
from io import RawIOBase
from typing import Any, BinaryIO

import msgspec

from inspector.engine.control import VERSION, Answer, Command, Farewell, Hello, Notice, PresentToken, Problem, Status
from inspector.protocol.errors import InspectorError

_decoder = msgspec.json.Decoder(Command)


class NoticeWriter:
    """Writes notices; a status that the reader was too slow for is replaced by the next one."""

    def __init__(self, output: BinaryIO) -> None:
        self._output = output
        self._changed = threading.Condition()
        self._lines: deque[bytes] = deque()
        self._status: bytes | None = None
        self._last_status = b""
        self._closing = False
        self._thread = threading.Thread(target=self._write, name="notices", daemon=True)
        self._thread.start()

    def send(self, notice: Hello | Answer | PresentToken | Farewell) -> None:
        """Send a notice that must not be left out."""
        with self._changed:
            self._lines.append(msgspec.json.encode(notice))
            self._changed.notify()

    def send_status(self, status: Status) -> None:
        """Send a snapshot, unless it is the same as the last one."""
        line = msgspec.json.encode(status)
        with self._changed:
            if line == self._last_status:
                return
            self._last_status = self._status = line
            self._changed.notify()

    def close(self) -> None:
        """Write what is left; gives up on a reader that does not read for two seconds."""
        with self._changed:
            self._closing = True
            self._changed.notify()
        self._thread.join(timeout=2)

    def _write(self) -> None:
        while (lines := self._next()) is not None:
            try:
                self._output.write(b"".join(line + b"\n" for line in lines))
                self._output.flush()
            except (OSError, ValueError):
                return

    def _next(self) -> list[bytes] | None:
        """What is to be written, statuses after the rest; None at the end."""
        with self._changed:
            self._changed.wait_for(lambda: self._lines or self._status or self._closing)
            lines = list(self._lines)
            self._lines.clear()
            if self._status is not None:
                position = next((i for i, line in enumerate(lines) if b'"type":"farewell"' in line), len(lines))
                lines.insert(position, self._status)
                self._status = None
            return lines or None


class CommandReader:
    """Reads commands and hands them to the event loop; the end of input is handed on as None."""

    def __init__(
        self,
        source: RawIOBase,
        loop: asyncio.AbstractEventLoop,
        on_command: Callable[[Command | None], None],
        on_broken: Callable[[Problem], None],
    ) -> None:
        self._source = source
        self._loop = loop
        self._on_command = on_command
        self._on_broken = on_broken
        threading.Thread(target=self._read, name="commands", daemon=True).start()

    def _read(self) -> None:
        for line in self._source:
            try:
                self._hand_on(self._on_command, decode_command(line))
            except CommandError as error:
                self._hand_on(self._on_broken, Problem(error.what, error.why, error.next_step))
        self._hand_on(self._on_command, None)

    def _hand_on(self, function: Callable[..., None], value: object) -> None:
        try:
            self._loop.call_soon_threadsafe(function, value)
        except RuntimeError:  # the loop has ended
            sys.exit()


class CommandError(InspectorError):
    """A line on the control channel is no command."""


def decode_command(line: bytes) -> Command:
    """One command; raises CommandError."""
    try:
        return _decoder.decode(line)
    except msgspec.MsgspecError as error:
        raise CommandError(
            "A line on the control channel is no command.",
            why=f"{error}.",
            next_step="See inspector/engine/control.py for the commands.",
        ) from error


def channel_schema() -> dict[str, Any]:
    """The JSON Schema of both directions: `commands` are read from stdin, `notices` are written to stdout."""
    (commands, notices), definitions = msgspec.json.schema_components((Command, Notice))
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "version": VERSION,
        "commands": commands,
        "notices": notices,
        "$defs": definitions,
    }
