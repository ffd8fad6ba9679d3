"""An upload, event, request or end taken apart for the panels that show it."""

from dataclasses import dataclass

from inspector.capture.happenings import Happening, HappeningKind
from inspector.capture.reader import CaptureReader
from inspector.capture.rows import ConnectionRow
from inspector.ui.frame.json_document import JsonNumber, JsonObject, JsonValue, NotADocument, parse_json


@dataclass(frozen=True, eq=False)
class HappeningContent:
    """What is known of it, as a tree."""

    row: Happening
    tree: JsonObject


def read_happening(reader: CaptureReader, key: int) -> HappeningContent | None:
    """Everything that the capture says of it; None where there is none. Raises CaptureError."""
    row = reader.happenings([key]).get(key)
    if row is None:
        return None
    kind, number = row.source
    members: list[tuple[str, JsonValue]]
    match kind:
        case HappeningKind.UPLOAD:
            members = _upload(row, reader.uploads.request(number))
        case HappeningKind.EVENT:
            events = reader.events(number - 1, 1)
            members = _event(events[0].source, row, events[0].details) if events else []
        case HappeningKind.REQUEST | HappeningKind.END:
            connection = reader.connection(number)
            members = _connection(connection) if connection is not None else []
    return HappeningContent(row, JsonObject(tuple(members)))


def _upload(row: Happening, request: str | None) -> list[tuple[str, JsonValue]]:
    sent = _document(request) if request is not None else "not recorded"
    return [
        ("sent", sent),
        ("outcome", row.outcome),
        ("status", _number(row.status)),
        ("answered", _document(row.text) if row.text else None),
    ]


def _event(source: str, row: Happening, details: str | None) -> list[tuple[str, JsonValue]]:
    members: list[tuple[str, JsonValue]] = [("level", row.level), ("source", source), ("message", row.text)]
    return [*members, ("details", _document(details))] if details is not None else members


def _connection(row: ConnectionRow) -> list[tuple[str, JsonValue]]:
    return [
        ("endpoint", row.endpoint),
        ("user", row.user_id),
        ("client", row.client_id),
        ("request", _document(row.request)),
        ("status", _number(row.status)),
        ("headers", JsonObject(tuple(row.headers))),
        ("frames", _number(row.frames)),
        ("operations", _number(row.operations)),
        ("bytes", _number(row.bytes)),
        ("ended", row.end_reason),
    ]


def _number(value: int | None) -> JsonValue:
    return None if value is None else JsonNumber(str(value))


def _document(text: str) -> JsonValue:
    """JSON as a tree, and what is none as it is."""
    try:
        return parse_json(text)
    except NotADocument:
        return text
