"""What the comparison panel's tables show: rows, buckets and facts, of two files or of a file and its fresh copy."""

from typing import Any, TypeVar

from PySide6.QtWidgets import QWidget

from inspector.analysis.comparison import BucketDifference, Comparison, RowDifference, StateDifference
from inspector.analysis.fresh.buckets import ExplainedBucket
from inspector.analysis.fresh.comparison import FreshComparison
from inspector.analysis.fresh.rows import ExplainedRow
from inspector.ui.panels.comparison.columns import (
    BUCKET_COLUMNS,
    FRESH_BUCKET_COLUMNS,
    FRESH_ROW_COLUMNS,
    FRESH_STATE_COLUMNS,
    ROW_COLUMNS,
    STATE_COLUMNS,
)
from inspector.ui.selection import RowKey
from inspector.ui.things import Things
from inspector.ui.widgets.row_model import ListModel

B = TypeVar("B", BucketDifference, ExplainedBucket)


class _RowsModel(ListModel[RowDifference]):
    def key(self, record: RowDifference) -> object:
        return record.row_type, record.row_id

    def things(self, record: RowDifference) -> Things:
        return Things(row=RowKey(record.row_type, record.row_id))


class _BucketsModel(ListModel[B]):
    def key(self, record: B) -> object:
        return record.bucket

    def things(self, record: B) -> Things:
        return Things(bucket=record.bucket)


class _ExplainedRowsModel(ListModel[ExplainedRow]):
    def key(self, record: ExplainedRow) -> object:
        return record.difference.row_type, record.difference.row_id

    def things(self, record: ExplainedRow) -> Things:
        return Things(row=RowKey(record.difference.row_type, record.difference.row_id))


class _StateModel(ListModel[StateDifference]):
    def key(self, record: StateDifference) -> object:
        return record.what


def models_of_two(parent: QWidget) -> tuple[ListModel[Any], ...]:
    """Of two files: rows, buckets, state."""
    return _RowsModel(ROW_COLUMNS, parent), _BucketsModel(BUCKET_COLUMNS, parent), _StateModel(STATE_COLUMNS, parent)


def models_of_fresh(parent: QWidget) -> tuple[ListModel[Any], ...]:
    """Of a file and its fresh copy: rows, buckets, state."""
    return (
        _ExplainedRowsModel(FRESH_ROW_COLUMNS, parent),
        _BucketsModel(FRESH_BUCKET_COLUMNS, parent),
        _StateModel(FRESH_STATE_COLUMNS, parent),
    )


def records_of(result: Comparison | FreshComparison | None) -> tuple[list[Any], list[Any], list[Any]]:
    """What the three tables list."""
    if result is None:
        return [], [], []
    return list(result.rows), list(result.buckets), list(result.state)
