"""Who changed an item of the shared list last, and when: the service does not say, the devices know what they wrote.

The newest operation that a device has of a row came over the wire at a time that some device's capture knows. It is the
work of the device whose upload of that row was under way then, else of somebody else.
"""

from bisect import bisect_left
from collections.abc import Iterable, Mapping, Sequence
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path

from inspector.analysis.devices.history import DeviceHistory
from inspector.capture.rows import UploadRow
from inspector.protocol.errors import InspectorError
from inspector.service.groceries import BUCKET
from inspector.store.read_connection import ReadConnection
from inspector.words import NS

_SOON = 5 * NS
"""ns from the backend's answer until the service has sent the change to whoever is connected."""

_NEWEST_OPERATIONS = """
SELECT o.row_id, max(o.op_id) FROM ps_oplog o JOIN ps_buckets b ON b.id = o.bucket
WHERE b.name LIKE '%' || ? AND o.row_type = 'todos' AND o.op_id <= b.last_applied_op GROUP BY o.row_id
"""


@dataclass(frozen=True, slots=True)
class LastChange:
    """`who` is the name of a device's user, empty for somebody who has none here; `at` is ns since the Unix epoch."""

    who: str
    at: int


def newest_operations(database: Path) -> dict[str, int]:
    """The op id of what a device shows of each item; empty while there is no client database."""
    try:
        with closing(ReadConnection(database)) as connection:
            found = connection.consistently(lambda: connection.rows(_NEWEST_OPERATIONS, (BUCKET,)))
    except InspectorError:
        return {}
    return {str(row_id): int(op_id) for row_id, op_id in found if row_id is not None}


def last_changes(operations: Mapping[str, int], devices: Mapping[str, DeviceHistory]) -> dict[str, LastChange]:
    """Of each row id in `operations`; what came with a first sync, and to nobody else since, is left out."""
    found = {}
    for row_id, op_id in operations.items():
        at = _came_at(op_id, devices.values())
        if at is not None:
            found[row_id] = _writer_of(row_id, at, devices) or LastChange("", at)
    return found


def _came_at(op_id: int, devices: Iterable[DeviceHistory]) -> int | None:
    """When an operation first came to a device that was waiting for news."""
    times = (line.at for device in devices for line in device.list_operations if line.first <= op_id <= line.last)
    return min(times, default=None)


def _writer_of(row_id: str, came_at: int, devices: Mapping[str, DeviceHistory]) -> LastChange | None:
    lines = sorted(line.at for device in devices.values() for line in device.list_operations)
    fitting = [
        (accepted.started_at, name, each.at)
        for name, device in devices.items()
        for each in device.written
        if (accepted := each.accepted) is not None and each.changes("todos", row_id) and _fits(accepted, came_at, lines)
    ]
    return LastChange(*max(fitting)[1:]) if fitting else None


def _fits(accepted: UploadRow, came_at: int, lines: Sequence[int]) -> bool:
    """Whether what came is what was uploaded: it came soon, or nothing else came before it."""
    if came_at < accepted.started_at:
        return False
    first_since = lines[bisect_left(lines, accepted.started_at)]
    return came_at == first_since or came_at <= (accepted.ended_at or came_at) + _SOON
