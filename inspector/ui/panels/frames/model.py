"""The frames of a capture and what happened between them as rows: only the pages on screen are in memory."""

from array import array
from bisect import bisect_left
from collections.abc import Sequence
from dataclasses import dataclass

from PySide6.QtCore import QModelIndex, QObject

from inspector.capture.annotations import Annotation, Annotations
from inspector.capture.filter.happening_scan import FoundHappenings
from inspector.capture.filter.scan import Found
from inspector.capture.happenings import Happening
from inspector.capture.reader import CaptureReader
from inspector.capture.rows import FrameRow
from inspector.ui.panels.frames.colour_rules import ActiveRule, ColourRule
from inspector.ui.panels.frames.columns import COLUMNS, NOTHING_SAID, Connections, ShownFrame
from inspector.ui.panels.frames.entry_reader import EntryReader
from inspector.ui.panels.frames.happenings import Happenings, MergedEntries, Place, in_order
from inspector.ui.panels.frames.known_happenings import KnownHappenings
from inspector.ui.panels.frames.order import AllFrames, ChosenFrames, SortedEntries
from inspector.ui.panels.frames.time_base import TimeBase
from inspector.ui.things import Things
from inspector.ui.widgets.columns import PLAIN_ROW, RowStyle
from inspector.ui.widgets.row_model import RowModel
from inspector.ui.widgets.sql_window import SqlWindow

_LOOK_BACK = 300
_MOST_INSERTED = 100
"""Happenings: of more the list is shown anew."""


@dataclass(frozen=True, slots=True)
class _Listed:
    """A frame or happening as it was read, the colour rule that it meets, and when the one before it in time was."""

    frame: FrameRow | Happening
    rule: ColourRule | None
    previous_at: int | None = None


class FramesModel(RowModel[ShownFrame]):
    """All frames and happenings, or those that a filter lets through."""

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(COLUMNS, parent)
        self._entries = EntryReader()
        self._window: SqlWindow[_Listed] = SqlWindow(self._fetch)
        self._annotations: Annotations = {}
        self._time_base = TimeBase.CLOCK
        self._origin_at: int | None = None
        self._base = MergedEntries(AllFrames(0), Happenings())
        self._sorted: SortedEntries | None = None
        self._known = KnownHappenings()

    @property
    def problem(self) -> str:
        """Why the capture cannot be read, as sentences; empty when it can."""
        return self._entries.problem

    @problem.setter
    def problem(self, problem: str) -> None:
        self._entries.problem = problem

    def show_capture(self, reader: CaptureReader | None) -> None:
        """Show all frames of `reader`, which is closed when another one takes its place."""
        self.beginResetModel()
        self._entries.open(reader)
        self._window.forget()
        self._base = MergedEntries(
            ChosenFrames() if self.filtered else AllFrames(self.frames_in_capture()), self._no_happenings()
        )
        self._sorted = None
        self.endResetModel()

    # What is said about frames

    def set_rules(self, rules: list[ActiveRule]) -> None:
        """Tint frames by these."""
        self._entries.rules = rules
        self._refresh()

    def set_annotations(self, annotations: Annotations) -> None:
        """Show these marks and comments."""
        self._annotations = annotations
        self._entries.set_annotations(annotations)
        self._refresh()

    def annotation(self, frame: int) -> Annotation:
        """What is said about a frame."""
        return self._annotations.get(frame, NOTHING_SAID)

    def set_time_base(self, base: TimeBase, frame: int | None) -> None:
        """Tell times this way; `frame` is the one that is selected."""
        rows = (
            self._entries.rows([frame]) if frame is not None and base is TimeBase.SELECTED else []
        )  # a frame or a happening
        self._time_base = base
        self._origin_at = self.first_at() if base is TimeBase.START else rows[0].received_at if rows else None
        self._refresh()

    def _refresh(self) -> None:
        self._window.forget()
        if self._order.count:
            self.dataChanged.emit(self.index(0, 0), self.index(self._order.count - 1, len(self.columns) - 1))

    def frame_at_moment(self, moment: int) -> int | None:
        """The first frame that came at or after a moment (ns), else the newest one."""
        return self._entries.frame_at(moment)

    # What is shown

    @property
    def _order(self) -> MergedEntries | SortedEntries:
        return self._base if self._sorted is None else self._sorted

    @property
    def filtered(self) -> bool:
        """Whether only chosen frames are shown."""
        return isinstance(self._base.frames, ChosenFrames)

    @property
    def sorted(self) -> bool:
        """Whether the rows stand in another order than they came in."""
        return self._sorted is not None

    @property
    def frame_rows(self) -> int:
        """How many of the rows are frames."""
        return self._base.frames.count

    @property
    def happening_rows(self) -> int:
        """How many are not."""
        return len(self._base.happenings)

    def frames_to_sort(self) -> "array[int] | None":
        """The frames that a filter lets through, sorted in or not; None: all."""
        frames = self._base.frames
        return frames.copy() if isinstance(frames, ChosenFrames) else None

    def happenings_to_sort(self) -> "array[int]":
        """The keys of the happenings that are shown, in their order."""
        return array("q", self._base.happenings.keys)

    def show_sorted(self, ids: "array[int] | None") -> None:
        """Show the rows in this order, or as they came."""
        self.beginResetModel()
        self._sorted = None if ids is None else SortedEntries(ids)
        self._window.forget()
        self.endResetModel()

    @property
    def not_sorted_in(self) -> int:
        """How many rows came, or were found, since the others were sorted."""
        return 0 if self._sorted is None else max(0, self._base.count - self._sorted.count)

    def show_all(self) -> None:
        """Show every frame, and the happenings that are taken from now on."""
        if self.filtered:
            self._show(AllFrames(self.frames_in_capture()))

    def show_found(self) -> None:
        """Show nothing but what `take` brings from now on."""
        self._show(ChosenFrames())

    def take(self, found: Found) -> int:
        """Show the frames that were found in a span, in place of those that are; how many rows are new at the end."""
        order, happenings = self._base.frames, self._base.happenings
        if not isinstance(order, ChosenFrames) or (change := order.change(found)) is None:
            return 0
        if self._sorted is not None:
            order.ids[change.row : change.row + change.removed] = change.inserted
            return 0
        removed, inserted = order.ids[change.row : change.row + change.removed], change.inserted
        lowest = min(ids[0] for ids in (removed, inserted) if ids)
        highest = max(ids[-1] for ids in (removed, inserted) if ids)
        # Happenings between the frames that change go and come again with them.
        first, end = bisect_left(happenings.after, lowest), bisect_left(happenings.after, highest)
        end = max(first, end)
        row, at_end = change.row + first, change.row + len(removed) == order.count
        between: list[Place] = []
        if removed or end > first:
            self.beginRemoveRows(QModelIndex(), row, row + len(removed) + end - first - 1)
            del order.ids[change.row : change.row + len(removed)]
            between = happenings.cut(first, end)
            self._window.forget()
            self.endRemoveRows()
        if inserted or between:
            self.beginInsertRows(QModelIndex(), row, row + len(inserted) + len(between) - 1)
            order.ids[change.row : change.row] = inserted
            happenings.insert(first, between)
            self._window.forget()
            self.endInsertRows()
        return len(inserted) - len(removed) if at_end else 0

    # Happenings

    def take_happenings(self, found: FoundHappenings) -> int:
        """Show what was found; how many rows are new."""
        if len(found.keys) > _MOST_INSERTED and not self._base.happenings.keys and not self._known.waiting:
            self._take_first(found)
            return 0
        for key in self._known.take(found):
            self._remove_happening(key)
        return self._admit()

    def _take_first(self, found: FoundHappenings) -> None:
        """Many, and none are there yet: they are taken as they are."""
        count = self._known.take_first(found, self._base.frames)
        if not count:
            return
        if self._sorted is None:
            self.beginResetModel()
        self._base.happenings.adopt(found, count)
        if self._sorted is None:
            self._window.forget()
            self.endResetModel()

    def forget_happenings(self) -> None:
        """Show frames alone."""
        if len(self._base.happenings):
            self.beginResetModel()
            self._base = MergedEntries(self._base.frames, self._no_happenings())
            self._window.forget()
            self.endResetModel()
        self._no_happenings()

    def _no_happenings(self) -> Happenings:
        self._known = KnownHappenings()
        return Happenings()

    def _admit(self) -> int:
        """Show the happenings that stand among, or right behind, the frames that are shown."""
        frames, happenings = self._base.frames, self._base.happenings
        ready = self._known.ready(frames)
        if not ready:
            return 0
        if len(ready) > _MOST_INSERTED or self._sorted is not None:
            if self._sorted is None:
                self.beginResetModel()
            happenings.take_all(in_order((*happenings.places(), *ready)) if len(happenings) else ready)
            if self._sorted is None:
                self._window.forget()
                self.endResetModel()
            return 0
        for place in ready:
            index = happenings.index_for(place)
            row = frames.rank(place.after) + index
            self.beginInsertRows(QModelIndex(), row, row)
            happenings.insert(index, [place])
            self._window.forget()
            self.endInsertRows()
        return len(ready)

    def _remove_happening(self, key: int) -> None:
        index = self._base.happenings.index_of(key)
        if index is None:
            return
        if self._sorted is not None:
            self._base.happenings.cut(index, index + 1)
            return
        row = self._base.row_of_happening(index)
        self.beginRemoveRows(QModelIndex(), row, row)
        self._base.happenings.cut(index, index + 1)
        self._window.forget()
        self.endRemoveRows()

    def frames_in_capture(self) -> int:
        """How many frames there are by now, shown or not."""
        return self._entries.frame_count(self._order.count)

    def first_at(self) -> int | None:
        """When the capture's first frame came, ns."""
        rows = self._entries.rows(range(1, 2))
        return rows[0].received_at if rows else None

    def catch_up(self) -> int:
        """Show what has come since, and what has become of the rest; how many rows are new.

        Of a filtered list only the latter: what is new in it is told to `take`.
        """
        new, frames = 0, self._base.frames
        if isinstance(frames, AllFrames):
            count = self.frames_in_capture()
            new = max(0, count - frames.count)
            if self._sorted is not None:
                frames.count, new = max(count, frames.count), 0
            elif new:
                end = self._base.count
                self.beginInsertRows(QModelIndex(), end, end + new - 1)
                frames.count = count
                self.endInsertRows()
            new += self._admit()
        self._refresh()
        return new

    def values_in_sight(self, field: str) -> set[str]:
        """Buckets or tables of the frames that were looked at last."""
        rows = [listed.frame for listed in self._window.held() if isinstance(listed.frame, FrameRow)]
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
        if not 0 <= row < self._order.count or (listed := self._window.row(row)) is None:
            return None
        said = self._annotations.get(listed.frame.id, NOTHING_SAID)
        above = self._window.row(row - 1) if row and not self.sorted else None
        before = above.frame.received_at if above is not None else listed.previous_at
        origin = before if self._time_base is TimeBase.ABOVE else self._origin_at
        begins = self._begins(above.frame, listed.frame) if above is not None else None
        return ShownFrame(listed.frame, before, origin, said, listed.rule, begins)

    def row_style(self, record: ShownFrame) -> RowStyle:
        if record.rule is None and record.begins is None:
            return PLAIN_ROW
        return RowStyle(
            line_above=record.begins is not None, tint=record.rule.tint if record.rule is not None else None
        )

    def _begins(self, above: FrameRow | Happening, row: FrameRow | Happening) -> Connections | None:
        """The connections above a line between them, and below it."""
        if above.connection == row.connection or above.connection is None or row.connection is None:
            return None
        return self._entries.both(above.connection, row.connection)

    def entries_shown(self) -> Sequence[int]:
        """Frames' ids and happenings' keys of all rows, as they are now."""
        return self._order.all()

    def entry_at(self, row: int) -> int | None:
        """The id of the frame, or the key of the happening, in `row`; None where there is no such row."""
        return self._order.entry_at(row) if 0 <= row < self._order.count else None

    def frame_at(self, row: int) -> int | None:
        """The id of the frame in `row`; None where there is no such row, or it is none of a frame."""
        entry = self.entry_at(row)
        return None if entry is None or entry < 0 else entry

    def things(self, record: ShownFrame) -> Things:
        row = record.frame
        if isinstance(row, Happening):
            return Things(happening=row.id, moment=row.received_at)
        return Things(
            frame=row.id, bucket=row.bucket, checkpoint=self._entries.checkpoint_of(row.id), moment=row.received_at
        )

    def row_of(self, entry: int) -> int | None:
        """The row that shows the frame with this id, or the happening with this key."""
        return self._order.row_of(entry)

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

    def _show(self, frames: AllFrames | ChosenFrames) -> None:
        self.beginResetModel()
        self._base, self._sorted = MergedEntries(frames, self._no_happenings()), None
        self._window.forget()
        self.endResetModel()

    def _fetch(self, first: int, count: int) -> list[_Listed]:
        rows = self._entries.rows(self._order.entries_at(first, count))
        met = self._entries.rules_met([row.id for row in rows])
        before = self._times_before(rows) if self.sorted else {}
        return [_Listed(row, met.get(row.id), before.get(row.id)) for row in rows]

    def _times_before(self, rows: Sequence[FrameRow | Happening]) -> dict[int, int]:
        """When the rows came that stand before these where nothing is sorted, ns."""
        places = {row.id: place for row in rows if (place := self._base.row_of(row.id))}
        above = {entry: self._base.entry_at(place - 1) for entry, place in places.items()}
        times = {row.id: row.received_at for row in self._entries.rows(list(above.values()))}
        return {entry: times[before] for entry, before in above.items() if before in times}
