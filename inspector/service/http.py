"""What the routes have in common: bodies, tokens, JSON answers, and the headers of every answer."""

from ipaddress import ip_address
from typing import Any
from urllib.parse import urlsplit

import msgspec
from starlette.datastructures import Headers, MutableHeaders
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from inspector.service.errors import Refusal, body_too_large, no_such_path
from inspector.service.faults.answers import clock_ahead
from inspector.service.state import ServiceState
from inspector.service.tokens import Claims

_JSON_TYPE = "application/json; charset=utf-8"
_MAX_BODY_BYTES = 64 * 1024 * 1024
_ALLOWED_HEADERS = "Content-Type, Authorization, User-Agent, X-User-Agent"
_PREFLIGHT_SECONDS = "3600"


def state_of(request: Request) -> ServiceState:
    """The service that answers this request."""
    state: ServiceState = request.app.state.service
    return state


def claims_of(request: Request) -> Claims:
    """Who asks; raises Refusal (401)."""
    state, authorization = state_of(request), request.headers.get("authorization", "")
    # The app's backend has a clock of its own.
    ahead = 0 if request.url.path.startswith("/api/") else clock_ahead(state.faults, authorization)
    return state.keys.authorize(authorization, ahead=ahead)


async def read_body(request: Request) -> bytes:
    """The whole body; raises Refusal (413) for one that is longer than any client sends."""
    body = bytearray()
    async for piece in request.stream():
        body += piece
        if len(body) > _MAX_BODY_BYTES:
            raise body_too_large()
    return bytes(body)


def json_answer(value: Any) -> Response:
    """200 with JSON."""
    return Response(msgspec.json.encode(value), headers={"content-type": _JSON_TYPE})


async def refusal_answer(_request: Request, error: Exception) -> Response:
    """The answer to a Refusal."""
    assert isinstance(error, Refusal)
    return Response(error.encode(), status_code=error.status, headers={"content-type": _JSON_TYPE})


async def routing_answer(request: Request, error: Exception) -> Response:
    """The answer to a path or method that nothing listens on."""
    assert isinstance(error, HTTPException)
    path = request.url.path + (f"?{request.url.query}" if request.url.query else "")
    return await refusal_answer(request, no_such_path(request.method, path))


async def no_answer(_request: Request, _error: Exception) -> Response:
    """For a client that went away in the middle of its request; nobody reads this."""
    return Response(status_code=400)


class CommonHeaders:
    """Puts CORS headers on every answer and answers preflights, as the real service does.

    The demo backend is stricter: it gives out tokens without a password, so web pages from elsewhere may not read it.
    """

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        requested = Headers(scope=scope)
        origin = _allowed_origin(scope["path"], requested.get("origin", ""))

        async def send_with_headers(message: Message) -> None:
            if message["type"] == "http.response.start" and origin:
                headers = MutableHeaders(raw=message["headers"])
                headers["access-control-allow-origin"] = origin
                headers["access-control-expose-headers"] = "Content-Type"
            await send(message)

        if scope["method"] == "OPTIONS":
            is_whole = "origin" in requested and "access-control-request-method" in requested
            await _preflight(is_whole=is_whole)(scope, receive, send_with_headers)
        else:
            await self._app(scope, receive, send_with_headers)


def is_local_name(host: str | None) -> bool:
    """The name in a URL is this machine's own, or an address: a foreign web site's name is neither."""
    if host is None:
        return False
    try:
        ip_address(host)
    except ValueError:
        return host == "localhost" or host.endswith(".localhost")
    return True


def is_loopback(host: str) -> bool:
    """The address, or the name, is one that only this machine reaches."""
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"


def _allowed_origin(path: str, origin: str) -> str:
    if not path.startswith("/api/"):
        return "*"
    try:
        return origin if is_local_name(urlsplit(origin).hostname) else ""
    except ValueError:
        return ""


def _preflight(*, is_whole: bool) -> Response:
    if not is_whole:
        return Response("Invalid Preflight Request", 400, media_type="text/plain")
    return Response(
        status_code=204,
        headers={
            "access-control-allow-methods": "GET,HEAD,POST",
            "access-control-allow-headers": _ALLOWED_HEADERS,
            "access-control-max-age": _PREFLIGHT_SECONDS,
            # Some browsers wait for a body without it.
            "content-length": "0",
        },
    )
