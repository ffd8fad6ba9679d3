"""Where in a frame's bytes a field stands, by its place in the tree. No Qt.

A place is a path of steps from the outermost object inwards. Row data is JSON text inside of a string: steps go on into
it, and the span is that of the escaped bytes.
"""

import json
import re
import struct
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TypeAlias

from inspector.protocol.framing import FrameFormat


@dataclass(frozen=True, slots=True)
class Step:
    """Into a member or item: `position` counts from 0, `key` is None in lists."""

    position: int
    key: str | None = None


Path: TypeAlias = Sequence[Step]
Span: TypeAlias = tuple[int, int]
"""First byte, and the one after the last."""

_SPACE = re.compile(r"[ \t\n\r]*")
_ESCAPE = re.compile(
    r"\\u[dD][89abAB][0-9a-fA-F]{2}\\u[dD][c-fC-F][0-9a-fA-F]{2}|\\u[0-9a-fA-F]{4}|\\.|[^\\]", re.DOTALL
)
_decoder = json.JSONDecoder()


class NoSuchPlace(ValueError):
    """The bytes are not those of the tree."""


def span_of(body: bytes, frame_format: FrameFormat, path: Path) -> Span | None:
    """The bytes of the value at `path`; None when it cannot be found, as in a document that is damaged."""
    if not path:
        return 0, len(body)
    try:
        if frame_format is FrameFormat.BSON:
            return _in_bson(body, 0, path)
        text = body.decode()
        start, end = _in_json(text, 0, path)
    except (ValueError, IndexError, struct.error, RecursionError):
        return None
    first = len(text[:start].encode())
    return first, first + len(text[start:end].encode())


# JSON


def _in_json(text: str, at: int, path: Path) -> Span:
    """The characters of the value at `path` in the value that begins at `at`."""
    at = _skip(text, at)
    if not path:
        return at, _decoder.raw_decode(text, at)[1]
    if text[at] == '"':
        return _in_string(text, at, path)
    step, is_object, position = path[0], text[at] == "{", 0
    at = _skip(text, at + 1)
    while True:
        if is_object:
            at = _skip(text, _decoder.raw_decode(text, at)[1])
            at = _skip(text, at + 1)  # the colon
        if position == step.position:
            return _in_json(text, at, path[1:])
        at = _skip(text, _decoder.raw_decode(text, at)[1])
        if text[at] != ",":
            raise NoSuchPlace(step)
        at, position = _skip(text, at + 1), position + 1


def _in_string(text: str, at: int, path: Path) -> Span:
    """The place in JSON that is itself the content of the string that begins at `at`."""
    inner, end = _decoder.raw_decode(text, at)
    raw_at = [match.start() for match in _ESCAPE.finditer(text, at + 1, end - 1)]
    raw_at.append(end - 1)
    if len(raw_at) != len(inner) + 1:
        raise NoSuchPlace(path[0])
    start, stop = _in_json(inner, 0, path)
    return raw_at[start], raw_at[stop]


def _skip(text: str, at: int) -> int:
    match = _SPACE.match(text, at)
    return match.end() if match is not None else at


# BSON

_FIXED = {1: 8, 7: 12, 8: 1, 9: 8, 10: 0, 16: 4, 17: 8, 18: 8, 19: 16, 127: 0, 255: 0}
_STRINGS = (2, 13, 14)
_DOCUMENTS = (3, 4)


def _in_bson(body: bytes, at: int, path: Path) -> Span:
    """The bytes of the value at `path` in the document that begins at `at`."""
    end = at + _int32(body, at) - 1
    step, position, found = path[0], 0, None
    at += 4
    while at < end:
        kind, name_end = body[at], body.index(b"\0", at + 1)
        name, at = body[at + 1 : name_end].decode(), name_end + 1
        size = _size(body, kind, at)
        # A document was read by key: of doubled ones the last counts.
        if name == step.key if step.key is not None else position == step.position:
            found = kind, at, at + size
        at, position = at + size, position + 1
    if found is None:
        raise NoSuchPlace(step)
    kind, start, stop = found
    if len(path) == 1:
        return start, stop
    if kind in _STRINGS:
        text = body[start + 4 : stop - 1].decode()
        inner_start, inner_stop = _in_json(text, 0, path[1:])
        first = start + 4 + len(text[:inner_start].encode())
        return first, first + len(text[inner_start:inner_stop].encode())
    return _in_bson(body, start, path[1:])


def _size(body: bytes, kind: int, at: int) -> int:
    if kind in _FIXED:
        return _FIXED[kind]
    if kind in _STRINGS:
        return 4 + _int32(body, at)
    if kind in _DOCUMENTS:
        return _int32(body, at)
    if kind == 5:
        return 5 + _int32(body, at)
    if kind == 11:
        pattern_end = body.index(b"\0", at)
        return body.index(b"\0", pattern_end + 1) + 1 - at
    raise NoSuchPlace(kind)


def _int32(body: bytes, at: int) -> int:
    return int(struct.unpack_from("<i", body, at)[0])
