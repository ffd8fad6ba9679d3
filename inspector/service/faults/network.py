"""The network between: every answer of the service passes here on its way to the client.

While no fault is armed an answer costs one comparison, and each of its chunks another.
"""

import asyncio
import time
from collections.abc import Callable
from contextlib import suppress
from email.utils import formatdate
from functools import partial

from starlette.datastructures import Headers
from starlette.types import ASGIApp, Message, Receive, Scope, Send
from uvicorn.protocols.http.h11_impl import H11Protocol

from inspector.service.faults.answers import ANSWER_FAULTS, CLOCK_SKEW, OFFLINE, REFUSE, Answer, claimed_user
from inspector.service.faults.lab import FaultLab
from inspector.service.faults.pace import Pace
from inspector.service.faults.proxy import Buffer, ByteCounter
from inspector.service.faults.stream import ConnectionCut

ADMIN_PATH = "/api/faults"
LAB_HEADER = (b"x-inspector-faults", ADMIN_PATH.encode())
"""In every answer: tells the inspector's engine that what goes wrong may be meant."""
_STREAM_PATH = "/sync/stream"
_ACKNOWLEDGEMENT_PATHS = ("/write-checkpoint2.json", "/sync/checkpoint-request")
_UPLOAD_PATH = "/api/data"
_TRANSPORT = "inspector.transport"


class FaultyProtocol(H11Protocol):
    """Tells the application the connection that a request came over, so that it can be broken."""

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport)
        super().connection_made(transport)
        self.app = partial(_with_transport, self.app, transport)


async def _with_transport(
    app: ASGIApp, transport: asyncio.Transport, scope: Scope, receive: Receive, send: Send
) -> None:
    scope[_TRANSPORT] = transport
    await app(scope, receive, send)


class FaultyNetwork:
    """The faults of requests, answers and bytes."""

    def __init__(self, app: ASGIApp, lab: FaultLab) -> None:
        self._app = app
        self._lab = lab
        self._open: dict[Callable[[], None], str] = {}
        """How to break each request under way, and whose it is."""
        lab.on_change.append(self._break_if_offline)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http" or scope["path"].startswith(ADMIN_PATH):
            await self._app(scope, receive, send)
            return
        exchange = _Exchange(self._lab, scope, receive, send)
        self._open[exchange.abort] = exchange.user
        try:
            if self._lab.quiet or await exchange.passes():
                await exchange.run(self._app)
        finally:
            del self._open[exchange.abort]

    def _break_if_offline(self) -> None:
        for abort, user in list(self._open.items()):
            if arming := self._lab.active(OFFLINE.name, user):
                self._lab.strike(arming, "A connection was broken.", user=user)
                abort()


class _Exchange:
    """One request and its answer."""

    def __init__(self, lab: FaultLab, scope: Scope, receive: Receive, send: Send) -> None:
        self.user = claimed_user(Headers(scope=scope).get("authorization", ""))
        self._lab = lab
        self._scope = scope
        self._receive = receive
        self._out = send
        self._is_stream = scope["path"] == _STREAM_PATH
        self._pace = Pace(lab, self.user)
        self._buffer = Buffer(lab, self.user)
        self._bytes = ByteCounter(lab, self.user)
        self._turn = asyncio.Lock()
        self._release: asyncio.Task[None] | None = None
        self._broken = False

    def abort(self) -> None:
        """Break the connection at once."""
        self._broken = True
        self._scope[_TRANSPORT].abort()

    async def passes(self) -> bool:
        """Whether the service gets to see the request; otherwise it is answered, or its connection broken."""
        for fault in (OFFLINE, REFUSE):
            if arming := self._lab.active(fault.name, self.user):
                self._lab.strike(arming, f"{_named(self._scope)} got no answer.", user=self.user)
                self.abort()
                await self._disconnected()
                return False
        if (answer := self._answer()) is None:
            return True
        while (await self._receive()).get("more_body", False):
            pass
        await self._pace.delay()
        headers = [*answer.headers, LAB_HEADER, (b"content-length", str(len(answer.body)).encode())]
        await self._out({"type": "http.response.start", "status": answer.status, "headers": headers})
        await self._out({"type": "http.response.body", "body": answer.body})
        return False

    async def run(self, app: ASGIApp) -> None:
        """Let the service answer."""
        try:
            await app(self._scope, self._receive, self._send)
        except ConnectionCut:
            await self._cut()
        finally:
            if self._release is not None:
                self._release.cancel()
                await asyncio.wait({self._release})

    async def _send(self, message: Message) -> None:
        if self._broken:
            return
        if message["type"] == "http.response.start":
            message["headers"] = [*message["headers"], LAB_HEADER, *self._date()]
        if self._lab.quiet and not (self._buffer.arming or self._pace.engaged):
            await self._out(message)
        elif message["type"] == "http.response.start":
            await self._pace.delay()
            await self._out(message)
        else:
            await self._send_body(message.get("body", b""), last=not message.get("more_body", False))

    async def _send_body(self, body: bytes, *, last: bool) -> None:
        if not self._is_stream:
            await self._paced(body, last=last)
            return
        await self._pace.stall()
        await self._pace.delay()
        async with self._turn:
            body = self._buffer.through(body, last=last)
            if self._buffer.arming is not None and self._release is None:
                self._release = asyncio.create_task(self._release_when_lifted())
            body, breaks = self._bytes.through(body)
            await self._paced(body, last=last and not breaks)
        if breaks:
            await self._cut()

    async def _release_when_lifted(self) -> None:
        arming = self._buffer.arming
        assert arming is not None
        await arming.over.wait()
        async with self._turn:
            await self._out({"type": "http.response.body", "body": self._buffer.release(), "more_body": True})
            self._release = None

    async def _paced(self, body: bytes, *, last: bool) -> None:
        for piece, seconds in self._pace.pieces(body):
            if seconds:
                await asyncio.sleep(seconds)
            await self._out({"type": "http.response.body", "body": piece, "more_body": True})
        if last:
            await self._out({"type": "http.response.body", "body": b"", "more_body": False})

    async def _cut(self) -> None:
        """Break the connection once what was sent is out."""
        self._broken = True
        self._scope[_TRANSPORT].close()
        await self._disconnected()

    async def _disconnected(self) -> None:
        with suppress(Exception):
            while (await self._receive())["type"] != "http.disconnect":
                pass

    def _answer(self) -> Answer | None:
        for answer_fault in ANSWER_FAULTS:
            arming = self._lab.active(answer_fault.fault.name, self.user)
            if arming is not None and _concerns(arming.text("where"), self._scope["path"]):
                self._lab.strike(
                    arming, f"{_named(self._scope)} was answered {answer_fault.answer.status}.", user=self.user
                )
                return answer_fault.answer
        return None

    def _date(self) -> list[tuple[bytes, bytes]]:
        """As in the real service, none; but whoever was shown a wrong one is shown the right one later."""
        arming = self._lab.active(CLOCK_SKEW.name, self.user)
        if arming is None and CLOCK_SKEW.name not in self._lab.strikes:
            return []
        seconds = 0 if arming is None else arming.number("seconds")
        return [(b"date", formatdate(time.time() + seconds, usegmt=True).encode())]


def _concerns(where: str, path: str) -> bool:
    return (
        (where in ("stream", "all") and path == _STREAM_PATH)
        or (where in ("acknowledgements", "all") and path in _ACKNOWLEDGEMENT_PATHS)
        or (where in ("uploads", "all") and path == _UPLOAD_PATH)
    )


def _named(scope: Scope) -> str:
    return f"{scope['method']} {scope['path']}"
