"""The strip below the lanes: all of the capture, its troubles, and which part of it is on screen."""

from PySide6.QtCore import QRectF, Qt
from PySide6.QtGui import QColor, QPainter, QPen

from inspector.capture.outcome import Outcome
from inspector.capture.timeline_rows import Overview
from inspector.ui.panels.timeline.geometry import Geometry
from inspector.ui.panels.timeline.painting import OUTCOME_COLOURS
from inspector.ui.panels.timeline.view import View
from inspector.ui.theme import Colour, colour

_TROUBLE = 3.0
"""Pixels high, at the upper edge."""


def paint_minimap(painter: QPainter, geometry: Geometry, overview: Overview, limits: View) -> None:
    """Paint `overview`, which reaches over `limits`, and the frame of what is on screen."""
    area = geometry.minimap

    def x(at: int) -> float:
        return area.left() + (at - limits.first) * area.width() / limits.span

    painter.setClipRect(area)
    painter.fillRect(area, colour(Colour.HEADER))
    width = max(1.0, overview.step * area.width() / limits.span)
    most = max((one.bytes for one in overview.activity), default=0) or 1
    painter.setPen(Qt.PenStyle.NoPen)
    painter.setBrush(colour(Colour.FAINT))
    heights = [(x(one.at), 1 + (area.height() - 5) * one.bytes / most) for one in overview.activity]
    painter.drawRects([QRectF(left, area.bottom() - height, width, height) for left, height in heights])
    for at, outcome in overview.troubles:
        shade = OUTCOME_COLOURS.get(Outcome(outcome), Colour.BROKEN)
        painter.fillRect(QRectF(x(at), area.top(), max(2.0, width), _TROUBLE), colour(shade))
    shown = QRectF(x(geometry.view.first), area.top(), x(geometry.view.last) - x(geometry.view.first), area.height())
    shown = shown.intersected(area)
    if shown.width() < area.width() - 1:
        veil = QColor(colour(Colour.ACCENT))
        veil.setAlphaF(0.18)
        painter.fillRect(shown, veil)
    painter.setPen(QPen(colour(Colour.ACCENT), 1))
    painter.setBrush(Qt.BrushStyle.NoBrush)
    painter.drawRect(shown.adjusted(0.5, 0.5, -0.5, -0.5))
