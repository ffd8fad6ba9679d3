"""A box that drops down choices, as flat as the lines that one types into."""

from PySide6.QtCore import QPointF, QRectF, QSize, Qt
from PySide6.QtGui import QPainter, QPaintEvent
from PySide6.QtWidgets import QComboBox

from inspector.ui.theme import Colour, colour

_HEIGHT = 26
_PADDING, _ARROW_ROOM = 9, 22
_ROUND = 5


class ChoiceBox(QComboBox):
    """A combo box that paints itself in the window's colours."""

    def sizeHint(self) -> QSize:
        return super().sizeHint().expandedTo(QSize(0, _HEIGHT))

    def minimumSizeHint(self) -> QSize:
        return QSize(super().minimumSizeHint().width(), self.sizeHint().height())

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(colour(Colour.ACCENT if self.hasFocus() else Colour.EDGE))
        painter.setBrush(colour(Colour.PANEL))
        painter.drawRoundedRect(QRectF(self.rect()).adjusted(0.5, 0.5, -0.5, -0.5), _ROUND, _ROUND)
        painter.setPen(colour(Colour.TEXT if self.isEnabled() else Colour.FAINT))
        room = self.rect().adjusted(_PADDING, 0, -_ARROW_ROOM, 0)
        text = self.fontMetrics().elidedText(self.currentText(), Qt.TextElideMode.ElideRight, room.width())
        painter.drawText(room, Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignLeft, text)
        x, y = self.width() - _ARROW_ROOM / 2 - 3, self.height() / 2
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(colour(Colour.DIM))
        painter.drawPolygon([QPointF(x - 4, y - 2), QPointF(x + 4, y - 2), QPointF(x, y + 3)])
        painter.end()
