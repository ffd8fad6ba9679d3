"""One JSON object a frame: what the capture knows of it, and its line as it was sent. Happenings have no line."""

import base64
from collections.abc import Iterable, Sequence
from datetime import UTC, datetime
from typing import Any, BinaryIO

import msgspec

from inspector.capture.annotations import Annotations
from inspector.capture.export.body_json import body_json
from inspector.capture.happenings import Happening
from inspector.capture.reader import CaptureReader
from inspector.capture.rows import Frame, FrameRow
from inspector.capture.summary import what_happened
from inspector.words import NS

_LEFT_OUT = {"id", "received_at"}
_COUNTS = {"puts", "removes", "moves", "clears"}


def write_ndjson(frames: Iterable[Frame | Happening], output: BinaryIO, annotations: Annotations) -> None:
    """Fields that say nothing of a frame are left out; a body that is no document is `body_base64`."""
    for frame in frames:
        if isinstance(frame, Happening):
            output.write(msgspec.json.encode(_facts_of_happening(frame, annotations)) + b"\n")
            continue
        facts = msgspec.json.encode(_facts(frame.row, annotations))
        line = body_json(frame)
        if line is None:
            line = msgspec.json.encode(base64.b64encode(frame.body).decode())
            output.write(facts[:-1] + b',"body_base64":' + line + b"}\n")
        else:
            output.write(facts[:-1] + b',"line":' + line + b"}\n")


def json_lines(reader: CaptureReader, entries: Sequence[int]) -> list[bytes]:
    """The lines of frames, and what is known of happenings, each as JSON; `null` for what is no document."""
    frames = {frame.row.id: frame for frame in reader.chosen_bodies([entry for entry in entries if entry > 0])}
    happenings = reader.happenings([entry for entry in entries if entry < 0])
    lines = []
    for entry in entries:
        if entry in happenings:
            lines.append(msgspec.json.encode(_facts_of_happening(happenings[entry], {})))
        elif entry in frames:
            lines.append(body_json(frames[entry]) or b"null")
    return lines


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
    return facts | _said(row.id, annotations)


def _facts_of_happening(row: Happening, annotations: Annotations) -> dict[str, Any]:
    _, number = row.source
    named = "connection" if row.kind in ("request", "end") else row.kind
    facts: dict[str, Any] = {"kind": row.kind, named: number, "at": utc(row.received_at), "after_frame": row.after}
    for name in ("connection", "operations", "bytes", "outcome", "level", "status", "tx_id", "format", "encoding"):
        value = getattr(row, name)
        if value is not None and value != "":
            facts.setdefault(name, value)
    return facts | {"text": row.text, "what_it_did": what_happened(row)} | _said(row.id, annotations)


def _said(entry: int, annotations: Annotations) -> dict[str, Any]:
    said = annotations.get(entry)
    return {} if said is None else {"marked": said.marked, "comment": said.comment}
