"""What stands in each row of the list of frames: the pages that were looked at last are in memory, and no more."""

from collections.abc import Sequence
from dataclasses import dataclass

from inspector.capture.annotations import Annotations
from inspector.capture.happenings import Happening
from inspector.capture.rows import FrameRow
from inspector.ui.panels.frames.colour_rules import ColourRule
from inspector.ui.panels.frames.columns import NOTHING_SAID, Connections, ShownFrame
from inspector.ui.panels.frames.entry_reader import EntryReader
from inspector.ui.panels.frames.happenings import RowOrder
from inspector.ui.panels.frames.time_base import TimeBase
from inspector.ui.widgets.sql_window import SqlWindow


@dataclass(frozen=True, slots=True)
class _Listed:
    """A frame or happening as it was read, the colour rule that it meets, and when the one before it in time was."""

    frame: FrameRow | Happening
    rule: ColourRule | None
    previous_at: int | None = None


class ShownRows:
    """The rows of `order`, read from the capture that `entries` reads."""

    def __init__(self, order: RowOrder) -> None:
        self.entries = EntryReader()
        self._order = order
        self._window: SqlWindow[_Listed] = SqlWindow(self._fetch)
        self._annotations: Annotations = {}
        self._time_base = TimeBase.CLOCK
        self._origin_at: int | None = None

    def record(self, row: int) -> ShownFrame | None:
        """What stands in `row`; None where there is no such row."""
        if not 0 <= row < self._order.now.count or (listed := self._window.row(row)) is None:
            return None
        said = self._annotations.get(listed.frame.id, NOTHING_SAID)
        above = self._window.row(row - 1) if row and self._order.sorted is None else None
        before = above.frame.received_at if above is not None else listed.previous_at
        origin = before if self._time_base is TimeBase.ABOVE else self._origin_at
        begins = self._begins(above.frame, listed.frame) if above is not None else None
        return ShownFrame(listed.frame, before, origin, said, listed.rule, begins)

    def set_annotations(self, annotations: Annotations) -> None:
        """These marks and comments."""
        self._annotations = annotations
        self.entries.set_annotations(annotations)

    def set_time_base(self, base: TimeBase, entry: int | None) -> None:
        """Tell times this way; `entry` is the frame or happening that is selected."""
        self._time_base, self._origin_at = base, None
        if base is TimeBase.START:
            self._origin_at = self.first_at()
        elif base is TimeBase.SELECTED and entry is not None:
            self._origin_at = next((row.received_at for row in self.entries.rows([entry])), None)

    def first_at(self) -> int | None:
        """When the capture's first frame came, ns."""
        return next((row.received_at for row in self.entries.rows(range(1, 2))), None)

    def buckets_in_sight(self) -> set[str]:
        """Of the frames that were looked at last."""
        return {row.bucket for row in self._frames_held() if row.bucket is not None}

    def tables_in_sight(self) -> set[str]:
        """Of the frames that were looked at last."""
        return {table for row in self._frames_held() if row.row_types for table in row.row_types.split(", ")}

    def forget(self) -> None:
        """Read every row anew when it is next asked for."""
        self._window.forget()

    @property
    def rows_held(self) -> int:
        """How many rows are in memory."""
        return self._window.rows_held

    def _frames_held(self) -> list[FrameRow]:
        return [listed.frame for listed in self._window.held() if isinstance(listed.frame, FrameRow)]

    def _begins(self, above: FrameRow | Happening, row: FrameRow | Happening) -> Connections | None:
        """The connections above a line between them, and below it."""
        if above.connection == row.connection or above.connection is None or row.connection is None:
            return None
        return self.entries.both(above.connection, row.connection)

    def _fetch(self, first: int, count: int) -> list[_Listed]:
        rows = self.entries.rows(self._order.now.entries_at(first, count))
        met = self.entries.rules_met([row.id for row in rows])
        before = self._times_before(rows) if self._order.sorted is not None else {}
        return [_Listed(row, met.get(row.id), before.get(row.id)) for row in rows]

    def _times_before(self, rows: Sequence[FrameRow | Happening]) -> dict[int, int]:
        """When the rows came that stand before these where nothing is sorted, ns."""
        base = self._order.base
        places = {row.id: place for row in rows if (place := base.row_of(row.id))}
        above = {entry: base.entry_at(place - 1) for entry, place in places.items()}
        times = {row.id: row.received_at for row in self.entries.rows(list(above.values()))}
        return {entry: times[before] for entry, before in above.items() if before in times}
