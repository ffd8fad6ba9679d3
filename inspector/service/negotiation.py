"""What a client accepts: framing and content encoding, chosen as the real service does (protocol §1, response)."""

import zlib
from collections.abc import Mapping
from typing import Protocol

import zstandard

from inspector.protocol.framing import BSON_TYPE, NDJSON_TYPE, FrameFormat

_ZSTD_LEVEL = 2
_ZSTD_WINDOW_LOG = 18
"""256 kB: with the level's own window, an open stream comes to hold most of a megabyte more."""
_GZIP_LEVEL = 3
_GZIP_WINDOW = 31


class Compressor(Protocol):
    """A content encoding of a stream that stays open."""

    def write(self, data: bytes) -> bytes:
        """`data` encoded and flushed, so that the client can decode all of it at once."""
        ...

    def finish(self) -> bytes:
        """The end of the encoding."""
        ...


class Identity:
    """No content encoding."""

    def write(self, data: bytes) -> bytes:
        return data

    def finish(self) -> bytes:
        return b""


class Gzip:
    """One gzip member, flushed after each write."""

    def __init__(self) -> None:
        self._deflate = zlib.compressobj(_GZIP_LEVEL, zlib.DEFLATED, _GZIP_WINDOW)

    def write(self, data: bytes) -> bytes:
        return self._deflate.compress(data) + self._deflate.flush(zlib.Z_SYNC_FLUSH)

    def finish(self) -> bytes:
        return self._deflate.flush(zlib.Z_FINISH)


class Zstandard:
    """One zstd frame, a block or more for each write."""

    def __init__(self) -> None:
        settings = zstandard.ZstdCompressionParameters.from_level(_ZSTD_LEVEL, window_log=_ZSTD_WINDOW_LOG)
        self._compress = zstandard.ZstdCompressor(compression_params=settings).compressobj()

    def write(self, data: bytes) -> bytes:
        return self._compress.compress(data) + self._compress.flush(zstandard.COMPRESSOBJ_FLUSH_BLOCK)

    def finish(self) -> bytes:
        return self._compress.flush()


def choose_format(accept: str) -> tuple[FrameFormat, str]:
    """The framing and its content type; NDJSON unless BSON is preferred."""
    weights = _weights(accept)
    bson = weights.get(BSON_TYPE, _wildcard(weights, BSON_TYPE))
    ndjson = weights.get(NDJSON_TYPE, _wildcard(weights, NDJSON_TYPE))
    if bson > ndjson:
        return FrameFormat.BSON, BSON_TYPE
    return FrameFormat.NDJSON, NDJSON_TYPE


def choose_compressor(accept_encoding: str) -> tuple[Compressor, str]:
    """The compressor and its `content-encoding`, empty for none. zstd is preferred over gzip, both over none."""
    weights = _weights(accept_encoding)
    anything = weights.get("*", 0.0)
    zstd, gzip = weights.get("zstd", anything), weights.get("gzip", anything)
    if weights.get("identity", 0.0) > max(zstd, gzip) or not (zstd or gzip):
        return Identity(), ""
    return (Zstandard(), "zstd") if zstd >= gzip else (Gzip(), "gzip")


def _wildcard(weights: Mapping[str, float], media_type: str) -> float:
    return weights.get(f"{media_type.partition('/')[0]}/*", weights.get("*/*", 0.0))


def _weights(header: str) -> dict[str, float]:
    weights: dict[str, float] = {}
    for item in header.split(","):
        name, *settings = (part.strip().lower() for part in item.split(";"))
        weight = next((setting[2:] for setting in settings if setting.startswith("q=")), "1")
        try:
            weights[name] = float(weight)
        except ValueError:
            weights[name] = 0.0
    return weights
