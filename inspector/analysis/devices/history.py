"""What one device did, for as long as it is recorded; a new one of the same user goes on where the old one ended."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

from msgspec import structs

from inspector.analysis.devices.gate import ClosedGate, closed_gates
from inspector.analysis.devices.local_writes import LocalTransaction, transactions
from inspector.capture.outcome import Outcome
from inspector.capture.reader import CaptureReader
from inspector.capture.rows import CheckpointRow, EventRow
from inspector.capture.timeline_rows import ConnectionSpan, OfflineSpan
from inspector.service.groceries import BUCKET

_GOING, _COMING = "Going offline.", "Coming back online."


@dataclass(frozen=True, slots=True)
class ListOperations:
    """A data line of the shared list: from `first` to `last` op id, received at `at` (ns)."""

    at: int
    first: int
    last: int


@dataclass(frozen=True, slots=True)
class DeviceHistory:
    """All of it oldest first; times are ns since the Unix epoch."""

    connections: tuple[ConnectionSpan, ...] = ()
    offline: tuple[OfflineSpan, ...] = ()
    checkpoints: tuple[CheckpointRow, ...] = ()
    written: tuple[LocalTransaction, ...] = ()
    gates: tuple[ClosedGate, ...] = ()
    list_operations: tuple[ListOperations, ...] = ()
    """Those that came to the present device after its first sync; what came with it may be of any age."""
    renewed_at: tuple[int, ...] = ()
    """When the user took a new device, which began with empty files."""

    @property
    def begun(self) -> int | None:
        """The first thing that is known."""
        known = [*(span.started_at for span in self.connections[:1]), *(each.at for each in self.written[:1])]
        return min(known, default=None)


def read_history(capture: CaptureReader) -> DeviceHistory:
    """What a capture tells; raises CaptureError."""
    history = capture.history
    events, checkpoints, connections = history.events(), history.checkpoints(), history.connections()
    online = {span.started_at: span.ended_at for span in connections if span.status == 200}
    written = transactions(events, history.uploads(), online)
    first_shown = next((each.published_at for each in checkpoints if each.outcome == Outcome.APPLIED), None)
    return DeviceHistory(
        connections=tuple(connections),
        offline=_offline(events),
        checkpoints=tuple(checkpoints),
        written=written,
        gates=closed_gates(written, events, checkpoints),
        list_operations=tuple(
            ListOperations(frame.received_at, frame.first_op_id, frame.last_op_id)
            for frame in history.data_frames(BUCKET)
            if first_shown is not None and frame.received_at > first_shown
        ),
    )


def joined(earlier: DeviceHistory, later: DeviceHistory) -> DeviceHistory:
    """The history of a user who took a new device: nothing of the old one goes on after the new one's beginning."""
    begun = later.begun
    if begun is None or earlier.begun is None:
        return earlier if begun is None else later
    return DeviceHistory(
        connections=(
            *(structs.replace(span, ended_at=_end(span.ended_at, begun)) for span in earlier.connections),
            *later.connections,
        ),
        offline=(
            *(structs.replace(span, ended_at=_end(span.ended_at, begun)) for span in earlier.offline),
            *later.offline,
        ),
        checkpoints=(*earlier.checkpoints, *later.checkpoints),
        written=(*earlier.written, *later.written),
        gates=(*(replace(gate, opened_at=_end(gate.opened_at, begun)) for gate in earlier.gates), *later.gates),
        list_operations=later.list_operations,
        renewed_at=(*earlier.renewed_at, begun, *later.renewed_at),
    )


def stopped(history: DeviceHistory, at: int | None) -> DeviceHistory:
    """The history of a device whose engine ended at this time without a word: no stream is open after it."""
    if at is None:
        return history
    return replace(
        history,
        connections=tuple(structs.replace(span, ended_at=_end(span.ended_at, at)) for span in history.connections),
        offline=tuple(structs.replace(span, ended_at=_end(span.ended_at, at)) for span in history.offline),
    )


def _end(ended: int | None, latest: int) -> int:
    return latest if ended is None else min(ended, latest)


def _offline(events: Sequence[EventRow]) -> tuple[OfflineSpan, ...]:
    spans: list[OfflineSpan] = []
    since: int | None = None
    for event in events:
        if event.message == _GOING and since is None:
            since = event.at
        elif event.message == _COMING and since is not None:
            spans.append(OfflineSpan(since, event.at))
            since = None
    return tuple(spans) if since is None else (*spans, OfflineSpan(since, None))
