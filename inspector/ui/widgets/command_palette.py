"""The command palette: a few letters, and what they mean, to be run with Enter."""

from PySide6.QtCore import QEvent, QObject, Qt
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QFrame, QLineEdit, QVBoxLayout, QWidget

from inspector.ui.fonts import row_height
from inspector.ui.palette_entries import Entry, Offers, by_number, entries, matching
from inspector.ui.theme import Colour
from inspector.ui.widgets.columns import Align, Cell, Column
from inspector.ui.widgets.empty_note import EmptyNote
from inspector.ui.widgets.row_model import ListModel
from inspector.ui.widgets.row_table import RowTable

_WIDTH = 640
_ROWS = 14
_MOVES = (Qt.Key.Key_Up, Qt.Key.Key_Down, Qt.Key.Key_PageUp, Qt.Key.Key_PageDown)


def _title(entry: Entry) -> Cell:
    return Cell(entry.title, Colour.TEXT if entry.possible else Colour.DIM)


def _place(entry: Entry) -> Cell:
    return Cell(entry.place if entry.possible else f"{entry.place} · not possible now", Colour.DIM)


_COLUMNS: tuple[Column[Entry], ...] = (
    Column("Command", cell=_title, width=30, stretch=True),
    Column("Where", cell=_place, width=20, widest=40),
    Column("Keys", cell=lambda entry: Cell(entry.shortcut, Colour.DIM), align=Align.RIGHT, width=8),
)


class _Entries(ListModel[Entry]):
    def __init__(self, parent: QObject) -> None:
        super().__init__(_COLUMNS, parent)

    def key(self, record: Entry) -> object:
        return record.title, record.place


class CommandPalette(QFrame):
    """Stands over the window's upper part while it is used; nothing behind it stops."""

    def __init__(self, window: QWidget, offers: Offers) -> None:
        super().__init__(window, Qt.WindowType.Popup)
        self.setObjectName("commandPalette")
        self.setAccessibleName(self.tr("Command palette"))
        self._window = window
        self._offers = offers
        self._offered: list[Entry] = []
        self.line = QLineEdit()
        self.line.setObjectName("paletteLine")
        self.line.setPlaceholderText(self.tr("A command, a panel, a bucket, or # and a frame's number"))
        self.line.setAccessibleName(self.tr("Search or run a command"))
        self.line.installEventFilter(self)
        self.model = _Entries(self)
        self.table = RowTable(self.model, "palette", header=False, parent=self)
        self.table.setAccessibleName(self.tr("What fits"))
        self.table.setFocusProxy(self.line)
        self.note = EmptyNote(self.table, top=0)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(8, 8, 8, 8)
        layout.setSpacing(6)
        layout.addWidget(self.line)
        layout.addWidget(self.table)
        self.line.textChanged.connect(self._find)
        self.line.returnPressed.connect(self.run_chosen)
        self.table.clicked.connect(lambda _index: self.run_chosen())

    def ask(self) -> None:
        """Come up, empty."""
        self._offered = entries(self._offers)
        width = min(_WIDTH, self._window.width() - 40)
        self.setFixedWidth(width)
        self.line.clear()
        self._find("")
        corner = self._window.mapToGlobal(self._window.rect().topLeft())
        self.move(corner.x() + (self._window.width() - width) // 2, corner.y() + 64)
        self.show()
        self.table.fit_columns()
        self.line.setFocus()

    def run_chosen(self) -> None:
        """Carry out the current line, where that is possible."""
        entry = self.model.record(max(0, self.table.currentIndex().row()))
        if entry is not None and entry.possible:
            self.hide()
            entry.run()

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if event.type() is QEvent.Type.KeyPress and isinstance(event, QKeyEvent) and event.key() in _MOVES:
            self.table.keyPressEvent(event)
            return True
        return False

    def _find(self, wanted: str) -> None:
        found = [*by_number(wanted, self._offers), *matching(wanted, self._offered)]
        self.model.show_records([])
        self.model.show_records(found)
        self.note.say("" if found else self.tr("Nothing fits. Fewer letters find more."))
        self.table.setFixedHeight(max(2, min(_ROWS, len(found))) * row_height())
        self.adjustSize()
        if found:
            self.table.choose_row(0)
            self.table.fit_columns()
