"""Bytes as rows of hexadecimal digits, and text as rows of lines."""

from collections.abc import Callable
from dataclasses import dataclass

from PySide6.QtCore import QObject

from inspector.ui.panels.frame_bytes.json_colours import coloured
from inspector.ui.theme import Colour
from inspector.ui.things import Things
from inspector.ui.widgets.columns import Cell, Column, Face
from inspector.ui.widgets.row_model import ListModel, RowModel

_LONGEST_LINE = 2000
"""Characters; longer lines go on in the next row."""


@dataclass(frozen=True, slots=True)
class HexRow:
    """A few bytes and where they begin."""

    offset: int
    chunk: bytes
    per_row: int
    digits: int
    """Of every offset in the body."""
    marked: tuple[int, int] | None = None
    """Bytes of this row that belong to the selected field: the first, and the one after the last."""


def _hex(row: HexRow) -> Cell:
    half = row.per_row // 2
    text = f"{row.chunk[:half].hex(' ')}  {row.chunk[half:].hex(' ')}".rstrip()
    if row.marked is None:
        return Cell(text)
    begin, last = row.marked[0], row.marked[1] - 1
    return Cell(text, marked=(3 * begin + (begin >= half), 3 * last + (last >= half) + 2))


def _text(row: HexRow) -> Cell:
    text = "".join(chr(byte) if 0x20 <= byte < 0x7F else "·" for byte in row.chunk)
    return Cell(text, Colour.DIM, marked=row.marked)


OFFSET, BYTES, TEXT = range(3)

HEX_COLUMNS: tuple[Column[HexRow], ...] = (
    Column("Offset", cell=lambda row: Cell(f"{row.offset:0{row.digits}x}", Colour.DIM), face=Face.MONO, width=4),
    Column("Bytes", cell=_hex, face=Face.MONO, width=24, widest=200),
    Column("Text", cell=_text, face=Face.MONO, width=8, least=4, stretch=True),
)


class HexModel(RowModel[HexRow]):
    """Rows cut from the body when they are asked for; how many bytes one has follows from the panel's width."""

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(HEX_COLUMNS, parent)
        self._body = b""
        self._marked: tuple[int, int] | None = None
        self.per_row = 16
        self.pointed: int | None = None
        """The byte that was clicked last."""
        self.things_of: Callable[[int], Things] = lambda _: Things()
        """What a byte is about."""

    def things(self, record: HexRow) -> Things:
        byte = self.pointed
        here = byte is not None and record.offset <= byte < record.offset + len(record.chunk)
        return self.things_of(byte) if byte is not None and here else Things()

    def show_bytes(self, body: bytes) -> None:
        """Show `body`."""
        self.beginResetModel()
        self._body = body
        self._marked = None
        self.endResetModel()

    def mark(self, span: tuple[int, int] | None) -> int | None:
        """Mark the bytes of a field; the row in which they begin."""
        self._marked = span
        if self.row_count():
            self.dataChanged.emit(self.index(0, 0), self.index(self.row_count() - 1, len(self.columns) - 1))
        return None if span is None else span[0] // self.per_row

    def set_per_row(self, per_row: int) -> None:
        """Show so many bytes a row."""
        if per_row != self.per_row:
            self.beginResetModel()
            self.per_row = per_row
            self.endResetModel()

    @property
    def digits(self) -> int:
        """How many hexadecimal digits an offset has."""
        return max(4, 2 * -(-len(f"{len(self._body):x}") // 2))

    def row_count(self) -> int:
        return -(-len(self._body) // self.per_row)

    def record(self, row: int) -> HexRow | None:
        offset = row * self.per_row
        if not 0 <= offset < len(self._body):
            return None
        chunk = self._body[offset : offset + self.per_row]
        return HexRow(offset, chunk, self.per_row, self.digits, self._marked_in(offset, len(chunk)))

    def _marked_in(self, offset: int, size: int) -> tuple[int, int] | None:
        if self._marked is None:
            return None
        first, end = max(0, self._marked[0] - offset), min(size, self._marked[1] - offset)
        return (first, end) if first < end else None


class LinesModel(ListModel[str]):
    """Lines of text, in the colours of JSON when they are `coloured`."""

    def __init__(self, parent: QObject | None = None) -> None:
        column = Column("Text", cell=self._cell, face=Face.MONO, width=8, widest=_LONGEST_LINE)
        super().__init__((column,), parent)
        self.coloured = False
        self.cut_at = _LONGEST_LINE
        """Characters: a row of so many goes on in the next one."""

    def joined(self, rows: list[str], first: int) -> str:
        """`rows` from row `first` on, or parts of them, as text: rows that were cut are one line again."""
        whole = self.records[first : first + len(rows)]
        gaps = ["" if len(row) >= self.cut_at else "\n" for row in whole]
        return "".join(row + gap for row, gap in zip(rows, gaps, strict=True))[: -len(gaps[-1]) or None]

    def _cell(self, line: str) -> Cell:
        return Cell(line, parts=coloured(line)) if self.coloured else Cell(line)


def wrapped(lines: list[str], width: int) -> list[str]:
    """Lines of at most `width` characters."""
    rows: list[str] = []
    for line in lines:
        if len(line) <= width:
            rows.append(line)
        else:
            rows += [line[start : start + width] for start in range(0, len(line), width)]
    return rows


def raw_text(body: bytes) -> str:
    """The body as text on one line; what is no text is shown as a replacement character."""
    return body.decode(errors="replace").translate(dict.fromkeys(range(32), "·"))
