"""HTTP to the service: the stream as chunks of bytes, and errors as sentences."""

import asyncio
import ssl
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from types import TracebackType
from typing import Self

import httpx

from inspector import __version__
from inspector.engine import redirects
from inspector.engine.bounded_client import BoundedClient, is_mislabelled, sent_headers
from inspector.engine.endpoint import host_of
from inspector.engine.errors import SettingsError
from inspector.engine.http_trouble import CONNECT_SECONDS, reason, trouble_of
from inspector.engine.proxy import proxy_for
from inspector.engine.service_clock import ServiceClock
from inspector.engine.silence import SILENCE_SECONDS
from inspector.protocol.framing import ACCEPT, Framer, framer_for
from inspector.protocol.request import StreamRequest
from inspector.protocol.service_errors import ServiceRefusal, elsewhere, refusal

PROBE_SECONDS = 5.0
"""How long to wait for the service's clock."""
_LAB_HEADER = "x-inspector-faults"
_ERROR_BODY_BYTES = 64 * 1024
_USER_AGENT = f"powersync-inspector/{__version__}"


@dataclass(frozen=True, slots=True)
class StreamHead:
    """What is known once the service has answered, 200 as a rule."""

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
    """HTTP to one service: HTTP/2 where it speaks it over TLS, through the system's proxy where one is set.

    `tls` says which certificates are trusted. Raises SettingsError for proxy settings that are of no use.
    """

    def __init__(self, address: str, tls: ssl.SSLContext) -> None:
        self.address = address
        self.clock = ServiceClock()
        self.lab_found = asyncio.Event()
        """The service has said that it is the embedded one, with a fault lab."""
        self.tls = tls
        self._client = self._new_client()

    def _new_client(self) -> BoundedClient:
        timeout = httpx.Timeout(CONNECT_SECONDS, read=SILENCE_SECONDS)
        try:
            return BoundedClient(
                http2=True,
                verify=self.tls,
                timeout=timeout,
                headers={"User-Agent": _USER_AGENT, "X-User-Agent": _USER_AGENT},
            )
        except (ValueError, httpx.InvalidURL) as error:
            raise SettingsError(
                "The proxy settings of this machine cannot be used.",
                why=f"{reason(error)}.",
                next_step="Check the variables HTTP_PROXY, HTTPS_PROXY and ALL_PROXY, or the system's settings.",
            ) from None

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self._client.aclose()

    @asynccontextmanager
    async def stream(self, request: StreamRequest, token: str) -> AsyncIterator[SyncStream]:
        """Send the request; raises ConnectionTrouble or ServiceRefusal when no stream comes of it.

        Each stream has a connection of its own, closed with it: of a stream that is given up on a shared HTTP/2
        connection, the service would go on sending and use up the connection's window.
        """
        body = request.encode()
        headers = {"Authorization": f"Token {token}", "Accept": ACCEPT, "Content-Type": "application/json"}
        address: str | None = f"{self.address}/sync/stream"
        try:
            async with self._new_client() as client:
                for redirections in range(redirects.MOST + 1):
                    assert address is not None
                    sent_at = time.time()
                    async with client.stream("POST", address, content=body, headers=headers) as response:
                        self._note(response, sent_at)
                        address = redirects.onward(response)
                        if address is None or redirections == redirects.MOST:
                            yield SyncStream(await _head_of(response), response)
                            return
        except httpx.HTTPError as error:
            raise trouble_of(error, host_of(self.address), proxy_for(self.address)) from error

    def _note(self, answer: httpx.Response, sent_at: float) -> None:
        """Learn from an answer's headers."""
        self.clock.note(answer.headers, sent_at, time.time())
        if _LAB_HEADER in answer.headers:
            self.lab_found.set()

    async def ask(self, method: str, path: str, token: str, body: bytes | None = None) -> bytes:
        """The body of a good answer to a short request; raises ConnectionTrouble or ServiceRefusal."""
        headers = {"Authorization": f"Token {token}", "Content-Type": "application/json"}
        address: str | None = f"{self.address}{path}"
        try:
            for _ in range(redirects.MOST + 1):
                assert address is not None
                sent_at = time.time()
                answer = await self.fetch(method, address, content=body, headers=headers)
                self._note(answer, sent_at)
                if (address := redirects.onward(answer)) is None:
                    break
        except httpx.HTTPError as error:
            raise trouble_of(error, host_of(self.address), proxy_for(self.address)) from error
        if not answer.is_success:
            raise _refusal(answer, answer.content)
        return answer.content

    async def fetch(
        self, method: str, url: str, *, content: bytes | None, headers: dict[str, str], timeout: float = SILENCE_SECONDS
    ) -> httpx.Response:
        """A whole answer, of the service or of the app's backend; raises httpx.HTTPError."""
        return await self._client.request(method, url, content=content, headers=headers, timeout=timeout)

    async def ask_clock(self) -> None:
        """Learn the service's clock from any answer of its; without one it stays unknown."""
        sent_at = time.time()
        try:
            answer = await self._client.get(f"{self.address}/probes/liveness", timeout=PROBE_SECONDS)
        except httpx.HTTPError:
            return
        self._note(answer, sent_at)


async def _head_of(response: httpx.Response) -> StreamHead:
    content_type = response.headers.get("content-type", "")
    if not response.is_success:
        error = _refusal(response, await _error_body(response))
        error.headers, error.mislabelled = sent_headers(response), is_mislabelled(response)
        raise error
    return StreamHead(
        response.status_code,
        sent_headers(response),
        framer_for(content_type),
        dict(sent_headers(response)).get("content-encoding", ""),
        response.http_version,
    )


def _refusal(answer: httpx.Response, body: bytes) -> ServiceRefusal:
    if (named := redirects.location(answer)) is not None:
        return elsewhere(answer.status_code, redirects.shown(named))
    return refusal(answer.status_code, answer.headers.get("content-type", ""), body)


async def _error_body(response: httpx.Response) -> bytes:
    """The beginning of an error's body; empty when it does not decompress."""
    body = b""
    try:
        async for chunk in response.aiter_bytes():
            body += chunk
            if len(body) > _ERROR_BODY_BYTES:
                break
    except httpx.DecodingError:
        return b""
    return body
