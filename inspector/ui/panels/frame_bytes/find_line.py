"""The line below the bytes that finds a text in them."""

from bisect import bisect_left, bisect_right
from collections.abc import Sequence

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QFrame, QHBoxLayout, QLabel, QLineEdit, QToolButton, QWidget

from inspector.ui.theme import Colour
from inspector.ui.widgets.tone import set_tone
from inspector.words import thousands


def next_of(places: Sequence[int], current: int, step: int) -> int | None:
    """Which of the places comes after the current one, or before it, round the end; None where there is none.

    With a step of 0 the current one is good enough.
    """
    if not places:
        return None
    if step < 0:
        return (bisect_left(places, current) - 1) % len(places)
    return (bisect_right(places, current) if step else bisect_left(places, current)) % len(places)


class FindLine(QFrame):
    """Hidden until somebody wants to find something."""

    wanted = Signal(str, int)
    """A text; 1: the next place, -1: the one before, 0: from where one is."""

    def __init__(self, panel: QWidget) -> None:
        super().__init__(panel)
        self.setObjectName("choiceStrip")
        self._panel = panel
        self.edit, self.place = QLineEdit(), QLabel()
        self.edit.setObjectName("findText")
        self.edit.setPlaceholderText(self.tr("Find in the frame"))
        self.edit.setAccessibleName(self.tr("Find in the frame"))
        self.place.setTextFormat(Qt.TextFormat.PlainText)
        set_tone(self.place, Colour.DIM)
        layout = QHBoxLayout(self)
        layout.setContentsMargins(8, 4, 8, 4)
        layout.setSpacing(6)
        layout.addWidget(self.edit, 1)
        layout.addWidget(self.place)
        for text, name, step in (("▴", self.tr("The place before"), -1), ("▾", self.tr("The next place"), 1)):
            button = QToolButton()
            button.setText(text)
            button.setToolTip(name)
            button.setAccessibleName(name)
            button.setObjectName("choice")
            button.clicked.connect(lambda _=False, step=step: self.wanted.emit(self.edit.text(), step))
            layout.addWidget(button)
        self.edit.textEdited.connect(lambda text: self.wanted.emit(text, 0))
        self.hide()

    def begin(self) -> None:
        """Let the user write what to find."""
        self.show()
        self.edit.setFocus()
        self.edit.selectAll()

    def tell(self, text: str) -> None:
        """Say what came of it."""
        self.place.setText(text)

    def tell_place(self, at: int | None, count: int) -> None:
        """Say which place of how many is shown."""
        self.tell(self.tr("not found") if at is None else f"{thousands(at + 1)} of {thousands(count)}")

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() == Qt.Key.Key_Escape:
            self.hide()
            self._panel.setFocus()
        elif event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
            back = event.modifiers() & Qt.KeyboardModifier.ShiftModifier
            self.wanted.emit(self.edit.text(), -1 if back else 1)
        else:
            super().keyPressEvent(event)
