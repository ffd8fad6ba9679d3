"""Paints the lanes. Everything that is painted is remembered as a hit, so that it can be pointed at."""

from collections.abc import Iterable
from typing import TypeAlias

from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QColor, QFont, QFontMetricsF, QPainter, QPen, QPolygonF

from inspector.analysis.timeline_words import precise_span
from inspector.capture.outcome import Outcome, UploadOutcome
from inspector.capture.timeline_rows import CheckpointBar, ConnectionSpan, HeldSpan, Lanes, OfflineSpan, UploadMark
from inspector.ui.fonts import small_font
from inspector.ui.panels.timeline.geometry import Geometry, Hit, Lane
from inspector.ui.theme import Colour, colour
from inspector.words import NS, duration, plural

OUTCOME_COLOURS = {
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
_UPLOAD_COLOURS = {
    UploadOutcome.ACCEPTED: Colour.FINE,
    UploadOutcome.SENDING: Colour.ACCENT,
    UploadOutcome.DISCARDED: Colour.IDLE,
    UploadOutcome.FAILED: Colour.BROKEN,
    UploadOutcome.REFUSED: Colour.BROKEN,
}
_LETTERS = 11
"""Pixels: texts stand in bars."""
_BAR = 10.0
_CONNECTION = 13.0
_LEAST = 3.0
"""Pixels that everything is wide at least."""
_MARK = 6.0
_TEXT_GAP = 5.0
_FARTHEST = 24.0
"""Pixels that a text may stand beside what it is about."""

_Label: TypeAlias = tuple[float, str, Colour]
"""Where it begins, the text, its colour."""


class LanePainter:
    """Paints `lanes` with one painter; `now` (ns) is where open things end."""

    def __init__(self, painter: QPainter, geometry: Geometry, lanes: Lanes, now: int, longest_token: int) -> None:
        self._painter = painter
        self._geometry = geometry
        self._lanes = lanes
        self._now = now
        self._longest_token = longest_token
        font = QFont(small_font())
        font.setPixelSize(_LETTERS)
        self._metrics = QFontMetricsF(font)
        self.hits: list[Hit] = []
        painter.setFont(font)

    def paint(self) -> list[Hit]:
        """All lanes; what can be pointed at."""
        places = self._geometry.lanes
        self._connections(places["connection"])
        self._checkpoints(places["checkpoints"])
        self._data(places["data"])
        self._uploads(places["uploads"])
        self._faults(places["faults"])
        return self.hits

    # Connections

    def _connections(self, lane: Lane) -> None:
        height = min(_CONNECTION, lane.height - 4)
        top = lane.top + (lane.height - height) / 2
        previous: int | None = None
        for span in self._lanes.connections:
            if previous is not None:
                self._gap(previous, span.started_at, top, height)
            self._connection(span, top, height)
            previous = span.ended_at or self._now
        if previous is not None and self._lanes.connections[-1].ended_at is not None:
            self._gap(previous, self._now, top, height)

    def _connection(self, span: ConnectionSpan, top: float, height: float) -> None:
        ended = span.ended_at or self._now
        area = self._area(span.started_at, ended, top, height)
        refused = span.status != 200 and span.ended_at is not None
        shade = _faded(Colour.BROKEN if refused else Colour.FINE, 0.62)
        if span.status is None and span.ended_at is None:
            shade = _faded(Colour.ACCENT, 0.5)
        self._fill(area, shade)
        self._token(span, ended, area)
        self.hits.append(Hit(area, span))

    def _token(self, span: ConnectionSpan, ended: int, area: QRectF) -> None:
        """The life that is left of the token, as a falling line over the height of the bar."""
        if span.token_expires_at is None or not self._longest_token or area.width() < 2 * _LEAST:
            return
        ends = min(ended, span.token_expires_at)
        line = []
        for at in (span.started_at, ends):
            left = max(0.0, min(1.0, (span.token_expires_at - at) / self._longest_token))
            line.append(QPointF(self._geometry.x(at), area.bottom() - 1 - left * (area.height() - 2)))
        self._painter.setPen(QPen(_faded(Colour.TEXT, 0.75), 1.0))
        self._painter.drawLine(*line)

    def _gap(self, began: int, ended: int, top: float, height: float) -> None:
        left, right = self._geometry.x(began), self._geometry.x(ended)
        if right - left < 4:
            return
        known = [span for span in self._lanes.offline if span.started_at < ended and (span.ended_at or ended) > began]
        span = known[0] if known else OfflineSpan(began, ended)
        pen = QPen(colour(Colour.FAINT), 1.0, Qt.PenStyle.DashLine)
        self._painter.setPen(pen)
        self._painter.setBrush(Qt.BrushStyle.NoBrush)
        area = QRectF(left, top, right - left, height)
        self._painter.drawRect(area)
        word = "offline" if known else "no connection"
        length = duration((ended - began) / NS) if ended - began >= NS else precise_span(ended - began)
        self._text(area, f"{word} {length}", Colour.DIM, inside=True)
        if known:
            self.hits.append(Hit(area, span))

    # Checkpoints

    def _checkpoints(self, lane: Lane) -> None:
        height = min(_BAR, (lane.height - 5) / 2)
        first = lane.top + max(1.0, lane.height / 2 - height - 1.5)
        second = first + height + 3
        waits = self._lanes.held
        labels: list[_Label] = []
        below: list[QRectF] = []
        for span in waits:
            self._held(span, first, height)
        for bar in self._lanes.checkpoints:
            behind = bar.count == 1 and any(
                w.id != bar.id and w.started_at <= bar.started_at < (w.ended_at or self._now) for w in waits
            )
            area = self._checkpoint(bar, second if behind else first, height, labels)
            if behind:
                below.append(area)
        for partial in self._lanes.partials:
            skipped = partial.outcome == Outcome.SKIPPED
            area = self._area(partial.started_at, partial.ended_at, second, height)
            self._fill(area, colour(Colour.HELD if skipped else Colour.PARTIAL))
            self.hits.append(Hit(area, partial))
            below.append(area)
        self._label_below(labels, second, height, below)

    def _checkpoint(self, bar: CheckpointBar, top: float, height: float, labels: list[_Label]) -> QRectF:
        outcome = Outcome(bar.outcome) if bar.outcome in set(Outcome) else Outcome.NONE
        shade = OUTCOME_COLOURS.get(outcome, Colour.IDLE)
        end = bar.validated_at or bar.ended_at or self._now
        area = self._area(bar.started_at, end, top, height)
        thin = outcome in (Outcome.SUPERSEDED, Outcome.INTERRUPTED)
        painted = area.adjusted(0, height / 3, 0, -height / 3) if thin else area
        self._fill(painted, colour(shade))
        if bar.count == 1:
            self._steps(bar, area, shade)
        if outcome in (Outcome.MISMATCH, Outcome.REFUSED):
            count = sum(n for name, n in bar.outcomes if name == outcome)
            word = "checksum" if outcome is Outcome.MISMATCH else "refused"
            labels.append((area.left(), f"✕ {word}" if count < 2 else f"✕ {word} ×{count}", Colour.BROKEN))
        self.hits.append(Hit(area, bar))
        return area

    def _steps(self, bar: CheckpointBar, area: QRectF, shade: Colour) -> None:
        """What comes after the data: validating lighter, publishing lighter still."""
        for began, ended, strength in (
            (bar.data_done_at, bar.validated_at, 0.7),
            (bar.validated_at, bar.published_at if not bar.reason else None, 0.45),
        ):
            if began is None or ended is None:
                continue
            left, right = self._geometry.x(began), self._geometry.x(ended)
            if right - left >= 2:
                step = QRectF(left, area.top(), right - left, area.height())
                self._painter.fillRect(step, colour(Colour.PANEL))
                self._painter.fillRect(step.adjusted(1, 0, 0, 0), _faded(shade, strength))

    def _held(self, span: HeldSpan, top: float, height: float) -> None:
        area = self._area(span.started_at, span.ended_at or self._now, top, height)
        self._painter.fillRect(area, _faded(Colour.HELD, 0.32))
        self.hits.append(Hit(area, span))
        writes = span.reason.removeprefix("It was held back at first. ").partition(" local write")[0]
        why = f"by {plural(int(writes), 'upload')}" if writes.isdecimal() else "until confirmed"
        self._text(area.adjusted(_LEAST, 0, 0, 0), f"⏸ {span.op_id} held {why}", Colour.TEXT, inside=True)

    # Data, uploads, faults

    def _data(self, lane: Lane) -> None:
        bins = self._lanes.activity
        x = self._geometry.x
        width = max(1.0, (x(self._lanes.first + self._lanes.step) - x(self._lanes.first)) - 1)
        left, right = self._geometry.left - width, self._geometry.left + self._geometry.plot_width
        shown = [(x(one.at), one) for one in bins]
        shown = [(at, one) for at, one in shown if left <= at <= right]
        most = max((one.bytes for _, one in shown), default=0) or 1
        room = lane.height - 4
        fine: list[QRectF] = []
        broken: list[QRectF] = []
        for at, one in shown:
            height = max(2.0 if one.bytes else 1.0, room * one.bytes / most)
            (broken if one.errors else fine).append(QRectF(at, lane.bottom - 1 - height, width, height))
            self.hits.append(Hit(QRectF(at, lane.top, width + 1, lane.height), one))
        self._painter.setPen(Qt.PenStyle.NoPen)
        for areas, shade in ((fine, Colour.ACCENT), (broken, Colour.BROKEN)):
            self._painter.setBrush(colour(shade))
            self._painter.drawRects(areas)
        for area in broken:
            self._text(QRectF(area.left() - 2, lane.top, 14, 12), "✕", Colour.BROKEN)

    def _uploads(self, lane: Lane) -> None:
        top, height = lane.top + 3, lane.height - 6
        for confirmed in self._lanes.write_checkpoints:
            at = self._geometry.x(confirmed.at)
            middle = lane.top + lane.height / 2
            self._painter.setPen(QPen(colour(Colour.CHECKPOINT), 1.2))
            self._painter.drawPolyline(
                QPolygonF([QPointF(at - 3, middle), QPointF(at - 0.5, middle + 3), QPointF(at + 4, middle - 4)])
            )
            self.hits.append(Hit(QRectF(at - 4, lane.top, 8, lane.height), confirmed))
        for write in self._lanes.local_writes:
            area = QRectF(self._geometry.x(write.at), top + 0.5, _MARK, height - 1)
            self._painter.setPen(QPen(colour(Colour.HELD), 1.2))
            self._painter.setBrush(Qt.BrushStyle.NoBrush)
            self._painter.drawRect(area)
            self.hits.append(Hit(area, write))
        room_from = float(self._geometry.left)
        for run in _runs(self._lanes.uploads):
            for mark in run:
                area = self._upload(mark, top, height)
            self._attempts(run, room_from, lane)
            room_from = area.right()

    def _upload(self, mark: UploadMark, top: float, height: float) -> QRectF:
        outcome = UploadOutcome(mark.outcome) if mark.outcome in set(UploadOutcome) else UploadOutcome.SENDING
        left = self._geometry.x(mark.at)
        right = self._geometry.x(mark.ended_at if mark.ended_at is not None else self._now)
        area = QRectF(left, top, max(_MARK, right - left), height)
        self._fill(area, colour(_UPLOAD_COLOURS[outcome]))
        self.hits.append(Hit(area, mark))
        return area

    def _attempts(self, run: list[UploadMark], room_from: float, lane: Lane) -> None:
        """`409 ×4` before the first of several attempts, `✕` beside a single refusal."""
        tries = run[-1].attempt
        if run[-1].outcome == UploadOutcome.ACCEPTED and tries == 1:
            return
        failed = [mark for mark in run if mark.outcome in (UploadOutcome.REFUSED, UploadOutcome.FAILED)]
        if not failed:
            return
        text = f"{failed[-1].status or '✕'}" + (f" ×{len(failed)}" if len(failed) > 1 else "")
        width = self._metrics.horizontalAdvance(text)
        left = self._geometry.x(run[0].at) - width - _TEXT_GAP
        if left >= room_from + _TEXT_GAP:
            self._text(QRectF(left - _TEXT_GAP, lane.top, width + 4 * _TEXT_GAP, lane.height), text, Colour.BROKEN)

    def _faults(self, lane: Lane) -> None:
        marks = self._lanes.faults
        middle = lane.top + lane.height / 2
        for number, mark in enumerate(marks):
            at = self._geometry.x(mark.at)
            end = self._geometry.x(marks[number + 1].at) if number + 1 < len(marks) else float(self._geometry.width)
            self._painter.setPen(Qt.PenStyle.NoPen)
            self._painter.setBrush(colour(Colour.FAULT))
            triangle = [QPointF(at - 5, middle + 4), QPointF(at + 5, middle + 4), QPointF(at, middle - 5)]
            self._painter.drawPolygon(QPolygonF(triangle))
            text = mark.message if mark.count == 1 else f"{mark.count} faults"
            self._text(QRectF(at + 4, lane.top, end - at - 14, lane.height), text.rstrip("."), Colour.DIM, elide=True)
            self.hits.append(Hit(QRectF(at - 5, lane.top, 12, lane.height), mark))

    # Drawing

    def _area(self, began: int, ended: int, top: float, height: float) -> QRectF:
        left, right = self._geometry.x(began), self._geometry.x(ended)
        return QRectF(left, top, max(_LEAST, right - left), height)

    def _fill(self, area: QRectF, shade: QColor) -> None:
        self._painter.setPen(Qt.PenStyle.NoPen)
        self._painter.setBrush(shade)
        radius = 1.5 if area.width() > 6 else 0.5
        self._painter.drawRoundedRect(area, radius, radius)

    def _label_below(self, labels: list[_Label], top: float, height: float, taken: list[QRectF]) -> None:
        """Texts below the upper row, where neither a bar nor another text stands."""
        free = float(self._geometry.left)
        for wanted, text, shade in labels:
            width = self._metrics.horizontalAdvance(text) + _TEXT_GAP
            left = max(wanted, free)
            for area in sorted(taken, key=QRectF.left):
                if area.left() < left + width and area.right() > left:
                    left = area.right() + 2
            if left <= wanted + _FARTHEST:
                self._text(QRectF(left - _TEXT_GAP, top, width + 3 * _TEXT_GAP, height + 2), text, shade)
                free = left + width

    def _text(self, area: QRectF, text: str, shade: Colour, *, inside: bool = False, elide: bool = False) -> None:
        """`text` at the left of what is visible of `area`; not at all where it does not fit."""
        left = max(area.left(), float(self._geometry.left)) + _TEXT_GAP
        room = min(area.right(), float(self._geometry.width)) - left
        if elide:
            text = self._metrics.elidedText(text, Qt.TextElideMode.ElideRight, room) if room > 30 else ""
        elif self._metrics.horizontalAdvance(text) > room - (_TEXT_GAP if inside else 0):
            return
        baseline = area.top() + (area.height() + self._metrics.ascent() - self._metrics.descent()) / 2
        self._painter.setPen(colour(shade))
        self._painter.drawText(QPointF(left, round(baseline)), text)


def _runs(marks: Iterable[UploadMark]) -> list[list[UploadMark]]:
    """Attempts that follow each other with the same first entry."""
    runs: list[list[UploadMark]] = []
    for mark in marks:
        if runs and runs[-1][-1].first_entry == mark.first_entry and runs[-1][-1].outcome != UploadOutcome.ACCEPTED:
            runs[-1].append(mark)
        else:
            runs.append([mark])
    return runs


def _faded(role: Colour, strength: float) -> QColor:
    shade = QColor(colour(role))
    shade.setAlphaF(strength)
    return shade
