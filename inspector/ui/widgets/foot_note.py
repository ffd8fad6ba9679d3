"""A sentence along the lower edge of a panel."""

from PySide6.QtWidgets import QFrame, QVBoxLayout

from inspector.ui.theme import Colour
from inspector.ui.widgets.elided_label import ElidedLabel
from inspector.ui.widgets.tone import set_tone


class FootNote(QFrame):
    """Some lines at most; the whole is in the tooltip."""

    def __init__(self, name: str, *, most_lines: int = 2) -> None:
        super().__init__()
        self.setObjectName("footNote")
        self.label = ElidedLabel(most_lines)
        self.label.setObjectName(name)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(12, 6, 12, 6)
        layout.addWidget(self.label)

    @property
    def text(self) -> str:
        """All that it says."""
        return self.label.whole

    def say(self, text: str, tone: Colour = Colour.DIM) -> None:
        """Say `text`; empty hides it."""
        self.setVisible(bool(text))
        self.label.set_text(text)
        set_tone(self.label, tone)
