"""Uploads, events, requests and ends in the list: which there are, and which rows they have among the frames."""

from array import array
from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from operator import itemgetter
from typing import NamedTuple, overload

from inspector.capture.filter.happening_scan import FoundHappenings
from inspector.ui.panels.frames.order import AllFrames, ChosenFrames, SortedEntries

_AT_ONCE = 4_096


class Place(NamedTuple):
    """A happening, the frame that it comes after, and when it was, ns."""

    after: int
    at: int
    key: int


class Happenings:
    """Happenings in the order of their places; 24 bytes each."""

    def __init__(self) -> None:
        self.keys, self.after, self._at = array("q"), array("q"), array("q")

    def __len__(self) -> int:
        return len(self.keys)

    def copy(self) -> "Happenings":
        """The same ones, for who keeps them."""
        found = Happenings()
        found.keys, found.after, found._at = self.keys[:], self.after[:], self._at[:]
        return found

    def adopt(self, found: FoundHappenings, count: int) -> None:
        """Have the first `count` of these, and no others."""
        self.keys, self.after, self._at = found.keys[:count], found.after[:count], found.at[:count]

    def take_all(self, places: Sequence[Place]) -> None:
        """Have these, which are in order, and no others."""
        after, at, keys = zip(*places, strict=True) if places else ((), (), ())
        self.keys, self.after, self._at = array("q", keys), array("q", after), array("q", at)

    def places(self) -> Iterator[Place]:
        """All of them, in order."""
        return map(Place, self.after, self._at, self.keys)

    def index_of(self, key: int) -> int | None:
        """Where the happening stands among them."""
        try:
            return self.keys.index(key)
        except ValueError:
            return None

    def index_for(self, place: Place) -> int:
        """Where one that is not there would stand."""
        low, high = bisect_left(self.after, place.after), bisect_right(self.after, place.after)
        return bisect_right(self._at, place.at, low, high)

    def insert(self, index: int, places: Sequence[Place]) -> None:
        """Put some that stand together."""
        self.keys[index:index] = array("q", (place.key for place in places))
        self.after[index:index] = array("q", (place.after for place in places))
        self._at[index:index] = array("q", (place.at for place in places))

    def cut(self, first: int, end: int) -> list[Place]:
        """Take out those from `first` to before `end`."""
        taken = [Place(self.after[i], self._at[i], self.keys[i]) for i in range(first, end)]
        for values in (self.keys, self.after, self._at):
            del values[first:end]
        return taken


class MergedEntries:
    """Frames with the happenings between them. Frames are known by their ids, happenings by their keys below zero."""

    def __init__(self, frames: AllFrames | ChosenFrames, happenings: Happenings) -> None:
        self.frames, self.happenings = frames, happenings

    @property
    def count(self) -> int:
        """How many rows there are."""
        return self.frames.count + len(self.happenings)

    def row_of_happening(self, index: int) -> int:
        """The row of one by its place among the happenings."""
        return self.frames.rank(self.happenings.after[index]) + index

    def happenings_above(self, row: int) -> int:
        """How many happenings stand in rows before this one."""
        return bisect_left(range(len(self.happenings)), row, key=self.row_of_happening)

    def entry_at(self, row: int) -> int:
        """The frame's id or the happening's key in `row`."""
        index = self.happenings_above(row)
        if index < len(self.happenings) and self.row_of_happening(index) == row:
            return self.happenings.keys[index]
        return self.frames.frame_at(row - index)

    def entries_at(self, first: int, count: int) -> Sequence[int]:
        """Those in so many rows from `first` on; fewer at the end."""
        end = min(first + count, self.count)
        index, row = self.happenings_above(first), first
        if self._next_row(index, end) >= end:
            return self.frames.frames_at(first - index, end - first)
        entries = array("q")
        while row < end:
            until = min(self._next_row(index, end), end)
            if until > row:
                entries.extend(self.frames.frames_at(row - index, until - row))
                row = until
            else:
                entries.append(self.happenings.keys[index])
                index, row = index + 1, row + 1
        return entries

    def row_of(self, entry: int) -> int | None:
        """The row of a frame or happening; None when it is not shown."""
        if entry < 0:
            index = self.happenings.index_of(entry)
            return None if index is None else self.row_of_happening(index)
        row = self.frames.row_of(entry)
        return None if row is None else row + bisect_left(self.happenings.after, entry)

    def nearest(self, frame: int) -> int:
        """The row of the frame, or of the next one that is shown, or the last; -1 where nothing is."""
        row = self.frames.nearest(frame)
        if row < 0:
            return self.count - 1
        return row + bisect_left(self.happenings.after, self.frames.frame_at(row))

    def all(self) -> Sequence[int]:
        """Every entry, for who keeps them."""
        if isinstance(self.frames, ChosenFrames):
            return FrozenEntries(MergedEntries(ChosenFrames(self.frames.copy()), self.happenings.copy()))
        return FrozenEntries(MergedEntries(AllFrames(self.frames.count), self.happenings.copy()))

    def _next_row(self, index: int, end: int) -> int:
        return self.row_of_happening(index) if index < len(self.happenings) else end


@dataclass(slots=True)
class RowOrder:
    """Which entry stands in which row."""

    base: MergedEntries
    """As they came."""
    sorted: SortedEntries | None = None
    """In another order, where one was chosen."""

    @property
    def now(self) -> MergedEntries | SortedEntries:
        """The order that is shown."""
        return self.base if self.sorted is None else self.sorted


class FrozenEntries(Sequence[int]):
    """All entries as they were at one moment, without a list of them being made."""

    def __init__(self, entries: MergedEntries) -> None:
        self._entries = entries
        self.happenings = len(entries.happenings)
        """How many are none of a frame."""

    def __len__(self) -> int:
        return self._entries.count

    @overload
    def __getitem__(self, at: int) -> int: ...

    @overload
    def __getitem__(self, at: slice) -> Sequence[int]: ...

    def __getitem__(self, at: int | slice) -> int | Sequence[int]:
        if isinstance(at, int):
            if not -len(self) <= at < len(self):
                raise IndexError(at)
            return self._entries.entry_at(at % len(self))
        first, end, step = at.indices(len(self))
        return self._entries.entries_at(first, max(0, end - first))[::step]

    def __iter__(self) -> Iterator[int]:
        for first in range(0, len(self), _AT_ONCE):
            yield from self._entries.entries_at(first, _AT_ONCE)


def in_order(places: Iterable[Place]) -> list[Place]:
    """By the frames that they come after, then by time; at one time as they are given."""
    return sorted(places, key=itemgetter(0, 1))
