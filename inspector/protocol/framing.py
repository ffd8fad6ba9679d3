"""Bytes in, frames out: NDJSON lines and BSON documents (protocol §1, response).

Chunk borders fall anywhere, also inside a multi-byte character or a document's length.
"""

import re
from enum import StrEnum
from typing import Protocol

from inspector.protocol.errors import ProtocolError

NDJSON_TYPE = "application/x-ndjson"
BSON_TYPE = "application/vnd.powersync.bson-stream"
ACCEPT = f"{NDJSON_TYPE};q=0.9,{BSON_TYPE};q=0.8"
"""The SDKs of 2026 want BSON first; lines of text are read by people, and decoded in a tenth of the time."""

MAX_FRAME_BYTES = 64 * 1024 * 1024
"""Far above what a service sends (about 1 MB); what is larger is not a sync stream."""

_FIRST_LINE = re.compile(
    rb'\{\s*"(checkpoint|checkpoint_diff|data|partial_checkpoint_complete|checkpoint_complete|token_expires_in)"'
)
_FIRST_LINE_BYTES = 60
"""Of so many, a line has said of what kind it is."""

_BSON_LENGTH_BYTES = 4
_BSON_SMALLEST_DOCUMENT = 5


class FrameFormat(StrEnum):
    """How a frame's bytes are to be read."""

    NDJSON = "ndjson"
    BSON = "bson"


class FramingError(ProtocolError):
    """The bytes cannot be cut into frames."""


class Framer(Protocol):
    """Cuts a byte stream into frames."""

    format: FrameFormat

    def feed(self, chunk: bytes) -> list[bytes]:
        """Complete frames that end in `chunk`, in order, without separators; raises FramingError."""
        ...

    def finish(self) -> bytes:
        """The bytes left over at the end of the stream; empty when it ended between two frames. Raises FramingError."""
        ...


class NdjsonFramer:
    """One JSON object a line; empty lines are passed over."""

    format = FrameFormat.NDJSON

    def __init__(self) -> None:
        self._pieces: list[bytes] = []
        self._pending_bytes = 0

    def feed(self, chunk: bytes) -> list[bytes]:
        head, newline, rest = chunk.partition(b"\n")
        if not newline:
            self._keep(chunk)
            return []
        first = b"".join((*self._pieces, head))
        self._pieces, self._pending_bytes = [], 0
        *lines, tail = rest.split(b"\n")
        self._keep(tail)
        return [line for line in (first, *lines) if line.strip()]

    def finish(self) -> bytes:
        return b"".join(self._pieces).strip()

    def _keep(self, piece: bytes) -> None:
        if not piece:
            return
        self._pieces.append(piece)
        self._pending_bytes += len(piece)
        if self._pending_bytes > MAX_FRAME_BYTES:
            raise FramingError(
                f"A line is longer than {MAX_FRAME_BYTES // 2**20} MB.",
                why="The stream has no line ends where a sync stream has them.",
                next_step="Check that the endpoint is a PowerSync service.",
            )


class UndeclaredFramer(NdjsonFramer):
    """NDJSON under another content type: read as the official clients do, provided that it begins as a stream does."""

    def __init__(self, media_type: str) -> None:
        super().__init__()
        self._media_type = media_type
        self._beginning = b""
        self._is_stream = False

    def feed(self, chunk: bytes) -> list[bytes]:
        if not self._is_stream:
            self._beginning = (self._beginning + chunk[:_FIRST_LINE_BYTES]).lstrip()
            if self._beginning and not self._beginning.startswith(b"{"):
                raise self._no_stream()
            if len(self._beginning) >= _FIRST_LINE_BYTES or b"\n" in self._beginning:
                self._check()
        return super().feed(chunk)

    def finish(self) -> bytes:
        self._check()
        return super().finish()

    def _check(self) -> None:
        self._is_stream = self._is_stream or _FIRST_LINE.match(self._beginning) is not None
        if not self._is_stream:
            raise self._no_stream()

    def _no_stream(self) -> FramingError:
        kind = self._media_type or "no content type"
        return FramingError(
            "The endpoint is no PowerSync service.",
            why=f"It answers /sync/stream with {kind} where a sync stream is expected.",
            next_step="Check the endpoint: it is the service's address, not the app's or the backend's.",
        )


class BsonFramer:
    """Documents back to back, each beginning with its own little-endian int32 length."""

    format = FrameFormat.BSON

    def __init__(self) -> None:
        self._buffer = bytearray()

    def feed(self, chunk: bytes) -> list[bytes]:
        self._buffer += chunk
        frames: list[bytes] = []
        start = 0
        while (length := self._length_at(start)) and start + length <= len(self._buffer):
            frames.append(bytes(self._buffer[start : start + length]))
            start += length
        del self._buffer[:start]
        return frames

    def finish(self) -> bytes:
        return bytes(self._buffer)

    def _length_at(self, start: int) -> int:
        """The length of the document at `start` in bytes; 0 while it is not known yet."""
        prefix = self._buffer[start : start + _BSON_LENGTH_BYTES]
        if len(prefix) < _BSON_LENGTH_BYTES:
            return 0
        length = int.from_bytes(prefix, "little", signed=True)
        if not _BSON_SMALLEST_DOCUMENT <= length <= MAX_FRAME_BYTES:
            raise FramingError(
                f"A BSON document claims a length of {length} bytes.",
                why="The bytes are not a BSON sync stream.",
                next_step="Check that the endpoint is a PowerSync service.",
            )
        return length


def framer_for(content_type: str) -> Framer:
    """The framer for a response's content type. What is not BSON is taken for NDJSON, as the official clients do."""
    media_type = content_type.partition(";")[0].strip().lower()
    if media_type == BSON_TYPE:
        return BsonFramer()
    return NdjsonFramer() if media_type == NDJSON_TYPE else UndeclaredFramer(media_type)
