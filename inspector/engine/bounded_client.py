"""An HTTP client whose answers cannot fill the memory: what decompresses without end is an error."""

import zlib
from collections.abc import AsyncIterator, Callable
from typing import Any

import httpx
import zstandard

LARGEST_PIECE_BYTES = 64 * 2**20
"""What one piece from the network may become: as much as the largest frame."""
LARGEST_ANSWER_BYTES = 16 * 2**20
"""Of an answer that is no stream."""
MOST_TIMES = 1000
"""A stream of operations comes to 5 to 50 times its compressed size, and nothing that is meant to be read to this."""
_SLICE_BYTES = 2048
"""zstd makes at most 128 KiB of 4 bytes, so that a slice stays within the largest piece."""
_MAGIC = {"gzip": b"\x1f\x8b", "zstd": b"\x28\xb5\x2f\xfd"}
_SENT_HEADERS, _MISLABELLED = "inspector_sent_headers", "inspector_mislabelled"


class DecompressionBomb(httpx.DecodingError):
    """A few bytes become more than anybody wants to read."""


class AnswerTooLarge(httpx.DecodingError):
    """An answer goes on beyond what is read of it."""


class Decompressor:
    """Takes one content encoding off, piece by piece."""

    def __init__(self, encoding: str) -> None:
        """Raises httpx.DecodingError for an encoding that was not asked for."""
        if encoding not in ("gzip", "zstd"):
            raise httpx.DecodingError(f"The content encoding “{encoding}” is unknown")
        self._is_zstd = encoding == "zstd"
        self._gzip = zlib.decompressobj(zlib.MAX_WBITS | 16)
        self._zstd: Any = None
        self._taken = 0
        self._given = 0

    def feed(self, piece: bytes) -> bytes:
        """The content of one piece; raises httpx.DecodingError, or DecompressionBomb before the memory is full."""
        try:
            content = self._feed_zstd(piece) if self._is_zstd else self._gzip.decompress(piece, LARGEST_PIECE_BYTES)
        except (zlib.error, zstandard.ZstdError) as error:
            raise httpx.DecodingError(str(error)) from error
        self._taken += len(piece)
        self._given += len(content)
        if self._gzip.unconsumed_tail or self._given > max(LARGEST_PIECE_BYTES, MOST_TIMES * self._taken):
            raise self._bomb(self._given)
        return content

    def finish(self) -> None:
        """The end of the body; raises httpx.DecodingError when it stands in the middle of a frame."""
        if self._zstd is not None:
            raise httpx.DecodingError("The zstd data are incomplete")

    def _feed_zstd(self, piece: bytes) -> bytes:
        parts = []
        produced = 0
        for start in range(0, len(piece), _SLICE_BYTES):
            rest = piece[start : start + _SLICE_BYTES]
            while rest:
                if self._zstd is None:
                    self._zstd = zstandard.ZstdDecompressor().decompressobj()
                part = self._zstd.decompress(rest)
                rest = b""
                if self._zstd.eof:
                    rest, self._zstd = self._zstd.unused_data, None
                parts.append(part)
                produced += len(part)
                if produced > LARGEST_PIECE_BYTES:
                    raise self._bomb(self._given + produced)
        return b"".join(parts)

    def _bomb(self, size: int) -> DecompressionBomb:
        return DecompressionBomb(f"More than {size // 2**20} MB come out of {max(self._taken, 1):,} bytes")


class _Content(httpx.AsyncByteStream):
    """A body with its encoding taken off; no longer than `limit` bytes, if there is one.

    Some servers send an error in plain text under the encoding of the answer that it replaces: with `doubtful`, what
    does not begin as its encoding says is taken as it is.
    """

    def __init__(
        self,
        sent: httpx.AsyncByteStream,
        encoding: str,
        limit: int | None,
        *,
        doubtful: bool,
        mislabelled: Callable[[], None],
    ) -> None:
        self._sent = sent
        self._encoding = encoding
        self._limit = limit
        self._doubtful = doubtful
        self._mislabelled = mislabelled

    async def __aiter__(self) -> AsyncIterator[bytes]:
        decompressor = Decompressor(self._encoding) if self._encoding else None
        size, first = 0, True
        async for piece in self._sent:
            if first and self._doubtful and not piece.startswith(_MAGIC.get(self._encoding, b"")):
                if decompressor is not None:
                    self._mislabelled()
                decompressor = None
            first = False
            content = piece if decompressor is None else decompressor.feed(piece)
            size += len(content)
            if self._limit is not None and size > self._limit:
                raise AnswerTooLarge(f"The answer is larger than {self._limit // 2**20} MB")
            yield content
        if decompressor is not None:
            decompressor.finish()

    async def aclose(self) -> None:
        await self._sent.aclose()


class BoundedClient(httpx.AsyncClient):
    """Reads every answer through bounds; a stream may be as long as it likes."""

    def __init__(self, **options: Any) -> None:
        super().__init__(**options)
        self.headers["Accept-Encoding"] = "zstd, gzip"

    async def send(self, request: httpx.Request, *, stream: bool = False, **options: Any) -> httpx.Response:
        """As httpx does it."""
        response = await super().send(request, stream=True, **options)
        response.extensions[_SENT_HEADERS] = tuple(response.headers.multi_items())
        encoding = response.headers.pop("content-encoding", "").strip().lower()
        assert isinstance(response.stream, httpx.AsyncByteStream)
        response.stream = _Content(
            response.stream,
            "" if encoding == "identity" else encoding,
            None if stream else LARGEST_ANSWER_BYTES,
            doubtful=response.is_error,
            mislabelled=lambda: response.extensions.update({_MISLABELLED: True}),
        )
        if not stream:
            try:
                await response.aread()
            finally:
                await response.aclose()
        return response


def sent_headers(response: httpx.Response) -> tuple[tuple[str, str], ...]:
    """The headers as the server sent them, names in lower case; httpx does not see the content encoding any more."""
    return tuple((name.lower(), value) for name, value in response.extensions[_SENT_HEADERS])


def is_mislabelled(response: httpx.Response) -> bool:
    """Whether a body that was read turned out to be plain text under the encoding that its headers name."""
    return _MISLABELLED in response.extensions
