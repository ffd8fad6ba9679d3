"""A real HTTP server that answers `POST /sync/stream` with what a test has written down, byte for byte.

What a service in order does is tested against the embedded service; this one does what none should.
"""

import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

NDJSON = "application/x-ndjson"


@dataclass
class Answer:
    """One answer; `hold` keeps the stream open after the body until the server ends, `cut` drops it there."""

    body: bytes = b""
    status: int = 200
    content_type: str = NDJSON
    headers: dict[str, str] = field(default_factory=dict)
    hold: bool = False
    cut: bool = False


class ScriptedService(ThreadingHTTPServer):
    """Gives the answers in order; the last one again and again."""

    daemon_threads = True

    def __init__(self, answers: list[Answer]) -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self.answers = answers
        self.requests: list[dict[str, Any]] = []
        self.tokens: list[str] = []
        self.ended = threading.Event()

    @property
    def endpoint(self) -> str:
        return f"http://127.0.0.1:{self.server_address[1]}"

    def handle_error(self, request: Any, client_address: Any) -> None:
        """Clients that go away are part of the tests."""


class _Handler(BaseHTTPRequestHandler):
    server: ScriptedService
    protocol_version = "HTTP/1.1"

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers.get("content-length", 0)))
        number = len(self.server.requests)
        self.server.requests.append(json.loads(body))
        self.server.tokens.append(self.headers.get("authorization", ""))
        answer = self.server.answers[min(number, len(self.server.answers) - 1)]
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

    def log_message(self, *arguments: Any) -> None:
        """Quiet."""


@contextmanager
def scripted_service(*answers: Answer) -> Iterator[ScriptedService]:
    """Run a scripted service until the block ends."""
    server = ScriptedService(list(answers))
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)
    thread.start()
    try:
        yield server
    finally:
        server.ended.set()
        server.shutdown()
        server.server_close()
        thread.join()
