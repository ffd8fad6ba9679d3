"""A server that speaks HTTP/2 over TLS and nothing else, and answers each request with the next body, then holds."""

import json
import socket
import ssl
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from typing import Any

from h2.config import H2Configuration
from h2.connection import H2Connection
from h2.events import DataReceived, RequestReceived, StreamEnded

_PIECE = 16_000


class H2Service:
    """One thread a connection; `connections` counts them."""

    def __init__(self, tls: ssl.SSLContext, bodies: tuple[bytes, ...]) -> None:
        self._tls = tls
        self._bodies = bodies
        self._listener = socket.create_server(("127.0.0.1", 0))
        self._open: list[ssl.SSLSocket] = []
        self.requests: list[dict[str, Any]] = []
        self.connections = 0
        self.endpoint = f"https://127.0.0.1:{self._listener.getsockname()[1]}"
        threading.Thread(target=self._accept, daemon=True).start()

    def close(self) -> None:
        """Let go of all sockets."""
        with suppress(OSError):
            self._listener.shutdown(socket.SHUT_RDWR)
        self._listener.close()
        for connection in self._open:
            with suppress(OSError):
                connection.shutdown(socket.SHUT_RDWR)
            connection.close()

    def _accept(self) -> None:
        while True:
            try:
                plain, _ = self._listener.accept()
                connection = self._tls.wrap_socket(plain, server_side=True)
            except OSError:
                return
            self.connections += 1
            self._open.append(connection)
            threading.Thread(target=self._serve, args=(connection,), daemon=True).start()

    def _serve(self, connection: ssl.SSLSocket) -> None:
        h2 = H2Connection(H2Configuration(client_side=False, header_encoding="utf-8"))
        h2.initiate_connection()
        waiting: dict[int, bytes] = {}
        bodies: dict[int, bytes] = {}
        with suppress(OSError):
            connection.sendall(h2.data_to_send())
            while received := connection.recv(65_536):
                for event in h2.receive_data(received):
                    match event:
                        case RequestReceived(stream_id=stream):
                            bodies[stream] = b""
                        case DataReceived(stream_id=stream, data=data):
                            bodies[stream] += data
                            h2.acknowledge_received_data(event.flow_controlled_length, stream)
                        case StreamEnded(stream_id=stream):
                            self.requests.append(json.loads(bodies.pop(stream)))
                            h2.send_headers(stream, [(":status", "200"), ("content-type", "application/x-ndjson")])
                            waiting[stream] = self._bodies[min(len(self.requests), len(self._bodies)) - 1]
                for stream in waiting:
                    waiting[stream] = _send(h2, stream, waiting[stream])
                connection.sendall(h2.data_to_send())


def _send(h2: H2Connection, stream: int, body: bytes) -> bytes:
    """Send as much as the window allows; the rest."""
    while body and (room := min(h2.local_flow_control_window(stream), _PIECE)) > 0:
        h2.send_data(stream, body[:room])
        body = body[room:]
    return body


@contextmanager
def h2_service(tls: ssl.SSLContext, *bodies: bytes) -> Iterator[H2Service]:
    """Run it until the block ends."""
    service = H2Service(tls, bodies)
    try:
        yield service
    finally:
        service.close()
