"""A frame's body as a tree that keeps what was sent: the order of keys, doubled keys, and numbers digit by digit.

Common decoders round 64-bit integers and forget how a number was written; an inspector may not.
"""

import json
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, TypeAlias

from inspector.protocol.framing import FrameFormat

INDENT = "  "


@dataclass(frozen=True, slots=True)
class JsonNumber:
    """A number as it was written."""

    text: str


@dataclass(frozen=True, slots=True)
class JsonObject:
    """An object's members in the order that they were sent in, doubled keys included."""

    members: tuple[tuple[str, Any], ...]

    def get(self, key: str) -> "JsonValue":
        """The last member of that name, as decoders take it; None when there is none."""
        return next((value for name, value in reversed(self.members) if name == key), None)


JsonValue: TypeAlias = JsonObject | list[Any] | str | JsonNumber | bool | None


class NotADocument(ValueError):
    """The bytes are neither JSON nor BSON as they should be."""


_decoder = json.JSONDecoder(
    object_pairs_hook=lambda pairs: JsonObject(tuple(pairs)),
    parse_int=JsonNumber,
    parse_float=JsonNumber,
    parse_constant=JsonNumber,
)


def parse_json(text: str) -> JsonValue:
    """JSON text as a tree; raises NotADocument with the place of the fault."""
    try:
        return _decoder.decode(text)
    except RecursionError as error:
        raise NotADocument("It is nested too deeply.") from error
    except ValueError as error:
        raise NotADocument(f"{error}.") from error


def parse_body(body: bytes, frame_format: FrameFormat) -> JsonValue:
    """A frame's bytes as a tree; raises NotADocument."""
    if frame_format is FrameFormat.BSON:
        import bson  # which few streams need, and which takes a moment
        from bson.errors import InvalidBSON

        try:
            return _from_bson(bson.decode(body))
        except (InvalidBSON, ValueError, RecursionError) as error:
            raise NotADocument(f"{str(error).rstrip('.')}.") from error
    try:
        return parse_json(body.decode())
    except UnicodeDecodeError as error:
        raise NotADocument(f"{error}.") from error


def _from_bson(value: Any) -> JsonValue:
    if isinstance(value, dict):
        return JsonObject(tuple((key, _from_bson(member)) for key, member in value.items()))
    if isinstance(value, list):
        return [_from_bson(member) for member in value]
    if value is None or isinstance(value, bool | str):
        return value
    if isinstance(value, int | float):
        # Services send checksums above 2^31 as doubles; the point would say nothing.
        return JsonNumber(str(int(value)) if float(value).is_integer() else repr(value))
    if isinstance(value, bytes):
        return f"<{len(value)} bytes> {value[:64].hex(' ')}"
    return str(value)


def scalar_text(value: JsonValue) -> str:
    """A value without members as JSON writes it, or the short form of one with members."""
    if isinstance(value, JsonObject):
        return "{ }" if value.members else "{}"
    if isinstance(value, list):
        return "[ ]" if value else "[]"
    if isinstance(value, JsonNumber):
        return value.text
    return json.dumps(value, ensure_ascii=False)


def pretty_lines(value: JsonValue, indent: str = "", before: str = "", after: str = "") -> Iterator[str]:
    """`value` as indented JSON, line by line."""
    members: list[tuple[str, JsonValue]]
    if isinstance(value, JsonObject):
        opening, closing = "{", "}"
        members = [(f"{json.dumps(key, ensure_ascii=False)}: ", member) for key, member in value.members]
    elif isinstance(value, list):
        opening, closing = "[", "]"
        members = [("", member) for member in value]
    else:
        members = []
    if not members:
        yield f"{indent}{before}{scalar_text(value)}{after}"
        return
    yield f"{indent}{before}{opening}"
    for number, (key, member) in enumerate(members, 1):
        yield from pretty_lines(member, indent + INDENT, key, "," if number < len(members) else "")
    yield f"{indent}{closing}{after}"
