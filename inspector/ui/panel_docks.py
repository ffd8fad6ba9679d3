"""The docks of all panels, and what is done with the panels that there are."""

from dataclasses import replace
from functools import partial

from PySide6.QtCore import QCoreApplication, QObject
from PySide6.QtWidgets import QMainWindow, QWidget

from inspector.analysis.state import Opening
from inspector.ui.docks.dock import Dock, PanelFactory
from inspector.ui.docks.making import Making
from inspector.ui.panel_actions import PanelActions
from inspector.ui.panels.context import PanelContext
from inspector.ui.panels.registry import PANELS, PLAIN_MODULES, PanelEntry


class PanelDocks(QObject):
    """Makes a dock for each panel of the registry; `making` says when the panel itself is made."""

    def __init__(self, window: QMainWindow, context: PanelContext) -> None:
        super().__init__(window)
        tr = QCoreApplication.translate
        self.by_name = {
            entry.name: Dock(
                entry.name, tr("Panels", entry.title), partial(_factory, entry, context), window, entry.modules()
            )
            for entry in PANELS
        }
        self.making = Making(
            self.by_name.values(),
            (entry.name for entry in PANELS if entry.has_badge),
            PLAIN_MODULES,
            lambda: isinstance(context.feed.situation, Opening),
            window,
        )
        context.selection.panel_needed.connect(self._need)
        for entry in PANELS:
            # Before anything else is connected with the actions: what else they do may need the panel, too.
            actions = [getattr(context.actions, name) for name in entry.actions]
            PanelActions(self.by_name[entry.name], actions, self)

    def save(self) -> None:
        """Have the panels remember how they were left."""
        for panel in self._panels():
            if hasattr(panel, "save"):
                panel.save()

    def shut_down(self) -> None:
        """Make no panel any more, and let those that there are end what they do."""
        self.making.stop()
        for panel in self._panels():
            if hasattr(panel, "shut_down"):
                panel.shut_down()

    def _need(self, panel: str) -> None:
        if panel in self.by_name:
            _ = self.by_name[panel].panel

    def _panels(self) -> list[QWidget]:
        return [dock.panel for dock in self.by_name.values() if dock.is_made]


def _factory(entry: PanelEntry, context: PanelContext) -> PanelFactory:
    make = entry.load()
    return lambda room: make(replace(context, room=room))
