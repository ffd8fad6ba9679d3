"""Which frame stands in which place: all of them, or those that were found."""

from array import array
from bisect import bisect_left, bisect_right
from collections.abc import Sequence
from dataclasses import dataclass

from inspector.capture.filter.scan import Found


class AllFrames:
    """Row n is the frame with id n + 1: ids have no gaps."""

    def __init__(self, count: int) -> None:
        self.count = count

    def frame_at(self, row: int) -> int:
        """The id of the frame in `row`."""
        return row + 1

    def frames_at(self, first: int, count: int) -> Sequence[int]:
        """The ids in so many rows from `first` on; fewer at the end."""
        return range(first + 1, min(first + count, self.count) + 1)

    def row_of(self, frame: int) -> int | None:
        """The row of a frame; None when it is not shown."""
        return frame - 1 if 1 <= frame <= self.count else None

    def rank(self, frame: int) -> int:
        """How many frames are shown up to this one."""
        return min(frame, self.count)

    def nearest(self, frame: int) -> int:
        """The row of the frame, or of the next one that is shown, or the last; -1 where nothing is."""
        return min(max(frame, 1), self.count) - 1


@dataclass(frozen=True, slots=True)
class Change:
    """Rows from `row` on: `removed` go, `inserted` come in their place."""

    row: int
    removed: int
    inserted: "array[int]"


class ChosenFrames:
    """Frames in order of their ids; eight bytes each."""

    def __init__(self, ids: "array[int] | None" = None) -> None:
        self.ids = array("q") if ids is None else ids

    @property
    def count(self) -> int:
        """How many there are."""
        return len(self.ids)

    def frame_at(self, row: int) -> int:
        """The id of the frame in `row`."""
        return self.ids[row]

    def frames_at(self, first: int, count: int) -> Sequence[int]:
        """The ids in so many rows from `first` on; fewer at the end."""
        return self.ids[first : first + count]

    def row_of(self, frame: int) -> int | None:
        """The row of a frame; None when it is not shown."""
        row = bisect_left(self.ids, frame)
        return row if row < len(self.ids) and self.ids[row] == frame else None

    def rank(self, frame: int) -> int:
        """How many frames are shown up to this one."""
        return bisect_right(self.ids, frame)

    def nearest(self, frame: int) -> int:
        """The row of the frame, or of the next one that is shown, or the last; -1 where nothing is."""
        return min(bisect_left(self.ids, frame), len(self.ids) - 1)

    def copy(self) -> "array[int]":
        """The ids, for who keeps them."""
        return array("q", self.ids)

    def change(self, found: Found) -> Change | None:
        """What has to change so that the span of `found` has these frames; None: nothing."""
        low, high = bisect_left(self.ids, found.first), bisect_right(self.ids, found.last)
        before, after = self.ids[low:high], found.ids
        if before == after:
            return None
        least = min(len(before), len(after))
        if not least:
            return Change(low, len(before), after)
        head = next((i for i in range(least) if before[i] != after[i]), least)
        tail = next((i for i in range(least - head) if before[-1 - i] != after[-1 - i]), least - head)
        return Change(low + head, len(before) - head - tail, after[head : len(after) - tail])


class SortedEntries:
    """Frames and happenings in an order of their own."""

    def __init__(self, ids: "array[int]") -> None:
        self.ids = ids

    @property
    def count(self) -> int:
        """How many there are."""
        return len(self.ids)

    def entry_at(self, row: int) -> int:
        """The frame's id or the happening's key in `row`."""
        return self.ids[row]

    def entries_at(self, first: int, count: int) -> Sequence[int]:
        """Those in so many rows from `first` on; fewer at the end."""
        return self.ids[first : first + count]

    def row_of(self, entry: int) -> int | None:
        """The row of a frame or happening; None when it is not shown."""
        try:
            return self.ids.index(entry)
        except ValueError:
            return None

    def nearest(self, frame: int) -> int:
        """The row of the frame, else the first one; -1 where nothing is."""
        row = self.row_of(frame)
        return row if row is not None else min(0, self.count - 1)

    def all(self) -> Sequence[int]:
        """Every entry, for who keeps them."""
        return array("q", self.ids)
