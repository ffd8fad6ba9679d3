"""A tiny HTTP proxy: passes plain requests and CONNECT tunnels on, and can refuse them."""

import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from urllib.parse import urlsplit


class LocalProxy:
    """`targets` are the hosts and ports that were asked for; `refuse` is a status line to answer with instead."""

    def __init__(self, refuse: str = "") -> None:
        self._refuse = refuse
        self._listener = socket.create_server(("127.0.0.1", 0))
        self._open: list[socket.socket] = []
        self.targets: list[str] = []
        self.address = f"127.0.0.1:{self._listener.getsockname()[1]}"
        threading.Thread(target=self._accept, daemon=True).start()

    def close(self) -> None:
        """Let go of all sockets."""
        for held in (self._listener, *self._open):
            with suppress(OSError):
                held.shutdown(socket.SHUT_RDWR)
            held.close()

    def _accept(self) -> None:
        while True:
            try:
                client, _ = self._listener.accept()
            except OSError:
                return
            self._open.append(client)
            threading.Thread(target=self._serve, args=(client,), daemon=True).start()

    def _serve(self, client: socket.socket) -> None:
        with suppress(OSError):
            head = b""
            while b"\r\n\r\n" not in head:
                head += client.recv(4096)
            first, _, rest = head.partition(b"\r\n")
            method, target, _ = first.decode().split(" ")
            host = target if method == "CONNECT" else urlsplit(target).netloc
            self.targets.append(host)
            if self._refuse:
                client.sendall(f"HTTP/1.1 {self._refuse}\r\nContent-Length: 0\r\n\r\n".encode())
                return
            name, _, port = host.partition(":")
            upstream = socket.create_connection((name, int(port)))
            self._open.append(upstream)
            if method == "CONNECT":
                client.sendall(b"HTTP/1.1 200 Connection established\r\n\r\n")
            else:
                upstream.sendall(f"{method} {urlsplit(target).path} HTTP/1.1\r\n".encode() + rest)
            threading.Thread(target=_pass_on, args=(client, upstream), daemon=True).start()
            _pass_on(upstream, client)


def _pass_on(source: socket.socket, target: socket.socket) -> None:
    with suppress(OSError):
        while data := source.recv(65_536):
            target.sendall(data)
        target.shutdown(socket.SHUT_WR)


@contextmanager
def local_proxy(*, refuse: str = "") -> Iterator[LocalProxy]:
    """Run a proxy until the block ends."""
    proxy = LocalProxy(refuse)
    try:
        yield proxy
    finally:
        proxy.close()
