"""A proxy between a client and the service that notes what passes, and can hold a stream at a chosen line."""

import asyncio
import socket
import threading
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from typing import Any

import httpx
import msgspec
import uvicorn
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response, StreamingResponse
from starlette.routing import Route

from inspector.protocol.framing import FrameFormat, framer_for
from inspector.protocol.lines import CheckpointComplete, DataLine, Line, Operation, decode_line

PATIENCE_SECONDS = 30
_PASSED_ON = ("authorization", "accept", "content-type", "user-agent", "x-user-agent")


@dataclass
class Exchange:
    """One request and its answer. `lines` are those of a sync stream, as far as they were passed on."""

    method: str
    path: str
    body: Any
    status: int = 0
    lines: list[Line] = field(default_factory=list)

    @property
    def positions(self) -> dict[str, str]:
        """The `after` of each bucket in the request for a stream."""
        return {bucket["name"]: bucket["after"] for bucket in self.body["buckets"]}

    @property
    def operations(self) -> list[Operation]:
        """What the stream has brought."""
        return [operation for line in self.lines if isinstance(line, DataLine) for operation in line.data]


@dataclass
class _Hold:
    """Where a stream stops."""

    wanted: Callable[[Line], bool]
    reached: threading.Event = field(default_factory=threading.Event)
    released: threading.Event = field(default_factory=threading.Event)


class RecordingProxy:
    """Passes requests on to `upstream`, which may change while it runs."""

    def __init__(self, upstream: str, endpoint: str) -> None:
        self.upstream = upstream
        self.endpoint = endpoint
        self.exchanges: list[Exchange] = []
        self._changed = threading.Condition()
        self._hold: _Hold | None = None

    @property
    def streams(self) -> list[Exchange]:
        """The requests for a sync stream that were accepted, oldest first."""
        return [exchange for exchange in self.exchanges if exchange.path == "/sync/stream" and exchange.status == 200]

    def calls(self, *paths: str) -> list[tuple[str, int]]:
        """Path and status of the requests, oldest first; only those to `paths` if any are given."""
        return [(it.path, it.status) for it in self.exchanges if not paths or it.path in paths]

    def wait_streams(self, number: int) -> None:
        """Until this many streams have brought a line."""
        self._wait(lambda: sum(bool(stream.lines) for stream in self.streams) >= number)

    def wait_complete(self, row_id: str) -> None:
        """Until a stream has brought this row, and its checkpoint complete."""

        def complete() -> bool:
            stream = self.streams[-1]
            return isinstance(stream.lines[-1], CheckpointComplete) and any(
                operation.object_id == row_id for operation in stream.operations
            )

        self._wait(complete)

    def _wait(self, reached: Callable[[], bool]) -> None:
        with self._changed:
            assert self._changed.wait_for(reached, PATIENCE_SECONDS)

    def hold_after(self, wanted: Callable[[Line], bool]) -> None:
        """Stop the stream after its next line for which `wanted` holds; a stream that is stopped goes on."""
        self.release()
        self._hold = _Hold(wanted)

    def wait_held(self) -> None:
        """Until that line has been passed on."""
        assert self._hold is not None
        assert self._hold.reached.wait(PATIENCE_SECONDS)

    def release(self) -> None:
        """Let the stream go on."""
        hold, self._hold = self._hold, None
        if hold is not None:
            hold.released.set()

    async def answer(self, request: Request) -> Response:
        """Pass one request on."""
        body = await request.body()
        exchange = Exchange(request.method, request.url.path, msgspec.json.decode(body) if body else None)
        self.exchanges.append(exchange)
        headers = {name: value for name in _PASSED_ON if (value := request.headers.get(name)) is not None}
        client: httpx.AsyncClient = request.app.state.client
        url = f"{self.upstream}{request.url.path}?{request.url.query}"
        passed_on = client.build_request(request.method, url, headers=headers, content=body)
        passed_on.headers["accept-encoding"] = "identity"
        try:
            answer = await client.send(passed_on, stream=True)
        except httpx.HTTPError:
            return Response(status_code=502)
        exchange.status = answer.status_code
        content_type = answer.headers.get("content-type", "")
        if exchange.path != "/sync/stream" or answer.status_code != 200:
            content = await answer.aread()
            await answer.aclose()
            return Response(content, answer.status_code, {"content-type": content_type})
        return StreamingResponse(self._frames(answer, exchange), headers={"content-type": content_type})

    async def _frames(self, answer: httpx.Response, exchange: Exchange) -> AsyncIterator[bytes]:
        framer = framer_for(answer.headers["content-type"])
        end = b"\n" if framer.format is FrameFormat.NDJSON else b""
        try:
            with suppress(httpx.HTTPError):
                async for chunk in answer.aiter_bytes():
                    for frame in framer.feed(chunk):
                        line = decode_line(frame, framer.format)
                        with self._changed:
                            exchange.lines.append(line)
                            self._changed.notify_all()
                        yield frame + end
                        await self._pass(line)
        finally:
            await answer.aclose()

    async def _pass(self, line: Line) -> None:
        hold = self._hold
        if hold is not None and hold.wanted(line):
            hold.reached.set()
            await asyncio.to_thread(hold.released.wait, PATIENCE_SECONDS)


class _Server(uvicorn.Server):
    """Uvicorn that leaves signals alone and says when it answers."""

    def __init__(self, app: Starlette, on_started: Callable[[], None]) -> None:
        super().__init__(
            uvicorn.Config(app, lifespan="off", log_config=None, access_log=False, timeout_graceful_shutdown=1)
        )
        self._on_started = on_started

    @contextmanager
    def capture_signals(self) -> Iterator[None]:
        yield

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        await super().startup(sockets)
        self._on_started()


@contextmanager
def recording_proxy(upstream: str) -> Iterator[RecordingProxy]:
    """A proxy on a free port for as long as the block lasts."""
    listener = socket.create_server(("127.0.0.1", 0))
    proxy = RecordingProxy(upstream, f"http://127.0.0.1:{listener.getsockname()[1]}")
    app = Starlette(routes=[Route("/{path:path}", proxy.answer, methods=["GET", "POST"])])
    started = threading.Event()
    server = _Server(app, started.set)

    async def run() -> None:
        # Without a limit: a stream may be silent for longer than any test lasts.
        async with httpx.AsyncClient(timeout=None, trust_env=False) as client:
            app.state.client = client
            await server.serve(sockets=[listener])

    thread = threading.Thread(target=lambda: asyncio.run(run()))
    thread.start()
    try:
        assert started.wait(PATIENCE_SECONDS)
        yield proxy
    finally:
        proxy.release()
        server.should_exit = True
        thread.join(PATIENCE_SECONDS)
        listener.close()
    assert not thread.is_alive()
