"""Asks before local writes are given up, and shows exactly what is lost."""

from collections import Counter
from collections.abc import Sequence

import msgspec
from PySide6.QtCore import Qt
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QDialog, QDialogButtonBox, QLabel, QPushButton, QVBoxLayout, QWidget

from inspector.analysis.pending_writes import PendingWrite, change_words
from inspector.ui.fonts import row_height, zoomed
from inspector.ui.panels.uploads.columns import PENDING_COLUMNS, Line
from inspector.ui.theme import Colour
from inspector.ui.widgets.mono_text import MonoText
from inspector.ui.widgets.row_model import ListModel
from inspector.ui.widgets.row_table import RowTable
from inspector.ui.widgets.tone import set_tone
from inspector.words import plural

_SHOWN = ("Op", "Row", "Change")
_WIDTH, _HEIGHT, _WHOLE_HEIGHT = 720, 250, 104
"""Pixels; the rows come on top of the height."""
_MOST_ROWS = 14
"""So many are seen at once."""
_KINDS = {
    "PATCH": ("changed row", "changed rows"),
    "PUT": ("row set whole", "rows set whole"),
    "DELETE": ("deletion", "deletions"),
    "": ("unreadable entry", "unreadable entries"),
}


class DiscardDialog(QDialog):
    """Modal to its window alone; nothing stops syncing meanwhile. Accepted: discard."""

    def __init__(self, writes: Sequence[PendingWrite], parent: QWidget) -> None:
        super().__init__(parent)
        self._writes = writes
        count, tx_id = plural(len(writes), self.tr("local write")), writes[0].entry.tx_id
        self.setObjectName("discardDialog")
        self.setWindowTitle(self.tr("Discard {0}").format(count))
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.resize(_WIDTH, _HEIGHT + min(len(writes), _MOST_ROWS) * row_height())
        what = self.tr("the oldest entry") if tx_id is None else self.tr("transaction {0}").format(tx_id)
        lead = QLabel(self.tr("Discarding {0} loses {1}:").format(what, count))
        set_tone(lead, Colour.TEXT, bold=True)
        self.kinds = QLabel(loss_in_short(writes))
        self.kinds.setTextFormat(Qt.TextFormat.PlainText)
        self.kinds.setWordWrap(True)
        self.kinds.setVisible(len(writes) > 1)
        then = QLabel(
            self.tr(
                "With the next checkpoint, changed rows get the service's values again, new rows go, and deleted ones "
                "come back. Nobody else has these changes: copy them if they may be needed."
            )
        )
        then.setWordWrap(True)
        set_tone(then, Colour.DIM)
        columns = tuple(column for column in PENDING_COLUMNS if column.title in _SHOWN)
        model: ListModel[Line] = ListModel(columns, self)
        model.show_records(list(writes))
        self.table = RowTable(model, "discarded", parent=self)
        self.table.setAccessibleName(self.tr("What is lost"))
        self.whole = MonoText("discardedWhole")
        self.whole.setAccessibleName(self.tr("The chosen local write, whole"))
        self.whole.setFixedHeight(zoomed(_WHOLE_HEIGHT))
        self.table.row_chosen.connect(self._show_whole)
        self.table.choose_row(0)
        self.buttons = QDialogButtonBox()
        self.discard = QPushButton(self.tr("Discard {0}").format(count))
        self.discard.setObjectName("discardButton")
        self.copy = QPushButton(self.tr("Copy as JSON"))
        keep = QPushButton(self.tr("Keep"))
        self.buttons.addButton(self.discard, QDialogButtonBox.ButtonRole.AcceptRole)
        self.buttons.addButton(keep, QDialogButtonBox.ButtonRole.RejectRole)
        self.buttons.addButton(self.copy, QDialogButtonBox.ButtonRole.ActionRole)
        keep.setDefault(True)
        self.buttons.accepted.connect(self.accept)
        self.buttons.rejected.connect(self.reject)
        self.copy.clicked.connect(self._copy)
        layout = QVBoxLayout(self)
        for part in (lead, self.kinds, self.table, self.whole, then, self.buttons):
            layout.addWidget(part)
        # A button that has the keyboard is the default one, whatever else is said.
        keep.setFocus()

    def _show_whole(self, row: int) -> None:
        self.whole.setPlainText(_whole(self._writes[row]) if 0 <= row < len(self._writes) else "")

    def _copy(self) -> None:
        QGuiApplication.clipboard().setText(entries_as_json(self._writes))
        self.copy.setText(self.tr("Copied"))


def loss_in_short(writes: Sequence[PendingWrite]) -> str:
    """How many of each kind, by table: `todos: 20 changed rows, 2 deletions · lists: 1 changed row`."""
    tables = dict.fromkeys(write.entry.row_type for write in writes)
    return " · ".join(f"{table or '?'}: {_kinds_in(writes, table)}" for table in tables)


def _kinds_in(writes: Sequence[PendingWrite], table: str) -> str:
    ops = Counter(write.entry.op for write in writes if write.entry.row_type == table)
    return ", ".join(plural(count, *_KINDS.get(op, (op, op))) for op, count in ops.items())


def _whole(write: PendingWrite) -> str:
    entry = write.entry
    return f"{entry.op} {entry.row_type}/{entry.row_id}\n{change_words(write)}" if entry.op else change_words(write)


def entries_as_json(writes: Sequence[PendingWrite]) -> str:
    """The entries as they are stored, one to a line, in a JSON array."""
    texts = (write.entry.text if write.entry.op else msgspec.json.encode(write.entry.text).decode() for write in writes)
    return "[\n" + ",\n".join(texts) + "\n]"
