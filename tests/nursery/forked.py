"""Starts processes that are forked from the nursery, and the nursery with the first of them."""

import os
import socket
import subprocess
import sys
from collections.abc import Mapping, Sequence
from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory, TemporaryFile
from typing import BinaryIO

POSSIBLE = sys.platform == "linux"
_STAND_IN = str(Path(__file__).with_name("stand_in.py"))


class _Forked:
    """A process with these descriptors as its input, output and error output."""

    def __init__(
        self, program: str, arguments: Sequence[str], variables: Mapping[str, str], descriptors: Sequence[int]
    ) -> None:
        named = (f"{name}={value}" for name, value in variables.items())
        order = os.fsencode("\0".join((program, os.getcwd(), str(len(arguments)), *arguments, *named)))
        self.returncode: int | None = None
        self._nursery = socket.socket(socket.AF_UNIX)
        self._nursery.connect(_nursery().address)
        socket.send_fds(self._nursery, [b"%08d" % len(order), order], descriptors)
        self._answers = self._nursery.makefile("rb")
        self.pid = int(self._answers.readline())

    def wait(self, timeout: float) -> int:
        """Its exit code, below 0 the signal that ended it; raises TimeoutError."""
        if self.returncode is None:
            self._nursery.settimeout(timeout)
            self.returncode = int(self._answers.readline())
            self._answers.close()
            self._nursery.close()
        return self.returncode


class ForkedEngine(_Forked):
    """An engine process with pipes, as `subprocess.Popen` would give it."""

    def __init__(self, variables: Mapping[str, str]) -> None:
        reads, writes = os.pipe(), os.pipe()
        self.stdin: BinaryIO = os.fdopen(reads[1], "wb")
        self.stdout: BinaryIO = os.fdopen(writes[0], "rb")
        super().__init__("engine", (), variables, (reads[0], writes[1], 2))
        os.close(reads[0])
        os.close(writes[1])


def run_inspector(
    arguments: Sequence[str], variables: Mapping[str, str], timeout: float
) -> subprocess.CompletedProcess[str]:
    """Run the command `inspector` to its end, as `subprocess.run` does."""
    if not POSSIBLE:
        return subprocess.run(
            [sys.executable, "-m", "inspector", *arguments],
            capture_output=True,
            text=True,
            timeout=timeout,
            env=variables,
            check=False,
        )
    with open(os.devnull) as nothing, TemporaryFile("w+") as output, TemporaryFile("w+") as errors:
        descriptors = (nothing.fileno(), output.fileno(), errors.fileno())
        code = _Forked("inspector", arguments, variables, descriptors).wait(timeout)
        output.seek(0)
        errors.seek(0)
        return subprocess.CompletedProcess(arguments, code, output.read(), errors.read())


def engine_command() -> tuple[str, ...]:
    """What runs a forked engine, for what starts commands: a process that ends as the engine does, and it with it."""
    return (sys.executable, "-I", "-S", _STAND_IN, _nursery().address)


class _Nursery:
    """The nursery's process, and the folder of its socket."""

    def __init__(self) -> None:
        self._folder = TemporaryDirectory(prefix="nursery-")
        self.address = str(Path(self._folder.name) / "socket")
        self._process = subprocess.Popen(
            [sys.executable, "-m", "tests.nursery.nursery", self.address],
            cwd=Path(__file__).parents[2],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
        )
        assert self._process.stdout is not None
        assert self._process.stdout.readline()

    def end(self) -> None:
        self._process.communicate()
        self._folder.cleanup()


@cache
def _nursery() -> _Nursery:
    return _Nursery()


def end_nursery() -> None:
    """No process is forked any more, and none is left."""
    if _nursery.cache_info().currsize:
        _nursery().end()
        _nursery.cache_clear()
