"""The header of a row table: widths, order and choice of columns belong to the user and are remembered."""

import math
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from functools import lru_cache, partial
from typing import Any

from PySide6.QtCore import QByteArray, QEvent, QPoint, QSettings, Qt, Signal
from PySide6.QtGui import QFontMetricsF, QHelpEvent
from PySide6.QtWidgets import QHeaderView, QMenu, QStyleOptionHeader, QToolTip, QWidget

from inspector.ui.by_program import ByProgram
from inspector.ui.docs.glossary import explained, word_of
from inspector.ui.fonts import PADDING, mono_width, small_font, zoom
from inspector.ui.widgets.row_model import RowModel
from inspector.ui.widgets.tooltips import plain_tooltip

_NARROWEST = 28
_SQUEEZED_STRETCH = 9
"""Characters that the column which stretches keeps where the room is too scarce for all to have their least."""


class RowHeader(QHeaderView):
    """A horizontal header whose sections may be resized, moved and hidden; one of them takes what room is left."""

    changed = Signal()
    explanation_wanted = Signal()
    """What the columns mean is to be read in full."""
    word_wanted = Signal(str)
    """What this word of the field's means is to be read in full."""

    def __init__(self, model: RowModel[Any], parent: QWidget) -> None:
        super().__init__(Qt.Orientation.Horizontal, parent)
        self._columns = model.columns
        self._chosen_by_user = False
        self.resized_by_user = False
        self.sortable: frozenset[int] = frozenset()
        """The columns on whose header a click sorts."""
        self._room = 0
        self._wanted: dict[int, int] = {}
        self._kept_room: dict[int, int] = {}
        self._by_program = ByProgram()
        with self._by_program:
            self.setModel(model)
            self.setSectionsMovable(True)
            self.setSectionsClickable(True)
            self.setHighlightSections(False)
            self.setMinimumSectionSize(_NARROWEST)
            self.setTextElideMode(Qt.TextElideMode.ElideRight)
            for index, column in enumerate(self._columns):
                self.fit(index, self._in_pixels(column.width))
                self.setSectionHidden(index, column.optional or column.spare)
            self.setContextMenuPolicy(Qt.ContextMenuPolicy.CustomContextMenu)
            self.customContextMenuRequested.connect(self._offer_columns)
            self.sectionResized.connect(self._resized)
            self.sectionMoved.connect(self._moved)

    def fit(self, column: int, content_width: int) -> None:
        """Make a column as wide as its content in pixels, its title at least, its `widest` at most."""
        title = _title_width(self._columns[column].title, zoom())
        widest = int(self._columns[column].widest * mono_width())
        room = max(content_width, self._kept_room.get(column, 0))
        self._wanted[column] = max(int(title) + 2 * PADDING + 2, min(room, widest))
        with self._by_program:
            self.resizeSection(column, self._wanted[column])
        self._arrange()

    def keep_room(self, column: int, content_width: int) -> None:
        """Content of this width is there, in sight or not: the column is never fitted to less."""
        self._kept_room[column] = content_width
        if not self.resized_by_user:
            self.fit(column, max(content_width, self._wanted[column]))

    @contextmanager
    def fitting(self) -> Iterator[None]:
        """Many columns are fitted in here: room is given and taken once, at the end."""
        with self._by_program:
            yield
        self._arrange()

    def set_room(self, width: int) -> None:
        """The table is `width` pixels wide now."""
        if width != self._room:  # asked for whenever rows come or go
            self._room = width
            self._arrange()

    def show_columns(self, shown: set[int], _checked: bool = False) -> None:
        """Show these columns and no others, from now on."""
        self._chosen_by_user = True
        with self._by_program:
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
        settings.setValue(f"{self._key(name)}-sized", self.resized_by_user)

    def restore(self, settings: QSettings, name: str) -> bool:
        """Take over what was remembered; False when there is nothing, or it is of other columns."""
        state = settings.value(self._key(name))
        with self._by_program:
            if not isinstance(state, QByteArray) or not self.restoreState(state):
                return False
        # Truth comes back from an INI file as a word.
        self._chosen_by_user = settings.value(f"{self._key(name)}-chosen") in (True, "true")
        self.resized_by_user = settings.value(f"{self._key(name)}-sized") in (True, "true")
        return True

    def take_as_sized(self) -> None:
        """The user sized a column. Whoever does, or puts one elsewhere, has seen those that there are: none goes or
        comes for it."""
        self.resized_by_user = self._chosen_by_user = True

    def _resized(self) -> None:
        if not self._by_program:
            self.take_as_sized()
            self._arrange()

    def _moved(self) -> None:
        if not self._by_program:
            self._chosen_by_user = True
        self.changed.emit()

    def _arrange(self) -> None:
        """Show the optional columns that there is room for, and give what is left to the column that stretches."""
        if self._by_program or not self._room:
            return
        with self._by_program:
            if not self._chosen_by_user:
                self._show_what_fits()
            if not self.resized_by_user:
                self._give_way()
            for stretching in self._stretching():
                others = self.length() - self.sectionSize(stretching)
                least = self._least_of(stretching)
                if others + least > self._room and not self.resized_by_user:
                    others, least = self._squeeze(others, least)
                self.resizeSection(stretching, max(least, self._room - others))
        self.changed.emit()

    def _least_of(self, column: int) -> int:
        """What a column gives way to before the room gets scarce, in pixels."""
        return self._in_pixels(self._columns[column].least or self._columns[column].width)

    def _squeeze(self, others: int, least: int) -> tuple[int, int]:
        """Narrow all that can be narrowed once more, so that nobody scrolls sideways for the last column unless there
        is no other way. What the others take then, and the least of the one that stretches."""
        least = min(least, self._in_pixels(_SQUEEZED_STRETCH))
        giving = {i: self.sectionSize(i) - self._squeezed(i) for i in self.shown_columns() if self._gives(i)}
        spare = sum(giving.values())
        share = min(1.0, max(0, others + least - self._room) / spare) if spare else 0.0
        for column, room in giving.items():
            self.resizeSection(column, self.sectionSize(column) - math.ceil(room * share))
            others -= math.ceil(room * share)
        return others, least

    def _squeezed(self, column: int) -> int:
        """The narrowest that a column is made: its title stays whole."""
        title = int(_title_width(self._columns[column].title, zoom())) + 2 * PADDING + 2
        return min(self.sectionSize(column), max(title, self._in_pixels(self._columns[column].least // 2)))

    def _stretching(self) -> list[int]:
        return [column for column in self.shown_columns() if self._columns[column].stretch][:1]

    def _give_way(self) -> None:
        """Narrow the columns that can be, by what each can give, as far as the one that stretches needs it."""
        shown = self.shown_columns()
        needed = sum(
            self._in_pixels(self._columns[i].width) if self._columns[i].stretch else self._wanted[i] for i in shown
        )
        giving = {i: self._wanted[i] - self._narrowest(i) for i in shown if self._gives(i)}
        spare = sum(giving.values())
        share = min(1.0, max(0, needed - self._room) / spare) if spare else 0.0
        for column, room in giving.items():
            self.resizeSection(column, self._wanted[column] - math.ceil(room * share))

    def _gives(self, column: int) -> bool:
        return bool(self._columns[column].least) and not self._columns[column].stretch

    def _show_what_fits(self) -> None:
        """Optional columns of which none is left out for one that asks for more room."""
        columns = self._columns
        fixed = [i for i, column in enumerate(columns) if not (column.optional or column.spare or column.stretch)]
        wanted = next((column.width for column in columns if column.stretch), 0)
        whole = self._room - sum(self._whole_width(i) for i in fixed)
        narrowed = self._room - sum(self._narrowest(i) for i in fixed)
        asked = {i: column.beside or wanted for i, column in enumerate(columns) if column.optional}
        fits = True
        for index, beside in sorted(asked.items(), key=lambda item: item[1]):
            taken = self._narrowest(index)
            left = self._in_pixels(beside) if beside else 0
            partner = self._narrowest(index + 1) if columns[index].with_next else 0
            fits = fits and taken + partner + left <= (narrowed if beside <= wanted else whole)
            self.setSectionHidden(index, not fits)
            whole, narrowed = whole - taken, narrowed - taken

    def _whole_width(self, column: int) -> int:
        """What a column takes that nothing has narrowed."""
        return self.sectionSize(column) if self.resized_by_user else self._wanted[column]

    def _narrowest(self, column: int) -> int:
        """What it takes once it has given all that it gives."""
        whole = self._whole_width(column)
        gives = self._gives(column) and not self.resized_by_user
        return min(whole, self._in_pixels(self._columns[column].least)) if gives else whole

    def _in_pixels(self, characters: int) -> int:
        """The width of a cell of the monospaced font that shows so many whole."""
        return math.ceil(characters * mono_width()) + 2 * PADDING + 2

    def _key(self, name: str) -> str:
        # Qt restores a state of other columns without a word, and wrongly.
        titles = "\t".join(column.title for column in self._columns)
        return f"columns/{name}-{zlib.crc32(titles.encode()):08x}"

    def initStyleOptionForIndex(self, option: QStyleOptionHeader, logical_index: int) -> None:
        super().initStyleOptionForIndex(option, logical_index)
        # Qt's arrow points down where values grow; in the menus, and elsewhere, it points up.
        indicator = QStyleOptionHeader.SortIndicator
        if option.sortIndicator is indicator.SortDown:
            option.sortIndicator = indicator.SortUp
        elif option.sortIndicator is indicator.SortUp:
            option.sortIndicator = indicator.SortDown

    def viewportEvent(self, event: QEvent) -> bool:
        if event.type() is QEvent.Type.ToolTip and isinstance(event, QHelpEvent):
            QToolTip.showText(event.globalPos(), plain_tooltip(self.tooltip_at(event.pos())), self.viewport())
            return True
        return super().viewportEvent(event)

    def tooltip_at(self, point: QPoint) -> str:
        """What the tooltip says: the title where it is cut, what the column shows, what its word means."""
        index = self.logicalIndexAt(point.x())
        if index < 0:
            return ""
        column = self._columns[index]
        text = explained(column.title, column.explains, column.word)
        cut = QFontMetricsF(small_font()).horizontalAdvance(column.title) + 2 * PADDING > self.sectionSize(index)
        return f"{column.title}\n{text}".strip() if cut else text

    def _word_at(self, point: QPoint) -> str:
        index = self.logicalIndexAt(point.x())
        return "" if index < 0 else word_of(self._columns[index].title, self._columns[index].word)

    def fill_choice(self, menu: QMenu, word: str = "") -> None:
        """Which columns are shown, and what they mean; `word` is the one that is pointed at."""
        shown = self.shown_columns()
        for index, column in enumerate(self._columns):
            action = menu.addAction(column.title)
            action.setCheckable(True)
            action.setChecked(index in shown)
            action.setEnabled(shown != [index])
            action.triggered.connect(partial(self.show_columns, {*shown} ^ {index}))
        menu.addSeparator()
        if word:
            menu.addAction(self.tr("What is “{0}”?").format(word), lambda: self.word_wanted.emit(word))
        menu.addAction(self.tr("Explain these columns"), self.explanation_wanted.emit)

    def _offer_columns(self, position: QPoint) -> None:
        menu = QMenu(self)
        self.fill_choice(menu, self._word_at(position))
        menu.exec(self.mapToGlobal(position))
        menu.deleteLater()


@lru_cache(maxsize=1024)
def _title_width(title: str, _zoom: int) -> float:
    return QFontMetricsF(small_font()).horizontalAdvance(title)
