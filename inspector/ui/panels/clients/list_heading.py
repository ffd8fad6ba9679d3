"""The heads of the shared list's columns."""

from PySide6.QtCore import QEvent
from PySide6.QtGui import Qt
from PySide6.QtWidgets import QFrame, QHBoxLayout, QLabel

from inspector.ui.fonts import PADDING
from inspector.ui.panels.clients.list_view import text_left
from inspector.ui.theme import Colour
from inspector.ui.widgets.elided_label import ElidedLabel
from inspector.ui.widgets.tone import set_tone


class ListHeading(QFrame):
    """The list's name over its items, and what stands at their right end."""

    def __init__(self) -> None:
        super().__init__()
        self.setObjectName("listHeading")
        self.name, last_change = ElidedLabel(), QLabel(self.tr("Last change"))
        last_change.setToolTip(
            self.tr("Who wrote the row last, as the devices here know it; what came with the first sync is older")
        )
        last_change.setTextFormat(Qt.TextFormat.PlainText)
        for label in (self.name, last_change):
            set_tone(label, Colour.DIM)
        layout = self._layout = QHBoxLayout(self)
        layout.addWidget(self.name, 1)
        layout.addWidget(last_change)
        self._stand_over_texts()

    def changeEvent(self, event: QEvent) -> None:
        super().changeEvent(event)
        if event.type() is QEvent.Type.FontChange:
            self._stand_over_texts()

    def _stand_over_texts(self) -> None:
        self._layout.setContentsMargins(text_left(), 3, PADDING + 2, 3)
