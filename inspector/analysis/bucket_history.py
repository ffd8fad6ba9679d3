"""Every operation of a bucket that a capture saw come, superseded ones and those without a row included.

An operation's position is its frame and its place in it, in one number, so that a million of them are found by
reading one line of the table of frames each, and no body before somebody looks at it.
"""

from array import array
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from inspector.capture.reader import CaptureReader
from inspector.protocol.lines import DataLine, MalformedLine, Operation, decode_line
from inspector.store.reader import ClientDatabaseReader

_PLACE_BITS = 24
_PLACE = (1 << _PLACE_BITS) - 1


@dataclass(frozen=True, slots=True)
class CameOperation:
    """An operation as it came; `received_at` in ns since the Unix epoch."""

    bucket: str
    frame: int
    received_at: int
    operation: Operation
    kept: bool | None
    """Whether the client's oplog still holds it; None without a client database."""


def find_operations(
    capture: CaptureReader, bucket: str, go_on: Callable[[], bool], last: int | None = None
) -> "array[int]":
    """The positions of the operations of a bucket, in order of arrival, up to the frame `last`."""
    found: array[int] = array("q")
    for frame, count in capture.data_frames(bucket):
        if last is not None and frame > last:
            break
        first = frame << _PLACE_BITS
        found.extend(range(first, first + min(count, _PLACE)))
        if not go_on():
            break
    return found


def position_of(capture: CaptureReader, bucket: str, op_id: int, frame: int | None) -> int | None:
    """Where an operation came, in `frame` if it came there too, else the last time; None where it did not come."""
    position = None if frame is None else _position_in(capture, frame, bucket, op_id)
    if position is not None:
        return position
    frames = reversed(capture.data_frames_with(bucket, op_id))
    return next((at for found in frames if (at := _position_in(capture, found, bucket, op_id)) is not None), None)


def frame_of(capture: CaptureReader, bucket: str, op_id: int) -> int | None:
    """The frame in which an operation came last; None where it did not come."""
    position = position_of(capture, bucket, op_id, None)
    return None if position is None else position >> _PLACE_BITS


def _position_in(capture: CaptureReader, frame: int, bucket: str, op_id: int) -> int | None:
    came_for, _, operations = _line(capture, frame)
    places = (place for place, operation in enumerate(operations) if int(operation.op_id) == op_id)
    place = next(places, None) if came_for == bucket else None
    return None if place is None else frame << _PLACE_BITS | place


def read_operations(
    capture: CaptureReader, database: ClientDatabaseReader | None, bucket: str, positions: Sequence[int]
) -> list[CameOperation | None]:
    """The operations at these positions; None where a frame cannot be read."""
    lines: dict[int, tuple[int, list[Operation]]] = {}
    for frame in {position >> _PLACE_BITS for position in positions}:
        lines[frame] = _line(capture, frame)[1:]
    came = [(position >> _PLACE_BITS, position & _PLACE) for position in positions]
    found = [lines[frame][1][place] if place < len(lines[frame][1]) else None for frame, place in came]
    op_ids = [operation.op_id for operation in found if operation is not None]
    kept = database.kept_operations(bucket, [int(op_id) for op_id in op_ids]) if database is not None else None
    return [
        None
        if operation is None
        else CameOperation(
            bucket, frame, lines[frame][0], operation, None if kept is None else int(operation.op_id) in kept
        )
        for (frame, _), operation in zip(came, found, strict=True)
    ]


def _line(capture: CaptureReader, frame: int) -> tuple[str | None, int, list[Operation]]:
    """Whose operations a frame brings, when it came, and the operations."""
    found = capture.frame(frame)
    if found is None:
        return None, 0, []
    try:
        line = decode_line(found.body, found.format)
    except MalformedLine:
        return None, found.row.received_at, []
    return (line.bucket, found.row.received_at, line.data) if isinstance(line, DataLine) else (None, 0, [])
