"""A real HTTP server that answers `POST /sync/stream` with what a test has written down, byte for byte.

What a service in order does is tested against the embedded service; this one does what none should.
"""

import json
import ssl
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

NDJSON = "application/x-ndjson"


@dataclass
class Answer:
    """One answer; `hold` keeps the stream open after the body until the server ends, `cut` drops it there.

    `before` holds the whole answer back until it is set.
    """

    body: bytes = b""
    status: int = 200
    content_type: str = NDJSON
    headers: dict[str, str] = field(default_factory=dict)
    hold: bool = False
    cut: bool = False
    before: threading.Event | None = None


class ScriptedService(ThreadingHTTPServer):
    """Gives the answers in order; the last one again and again."""

    daemon_threads = True

    def __init__(self, answers: list[Answer]) -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self.answers = answers
        self.requests: list[dict[str, Any]] = []
        self.tokens: list[str] = []
        self._asked = threading.Condition()
        self.ended = threading.Event()
        self.clock_ahead = 0.0
        """s that its clock is ahead of this machine's."""
        self.tls: ssl.SSLContext | None = None
        self.get = b""

    @property
    def endpoint(self) -> str:
        return f"{'https' if self.tls else 'http'}://127.0.0.1:{self.server_address[1]}"

    def get_request(self) -> tuple[Any, Any]:
        connection, address = super().get_request()
        if self.tls is not None:
            connection = self.tls.wrap_socket(connection, server_side=True, do_handshake_on_connect=False)
        return connection, address

    def take(self, request: dict[str, Any], token: str) -> int:
        """Note a request; how many came before it."""
        with self._asked:
            self.requests.append(request)
            self.tokens.append(token)
            self._asked.notify_all()
            return len(self.requests) - 1

    def answer(self, number: int) -> Answer:
        """What the request gets that came after `number` others."""
        return self.answers[min(number, len(self.answers) - 1)]

    def fetched(self) -> bytes:
        """What a GET brings; nothing: 404."""
        return self.get

    def wait_for_requests(self, count: int) -> None:
        """Until so many requests have come."""
        with self._asked:
            assert self._asked.wait_for(lambda: len(self.requests) >= count, 30)

    def handle_error(self, request: Any, client_address: Any) -> None:
        """Clients that go away are part of the tests."""


class _Handler(BaseHTTPRequestHandler):
    server: ScriptedService
    protocol_version = "HTTP/1.1"

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers.get("content-length", 0)))
        number = self.server.take(json.loads(body), self.headers.get("authorization", ""))
        answer = self.server.answer(number)
        if answer.before is not None:
            answer.before.wait(30)
        self.send_response(answer.status)
        self.send_header("content-type", answer.content_type)
        for name, value in answer.headers.items():
            self.send_header(name, value)
        self.send_header("transfer-encoding", "chunked")
        self.end_headers()
        if answer.body:
            self.wfile.write(b"%x\r\n%s\r\n" % (len(answer.body), answer.body))
        if answer.hold:
            self.server.ended.wait(30)
        if answer.cut:
            self.close_connection = True
            return
        self.wfile.write(b"0\r\n\r\n")

    def do_GET(self) -> None:
        body = self.server.fetched()
        self.send_response(200 if body else 404)
        self.send_header("content-type", "application/json")
        self.send_header("content-length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def date_time_string(self, timestamp: float | None = None) -> str:
        return super().date_time_string((time.time() if timestamp is None else timestamp) + self.server.clock_ahead)

    def log_message(self, *arguments: Any) -> None:
        """Quiet."""


@contextmanager
def scripted_service(
    *answers: Answer, clock_ahead: float = 0.0, tls: ssl.SSLContext | None = None
) -> Iterator[ScriptedService]:
    """Run a scripted service until the block ends."""
    server = ScriptedService(list(answers))
    server.clock_ahead, server.tls = clock_ahead, tls
    with serving(server):
        yield server


@contextmanager
def serving(server: ScriptedService) -> Iterator[None]:
    """Let it answer until the block ends."""
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)
    thread.start()
    try:
        yield
    finally:
        server.ended.set()
        server.shutdown()
        server.server_close()
        thread.join()
