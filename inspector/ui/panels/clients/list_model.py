"""The shared list as an editable model: what is typed and ticked becomes local writes."""

import time
from collections.abc import Callable, Mapping
from typing import Any
from uuid import uuid4

from PySide6.QtCore import QAbstractListModel, QModelIndex, QObject, QPersistentModelIndex, Qt

from inspector.analysis.devices.last_changes import LastChange
from inspector.analysis.story.shared_list import Item, SharedList
from inspector.service.groceries import LIST_ID
from inspector.store.local_write import LocalWrite
from inspector.words import ago

NOTE_ROLE = Qt.ItemDataRole.UserRole
"""What is to be said of a row beside its text; empty when the service has it as it is."""
CHANGE_ROLE = Qt.ItemDataRole.UserRole + 1
"""Who changed it last, and when; empty when that is not known."""
_Index = QModelIndex | QPersistentModelIndex


class SharedListModel(QAbstractListModel):
    """The items of one client. `write` is called with each change; the row shows it once the client database does."""

    def __init__(self, owner: str, write: Callable[[LocalWrite], None], parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.name = ""
        self._owner = owner
        self._last_changes: Mapping[str, LastChange] = {}
        self.items: tuple[Item, ...] = ()
        self._write = write

    def show_list(self, shown: SharedList) -> None:
        """Show these items; rows that stay keep their place and selection."""
        self.name = shown.name
        before, after = [item.id for item in self.items], [item.id for item in shown.items]
        if before != after:
            self._move_to(shown.items)
        changed = [row for row, item in enumerate(shown.items) if self.items[row] != item]
        self.items = shown.items
        for row in changed:
            self.dataChanged.emit(self.index(row), self.index(row))

    def show_last_changes(self, changes: Mapping[str, LastChange]) -> None:
        """Say who changed what last; to be said again as time passes."""
        self._last_changes = changes
        if self.items:
            self.dataChanged.emit(self.index(0), self.index(len(self.items) - 1), [CHANGE_ROLE])

    def _move_to(self, items: tuple[Item, ...]) -> None:
        kept = {item.id for item in items}
        for row in reversed(range(len(self.items))):
            if self.items[row].id not in kept:
                self.beginRemoveRows(QModelIndex(), row, row)
                self.items = (*self.items[:row], *self.items[row + 1 :])
                self.endRemoveRows()
        for row, item in enumerate(items):
            if row < len(self.items) and self.items[row].id == item.id:
                continue
            if item.id in {present.id for present in self.items}:
                self.beginResetModel()
                self.items = items
                self.endResetModel()
                return
            self.beginInsertRows(QModelIndex(), row, row)
            self.items = (*self.items[:row], item, *self.items[row:])
            self.endInsertRows()

    def add(self, description: str, created_at: str) -> None:
        """Write a new item; `created_at` is what the list is sorted by."""
        data = {"list_id": LIST_ID, "description": description, "completed": 0, "created_at": created_at}
        self._write(LocalWrite("PUT", "todos", str(uuid4()), data))

    def delete(self, row: int) -> None:
        """Write that an item goes."""
        if 0 <= row < len(self.items):
            self._write(LocalWrite("DELETE", "todos", self.items[row].id))

    def rowCount(self, parent: _Index = QModelIndex()) -> int:  # noqa: B008
        return 0 if parent.isValid() else len(self.items)

    def data(self, index: _Index, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        if not index.isValid() or index.row() >= len(self.items):
            return None
        item = self.items[index.row()]
        match role:
            case Qt.ItemDataRole.DisplayRole | Qt.ItemDataRole.EditRole:
                return item.description
            case Qt.ItemDataRole.CheckStateRole:
                return Qt.CheckState.Checked if item.completed else Qt.CheckState.Unchecked
            case Qt.ItemDataRole.AccessibleTextRole:
                return " · ".join(part for part in (item.description, self._note(item) or self._change(item)) if part)
            case _ if role == NOTE_ROLE:
                return self._note(item)
            case _ if role == CHANGE_ROLE:
                return self._change(item)
        return None

    def setData(self, index: _Index, value: Any, role: int = Qt.ItemDataRole.EditRole) -> bool:
        if not index.isValid() or index.row() >= len(self.items):
            return False
        item = self.items[index.row()]
        if role == Qt.ItemDataRole.CheckStateRole:
            self._write(LocalWrite("PATCH", "todos", item.id, {"completed": int(not item.completed)}))
            return True
        if role == Qt.ItemDataRole.EditRole and str(value) != item.description:
            self._write(LocalWrite("PATCH", "todos", item.id, {"description": str(value)}))
            return True
        return False

    def flags(self, index: _Index) -> Qt.ItemFlag:
        if not index.isValid():
            return Qt.ItemFlag.NoItemFlags
        flags = Qt.ItemFlag.ItemIsEnabled | Qt.ItemFlag.ItemIsSelectable
        return flags | Qt.ItemFlag.ItemIsEditable | Qt.ItemFlag.ItemIsUserCheckable | Qt.ItemFlag.ItemNeverHasChildren

    def _note(self, item: Item) -> str:
        if item.pending:
            return self.tr("not uploaded")
        return self.tr("not confirmed") if item.unconfirmed else ""

    def _change(self, item: Item) -> str:
        change = self._last_changes.get(item.id)
        if change is None:
            return ""
        who = self.tr("you") if change.who == self._owner else change.who or self.tr("elsewhere")
        return f"{who}, {ago(change.at, time.time_ns())}"
