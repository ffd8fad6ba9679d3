"""Framing and encoding follow what the client accepts."""

import pytest

from inspector.protocol.framing import FrameFormat
from inspector.service.negotiation import choose_compressor, choose_format
from tests.service.streaming import SDK_ACCEPT

BSON = "application/vnd.powersync.bson-stream"
NDJSON = "application/x-ndjson"


@pytest.mark.parametrize(
    ("accept", "expected"),
    [
        (SDK_ACCEPT, FrameFormat.BSON),
        (NDJSON, FrameFormat.NDJSON),
        (BSON, FrameFormat.BSON),
        ("*/*", FrameFormat.NDJSON),
        ("", FrameFormat.NDJSON),
        (f"{BSON}, */*;q=0.1", FrameFormat.BSON),
        (f"{BSON};q=0.5, {NDJSON};q=0.5", FrameFormat.NDJSON),
        (f"{BSON};q=nonsense, text/html", FrameFormat.NDJSON),
    ],
)
def test_bson_has_to_be_preferred(accept: str, expected: FrameFormat) -> None:
    assert choose_format(accept)[0] is expected


@pytest.mark.parametrize(
    ("accepted", "expected"),
    [
        ("", ""),
        ("identity", ""),
        ("gzip, deflate", "gzip"),
        ("gzip, deflate, br, zstd", "zstd"),
        ("zstd;q=0.1, gzip;q=0.9", "gzip"),
        ("*", "zstd"),
        ("gzip;q=0", ""),
        ("gzip;q=0.5, identity", ""),
        ("br", ""),
    ],
)
def test_zstd_is_preferred_and_nothing_unasked_is_sent(accepted: str, expected: str) -> None:
    assert choose_compressor(accepted)[1] == expected
