"""The checks of both files while a session goes on: what is new is looked at, at a bounded share of a processor.

A `LiveExamination` is one session's. It takes turns, one for each file: a turn runs the checks that are due until it
has had its time, and says when the next may come. A check is due once its file has changed. Those that go frame by
frame take the frames that came since, a few at a time where there are many, and keep what they have found; so do those
that go through all of a client database, part by part. The others look at what is recent anew, so that what no longer
holds is gone.
"""

import time
from collections.abc import Callable
from dataclasses import dataclass, replace
from enum import Enum

from inspector.analysis.finding_types import (
    Check,
    CheckResult,
    CheckState,
    Find,
    FrameSpan,
    Material,
    Needs,
    capture_of,
    database_of,
)
from inspector.analysis.findings import all_checks, run_check
from inspector.analysis.situations import Live

SHARE = 0.03
"""Of a core, for the checks of one file."""
_TURN_S = 0.06
"""Processor time after which a turn ends, where checks are still due."""
_SOONEST_S = 2.0
"""Between two runs of a check."""
_LEAST_PAUSE_S, _LONGEST_PAUSE_S = 1.0, 600.0
_FIRST_FRAMES, _FEWEST_FRAMES, _MOST_FRAMES = 50, 5, 5_000
"""At a time, at first, at least and at most: so many that none takes much longer than a turn."""


class Lane(Enum):
    """The file that is looked at: both have their turns, so that a large client database keeps no line waiting."""

    CAPTURE = Needs.CAPTURE
    DATABASE = Needs.DATABASE


@dataclass(slots=True)
class _Watched:
    check: Check
    find: Find
    result: CheckResult | None = None
    version: int | None = None
    """Of the file as it was when it was last looked at whole; None: it is to be looked at."""
    ran_at: float = float("-inf")
    next_frame: int = 1
    at_once: int = _FIRST_FRAMES
    """Frames."""

    @property
    def goes_by_frames(self) -> bool:
        """Whether it takes the frames that came since, and not the file as a whole."""
        return self.check.follow is not None and self.check.needs is Needs.CAPTURE


class LiveExamination:
    """What the checks have come to so far. One thread takes the turns, another may read the results."""

    def __init__(
        self, clock: Callable[[], float] = time.monotonic, processor: Callable[[], float] = time.thread_time
    ) -> None:
        """`clock` tells the time and `processor` the thread's own, both in s."""
        self._clock, self._processor = clock, processor
        self._watched: tuple[_Watched, ...] = ()

    @property
    def results(self) -> tuple[CheckResult, ...]:
        """Of the checks that have run, in their order."""
        return tuple(each.result for each in self._watched if each.result is not None)

    def turn(self, lane: Lane, material: Material) -> float:
        """Run the checks of one file that are due; returns after how many s the next turn may come.

        Raises InspectorError where the file cannot be read, and Stopped where nobody waits any more.
        """
        self._begin()
        begun = self._processor()
        version, newest = _state_of(lane, material)
        due = [each for each in self._watched if each.check.needs is lane.value and self._is_due(each, version)]
        for each in sorted(due, key=lambda it: it.ran_at):
            self._run(each, material, version, newest)
            if self._processor() - begun >= _TURN_S:
                break
        spent = self._processor() - begun
        return min(_LONGEST_PAUSE_S, max(_LEAST_PAUSE_S, spent / SHARE))

    def reopened(self) -> None:
        """The files were opened anew: their versions are counted from another beginning."""
        for each in self._watched:
            each.version = None

    def frames_left(self, newest: int) -> int:
        """Frames that are still to be looked at by a check that goes frame by frame."""
        self._begin()
        return max((newest + 1 - it.next_frame for it in self._watched if it.goes_by_frames), default=0)

    def _begin(self) -> None:
        """Only now are the checks imported: this is not the thread of a window that comes up."""
        if not self._watched:
            self._watched = _to_watch()

    def _is_due(self, each: _Watched, version: int) -> bool:
        return each.version != version and self._clock() - each.ran_at >= _SOONEST_S

    def _run(self, each: _Watched, material: Material, version: int, newest: int) -> None:
        each.ran_at = self._clock()
        if not each.goes_by_frames:
            material.progress.left = False
            result = run_check(replace(each.check, find=each.find), material)
            material.progress.add()  # one that was cut off has found nothing out
            each.result, each.version = replace(result, check=each.check), version
            if material.progress.left:
                each.version, each.ran_at = None, each.ran_at - _SOONEST_S
            return
        last = min(newest, each.next_frame + each.at_once - 1)
        began = self._processor()
        span = FrameSpan(each.next_frame, last)
        each.result = run_check(replace(each.check, find=each.find), replace(material, frames=span))
        if each.result.state is not CheckState.NOT_RUN:
            each.next_frame = last + 1
        each.version = version if last >= newest else None
        if each.version is None:
            each.ran_at -= _SOONEST_S  # there is more: the turn's pause is pause enough
        took = self._processor() - began
        each.at_once = min(_MOST_FRAMES, each.at_once * 2) if took < _TURN_S / 4 else each.at_once
        each.at_once = max(_FEWEST_FRAMES, each.at_once // 2) if took > _TURN_S / 2 else each.at_once


def _to_watch() -> tuple[_Watched, ...]:
    return tuple(
        _Watched(check, check.find if check.follow is None else check.follow())
        for check in all_checks()
        if Live in check.sources and check.needs is not Needs.NOTHING
    )


def _state_of(lane: Lane, material: Material) -> tuple[int, int]:
    """A number that changes with the file, and the newest frame of a capture."""
    if lane is Lane.CAPTURE:
        capture = capture_of(material)
        return capture.data_version(), capture.frame_count()
    return database_of(material).ask(lambda connection, _: connection.data_version()), 0
