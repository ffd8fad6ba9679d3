"""The program's icon: lines of a stream. Painted, so that it is sharp in every size."""

from PySide6.QtCore import QRectF, Qt
from PySide6.QtGui import QColor, QIcon, QPainter, QPixmap

from inspector.ui.theme import Colour

_SIZES = (16, 24, 32, 48, 64, 128, 256)
_LINES = ((Colour.CHECKPOINT, 0.5), (Colour.ACCENT, 0.62), (Colour.ACCENT, 0.38), (Colour.FINE, 0.5))
"""From top to bottom: the colour, and the length as a part of the icon's width."""


def window_icon() -> QIcon:
    """The icon in the sizes that desktops ask for."""
    icon = QIcon()
    for size in _SIZES:
        icon.addPixmap(_painted(size))
    return icon


def _painted(size: int) -> QPixmap:
    pixmap = QPixmap(size, size)
    pixmap.fill(Qt.GlobalColor.transparent)
    painter = QPainter(pixmap)
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    painter.setPen(Qt.PenStyle.NoPen)
    painter.setBrush(_dark(Colour.PANEL))
    painter.drawRoundedRect(QRectF(0, 0, size, size), size * 0.2, size * 0.2)
    thickness = size * 0.1
    for number, (colour, length) in enumerate(_LINES):
        line = QRectF(size * 0.19, size * (0.2 + 0.17 * number), size * length, thickness)
        painter.setBrush(_dark(colour))
        painter.drawRoundedRect(line, thickness / 2, thickness / 2)
    painter.end()
    return pixmap


def _dark(colour: Colour) -> QColor:
    return QColor(f"#{colour.value[0]}")
