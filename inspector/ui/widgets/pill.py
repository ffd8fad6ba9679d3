"""The button over the lower edge of a list that brings the newest rows back."""

from PySide6.QtCore import QEvent, QObject
from PySide6.QtWidgets import QAbstractItemView, QPushButton

_BOTTOM = 12


class Pill(QPushButton):
    """Hidden while nothing is missed."""

    def __init__(self, table: QAbstractItemView, name: str) -> None:
        super().__init__(table)
        self._table = table
        self.setObjectName("pill")
        self.setAccessibleName(name)
        self.hide()
        table.viewport().installEventFilter(self)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if event.type() is QEvent.Type.Resize:
            self._place()
        return False

    def tell(self, text: str, *, shown: bool) -> None:
        """Say what is missed."""
        self.setText(text)
        self.setVisible(shown)
        self._place()

    def _place(self) -> None:
        self.adjustSize()
        area = self._table.viewport().geometry()
        self.move(area.center().x() - self.width() // 2, area.bottom() - self.height() - _BOTTOM)
        self.raise_()
