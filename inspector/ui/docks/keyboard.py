"""Where the keyboard goes from stop to stop, as they stand in the window, and its key for menus.

Qt goes through widgets in the order in which they were made, which for panels is chance, and through those behind tabs.
"""

from PySide6.QtCore import QPoint, QRectF, Qt
from PySide6.QtGui import QContextMenuEvent, QKeySequence, QShortcut
from PySide6.QtWidgets import QApplication, QDockWidget, QMainWindow, QStatusBar, QTabBar, QToolBar, QWidget

from inspector.ui.docks.first_focus import parts_of, takes_keys
from inspector.ui.on_screen import in_sight


def go_on(window: QMainWindow, *, forward: bool) -> bool:
    """Give the keyboard to the stop after (or before) the one that has it; False when there is none."""
    chain, now = _in_order(window), window.focusWidget()
    stops = [widget for widget in chain if widget is now or (takes_keys(widget) and in_sight(widget))]
    if not forward:
        stops.reverse()
    place = stops.index(now) if now in stops else -1
    wanted = next((widget for widget in (*stops[place + 1 :], *stops[: max(0, place)]) if widget is not now), None)
    if wanted is None:
        return False
    wanted.setFocus(Qt.FocusReason.TabFocusReason if forward else Qt.FocusReason.BacktabFocusReason)
    return True


def give_menu_key(window: QMainWindow) -> None:
    """Have Shift+F10 ask for the menu of what has the keyboard: but on Windows Qt knows the Menu key alone, which many
    keyboards lack."""
    QShortcut(QKeySequence("Shift+F10"), window).activated.connect(_ask_for_menu)


def _ask_for_menu() -> None:
    widget = QApplication.focusWidget()
    if widget is None:
        return
    cursor = widget.inputMethodQuery(Qt.InputMethodQuery.ImCursorRectangle)
    at = (cursor.toRect() if isinstance(cursor, QRectF) else cursor).center()
    QApplication.sendEvent(widget, QContextMenuEvent(QContextMenuEvent.Reason.Keyboard, at, widget.mapToGlobal(at)))


def _in_order(window: QMainWindow) -> list[QWidget]:
    """The bars from the top down, then the docks by columns, each below its tabs; in each as they were made."""
    return sorted(parts_of(window), key=lambda widget: _place(widget, window))


def _place(widget: QWidget, window: QMainWindow) -> tuple[int, int, int]:
    part = widget
    while (parent := part.parentWidget()) is not None and parent is not window:
        part = parent
    corner = part.mapTo(window, QPoint())
    match part:
        case QDockWidget() | QTabBar():
            return 1, corner.x(), corner.y()
        case QToolBar() if isinstance(widget.parentWidget(), QToolBar):  # a bar may be in a bar
            return 0, corner.y(), widget.mapTo(part, QPoint()).x()
        case QStatusBar():
            return 2, corner.y(), corner.x()
    return 0, corner.y(), corner.x()
