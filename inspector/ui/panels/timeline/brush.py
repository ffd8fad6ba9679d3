"""What the lanes paint with: bars, texts, and the memory of what is where."""

from typing import Any

from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QColor, QFont, QFontMetricsF, QPainter

from inspector.ui.fonts import small_font
from inspector.ui.panels.timeline.geometry import GUTTER, Geometry, Hit
from inspector.ui.theme import Colour, colour

LEAST = 3.0
"""Pixels that everything is wide at least."""
TEXT_GAP = 5.0

_LETTERS = 11
"""Pixels: texts stand in bars."""
_NARROW = 6.0
"""Bars up to this width have square corners, and are painted together."""
_FARTHEST = 24.0
"""Pixels that a text may stand beside what it is about."""


class Brush:
    """A painter that knows time. `now` (ns) is where open things end."""

    def __init__(self, painter: QPainter, geometry: Geometry, now: int) -> None:
        self.painter = painter
        self.now = now
        self.left = float(geometry.left)
        self.right = float(geometry.left + geometry.plot_width)
        self.width = float(geometry.width)
        self.hits: list[Hit] = []
        self._first = geometry.view.first
        self._scale = geometry.plot_width / geometry.view.span
        self._narrow: dict[int, tuple[QColor, list[QRectF]]] = {}
        font = QFont(small_font())
        font.setPixelSize(_LETTERS)
        self.metrics = QFontMetricsF(font)
        painter.setFont(font)

    def x(self, at: int) -> float:
        """Where a moment is, cut to what painters can take."""
        return min(max(GUTTER + (at - self._first) * self._scale, -10_000.0), 100_000.0)

    def area(self, began: int, ended: int | None, top: float, height: float) -> QRectF | None:
        """The bar of a span, None: until now; None when it is not on screen."""
        left = self.x(began)
        width = max(LEAST, self.x(self.now if ended is None else ended) - left)
        if left > self.width or left + width < self.left:
            return None
        return QRectF(left, top, width, height)

    def remember(self, area: QRectF, thing: Any) -> None:
        """`thing` can be pointed at."""
        self.hits.append(Hit(area, thing))

    def fill(self, area: QRectF, shade: QColor) -> None:
        """A bar."""
        if area.width() <= _NARROW:
            self._narrow.setdefault(shade.rgba(), (shade, []))[1].append(area)
            return
        self.painter.setPen(Qt.PenStyle.NoPen)
        self.painter.setBrush(shade)
        self.painter.drawRoundedRect(area, 1.5, 1.5)

    def flush(self) -> None:
        """Paint the narrow bars that wait."""
        self.painter.setPen(Qt.PenStyle.NoPen)
        for shade, areas in self._narrow.values():
            self.painter.setBrush(shade)
            self.painter.drawRects(areas)
        self._narrow.clear()

    def text(self, area: QRectF, text: str, shade: Colour, *, inside: bool = False, elide: bool = False) -> bool:
        """`text` at the left of what is visible of `area`, where it fits; whether it does."""
        left = max(area.left(), self.left) + TEXT_GAP
        room = min(area.right(), self.width) - left
        if room < 2 * TEXT_GAP:
            return False
        if elide:
            text = self.metrics.elidedText(text, Qt.TextElideMode.ElideRight, room) if room > 30 else ""
        elif self.metrics.horizontalAdvance(text) > room - (TEXT_GAP if inside else 0):
            return False
        baseline = area.top() + (area.height() + self.metrics.ascent() - self.metrics.descent()) / 2
        self.painter.setPen(colour(shade))
        self.painter.drawText(QPointF(left, round(baseline)), text)
        return True

    def texts_between(
        self, texts: list[tuple[float, str, Colour]], top: float, height: float, taken: list[QRectF]
    ) -> None:
        """Texts near where they begin, where neither a bar of `taken` nor another text stands."""
        free = self.left
        areas = sorted(taken, key=QRectF.left)
        for wanted, text, shade in texts:
            width = self.metrics.horizontalAdvance(text) + TEXT_GAP
            left = max(wanted, free)
            for area in areas:
                if area.left() < left + width and area.right() > left:
                    left = area.right() + 2
            if left <= wanted + _FARTHEST:
                self.text(QRectF(left - TEXT_GAP, top, width + 3 * TEXT_GAP, height + 2), text, shade)
                free = left + width


def faded(role: Colour, strength: float) -> QColor:
    """A colour of which the ground shines through."""
    shade = QColor(colour(role))
    shade.setAlphaF(strength)
    return shade
