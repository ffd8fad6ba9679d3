"""Which fields of a line this program knows, read off the structs in `protocol.lines`: all others are marked."""

import typing
from functools import cache

import msgspec
from msgspec import Struct

from inspector.protocol.lines import LINE_KINDS

KINDS = {kind: struct for struct, kind in LINE_KINDS.items()}


@cache
def fields_of(struct: type[Struct]) -> dict[str, type[Struct] | None]:
    """The fields of `struct` by their names on the wire, each with the struct that its value or its items are."""
    return {field.encode_name: _struct_in(field.type) for field in msgspec.structs.fields(struct)}


def _struct_in(annotation: typing.Any) -> type[Struct] | None:
    if isinstance(annotation, type) and issubclass(annotation, Struct):
        return annotation
    found = (_struct_in(argument) for argument in typing.get_args(annotation))
    return next((struct for struct in found if struct is not None), None)
