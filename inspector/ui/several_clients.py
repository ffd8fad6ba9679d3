"""What the window around the panels says while several clients sync: whose each panel is, and whose state."""

from collections.abc import Mapping

from PySide6.QtCore import QObject

from inspector.ui.demo.devices import Devices
from inspector.ui.docks.dock import Dock
from inspector.ui.feed import Feed
from inspector.ui.past_moment import PastMomentLoader
from inspector.ui.widgets.state_bar import StateBar

_ABOUT_ALL = ("story", "clients", "both", "faults")
"""Panels that are about all clients; the others show one of them."""


class SeveralClients(QObject):
    """Follows the client that is shown."""

    def __init__(
        self,
        feed: Feed,
        devices: Devices,
        past: PastMomentLoader,
        docks: Mapping[str, Dock],
        state_bar: StateBar,
        parent: QObject,
    ) -> None:
        super().__init__(parent)
        self._feed, self._devices, self._past = feed, devices, past
        self._docks, self._state_bar = docks, state_bar
        for changed in (past.changed, devices.sessions_changed, docks["clients"].visibilityChanged):
            changed.connect(self._show_state_bar)
        for changed in (feed.source_changed, devices.sessions_changed):
            changed.connect(self._say_whose)

    def _show_state_bar(self) -> None:
        """Where each client tells its own state, one more on top would be about one of them only."""
        told = len(self._devices.sessions) > 1 and not self._docks["clients"].isHidden() and self._past.past is None
        self._state_bar.setVisible(not told)

    def _say_whose(self) -> None:
        active = self._feed.active
        whose = active.source.client if active is not None and len(self._devices.sessions) > 1 else ""
        self._state_bar.say_whose(whose)
        for name, dock in self._docks.items():
            dock.say_whose("" if name in _ABOUT_ALL else whose)
