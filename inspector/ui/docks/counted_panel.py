"""A panel whose tab says how many there are of what it is about."""

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QWidget

from inspector.ui.docks.tab_painting import Badge


class CountedPanel(QWidget):
    """Has a count, which is there before anybody listens: a panel may be made long after what it shows."""

    count_changed = Signal(object)
    """An int or a `Badge`, shown in the tab, or None."""

    def __init__(self, room: QWidget | None = None) -> None:
        super().__init__(room)
        self.count: int | Badge | None = None

    def tell_count(self, count: int | Badge | None) -> None:
        """Have `count` in the badge; None takes the badge away."""
        if count != self.count:
            self.count = count
            self.count_changed.emit(count)
