"""The lane of uploads: attempts, local writes made offline, and the service's confirmations."""

from collections.abc import Iterable

from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QPen, QPolygonF

from inspector.capture.outcome import UploadOutcome
from inspector.capture.timeline_rows import Lanes, LocalWriteMark, UploadMark, WriteCheckpointMark
from inspector.ui.panels.timeline.brush import TEXT_GAP, Brush
from inspector.ui.panels.timeline.geometry import Lane
from inspector.ui.theme import Colour, colour

_COLOURS: dict[str, Colour] = {
    UploadOutcome.ACCEPTED: Colour.FINE,
    UploadOutcome.SENDING: Colour.ACCENT,
    UploadOutcome.DISCARDED: Colour.IDLE,
    UploadOutcome.FAILED: Colour.BROKEN,
    UploadOutcome.REFUSED: Colour.BROKEN,
}
_MARK = 6.0
"""Pixels that a mark is wide at least."""


class UploadLane:
    """Full: accepted; red: refused, with how often; hollow: written, amber while offline; a tick: confirmed."""

    def __init__(self, brush: Brush, lane: Lane) -> None:
        self._brush = brush
        self._lane = lane

    def paint(self, lanes: Lanes) -> None:
        """Everything on screen."""
        for confirmed in lanes.write_checkpoints:
            self._tick(confirmed)
        for write in lanes.local_writes:
            self._local_write(write)
        shown = [
            (run, areas)
            for run in _runs(lanes.uploads)
            if (areas := [area for mark in run if (area := self._attempt(mark)) is not None])
        ]
        room_from = self._brush.left
        for number, (run, areas) in enumerate(shown):
            room_to = shown[number + 1][1][0].left() if number + 1 < len(shown) else self._brush.width
            room_from = self._count(run, areas[0].left(), areas[-1].right(), room_from, room_to)
        self._brush.flush()

    def _tick(self, confirmed: WriteCheckpointMark) -> None:
        at, middle = self._brush.x(confirmed.at), self._lane.top + self._lane.height / 2
        if not self._brush.left - 4 <= at <= self._brush.width:
            return
        self._brush.painter.setPen(QPen(colour(Colour.CHECKPOINT), 1.2))
        tick = [QPointF(at - 3, middle), QPointF(at - 0.5, middle + 3), QPointF(at + 4, middle - 4)]
        self._brush.painter.drawPolyline(QPolygonF(tick))
        self._brush.remember(QRectF(at - 4, self._lane.top, 8, self._lane.height), confirmed)

    def _local_write(self, write: LocalWriteMark) -> None:
        area = self._brush.area(write.at, write.at, self._lane.top + 4.5, self._lane.height - 9)
        if area is None:
            return
        area.setWidth(_MARK)
        self._brush.painter.setPen(QPen(colour(Colour.HELD if write.offline else Colour.DIM), 1.2))
        self._brush.painter.setBrush(Qt.BrushStyle.NoBrush)
        self._brush.painter.drawRect(area)
        self._brush.remember(area, write)

    def _attempt(self, mark: UploadMark) -> QRectF | None:
        area = self._brush.area(mark.at, mark.ended_at, self._lane.top + 4, self._lane.height - 8)
        if area is None:
            return None
        area.setWidth(max(_MARK, area.width()))
        self._brush.fill(area, colour(_COLOURS.get(mark.outcome, Colour.IDLE)))
        self._brush.remember(area, mark)
        return area

    def _count(self, run: list[UploadMark], begins: float, ends: float, room_from: float, room_to: float) -> float:
        """`409 ×4` beside several failed attempts, `✕` where no answer came; where the next text may begin."""
        failures = sum(mark.failures for mark in run)
        if not failures:
            return ends
        status = next((mark.status for mark in reversed(run) if mark.failures), None)
        text = f"{status or '✕'}" + (f" ×{failures}" if failures > 1 else "")
        width = self._brush.metrics.horizontalAdvance(text)
        before, after = begins - width - TEXT_GAP, ends + TEXT_GAP
        fits_before = before >= room_from + TEXT_GAP
        if not fits_before and after + width + TEXT_GAP > room_to:
            return ends
        left = before if fits_before else after
        area = QRectF(left - TEXT_GAP, self._lane.top, width + 4 * TEXT_GAP, self._lane.height)
        self._brush.text(area, text, Colour.BROKEN)
        return ends if fits_before else after + width


def _runs(marks: Iterable[UploadMark]) -> list[list[UploadMark]]:
    """Attempts that follow each other with the same first entry."""
    runs: list[list[UploadMark]] = []
    for mark in marks:
        if runs and runs[-1][-1].first_entry == mark.first_entry and runs[-1][-1].outcome != UploadOutcome.ACCEPTED:
            runs[-1].append(mark)
        else:
            runs.append([mark])
    return runs
