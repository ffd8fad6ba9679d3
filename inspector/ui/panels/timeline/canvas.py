"""The timeline under the user's hands: zooms at the pointer, pans, measures, and tells what was pointed at."""

from PySide6.QtCore import QEvent, QPointF, Qt, Signal
from PySide6.QtGui import QContextMenuEvent, QHelpEvent, QKeyEvent, QMouseEvent, QWheelEvent
from PySide6.QtWidgets import QToolTip

from inspector.analysis.timeline_words import describe, lanes_sentences, span_sentence
from inspector.ui.panels.timeline.geometry import AXIS, GUTTER
from inspector.ui.panels.timeline.picture import TimelinePicture
from inspector.ui.panels.timeline.view import View
from inspector.ui.widgets.tooltips import plain_tooltip

_WHEEL = 1.0015
"""By how much one step of a wheel's angle makes the view shorter or longer."""
_KEY_ZOOM = 0.7
_KEY_PAN = 0.15
_KEY_MEASURE = 0.01
"""Of what is on screen: so far Shift and an arrow move the second marker."""
_DRAG = 4
"""Pixels that the pointer moves before a press is a drag."""


class TimelineCanvas(TimelinePicture):
    """What part of the time is on screen is changed by hand here, or by the panel."""

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
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setMouseTracking(True)
        self._pressed: QPointF | None = None
        self._view_when_pressed = self.view

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
        self.stop_measuring()
        hit = self.hit_at(event.position())
        self.chosen.emit(self._moment_at(event.position().x()), hit.thing if hit is not None else None)
        self.update()

    def mouseDoubleClickEvent(self, event: QMouseEvent) -> None:
        self.fit_wanted.emit()

    def contextMenuEvent(self, event: QContextMenuEvent) -> None:
        if self.overview is None or event.pos().x() < GUTTER:
            return
        hit = self.hit_at(QPointF(event.pos()))
        moment = self._moment_at(event.pos().x())
        self.menu_wanted.emit(event.globalPos(), moment, hit.thing if hit is not None else None)

    def _moment_at(self, x: float) -> int:
        """Nothing has happened yet right of now."""
        return min(self.geometry_.at(x), self.now)

    def leaveEvent(self, event: QEvent) -> None:
        self._pointer = None
        self.update()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        middle = self.cursor_at if self.cursor_at is not None else (self.view.first + self.view.last) // 2
        middle = min(max(middle, self.view.first), self.view.last)
        step = round(self.view.span * _KEY_PAN)
        key = event.key()
        if self._measure_by_key(event, middle):
            return
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
            self.stop_measuring()
            self.left.emit()
        else:
            super().keyPressEvent(event)

    def event(self, event: QEvent) -> bool:
        if event.type() is QEvent.Type.ToolTip and isinstance(event, QHelpEvent):
            QToolTip.showText(event.globalPos(), plain_tooltip(self.tooltip_at(QPointF(event.pos()))), self)
            return True
        return super().event(event)

    def tooltip_at(self, point: QPointF) -> str:
        """What there is to say of a point."""
        if self.measured is not None and point.y() < AXIS:
            return span_sentence(*self.measured)
        hit = self.hit_at(point)
        return describe(hit.thing, self.now) if hit is not None else ""

    def measure(self, first: int, last: int) -> None:
        """Put the two markers."""
        self.measured = first, last
        self.tell()
        self.update()

    def stop_measuring(self) -> None:
        """Take both markers away."""
        self.measured = None
        self.tell()
        self.update()

    def tell(self) -> None:
        """Have a screen reader say the measured span, and what is in the lanes."""
        lanes = lanes_sentences(self.lanes, self.view.first, self.view.last, self.now) if self.lanes else ""
        measured = f"{span_sentence(*self.measured)}." if self.measured is not None else ""
        self.setAccessibleDescription(f"{measured} {lanes}".strip())

    def _measure_by_key(self, event: QKeyEvent, at: int) -> bool:
        """[ and ] put the first and the second marker at a moment, Shift and an arrow move the second."""
        key, arrows = event.key(), {Qt.Key.Key_Left: -1, Qt.Key.Key_Right: 1}
        first, last = self.measured or (at, at)
        if self.overview is None:
            return False
        if key == Qt.Key.Key_BracketLeft:
            self.measure(at, last)
        elif key == Qt.Key.Key_BracketRight:
            self.measure(first, at)
        elif key in arrows and event.modifiers() == Qt.KeyboardModifier.ShiftModifier:
            step = max(1, round(self.view.span * _KEY_MEASURE))
            self.measure(first, last + arrows[Qt.Key(key)] * step)
        else:
            return False
        return True

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
