"""A frame's body as JSON text, whatever it came as."""

import json
from typing import Any

import msgspec

from inspector.capture.rows import Frame
from inspector.protocol.framing import FrameFormat


def body_json(frame: Frame) -> bytes | None:
    """The body as JSON on one line, digit by digit as it was sent where it was JSON; None when it is no document."""
    if frame.format is FrameFormat.BSON:
        import bson  # which few captures need, and which takes a moment
        from bson.errors import InvalidBSON

        try:
            return msgspec.json.encode(_plain(bson.decode(frame.body)))
        except (InvalidBSON, ValueError, RecursionError):
            return None
    try:
        json.loads(frame.body, parse_constant=_refuse)
    except (ValueError, RecursionError):
        return None
    return frame.body.strip().replace(b"\n", b" ").replace(b"\r", b" ")


def _refuse(constant: str) -> None:
    """Python reads NaN and Infinity, which are no JSON."""
    raise ValueError(constant)


def _plain(value: Any) -> Any:
    if isinstance(value, dict):
        return {name: _plain(member) for name, member in value.items()}
    if isinstance(value, list):
        return [_plain(member) for member in value]
    if isinstance(value, float) and value.is_integer() and abs(value) < 2**53:
        # Services send checksums above 2^31 as doubles.
        return int(value)
    if value is None or isinstance(value, bool | int | float | str):
        return value
    return str(value)
