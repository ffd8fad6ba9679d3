"""Where in a frame's bytes a field stands, by its place in the tree. No Qt.

A place is a path of steps from the outermost object inwards. Row data is JSON text inside of a string: steps go on into
it, and the span is that of the escaped bytes.
"""

import json
import re
import struct
from collections.abc import Iterator, Sequence
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
ESCAPE = re.compile(
    r"\\u[dD][89abAB][0-9a-fA-F]{2}\\u[dD][c-fC-F][0-9a-fA-F]{2}|\\u[0-9a-fA-F]{4}|\\.|[^\\]", re.DOTALL
)
decoder = json.JSONDecoder()


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
    at = skip_space(text, at)
    if not path:
        return at, decoder.raw_decode(text, at)[1]
    if text[at] == '"':
        return _in_string(text, at, path)
    step, is_object, position = path[0], text[at] == "{", 0
    at = skip_space(text, at + 1)
    while True:
        if is_object:
            at = skip_space(text, decoder.raw_decode(text, at)[1])
            at = skip_space(text, at + 1)  # the colon
        if position == step.position:
            return _in_json(text, at, path[1:])
        at = skip_space(text, decoder.raw_decode(text, at)[1])
        if text[at] != ",":
            raise NoSuchPlace(step)
        at, position = skip_space(text, at + 1), position + 1


def _in_string(text: str, at: int, path: Path) -> Span:
    """The place in JSON that is itself the content of the string that begins at `at`."""
    inner, end = decoder.raw_decode(text, at)
    raw_at = [match.start() for match in ESCAPE.finditer(text, at + 1, end - 1)]
    raw_at.append(end - 1)
    if len(raw_at) != len(inner) + 1:
        raise NoSuchPlace(path[0])
    start, stop = _in_json(inner, 0, path)
    return raw_at[start], raw_at[stop]


def skip_space(text: str, at: int) -> int:
    """The first character from `at` on that is no space."""
    match = _SPACE.match(text, at)
    return match.end() if match is not None else at


# BSON

_FIXED = {1: 8, 7: 12, 8: 1, 9: 8, 10: 0, 16: 4, 17: 8, 18: 8, 19: 16, 127: 0, 255: 0}
_STRINGS = (2, 13, 14)
_DOCUMENTS = (3, 4)


@dataclass(frozen=True, slots=True)
class Element:
    """One element of a BSON document: where it begins, and its value from `start` to before `end`."""

    kind: int
    name: str
    begin: int
    start: int
    end: int

    @property
    def is_document(self) -> bool:
        """Whether its value is a document or a list."""
        return self.kind in _DOCUMENTS

    @property
    def is_list(self) -> bool:
        """Whether its value is a list."""
        return self.kind == _DOCUMENTS[1]

    @property
    def is_string(self) -> bool:
        """Whether its value is a string."""
        return self.kind in _STRINGS


def elements(body: bytes, at: int) -> Iterator[Element]:
    """The elements of the BSON document that begins at `at`; raises ValueError or struct.error where it is damaged."""
    end = at + _int32(body, at) - 1
    at += 4
    while at < end:
        begin, kind, name_end = at, body[at], body.index(b"\0", at + 1)
        name, at = body[at + 1 : name_end].decode(), name_end + 1
        size = _size(body, kind, at)
        yield Element(kind, name, begin, at, at + size)
        at += size


def string_of(body: bytes, element: Element) -> str:
    """The text of a string element."""
    return body[element.start + 4 : element.end - 1].decode()


def _in_bson(body: bytes, at: int, path: Path) -> Span:
    """The bytes of the value at `path` in the document that begins at `at`."""
    step, found = path[0], None
    for position, element in enumerate(elements(body, at)):
        # A document was read by key: of doubled ones the last counts.
        if element.name == step.key if step.key is not None else position == step.position:
            found = element
    if found is None:
        raise NoSuchPlace(step)
    if len(path) == 1:
        return found.start, found.end
    if found.is_string:
        text = string_of(body, found)
        inner_start, inner_stop = _in_json(text, 0, path[1:])
        first = found.start + 4 + len(text[:inner_start].encode())
        return first, first + len(text[inner_start:inner_stop].encode())
    return _in_bson(body, found.start, path[1:])


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
