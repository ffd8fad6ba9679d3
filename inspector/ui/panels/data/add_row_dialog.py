"""Asks for the values of a new row."""

import uuid
from collections.abc import Callable
from typing import Any

from PySide6.QtCore import Qt
from PySide6.QtWidgets import (
    QDialog,
    QDialogButtonBox,
    QFormLayout,
    QLabel,
    QLineEdit,
    QPushButton,
    QVBoxLayout,
    QWidget,
)

from inspector.store.data_queries import TableShape
from inspector.store.local_write import LocalWrite
from inspector.ui.fonts import mono_font
from inspector.ui.panels.data.cell_editor import NotThatType, parse_value
from inspector.ui.theme import Colour
from inspector.ui.widgets.tone import set_tone


class AddRowDialog(QDialog):
    """A line for each column; `done` gets the write. Modal to its window alone."""

    def __init__(self, shape: TableShape, done: Callable[[LocalWrite], None], parent: QWidget) -> None:
        super().__init__(parent)
        self._shape, self._done = shape, done
        self.setObjectName("addRowDialog")
        self.setWindowTitle(self.tr("Add a row to {0}").format(shape.title))
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.resize(460, 120)
        self.edits: dict[str, QLineEdit] = {}
        form = QFormLayout()
        for column in shape.columns:
            edit = QLineEdit()
            edit.setFont(mono_font())
            edit.setPlaceholderText(self.tr("NULL") if column.name != "id" else "")
            edit.setAccessibleName(column.name)
            self.edits[column.name] = edit
            form.addRow(f"{column.name}  ·  {column.type.lower()}" if column.type else column.name, edit)
        if "id" in self.edits:
            self.edits["id"].setText(str(uuid.uuid4()))
        self.problem = QLabel()
        self.problem.setTextFormat(Qt.TextFormat.PlainText)
        self.problem.setWordWrap(True)
        set_tone(self.problem, Colour.BROKEN)
        buttons = QDialogButtonBox()
        self.add = QPushButton(self.tr("Add the row"))
        buttons.addButton(self.add, QDialogButtonBox.ButtonRole.AcceptRole)
        buttons.addButton(QPushButton(self.tr("Cancel")), QDialogButtonBox.ButtonRole.RejectRole)
        buttons.accepted.connect(self._add)
        buttons.rejected.connect(self.reject)
        layout = QVBoxLayout(self)
        layout.addLayout(form)
        layout.addWidget(self.problem)
        layout.addWidget(buttons)

    def _add(self) -> None:
        values: dict[str, Any] = {}
        for column in self._shape.columns:
            text = self.edits[column.name].text()
            if column.name == "id" or not text:
                continue
            try:
                values[column.name] = parse_value(column, text)
            except NotThatType as error:
                self.problem.setText(str(error))
                self.edits[column.name].setFocus()
                return
        self._done(LocalWrite("PUT", self._shape.name, self.edits["id"].text(), values))
        self.accept()
