"""Faults that are none to a careful client: lines and fields that it does not know."""

from inspector.service.faults.fault import Fault, Group
from inspector.service.faults.lab import Arming
from inspector.service.faults.lines import Change, LineContext, LineFault
from inspector.service.wire import KeepaliveLine, Line

_KIND = "future_line"
_FIELD = "future_field"
_CONTENT = {"note": "A service of the future may send this; clients ignore it."}


def _unknown_line(line: Line, arming: Arming | None, stream: LineContext) -> Change | None:
    if arming is None:
        return None
    return Change((stream.foreign(_KIND, _CONTENT), line), f"A line of the unknown kind “{_KIND}” was sent.")


def _unknown_fields(line: Line, arming: Arming | None, stream: LineContext) -> Change | None:
    if arming is None or isinstance(line, KeepaliveLine):
        return None
    pieces = (stream.extended(line, {_FIELD: _CONTENT}),)
    return Change(pieces, f"A line was sent with the unknown field “{_FIELD}”.")


STRANGER_FAULTS = (
    LineFault(
        Fault(
            "unknown-line",
            "Unknown line type",
            "A line of a kind that no client knows is sent before the next one.",
            "The line is shown and ignored, syncing goes on.",
            Group.STREAM,
        ),
        _unknown_line,
    ),
    LineFault(
        Fault(
            "unknown-fields",
            "Unknown fields",
            "A line is sent with a field that no client knows.",
            "The field is shown and ignored, syncing goes on.",
            Group.STREAM,
        ),
        _unknown_fields,
    ),
)
