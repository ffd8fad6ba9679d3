"""Which field of a frame a byte belongs to: the other way round of `field_spans`. No Qt."""

import struct

from inspector.protocol.framing import FrameFormat
from inspector.ui.frame.field_spans import ESCAPE, Path, Step, decoder, elements, skip_space, string_of

_ROW_DATA = ["data", "data", None, "data"]
"""Where JSON stands in a string: an operation's row."""


def path_at(body: bytes, frame_format: FrameFormat, offset: int) -> Path:
    """The innermost field at this byte, its name and the signs around it included; empty where there is none."""
    if not 0 <= offset < len(body):
        return ()
    try:
        if frame_format is FrameFormat.BSON:
            return _in_bson(body, 0, offset, ())
        return _in_json(body.decode(), 0, len(body[:offset].decode(errors="ignore")), ())
    except (ValueError, IndexError, struct.error, RecursionError):
        return ()


def path_words(path: Path) -> str:
    """A path as people read it: `data › data › [0] › op_id`."""
    return " › ".join(f"[{step.position}]" if step.key is None else step.key for step in path)


def _is_row_data(path: Path) -> bool:
    return [step.key for step in path] == _ROW_DATA


def _in_json(text: str, at: int, wanted: int, path: tuple[Step, ...]) -> Path:
    """`at` and `wanted` count characters."""
    at = skip_space(text, at)
    if text[at] == '"' and _is_row_data(path):
        return _in_string(text, at, wanted, path)
    if text[at] not in "{[":
        return path
    is_object, position = text[at] == "{", 0
    at = skip_space(text, at + 1)
    while text[at] not in "}]":
        begin, key = at, None
        if is_object:
            key, at = decoder.raw_decode(text, at)
            at = skip_space(text, skip_space(text, at) + 1)  # the colon
        end = decoder.raw_decode(text, at)[1]
        if wanted < end:
            step = (*path, Step(position, key))
            return path if wanted < begin else step if wanted < at else _in_json(text, at, wanted, step)
        at, position = skip_space(text, end), position + 1
        if text[at] == ",":
            at = skip_space(text, at + 1)
    return path


def _in_string(text: str, at: int, wanted: int, path: tuple[Step, ...]) -> Path:
    inner, end = decoder.raw_decode(text, at)
    raw_at = [match.start() for match in ESCAPE.finditer(text, at + 1, end - 1)]
    if len(raw_at) != len(inner):
        return path
    position = next((i - 1 for i, raw in enumerate(raw_at) if raw > wanted), len(raw_at) - 1)
    return _row(inner, position, path)


def _row(inner: str, position: int, path: tuple[Step, ...]) -> Path:
    """Into row data, where it is an object; it is no part of `_ROW_DATA` any more."""
    if position < 0 or not inner.lstrip().startswith("{"):
        return path
    try:
        found = _in_json(inner, 0, position, ())
    except (ValueError, IndexError):
        return path
    return (*path, *found)


def _in_bson(body: bytes, at: int, offset: int, path: tuple[Step, ...], *, in_list: bool = False) -> Path:
    known: dict[str, int] = {}
    for element in elements(body, at):
        position = known.setdefault(element.name, len(known))
        if offset < element.end:
            step = (*path, Step(position, None if in_list else element.name))
            if offset < element.start:
                return path if offset < element.begin else step
            if element.is_document:
                return _in_bson(body, element.start, offset, step, in_list=element.is_list)
            if element.is_string and _is_row_data(step):
                text = string_of(body, element)
                return _row(text, len(body[element.start + 4 : offset].decode(errors="ignore")), step)
            return step
    return path
