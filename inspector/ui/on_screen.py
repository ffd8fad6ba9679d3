"""Whether a widget can be seen: Qt calls a dock behind another tab visible, and only moves it aside."""

from PySide6.QtCore import QEvent, QObject, QPoint, QRect, QTimer, Signal
from PySide6.QtWidgets import QDockWidget, QWidget


def in_sight(widget: QWidget) -> bool:
    """Whether any part of it can be seen now."""
    window = widget.window()
    return widget.isVisible() and QRect(widget.mapTo(window, QPoint()), widget.size()).intersects(window.rect())


class OnScreen(QObject):
    """Watches `widget`."""

    came = Signal()
    """It may be seen now."""

    def __init__(self, widget: QWidget) -> None:
        super().__init__(widget)
        self._widget = widget
        self._dock: QDockWidget | None = None
        self._look = QTimer(self, singleShot=True, interval=0)
        self._look.timeout.connect(self._tell)
        widget.installEventFilter(self)

    @property
    def now(self) -> bool:
        """Whether any part of it can be seen."""
        return in_sight(self._widget)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if event.type() is QEvent.Type.Show:
            self._find_dock()
            self._look.start()
        return False

    def _find_dock(self) -> None:
        above = self._widget.parentWidget()
        while self._dock is None and above is not None:
            if isinstance(above, QDockWidget):
                self._dock = above
                above.visibilityChanged.connect(self._look_soon)
            above = above.parentWidget()

    def _look_soon(self) -> None:
        self._look.start()

    def _tell(self) -> None:
        if self.now:
            self.came.emit()
