"""A part of this program in a process of its own: in a thread it would take Python's interpreter from the window's.

It is a module that is told its task as arguments, and more on standard input where that takes part; it answers with
lines of JSON on standard output, and ends when its standard input does.
"""

import json
import os
import sys
import threading
from collections.abc import Iterator
from contextlib import suppress
from subprocess import PIPE, Popen
from typing import Any

import msgspec
from msgspec import Struct

from inspector.protocol.errors import InspectorError

_NICER = 5
"""Added to its niceness: what the user does in the window comes first."""


class Reason(Struct, frozen=True, tag="reason"):
    """An InspectorError, on its way to the other process."""

    what: str
    why: str
    next_step: str

    @classmethod
    def of(cls, error: InspectorError) -> "Reason":
        """What it says."""
        return cls(error.what, error.why, error.next_step)


class OtherProcess:
    """Where the work is done, as its caller sees it; for one thread, but that any may `kill` it."""

    def __init__(self, module: str, *arguments: str) -> None:
        self._process = Popen([sys.executable, "-m", module, *arguments], stdin=PIPE, stdout=PIPE, stderr=PIPE)
        self._last_words: str | None = None

    def tell(self, line: bytes) -> None:
        """Send it a line; one that has ended hears nothing."""
        assert self._process.stdin is not None
        with suppress(OSError):
            self._process.stdin.write(line + b"\n")
            self._process.stdin.flush()

    def lines(self) -> Iterator[bytes]:
        """What it answers, until it ends."""
        assert self._process.stdout is not None
        for line in self._process.stdout:
            if line.endswith(b"\n"):  # else it was cut off as the process ended
                yield line

    def kill(self) -> None:
        """Have it end at once."""
        self._process.kill()

    def last_words(self) -> str:
        """Wait for its end; what it said of it, as a sentence, or nothing."""
        if self._last_words is None:
            said: list[str] = []
            # What it was told last may still wait to be sent, which it cannot be any more.
            with suppress(OSError), self._process as process:
                assert process.stderr is not None
                said = process.stderr.read().decode(errors="replace").strip().splitlines()
            self._last_words = f"It says: {said[-1].strip().rstrip('.')}." if said else ""
        return self._last_words

    def close(self) -> None:
        """End it, and wait until it has ended."""
        self.kill()
        with suppress(OSError), self._process:
            pass


def understood(line: bytes, kind: Any) -> Any:
    """A line of `answer`, as one of these structs."""
    try:
        return msgspec.json.decode(line, type=kind)
    except msgspec.DecodeError:
        return msgspec.convert(json.loads(line), kind)


def answer(message: Struct) -> None:
    """In the other process: a line to its caller."""
    try:
        line = msgspec.json.encode(message)
    except UnicodeEncodeError:  # half a character: JSON of a damaged row can have one
        line = json.dumps(msgspec.to_builtins(message)).encode()
    sys.stdout.buffer.write(line + b"\n")
    sys.stdout.flush()


def behave() -> None:
    """In the other process: leave the processor to the window where both want it."""
    if sys.platform != "win32":
        os.nice(_NICER)


def end_with_the_window() -> None:
    """In one that is told nothing more: end when the caller does, however it ends."""
    threading.Thread(target=_wait_for_the_end, daemon=True).start()


def _wait_for_the_end() -> None:
    while os.read(sys.stdin.fileno(), 1):
        pass
    os._exit(1)
