"""The pane beside the rows: all of the current cell's value."""

from collections.abc import Callable
from dataclasses import dataclass

from PySide6.QtCore import QEvent, QObject, Qt, QTimer, Signal
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QApplication, QVBoxLayout, QWidget

from inspector.store.data_queries import DataColumn, TableShape, Value
from inspector.ui.feed import Feed
from inspector.ui.live_query import LiveQuery
from inspector.ui.panels.data.columns import describe_value, value_text
from inspector.ui.readers import Readers
from inspector.ui.theme import Colour
from inspector.ui.widgets.elided_label import ElidedLabel
from inspector.ui.widgets.mono_text import MonoText
from inspector.ui.widgets.tone import set_tone


@dataclass(frozen=True, slots=True)
class CellPlace:
    """Where a value stands; a row that is written has another `rowid` afterwards."""

    shape: TableShape
    rowid: int
    column: DataColumn


class WholeValuePane(QWidget):
    """Reads the value of `place`, and again when the files change. Without a place, the rows have its room.

    It takes that room once the click is no double click any more, and not while `busy`: the rows that it narrows
    would go away from under the mouse, or from under an editor.
    """

    left = Signal()
    """The rows are to have the keyboard again."""

    def __init__(self, feed: Feed, place: Callable[[], CellPlace | None], busy: Callable[[], bool]) -> None:
        super().__init__()
        self._place, self._busy = place, busy
        self._to_show = QTimer(self, interval=QApplication.doubleClickInterval())
        self._to_show.timeout.connect(self._take_room)
        self._asked: CellPlace | None = None
        self.title, self.text = ElidedLabel(most_lines=2), MonoText("wholeValue")
        self.text.setAccessibleName(self.tr("The whole value of the cell"))
        self.text.installEventFilter(self)
        set_tone(self.title, Colour.DIM)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(8, 6, 0, 0)
        layout.addWidget(self.title)
        layout.addWidget(self.text, 1)
        self.query: LiveQuery[tuple[DataColumn, Value | None]] = LiveQuery(feed, self, self._question)
        self.query.changed.connect(self._show)
        self.hide()

    def read(self) -> None:
        """Show the value at once, and give it the keyboard."""
        if self._place() is not None:
            self.look()
            self._to_show.stop()
            self.show()
            self.text.setFocus()

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Escape leads back to the rows."""
        if event.type() is QEvent.Type.KeyPress and isinstance(event, QKeyEvent) and event.key() == Qt.Key.Key_Escape:
            self.left.emit()
            return True
        return False

    def look(self) -> None:
        """Another cell may be the current one, or it may stand elsewhere."""
        place = self._place()
        if place is None:
            self.hide()
        elif self.isHidden() and not self._to_show.isActive():
            self._to_show.start()
        if place != self._asked:
            self.query.ask()

    def _take_room(self) -> None:
        if self._place() is not None and self._busy():
            return
        self._to_show.stop()
        if self._place() is not None:
            self.show()

    def _question(self) -> Callable[[Readers], tuple[DataColumn, Value | None]] | None:
        place = self._asked = self._place()
        if place is None:
            return None

        def read(readers: Readers) -> tuple[DataColumn, Value | None]:
            assert readers.database is not None
            return place.column, readers.database.whole_value(place.shape, place.rowid, place.column.name)

        return read

    def _show(self) -> None:
        found = self.query.result
        if found is None:
            title, text = "", ""
        elif (value := found[1]) is None:
            title, text = self.tr("The row is not there any more."), ""
        else:
            title = describe_value(found[0].name, value.value, is_odd=value.is_odd)
            text = value_text(value.value)
        self.title.set_text(title)
        if text != self.text.toPlainText():
            self.text.setPlainText(text)
