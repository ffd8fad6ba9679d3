"""A box for a number, with a border that can be seen."""

from PySide6.QtCore import QRectF, Qt
from PySide6.QtGui import QPainter, QPaintEvent
from PySide6.QtWidgets import QSpinBox

from inspector.ui.theme import Colour, colour

_ROUND = 3


class NumberBox(QSpinBox):
    """The platform's, outlined as the lines that one types into: a style sheet would take its arrows away."""

    def paintEvent(self, event: QPaintEvent) -> None:
        super().paintEvent(event)
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(colour(Colour.ACCENT if self.hasFocus() else Colour.EDGE))
        painter.setBrush(Qt.BrushStyle.NoBrush)
        painter.drawRoundedRect(QRectF(self.rect()).adjusted(0.5, 0.5, -0.5, -0.5), _ROUND, _ROUND)
        painter.end()
