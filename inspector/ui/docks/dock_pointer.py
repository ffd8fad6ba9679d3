"""Outlines docks that somebody is to look at."""

from collections.abc import Sequence

from PySide6.QtCore import QEvent, QObject, Qt
from PySide6.QtGui import QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QWidget

from inspector.ui.docks.dock import Dock
from inspector.ui.theme import Colour, colour

_WIDTH = 2


class DockPointer(QObject):
    """Brings docks to the front, and keeps an outline around them until others are pointed at."""

    def __init__(self, parent: QObject) -> None:
        super().__init__(parent)
        self._outlines: list[_Outline] = []

    @property
    def pointed_at(self) -> list[str]:
        """The names of the docks that are outlined."""
        return [outline.dock.objectName() for outline in self._outlines]

    def point_at(self, docks: Sequence[Dock]) -> None:
        """Outline `docks`; the last one of those that share a place is in front."""
        for outline in self._outlines:
            outline.end()
        self._outlines = []
        for dock in docks:
            dock.show()
            dock.raise_()
            self._outlines.append(_Outline(dock))


class _Outline(QWidget):
    """Over a whole dock; the mouse goes through it."""

    def __init__(self, dock: Dock) -> None:
        super().__init__(dock)
        self.dock = dock
        self.setObjectName("dockOutline")
        self.setAttribute(Qt.WidgetAttribute.WA_TransparentForMouseEvents)
        dock.installEventFilter(self)
        self.setGeometry(dock.rect())
        self.show()
        self.raise_()

    def end(self) -> None:
        """Go away."""
        self.dock.removeEventFilter(self)
        self.hide()
        self.deleteLater()

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if event.type() is QEvent.Type.Resize:
            self.setGeometry(self.dock.rect())
            self.raise_()
        return False

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.setPen(QPen(colour(Colour.ACCENT), _WIDTH))
        half = _WIDTH // 2
        painter.drawRect(self.rect().adjusted(half, half, -half, -half))
        painter.end()
