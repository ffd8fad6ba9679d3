"""What the console's two tables show: a result, and a plan."""

from collections.abc import Callable

from PySide6.QtCore import QObject

from inspector.analysis.result_links import links_of
from inspector.analysis.sql_console import PlanStep
from inspector.store.data_queries import Row, TableShape
from inspector.ui.bucket_state import BucketSnapshot
from inspector.ui.panels.data.columns import data_columns
from inspector.ui.selection import OperationKey, RowKey
from inspector.ui.things import Things
from inspector.ui.widgets.columns import Column, RowStyle
from inspector.ui.widgets.paged_model import PagedModel
from inspector.ui.widgets.row_model import ListModel

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
    """Rows of a result, which lead where the names of their columns say."""

    def __init__(
        self, shape: TableShape, snapshot: Callable[[], BucketSnapshot | None], parent: QObject | None = None
    ) -> None:
        super().__init__(data_columns(shape) if shape.columns else (), parent)
        self._names, self._snapshot = [column.name for column in shape.columns], snapshot

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
