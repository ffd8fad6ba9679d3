"""The meaning of a label's or a button's colour, kept as a property so that the style sheet follows the theme."""

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QWidget

from inspector.ui.theme import Colour


def set_tone(label: QWidget, tone: Colour, *, bold: bool = False) -> None:
    """Give `label` the colour of `tone`; one of those that the style sheet knows."""
    if label.property("tone") == tone.name and label.property("bold") == bold:
        return
    label.setProperty("tone", tone.name)
    label.setProperty("bold", bold)
    if label.testAttribute(Qt.WidgetAttribute.WA_WState_Polished):
        label.style().unpolish(label)
        label.style().polish(label)
