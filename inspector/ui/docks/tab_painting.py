"""How a tab looks: the active one belongs to the panel below it and has a line of the accent colour above."""

from dataclasses import dataclass
from functools import lru_cache

from PySide6.QtCore import QPointF, QRect, QRectF, QSize, Qt
from PySide6.QtGui import QFont, QFontMetricsF, QPainter, QPixmap

from inspector.ui.fonts import bold_font, small_font, text_font, zoom, zoomed
from inspector.ui.theme import Colour, Scheme, colour, current_scheme
from inspector.words import thousands

TAB_HEIGHT = 28
"""With the line below it, in pixels."""
_PADDING = 12
_ACCENT_HEIGHT = 2
_EDGE = 3
_NARROWEST_TITLE = 24
"""Pixels; where there is less, the title has the room of its badge too."""
_BADGE_GAP = 7
_BADGE_HEIGHT = 15
_BADGE_PADDING = 5


@dataclass(frozen=True, slots=True)
class Badge:
    """A count beside a tab's title, in the colour of what it counts; None: in no colour."""

    count: int
    tone: Colour | None = None


def tab_width(title: str, count: int | None) -> int:
    """The width of a tab, in pixels."""
    return _tab_width(title, count, zoom())


@lru_cache(maxsize=256)
def _tab_width(title: str, count: int | None, _zoom: int) -> int:
    """Remembered: putting docks in their places asks thousands of times."""
    text = QFontMetricsF(bold_font()).horizontalAdvance(title)
    badge = _BADGE_GAP + _badge_width(count) if count is not None else 0
    return int(text + badge) + 2 * _PADDING


def paint_strip(painter: QPainter, rect: QRect) -> None:
    """The place behind tabs."""
    painter.fillRect(rect, colour(Colour.HEADER))
    painter.fillRect(rect.left(), rect.bottom(), rect.width(), 1, colour(Colour.LINE))


def paint_tab(
    painter: QPainter,
    rect: QRect,
    title: str,
    count: int | None,
    *,
    active: bool,
    focused: bool,
    tone: Colour | None = None,
) -> None:
    """One tab in `rect`, with its count as a badge."""
    look = _Look(title, count, active, focused, tone)
    ratio = painter.device().devicePixelRatio()
    if painter.device().devicePixelRatioF() == ratio:
        painter.drawPixmap(rect.topLeft(), _picture(look, rect.width(), rect.height(), ratio, zoom(), current_scheme()))
    else:  # a picture that does not begin with a pixel of the screen is blurred
        _paint(painter, rect, look)


@dataclass(frozen=True, slots=True)
class _Look:
    title: str
    count: int | None
    active: bool
    focused: bool
    tone: Colour | None


@lru_cache(maxsize=256)
def _picture(look: _Look, width: int, height: int, ratio: int, _zoom: int, _scheme: Scheme) -> QPixmap:
    """A tab over its strip. Remembered: all tabs together were a third of what it takes to paint a window anew."""
    picture = QPixmap(QSize(width, height) * ratio)
    picture.setDevicePixelRatio(ratio)
    picture.fill(colour(Colour.HEADER))
    painter = QPainter(picture)
    _paint(painter, QRect(0, 0, width, height), look)
    painter.end()
    return picture


def _paint(painter: QPainter, rect: QRect, look: _Look) -> None:
    title, count, active = look.title, look.count, look.active
    if active:
        painter.fillRect(rect, colour(Colour.PANEL))
        painter.fillRect(rect.left(), rect.top(), rect.width(), _ACCENT_HEIGHT, colour(Colour.ACCENT))
    painter.fillRect(rect.right(), rect.top(), 1, rect.height(), colour(Colour.LINE))
    font = bold_font() if active else text_font()
    painter.setFont(font)
    painter.setPen(colour(Colour.TEXT if active else Colour.DIM))
    metrics = QFontMetricsF(font)
    baseline = rect.top() + round((TAB_HEIGHT - metrics.height()) / 2 + metrics.ascent())
    badge = _BADGE_GAP + _badge_width(count) if count is not None else 0
    whole = rect.width() - _PADDING - _EDGE
    badge = badge if whole - badge >= _NARROWEST_TITLE else 0
    room = whole - badge
    title = metrics.elidedText(title, Qt.TextElideMode.ElideRight, room + 1)
    width = metrics.horizontalAdvance(title)
    painter.drawText(QPointF(rect.left() + _PADDING, baseline), title)
    if look.focused:
        painter.fillRect(rect.left() + _PADDING, baseline + 3, int(width), 1, colour(Colour.ACCENT))
    if count is not None and badge:
        _paint_badge(painter, rect, rect.left() + _PADDING + width + _BADGE_GAP, count, look.tone)


def paint_whose(painter: QPainter, strip: QRect, free_from: int, whose: str) -> None:
    """`Bob's` at the right end of a row of tabs, where there is room."""
    words = f"{whose}'s" if whose else ""
    metrics = QFontMetricsF(small_font())
    left = strip.right() - _PADDING - metrics.horizontalAdvance(words)
    if words and left > free_from + _PADDING:
        painter.setFont(small_font())
        painter.setPen(colour(Colour.DIM))
        baseline = strip.top() + round((TAB_HEIGHT - metrics.height()) / 2 + metrics.ascent())
        painter.drawText(QPointF(left, baseline), words)


def _paint_badge(painter: QPainter, rect: QRect, left: float, count: int, tone: Colour | None) -> None:
    badge = QRectF(left, rect.top() + (TAB_HEIGHT - _BADGE_HEIGHT) / 2, _badge_width(count), _BADGE_HEIGHT)
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    painter.setPen(Qt.PenStyle.NoPen)
    painter.setBrush(colour(tone or Colour.LINE))
    painter.drawRoundedRect(badge, _BADGE_HEIGHT / 2, _BADGE_HEIGHT / 2)
    painter.setFont(_badge_font())
    painter.setPen(colour(Colour.PANEL if tone else Colour.TEXT))
    painter.drawText(badge, Qt.AlignmentFlag.AlignCenter, thousands(count))


def _badge_width(count: int | None) -> float:
    text = QFontMetricsF(_badge_font()).horizontalAdvance(thousands(count or 0))
    return max(_BADGE_HEIGHT + 2.0, text + 2 * _BADGE_PADDING)


def _badge_font() -> QFont:
    font = QFont(small_font())
    font.setPixelSize(zoomed(11))
    return font
