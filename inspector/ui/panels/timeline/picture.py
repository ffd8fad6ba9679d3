"""The timeline as a picture: what is shown of which part of the time, and what is where in it."""

import time

from PySide6.QtCore import QEvent, QPointF, QRectF, Qt, QTimer
from PySide6.QtGui import QPainter, QPaintEvent, QPen, QPixmap, QResizeEvent
from PySide6.QtWidgets import QWidget

from inspector.capture.timeline_rows import CheckpointBar, Lanes, Overview
from inspector.ui.panels.timeline.brush import Brush
from inspector.ui.panels.timeline.geometry import AXIS, GUTTER, Geometry, Hit, found_at
from inspector.ui.panels.timeline.minimap import Minimap
from inspector.ui.panels.timeline.painting import empty_picture, paint_lanes
from inspector.ui.panels.timeline.surroundings import paint_cursor, paint_grid, paint_measure, paint_pointer
from inspector.ui.panels.timeline.view import View, padded
from inspector.ui.theme import Colour, colour

_LANE_TITLES = {
    "connection": "Connection",
    "checkpoints": "Checkpoints",
    "data": "Data",
    "uploads": "Uploads",
    "faults": "Faults",
}


class TimelinePicture(QWidget):
    """Shows lanes of a view; the content is painted once and kept until something in it is another."""

    def __init__(self) -> None:
        super().__init__()
        self.setObjectName("timelineCanvas")
        self.setAccessibleName(self.tr("Timeline"))
        self.setMinimumHeight(112)
        self.view = View(0, 1)
        self.lanes: Lanes | None = None
        self.overview: Overview | None = None
        self.live = False
        """Whether the capture grows; a recording that was cut has open connections, too."""
        self.cursor_at: int | None = None
        """The moment that all panels share."""
        self.data_of_then = False
        """Whether they show the data of that moment, too."""
        self.checkpoint: int | None = None
        """The chosen one's id."""
        self.measured: tuple[int, int] | None = None
        self.hits: list[Hit] = []
        self._minimap = Minimap()
        self._content: QPixmap | None = None
        self._resized = QTimer(self, singleShot=True, interval=0)
        self._resized.timeout.connect(self.repaint_content)
        self._pointer: QPointF | None = None
        self._dragging = ""
        """What the pointer does while it is pressed."""

    @property
    def geometry_(self) -> Geometry:
        """Where things stand now."""
        return Geometry(self.width(), self.height(), self.view)

    @property
    def now(self) -> int:
        """Where open things end: now while the capture grows, else the end of it."""
        if self.overview is None:
            return self.view.last
        last = self.overview.extent.last
        return max(time.time_ns(), last) if self.live else last

    @property
    def limits(self) -> View:
        """All that there is to see."""
        if self.overview is None:
            return self.view
        return padded(self.overview.extent.first, self.now)

    def show_view(self, view: View) -> None:
        """Show another part of the time."""
        if view != self.view:
            self.view = view
            self.repaint_content()

    def repaint_content(self) -> None:
        """Something in the lanes is another."""
        self._content = None
        self.update()

    # Painting

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        if self.overview is not None:
            if self._content is None:
                self._content = self._painted()
            painter.drawPixmap(0, 0, self._content)
            painter.setRenderHint(QPainter.RenderHint.Antialiasing)
            self._paint_cursors(painter)
        if self.hasFocus():
            painter.setPen(colour(Colour.ACCENT))
            painter.setBrush(Qt.BrushStyle.NoBrush)
            painter.drawRect(QRectF(GUTTER - 0.5, AXIS - 0.5, self.width() - GUTTER, self.height() - AXIS))
        painter.end()

    def _painted(self) -> QPixmap:
        content = empty_picture(self)
        painter = QPainter(content)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        geometry = self.geometry_
        paint_grid(painter, geometry, {name: self.tr(title) for name, title in _LANE_TITLES.items()})
        if self.lanes is not None and self.overview is not None:
            painter.setClipRect(QRectF(GUTTER, 0, self.width() - GUTTER, self.height()))
            brush = Brush(painter, geometry, self.now)
            paint_lanes(brush, geometry.lanes, self.lanes, self.overview.extent.longest_token)
            self.hits = brush.hits
            self._paint_chosen(painter)
        if self.overview is not None and not geometry.minimap.isEmpty():
            self._minimap.paint(painter, geometry, self.overview, self.limits)
        painter.end()
        return content

    def _paint_chosen(self, painter: QPainter) -> None:
        for hit in self.hits:
            if isinstance(hit.thing, CheckpointBar) and hit.thing.id == self.checkpoint:
                painter.setPen(QPen(colour(Colour.TEXT), 1.4))
                painter.setBrush(Qt.BrushStyle.NoBrush)
                painter.drawRoundedRect(hit.area.adjusted(-1.5, -1.5, 1.5, 1.5), 2, 2)

    def _paint_cursors(self, painter: QPainter) -> None:
        geometry = self.geometry_
        if self.measured is not None:
            paint_measure(painter, geometry, *sorted(self.measured))
        if self._pointer is not None and not self._dragging and self._pointer.x() >= GUTTER:
            paint_pointer(painter, geometry, self._pointer.x())
        if self.cursor_at is not None and self.view.first <= self.cursor_at <= self.view.last:
            paint_cursor(painter, geometry, self.cursor_at, Colour.CHECKPOINT if self.data_of_then else Colour.TEXT)

    def resizeEvent(self, event: QResizeEvent) -> None:
        # When a perspective is put up, everything else is painted in the same turn: the lanes have the next one.
        self._resized.start()

    def changeEvent(self, event: QEvent) -> None:
        if event.type() in (QEvent.Type.PaletteChange, QEvent.Type.StyleChange):
            self.repaint_content()

    def hit_at(self, point: QPointF) -> Hit | None:
        """What is painted there."""
        return found_at(self.hits, point)
