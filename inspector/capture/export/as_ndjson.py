"""One JSON object a frame: what the capture knows of it, and its line as it was sent."""

import base64
from collections.abc import Iterable
from datetime import UTC, datetime
from typing import Any, BinaryIO

import msgspec

from inspector.capture.annotations import Annotations
from inspector.capture.export.body_json import body_json
from inspector.capture.rows import Frame, FrameRow
from inspector.words import NS

_LEFT_OUT = {"id", "received_at"}
_COUNTS = {"puts", "removes", "moves", "clears"}


def write_ndjson(frames: Iterable[Frame], output: BinaryIO, annotations: Annotations) -> None:
    """Fields that say nothing of a frame are left out; a body that is no document is `body_base64`."""
    for frame in frames:
        facts = msgspec.json.encode(_facts(frame.row, annotations))
        line = body_json(frame)
        if line is None:
            line = msgspec.json.encode(base64.b64encode(frame.body).decode())
            output.write(facts[:-1] + b',"body_base64":' + line + b"}\n")
        else:
            output.write(facts[:-1] + b',"line":' + line + b"}\n")


def utc(at_ns: int) -> str:
    """ISO 8601 to the microsecond, with its zone."""
    return datetime.fromtimestamp(at_ns // NS, UTC).strftime("%Y-%m-%dT%H:%M:%S") + f".{at_ns // 1000 % 1_000_000:06}Z"


def _facts(row: FrameRow, annotations: Annotations) -> dict[str, Any]:
    facts: dict[str, Any] = {"frame": row.id, "received_at": utc(row.received_at)}
    for name in row.__struct_fields__:
        value = getattr(row, name)
        says_nothing = value is None or value == "" or (name in _COUNTS and row.kind != "data")
        if name not in _LEFT_OUT and not says_nothing:
            facts[name] = value
    if (said := annotations.get(row.id)) is not None:
        facts |= {"marked": said.marked, "comment": said.comment}
    return facts
