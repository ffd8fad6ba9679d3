"""Paints the lanes, and remembers what is where, so that it can be pointed at."""

from collections.abc import Iterable
from dataclasses import dataclass

from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QFont, QFontMetricsF, QPainter, QPen

from inspector.analysis.devices.gate import ClosedGate
from inspector.analysis.devices.history import DeviceHistory
from inspector.analysis.devices.local_writes import LocalTransaction
from inspector.analysis.devices.sendings import Sending
from inspector.analysis.devices.words import Thing
from inspector.capture.outcome import Outcome
from inspector.capture.rows import CheckpointRow
from inspector.capture.timeline_rows import ConnectionSpan
from inspector.ui.demo.devices import DevicesSnapshot
from inspector.ui.fonts import small_font
from inspector.ui.panels.both_clients.geometry import BAR, ClientLane, Geometry
from inspector.ui.panels.timeline.brush import faded
from inspector.ui.theme import Colour, colour

_DOT = 4.5
_GAP = 6.0
_NEAR = 4.0
_SAME_PLACE = 2.0
_LETTERS = 12
"""Pixels, whatever the zoom: texts stand in bars."""
_APART = 2 * _DOT + 2
"""Pixels between two marks at least."""
_FARTHEST = 170.0
"""Pixels that a mark or its text may stand beside its moment."""
_LONGEST_LABEL = 170.0
_ARRIVALS = {Outcome.MISMATCH: Colour.BROKEN, Outcome.REFUSED: Colour.BROKEN, Outcome.HELD: Colour.HELD}


@dataclass(frozen=True, slots=True)
class Mark:
    """Something of one client, or of the service where `name` is empty, as it stands on screen."""

    area: QRectF
    name: str
    thing: Thing
    at: int
    """The moment that a click chooses, ns."""
    more: int = 0
    """Others that fall on the same pixels, and are not painted."""


class LanePainter:
    """Paints one picture. `now` (ns) is where open things end."""

    def __init__(self, painter: QPainter, geometry: Geometry, now: int) -> None:
        self._painter = painter
        self._geometry = geometry
        self._now = now
        # Asked for hundreds of times a picture.
        self._service, self._width, self._has_letters = geometry.service, float(geometry.width), geometry.has_letters
        self._gutter = geometry.gutter
        self._first, self._scale = geometry.view.first, geometry.plot_width / geometry.view.span
        font = QFont(small_font())
        font.setPixelSize(_LETTERS)
        self._metrics = QFontMetricsF(font)
        painter.setFont(font)
        self.marks: list[Mark] = []
        self._written_at: list[tuple[float, LocalTransaction]] = []
        """The marks of writes in the lane that is being painted."""

    def paint(self, snapshot: DevicesSnapshot) -> None:
        """Everything: what is small is painted last, and found first."""
        geometry = self._geometry
        self._painter.setPen(QPen(colour(Colour.LINE), 1))
        self._painter.drawLine(QPointF(self._gutter, geometry.service), QPointF(geometry.width, geometry.service))
        lanes = {lane.name: lane for lane in geometry.clients}
        for name, lane in lanes.items():
            history = snapshot.histories.get(name, DeviceHistory())
            self._written_at = self._places(history.written)
            self._connection(lane, history)
            self._gate(lane, history)
        for group in self._together(snapshot.sendings):
            self._sending(max(group, key=_trouble), lanes, more=len(group) - 1)
        for name, lane in lanes.items():
            self._writes(lane, self._places(snapshot.histories.get(name, DeviceHistory()).written))

    # Connections

    def _connection(self, lane: ClientLane, history: DeviceHistory) -> None:
        before: int | None = None
        for span in history.connections:
            if before is not None:
                self._gap(lane, before, span.started_at, history)
            self._connected(lane, span)
            before = self._now if span.ended_at is None else span.ended_at
        if before is not None:
            self._gap(lane, before, self._now, history)
        for at in history.renewed_at:
            self._renewed(lane, at)

    def _connected(self, lane: ClientLane, span: ConnectionSpan) -> None:
        area = self._area(span.started_at, span.ended_at, lane.bar)
        if area is None:
            return
        shade = Colour.FINE
        if span.status != 200:
            shade = Colour.ACCENT if span.ended_at is None and span.status is None else Colour.BROKEN
        self._bar(area, shade)
        self._remember(area, lane.name, span, span.started_at)

    def _gap(self, lane: ClientLane, began: int, ended: int, history: DeviceHistory) -> None:
        area = self._area(began, ended, lane.bar)
        if area is None or area.width() < 3:
            return
        offline = next((s for s in history.offline if s.started_at < ended and (s.ended_at or ended) > began), None)
        expected = offline is not None or ended in history.renewed_at
        self._painter.setPen(QPen(colour(Colour.FAINT if expected else Colour.BROKEN), 1, Qt.PenStyle.DashLine))
        self._painter.setBrush(Qt.BrushStyle.NoBrush)
        self._painter.drawRoundedRect(area.adjusted(0.5, 0.5, -0.5, -0.5), 2, 2)
        self._words_between(area, "offline" if offline else "no connection", Colour.DIM)
        if offline is not None:
            self._remember(area, lane.name, offline, offline.started_at)

    def _renewed(self, lane: ClientLane, at: int) -> None:
        x = self._x(at)
        if x < self._gutter:
            return
        self._painter.setPen(QPen(colour(Colour.TEXT), 1.4))
        self._painter.drawLine(QPointF(x, lane.bar - BAR / 2 - 2), QPointF(x, lane.bar + BAR / 2 + 2))
        room = min(100.0, self._width - x)
        self._words_between(QRectF(x, lane.bar - BAR / 2, room, BAR), "new device", Colour.TEXT)

    # Gates

    def _gate(self, lane: ClientLane, history: DeviceHistory) -> None:
        if (begun := history.begun) is None:
            return
        whole = self._area(begun, None, lane.gate)
        if whole is None:
            return
        self._bar(whole, Colour.FINE, strength=0.38)
        for gate in history.gates:
            self._closed(lane, gate)
        last = history.gates[-1] if history.gates else None
        began = begun if last is None else last.opened_at
        if began is not None and (area := self._area(began, None, lane.gate)) is not None:
            self._words_in(area, "open", Colour.DIM)

    def _closed(self, lane: ClientLane, gate: ClosedGate) -> None:
        area = self._area(gate.closed_at, gate.opened_at, lane.gate)
        if area is None:
            return
        self._painter.fillRect(area, colour(Colour.PANEL))
        self._bar(area, Colour.HELD, strength=1.0)
        words = gate.words if gate.opened_at is None else "closed"
        if not self._words_in(area, words, Colour.PANEL):
            self._words_in(area, "closed", Colour.PANEL)
        self._remember(area, lane.name, gate, gate.closed_at)

    # What the service sent

    def _together(self, sendings: Iterable[Sending]) -> list[list[Sending]]:
        """Those on screen, by the place that a dot takes: of one place one is painted, the most telling."""
        groups: list[list[Sending]] = []
        last = -10_000.0
        for sending in sendings:
            x = self._x(sending.at)
            if not self._gutter - 30 <= x <= self._width:
                continue
            if x - last < _SAME_PLACE:
                groups[-1].append(sending)
            else:
                groups.append([sending])
                last = x
        return groups

    def _sending(self, sending: Sending, lanes: dict[str, ClientLane], *, more: int) -> None:
        x = self._x(sending.at)
        for name, arrival in sending.arrivals:
            if name in lanes:
                self._arrival(lanes[name], x, arrival)
        self._painter.setPen(Qt.PenStyle.NoPen)
        self._painter.setBrush(colour(Colour.CHECKPOINT))
        self._painter.drawEllipse(QPointF(x, self._service), _DOT, _DOT)
        area = QRectF(x - _DOT, self._service - _DOT, 2 * _DOT, 2 * _DOT)
        self.marks.append(Mark(area, "", sending, sending.at, more))

    def _arrival(self, lane: ClientLane, x: float, arrival: CheckpointRow) -> None:
        """From the service to where it was shown; to where it was received, where it was not shown."""
        ended = arrival.published_at or arrival.validated_at or arrival.data_done_at or arrival.received_at
        shade = _ARRIVALS.get(Outcome(arrival.outcome), Colour.DIM)
        edge = lane.bar + lane.towards * BAR / 2
        end = QPointF(max(self._x(min(ended, arrival.received_at + 20_000_000_000)), x + 5), edge)
        self._painter.setPen(QPen(colour(shade), 1.1))
        self._painter.drawLine(QPointF(x, self._service), end)
        if shade is Colour.BROKEN:
            self._letters(end.x() - 4, edge + lane.towards * 7, "✕", Colour.BROKEN)
        area = QRectF(end.x() - _NEAR, min(edge, edge + lane.towards * 9), 2 * _NEAR, 9)
        self._remember(area, lane.name, arrival, arrival.received_at)

    # What was written

    def _places(self, written: tuple[LocalTransaction, ...]) -> list[tuple[float, LocalTransaction]]:
        """Where the marks of those on screen stand."""
        taken = -_APART
        places = []
        for each in written:
            x = self._x(each.at)
            if self._gutter <= x <= self._width:
                # Writes of one moment stand side by side, as far as that is nearly true.
                taken = min(max(x, taken + _APART), x + _FARTHEST)
                places.append((taken, each))
        return places

    def _writes(self, lane: ClientLane, places: list[tuple[float, LocalTransaction]]) -> None:
        for x, each in places:
            self._way_up(lane, x, each)
            self._written(lane, x, each)
        if self._has_letters:
            self._labels(lane, places)

    def _way_up(self, lane: ClientLane, x: float, written: LocalTransaction) -> None:
        """The line to the service, where the backend took it, and a cross for what it did not take."""
        service, edge = self._service, lane.bar + lane.towards * BAR / 2
        for attempt in written.failures:
            at = self._x(attempt.started_at)
            middle = (service + edge) / 2
            self._painter.setPen(QPen(colour(Colour.BROKEN), 1.1))
            self._painter.drawLine(QPointF(at, edge), QPointF(at + 4, middle))
            self._letters(at, middle + lane.towards * 4, "✕", Colour.BROKEN)
            self._remember(QRectF(at - _NEAR, min(edge, middle) - 2, 12, 16), lane.name, attempt, attempt.started_at)
        accepted = written.accepted
        if accepted is not None:
            begin, end = self._x(accepted.started_at), self._x(accepted.ended_at or self._now)
            self._painter.setPen(QPen(colour(Colour.HELD), 1.4))
            self._painter.drawLine(QPointF(max(x, begin), edge), QPointF(max(end, begin + 5), service))

    def _written(self, lane: ClientLane, x: float, written: LocalTransaction) -> None:
        middle = QPointF(x, lane.bar)
        self._painter.setPen(QPen(colour(Colour.HELD), 1.6))
        self._painter.setBrush(colour(Colour.PANEL if written.offline else Colour.HELD))
        self._painter.drawEllipse(middle, _DOT, _DOT)
        area = QRectF(x - _DOT - 1, lane.bar - _DOT - 1, 2 * _DOT + 2, 2 * _DOT + 2)
        self._remember(area, lane.name, written, written.at)

    def _labels(self, lane: ClientLane, marks: list[tuple[float, LocalTransaction]]) -> None:
        """What was written, near each mark: from the newest one back, and left out where others are in the way."""
        right = float(self._width) - 8
        for x, written in reversed(marks):
            words = self._metrics.elidedText(written.words, Qt.TextElideMode.ElideRight, _LONGEST_LABEL)
            if written.failures and written.waits:
                words += f", refused ×{len(written.failures)}"
            if written.given_up_at is not None:
                words += ", discarded"
            left = min(x - _DOT, right - self._metrics.horizontalAdvance(words))
            if left >= max(x - _FARTHEST, float(self._gutter)):
                self._letters(left, lane.letters, words, Colour.HELD)
                right = left - 2 * _GAP

    # Tools

    def _x(self, at: int) -> float:
        """As `Geometry.x`."""
        return min(max(self._gutter + (at - self._first) * self._scale, -10_000.0), 100_000.0)

    def _area(self, began: int, ended: int | None, middle: float) -> QRectF | None:
        left = max(self._x(began), float(self._gutter) - 4)
        right = min(self._x(self._now if ended is None else ended), self._width + 4.0)
        if right < self._gutter or left > self._width:
            return None
        return QRectF(left, middle - BAR / 2, max(2.0, right - left), BAR)

    def _bar(self, area: QRectF, shade: Colour, *, strength: float = 0.6) -> None:
        self._painter.setPen(Qt.PenStyle.NoPen)
        self._painter.setBrush(faded(shade, strength))
        self._painter.drawRoundedRect(area, 2, 2)

    def _words_in(self, area: QRectF, words: str, shade: Colour) -> bool:
        """Words at the left of what is visible of a bar; whether they fit."""
        left = max(area.left(), float(self._gutter)) + _GAP
        if left + self._metrics.horizontalAdvance(words) > area.right() - 2:
            return False
        self._letters(left, area.center().y(), words, shade)
        return True

    def _words_between(self, area: QRectF, words: str, shade: Colour) -> None:
        """Words in a client's bar, where the marks of its writes leave room for them."""
        width = self._metrics.horizontalAdvance(words) + _GAP + 2
        left = max(area.left(), float(self._gutter))
        inside = [x for x, _ in self._written_at if area.left() - _DOT <= x <= area.right() + _DOT]
        for end in (*(x - _DOT for x in inside), area.right()):
            if end - left >= width:
                self._words_in(QRectF(left, area.top(), end - left, area.height()), words, shade)
                return
            left = max(left, end + 2 * _DOT)

    def _letters(self, left: float, middle: float, words: str, shade: Colour) -> None:
        self._painter.setPen(colour(shade))
        baseline = middle + (self._metrics.ascent() - self._metrics.descent()) / 2
        self._painter.drawText(QPointF(left, round(baseline)), words)

    def _remember(self, area: QRectF, name: str, thing: Thing, at: int) -> None:
        self.marks.append(Mark(area, name, thing, at))


def _trouble(sending: Sending) -> bool:
    return any(Outcome(arrival.outcome) in _ARRIVALS for _, arrival in sending.arrivals)
