"""A line of filters, each as wide as the column that it filters."""

from collections.abc import Sequence

from PySide6.QtCore import QTimer, Signal
from PySide6.QtWidgets import QLineEdit, QWidget

from inspector.ui.fonts import row_height
from inspector.ui.widgets.row_table import RowTable

_TYPING_MS = 250
_HINT = (
    "Rows whose {0} has this text in it. Also: = 5, != 5, < 5, <= 5, > 5, >= 5, null, not null. "
    "A filter of each column must hold."
)


class FilterRow(QWidget):
    """Stands above `table` and follows its columns."""

    changed = Signal()
    """Some time after the last key."""

    def __init__(self, table: RowTable, names: Sequence[str]) -> None:
        super().__init__()
        self.setObjectName("filterRow")
        self._table, self._names = table, tuple(names)
        self.edits = [self._edit(name) for name in names]
        self._typing = QTimer(self, singleShot=True, interval=_TYPING_MS)
        self._typing.timeout.connect(self.changed)
        self.setFixedHeight(row_height() + 6)
        table.header.changed.connect(self._place)
        table.header.geometriesChanged.connect(self._place)
        table.header.sectionResized.connect(lambda *_: self._place())
        table.horizontalScrollBar().valueChanged.connect(self._place)
        self._place()

    @property
    def conditions(self) -> tuple[tuple[str, str], ...]:
        """Column and text, where there is a text."""
        return tuple((name, edit.text()) for name, edit in zip(self._names, self.edits, strict=True) if edit.text())

    def set_condition(self, column: int, text: str) -> None:
        """Filter a column by `text` at once."""
        self.edits[column].setText(text)
        self.edits[column].setCursorPosition(0)  # what it asks for stands at its beginning
        self._typing.stop()
        self.changed.emit()

    def clear(self) -> None:
        """Take all filters away."""
        for edit in self.edits:
            edit.clear()

    def _edit(self, name: str) -> QLineEdit:
        edit = QLineEdit(self)
        edit.setObjectName("columnFilter")
        edit.setPlaceholderText(self.tr("filter"))
        edit.setAccessibleName(self.tr("Filter {0}").format(name))
        edit.setToolTip(self.tr(_HINT).format(name))
        edit.textChanged.connect(lambda _: self._typing.start())
        return edit

    def _place(self) -> None:
        header = self._table.header
        for column, edit in enumerate(self.edits):
            edit.setVisible(not header.isSectionHidden(column))
            edit.setGeometry(
                header.sectionViewportPosition(column) + 2, 3, max(0, header.sectionSize(column) - 4), self.height() - 6
            )
