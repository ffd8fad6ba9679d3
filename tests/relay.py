"""Passes bytes between clients and a service, and stops after so many of the service's, keeping the line open."""

import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from urllib.parse import urlsplit


class Relay:
    """`limit` counts the bytes of all answers together; `dry` is set once they have gone through."""

    def __init__(self, endpoint: str, limit: int) -> None:
        parts = urlsplit(endpoint)
        self._target = (str(parts.hostname), int(parts.port or 80))
        self._left = limit
        self._listener = socket.create_server(("127.0.0.1", 0))
        self._open: list[socket.socket] = [self._listener]
        self.passed = 0
        self.asked = b""
        """All that clients sent."""
        self.dry = threading.Event()
        self.endpoint = f"http://127.0.0.1:{self._listener.getsockname()[1]}"
        threading.Thread(target=self._accept, daemon=True).start()

    def close(self) -> None:
        """Let go of all sockets."""
        for held in self._open:
            with suppress(OSError):
                held.shutdown(socket.SHUT_RDWR)
            held.close()

    def _accept(self) -> None:
        with suppress(OSError):
            while True:
                client, _ = self._listener.accept()
                service = socket.create_connection(self._target)
                self._open += [client, service]
                threading.Thread(target=self._ask, args=(client, service), daemon=True).start()
                threading.Thread(target=self._answer, args=(service, client), daemon=True).start()

    def _ask(self, client: socket.socket, service: socket.socket) -> None:
        with suppress(OSError):
            while data := client.recv(65_536):
                self.asked += data
                service.sendall(data)
            service.shutdown(socket.SHUT_RDWR)

    def _answer(self, service: socket.socket, client: socket.socket) -> None:
        with suppress(OSError):
            while self._left > 0 and (data := service.recv(65_536)):
                piece = data[: self._left]
                self._left -= len(piece)
                client.sendall(piece)
                self.passed += len(piece)
        self.dry.set()


@contextmanager
def relay(endpoint: str, limit: int) -> Iterator[Relay]:
    """Run it until the block ends."""
    running = Relay(endpoint, limit)
    try:
        yield running
    finally:
        running.close()
