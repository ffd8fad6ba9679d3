"""How the operations of a mismatched bucket lie in the capture: pages of JSON, compressed."""

from collections.abc import Iterable, Iterator

import msgspec
import zstandard

from inspector.protocol.kept_bucket import KeptBucket, KeptOperation

_OPERATIONS_A_PAGE = 2_000
_LARGEST_PAGE = 256 * 1024 * 1024
"""Bytes: no page that was written is larger, and a damaged one is not to fill the memory."""


def pages_of(bucket: KeptBucket) -> Iterator[bytes]:
    """The kept operations as bodies of `mismatch_operations`."""
    compress = zstandard.ZstdCompressor(level=3).compress
    for first in range(0, len(bucket.kept), _OPERATIONS_A_PAGE):
        yield compress(msgspec.json.encode(bucket.kept[first : first + _OPERATIONS_A_PAGE]))


def operations_of(pages: Iterable[bytes]) -> tuple[KeptOperation, ...]:
    """The other way round; raises ValueError when a page is damaged."""
    decompress = zstandard.ZstdDecompressor().decompress
    found: list[KeptOperation] = []
    for body in pages:
        try:
            if not 0 <= zstandard.frame_content_size(body) <= _LARGEST_PAGE:
                raise ValueError("A page of operations has no length that can be.")
            found += msgspec.json.decode(decompress(body), type=list[KeptOperation])
        except (zstandard.ZstdError, msgspec.MsgspecError) as error:
            raise ValueError(f"A page of operations is damaged: {error}.") from error
    return tuple(found)
