"""What stands around the lanes: the axis with its grid, the lanes' names, cursors and the measured span."""

from collections.abc import Iterable, Mapping

from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QColor, QFont, QFontMetricsF, QPainter, QPen

from inspector.analysis.timeline_words import clock, precise_span
from inspector.ui.fonts import bold_font, small_font
from inspector.ui.panels.timeline.geometry import AXIS, GUTTER, Geometry
from inspector.ui.panels.timeline.view import tick_width, ticks
from inspector.ui.theme import Colour, colour

_LABEL_GAP = 95
"""Pixels between two labels of the axis."""
_LABEL_INDENT = 3
_LEAST_LETTERS = 9
_TITLE_LEFT = 10
_LETTERS_OF_LANE = 0.8
"""Of a lane's height: as large as letters are where the lines above and below are not to touch them."""


def paint_grid(painter: QPainter, geometry: Geometry, titles: Mapping[str, str]) -> None:
    """The axis, a line at each of its labels, and the lanes with their titles."""
    painter.setFont(small_font())
    bottom = geometry.bottom
    for label, area in _labels(geometry):
        x = area.left() - _LABEL_INDENT
        painter.setPen(colour(Colour.LINE))
        painter.drawLine(QPointF(x, AXIS), QPointF(x, bottom))
        if area.right() < geometry.width:
            painter.setPen(colour(Colour.DIM))
            painter.drawText(QPointF(area.left(), AXIS - 6), label)
    # One size for all titles: that of the lowest lane, and of the longest title.
    font = _fitting_font(min(lane.height for lane in geometry.lanes.values()), titles.values())
    letters = QFontMetricsF(font)
    for lane in geometry.lanes.values():
        painter.setPen(colour(Colour.LINE))
        painter.drawLine(QPointF(0, round(lane.top) + 0.5), QPointF(geometry.width, round(lane.top) + 0.5))
        painter.setFont(font)
        painter.setPen(colour(Colour.DIM))
        middle = lane.top + (lane.height + letters.ascent() - letters.descent()) / 2
        painter.drawText(QPointF(_TITLE_LEFT, round(middle)), titles[lane.name])
    painter.setPen(colour(Colour.LINE))
    painter.drawLine(QPointF(0, round(bottom) + 0.5), QPointF(geometry.width, round(bottom) + 0.5))


def _labels(geometry: Geometry) -> list[tuple[str, QRectF]]:
    """The labels of the axis, and where they stand."""
    metrics = QFontMetricsF(small_font())
    width = tick_width(geometry.view.span, geometry.plot_width, _LABEL_GAP)
    return [
        (label, QRectF(round(geometry.x(at)) + 0.5 + _LABEL_INDENT, 0, metrics.horizontalAdvance(label), AXIS - 1))
        for at, label in ticks(geometry.view, width)
    ]


def _fitting_font(height: float, titles: Iterable[str]) -> QFont:
    """The small font, or a smaller one where a lane is low or a title is longer than the room beside it."""
    font = QFont(small_font())
    widest = max(QFontMetricsF(font).horizontalAdvance(title) for title in titles)
    size = min(font.pixelSize(), height * _LETTERS_OF_LANE, font.pixelSize() * (GUTTER - _TITLE_LEFT - 4) / widest)
    font.setPixelSize(max(_LEAST_LETTERS, int(size)))
    return font


def paint_pointer(painter: QPainter, geometry: Geometry, x: float) -> None:
    """The thin line that goes along with the pointer."""
    painter.setPen(QPen(colour(Colour.FAINT), 1, Qt.PenStyle.DotLine))
    at = round(x) + 0.5
    painter.drawLine(QPointF(at, AXIS), QPointF(at, geometry.bottom))


def paint_cursor(painter: QPainter, geometry: Geometry, moment: int, shade: Colour) -> None:
    """The moment that all panels share."""
    x = round(geometry.x(moment)) + 0.5
    painter.setPen(QPen(colour(shade), 1.2))
    painter.drawLine(QPointF(x, AXIS - 2), QPointF(x, geometry.bottom))
    _paint_chip(painter, geometry, x, clock(moment)[:-2], shade)


def paint_measure(painter: QPainter, geometry: Geometry, first: int, last: int) -> None:
    """The span between two markers, and how long it is."""
    left, right = geometry.x(first), geometry.x(last)
    area = QRectF(left, AXIS, right - left, geometry.bottom - AXIS)
    shade = QColor(colour(Colour.ACCENT))
    shade.setAlphaF(0.14)
    painter.fillRect(area, shade)
    painter.setPen(QPen(colour(Colour.ACCENT), 1.2))
    painter.drawLine(area.topLeft(), area.bottomLeft())
    painter.drawLine(area.topRight(), area.bottomRight())
    _paint_chip(painter, geometry, (left + right) / 2, precise_span(last - first), Colour.ACCENT)


def _paint_chip(painter: QPainter, geometry: Geometry, middle: float, text: str, shade: Colour) -> None:
    metrics = QFontMetricsF(bold_font(small=True))
    width = metrics.horizontalAdvance(text) + 10
    left = min(max(middle - width / 2, float(GUTTER)), geometry.width - width - 2)
    area = QRectF(left, 2, width, AXIS - 4)
    for _, label in _labels(geometry):
        if label.intersects(area):  # half a label would be read as another time
            painter.fillRect(label.adjusted(-1, 0, 2, 0), colour(Colour.PANEL))
    painter.setPen(Qt.PenStyle.NoPen)
    painter.setBrush(colour(shade))
    painter.drawRoundedRect(area, 3, 3)
    painter.setPen(colour(Colour.PANEL))
    painter.setFont(bold_font(small=True))
    painter.drawText(area, Qt.AlignmentFlag.AlignCenter, text)
