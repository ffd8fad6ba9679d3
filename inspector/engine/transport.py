"""HTTP to the service: the stream as chunks of bytes, and errors as sentences."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from types import TracebackType
from typing import Self

import httpx

from inspector import __version__
from inspector.engine.endpoint import host_of
from inspector.engine.errors import ConnectionTrouble
from inspector.protocol.framing import ACCEPT, Framer, FramingError, framer_for
from inspector.protocol.request import StreamRequest
from inspector.protocol.service_errors import refusal

SILENCE_SECONDS = 60.0
"""Keepalives come every 20 s: three missed ones mean that the connection is dead."""
CONNECT_SECONDS = 15.0
_ERROR_BODY_BYTES = 64 * 1024
_USER_AGENT = f"powersync-inspector/{__version__}"


@dataclass(frozen=True, slots=True)
class StreamHead:
    """What is known once the service has answered 200."""

    status: int
    headers: tuple[tuple[str, str], ...]
    framer: Framer
    encoding: str
    http_version: str

    @property
    def words(self) -> str:
        """Like `BSON · zstd`."""
        return " · ".join(part for part in (self.framer.format.upper(), self.encoding) if part)


class SyncStream:
    """An open stream."""

    def __init__(self, head: StreamHead, response: httpx.Response) -> None:
        self.head = head
        self._response = response

    async def chunks(self) -> AsyncIterator[bytes]:
        """Bytes as they arrive, content encoding taken off; raises ConnectionTrouble when the connection breaks."""
        try:
            async for chunk in self._response.aiter_bytes():
                if chunk:
                    yield chunk
        except httpx.HTTPError as error:
            raise trouble_of(error, "service") from error


class Transport:
    """One HTTP client for one service."""

    def __init__(self, address: str) -> None:
        self._address = address
        timeout = httpx.Timeout(CONNECT_SECONDS, read=SILENCE_SECONDS)
        self._client = httpx.AsyncClient(
            http2=True, timeout=timeout, headers={"User-Agent": _USER_AGENT, "X-User-Agent": _USER_AGENT}
        )

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self._client.aclose()

    @asynccontextmanager
    async def stream(self, request: StreamRequest, token: str) -> AsyncIterator[SyncStream]:
        """Send the request; raises ConnectionTrouble, ServiceRefusal or FramingError when no stream comes of it."""
        try:
            async with self._client.stream(
                "POST",
                f"{self._address}/sync/stream",
                content=request.encode(),
                headers={
                    "Authorization": f"Token {token}",
                    "Accept": ACCEPT,
                    "Content-Type": "application/json",
                    "Accept-Encoding": "zstd, gzip",
                },
            ) as response:
                yield SyncStream(await _head_of(response), response)
        except httpx.HTTPError as error:
            raise trouble_of(error, host_of(self._address)) from error


async def _head_of(response: httpx.Response) -> StreamHead:
    content_type = response.headers.get("content-type", "")
    if response.status_code != 200:
        raise refusal(response.status_code, content_type, await _error_body(response))
    try:
        framer = framer_for(content_type)
    except FramingError:
        kind = content_type.partition(";")[0] or "no content type"
        raise FramingError(
            "The endpoint is no PowerSync service.",
            why=f"It answers /sync/stream with {kind} where a sync stream is expected.",
            next_step="Check the endpoint: it is the service's address, not the app's or the backend's.",
        ) from None
    return StreamHead(
        response.status_code,
        tuple((name.lower(), value) for name, value in response.headers.multi_items()),
        framer,
        response.headers.get("content-encoding", ""),
        response.http_version,
    )


async def _error_body(response: httpx.Response) -> bytes:
    """The beginning of an error's body; empty when its declared encoding is not true."""
    body = b""
    try:
        async for chunk in response.aiter_bytes():
            body += chunk
            if len(body) > _ERROR_BODY_BYTES:
                break
    except httpx.DecodingError:
        return b""
    return body


def trouble_of(error: httpx.HTTPError, peer: str) -> ConnectionTrouble:
    """An HTTP library's error as an error for people; `peer` names the other side."""
    match error:
        case httpx.ConnectTimeout():
            return ConnectionTrouble(
                f"The {_named(peer)} does not answer.",
                why=f"No connection came about within {CONNECT_SECONDS:.0f} s.",
                next_step="Check the endpoint, the network and a firewall between.",
            )
        case httpx.ConnectError():
            return _unreachable(error, peer)
        case httpx.ReadTimeout():
            return ConnectionTrouble(
                "The connection has gone silent.",
                why=f"Nothing came for {SILENCE_SECONDS:.0f} s, not even a keepalive.",
                next_step="It is opened again; check that no proxy between holds the answer back.",
            )
        case httpx.DecodingError():
            return ConnectionTrouble(
                "The stream's compression is broken.",
                why="The bytes do not decompress: the stream was cut, or something between altered it.",
                next_step="The connection is opened again from what is already stored.",
            )
        case _:
            return ConnectionTrouble(
                "The connection was lost.",
                why=f"{_reason(error)}.",
                next_step="It is opened again from what is already stored.",
            )


def _unreachable(error: httpx.ConnectError, peer: str) -> ConnectionTrouble:
    text = str(error).lower()
    if "certificate" in text or "ssl" in text:
        return ConnectionTrouble(
            f"The {_named(peer)} cannot prove who it is.",
            why=f"Its TLS certificate is not accepted: {_reason(error)}.",
            next_step="Check the address and the certificate; a self-signed one has to be installed on this machine.",
        )
    if any(words in text for words in ("name or service", "nodename", "getaddrinfo", "resolve", "no address")):
        return ConnectionTrouble(
            f"The {_named(peer)} cannot be found.",
            why="No address is known for this host name.",
            next_step="Check the spelling of the endpoint and the network.",
        )
    return ConnectionTrouble(
        f"The {_named(peer)} cannot be reached.",
        why="Nothing accepts connections at this address and port.",
        next_step="Check the endpoint, and that the service runs.",
    )


def _named(peer: str) -> str:
    return f"service at {peer}" if ":" in peer or "." in peer else peer


def _reason(error: Exception) -> str:
    """The first sentence of a library's message, without addresses of objects."""
    text = " ".join(str(error).split()).rstrip(".")
    return text[:200] if text else type(error).__name__
