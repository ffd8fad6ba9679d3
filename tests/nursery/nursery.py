"""The process from which others are forked. It ends, and so do they, when its standard input does.

It prints a line once it listens. Asked over a Unix socket: eight digits, that many bytes of NUL-separated `folder`,
`NAME=value`…, and three file descriptors with the first byte. It answers with the process's id in a line, and with its
exit code in another once it has ended. A process whose asker goes away before is killed.
"""

import gc
import importlib
import os
import selectors
import signal
import socket
import sys
from contextlib import suppress

from inspector.engine.main import main

_USED_LATER = ("anyio._backends._asyncio", "h11", "httpcore._async.http11", "httpcore._backends.anyio")
"""What an engine imports with its first request."""


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

    def run(self) -> bool:
        """True in each process that is forked, which is to run the program; False when it is to end."""
        signal.signal(signal.SIGINT, signal.SIG_IGN)
        signal.signal(signal.SIGCHLD, lambda *_: None)
        signal.set_wakeup_fd(self._wakes.fileno())
        for awaited in (self._listener, self._woken, sys.stdin):
            self._selector.register(awaited, selectors.EVENT_READ)
        while True:
            for key, _ in self._selector.select():
                if key.fileobj is sys.stdin:
                    self._kill_all()
                    return False
                if key.fileobj is self._woken:
                    self._bury()
                elif key.fileobj is self._listener:
                    if self._fork():
                        return True
                else:
                    self._lose(key.data)

    def _fork(self) -> bool:
        asker, _ = self._listener.accept()
        order, descriptors = _order_from(asker)
        if process := os.fork():
            for descriptor in descriptors:
                os.close(descriptor)
            asker.sendall(b"%d\n" % process)
            self._askers[process] = asker
            self._selector.register(asker, selectors.EVENT_READ, process)
            return False
        self._leave()
        asker.close()
        _become(order, descriptors)
        return True

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


def _order_from(asker: socket.socket) -> tuple[list[str], list[int]]:
    first, descriptors, _, _ = socket.recv_fds(asker, 65_536, 3)
    length, order = int(first[:8]), first[8:]
    while len(order) < length:
        order += asker.recv(65_536)
    return os.fsdecode(order).split("\0"), descriptors


def _become(order: list[str], descriptors: list[int]) -> None:
    folder, *variables = order
    for number, descriptor in enumerate(descriptors):
        os.dup2(descriptor, number)
        os.close(descriptor)
    os.chdir(folder)
    os.environ.clear()
    for name, _, value in (variable.partition("=") for variable in variables):
        os.environ[name] = value


if __name__ == "__main__":
    for used in _USED_LATER:
        importlib.import_module(used)
    nursery = Nursery(sys.argv[1])
    print("listening", flush=True)
    gc.freeze()
    if nursery.run():
        sys.exit(main())
