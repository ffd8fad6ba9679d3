"""Folders of recordings (see tests/data/captures/README.md) and their replay into a client database."""

import json
import zlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import zstandard

from inspector.engine.applier import Applier
from inspector.protocol.events import CloseStream, LineReceived, StreamEnded, StreamOpened
from inspector.protocol.framing import framer_for
from inspector.protocol.lines import decode_line

CAPTURES = Path(__file__).parent / "data" / "captures"


@dataclass(frozen=True)
class Recording:
    """One recorded answer of a service, with its chunk borders."""

    folder: Path

    @property
    def headers(self) -> dict[str, str]:
        """Response headers, names in lower case."""
        response = json.loads((self.folder / "response.json").read_text())
        return {name.lower(): value for name, value in response["headers"]}

    @property
    def raw_body(self) -> bytes:
        """The body as it was on the wire, content encoding applied."""
        (body,) = self.folder.glob("body.*")
        return body.read_bytes()

    def chunks(self) -> Iterator[bytes]:
        """The body in the pieces in which it arrived, content encoding taken off."""
        borders = json.loads((self.folder / "chunks.json").read_text())
        decode = _decoder(self.headers.get("content-encoding", ""))
        body = self.raw_body
        covered = 0
        for _, offset, length in borders:
            yield decode(body[offset : offset + length])
            covered = max(covered, offset + length)
        yield decode(body[covered:])

    def frames(self) -> Iterator[bytes]:
        """The frames of the body."""
        framer = framer_for(self.headers["content-type"])
        for chunk in self.chunks():
            yield from framer.feed(chunk)
        assert framer.finish() == b""


def _decoder(encoding: str) -> Callable[[bytes], bytes]:
    if encoding == "zstd":
        return zstandard.ZstdDecompressor().decompressobj(read_across_frames=True).decompress
    if encoding == "gzip":
        return zlib.decompressobj(16 + zlib.MAX_WBITS).decompress
    return bytes


def replay(applier: Applier, recording: Recording) -> CloseStream:
    """Play a recording as one stream; how it was closed."""
    applier.begin()
    left = applier.apply(StreamOpened())
    framer = framer_for(recording.headers["content-type"])
    for frame in recording.frames():
        left += applier.apply(LineReceived(decode_line(frame, framer.format), len(frame)))
    left += applier.apply(StreamEnded())
    (close,) = [effect for effect in left if isinstance(effect, CloseStream)]
    return close
