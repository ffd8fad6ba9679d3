"""The table model of every panel: columns are data, a row is one record."""

from typing import Any, Generic, TypeVar

from PySide6.QtCore import QAbstractTableModel, QModelIndex, QObject, QPersistentModelIndex, Qt

from inspector.ui.things import Things
from inspector.ui.widgets.columns import PLAIN_ROW, Align, Cell, Column, RowStyle

R = TypeVar("R")
Index = QModelIndex | QPersistentModelIndex

ALIGNMENT = {
    Align.LEFT: Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter,
    Align.RIGHT: Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter,
}


class RowModel(QAbstractTableModel, Generic[R]):
    """Rows of records; a subclass says how many there are and which stands where.

    The view paints from `record` and `row_style`; `data` serves tests, accessibility and whatever else speaks Qt.
    """

    def __init__(self, columns: tuple[Column[R], ...], parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.columns = columns

    def row_count(self) -> int:
        """How many rows there are now."""
        raise NotImplementedError

    def record(self, row: int) -> R | None:
        """What stands in `row`; None when it cannot be read."""
        raise NotImplementedError

    def row_style(self, record: R) -> RowStyle:
        """How the row of `record` stands."""
        return PLAIN_ROW

    def things(self, record: R) -> Things:
        """What the row of `record` is about: “Reveal in…” follows it to other panels."""
        return Things()

    def several(self, record: R) -> list[tuple[str, Things]]:
        """Several things of one kind that a record is about, such as the buckets of a stream, by their names."""
        return []

    def set_expanded(self, row: int, expanded: bool) -> None:
        """Open or close a row that has others below it."""

    def parent_row(self, row: int) -> int | None:
        """The row that `row` stands below, None at the top."""
        return None

    def cell(self, row: int, column: int) -> Cell:
        """One cell; empty for a record that cannot be read."""
        record = self.record(row)
        return Cell() if record is None else self.columns[column].of(record)

    def copied(self, row: int, column: int) -> str:
        """A cell's whole text, as the clipboard gets it."""
        record = self.record(row)
        return "" if record is None else self.columns[column].copied(record)

    def rowCount(self, parent: Index = QModelIndex()) -> int:  # noqa: B008
        return 0 if parent.isValid() else self.row_count()

    def columnCount(self, parent: Index = QModelIndex()) -> int:  # noqa: B008
        return 0 if parent.isValid() else len(self.columns)

    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        if not index.isValid():
            return None
        if role == Qt.ItemDataRole.TextAlignmentRole:
            cell = self.cell(index.row(), index.column())
            return ALIGNMENT[cell.align or self.columns[index.column()].align]
        if role == Qt.ItemDataRole.DisplayRole:
            cell = self.cell(index.row(), index.column())
            return f"{cell.mark.glyph} {cell.text}" if cell.mark and cell.mark.glyph != "■" else cell.text
        if role == Qt.ItemDataRole.ToolTipRole:
            record = self.record(index.row())
            return None if record is None else self.columns[index.column()].tooltip(record) or None
        return None

    def headerData(self, section: int, orientation: Qt.Orientation, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        if orientation is not Qt.Orientation.Horizontal or not 0 <= section < len(self.columns):
            return None
        column = self.columns[section]
        if role == Qt.ItemDataRole.DisplayRole:
            return column.title
        if role == Qt.ItemDataRole.ToolTipRole:
            return column.explains or None
        if role == Qt.ItemDataRole.TextAlignmentRole:
            return ALIGNMENT[column.align]
        return None


class ListModel(RowModel[R]):
    """A model over records that are all in memory."""

    def __init__(self, columns: tuple[Column[R], ...], parent: QObject | None = None) -> None:
        super().__init__(columns, parent)
        self.records: list[R] = []

    def show_records(self, records: list[R]) -> None:
        """Replace all rows; those that are known by the same key before and after stay selected, wherever they are."""
        before, after = [self.key(record) for record in self.records], [self.key(record) for record in records]
        least = min(len(before), len(after))
        head = next((i for i in range(least) if before[i] != after[i]), least)
        tail = next((i for i in range(least - head) if before[-1 - i] != after[-1 - i]), least - head)
        self._show_between(
            head, before[head : len(before) - tail], after[head : len(after) - tail], records[head : len(after) - tail]
        )
        self.records = records
        if records:
            self.dataChanged.emit(self.index(0, 0), self.index(len(records) - 1, len(self.columns) - 1))

    def _show_between(self, first: int, before: list[object], after: list[object], records: list[R]) -> None:
        """Replace the rows from `first` on that have the keys `before`: those that go and come do so in one run each,
        behind those that stay."""
        places = {key: place for place, key in enumerate(before)}
        wanted = {key: place for place, key in enumerate(after)}
        if len(places) < len(before) or len(wanted) < len(after):  # rows that cannot be told apart
            places = wanted = {}
        stay = [places[key] for key in after if key in places]
        go = sorted(set(range(len(before))) - set(stay))
        come = [place for place, key in enumerate(after) if key not in places]
        self._arrange(first, stay + go)
        if go:
            self.beginRemoveRows(QModelIndex(), first + len(stay), first + len(before) - 1)
            del self.records[first + len(stay) : first + len(before)]
            self.endRemoveRows()
        if come:
            self.beginInsertRows(QModelIndex(), first + len(stay), first + len(after) - 1)
            self.records[first + len(stay) : first + len(stay)] = [records[place] for place in come]
            self.endInsertRows()
        order = [place for place, key in enumerate(after) if key in places] + come
        self._arrange(first, sorted(range(len(order)), key=order.__getitem__))

    def _arrange(self, first: int, order: list[int]) -> None:
        """Put the rows from `first` on into the order of these, which are counted from there."""
        if order == list(range(len(order))):
            return
        self.layoutAboutToBeChanged.emit()
        self.records[first : first + len(order)] = [self.records[first + place] for place in order]
        held = self.persistentIndexList()
        now = {first + place: first + row for row, place in enumerate(order)}
        self.changePersistentIndexList(
            held, [self.index(now.get(index.row(), index.row()), index.column()) for index in held]
        )
        self.layoutChanged.emit()

    def key(self, record: R) -> object:
        """What a record is recognised by when others come."""
        return record

    def row_count(self) -> int:
        return len(self.records)

    def record(self, row: int) -> R | None:
        return self.records[row] if 0 <= row < len(self.records) else None
