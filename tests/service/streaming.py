"""A sync stream as a test reads it: line by line, while it stays open."""

from collections.abc import Iterator
from contextlib import contextmanager
from itertools import groupby
from typing import Any, TypeAlias

import bson
import httpx
import msgspec

from inspector.protocol.buckets import parse_bucket_name
from inspector.protocol.framing import BSON_TYPE, NDJSON_TYPE, framer_for
from tests.running_service import ServiceUnderTest

Line: TypeAlias = dict[str, Any]

FULL_REQUEST: Line = {
    "buckets": [],
    "include_checksum": True,
    "raw_data": True,
    "binary_data": True,
    "client_id": "client-1",
    "streams": {"include_defaults": True, "subscriptions": []},
}
TIMEOUT_SECONDS = 20

SDK_ACCEPT = "application/vnd.powersync.bson-stream;q=0.9,application/x-ndjson;q=0.8"
"""What the SDKs of 2026 send."""


class OpenStream:
    """Lines of an answer, in order."""

    def __init__(self, response: httpx.Response) -> None:
        self.response = response
        self._frames = self._read_frames()

    def line(self) -> Line:
        """The next line; fails when the stream has ended."""
        line = next(self._frames, None)
        assert line is not None, "the stream has ended"
        return line

    def until(self, kind: str) -> list[Line]:
        """The lines up to the next one of `kind`, that included."""
        lines = [self.line()]
        while kind not in lines[-1]:
            lines.append(self.line())
        return lines

    def rest(self) -> list[Line]:
        """The lines up to the end of the stream."""
        return list(self._frames)

    def _read_frames(self) -> Iterator[Line]:
        content_type = self.response.headers["content-type"]
        framer = framer_for(content_type)
        decode = bson.decode if content_type == BSON_TYPE else msgspec.json.decode
        for chunk in self.response.iter_bytes():
            yield from map(decode, framer.feed(chunk))


@contextmanager
def open_stream(
    service: ServiceUnderTest,
    request: Line | None = None,
    *,
    user: str = "alice",
    token: str = "",
    accept: str = NDJSON_TYPE,
    encoding: str = "identity",
) -> Iterator[OpenStream]:
    """The answer to `request`, closed at the end of the block."""
    headers = {
        "Authorization": f"Token {token or service.token(user)}",
        "Accept": accept,
        "Accept-Encoding": encoding,
    }
    url = f"{service.endpoint}/sync/stream"
    body = FULL_REQUEST if request is None else request
    with httpx.stream("POST", url, json=body, headers=headers, timeout=TIMEOUT_SECONDS) as response:
        assert response.status_code == 200, response.read()
        yield OpenStream(response)


def first_sync(service: ServiceUnderTest, request: Line | None = None, **options: Any) -> list[Line]:
    """The lines of the first checkpoint."""
    with open_stream(service, request, **options) as stream:
        return stream.until("checkpoint_complete")


def positions(lines: list[Line]) -> list[Line]:
    """What a client that has these lines puts into its next request."""
    after: dict[str, str] = {}
    for line in lines:
        if "data" in line:
            after[line["data"]["bucket"]] = line["data"]["next_after"]
    return [{"name": name, "after": op_id} for name, op_id in after.items()]


def outline(lines: list[Line]) -> list[tuple[str, frozenset[str]]]:
    """Kinds, order and fields of lines, values aside.

    Data lines are named by their bucket's stream. Lines in a row with one name are one entry with all their shapes.
    """
    return [
        (name, frozenset(shape for line in group for shape in _shapes(line)))
        for name, group in groupby(lines, key=_name)
    ]


def _name(line: Line) -> str:
    ((kind, content),) = line.items()
    if kind == "data":
        return f"data of {parse_bucket_name(content['bucket']).stream}"
    if kind == "partial_checkpoint_complete":
        return f"priority {content['priority']} complete"
    return kind


def _shapes(line: Line) -> Iterator[str]:
    ((kind, content),) = line.items()
    if kind == "data":
        yield _shape({**content, "data": []})
        yield from map(_shape, content["data"])
    else:
        yield _shape(content)


def _shape(value: Any) -> str:
    """Field names in order with the types of their values; a list is what its different items are."""
    if isinstance(value, dict):
        # The columns of a row are its table's, not the protocol's.
        fields = {name: "row" if name == "data" and isinstance(item, dict) else item for name, item in value.items()}
        return f"{{{', '.join(f'{name}: {_shape(item)}' for name, item in fields.items())}}}"
    if isinstance(value, list):
        return f"[{', '.join(sorted(set(map(_shape, value))))}]"
    return value if value == "row" else type(value).__name__
