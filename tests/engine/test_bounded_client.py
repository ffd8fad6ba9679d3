"""Answers that decompress without end are a clear error, and memory stays bounded."""

import gzip
import struct
import tracemalloc
import zlib
from collections import deque
from pathlib import Path

import httpx
import pytest
import zstandard

from inspector.engine.bounded_client import LARGEST_PIECE_BYTES, DecompressionBomb, Decompressor
from inspector.engine.control import StaticToken, TokenEndpoint
from tests.engine.running_engine import COMMAND, running_engine, token
from tests.recordings import CAPTURES, Recording
from tests.scripted_service import Answer, scripted_service

BODY = Recording(CAPTURES / "initial-ndjson").raw_body


def gzip_bomb(megabytes: int, filling: bytes = b" ") -> bytes:
    """So many MB of the same byte, in a few KB."""
    compressor = zlib.compressobj(9, zlib.DEFLATED, -zlib.MAX_WBITS)
    block = compressor.compress(filling * 2**20) + compressor.flush(zlib.Z_FULL_FLUSH)
    return b"\x1f\x8b\x08\x00\x00\x00\x00\x00\x00\x03" + block * megabytes


def zstd_bomb(megabytes: int, filling: bytes = b" ") -> bytes:
    """So many MB of the same byte: blocks of 128 KiB that are one byte and its number."""
    header = 0xFD2FB528.to_bytes(4, "little") + b"\x00\x38"  # a window of 128 KiB, no checksum
    block = struct.pack("<I", (128 * 1024 << 3) | (1 << 1))[:3] + filling
    return header + block * (8 * megabytes)


BOMBS = {"gzip": gzip_bomb, "zstd": zstd_bomb}


@pytest.mark.parametrize("encoding", sorted(BOMBS))
@pytest.mark.parametrize("piece_bytes", [100, 65_536])
@pytest.mark.parametrize("filling", [b" ", b"\n"])
def test_a_bomb_is_an_error_before_the_memory_is_full(encoding: str, piece_bytes: int, filling: bytes) -> None:
    bomb = BOMBS[encoding](4_000, filling)
    decompressor = Decompressor(encoding)
    tracemalloc.start()
    try:
        pieces = (bomb[start : start + piece_bytes] for start in range(0, len(bomb), piece_bytes))
        with pytest.raises(DecompressionBomb, match="MB come out of"):
            deque(map(decompressor.feed, pieces), maxlen=0)
        assert tracemalloc.get_traced_memory()[1] < 4 * LARGEST_PIECE_BYTES
    finally:
        tracemalloc.stop()


@pytest.mark.parametrize("encoding", sorted(BOMBS))
@pytest.mark.parametrize("piece_bytes", [1, 3_000])
def test_what_is_compressed_in_several_frames_and_any_pieces_is_read(encoding: str, piece_bytes: int) -> None:
    parts = BODY[:9_000], BODY[9_000:30_000]
    if encoding == "zstd":
        encoded = b"".join(zstandard.ZstdCompressor().compress(part) for part in parts)
    else:
        encoded = gzip.compress(b"".join(parts))
    decompressor = Decompressor(encoding)
    pieces = (encoded[start : start + piece_bytes] for start in range(0, len(encoded), piece_bytes))
    assert b"".join(map(decompressor.feed, pieces)) == BODY[:30_000]
    decompressor.finish()


@pytest.mark.parametrize("encoding", ["br", "gzip, gzip"])
def test_an_encoding_that_was_not_asked_for_is_an_error(encoding: str) -> None:
    with pytest.raises(httpx.DecodingError, match="is unknown"):
        Decompressor(encoding)


@pytest.mark.parametrize("encoding", sorted(BOMBS))
def test_the_engine_says_what_it_is_and_stays_small(tmp_path: Path, encoding: str) -> None:
    answer = Answer(BOMBS[encoding](1_000), headers={"content-encoding": encoding}, hold=True)
    with scripted_service(answer) as service, running_engine(service.endpoint, tmp_path, command=COMMAND) as engine:
        problem = engine.wait(lambda status: status.problem).problem
        assert problem is not None
        assert problem.what == "The compression of an answer is a trap."
        assert problem.next_step
        status = Path(f"/proc/{engine.process.pid}/status")
        if status.exists():
            (peak,) = [line.split()[1] for line in status.read_text().splitlines() if line.startswith("VmHWM")]
            assert int(peak) * 1024 < 500 * 2**20


def test_other_answers_are_bounded_too(tmp_path: Path) -> None:
    bomb = Answer(gzip_bomb(1_000), 500, "application/json", {"content-encoding": "gzip"})
    with (
        scripted_service(bomb) as service,
        running_engine(service.endpoint, tmp_path, credentials=StaticToken(token())) as engine,
    ):
        problem = engine.wait(lambda status: status.problem).problem
        assert problem is not None
        assert problem.what == "The endpoint answers 500, and not as a PowerSync service does."


def test_a_credentials_endpoint_that_never_stops_is_an_error(tmp_path: Path) -> None:
    with scripted_service(Answer()) as service:
        service.get = b"x" * (17 * 2**20)
        source = TokenEndpoint(f"{service.endpoint}/token")
        with running_engine(service.endpoint, tmp_path, credentials=source) as engine:
            problem = engine.wait(lambda status: status.problem).problem
            assert problem is not None
            assert problem.what == "An answer is too large to be read."
