"""What a table shows: a column says how a record becomes a cell, and nothing else knows."""

from collections.abc import Callable
from dataclasses import dataclass
from enum import Enum
from typing import Any, Generic, TypeVar

from inspector.ui.theme import Colour

R = TypeVar("R")

DASH = "–"
"""Stands for what is not known; its tooltip says why."""


class Align(Enum):
    """Where a cell's text stands."""

    LEFT = 0
    RIGHT = 1


class Face(Enum):
    """The font of a cell."""

    TEXT = 0
    MONO = 1


@dataclass(frozen=True, slots=True)
class Mark:
    """A glyph with a meaning, painted before the text in its colour; `■` becomes a small square."""

    glyph: str
    colour: Colour


@dataclass(frozen=True, slots=True)
class Note:
    """A remark behind a cell's text, such as `✓ recomputed`."""

    text: str
    colour: Colour


@dataclass(frozen=True, slots=True)
class Cell:
    """One cell as it is painted; `whole` is the unshortened text, where that is at hand."""

    text: str = ""
    colour: Colour = Colour.TEXT
    mark: Mark | None = None
    note: Note | None = None
    whole: str = ""
    tooltip: str = ""
    marked: tuple[int, int] | None = None
    """The characters from the first to before the last lie on a mark; of cells in the monospaced font."""
    cut_middle: bool = False
    """Where there is too little room, the middle goes: of ids and paths both ends tell something."""
    gives_way: tuple[tuple[int, int], ...] = ()
    """Spans of characters, from the first to before the last, that lose their middles first where there is too little
    room: of a value that another one replaces the ends will do."""
    parts: tuple[tuple[str, Colour], ...] = ()
    """The text again, in pieces of their own colours; painted where all of it fits."""
    align: Align | None = None
    """Where its text stands, if not where the column's does."""
    progress: float | None = None
    """0 … 1, as a bar at the lower edge, in the colour of the mark, or of the text."""


@dataclass(frozen=True, slots=True)
class RowStyle:
    """How a whole row stands: its depth in a tree, whether it opens, and its weight."""

    depth: int = 0
    expanded: bool | None = None
    """None: nothing to open."""
    bold: bool = False
    line_above: bool = False
    """Something begins with this row."""
    tint: Colour | None = None
    """Lies under the row; what it means is said in the row as well."""
    gutter: bool = False
    """Leave the place of the arrow free, so that rows with and without one stand in line."""


PLAIN_ROW = RowStyle()


@dataclass(frozen=True, slots=True)
class Column(Generic[R]):
    """One column: `field` takes a record's value, `format` writes it; None is a dash that `unknown` explains.

    `cell` replaces all of that where colour, mark and text depend on each other. `width` is in characters of the
    column's font, used until the first rows are there to be measured.
    """

    title: str
    field: Callable[[R], Any] | None = None
    format: Callable[[Any], str] = str
    align: Align = Align.LEFT
    face: Face = Face.TEXT
    colour: Colour = Colour.TEXT
    unknown: str = ""
    whole: Callable[[R], str] | None = None
    """The unshortened text, made when somebody asks for it."""
    cell: Callable[[R], Cell] | None = None
    width: int = 10
    widest: int = 44
    """Characters that sizing to content stops at; the user may go further."""
    least: int = 0
    """Characters down to which it gives way to the column that stretches, until the user sizes columns; 0: it stays."""
    stretch: bool = False
    """Takes the room that is left: others give way until it has `width`, and it is never narrower than `least`."""
    explains: str = ""
    """The header's tooltip: the field's word, explained once."""
    word: str | None = ""
    """The field's word that it is about, where its title does not say so: see `glossary.py`. None: the title is no word
    of ours, whatever it says."""
    optional: bool = False
    """Shown while there is room for it, until the user chooses the columns."""
    beside: int = 0
    """Characters that the column that stretches must be left with for an optional one to be shown; 0: its `width`.
    Those that ask for the least come first, and no other column is narrowed for one that asks for more than `width`."""
    with_next: bool = False
    """An optional one that says little without the next: both come up, or none."""
    spare: bool = False
    """Not shown until the user chooses it."""

    def of(self, record: R) -> Cell:
        """The cell of `record`."""
        if self.cell is not None:
            return self.cell(record)
        value = self.field(record) if self.field is not None else None
        if value is None:
            return Cell(DASH, Colour.DIM, tooltip=self.unknown) if self.unknown else Cell()
        return Cell(self.format(value), self.colour)

    def copied(self, record: R) -> str:
        """What the clipboard gets: the whole text."""
        cell = self.of(record)
        return self._whole(record, cell) or cell.text

    def tooltip(self, record: R) -> str:
        """What the cell explains, or its whole text where it shows another; empty when it says all."""
        cell = self.of(record)
        return cell.tooltip or self._whole(record, cell)

    def _whole(self, record: R, cell: Cell) -> str:
        return cell.whole or (self.whole(record) if self.whole is not None else "")


def figures(
    title: str,
    cell: Callable[[R], Cell],
    *,
    width: int,
    whole: Callable[[R], str] | None = None,
    explains: str = "",
    optional: bool = False,
    beside: int = 0,
    spare: bool = False,
) -> Column[R]:
    """A column of figures: right-aligned, each digit as wide as the others."""
    return Column(
        title,
        cell=cell,
        align=Align.RIGHT,
        face=Face.MONO,
        width=width,
        whole=whole,
        explains=explains,
        optional=optional,
        beside=beside,
        spare=spare,
    )
