"""The local writes of one client that wait, in its own pane: nobody has to switch clients to see them."""

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QPainter, QPaintEvent, QResizeEvent
from PySide6.QtWidgets import QSizePolicy, QVBoxLayout, QWidget

from inspector.analysis.pending_writes import PendingQueue
from inspector.ui.docks.tab_painting import TAB_HEIGHT, paint_strip, paint_tab, tab_width
from inspector.ui.fonts import header_height, row_height
from inspector.ui.panels.uploads.columns import PENDING_COLUMNS, Line, MoreWrites
from inspector.ui.theme import Colour
from inspector.ui.widgets.empty_note import EmptyNote
from inspector.ui.widgets.row_model import ListModel
from inspector.ui.widgets.row_table import RowTable

_COLUMNS = tuple(column for column in PENDING_COLUMNS if column.title in ("Tx", "Op", "Row", "Change"))
_ROWS = 2
"""So many are seen at once."""
_NOTE_MARGIN, _MOST_NOTE = 10, 4
_SCROLLED = Qt.ScrollBarPolicy.ScrollBarAsNeeded


class PendingModel(ListModel[Line]):
    """What waits, oldest first."""

    def __init__(self) -> None:
        super().__init__(_COLUMNS)

    def key(self, record: Line) -> object:
        return record.entry.id if not isinstance(record, MoreWrites) else "more"


class PendingList(QWidget):
    """A heading that counts, and the list below it."""

    followed = Signal()
    """The user wants all that there is to know of them."""

    def __init__(self, name: str) -> None:
        super().__init__()
        self.setObjectName(f"uploads-{name.lower()}")
        self.heading = _Heading(self.tr("Uploads"))
        self.model = PendingModel()
        self.table = RowTable(self.model, f"pending-{name.lower()}", parent=self)
        self.table.setAccessibleName(self.tr("{0}'s local writes that wait").format(name))
        self.note = EmptyNote(self.table, top=0)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(0)
        layout.addWidget(self.heading)
        layout.addWidget(self.table, 1)
        self.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Fixed)
        self.table.row_followed.connect(lambda _: self.followed.emit())
        self.show_queue(PendingQueue((), 0, 0))

    def show_queue(self, queue: PendingQueue) -> None:
        """Show what waits."""
        lines: list[Line] = list(queue.writes)
        if queue.entries > len(lines):
            lines.append(MoreWrites(queue.entries - len(lines)))
        self.model.show_records(lines)
        self.heading.show_count(queue.entries)
        self.table.header.setVisible(bool(lines))
        self.table.setHorizontalScrollBarPolicy(_SCROLLED if lines else Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        empty = self.tr(
            "No local writes are waiting. What you change here appears in this list until the backend has it."
        )
        self.note.say("" if lines else empty)
        self._fit_height()

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._fit_height()

    def _fit_height(self) -> None:
        """Where nothing waits, the list above has more use for the room than the sentence that says so."""
        # Before it is laid out there is no width, and for that any text is endless.
        note = min(self.note.heightForWidth(self.note.width()) + 2 * _NOTE_MARGIN, _MOST_NOTE * row_height())
        room = header_height() + _ROWS * row_height() + 4 if self.model.row_count() else note
        self.setFixedHeight(TAB_HEIGHT + room)


class _Heading(QWidget):
    """Looks like a tab that is in front."""

    def __init__(self, title: str) -> None:
        super().__init__()
        self._title = title
        self.count = 0
        self.setFixedHeight(TAB_HEIGHT)

    def show_count(self, count: int) -> None:
        self.count = count
        self.setAccessibleName(f"{self._title} {count}")
        self.update()

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        paint_strip(painter, self.rect())
        tab = self.rect()
        tab.setWidth(tab_width(self._title, self.count))
        paint_tab(
            painter, tab, self._title, self.count, active=True, focused=False, tone=Colour.HELD if self.count else None
        )
        painter.end()
