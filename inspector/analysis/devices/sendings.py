"""What the service sent: a checkpoint that several devices get at about the same time was sent once."""

from collections.abc import Mapping
from dataclasses import dataclass

from inspector.analysis.devices.history import DeviceHistory
from inspector.capture.rows import CheckpointRow
from inspector.words import NS

_TOGETHER = NS
"""ns: a device that gets the same checkpoint later has come back, and is sent it anew."""


@dataclass(frozen=True, slots=True)
class Sending:
    """A checkpoint by its op id, when the first device had its first line (ns), and what became of it at each."""

    op_id: int
    at: int
    arrivals: tuple[tuple[str, CheckpointRow], ...]


def sendings(devices: Mapping[str, DeviceHistory]) -> tuple[Sending, ...]:
    """Everything that was sent, oldest first."""
    arrivals = sorted(
        ((row.received_at, name, row) for name, device in devices.items() for row in device.checkpoints),
        key=lambda arrival: arrival[0],
    )
    found: list[tuple[int, int, list[tuple[str, CheckpointRow]]]] = []
    newest: dict[int, int] = {}
    for at, name, row in arrivals:
        place = newest.get(row.op_id)
        if place is not None and at - found[place][1] <= _TOGETHER and name not in dict(found[place][2]):
            found[place][2].append((name, row))
        else:
            newest[row.op_id] = len(found)
            found.append((row.op_id, at, [(name, row)]))
    return tuple(Sending(op_id, at, tuple(each)) for op_id, at, each in found)
