"""What was found of happenings so far: which still wait for their frames, and which may be found anew."""

from bisect import bisect_right

from inspector.capture.filter.happening_scan import FoundHappenings
from inspector.capture.happenings import HappeningKind
from inspector.ui.panels.frames.happenings import Place, in_order
from inspector.ui.panels.frames.order import AllFrames, ChosenFrames


class KnownHappenings:
    """Of one list, from its first happening on."""

    def __init__(self) -> None:
        self.waiting: list[Place] = []
        """Those after frames that are not shown yet, in order."""
        self._changeable: set[int] = set()
        """Keys of all that may be found anew: uploads and connections."""

    def take(self, found: FoundHappenings) -> list[int]:
        """Let what is new wait; the keys of what has to go from the list."""
        places = zip(found.after, found.at, found.keys, strict=True)
        new = in_order(Place(*place) for place in places if place[2] not in self._changeable)
        gone = [key for key in found.missing if key in self._changeable]
        if gone:
            left = set(gone)
            self._changeable -= left
            self.waiting = [place for place in self.waiting if place.key not in left]
        self._changeable |= {place.key for place in new if _changeable(place.key)}
        self.waiting = in_order((*self.waiting, *new)) if self.waiting else new
        return gone

    def take_first(self, found: FoundHappenings, frames: AllFrames | ChosenFrames) -> int:
        """Take many, none being there yet: how many of them can be shown at once; the rest waits."""
        count = len(found.keys) if isinstance(frames, ChosenFrames) else bisect_right(found.after, frames.count)
        rest = zip(found.after[count:], found.at[count:], found.keys[count:], strict=True)
        self.waiting = [Place(*values) for values in rest]
        self._changeable = {key for key in found.keys if _changeable(key)}
        return count

    def ready(self, frames: AllFrames | ChosenFrames) -> list[Place]:
        """Those that need not wait any more: they stand among the frames that are shown, or right behind them."""
        waiting = self.waiting
        all_fit = isinstance(frames, ChosenFrames) or not waiting or waiting[-1].after <= frames.count
        ready = waiting if all_fit else [place for place in waiting if place.after <= frames.count]
        self.waiting = waiting[len(ready) :]
        return ready


def _changeable(key: int) -> bool:
    """Whether the happening may be found more than once: events never change, the others have an end to come."""
    return -key % 4 != HappeningKind.EVENT
