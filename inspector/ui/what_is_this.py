"""Shift+F1: what is under the pointer, explained in the help; without anything known there, the panel in front.

From the menu, where the pointer is on the menu, the next click says what is meant.
"""

import math
import time
from collections.abc import Callable, Mapping

from PySide6.QtCore import QCoreApplication, QEvent, QObject, QPoint, Qt
from PySide6.QtGui import QCursor, QKeyEvent, QMouseEvent
from PySide6.QtWidgets import QApplication, QMenu, QMenuBar, QTabBar, QWidget

from inspector.ui.docks.dock import Dock
from inspector.ui.docks.front import dock_around
from inspector.ui.docs.glossary import word_of
from inspector.ui.widgets.row_header import RowHeader
from inspector.ui.widgets.row_table import RowTable

OpenPage = Callable[[str, str], None]

_SAME_MOMENT_S = 0.2
"""A menu closes right before what was chosen in it is done."""


class WhatIsThis(QObject):
    """Opens a page at a word, or at a panel."""

    def __init__(self, docks: Mapping[str, Dock], open_page: OpenPage, parent: QWidget) -> None:
        super().__init__(parent)
        self._window, self._docks, self._open_page = parent, docks, open_page
        self._menu_hid_at = -math.inf
        self.pointing = False
        """The next click says what is meant."""

    def watch(self, menu_bar: QMenuBar) -> None:
        """Know whether it is asked for from a menu of this bar."""
        for entry in menu_bar.actions():
            if isinstance(menu := entry.menu(), QMenu):
                menu.aboutToHide.connect(self._note_menu)

    def ask(self) -> None:
        """Explain what is under the pointer, or what is clicked next."""
        if time.monotonic() - self._menu_hid_at < _SAME_MOMENT_S:
            self.point()
        else:
            self._explain_at(QCursor.pos())

    def point(self) -> None:
        """Explain what is clicked next; Escape takes that back."""
        if self.pointing:
            return
        self.pointing = True
        QApplication.setOverrideCursor(Qt.CursorShape.WhatsThisCursor)
        self._application().installEventFilter(self)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """While the user points at something."""
        if event.type() is QEvent.Type.MouseButtonPress and isinstance(event, QMouseEvent):
            self._stop_pointing()
            self._explain_at(event.globalPosition().toPoint())
            return True
        if event.type() is QEvent.Type.KeyPress and isinstance(event, QKeyEvent) and event.key() == Qt.Key.Key_Escape:
            self._stop_pointing()
            return True
        return False

    def _stop_pointing(self) -> None:
        self.pointing = False
        self._application().removeEventFilter(self)
        QApplication.restoreOverrideCursor()

    def _application(self) -> QCoreApplication:
        application = QCoreApplication.instance()
        assert application is not None
        return application

    def _note_menu(self) -> None:
        self._menu_hid_at = time.monotonic()

    def _explain_at(self, at: QPoint) -> None:
        under = QApplication.widgetAt(at)
        if under is None or not self.explain(under, under.mapFromGlobal(at)):
            self.explain_panel()

    def explain(self, widget: QWidget, point: QPoint) -> bool:
        """Explain what `widget` has at `point`; False where that is nothing that the help knows."""
        word = _word_at(widget, point)
        if word:
            self._open_page("words", word)
            return True
        dock = self._dock_at(widget, point)
        if dock is not None:
            self._open_page("panels", dock.title)
        return dock is not None

    def explain_panel(self) -> None:
        """The help on the panel that has the keyboard."""
        dock = dock_around(self._window.focusWidget())
        self._open_page("panels", dock.title if dock is not None else "")

    def _dock_at(self, widget: QWidget, point: QPoint) -> Dock | None:
        if isinstance(widget, QTabBar):
            title = widget.tabText(widget.tabAt(point)) if widget.tabAt(point) >= 0 else ""
            return next((dock for dock in self._docks.values() if title and dock.windowTitle() == title), None)
        return dock_around(widget)


def _word_at(widget: QWidget, point: QPoint) -> str:
    """The word of the column there, of its header or its cells."""
    table: QWidget | None = widget
    while table is not None and not isinstance(table, RowTable):
        table = table.parentWidget()
    if table is None:
        return ""
    in_header = isinstance(widget, RowHeader) or isinstance(widget.parentWidget(), RowHeader)
    if not in_header and widget is not table.viewport():
        return ""
    column = table.header.logicalIndexAt(point.x())
    if column < 0:
        return ""
    shown = table.row_model.columns[column]
    return word_of(shown.title, shown.word)
