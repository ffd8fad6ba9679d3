"""When the gate of a device was closed: from a local write until the service has confirmed all (protocol §5)."""

from collections.abc import Iterable
from dataclasses import dataclass

import msgspec
from msgspec import Struct

from inspector.analysis.devices.local_writes import LocalTransaction
from inspector.capture.rows import CheckpointRow, EventRow


@dataclass(frozen=True, slots=True)
class ClosedGate:
    """From `closed_at` to `opened_at`, ns; None: still closed."""

    closed_at: int
    opened_at: int | None
    writes: int
    """Rows that were written meanwhile."""
    transactions: int

    @property
    def words(self) -> str:
        """What it waits for, while it is closed."""
        match self.writes:
            case 1:
                return "closed until the write is confirmed"
            case 2:
                return "closed until both writes are confirmed"
        return f"closed until all {self.writes} writes are confirmed"


class _Confirmation(Struct, frozen=True):
    gate: int | None = None


_decode = msgspec.json.Decoder(_Confirmation).decode


def closed_gates(
    written: Iterable[LocalTransaction], events: Iterable[EventRow], checkpoints: Iterable[CheckpointRow]
) -> tuple[ClosedGate, ...]:
    """All times in which the gate was closed, oldest first."""
    openings = _openings(events, checkpoints)
    gates: list[ClosedGate] = []
    for each in written:
        began, writes, count = each.at, each.rows, 1
        if gates and (gates[-1].opened_at is None or gates[-1].opened_at > each.at):
            # The number that was asked for before does not cover this write.
            last = gates.pop()
            began, writes, count = last.closed_at, last.writes + each.rows, last.transactions + 1
        opened = next((opened for asked, opened in openings if asked > each.at), None)
        gates.append(ClosedGate(began, opened, writes, count))
    return tuple(gates)


def _openings(events: Iterable[EventRow], checkpoints: Iterable[CheckpointRow]) -> list[tuple[int, int]]:
    """When the service was asked to confirm, and when a checkpoint had done so."""
    seen = [
        (checkpoint.write_checkpoint, at)
        for checkpoint in checkpoints
        if checkpoint.write_checkpoint is not None
        and (at := checkpoint.validated_at or checkpoint.data_done_at) is not None
    ]
    found = []
    for event in events:
        gate = _gate(event) if event.source == "uploads" else None
        confirmed_at = next((at for number, at in seen if gate is not None and number >= gate), None)
        if confirmed_at is not None:
            found.append((event.at, max(event.at, confirmed_at)))
    return found


def _gate(event: EventRow) -> int | None:
    try:
        return _decode(event.details or "{}").gate
    except msgspec.MsgspecError:
        return None
