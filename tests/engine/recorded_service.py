"""The embedded service with a note of every request, and a hand on its answers."""

import asyncio
import json
import threading
from collections.abc import Awaitable, Callable, Iterator, MutableMapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import unquote

import pytest

from inspector.service import run
from inspector.service.app import create_app
from tests.running_service import ServiceUnderTest, running_service

Message = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[Message]]
Send = Callable[[Message], Awaitable[None]]
App = Callable[[Message, Receive, Send], Awaitable[None]]

PATIENCE_SECONDS = 30


@dataclass(frozen=True)
class Request:
    """One request; `path` has its query."""

    method: str
    path: str
    body: Any


@dataclass
class RequestLog:
    """What was asked of the service; answers to a path can be kept back, or replaced by an error."""

    requests: list[Request] = field(default_factory=list)
    refused: dict[str, int] = field(default_factory=dict)
    """Path → status."""
    _kept_back: dict[str, threading.Event] = field(default_factory=dict)

    def of(self, *paths: str) -> list[Request]:
        """The requests to these paths, in order."""
        return [request for request in self.requests if request.path.partition("?")[0] in paths]

    def keep_back(self, path: str) -> None:
        """The service does what is asked of it there, but its answers wait for `let_go`."""
        self._kept_back[path] = threading.Event()

    def let_go(self, path: str) -> None:
        self._kept_back.pop(path).set()

    def around(self, app: App) -> App:
        """The app, recorded."""

        async def recorded(scope: Message, receive: Receive, send: Send) -> None:
            if scope["type"] != "http":
                await app(scope, receive, send)
                return
            body = b""
            more = True
            while more:
                message = await receive()
                body += message.get("body", b"")
                more = message.get("more_body", False)
            query = unquote(scope["query_string"].decode())
            path = scope["path"]
            self.requests.append(
                Request(scope["method"], f"{path}?{query}" if query else path, json.loads(body) if body else None)
            )
            if (status := self.refused.get(path)) is not None:
                await send({"type": "http.response.start", "status": status, "headers": []})
                await send({"type": "http.response.body", "body": b""})
                return
            await app(scope, _replayed(body, receive), self._held(path, send))

        return recorded

    def _held(self, path: str, send: Send) -> Send:
        async def held(message: Message) -> None:
            if (event := self._kept_back.get(path)) is not None:
                await asyncio.to_thread(event.wait, PATIENCE_SECONDS)
            await send(message)

        return held


def _replayed(body: bytes, receive: Receive) -> Receive:
    told = False

    async def replayed() -> Message:
        nonlocal told
        if told:
            return await receive()
        told = True
        return {"type": "http.request", "body": body, "more_body": False}

    return replayed


@contextmanager
def recorded_service(**options: Any) -> Iterator[tuple[ServiceUnderTest, RequestLog]]:
    """A service of the test's own and its log."""
    log = RequestLog()
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(run, "create_app", lambda state: log.around(create_app(state)))
        with running_service(**options) as service:
            yield service, log
