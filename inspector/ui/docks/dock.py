"""A dock for one panel."""

from PySide6.QtCore import QEvent, QPoint, QSize, Signal
from PySide6.QtGui import QContextMenuEvent, QPainter, QPaintEvent, QResizeEvent
from PySide6.QtWidgets import QDockWidget, QHBoxLayout, QMenu, QToolButton, QWidget

from inspector.ui.docks.tab_painting import TAB_HEIGHT, Badge, paint_strip, paint_tab, tab_width
from inspector.ui.theme import Colour
from inspector.words import thousands


class Dock(QDockWidget):
    """Holds a panel; `name` is what layouts know it by."""

    rearranged = Signal()
    """It may stand alone now, or no longer."""

    badge_changed = Signal()
    """Its tab is to be painted anew."""

    def __init__(self, name: str, title: str, panel: QWidget, parent: QWidget) -> None:
        # One without a parent is a window, and each step of making it a part of another is costly.
        super().__init__(title, parent)
        self.setObjectName(name)
        self.title = title
        self.count: int | None = None
        self.tone: Colour | None = None
        self.panel = panel
        self.setWidget(_Room(panel, self))
        self.setAccessibleName(title)
        self.toggleViewAction().setObjectName(f"toggle-{name}")
        self._title_bar = _TitleBar(self)
        self.setTitleBarWidget(self._title_bar)
        for signal in (self.visibilityChanged, self.topLevelChanged, self.dockLocationChanged):
            signal.connect(lambda *_: self.rearranged.emit())
        if hasattr(panel, "count_changed"):
            panel.count_changed.connect(self.set_count)

    def set_count(self, shown: int | Badge | None) -> None:
        """Show a count beside the title, or none."""
        badge = Badge(shown) if isinstance(shown, int) else shown
        count, tone = (None, None) if badge is None else (badge.count, badge.tone)
        if (count, tone) == (self.count, self.tone):
            return
        self.count, self.tone = count, tone
        self.badge_changed.emit()
        # The tab bar is as wide as this text; what it paints is the title and a badge.
        self.setWindowTitle(self.title if count is None else f"{self.title}  {thousands(count)}  ")
        self.toggleViewAction().setText(self.title)
        self._title_bar.update()

    def show_title_bar(self, shown: bool) -> None:
        """Whether the dock needs a title bar of its own."""
        self._title_bar.set_shown(shown)

    def offer_menu(self, position: QPoint) -> None:
        """What can be done with the dock, at a global position."""
        menu = QMenu(self)
        text = self.tr("Put back") if self.isFloating() else self.tr("Take out of the window")
        menu.addAction(text, lambda: self.setFloating(not self.isFloating()))
        menu.addAction(self.tr("Close “{0}”").format(self.title), self.close)
        menu.exec(position)
        menu.deleteLater()


class _Room(QWidget):
    """Holds a panel without a layout: what changes in one panel has the others laid out anew only if it needs room."""

    def __init__(self, panel: QWidget, parent: QWidget) -> None:
        super().__init__(parent)
        self._panel = panel
        self._least = QSize()
        panel.setParent(self)

    def sizeHint(self) -> QSize:
        return self._panel.sizeHint()

    def minimumSizeHint(self) -> QSize:
        return self._panel.minimumSizeHint().expandedTo(self._panel.minimumSize())

    def resizeEvent(self, event: QResizeEvent) -> None:
        self._panel.resize(event.size())

    def event(self, event: QEvent) -> bool:
        if event.type() in (QEvent.Type.LayoutRequest, QEvent.Type.Show) and self._least != self.minimumSizeHint():
            self._least = self.minimumSizeHint()
            self.updateGeometry()
        return super().event(event)


class _TitleBar(QWidget):
    """One tab, over the dock's whole width."""

    def __init__(self, dock: Dock) -> None:
        super().__init__(dock)
        self._dock = dock
        self._shown = True
        layout = QHBoxLayout(self)
        layout.setContentsMargins(0, 0, 4, 1)
        layout.addStretch(1)
        self._back = QToolButton(self)
        self._back.setText(self.tr("Put back"))
        self._back.setObjectName("choice")
        self._back.clicked.connect(lambda: dock.setFloating(False))
        self._back.hide()
        layout.addWidget(self._back)
        dock.topLevelChanged.connect(self._back.setVisible)

    def set_shown(self, shown: bool) -> None:
        if shown != self._shown:
            self._shown = shown
            self.setMaximumHeight(TAB_HEIGHT if shown else 0)
            self.updateGeometry()
            # The dock's layout asks for the height only when the widget is given anew.
            self._dock.setTitleBarWidget(self)

    def sizeHint(self) -> QSize:
        return QSize(tab_width(self._dock.title, self._dock.count), TAB_HEIGHT if self._shown else 0)

    def minimumSizeHint(self) -> QSize:
        return QSize(40, TAB_HEIGHT if self._shown else 0)

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        paint_strip(painter, self.rect())
        tab = self.rect()
        tab.setWidth(tab_width(self._dock.title, self._dock.count))
        paint_tab(painter, tab, self._dock.title, self._dock.count, active=True, focused=False, tone=self._dock.tone)
        painter.end()

    def contextMenuEvent(self, event: QContextMenuEvent) -> None:
        self._dock.offer_menu(event.globalPos())
