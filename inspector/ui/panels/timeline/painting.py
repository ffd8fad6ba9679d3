"""Paints the lanes. Everything that is painted is remembered, so that it can be pointed at."""

from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QPen, QPixmap, QPolygonF
from PySide6.QtWidgets import QWidget

from inspector.analysis.timeline_words import precise_span
from inspector.capture.timeline_rows import ActivityBin, ConnectionSpan, EventMark, Lanes, OfflineSpan
from inspector.ui.panels.timeline.brush import LEAST, Brush, faded
from inspector.ui.panels.timeline.checkpoint_lane import CheckpointLane
from inspector.ui.panels.timeline.geometry import Lane
from inspector.ui.panels.timeline.upload_lane import UploadLane
from inspector.ui.theme import Colour, colour
from inspector.words import NS, duration

_CONNECTION = 13.0


def empty_picture(widget: QWidget) -> QPixmap:
    """As large as `widget`, and as fine as its screen."""
    ratio = widget.devicePixelRatioF()
    picture = QPixmap(widget.size() * ratio)
    picture.setDevicePixelRatio(ratio)
    picture.fill(colour(Colour.PANEL))
    return picture


def paint_lanes(brush: Brush, places: dict[str, Lane], lanes: Lanes, longest_token: int) -> None:
    """All lanes; `brush.hits` are what can be pointed at. `longest_token` (ns) is the height of a token's line."""
    _paint_connections(brush, places["connection"], lanes, longest_token)
    CheckpointLane(brush, places["checkpoints"]).paint(lanes)
    _paint_data(brush, places["data"], lanes.activity, lanes.step)
    UploadLane(brush, places["uploads"]).paint(lanes)
    _paint_faults(brush, places["faults"], lanes.faults)


def _paint_connections(brush: Brush, lane: Lane, lanes: Lanes, longest_token: int) -> None:
    height = min(_CONNECTION, lane.height - 4)
    top = lane.top + (lane.height - height) / 2
    previous: int | None = None
    for span in lanes.connections:
        if previous is not None:
            _paint_gap(brush, previous, span.started_at, top, height, lanes.offline)
        _paint_connection(brush, span, top, height, longest_token)
        previous = brush.now if span.ended_at is None else span.ended_at
    if previous is not None:
        _paint_gap(brush, previous, brush.now, top, height, lanes.offline)
    brush.flush()


def _paint_connection(brush: Brush, span: ConnectionSpan, top: float, height: float, longest_token: int) -> None:
    area = brush.area(span.started_at, span.ended_at, top, height)
    if area is None:
        return
    shade = Colour.FINE
    if span.status != 200:
        shade = Colour.ACCENT if span.ended_at is None and span.status is None else Colour.BROKEN
    brush.fill(area, faded(shade, 0.62))
    brush.remember(area, span)
    if span.token_expires_at is None or not longest_token or area.width() < 2 * LEAST:
        return
    # The life that is left of the token, as a falling line over the height of the bar.
    line = []
    for at in (span.started_at, min(span.ended_at or brush.now, span.token_expires_at)):
        left = max(0.0, min(1.0, (span.token_expires_at - at) / longest_token))
        line.append(QPointF(brush.x(at), area.bottom() - 1 - left * (area.height() - 2)))
    brush.painter.setPen(QPen(faded(Colour.TEXT, 0.75), 1.0))
    brush.painter.drawLine(*line)


def _paint_gap(brush: Brush, began: int, ended: int, top: float, height: float, offline: list[OfflineSpan]) -> None:
    left, right = max(brush.x(began), -100.0), min(brush.x(ended), brush.width + 100.0)
    if right - left < 4:
        return
    known = [span for span in offline if span.started_at < ended and (span.ended_at or ended) > began]
    area = QRectF(left, top, right - left, height)
    brush.painter.setPen(QPen(colour(Colour.FAINT), 1.0, Qt.PenStyle.DashLine))
    brush.painter.setBrush(Qt.BrushStyle.NoBrush)
    brush.painter.drawRect(area)
    length = duration((ended - began) / NS) if ended - began >= NS else precise_span(ended - began)
    brush.text(area, f"{'offline' if known else 'no connection'} {length}", Colour.DIM, inside=True)
    if known:
        brush.remember(area, known[0])


def _paint_data(brush: Brush, lane: Lane, bins: list[ActivityBin], step: int) -> None:
    if not bins:
        return
    width = max(1.0, brush.x(bins[0].at + step) - brush.x(bins[0].at) - 1)
    shown = [(x, one) for one in bins if brush.left - width <= (x := brush.x(one.at)) <= brush.right]
    most = max((one.bytes for _, one in shown), default=0) or 1
    room, broken = lane.height - 4, []
    for x, one in shown:
        # By the fourth root: beside a first sync the changes after it would all be as low as nothing.
        height = max(2.0 if one.bytes else 1.0, room * (one.bytes / most) ** 0.25)
        area = QRectF(x, lane.bottom - 1 - height, width, height)
        brush.fill(area, colour(Colour.BROKEN if one.errors else Colour.ACCENT))
        brush.remember(QRectF(x, lane.top, width + 1, lane.height), one)
        if one.errors:
            broken.append(x)
    brush.flush()
    for x in broken:
        brush.text(QRectF(x - 2, lane.top, 20, 12), "✕", Colour.BROKEN)


def _paint_faults(brush: Brush, lane: Lane, marks: list[EventMark]) -> None:
    middle = lane.top + lane.height / 2
    for number, mark in enumerate(marks):
        at = brush.x(mark.at)
        if not brush.left - 6 <= at <= brush.width:
            continue
        end = brush.x(marks[number + 1].at) if number + 1 < len(marks) else brush.width
        brush.painter.setPen(Qt.PenStyle.NoPen)
        brush.painter.setBrush(colour(Colour.FAULT))
        triangle = [QPointF(at - 5, middle + 4), QPointF(at + 5, middle + 4), QPointF(at, middle - 5)]
        brush.painter.drawPolygon(QPolygonF(triangle))
        text = mark.message.rstrip(".") if mark.count == 1 else f"{mark.count} faults"
        brush.text(QRectF(at + 4, lane.top, end - at - 14, lane.height), text, Colour.DIM, elide=True)
        brush.remember(QRectF(at - 5, lane.top, 12, lane.height), mark)
