"""The strip below the lanes: all of the capture, its troubles, and which part of it is on screen."""

from PySide6.QtCore import QRectF, Qt
from PySide6.QtGui import QColor, QPainter, QPen, QPixmap

from inspector.capture.timeline_rows import Overview
from inspector.ui.panels.timeline.checkpoint_lane import OUTCOME_COLOURS
from inspector.ui.panels.timeline.geometry import Geometry
from inspector.ui.panels.timeline.view import View
from inspector.ui.theme import Colour, colour

_TROUBLE = 3.0
"""Pixels high, at the upper edge."""


class Minimap:
    """Keeps the picture of all, which changes far less often than what is on screen."""

    def __init__(self) -> None:
        self._ground: QPixmap | None = None
        self._of: tuple[object, ...] = ()

    def paint(self, painter: QPainter, geometry: Geometry, overview: Overview, limits: View) -> None:
        """Paint `overview`, which reaches over `limits`, and the frame of what is on screen."""
        area = geometry.minimap
        pixel = max(1, round(limits.span / max(1.0, area.width())))
        wanted = (
            id(overview),
            area.size().toTuple(),
            limits.first // pixel,
            limits.last // pixel,
            colour(Colour.PANEL).rgb(),
        )
        if self._ground is None or wanted != self._of:
            self._ground, self._of = _ground(painter, area, overview, limits), wanted
        painter.setClipRect(area)
        painter.drawPixmap(area.topLeft(), self._ground)
        scale = area.width() / limits.span
        left = area.left() + (geometry.view.first - limits.first) * scale
        shown = QRectF(left, area.top(), max(2.0, geometry.view.span * scale), area.height()).intersected(area)
        if shown.width() < area.width() - 1:
            veil = QColor(colour(Colour.ACCENT))
            veil.setAlphaF(0.18)
            painter.fillRect(shown, veil)
        painter.setPen(QPen(colour(Colour.ACCENT), 1))
        painter.setBrush(Qt.BrushStyle.NoBrush)
        painter.drawRect(shown.adjusted(0.5, 0.5, -0.5, -0.5))


def _ground(like: QPainter, area: QRectF, overview: Overview, limits: View) -> QPixmap:
    ratio = like.device().devicePixelRatioF()
    picture = QPixmap((area.size() * ratio).toSize())
    picture.setDevicePixelRatio(ratio)
    picture.fill(colour(Colour.HEADER))
    painter = QPainter(picture)
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    painter.setPen(Qt.PenStyle.NoPen)
    scale, bottom = area.width() / limits.span, area.height()
    width = max(1.0, overview.step * scale)
    most = max((one.bytes for one in overview.activity), default=0) or 1
    heights = [((one.at - limits.first) * scale, 1 + (bottom - 5) * one.bytes / most) for one in overview.activity]
    painter.setBrush(colour(Colour.FAINT))
    painter.drawRects([QRectF(left, bottom - height, width, height) for left, height in heights])
    troubles: dict[str, list[QRectF]] = {}
    for at, outcome in overview.troubles:
        mark = QRectF((at - limits.first) * scale, 0, max(2.0, width), _TROUBLE)
        troubles.setdefault(outcome, []).append(mark)
    for outcome, marks in sorted(troubles.items()):
        painter.setBrush(colour(OUTCOME_COLOURS.get(outcome, Colour.BROKEN)))
        painter.drawRects(marks)
    painter.end()
    return picture
