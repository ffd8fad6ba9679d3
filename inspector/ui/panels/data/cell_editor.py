"""Edits one cell in its place."""

from collections.abc import Callable
from typing import Any

from PySide6.QtCore import QEvent, QObject, Qt
from PySide6.QtGui import QFocusEvent, QKeyEvent
from PySide6.QtWidgets import QLineEdit

from inspector.store.data_queries import DataColumn
from inspector.ui.fonts import mono_font
from inspector.ui.widgets.row_table import RowTable

_INTEGERS = ("INT", "INTEGER")


class NotThatType(ValueError):
    """The text is no value of the column's type; says so in a sentence."""


def parse_value(column: DataColumn, text: str) -> Any:
    """What `text` is in a column of this type; raises NotThatType."""
    kind = column.type.upper()
    try:
        if kind in _INTEGERS:
            return int(text)
        if kind == "REAL":
            return float(text)
    except ValueError:
        wanted = "a whole number" if kind in _INTEGERS else "a number"
        raise NotThatType(f"“{text}” is no value of {column.name}: the schema casts it to {wanted}.") from None
    return text


class CellEditor(QLineEdit):
    """Over a cell of `table` until Enter or Escape; `done` gets the text.

    Text that was typed stays when the focus goes elsewhere, the list scrolls, or its rows become others.
    """

    def __init__(self, table: RowTable, row: int, column: int, text: str, done: Callable[[str], None]) -> None:
        super().__init__(text, table.viewport())
        self._done, self._table = done, table
        self._row, self._column = row, column
        self.setObjectName("cellEditor")
        self.setFont(mono_font())
        self.setAccessibleName(table.row_model.columns[column].title)
        self.setToolTip(self.tr("Enter writes it, Escape leaves the value as it is."))
        self._place()
        self.selectAll()
        self.installEventFilter(self)
        table.verticalScrollBar().valueChanged.connect(self._moved)
        table.horizontalScrollBar().valueChanged.connect(self._moved)
        table.row_model.modelReset.connect(self._moved)
        self.show()
        self.setFocus()

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if event.type() is QEvent.Type.KeyPress and isinstance(event, QKeyEvent):
            if event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
                text = self.text()
                self._close()
                self._done(text)
                return True
            if event.key() == Qt.Key.Key_Escape:
                self._close()
                return True
        if event.type() is QEvent.Type.FocusOut and isinstance(event, QFocusEvent):
            passing = event.reason() in (Qt.FocusReason.PopupFocusReason, Qt.FocusReason.ActiveWindowFocusReason)
            if not passing and not self.isModified():
                self._close()
        return False

    def _moved(self) -> None:
        if self.isModified():
            self._place()
        else:
            self._close()

    def _place(self) -> None:
        index = self._table.row_model.index(self._row, self._column)
        if index.isValid():
            self.setGeometry(self._table.visualRect(index))

    def _close(self) -> None:
        if not self.isHidden():
            self.hide()
            self.deleteLater()
            self._table.setFocus()
