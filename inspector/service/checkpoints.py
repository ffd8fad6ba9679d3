"""The checkpoints of one stream: the first in full, then what changed (protocol §2)."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from msgspec import UNSET, UnsetType

from inspector.protocol.checksums import signed
from inspector.service.buckets import BucketState, BucketStorage
from inspector.service.data_lines import DataLines
from inspector.service.feed import Change, ClientKey
from inspector.service.selection import BucketSelection, SelectedBucket
from inspector.service.wire import (
    BucketEntry,
    CheckpointLine,
    CompleteLine,
    DataLine,
    DiffLine,
    Line,
    PartialLine,
)
from inspector.service.write_checkpoints import Acknowledged


@dataclass(frozen=True, slots=True)
class Target:
    """A checkpoint to be sent, and the buckets that may have data for it by priority, highest first."""

    line: CheckpointLine | DiffLine
    groups: tuple[tuple[int, tuple[str, ...]], ...]


class StreamCheckpoints:
    """What this stream's client has been told and sent. `positions` are the op ids up to which it has each bucket.

    `lines` may be shared by all streams.
    """

    def __init__(
        self,
        buckets: BucketStorage,
        write_checkpoints: Acknowledged,
        selection: BucketSelection,
        client: ClientKey,
        positions: dict[str, int],
        lines: DataLines | None = None,
    ) -> None:
        self._buckets = buckets
        self._lines = lines or DataLines(buckets)
        self._write_checkpoints = write_checkpoints
        self._selection = selection
        self._client = client
        self._positions = positions
        self._selected: Mapping[str, SelectedBucket] = {}
        self._order: dict[str, int] = {}
        """The place of each selected bucket: entries of a diff keep the first checkpoint's order."""
        self._announced: dict[str, BucketState] = {}
        self._waiting: set[str] = set()
        """Announced buckets without a last data line; as in the real service, also those that need none."""
        self._completed_write_checkpoint: str | UnsetType = UNSET

    def first(self) -> Target:
        """The full checkpoint that opens the stream."""
        self._select(self._selection.resolve())
        self._announced = {name: self._buckets.state(name) for name in self._selected}
        self._waiting = set(self._selected)
        return self._target(
            CheckpointLine(
                str(self._buckets.last_op_id),
                self._new_write_checkpoint(),
                [self._entry(name) for name in self._selected],
                self._selection.streams,
            )
        )

    def next(self, change: Change) -> Target | None:
        """The diff after `change`, or None when it does not concern this stream.

        Data of the checkpoint before that have not been sent belong to this one.
        """
        removed = self._select_again() if change.tables & self._selection.looks_up else []
        updated = []
        for name in self._perhaps_changed(change):
            state = self._buckets.state(name)
            if self._announced.get(name) != state:
                self._announced[name] = state
                updated.append(name)
        self._waiting.update(updated)
        write_checkpoint = self._new_write_checkpoint()
        if not updated and not removed and write_checkpoint is UNSET:
            return None
        entries = [self._entry(name) for name in updated]
        return self._target(DiffLine(str(self._buckets.last_op_id), write_checkpoint, removed, entries))

    def _select(self, selected: Mapping[str, SelectedBucket]) -> None:
        self._selected = selected
        self._order = {name: place for place, name in enumerate(selected)}

    def _select_again(self) -> list[str]:
        """Looks up the buckets anew and forgets those that are gone, whose names it gives."""
        self._select(self._selection.resolve())
        removed = [name for name in self._announced if name not in self._selected]
        for name in removed:
            del self._announced[name]
            self._positions.pop(name, None)
            self._waiting.discard(name)
        return removed

    def _perhaps_changed(self, change: Change) -> list[str]:
        names = change.buckets & self._order.keys()
        if len(self._announced) < len(self._order):
            names |= self._order.keys() - self._announced.keys()
        return sorted(names, key=self._order.__getitem__)

    def following_lines(self, target: Target) -> Iterator[Line]:
        """Everything after the target's own line: data by priority, each priority but the last closed by a partial.

        May be abandoned after any line, when a newer checkpoint interrupts. Ends early when compacting has removed
        operations that this checkpoint would need; a newer one is then about to come.
        """
        op_id = target.line.last_op_id
        last_group = len(target.groups) - 1
        for index, (priority, names) in enumerate(target.groups):
            for name in names:
                yield from self._data_lines(name)
                if not self._buckets.is_readable(self._announced[name]):
                    return
            if index < last_group:
                yield PartialLine(op_id, priority)
        if target.line.write_checkpoint is not UNSET:
            self._completed_write_checkpoint = target.line.write_checkpoint
        yield CompleteLine(op_id)

    def _data_lines(self, name: str) -> Iterator[DataLine]:
        state = self._announced[name]
        after = self._positions.get(name, 0)
        while after < state.last_op_id and self._buckets.is_readable(state):
            line = self._lines.line(name, state, after)
            if line is None:
                return
            after = self._positions[name] = int(line.next_after)
            if not line.has_more:
                self._waiting.discard(name)
            yield line

    def _target(self, line: CheckpointLine | DiffLine) -> Target:
        by_priority: dict[int, list[str]] = {}
        for name in sorted(self._waiting):
            by_priority.setdefault(self._selected[name].priority, []).append(name)
        return Target(line, tuple((priority, tuple(names)) for priority, names in sorted(by_priority.items())))

    def _new_write_checkpoint(self) -> str | UnsetType:
        """The client's number, unless a completed checkpoint of this stream has carried it."""
        current = self._write_checkpoints.current(self._client)
        if current is None or str(current) == self._completed_write_checkpoint:
            return UNSET
        return str(current)

    def _entry(self, name: str) -> BucketEntry:
        state = self._announced[name]
        selected = self._selected[name]
        return BucketEntry(name, signed(state.checksum), state.operations, selected.priority, selected.reasons)
