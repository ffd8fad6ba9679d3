"""Where in a panel the keyboard is of use."""

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QAbstractScrollArea, QWidget


def first_useful(panel: QWidget) -> QWidget | None:
    """The widget that the panel names by its focus proxy, else the first list or text in the order of Tab; None while
    the panel shows none."""
    named = panel.focusProxy()
    while named is not None and named.focusProxy() is not None:
        named = named.focusProxy()
    if named is not None and _takes_keys(named):
        return named
    widget = panel.nextInFocusChain()
    while widget is not None and widget is not panel and panel.isAncestorOf(widget):
        if isinstance(widget, QAbstractScrollArea) and _takes_keys(widget):
            return widget
        widget = widget.nextInFocusChain()
    return None


def _takes_keys(widget: QWidget) -> bool:
    by_tab = bool(widget.focusPolicy().value & Qt.FocusPolicy.TabFocus.value)
    return by_tab and widget.focusProxy() is None and widget.isVisible() and widget.isEnabled()
