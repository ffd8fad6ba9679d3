"""The connections that were made before: one is taken over by choosing it, and forgotten on request."""

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QAction, QKeySequence
from PySide6.QtWidgets import QPushButton, QVBoxLayout, QWidget

from inspector.engine.connection_entry import ConnectionEntry
from inspector.ui.fonts import zoomed
from inspector.ui.recent_connections import RecentConnections, title_of
from inspector.ui.widgets.columns import Cell, Column
from inspector.ui.widgets.empty_note import EmptyNote
from inspector.ui.widgets.row_model import ListModel
from inspector.ui.widgets.row_table import RowTable

_WIDTH = 220


def _title(entry: ConnectionEntry) -> Cell:
    streams = ", ".join(line.strip() for line in entry.streams.splitlines() if line.strip())
    parts = (entry.endpoint, f"Streams: {streams}" if streams else "")
    return Cell(title_of(entry), tooltip="\n".join(part for part in parts if part))


_COLUMNS: tuple[Column[ConnectionEntry], ...] = (Column("Recent connections", cell=_title, stretch=True),)


class _RecentModel(ListModel[ConnectionEntry]):
    """Connections that were made before."""


class RecentList(QWidget):
    """The list with its button."""

    chosen = Signal(object)
    """`ConnectionEntry`, without its secret."""

    def __init__(self, recent: RecentConnections) -> None:
        super().__init__()
        self._recent = recent
        self.model = _RecentModel(_COLUMNS, self)
        self.table = RowTable(self.model, "recentConnections", parent=self)
        self.table.setAccessibleName(self.tr("Recent connections"))
        self.note = EmptyNote(self.table)
        self.forget_action = QAction(self.tr("Forget this connection"), self.table)
        self.forget_action.setShortcut(QKeySequence.StandardKey.Delete)
        self.forget_action.setShortcutContext(Qt.ShortcutContext.WidgetShortcut)
        self.forget_action.setToolTip(
            self.tr("Take it out of this list, and its token out of the system's keyring. Its files stay.")
        )
        self.forget_action.triggered.connect(lambda: self._forget())
        self.table.addAction(self.forget_action)
        self.forget = QPushButton(self.forget_action.text())
        self.forget.setToolTip(self.forget_action.toolTip())
        self.forget.setAutoDefault(False)
        self.forget.clicked.connect(self.forget_action.trigger)
        self.fit_to_zoom()
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.addWidget(self.table, 1)
        layout.addWidget(self.forget)
        self.table.row_chosen.connect(self._chosen)
        self.show_newest()

    def fit_to_zoom(self) -> None:
        """Be as wide as its text asks for."""
        self.setFixedWidth(zoomed(_WIDTH))

    def show_newest(self) -> None:
        """Show what is remembered now."""
        self.model.show_records(self._recent.entries())
        self.note.say("" if self.model.row_count() else self.tr("Connections that you make appear here."))
        self._enable()

    def _chosen(self, row: int) -> None:
        self._enable()
        entry = self.model.record(row)
        if entry is not None:
            self.chosen.emit(entry)

    def _forget(self) -> None:
        entry = self.model.record(self.table.currentIndex().row())
        if entry is not None:
            self._recent.forget(entry)
            self.show_newest()

    def _enable(self) -> None:
        there = self.model.record(self.table.currentIndex().row()) is not None
        self.forget_action.setEnabled(there)
        self.forget.setEnabled(there)
