"""Paints the tab bars that a main window makes where docks share a place."""

from collections.abc import Iterable

from PySide6.QtCore import QEvent, QObject, QPoint, Qt, QTimer
from PySide6.QtGui import QContextMenuEvent, QHelpEvent, QMouseEvent, QPainter
from PySide6.QtWidgets import QTabBar, QToolTip, QWidget
from shiboken6 import isValid

from inspector.ui.docks.dock import Dock
from inspector.ui.docks.tab_painting import paint_strip, paint_tab, paint_whose

_NEAR = 3
"""Pixels."""


class TabBars(QObject):
    """Watches the tab bars of one window; each tab is recognised by its dock's window title."""

    def __init__(self, docks: Iterable[Dock], parent: QObject) -> None:
        super().__init__(parent)
        self._docks = list(docks)
        self._bars: list[QTabBar] = []
        for dock in self._docks:
            dock.badge_changed.connect(self._repaint)

    def adopt(self, bar: QTabBar) -> None:
        """Paint `bar` from now on."""
        bar.setAccessibleName(self.tr("Panels in this place"))
        bar.setDrawBase(False)
        bar.setExpanding(False)
        bar.setUsesScrollButtons(True)
        if not any(known is bar for known in self._bars):
            self._bars.append(bar)
            bar.installEventFilter(self)

    def _repaint(self) -> None:
        """A title that stays the same has no tab painted anew by itself."""
        self._bars = [bar for bar in self._bars if isValid(bar)]
        for bar in self._bars:
            bar.update()

    def hide_stale(self, window: QWidget) -> None:
        """Hide the bars of places that are gone: Qt leaves them where they were when docks are put elsewhere."""
        for bar in window.findChildren(QTabBar, options=Qt.FindChildOption.FindDirectChildrenOnly):
            if bar.isVisible() and not self._stands_over_its_dock(bar):
                bar.hide()

    def _stands_over_its_dock(self, bar: QTabBar) -> bool:
        dock = self._dock_of(bar, bar.currentIndex()) if bar.count() > 1 else None
        if dock is None or dock.isHidden():
            return False
        place, below = bar.geometry(), dock.geometry()
        return abs(place.bottom() + 1 - below.top()) <= _NEAR and abs(place.left() - below.left()) <= _NEAR

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if not isinstance(watched, QTabBar):
            return False
        if event.type() is QEvent.Type.Paint:
            self._paint(watched)
            return True
        if event.type() is QEvent.Type.ToolTip and isinstance(event, QHelpEvent):
            dock = self._dock_at(watched, event.pos())
            QToolTip.showText(event.globalPos(), "" if dock is None else dock.tooltip(), watched)
            return True
        if isinstance(event, QMouseEvent) and event.type() is QEvent.Type.MouseButtonRelease:
            dock = self._dock_at(watched, event.position().toPoint())
            if dock is not None and event.button() is Qt.MouseButton.LeftButton:
                # Whoever clicks on a tab means to work with its panel, which is in sight in the turn after.
                QTimer.singleShot(0, dock, dock.take_focus)
            return False
        if isinstance(event, QContextMenuEvent):
            dock = self._dock_at(watched, event.pos())
            if dock is not None:
                dock.offer_menu(event.globalPos())
            return True
        return False

    def _paint(self, bar: QTabBar) -> None:
        painter = QPainter(bar)
        paint_strip(painter, bar.rect())
        docks = {dock.windowTitle(): dock for dock in self._docks}
        for index in range(bar.count()):
            dock = docks.get(bar.tabText(index))
            title, count, tone = (
                (bar.tabText(index), None, None) if dock is None else (dock.title, dock.count, dock.tone)
            )
            rect = bar.tabRect(index)
            rect.setBottom(bar.rect().bottom() - (0 if index == bar.currentIndex() else 1))
            active = index == bar.currentIndex()
            paint_tab(painter, rect, title, count, active=active, focused=active and bar.hasFocus(), tone=tone)
        front = self._dock_of(bar, bar.currentIndex())
        if front is not None and bar.count():
            paint_whose(painter, bar.rect(), bar.tabRect(bar.count() - 1).right(), front.whose)
        painter.end()

    def _dock_at(self, bar: QTabBar, position: QPoint) -> Dock | None:
        index = bar.tabAt(position)
        return self._dock_of(bar, index) if index >= 0 else None

    def _dock_of(self, bar: QTabBar, index: int) -> Dock | None:
        return next((dock for dock in self._docks if dock.windowTitle() == bar.tabText(index)), None)
