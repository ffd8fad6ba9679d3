"""What the palette offers of the panels themselves: their buttons, as they are now, and what stands in their menus."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Protocol

from PySide6.QtGui import QAction
from PySide6.QtWidgets import QAbstractButton, QMenu, QToolButton, QWidget
from shiboken6 import isValid

_LEAST_LETTERS = 3
"""Glyphs, such as that of a cross, say nothing in a list."""


class PanelPlace(Protocol):
    """Where a panel stands."""

    @property
    def title(self) -> str: ...

    @property
    def is_made(self) -> bool: ...

    @property
    def panel(self) -> QWidget: ...


@dataclass(frozen=True, slots=True)
class PanelButton:
    """A button of a panel. Nothing is made for it: a panel that is not there has none."""

    title: str
    panel: str
    """The name that layouts know it by."""
    place: str
    """What the panel is called."""
    button: QAbstractButton

    @property
    def action(self) -> QAction | None:
        """The action behind it, which may stand in a menu as well."""
        return self.button.defaultAction() if isinstance(self.button, QToolButton) else None

    def press(self) -> None:
        """As a click does; lists in a panel change, and its buttons with them."""
        if isValid(self.button):
            self.button.click()

    @property
    def menu(self) -> QMenu | None:
        """What it opens."""
        return self.button.menu() if isinstance(self.button, QToolButton) else None


def buttons_of(docks: Mapping[str, PanelPlace]) -> Iterator[PanelButton]:
    """The buttons that panels show, whether or not a panel is in front; those of a choice say too little alone."""
    for name, dock in docks.items():
        if not dock.is_made:
            continue
        roots = [dock.panel]
        controls = getattr(dock.panel, "controls", None)
        if isinstance(controls, QWidget) and not dock.panel.isAncestorOf(controls):
            roots.append(controls)
        for root in roots:
            for button in root.findChildren(QAbstractButton):
                title = button.text().replace("&&", "&").rstrip(" ▾○●")
                if len(title) >= _LEAST_LETTERS and _offered(button, root):
                    yield PanelButton(title, name, dock.title, button)


def _offered(button: QAbstractButton, root: QWidget) -> bool:
    group = button.group()
    chosen_among = button.autoExclusive() or (group is not None and group.exclusive())
    return button.isVisibleTo(root) and button.window() is root.window() and not chosen_among
