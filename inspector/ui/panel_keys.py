"""Going to a panel by key: an action for each, and Alt+1 … Alt+9 for those that one goes to most."""

from collections.abc import Mapping

from PySide6.QtCore import QCoreApplication, QObject
from PySide6.QtGui import QAction, QKeySequence

from inspector.ui.docks.dock import Dock
from inspector.ui.docks.front import Front

_PANEL_KEYS = ("frames", "buckets", "timeline", "checkpoints", "checksums", "data", "uploads", "events", "findings")
"""Alt+1 … Alt+9."""


def go_to_actions(docks: Mapping[str, Dock], front: Front, parent: QObject) -> list[QAction]:
    """One for each panel, which brings it to the front."""
    actions = []
    for name, dock in docks.items():
        action = QAction(QCoreApplication.translate("Window", "Go to {0}").format(dock.title), parent)
        action.setObjectName(f"goTo-{name}")
        if name in _PANEL_KEYS:
            action.setShortcut(QKeySequence(f"Alt+{_PANEL_KEYS.index(name) + 1}"))
        action.triggered.connect(lambda _=False, name=name: front.show(name))
        actions.append(action)
    return actions
