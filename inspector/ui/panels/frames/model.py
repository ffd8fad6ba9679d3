"""The frames of a capture and what happened between them as rows: only the pages on screen are in memory."""

from array import array
from bisect import bisect_left
from collections.abc import Sequence

from PySide6.QtCore import QModelIndex, QObject

from inspector.capture.annotations import Annotations
from inspector.capture.filter.happening_scan import FoundHappenings
from inspector.capture.filter.scan import Found
from inspector.capture.happenings import Happening
from inspector.capture.reader import CaptureReader
from inspector.ui.panels.frames.colour_rules import ActiveRule
from inspector.ui.panels.frames.columns import COLUMNS, ShownFrame
from inspector.ui.panels.frames.happenings import Happenings, MergedEntries, Place, RowOrder, in_order
from inspector.ui.panels.frames.known_happenings import KnownHappenings
from inspector.ui.panels.frames.order import AllFrames, ChosenFrames, SortedEntries
from inspector.ui.panels.frames.shown_rows import ShownRows
from inspector.ui.panels.frames.time_base import TimeBase
from inspector.ui.things import Things
from inspector.ui.widgets.columns import PLAIN_ROW, RowStyle
from inspector.ui.widgets.row_model import RowModel

_LOOK_BACK = 300
_MOST_INSERTED = 100
"""Happenings: of more the list is shown anew."""


class FramesModel(RowModel[ShownFrame]):
    """All frames and happenings, or those that a filter lets through."""

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(COLUMNS, parent)
        self._rows = RowOrder(MergedEntries(AllFrames(0), Happenings()))
        self._known = KnownHappenings()
        self.shown = ShownRows(self._rows)
        """What stands in them."""

    @property
    def problem(self) -> str:
        """Why the capture cannot be read, as sentences; empty when it can."""
        return self.shown.entries.problem

    @problem.setter
    def problem(self, problem: str) -> None:
        self.shown.entries.problem = problem

    def show_capture(self, reader: CaptureReader | None) -> None:
        """Show all frames of `reader`, which is closed when another one takes its place."""
        self.beginResetModel()
        self.shown.entries.open(reader)
        self.shown.forget()
        self._rows.base = MergedEntries(
            ChosenFrames() if self.filtered else AllFrames(self.frames_in_capture()), self._no_happenings()
        )
        self._rows.sorted = None
        self.endResetModel()

    # What is said about frames

    def set_rules(self, rules: list[ActiveRule]) -> None:
        """Tint frames by these."""
        self.shown.entries.rules = rules
        self._refresh()

    def set_annotations(self, annotations: Annotations) -> None:
        """Show these marks and comments."""
        self.shown.set_annotations(annotations)
        self._refresh()

    def set_time_base(self, base: TimeBase, frame: int | None) -> None:
        """Tell times this way; `frame` is the one that is selected."""
        self.shown.set_time_base(base, frame)
        self._refresh()

    def _refresh(self) -> None:
        self.shown.forget()
        if self._rows.now.count:
            self.dataChanged.emit(self.index(0, 0), self.index(self._rows.now.count - 1, len(self.columns) - 1))

    # What is shown

    @property
    def filtered(self) -> bool:
        """Whether only chosen frames are shown."""
        return isinstance(self._rows.base.frames, ChosenFrames)

    @property
    def sorted(self) -> bool:
        """Whether the rows stand in another order than they came in."""
        return self._rows.sorted is not None

    @property
    def frame_rows(self) -> int:
        """How many of the rows are frames."""
        return self._rows.base.frames.count

    @property
    def happening_rows(self) -> int:
        """How many are not."""
        return len(self._rows.base.happenings)

    def frames_to_sort(self) -> "array[int] | None":
        """The frames that a filter lets through, sorted in or not; None: all."""
        frames = self._rows.base.frames
        return frames.copy() if isinstance(frames, ChosenFrames) else None

    def happenings_to_sort(self) -> "array[int]":
        """The keys of the happenings that are shown, in their order."""
        return array("q", self._rows.base.happenings.keys)

    def show_sorted(self, ids: "array[int] | None") -> None:
        """Show the rows in this order, or as they came."""
        self.beginResetModel()
        self._rows.sorted = None if ids is None else SortedEntries(ids)
        self.shown.forget()
        self.endResetModel()

    @property
    def not_sorted_in(self) -> int:
        """How many rows came, or were found, since the others were sorted."""
        return 0 if self._rows.sorted is None else max(0, self._rows.base.count - self._rows.sorted.count)

    def show_all(self) -> None:
        """Show every frame, and the happenings that are taken from now on."""
        if self.filtered:
            self._show(AllFrames(self.frames_in_capture()))

    def show_found(self) -> None:
        """Show nothing but what `take` brings from now on."""
        self._show(ChosenFrames())

    def take(self, found: Found) -> int:
        """Show the frames that were found in a span, in place of those that are; how many rows are new at the end."""
        order, happenings = self._rows.base.frames, self._rows.base.happenings
        if not isinstance(order, ChosenFrames) or (change := order.change(found)) is None:
            return 0
        if self._rows.sorted is not None:
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
            self.shown.forget()
            self.endRemoveRows()
        if inserted or between:
            self.beginInsertRows(QModelIndex(), row, row + len(inserted) + len(between) - 1)
            order.ids[change.row : change.row] = inserted
            happenings.insert(first, between)
            self.shown.forget()
            self.endInsertRows()
        return len(inserted) - len(removed) if at_end else 0

    # Happenings

    def take_happenings(self, found: FoundHappenings) -> int:
        """Show what was found; how many rows are new."""
        if len(found.keys) > _MOST_INSERTED and not self._rows.base.happenings.keys and not self._known.waiting:
            self._take_first(found)
            return 0
        for key in self._known.take(found):
            self._remove_happening(key)
        return self._admit()

    def _take_first(self, found: FoundHappenings) -> None:
        """Many, and none are there yet: they are taken as they are."""
        count = self._known.take_first(found, self._rows.base.frames)
        if not count:
            return
        if self._rows.sorted is None:
            self.beginResetModel()
        self._rows.base.happenings.adopt(found, count)
        if self._rows.sorted is None:
            self.shown.forget()
            self.endResetModel()

    def forget_happenings(self) -> None:
        """Show frames alone."""
        if len(self._rows.base.happenings):
            self.beginResetModel()
            self._rows.base = MergedEntries(self._rows.base.frames, self._no_happenings())
            self.shown.forget()
            self.endResetModel()
        self._no_happenings()

    def _no_happenings(self) -> Happenings:
        self._known = KnownHappenings()
        return Happenings()

    def _admit(self) -> int:
        """Show the happenings that stand among, or right behind, the frames that are shown."""
        frames, happenings = self._rows.base.frames, self._rows.base.happenings
        ready = self._known.ready(frames)
        if not ready:
            return 0
        if len(ready) > _MOST_INSERTED or self._rows.sorted is not None:
            if self._rows.sorted is None:
                self.beginResetModel()
            happenings.take_all(in_order((*happenings.places(), *ready)) if len(happenings) else ready)
            if self._rows.sorted is None:
                self.shown.forget()
                self.endResetModel()
            return 0
        for place in ready:
            index = happenings.index_for(place)
            row = frames.rank(place.after) + index
            self.beginInsertRows(QModelIndex(), row, row)
            happenings.insert(index, [place])
            self.shown.forget()
            self.endInsertRows()
        return len(ready)

    def _remove_happening(self, key: int) -> None:
        index = self._rows.base.happenings.index_of(key)
        if index is None:
            return
        if self._rows.sorted is not None:
            self._rows.base.happenings.cut(index, index + 1)
            return
        row = self._rows.base.row_of_happening(index)
        self.beginRemoveRows(QModelIndex(), row, row)
        self._rows.base.happenings.cut(index, index + 1)
        self.shown.forget()
        self.endRemoveRows()

    def frames_in_capture(self) -> int:
        """How many frames there are by now, shown or not."""
        return self.shown.entries.frame_count(self._rows.now.count)

    def catch_up(self) -> int:
        """Show what has come since, and what has become of the rest; how many rows are new.

        Of a filtered list only the latter: what is new in it is told to `take`.
        """
        new, frames = 0, self._rows.base.frames
        if isinstance(frames, AllFrames):
            count = self.frames_in_capture()
            new = max(0, count - frames.count)
            if self._rows.sorted is not None:
                frames.count, new = max(count, frames.count), 0
            elif new:
                end = self._rows.base.count
                self.beginInsertRows(QModelIndex(), end, end + new - 1)
                frames.count = count
                self.endInsertRows()
            new += self._admit()
        self._refresh()
        return new

    @property
    def rows_held(self) -> int:
        """How many rows are in memory."""
        return self.shown.rows_held

    def row_count(self) -> int:
        return self._rows.now.count

    def record(self, row: int) -> ShownFrame | None:
        return self.shown.record(row)

    def row_style(self, record: ShownFrame) -> RowStyle:
        if record.rule is None and record.begins is None:
            return PLAIN_ROW
        return RowStyle(
            line_above=record.begins is not None, tint=record.rule.tint if record.rule is not None else None
        )

    def entries_shown(self) -> Sequence[int]:
        """Frames' ids and happenings' keys of all rows, as they are now."""
        return self._rows.now.all()

    def entry_at(self, row: int) -> int | None:
        """The id of the frame, or the key of the happening, in `row`; None where there is no such row."""
        return self._rows.now.entry_at(row) if 0 <= row < self._rows.now.count else None

    def frame_at(self, row: int) -> int | None:
        """The id of the frame in `row`; None where there is no such row, or it is none of a frame."""
        entry = self.entry_at(row)
        return None if entry is None or entry < 0 else entry

    def things(self, record: ShownFrame) -> Things:
        row = record.frame
        if isinstance(row, Happening):
            return Things(happening=row.id, moment=row.received_at)
        return Things(
            frame=row.id, bucket=row.bucket, checkpoint=self.shown.entries.checkpoint_of(row.id), moment=row.received_at
        )

    def row_of(self, entry: int) -> int | None:
        """The row that shows the frame with this id, or the happening with this key."""
        return self._rows.now.row_of(entry)

    def nearest_row(self, frame: int) -> int:
        """The row of the frame, or of the next one that is shown, or the last; -1 where nothing is."""
        return self._rows.now.nearest(frame)

    def last_data_row(self) -> int | None:
        """The newest data line among the last few hundred frames, else the newest frame."""
        count = self._rows.now.count
        for row in range(count - 1, max(-1, count - _LOOK_BACK), -1):
            shown = self.shown.record(row)
            if shown is not None and shown.frame.kind == "data" and shown.frame.error is None:
                return row
        return count - 1 if count else None

    def _show(self, frames: AllFrames | ChosenFrames) -> None:
        self.beginResetModel()
        self._rows.base, self._rows.sorted = MergedEntries(frames, self._no_happenings()), None
        self.shown.forget()
        self.endResetModel()
