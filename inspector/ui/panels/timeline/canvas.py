"""The painted timeline: zooms at the pointer, pans, measures, and tells what was pointed at."""

import time

from PySide6.QtCore import QEvent, QPointF, QRectF, Qt, Signal
from PySide6.QtGui import (
    QContextMenuEvent,
    QHelpEvent,
    QKeyEvent,
    QMouseEvent,
    QPainter,
    QPaintEvent,
    QPen,
    QPixmap,
    QResizeEvent,
    QWheelEvent,
)
from PySide6.QtWidgets import QToolTip, QWidget

from inspector.analysis.timeline_words import describe, span_sentence
from inspector.capture.timeline_rows import CheckpointBar, Lanes, Overview
from inspector.ui.panels.timeline.brush import Brush
from inspector.ui.panels.timeline.geometry import AXIS, GUTTER, Geometry, Hit, found_at
from inspector.ui.panels.timeline.minimap import Minimap
from inspector.ui.panels.timeline.painting import paint_lanes
from inspector.ui.panels.timeline.surroundings import paint_cursor, paint_grid, paint_measure, paint_pointer
from inspector.ui.panels.timeline.view import View, padded
from inspector.ui.theme import Colour, colour
from inspector.ui.widgets.tooltips import plain_tooltip

_WHEEL = 1.0015
"""By how much one step of a wheel's angle makes the view shorter or longer."""
_KEY_ZOOM = 0.7
_KEY_PAN = 0.15
_DRAG = 4
"""Pixels that the pointer moves before a press is a drag."""
_LANE_TITLES = {
    "connection": "Connection",
    "checkpoints": "Checkpoints",
    "data": "Data",
    "uploads": "Uploads",
    "faults": "Faults",
}


class TimelineCanvas(QWidget):
    """Shows lanes of a view; what the view is, is changed by hand here or by the panel."""

    view_changed = Signal()
    """By hand."""
    chosen = Signal(object, object)
    """A click: the moment (ns), and the thing that was hit or None."""
    fit_wanted = Signal()
    left = Signal()
    """Escape: away from the moment that was chosen."""
    follow_wanted = Signal()
    menu_wanted = Signal(object, object, object)
    """A global position, and what `chosen` would tell of the place."""

    def __init__(self) -> None:
        super().__init__()
        self.setObjectName("timelineCanvas")
        self.setAccessibleName(self.tr("Timeline"))
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setMouseTracking(True)
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
        self._pointer: QPointF | None = None
        self._pressed: QPointF | None = None
        self._dragging = ""
        self._view_when_pressed = self.view

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
        ratio = self.devicePixelRatioF()
        content = QPixmap(self.size() * ratio)
        content.setDevicePixelRatio(ratio)
        content.fill(colour(Colour.PANEL))
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

    # Hands

    def wheelEvent(self, event: QWheelEvent) -> None:
        delta = event.angleDelta()
        if event.modifiers() & Qt.KeyboardModifier.ShiftModifier or abs(delta.x()) > abs(delta.y()):
            steps = delta.x() or delta.y()
            self._move_to(self.view.panned(-steps * self.view.span // 1200))
        else:
            at = self.geometry_.at(max(event.position().x(), GUTTER))
            self._move_to(self.view.zoomed(_WHEEL ** -delta.y(), at))
        event.accept()

    def mousePressEvent(self, event: QMouseEvent) -> None:
        if event.button() is not Qt.MouseButton.LeftButton or self.overview is None:
            return
        self._pressed, self._view_when_pressed, self._dragging = event.position(), self.view, ""
        if self._on_minimap(event.position()):
            self._dragging = "minimap"
            self._drag_minimap(event.position())

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        self._pointer = event.position()
        if self._pressed is not None and not self._dragging:
            moved = event.position() - self._pressed
            if abs(moved.x()) >= _DRAG:
                measuring = bool(event.modifiers() & Qt.KeyboardModifier.ShiftModifier)
                self._dragging = "measure" if measuring else "pan"
        if self._dragging:
            self._drag(event.position())
        self.setCursor(Qt.CursorShape.ClosedHandCursor if self._dragging == "pan" else Qt.CursorShape.ArrowCursor)
        self.update()

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        pressed, self._pressed = self._pressed, None
        dragged, self._dragging = self._dragging, ""
        self.unsetCursor()
        if pressed is None or dragged or event.position().x() < GUTTER:
            return
        self.measured = None
        hit = self.hit_at(event.position())
        self.chosen.emit(self.geometry_.at(event.position().x()), hit.thing if hit is not None else None)
        self.update()

    def mouseDoubleClickEvent(self, event: QMouseEvent) -> None:
        self.fit_wanted.emit()

    def contextMenuEvent(self, event: QContextMenuEvent) -> None:
        if self.overview is None or event.pos().x() < GUTTER:
            return
        hit = self.hit_at(QPointF(event.pos()))
        moment = self.geometry_.at(event.pos().x())
        self.menu_wanted.emit(event.globalPos(), moment, hit.thing if hit is not None else None)

    def leaveEvent(self, event: QEvent) -> None:
        self._pointer = None
        self.update()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        middle = self.cursor_at if self.cursor_at is not None else (self.view.first + self.view.last) // 2
        middle = min(max(middle, self.view.first), self.view.last)
        step = round(self.view.span * _KEY_PAN)
        key = event.key()
        if key in (Qt.Key.Key_Plus, Qt.Key.Key_Equal, Qt.Key.Key_W):
            self._move_to(self.view.zoomed(_KEY_ZOOM, middle))
        elif key in (Qt.Key.Key_Minus, Qt.Key.Key_S):
            self._move_to(self.view.zoomed(1 / _KEY_ZOOM, middle))
        elif key in (Qt.Key.Key_Left, Qt.Key.Key_A):
            self._move_to(self.view.panned(-step))
        elif key in (Qt.Key.Key_Right, Qt.Key.Key_D):
            self._move_to(self.view.panned(step))
        elif key == Qt.Key.Key_Home:
            self._move_to(self.view.panned(self.limits.first - self.view.first))
        elif key == Qt.Key.Key_End:
            self._move_to(self.view.ending(self.limits.last))
        elif key == Qt.Key.Key_0:
            self.fit_wanted.emit()
        elif key == Qt.Key.Key_F:
            self.follow_wanted.emit()
        elif key == Qt.Key.Key_Escape:
            self.measured = None
            self.left.emit()
            self.update()
        else:
            super().keyPressEvent(event)

    def event(self, event: QEvent) -> bool:
        if event.type() is QEvent.Type.ToolTip and isinstance(event, QHelpEvent):
            QToolTip.showText(event.globalPos(), plain_tooltip(self.tooltip_at(QPointF(event.pos()))), self)
            return True
        return super().event(event)

    def resizeEvent(self, event: QResizeEvent) -> None:
        self.repaint_content()

    def changeEvent(self, event: QEvent) -> None:
        if event.type() in (QEvent.Type.PaletteChange, QEvent.Type.StyleChange):
            self.repaint_content()

    def hit_at(self, point: QPointF) -> Hit | None:
        """What is painted there."""
        return found_at(self.hits, point)

    def tooltip_at(self, point: QPointF) -> str:
        """What there is to say of a point."""
        if self.measured is not None and point.y() < AXIS:
            return span_sentence(*self.measured)
        hit = self.hit_at(point)
        return describe(hit.thing, self.now) if hit is not None else ""

    def measure(self, first: int, last: int) -> None:
        """Put the two markers."""
        self.measured = first, last
        self.setAccessibleDescription(span_sentence(first, last))
        self.update()

    def _drag(self, to: QPointF) -> None:
        assert self._pressed is not None
        if self._dragging == "minimap":
            self._drag_minimap(to)
        elif self._dragging == "measure":
            geometry = self.geometry_
            self.measure(geometry.at(max(self._pressed.x(), GUTTER)), geometry.at(max(to.x(), GUTTER)))
        else:
            moved = (to.x() - self._pressed.x()) * self.view.span / self.geometry_.plot_width
            self._move_to(self._view_when_pressed.panned(-round(moved)))

    def _drag_minimap(self, to: QPointF) -> None:
        area, limits = self.geometry_.minimap, self.limits
        middle = limits.first + round((to.x() - area.left()) * limits.span / max(1.0, area.width()))
        self._move_to(self.view.panned(middle - (self.view.first + self.view.last) // 2))

    def _on_minimap(self, point: QPointF) -> bool:
        area = self.geometry_.minimap
        return not area.isEmpty() and area.top() <= point.y() and point.x() >= GUTTER

    def _move_to(self, view: View) -> None:
        if self.overview is None:
            return
        view = view.within(self.limits)
        if view != self.view:
            self.show_view(view)
            self.view_changed.emit()
