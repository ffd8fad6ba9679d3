"""The process from which others are forked. It ends, and so do they, when its standard input does.

It prints a line once it listens. Asked over a Unix socket: eight digits, that many bytes of NUL-separated `program`,
`folder`, number of arguments, arguments…, `NAME=value`…, and three file descriptors with the first byte. It answers
with the process's id in a line, and with its exit code in another once it has ended. A process whose asker goes away
before is killed.
"""

import gc
import importlib
import os
import selectors
import signal
import socket
import sys
from collections.abc import Callable
from contextlib import suppress
from functools import cache
from typing import Any

_ENGINE = (
    "inspector.engine.main",
    # With its first request.
    "anyio._backends._asyncio",
    "h11",
    "httpcore._async.http11",
    "httpcore._backends.anyio",
)
_PROGRAMS = {
    "engine": _ENGINE,
    "inspector": (
        "inspector.cli",
        "inspector.cli.app",
        "inspector.cli.follow",
        "inspector.analysis.examination",
        *_ENGINE,
    ),
}
"""What each imports. The first has its `main`."""


class Nursery:
    """Listens at `address`."""

    def __init__(self, address: str) -> None:
        self._listener = socket.socket(socket.AF_UNIX)
        self._listener.bind(address)
        self._listener.listen(64)
        self._woken, self._wakes = socket.socketpair()
        for end in (self._woken, self._wakes):
            end.setblocking(False)
        self._selector = selectors.DefaultSelector()
        self._askers: dict[int, socket.socket] = {}
        """By the id of the process that was asked for."""

    def run(self) -> Callable[[], Any] | None:
        """In each process that is forked, the program that it is to run; None when this one is to end."""
        signal.signal(signal.SIGINT, signal.SIG_IGN)
        signal.signal(signal.SIGCHLD, lambda *_: None)
        signal.set_wakeup_fd(self._wakes.fileno())
        for awaited in (self._listener, self._woken, sys.stdin):
            self._selector.register(awaited, selectors.EVENT_READ)
        while True:
            for key, _ in self._selector.select():
                if key.fileobj is sys.stdin:
                    self._kill_all()
                    return None
                if key.fileobj is self._woken:
                    self._bury()
                elif key.fileobj is self._listener:
                    if (program := self._fork()) is not None:
                        return program
                else:
                    self._lose(key.data)

    def _fork(self) -> Callable[[], Any] | None:
        asker, _ = self._listener.accept()
        (name, *order), descriptors = _order_from(asker)
        if not descriptors:
            asker.close()
            return None
        program = _imported(name)
        if process := os.fork():
            for descriptor in descriptors:
                os.close(descriptor)
            with suppress(OSError):  # an asker that is gone is seen below
                asker.sendall(b"%d\n" % process)
            self._askers[process] = asker
            self._selector.register(asker, selectors.EVENT_READ, process)
            return None
        self._leave()
        asker.close()
        _become(order, descriptors)
        return program

    def _leave(self) -> None:
        """In a new process, let go of what belongs to this one."""
        signal.set_wakeup_fd(-1)
        signal.signal(signal.SIGCHLD, signal.SIG_DFL)
        signal.signal(signal.SIGINT, signal.default_int_handler)
        self._selector.close()
        for held in (self._listener, self._woken, self._wakes, *self._askers.values()):
            held.close()

    def _bury(self) -> None:
        with suppress(BlockingIOError):
            self._woken.recv(4096)
        with suppress(ChildProcessError):
            while (ended := os.waitpid(-1, os.WNOHANG))[0]:
                process, status = ended
                if (asker := self._askers.pop(process, None)) is not None:
                    self._selector.unregister(asker)
                    with suppress(OSError), asker:
                        asker.sendall(b"%d\n" % os.waitstatus_to_exitcode(status))

    def _lose(self, process: int) -> None:
        if (asker := self._askers.pop(process, None)) is not None:
            self._selector.unregister(asker)
            asker.close()
            os.kill(process, signal.SIGKILL)

    def _kill_all(self) -> None:
        for process in tuple(self._askers):
            self._lose(process)
            os.waitpid(process, 0)


@cache
def _imported(name: str) -> Callable[[], Any]:
    program, *_ = map(importlib.import_module, _PROGRAMS[name])
    gc.freeze()
    main: Callable[[], Any] = program.main
    return main


def _order_from(asker: socket.socket) -> tuple[list[str], list[int]]:
    """Without descriptors when the asker is gone."""
    first, descriptors, _, _ = socket.recv_fds(asker, 65_536, 3)
    if not descriptors:
        return [""], []
    length, order = int(first[:8]), first[8:]
    while len(order) < length:
        order += asker.recv(65_536)
    return os.fsdecode(order).split("\0"), descriptors


def _become(order: list[str], descriptors: list[int]) -> None:
    folder, count, *others = order
    arguments, variables = others[: int(count)], others[int(count) :]
    for number, descriptor in enumerate(descriptors):
        os.dup2(descriptor, number)
        os.close(descriptor)
    os.chdir(folder)
    sys.argv[1:] = arguments
    os.environ.clear()
    for name, _, value in (variable.partition("=") for variable in variables):
        os.environ[name] = value


if __name__ == "__main__":
    nursery = Nursery(sys.argv[1])
    print("listening", flush=True)
    if (program := nursery.run()) is not None:
        sys.exit(program())
