"""The header of a row table: widths, order and choice of columns belong to the user and are remembered."""

import zlib
from functools import partial
from typing import Any

from PySide6.QtCore import QByteArray, QPoint, QSettings, Qt, Signal
from PySide6.QtGui import QFontMetricsF, QGuiApplication
from PySide6.QtWidgets import QHeaderView, QMenu, QWidget

from inspector.ui.fonts import PADDING, mono_width, small_font
from inspector.ui.widgets.row_model import RowModel

_NARROWEST = 28


class RowHeader(QHeaderView):
    """A horizontal header whose sections may be resized, moved and hidden; one of them takes what room is left."""

    changed = Signal()

    def __init__(self, model: RowModel[Any], parent: QWidget) -> None:
        super().__init__(Qt.Orientation.Horizontal, parent)
        self._columns = model.columns
        self._chosen_by_user = False
        self.resized_by_user = False
        self._room = 0
        self._arranging = False
        self.setModel(model)
        self.setSectionsMovable(True)
        self.setSectionsClickable(True)
        self.setHighlightSections(False)
        self.setMinimumSectionSize(_NARROWEST)
        self.setTextElideMode(Qt.TextElideMode.ElideRight)
        for index, column in enumerate(self._columns):
            self.fit(index, int(column.width * mono_width()) + 2 * PADDING)
            self.setSectionHidden(index, column.optional)
        self.setContextMenuPolicy(Qt.ContextMenuPolicy.CustomContextMenu)
        self.customContextMenuRequested.connect(self._offer_columns)
        self.sectionResized.connect(self._resized)
        self.sectionMoved.connect(self.changed)

    def fit(self, column: int, content_width: int) -> None:
        """Make a column as wide as its content in pixels, its title at least, its `widest` at most."""
        title = QFontMetricsF(small_font()).horizontalAdvance(self._columns[column].title)
        widest = int(self._columns[column].widest * mono_width())
        self.resizeSection(column, max(int(title) + 2 * PADDING + 2, min(content_width, widest)))

    def set_room(self, width: int) -> None:
        """The table is `width` pixels wide now."""
        self._room = width
        self._arrange()

    def show_columns(self, shown: set[int], _checked: bool = False) -> None:
        """Show these columns and no others, from now on."""
        self._chosen_by_user = True
        for index in range(self.count()):
            self.setSectionHidden(index, index not in shown)
        self._arrange()

    def shown_columns(self) -> list[int]:
        """The columns that are not hidden, from left to right."""
        columns = [self.logicalIndex(visual) for visual in range(self.count())]
        return [column for column in columns if not self.isSectionHidden(column)]

    def save(self, settings: QSettings, name: str) -> None:
        """Remember widths, order and choice."""
        settings.setValue(self._key(name), self.saveState())
        settings.setValue(f"{self._key(name)}-chosen", self._chosen_by_user)

    def restore(self, settings: QSettings, name: str) -> bool:
        """Take over what was remembered; False when there is nothing, or it is of other columns."""
        state = settings.value(self._key(name))
        if not isinstance(state, QByteArray) or not self.restoreState(state):
            return False
        self._chosen_by_user = settings.value(f"{self._key(name)}-chosen") in (True, "true")
        return True

    def _resized(self) -> None:
        if not self._arranging and QGuiApplication.mouseButtons() & Qt.MouseButton.LeftButton:
            self.resized_by_user = True
        self._arrange()

    def _arrange(self) -> None:
        """Show the optional columns that there is room for, and give what is left to the column that stretches."""
        if self._arranging or not self._room:
            return
        self._arranging = True
        if not self._chosen_by_user:
            self._show_what_fits()
        stretching = next((i for i in self.shown_columns() if self._columns[i].stretch), None)
        if stretching is not None:
            others = self.length() - self.sectionSize(stretching)
            self.resizeSection(stretching, max(self._least(stretching), self._room - others))
        self._arranging = False
        self.changed.emit()

    def _show_what_fits(self) -> None:
        room = self._room
        for index, column in enumerate(self._columns):
            if not column.optional:
                room -= self._least(index) if column.stretch else self.sectionSize(index)
        for index, column in enumerate(self._columns):
            if column.optional:
                room -= self._least(index)
                self.setSectionHidden(index, room < 0)

    def _least(self, column: int) -> int:
        return int(self._columns[column].width * mono_width()) + 2 * PADDING

    def _key(self, name: str) -> str:
        # Qt restores a state of other columns without a word, and wrongly.
        titles = "\t".join(column.title for column in self._columns)
        return f"columns/{name}-{zlib.crc32(titles.encode()):08x}"

    def _offer_columns(self, position: QPoint) -> None:
        menu = QMenu(self)
        shown = self.shown_columns()
        for index, column in enumerate(self._columns):
            action = menu.addAction(column.title)
            action.setCheckable(True)
            action.setChecked(index in shown)
            action.setEnabled(shown != [index])
            action.triggered.connect(partial(self.show_columns, {*shown} ^ {index}))
        menu.exec(self.mapToGlobal(position))
        menu.deleteLater()
