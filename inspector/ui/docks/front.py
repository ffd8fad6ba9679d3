"""Which panels are in front and which one has the keyboard, to be asked and to be brought back."""

from collections.abc import Mapping
from dataclasses import dataclass

from PySide6.QtWidgets import QApplication, QWidget

from inspector.ui.docks.dock import Dock
from inspector.ui.docks.floating import bring_to_front
from inspector.ui.on_screen import in_sight


@dataclass(frozen=True, slots=True)
class InFront:
    """Names of panels: the one that the user is at, None while that is none, and all that could be seen beside it."""

    panel: str | None = None
    seen: frozenset[str] = frozenset()


def dock_around(widget: QWidget | None) -> Dock | None:
    """The dock that `widget` is in; None where it is in none."""
    while widget is not None and not isinstance(widget, Dock):
        widget = widget.parentWidget()
    return widget


class Front:
    """The docks of one window."""

    def __init__(self, window: QWidget, docks: Mapping[str, Dock]) -> None:
        self._window, self._docks = window, docks

    def now(self) -> InFront:
        """What is in front; a panel that is taken out of the window counts as well."""
        seen = frozenset(name for name, dock in self._docks.items() if in_sight(dock))
        return InFront(self._with_keyboard(), seen)

    def show(self, panel: str) -> None:
        """Bring a panel to the front, and give it the keyboard."""
        dock = self._docks.get(panel)
        if dock is not None:
            dock.show()
            bring_to_front(dock)
            dock.take_focus()

    def bring_back(self, before: InFront) -> None:
        """Have the same panels in front of their tabs as `before`. One that was closed since stays closed, but for
        the one that the user was at."""
        for name, dock in self._docks.items():
            if name in before.seen and dock.isVisible() and not in_sight(dock):
                dock.raise_()
        if before.panel is not None:
            self.show(before.panel)

    def _with_keyboard(self) -> str | None:
        dock = dock_around(QApplication.focusWidget()) or dock_around(self._window.focusWidget())
        return dock.objectName() if dock is not None else None
