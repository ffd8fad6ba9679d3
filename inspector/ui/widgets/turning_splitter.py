"""Two halves below each other; side by side where there is more width than height, as in a low dock."""

from PySide6.QtCore import QSettings, QSize, Qt
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QSplitter

from inspector.ui.fonts import zoomed
from inspector.ui.widgets.split_memory import keep_sizes, kept_sizes

_WIDE, _LOW = 720, 300
"""Pixels: at least so wide, and not so high."""


class TurningSplitter(QSplitter):
    """Keeps how the user shared the room, for each way that it stands; `beside` are the shares side by side. `name` is
    where they are remembered."""

    def __init__(self, settings: QSettings, name: str, below: tuple[int, int], beside: tuple[int, int]) -> None:
        super().__init__(Qt.Orientation.Vertical)
        self.setChildrenCollapsible(False)
        self.setObjectName(name)
        self._settings = settings
        self._shares = {
            way: kept_sizes(settings, self._key(way), 2) or list(usual)
            for way, usual in ((Qt.Orientation.Vertical, below), (Qt.Orientation.Horizontal, beside))
        }
        self.splitterMoved.connect(self._keep)

    def share(self) -> None:
        """Give the halves their shares, once both are there."""
        self.setSizes(self._shares[self.orientation()])

    def _keep(self) -> None:
        way = self.orientation()
        self._shares[way] = self.sizes()
        keep_sizes(self._settings, self._key(way), self._shares[way])

    def _key(self, way: Qt.Orientation) -> str:
        return f"{self.objectName()}-{'beside' if way is Qt.Orientation.Horizontal else 'below'}"

    def minimumSizeHint(self) -> QSize:
        """As low as it can be side by side, and as narrow as it can be below each other."""
        halves = [half for place in range(self.count()) if (half := self.widget(place)) is not None]
        least = [half.minimumSizeHint().expandedTo(half.minimumSize()) for half in halves]
        return QSize(
            max((half.width() for half in least), default=0), max((half.height() for half in least), default=0)
        )

    def resizeEvent(self, event: QResizeEvent) -> None:
        wide = event.size().width() >= zoomed(_WIDE) and event.size().height() < zoomed(_LOW)
        wanted = Qt.Orientation.Horizontal if wide else Qt.Orientation.Vertical
        if wanted is not self.orientation():
            self._shares[self.orientation()] = self.sizes()
            self.setOrientation(wanted)
            self.share()
        super().resizeEvent(event)
