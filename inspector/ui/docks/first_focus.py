"""Where in a panel the keyboard is of use."""

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QAbstractScrollArea, QWidget


def first_useful(panel: QWidget) -> QWidget | None:
    """The widget that the panel names by its focus proxy, else the first list or text that was made; None while
    the panel shows none."""
    named = panel.focusProxy()
    while named is not None and named.focusProxy() is not None:
        named = named.focusProxy()
    if named is not None and takes_keys(named):
        return named
    lists = (part for part in parts_of(panel) if isinstance(part, QAbstractScrollArea))
    return next((part for part in lists if takes_keys(part)), None)


def parts_of(widget: QWidget) -> list[QWidget]:
    """What is in `widget` and in the same window, as it was made. Qt's own chain is not asked: PySide takes the next
    widget of it for a part of the one before, and when any of them goes, those after it are lost to Python."""
    window = widget.window()
    return [part for part in widget.findChildren(QWidget) if part.window() is window]


def takes_keys(widget: QWidget) -> bool:
    """Whether the keyboard can be given to it, and Tab stops at it."""
    by_tab = bool(widget.focusPolicy().value & Qt.FocusPolicy.TabFocus.value)
    return by_tab and widget.focusProxy() is None and widget.isVisible() and widget.isEnabled()
