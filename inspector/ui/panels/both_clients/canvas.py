"""The painted lanes: zooms at the pointer, pans, and tells what was pointed at."""

import time

from PySide6.QtCore import QEvent, QPointF, QRectF, Qt, Signal
from PySide6.QtGui import (
    QFontMetricsF,
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

from inspector.analysis.devices.local_writes import LocalTransaction
from inspector.analysis.devices.sendings import Sending
from inspector.analysis.devices.words import device_words, lanes_sentences
from inspector.ui.demo.devices import DevicesSnapshot
from inspector.ui.fonts import bold_font, small_font
from inspector.ui.panels.both_clients.geometry import AXIS, Geometry
from inspector.ui.panels.both_clients.lanes import LanePainter, Mark
from inspector.ui.panels.timeline.painting import empty_picture
from inspector.ui.panels.timeline.view import View, tick_width, ticks
from inspector.ui.theme import Colour, colour
from inspector.ui.widgets.tooltips import plain_tooltip
from inspector.words import NS

LONGEST_FOLLOWED = 120 * NS
"""ns up to now that are shown while nobody zooms."""
SHORTEST_FOLLOWED = 12 * NS

_WHEEL = 1.0015
_KEY_ZOOM, _KEY_PAN = 0.7, 0.15
_DRAG = 4
_LABEL_GAP = 110
_NEAR = 3.0


class LanesCanvas(QWidget):
    """Shows a snapshot; while it follows, the newest moment is at the right edge."""

    chosen = Signal(object, object)
    """A click: the moment (ns), and the `Mark` that was hit or None."""
    moved = Signal()
    """By hand: it follows, or does so no more."""
    left = Signal()
    """Escape: away from the moment that was chosen."""

    def __init__(self) -> None:
        super().__init__()
        self.setObjectName("bothClientsCanvas")
        self.setAccessibleName(self.tr("Timeline of both clients"))
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setMouseTracking(True)
        self.setMinimumHeight(112)
        self.snapshot = DevicesSnapshot()
        self.names: tuple[str, ...] = ()
        self.active = ""
        """Whose files the other panels show."""
        self.view = View(0, 1)
        self.following = True
        self.cursor_at: int | None = None
        self.marks: list[Mark] = []
        self._content: QPixmap | None = None
        self._pointer: QPointF | None = None
        self._pressed: QPointF | None = None
        self._dragging = False
        self._view_when_pressed = self.view

    @property
    def limits(self) -> View:
        """All that there is to see."""
        known = [begun for history in self.snapshot.histories.values() if (begun := history.begun) is not None]
        now = time.time_ns()
        begun = min(known, default=now)
        return View(begun, max(now, begun + SHORTEST_FOLLOWED))

    @property
    def geometry_(self) -> Geometry:
        """Where things stand now."""
        return Geometry(self.width(), self.height(), self.view, self.names)

    def show_snapshot(self, snapshot: DevicesSnapshot, names: tuple[str, ...]) -> None:
        """Show other facts."""
        self.snapshot, self.names = snapshot, names
        self.setAccessibleDescription(lanes_sentences(snapshot.histories, time.time_ns()))
        self.time_passes()

    def time_passes(self) -> None:
        """Go on to now where the view follows, and paint anew: open things end now."""
        if self.following:
            limits = self.limits
            self.view = limits if limits.span <= LONGEST_FOLLOWED else limits.ending(limits.last, LONGEST_FOLLOWED)
        self.repaint_content()

    def follow(self) -> None:
        """Have the newest moment at the right edge."""
        self.following = True
        self.time_passes()

    def show_all(self) -> None:
        """From the beginning to now."""
        self._show(self.limits)

    def repaint_content(self) -> None:
        """Something in the lanes is another."""
        self._content = None
        self.update()

    # Painting

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        if self._content is None:
            self._content = self._painted()
        painter.drawPixmap(0, 0, self._content)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        if self._pointer is not None and self._pointer.x() >= self.geometry_.gutter and not self._dragging:
            self._paint_line(painter, self._pointer.x(), QPen(colour(Colour.FAINT), 1, Qt.PenStyle.DotLine))
        if self.cursor_at is not None and self.view.first <= self.cursor_at <= self.view.last:
            self._paint_line(painter, self.geometry_.x(self.cursor_at), QPen(colour(Colour.TEXT), 1.2))
        if self.hasFocus():
            painter.setPen(colour(Colour.ACCENT))
            painter.drawRect(self._plot.translated(-0.5, -0.5))
        painter.end()

    def _painted(self) -> QPixmap:
        content = empty_picture(self)
        painter = QPainter(content)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        geometry = self.geometry_
        self._paint_names(painter, geometry)
        self._paint_axis(painter, geometry)
        painter.setClipRect(self._plot)
        lanes = LanePainter(painter, geometry, time.time_ns())
        lanes.paint(self.snapshot)
        self.marks = lanes.marks
        painter.end()
        return content

    @property
    def _plot(self) -> QRectF:
        gutter = self.geometry_.gutter
        return QRectF(gutter, AXIS, self.width() - gutter, self.height() - AXIS)

    def _paint_names(self, painter: QPainter, geometry: Geometry) -> None:
        self._paint_name(painter, geometry.service, self.tr("Service"), strong=False)
        for lane in geometry.clients:
            self._paint_name(painter, lane.bar, lane.name, strong=lane.name == self.active)
            self._paint_name(painter, lane.gate, self.tr("{0}'s gate").format(lane.name), strong=False)

    def _paint_name(self, painter: QPainter, middle: float, name: str, *, strong: bool) -> None:
        font = bold_font(small=True) if strong else small_font()
        metrics = QFontMetricsF(font)
        painter.setFont(font)
        painter.setPen(colour(Colour.TEXT if strong else Colour.DIM))
        shown = metrics.elidedText(name, Qt.TextElideMode.ElideRight, self.geometry_.gutter - 16)
        painter.drawText(QPointF(10, round(middle + (metrics.ascent() - metrics.descent()) / 2)), shown)

    def _paint_axis(self, painter: QPainter, geometry: Geometry) -> None:
        metrics = QFontMetricsF(small_font())
        painter.setFont(small_font())
        for at, label in ticks(self.view, tick_width(self.view.span, geometry.plot_width, _LABEL_GAP)):
            x = round(geometry.x(at)) + 0.5
            painter.setPen(colour(Colour.LINE))
            painter.drawLine(QPointF(x, AXIS - 4), QPointF(x, self.height()))
            end = x + 3 + metrics.horizontalAdvance(label)
            if x >= geometry.gutter and end < self.width() - 3:  # where the frame of the keyboard's focus is
                painter.setPen(colour(Colour.DIM))
                painter.drawText(QPointF(x + 3, AXIS - 6), label)

    def _paint_line(self, painter: QPainter, x: float, pen: QPen) -> None:
        painter.setPen(pen)
        painter.drawLine(QPointF(round(x) + 0.5, AXIS), QPointF(round(x) + 0.5, self.height()))

    # Hands

    def mark_at(self, point: QPointF) -> Mark | None:
        """What is painted there, or next to it; what was painted last is on top."""
        near = QRectF(point.x() - _NEAR, point.y() - _NEAR, 2 * _NEAR, 2 * _NEAR)
        exact = next((mark for mark in reversed(self.marks) if mark.area.contains(point)), None)
        return exact or next((mark for mark in reversed(self.marks) if mark.area.intersects(near)), None)

    def tooltip_at(self, point: QPointF) -> str:
        """What there is to say of a point."""
        mark = self.mark_at(point)
        if mark is None:
            return ""
        words = device_words(mark.name, mark.thing, time.time_ns())
        return f"{words}\n{self.tr('and {0} more at this place').format(mark.more)}" if mark.more else words

    def wheelEvent(self, event: QWheelEvent) -> None:
        delta = event.angleDelta()
        if event.modifiers() & Qt.KeyboardModifier.ShiftModifier or abs(delta.x()) > abs(delta.y()):
            self._show(self.view.panned(-(delta.x() or delta.y()) * self.view.span // 1200))
        else:
            at = self.geometry_.at(max(event.position().x(), self.geometry_.gutter))
            self._show(self.view.zoomed(_WHEEL ** -delta.y(), at))
        event.accept()

    def mousePressEvent(self, event: QMouseEvent) -> None:
        if event.button() is Qt.MouseButton.LeftButton:
            self._pressed, self._view_when_pressed, self._dragging = event.position(), self.view, False

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        self._pointer = event.position()
        if self._pressed is not None:
            moved = event.position().x() - self._pressed.x()
            self._dragging = self._dragging or abs(moved) >= _DRAG
            if self._dragging:
                span = self._view_when_pressed.span
                self._show(self._view_when_pressed.panned(-round(moved * span / self.geometry_.plot_width)))
        self.update()

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        pressed, self._pressed = self._pressed, None
        dragged, self._dragging = self._dragging, False
        if pressed is not None and not dragged and event.position().x() >= self.geometry_.gutter:
            moment = min(self.geometry_.at(event.position().x()), time.time_ns())
            self.chosen.emit(moment, self.mark_at(event.position()))

    def mouseDoubleClickEvent(self, event: QMouseEvent) -> None:
        self.show_all()

    def leaveEvent(self, event: QEvent) -> None:
        self._pointer = None
        self.update()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        middle = (self.view.first + self.view.last) // 2
        step = round(self.view.span * _KEY_PAN)
        match event.key():
            case Qt.Key.Key_Plus | Qt.Key.Key_Equal:
                self._show(self.view.zoomed(_KEY_ZOOM, middle))
            case Qt.Key.Key_Minus:
                self._show(self.view.zoomed(1 / _KEY_ZOOM, middle))
            case Qt.Key.Key_Left:
                self._show(self.view.panned(-step))
            case Qt.Key.Key_Right:
                self._show(self.view.panned(step))
            case Qt.Key.Key_0:
                self.show_all()
            case Qt.Key.Key_N:
                self._choose_beside(forward=True)
            case Qt.Key.Key_P:
                self._choose_beside(forward=False)
            case Qt.Key.Key_F | Qt.Key.Key_End:
                self.follow()
                self.moved.emit()
            case Qt.Key.Key_Escape:
                self.left.emit()
            case _:
                super().keyPressEvent(event)

    def _choose_beside(self, *, forward: bool) -> None:
        """Choose the write or the checkpoint next to the chosen moment; from now on backwards where none is chosen."""
        places = sorted(
            (mark for mark in self.marks if isinstance(mark.thing, LocalTransaction | Sending)),
            key=lambda mark: mark.at,
        )
        at = self.cursor_at if self.cursor_at is not None else self.limits.last
        beside = [mark for mark in places if (mark.at > at if forward else mark.at < at)]
        if beside:
            mark = beside[0 if forward else -1]
            self.chosen.emit(mark.at, mark)

    def event(self, event: QEvent) -> bool:
        if event.type() is QEvent.Type.ToolTip and isinstance(event, QHelpEvent):
            QToolTip.showText(event.globalPos(), plain_tooltip(self.tooltip_at(QPointF(event.pos()))), self)
            return True
        return super().event(event)

    def resizeEvent(self, event: QResizeEvent) -> None:
        self.repaint_content()

    def changeEvent(self, event: QEvent) -> None:
        if event.type() in (QEvent.Type.PaletteChange, QEvent.Type.StyleChange, QEvent.Type.FontChange):
            self.repaint_content()

    def _show(self, view: View) -> None:
        """By hand: at the right edge of all that there is, it follows on."""
        limits = self.limits
        self.view = view.within(limits)
        self.following = self.following and self.view.span == limits.span
        self.repaint_content()
        self.moved.emit()
