"""Copies values and rows whole: a page of the grid has no more than the beginning of a long value."""

from collections.abc import Callable, Sequence

import msgspec
from PySide6.QtCore import QObject, Signal
from PySide6.QtGui import QGuiApplication

from inspector.protocol.errors import InspectorError
from inspector.store.data_queries import Row, TableShape, Value
from inspector.ui.background import Background
from inspector.ui.feed import Feed
from inspector.ui.panels.data.columns import value_text
from inspector.ui.readers import Readers
from inspector.ui.theme import Colour
from inspector.ui.widgets.columns import Column
from inspector.words import byte_size, plural

_PAGE = 128
_MOST_CHARACTERS = 100_000_000
_FEWER = "Select fewer rows, or ask for them in SQL, whose results can be written to a file."


class WholeCopies(QObject):
    """Reads what a page lacks off the window's thread."""

    said = Signal(str, object)
    """What was copied, or why it was not, and its `Colour`."""

    def __init__(self, feed: Feed, parent: QObject) -> None:
        super().__init__(parent)
        self._feed = feed
        self._background = Background(self)
        feed.closing.connect(self._background.close)

    def copy_cell(self, shape: TableShape, row: Row, column: int) -> None:
        """All of a value that the clipboard has the beginning of."""
        self._copy(shape, row, (column,), lambda values: value_text(values[column].value))

    def copy_row(self, shape: TableShape, row: Row) -> None:
        """A row as a JSON object."""
        self._copy(shape, row, range(len(shape.columns)), lambda values: row_as_json(shape, values))

    def copy_rows(self, shape: TableShape, positions: Sequence[int], columns: Sequence[Column[Row]]) -> None:
        """The rows at these positions as lines of tab-separated values, in the order of `columns`."""
        files = self._feed.files
        if len(positions) > _PAGE:
            self.said.emit(self.tr("{0} are being copied.").format(plural(len(positions), self.tr("row"))), Colour.DIM)

        def read() -> str:
            readers, lines, size = Readers(files), list[str](), 0
            try:
                for first in range(0, len(positions), _PAGE):
                    assert readers.database is not None
                    for row in readers.database.rows_at(shape, positions[first : first + _PAGE], whole=True):
                        if row is not None:
                            lines.append("\t".join(column.copied(row) for column in columns))
                            size += len(lines[-1])
                    if size > _MOST_CHARACTERS:
                        raise InspectorError("Nothing was copied.", why="It is too much.", next_step=_FEWER)
            finally:
                readers.close()
            if not lines:
                raise _gone()
            return "\n".join(lines)

        self._run(read)

    def _copy(
        self, shape: TableShape, row: Row, columns: Sequence[int], text: Callable[[Sequence[Value]], str]
    ) -> None:
        cut = [column for column in columns if row.values[column].is_cut]
        if not cut:
            self._put(text(row.values))
            return
        files = self._feed.files

        def read() -> str:
            readers, values = Readers(files), list(row.values)
            try:
                for column in cut:
                    assert readers.database is not None
                    found = readers.database.whole_value(shape, row.rowid, shape.columns[column].name)
                    if found is None:
                        raise _gone()
                    values[column] = found
            finally:
                readers.close()
            return text(values)

        self._run(read)

    def _run(self, read: Callable[[], str]) -> None:
        self._background.run(read, self._put, lambda error: self.said.emit(str(error), Colour.BROKEN))

    def _put(self, text: str) -> None:
        QGuiApplication.clipboard().setText(text)
        size = byte_size(len(text.encode(errors="replace")))
        self.said.emit(self.tr("{0} of text are on the clipboard.").format(size), Colour.DIM)


def _gone() -> InspectorError:
    return InspectorError("Nothing was copied.", why="The row is not there any more.")


def row_as_json(shape: TableShape, values: Sequence[Value]) -> str:
    """A row as a JSON object, blobs as hexadecimal digits."""
    fields = {
        column.name: value_text(value.value) if isinstance(value.value, bytes) else value.value
        for column, value in zip(shape.columns, values, strict=True)
    }
    return msgspec.json.encode(fields).decode()
