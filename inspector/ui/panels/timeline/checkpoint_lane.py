"""The lane of checkpoints: from the first line to the outcome; what is held keeps a pale tail until it is shown."""

from PySide6.QtCore import QRectF

from inspector.capture.outcome import Outcome
from inspector.capture.timeline_rows import CheckpointBar, HeldSpan, Lanes
from inspector.ui.panels.timeline.brush import LEAST, Brush, faded
from inspector.ui.panels.timeline.geometry import Lane
from inspector.ui.theme import Colour, colour
from inspector.words import plural

OUTCOME_COLOURS: dict[str, Colour] = {
    Outcome.APPLIED: Colour.FINE,
    Outcome.PARTIAL: Colour.PARTIAL,
    Outcome.RECEIVING: Colour.CHECKPOINT,
    Outcome.SUPERSEDED: Colour.IDLE,
    Outcome.INTERRUPTED: Colour.IDLE,
    Outcome.SKIPPED: Colour.HELD,
    Outcome.HELD: Colour.HELD,
    Outcome.REFUSED: Colour.BROKEN,
    Outcome.MISMATCH: Colour.BROKEN,
}
_LABELS = {Outcome.MISMATCH: "✕ checksum", Outcome.REFUSED: "✕ refused"}
_BAR = 10.0
_SHORTEST_WAIT = 2.0
"""Pixels: shorter waits are told by the colour of their checkpoint."""


class CheckpointLane:
    """Paints full checkpoints in the upper row, partial ones and those behind a held one in the lower."""

    def __init__(self, brush: Brush, lane: Lane) -> None:
        self._brush = brush
        self._height = min(_BAR, (lane.height - 5) / 2)
        self._upper = lane.top + max(1.0, lane.height / 2 - self._height - 1.5)
        self._lower = self._upper + self._height + 3
        self._texts: list[tuple[float, str, Colour]] = []
        self._below: list[QRectF] = []

    def paint(self, lanes: Lanes) -> None:
        """All checkpoints on screen."""
        brush = self._brush
        waits = [span for span in lanes.held if self._held(span)]
        for bar in lanes.checkpoints:
            behind = bar.count == 1 and any(
                wait.started_at <= bar.started_at < (wait.ended_at or brush.now) and wait.id != bar.id for wait in waits
            )
            self._checkpoint(bar, behind)
        for partial in lanes.partials:
            area = brush.area(partial.started_at, partial.ended_at, self._lower, self._height)
            if area is not None:
                brush.fill(area, colour(OUTCOME_COLOURS.get(partial.outcome, Colour.PARTIAL)))
                brush.remember(area, partial)
                self._below.append(area)
        brush.flush()
        brush.texts_between(self._texts, self._lower, self._height, self._below)

    def _checkpoint(self, bar: CheckpointBar, behind: bool) -> None:
        brush, height = self._brush, self._height
        end = bar.ended_at if bar.validated_at is None else bar.validated_at
        area = brush.area(bar.started_at, end, self._lower if behind else self._upper, height)
        if area is None:
            return
        shade = OUTCOME_COLOURS.get(bar.outcome, Colour.IDLE)
        thin = bar.outcome in (Outcome.SUPERSEDED, Outcome.INTERRUPTED)
        brush.fill(area.adjusted(0, height / 3, 0, -height / 3) if thin else area, colour(shade))
        if bar.count == 1 and area.width() > 2 * LEAST:
            self._steps(bar, area, shade)
        count = sum(n for name, n in bar.outcomes if name == bar.outcome)
        if bar.outcome in _LABELS:
            label = _LABELS[Outcome(bar.outcome)]
            self._texts.append((area.left(), label if count < 2 else f"{label} ×{count}", Colour.BROKEN))
        elif bar.outcome == Outcome.HELD and count > 1:
            self._texts.append((area.left(), f"‖ held ×{count}", Colour.HELD))
        if behind:
            self._below.append(area)
        brush.remember(area, bar)

    def _steps(self, bar: CheckpointBar, area: QRectF, shade: Colour) -> None:
        """What comes after the data: validating lighter, publishing lighter still."""
        for began, ended, strength in (
            (bar.data_done_at, bar.validated_at, 0.7),
            (bar.validated_at, bar.published_at if not bar.reason else None, 0.45),
        ):
            if began is None or ended is None:
                continue
            left, right = self._brush.x(began), self._brush.x(ended)
            if right - left >= 2:
                step = QRectF(left, area.top(), right - left, area.height())
                self._brush.painter.fillRect(step, colour(Colour.PANEL))
                self._brush.painter.fillRect(step.adjusted(1, 0, 0, 0), faded(shade, strength))

    def _held(self, span: HeldSpan) -> bool:
        """Whether the wait is on screen, and long enough to be seen."""
        area = self._brush.area(span.started_at, span.ended_at, self._upper, self._height)
        if area is None or (area.width() <= max(LEAST, _SHORTEST_WAIT) and span.ended_at is not None):
            return False
        self._brush.painter.fillRect(area, faded(Colour.HELD, 0.32))
        self._brush.remember(area, span)
        writes = span.reason.removeprefix("It was held back at first. ").partition(" local write")[0]
        why = f"by {plural(int(writes), 'upload')}" if writes.isdecimal() else "until confirmed"
        text, inside = f"‖ {span.op_id} held {why}", area.adjusted(LEAST, 0, 0, 0)
        if not self._brush.text(inside, text, Colour.TEXT, inside=True):
            self._texts.append((area.left(), text, Colour.HELD))
        return True
