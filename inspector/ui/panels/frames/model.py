"""The frames of a capture as rows: only the pages on screen are in memory."""

from array import array
from collections.abc import Sequence
from dataclasses import dataclass

from PySide6.QtCore import QModelIndex, QObject

from inspector.capture.annotations import Annotation, Annotations
from inspector.capture.errors import CaptureError
from inspector.capture.filter.scan import FilterScan, Found
from inspector.capture.reader import CaptureReader
from inspector.capture.rows import ConnectionRow, FrameRow
from inspector.ui.panels.frames.colour_rules import ActiveRule, ColourRule
from inspector.ui.panels.frames.columns import COLUMNS, NOTHING_SAID, Connections, ShownFrame
from inspector.ui.panels.frames.order import AllFrames, ChosenFrames, SortedFrames
from inspector.ui.panels.frames.time_base import TimeBase
from inspector.ui.things import Things
from inspector.ui.widgets.columns import PLAIN_ROW, RowStyle
from inspector.ui.widgets.row_model import RowModel
from inspector.ui.widgets.sql_window import SqlWindow

_LOOK_BACK = 300


@dataclass(frozen=True, slots=True)
class _Listed:
    """A frame as it was read, and the colour rule that it meets."""

    frame: FrameRow
    rule: ColourRule | None


class FramesModel(RowModel[ShownFrame]):
    """All frames, or those that a filter lets through."""

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(COLUMNS, parent)
        self._reader: CaptureReader | None = None
        self._window: SqlWindow[_Listed] = SqlWindow(self._fetch)
        self._judge: FilterScan | None = None
        self._connections: dict[int, ConnectionRow] = {}
        self._rules: list[ActiveRule] = []
        self._annotations: Annotations = {}
        self._time_base = TimeBase.CLOCK
        self._origin_at: int | None = None
        self._base: AllFrames | ChosenFrames = AllFrames(0)
        self._sorted: SortedFrames | None = None
        self.problem = ""
        """Why the capture cannot be read, as sentences; empty when it can."""

    def show_capture(self, reader: CaptureReader | None) -> None:
        """Show all frames of `reader`, which is closed when another one takes its place."""
        self.beginResetModel()
        if self._reader is not None:
            self._reader.close()
        self._reader, self._judge = reader, None
        self._connections.clear()
        self._window.forget()
        self.problem = ""
        self._base = ChosenFrames() if self.filtered else AllFrames(self.frames_in_capture())
        self._sorted = None
        self.endResetModel()

    # What is said about frames

    def set_rules(self, rules: list[ActiveRule]) -> None:
        """Tint frames by these."""
        self._rules = rules
        self._refresh()

    def set_annotations(self, annotations: Annotations) -> None:
        """Show these marks and comments."""
        self._annotations = annotations
        if self._judge is not None:
            self._judge.set_annotations(annotations)
        self._refresh()

    def annotation(self, frame: int) -> Annotation:
        """What is said about a frame."""
        return self._annotations.get(frame, NOTHING_SAID)

    def set_time_base(self, base: TimeBase, frame: int | None) -> None:
        """Tell times this way; `frame` is the one that is selected."""
        rows = self._read([frame]) if frame is not None and base is TimeBase.SELECTED else []
        self._time_base = base
        self._origin_at = self.first_at() if base is TimeBase.START else rows[0].received_at if rows else None
        self._refresh()

    def _refresh(self) -> None:
        self._window.forget()
        if self._order.count:
            self.dataChanged.emit(self.index(0, 0), self.index(self._order.count - 1, len(self.columns) - 1))

    def frame_at_moment(self, moment: int) -> int | None:
        """The first frame that came at or after a moment (ns), else the newest one."""
        try:
            return self._reader.frame_at(moment) if self._reader is not None else None
        except CaptureError as error:
            self.problem = str(error)
            return None

    # What is shown

    @property
    def _order(self) -> AllFrames | ChosenFrames | SortedFrames:
        return self._base if self._sorted is None else self._sorted

    @property
    def filtered(self) -> bool:
        """Whether only chosen frames are shown."""
        return isinstance(self._base, ChosenFrames)

    @property
    def sorted(self) -> bool:
        """Whether the frames stand in another order than they came in."""
        return self._sorted is not None

    def frames_to_sort(self) -> "array[int] | None":
        """The frames that a filter lets through, sorted in or not; None: all."""
        return self._base.copy() if isinstance(self._base, ChosenFrames) else None

    def show_sorted(self, ids: "array[int] | None") -> None:
        """Show the frames in this order, or as they came."""
        self.beginResetModel()
        self._sorted = None if ids is None else SortedFrames(ids)
        self._window.forget()
        self.endResetModel()

    @property
    def not_sorted_in(self) -> int:
        """How many frames came, or were found, since the others were sorted."""
        return 0 if self._sorted is None else max(0, self._base.count - self._sorted.count)

    def show_all(self) -> None:
        """Show every frame."""
        if self.filtered:
            self._show(AllFrames(self.frames_in_capture()))

    def show_found(self) -> None:
        """Show nothing but what `take` brings from now on."""
        self._show(ChosenFrames())

    def take(self, found: Found) -> int:
        """Show the frames that were found in a span, in place of those that are; how many rows are new at the end."""
        order = self._base
        if not isinstance(order, ChosenFrames) or (change := order.change(found)) is None:
            return 0
        if self._sorted is not None:
            order.ids[change.row : change.row + change.removed] = change.inserted
            return 0
        row, removed, inserted = change.row, change.removed, change.inserted
        at_end = row + removed == order.count
        if removed:
            self.beginRemoveRows(QModelIndex(), row, row + removed - 1)
            del order.ids[row : row + removed]
            self._window.forget()
            self.endRemoveRows()
        if inserted:
            self.beginInsertRows(QModelIndex(), row, row + len(inserted) - 1)
            order.ids[row:row] = inserted
            self._window.forget()
            self.endInsertRows()
        return len(inserted) - removed if at_end else 0

    def frames_in_capture(self) -> int:
        """How many frames there are by now, shown or not."""
        if self._reader is None:
            return 0
        try:
            return self._reader.frame_count()
        except CaptureError as error:
            self.problem = str(error)
            return self._order.count

    def first_at(self) -> int | None:
        """When the capture's first frame came, ns."""
        rows = self._read(range(1, 2))
        return rows[0].received_at if rows else None

    def catch_up(self) -> int:
        """Show what has come since, and what has become of the rest; how many rows are new.

        Of a filtered list only the latter: what is new in it is told to `take`.
        """
        new = 0
        if isinstance(self._base, AllFrames):
            count, shown = self.frames_in_capture(), self._base.count
            if self._sorted is not None:
                self._base.count = max(count, shown)
            elif count > shown:
                new = count - shown
                self.beginInsertRows(QModelIndex(), shown, count - 1)
                self._base.count = count
                self.endInsertRows()
        self._refresh()
        return new

    def values_in_sight(self, field: str) -> set[str]:
        """Buckets or tables of the frames that were looked at last."""
        rows = [listed.frame for listed in self._window.held()]
        if field == "bucket":
            return {row.bucket for row in rows if row.bucket is not None}
        return (
            {table for row in rows if row.row_types for table in row.row_types.split(", ")}
            if field == "type"
            else set()
        )

    @property
    def rows_held(self) -> int:
        """How many rows are in memory."""
        return self._window.rows_held

    def row_count(self) -> int:
        return self._order.count

    def record(self, row: int) -> ShownFrame | None:
        if not 0 <= row < self._order.count or (frame := self._window.row(row)) is None:
            return None
        above = self._window.row(row - 1) if row else None
        before = above.frame.received_at if above is not None else None
        origin = before if self._time_base is TimeBase.ABOVE else self._origin_at
        said = self._annotations.get(frame.frame.id, NOTHING_SAID)
        changes = above is not None and above.frame.connection != frame.frame.connection and not self.sorted
        begins = self._both(above.frame.connection, frame.frame.connection) if above is not None and changes else None
        return ShownFrame(frame.frame, before, origin, said, frame.rule, begins)

    def row_style(self, record: ShownFrame) -> RowStyle:
        if record.rule is None and record.begins is None:
            return PLAIN_ROW
        return RowStyle(
            line_above=record.begins is not None, tint=record.rule.tint if record.rule is not None else None
        )

    def _both(self, before: int, now: int) -> Connections | None:
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

    def _connection(self, number: int) -> ConnectionRow | None:
        try:
            return self._reader.connection(number) if self._reader is not None else None
        except CaptureError as error:
            self.problem = str(error)
            return None

    def frames_shown(self) -> Sequence[int]:
        """The ids of all rows, as they are now."""
        order = self._order
        return range(1, order.count + 1) if isinstance(order, AllFrames) else array("q", order.ids)

    def frame_at(self, row: int) -> int | None:
        """The id of the frame in `row`; None where there is no such row."""
        return self._order.frame_at(row) if 0 <= row < self._order.count else None

    def things(self, record: ShownFrame) -> Things:
        frame = record.frame
        return Things(frame=frame.id, bucket=frame.bucket, moment=frame.received_at)

    def row_of(self, frame: int) -> int | None:
        """The row that shows the frame with this id."""
        return self._order.row_of(frame)

    def nearest_row(self, frame: int) -> int:
        """The row of the frame, or of the next one that is shown, or the last; -1 where nothing is."""
        return self._order.nearest(frame)

    def last_data_row(self) -> int | None:
        """The newest data line among the last few hundred frames, else the newest frame."""
        count = self._order.count
        for row in range(count - 1, max(-1, count - _LOOK_BACK), -1):
            frame = self._window.row(row)
            if frame is not None and frame.frame.kind == "data" and frame.frame.error is None:
                return row
        return count - 1 if count else None

    def _show(self, order: AllFrames | ChosenFrames) -> None:
        self.beginResetModel()
        self._base, self._sorted = order, None
        self._window.forget()
        self.endResetModel()

    def _fetch(self, first: int, count: int) -> list[_Listed]:
        rows = self._read(self._order.frames_at(first, count))
        met = self._first_rules([row.id for row in rows])
        return [_Listed(row, met.get(row.id)) for row in rows]

    def _first_rules(self, frames: Sequence[int]) -> dict[int, ColourRule]:
        if self._reader is None or not self._rules or not frames:
            return {}
        try:
            if self._judge is None:
                self._judge = self._reader.scan()
                self._judge.set_annotations(self._annotations)
            met = self._judge.first_met([rule.condition for rule in self._rules], frames)
        except CaptureError as error:
            self.problem = str(error)
            return {}
        return {frame: self._rules[position].rule for frame, position in met.items()}

    def _read(self, frames: Sequence[int]) -> list[FrameRow]:
        if self._reader is None or not frames:
            return []
        try:
            if isinstance(frames, range):
                return self._reader.frames(frames[0], len(frames))
            return self._reader.chosen_frames(frames)
        except CaptureError as error:
            self.problem = str(error)
            return []
