"""Reads what the list of frames shows from its capture. What goes wrong is told in `problem`, and nothing is shown."""

from collections.abc import Callable, Sequence
from typing import TypeVar

from inspector.capture.annotations import Annotations
from inspector.capture.errors import CaptureError
from inspector.capture.filter.scan import FilterScan
from inspector.capture.happenings import Happening
from inspector.capture.reader import CaptureReader
from inspector.capture.rows import ConnectionRow, FrameRow
from inspector.ui.panels.frames.colour_rules import ActiveRule, ColourRule

T = TypeVar("T")


class EntryReader:
    """One capture at a time, closed when another one takes its place."""

    def __init__(self) -> None:
        self._reader: CaptureReader | None = None
        self._judge: FilterScan | None = None
        self._connections: dict[int, ConnectionRow] = {}
        self._annotations: Annotations = {}
        self.rules: list[ActiveRule] = []
        self.problem = ""
        """Why the capture cannot be read, as sentences; empty when it can."""

    def open(self, reader: CaptureReader | None) -> None:
        """Read from this capture."""
        if self._reader is not None:
            self._reader.close()
        self._reader, self._judge = reader, None
        self._connections.clear()
        self.problem = ""

    def set_annotations(self, annotations: Annotations) -> None:
        """Rules may ask for marks and comments."""
        self._annotations = annotations
        if self._judge is not None:
            self._judge.set_annotations(annotations)

    def frame_count(self, otherwise: int) -> int:
        """How many frames there are by now."""
        return 0 if self._reader is None else self._try(CaptureReader.frame_count, otherwise)

    def frame_at(self, moment: int) -> int | None:
        """The first frame that came at or after a moment (ns), else the newest one."""
        return self._try(lambda reader: reader.frame_at(moment), None)

    def checkpoint_of(self, frame: int) -> int | None:
        """The id of the checkpoint that was the target when a frame came."""
        return self._try(lambda reader: reader.checkpoints.of_frame(frame), None)

    def rows(self, entries: Sequence[int]) -> list[FrameRow | Happening]:
        """The frames and happenings with these ids and keys, in the order given."""
        return self._try(lambda reader: _rows(reader, entries), []) if entries else []

    def both(self, before: int, now: int) -> tuple[ConnectionRow, ConnectionRow] | None:
        """Two connections, kept once they have ended."""
        found = []
        for number in (before, now):
            row = self._connections.get(number) or self._connection(number)
            if row is None:
                return None
            if row.ended_at is not None:
                self._connections[number] = row
            found.append(row)
        return found[0], found[1]

    def rules_met(self, entries: Sequence[int]) -> dict[int, ColourRule]:
        """The first rule that each of these meets, if any."""
        if not self.rules or not entries:
            return {}
        none: dict[int, int] = {}
        met = self._try(lambda reader: self._first_met(reader, entries), none)
        return {entry: self.rules[position].rule for entry, position in met.items()}

    def _first_met(self, reader: CaptureReader, entries: Sequence[int]) -> dict[int, int]:
        if self._judge is None:
            self._judge = reader.scan()
            self._judge.set_annotations(self._annotations)
        return self._judge.first_met([rule.condition for rule in self.rules], entries)

    def _connection(self, number: int) -> ConnectionRow | None:
        return self._try(lambda reader: reader.connection(number), None)

    def _try(self, read: Callable[[CaptureReader], T], otherwise: T) -> T:
        if self._reader is None:
            return otherwise
        try:
            return read(self._reader)
        except CaptureError as error:
            self.problem = str(error)
            return otherwise


def _rows(reader: CaptureReader, entries: Sequence[int]) -> list[FrameRow | Happening]:
    if isinstance(entries, range):
        return list(reader.frames(entries[0], len(entries)))
    frames = [entry for entry in entries if entry > 0]
    found: dict[int, FrameRow | Happening] = {row.id: row for row in reader.chosen_frames(frames)}
    if len(frames) < len(entries):
        found |= reader.happenings([entry for entry in entries if entry < 0])
    return [found[entry] for entry in entries if entry in found]
