"""The lane of uploads: attempts, local writes made offline, and the service's confirmations."""

from collections.abc import Iterable

from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QPen, QPolygonF

from inspector.capture.outcome import UploadOutcome
from inspector.capture.timeline_rows import EventMark, Lanes, UploadMark, WriteCheckpointMark
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


class UploadLane:
    """Full: accepted; red: refused, with how often; hollow: written while offline; a tick: confirmed."""

    def __init__(self, brush: Brush, lane: Lane) -> None:
        self._brush = brush
        self._lane = lane

    def paint(self, lanes: Lanes) -> None:
        """Everything on screen."""
        for confirmed in lanes.write_checkpoints:
            self._tick(confirmed)
        for write in lanes.local_writes:
            self._offline_write(write)
        room_from = self._brush.left
        for run in _runs(lanes.uploads):
            areas = [area for mark in run if (area := self._attempt(mark)) is not None]
            if areas:
                self._count(run, areas[0].left(), room_from)
                room_from = areas[-1].right()
        self._brush.flush()

    def _tick(self, confirmed: WriteCheckpointMark) -> None:
        at, middle = self._brush.x(confirmed.at), self._lane.top + self._lane.height / 2
        if not self._brush.left - 4 <= at <= self._brush.width:
            return
        self._brush.painter.setPen(QPen(colour(Colour.CHECKPOINT), 1.2))
        tick = [QPointF(at - 3, middle), QPointF(at - 0.5, middle + 3), QPointF(at + 4, middle - 4)]
        self._brush.painter.drawPolyline(QPolygonF(tick))
        self._brush.remember(QRectF(at - 4, self._lane.top, 8, self._lane.height), confirmed)

    def _offline_write(self, write: EventMark) -> None:
        area = self._brush.area(write.at, write.at, self._lane.top + 3.5, self._lane.height - 7)
        if area is None:
            return
        area.setWidth(_MARK)
        self._brush.painter.setPen(QPen(colour(Colour.HELD), 1.2))
        self._brush.painter.setBrush(Qt.BrushStyle.NoBrush)
        self._brush.painter.drawRect(area)
        self._brush.remember(area, write)

    def _attempt(self, mark: UploadMark) -> QRectF | None:
        area = self._brush.area(mark.at, mark.ended_at, self._lane.top + 3, self._lane.height - 6)
        if area is None:
            return None
        area.setWidth(max(_MARK, area.width()))
        self._brush.fill(area, colour(_COLOURS.get(mark.outcome, Colour.IDLE)))
        self._brush.remember(area, mark)
        return area

    def _count(self, run: list[UploadMark], begins: float, room_from: float) -> None:
        """`409 ×4` before the first of several failed attempts, `✕` where no answer came."""
        failed = [mark for mark in run if mark.outcome in (UploadOutcome.REFUSED, UploadOutcome.FAILED)]
        if not failed:
            return
        text = f"{failed[-1].status or '✕'}" + (f" ×{len(failed)}" if len(failed) > 1 else "")
        width = self._brush.metrics.horizontalAdvance(text)
        left = begins - width - TEXT_GAP
        if left >= room_from + TEXT_GAP:
            area = QRectF(left - TEXT_GAP, self._lane.top, width + 4 * TEXT_GAP, self._lane.height)
            self._brush.text(area, text, Colour.BROKEN)


def _runs(marks: Iterable[UploadMark]) -> list[list[UploadMark]]:
    """Attempts that follow each other with the same first entry."""
    runs: list[list[UploadMark]] = []
    for mark in marks:
        if runs and runs[-1][-1].first_entry == mark.first_entry and runs[-1][-1].outcome != UploadOutcome.ACCEPTED:
            runs[-1].append(mark)
        else:
            runs.append([mark])
    return runs
