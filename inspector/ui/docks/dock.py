"""A dock for one panel, which is made when somebody needs it."""

from collections.abc import Callable, Iterable
from importlib import import_module
from typing import TypeAlias

from PySide6.QtCore import QEvent, QObject, QPoint, QSize, Qt, QTimer, Signal
from PySide6.QtGui import QContextMenuEvent, QHelpEvent, QMouseEvent, QPainter, QPaintEvent, QResizeEvent
from PySide6.QtWidgets import (
    QDockWidget,
    QHBoxLayout,
    QMenu,
    QSizePolicy,
    QSpacerItem,
    QToolButton,
    QToolTip,
    QWidget,
)

from inspector.ui.docks.counted_panel import CountedPanel
from inspector.ui.docks.first_focus import first_useful
from inspector.ui.docks.panel_with_controls import PanelWithControls
from inspector.ui.docks.tab_painting import TAB_HEIGHT, Badge, paint_strip, paint_tab, paint_whose, tab_width
from inspector.ui.docs.search import about_panel
from inspector.ui.theme import Colour
from inspector.ui.widgets.tooltips import plain_tooltip
from inspector.words import thousands

_NARROWEST, _LINE = 40, 1
"""Pixels."""

PanelFactory: TypeAlias = Callable[[QWidget], QWidget]
"""Is told where the panel will stand."""


class Dock(QDockWidget):
    """Holds a panel; `name` is what layouts know it by. `load` imports the panel, and gives what makes it; the names of
    the `modules` that it imports are there for who has time for a part of it only."""

    rearranged = Signal()
    """It may stand alone now, or no longer."""
    made = Signal()
    """The panel is there now."""
    badge_changed = Signal()
    """Its tab is to be painted anew."""
    taking_out_wanted = Signal()
    putting_back_wanted = Signal()
    taken_in_hand = Signal()
    """Out of the window, the user may be about to drag it."""

    def __init__(
        self,
        name: str,
        title: str,
        load: Callable[[], PanelFactory],
        parent: QWidget,
        modules: Iterable[str] = (),
    ) -> None:
        # One without a parent is a window, and each step of making it a part of another is costly.
        super().__init__(title, parent)
        self.setObjectName(name)
        self.title = title
        self.whose = ""
        """Of several clients, the one that it is about; empty where there is one only, or where it is about all."""
        self.count: int | None = None
        self.tone: Colour | None = None
        self._load = load
        self._modules = iter(modules)
        self._make: PanelFactory | None = None
        self._panel: QWidget | None = None
        self._room = _Room(title, self)
        self.setWidget(self._room)
        self.setAccessibleName(title)
        self.toggleViewAction().setObjectName(f"toggle-{name}")
        self._title_bar = TitleBar(self)
        self.setTitleBarWidget(self._title_bar)
        for signal in (self.visibilityChanged, self.topLevelChanged, self.dockLocationChanged):
            signal.connect(lambda *_: self.rearranged.emit())
        # Out of the window it has an edge; within it Qt draws lines between docks.
        self.topLevelChanged.connect(lambda out: self.setAttribute(Qt.WidgetAttribute.WA_StyledBackground, out))

    @property
    def panel(self) -> QWidget:
        """What the dock is for; asking for it makes it."""
        if self._panel is None:
            self.make().show()
        assert self._panel is not None
        return self._panel

    def make(self) -> QWidget:
        """Make the panel, hidden; showing it takes as long again."""
        panel = self._panel = self.load()(self._room)
        self._room.hold(panel)
        if isinstance(panel, CountedPanel):
            panel.count_changed.connect(self.set_count)
            self.set_count(panel.count)
        self._title_bar.hold_controls()
        self.made.emit()
        return panel

    def load(self) -> PanelFactory:
        """Import the panel, which is the first half of making it."""
        if self._make is None:
            self._make = self._load()
        return self._make

    def load_part(self) -> None:
        """Import one module of the panel, or what is left once all are there."""
        module = next(self._modules, None)
        if module is None:
            self.load()
        else:
            import_module(module)

    @property
    def is_loaded(self) -> bool:
        """Whether the panel is imported."""
        return self._make is not None

    @property
    def is_made(self) -> bool:
        """Whether somebody has needed the panel yet."""
        return self._panel is not None

    @property
    def is_shown(self) -> bool:
        """Whether the panel is there and not hidden within its dock."""
        return self._panel is not None and not self._panel.isHidden()

    def show_panel(self) -> None:
        """Fill the dock with its panel."""
        self.panel.show()

    def hide_panel(self) -> None:
        """Leave the dock empty: one that is moved is shown anew with all that is in it."""
        if self._panel is not None:
            self._panel.hide()

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

    def say_whose(self, whose: str) -> None:
        """Say at the end of its row of tabs, and in the tab's tooltip, whom it is about."""
        if whose != self.whose:
            self.whose = whose
            self.badge_changed.emit()
            self._title_bar.update()

    def take_focus(self) -> None:
        """Give the keyboard to the first useful widget of the panel, as soon as the panel shows one."""
        if self.is_made:
            self.show_panel()
        else:  # to show it is another turn's work; the keyboard leaves where it was at once
            self.make()
            QTimer.singleShot(0, self, self.take_focus)
        self._room.take_focus(self.panel)

    def show_title_bar(self, shown: bool) -> None:
        """Whether the dock needs a title bar of its own."""
        self._title_bar.set_shown(shown)

    def put_back(self) -> None:
        """Into the window again."""
        self.putting_back_wanted.emit()

    def turn_in_or_out(self) -> None:
        """Out of the window into one of its own, or back."""
        (self.putting_back_wanted if self.isFloating() else self.taking_out_wanted).emit()

    def tooltip(self) -> str:
        """What its tab says: the whole title, and what the panel shows."""
        title = f"{self.title}: {self.whose}" if self.whose else self.title
        return plain_tooltip("\n".join(part for part in (title, about_panel(self.title)) if part))

    def offer_menu(self, position: QPoint) -> None:
        """What can be done with the dock, at a global position."""
        menu = QMenu(self)
        text = self.tr("Put back into the window") if self.isFloating() else self.tr("Take out of the window")
        menu.addAction(text, self.turn_in_or_out)
        menu.addAction(self.tr("Close “{0}”").format(self.title), self.close)
        menu.exec(position)
        menu.deleteLater()


class _Room(QWidget):
    """Holds a panel without a layout: what changes in one panel has the others laid out anew only if it needs room."""

    def __init__(self, title: str, parent: QWidget) -> None:
        super().__init__(parent)
        self.setAccessibleName(title)
        self._panel: QWidget | None = None
        self._least = QSize()

    def hold(self, panel: QWidget) -> None:
        """Give all of it to `panel`, which is shown later."""
        self._panel = panel
        panel.installEventFilter(self)
        panel.hide()
        if panel.parent() is not self:
            panel.setParent(self)
        panel.resize(self.size())

    def take_focus(self, panel: QWidget) -> None:
        """While a panel has nothing but a sentence to show, the keyboard waits here for what comes."""
        (first_useful(panel) or self).setFocus(Qt.FocusReason.OtherFocusReason)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if event.type() is QEvent.Type.LayoutRequest and self._panel is not None and self.hasFocus():
            self.take_focus(self._panel)
        return False

    def sizeHint(self) -> QSize:
        return QSize() if self._panel is None else self._panel.sizeHint()

    def minimumSizeHint(self) -> QSize:
        if self._panel is None:
            return QSize()
        return self._panel.minimumSizeHint().expandedTo(self._panel.minimumSize())

    def resizeEvent(self, event: QResizeEvent) -> None:
        if self._panel is not None:
            self._panel.resize(event.size())

    def event(self, event: QEvent) -> bool:
        if event.type() in (QEvent.Type.LayoutRequest, QEvent.Type.Show) and self._least != self.minimumSizeHint():
            self._least = self.minimumSizeHint()
            self.updateGeometry()
        return super().event(event)


class TitleBar(QWidget):
    """One tab, over the dock's whole width. Putting docks in their places asks thousands of times how large it is, so
    that its layout says it, and no method in Python."""

    def __init__(self, dock: Dock) -> None:
        super().__init__(dock)
        self._dock = dock
        self._shown = True
        self.setFixedHeight(TAB_HEIGHT)
        self.setMinimumWidth(_NARROWEST)
        self._row = QHBoxLayout(self)
        self._row.setContentsMargins(0, 0, 4, _LINE)
        # The dock asks the layout how high the row is, and nothing else.
        self._strut = QSpacerItem(0, TAB_HEIGHT - _LINE, QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self._row.addItem(self._strut)
        self._back = self._button(self.tr("Put back"), self.tr("Put it back into the window"))
        self._back.clicked.connect(dock.put_back)
        self._close = self._button("✕", self.tr("Close “{0}”").format(dock.title))
        self._close.clicked.connect(dock.close)
        for button in (self._back, self._close):
            dock.topLevelChanged.connect(button.setVisible)

    def set_shown(self, shown: bool) -> None:
        """Whether there is a title at all."""
        if shown == self._shown:
            return
        self._shown = shown
        self.hold_controls()
        height = TAB_HEIGHT if shown else 0
        self.setFixedHeight(height)
        self._strut.changeSize(0, max(0, height - _LINE), QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self._row.setContentsMargins(0, 0, 4, _LINE if shown else 0)
        self._row.invalidate()
        docks = self._dock.layout()
        assert docks is not None
        docks.invalidate()

    def hold_controls(self) -> None:
        """A panel's own controls stand at the right end of its title, while there is one."""
        if self._dock.is_made and isinstance(panel := self._dock.panel, PanelWithControls):
            if self._shown:
                self._row.insertWidget(1, panel.controls)
            else:
                self._row.removeWidget(panel.controls)
                panel.take_controls_back()

    def _button(self, text: str, tooltip: str) -> QToolButton:
        button = QToolButton(self)
        button.setText(text)
        button.setToolTip(tooltip)
        button.setAccessibleName(tooltip)
        button.setObjectName("choice")
        button.hide()
        self._row.addWidget(button)
        return button

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        paint_strip(painter, self.rect())
        dock = self._dock
        tab = self.rect()
        tab.setWidth(tab_width(dock.title, dock.count))
        paint_tab(painter, tab, dock.title, dock.count, active=True, focused=False, tone=dock.tone)
        if not dock.isFloating():  # beside the buttons; the tooltip has it, too
            paint_whose(painter, self.rect(), tab.right(), dock.whose)
        painter.end()

    def event(self, event: QEvent) -> bool:
        if event.type() is QEvent.Type.ToolTip and isinstance(event, QHelpEvent):
            QToolTip.showText(event.globalPos(), self._dock.tooltip(), self)
            return True
        return super().event(event)

    def mousePressEvent(self, event: QMouseEvent) -> None:
        if self._dock.isFloating():
            self._dock.taken_in_hand.emit()
        super().mousePressEvent(event)

    def mouseDoubleClickEvent(self, event: QMouseEvent) -> None:
        """The dock's own would do nothing for one that has no place in the window any more."""
        if event.button() is Qt.MouseButton.LeftButton:
            self._dock.turn_in_or_out()

    def contextMenuEvent(self, event: QContextMenuEvent) -> None:
        self._dock.offer_menu(event.globalPos())
