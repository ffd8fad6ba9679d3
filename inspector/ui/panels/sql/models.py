"""What the console's two tables show: a result, and a plan."""

from collections.abc import Callable, Sequence
from dataclasses import replace
from functools import partial
from typing import Any

from PySide6.QtCore import QObject, Qt

from inspector.analysis.result_links import links_of
from inspector.analysis.sql_console import PlanStep
from inspector.store.data_queries import Row, TableShape
from inspector.ui.bucket_state import BucketSnapshot
from inspector.ui.panels.data.columns import data_columns, value_cell
from inspector.ui.selection import OperationKey, RowKey
from inspector.ui.things import Things
from inspector.ui.widgets.columns import Align, Cell, Column, RowStyle
from inspector.ui.widgets.paged_model import PagedModel
from inspector.ui.widgets.row_model import ALIGNMENT, ListModel

PLAN_COLUMNS: tuple[Column[PlanStep], ...] = (
    Column("Plan", lambda step: step.detail, width=40, stretch=True, explains="How SQLite runs the statement."),
)


class PlanModel(ListModel[PlanStep]):
    """Steps below the steps that they serve."""

    def row_style(self, record: PlanStep) -> RowStyle:
        return RowStyle(depth=record.depth)

    def key(self, record: PlanStep) -> object:
        return id(record)


class ResultModel(PagedModel[Row]):
    """Rows of a result, which lead where the names of their columns say.

    A column of a result may hold values of any type: each number stands at the right, each text at the left. What has
    no side of its own, as NULL, stands below the title, on the side of the column's first value.
    """

    def __init__(
        self, shape: TableShape, snapshot: Callable[[], BucketSnapshot | None], parent: QObject | None = None
    ) -> None:
        columns = data_columns(shape) if shape.columns else ()
        super().__init__(tuple(replace(it, cell=partial(self._cell, at)) for at, it in enumerate(columns)), parent)
        self._names, self._snapshot = [column.name for column in shape.columns], snapshot
        self._sides = [column.align for column in columns]

    def put_page(self, number: int, rows: Sequence[Row | None], *, keep_gone: bool = False) -> None:
        super().put_page(number, rows, keep_gone=keep_gone)
        if number == 0:
            for at in range(len(self._names)):
                values = (row.values[at].value for row in rows if row is not None)
                first = next((value for value in values if value is not None), None)
                self._sides[at] = self._sides[at] if first is None else _side(first)
            self.headerDataChanged.emit(Qt.Orientation.Horizontal, 0, len(self._names) - 1)

    def headerData(self, section: int, orientation: Qt.Orientation, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        if role == Qt.ItemDataRole.TextAlignmentRole and 0 <= section < len(self._sides):
            return ALIGNMENT[self._sides[section]]
        return super().headerData(section, orientation, role)

    def _cell(self, column: int, row: Row) -> Cell:
        value = row.values[column]
        side = self._sides[column] if value.value is None else _side(value.value)
        return replace(value_cell(value), align=side)

    def things(self, record: Row) -> Things:
        links = links_of(self._names, [value.value for value in record.values], self._buckets())
        row = None if links.row is None else RowKey(*links.row)
        known = links.bucket is not None and links.op_id is not None
        operation = OperationKey(links.bucket or "", links.op_id or 0) if known else None
        return Things(frame=links.frame, bucket=links.bucket, operation=operation, row=row)

    def _buckets(self) -> dict[int, str]:
        snapshot = self._snapshot()
        every = [bucket for _, group in snapshot.streams for bucket in group] if snapshot is not None else []
        return {bucket.local.id: bucket.name.full for bucket in every if bucket.local is not None}


def _side(value: object) -> Align:
    return Align.RIGHT if isinstance(value, int | float) else Align.LEFT
