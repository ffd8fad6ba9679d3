"""What the panel's tables show: sums by bucket, a bucket's history, and operations that are not as they should be."""

from typing import TypeVar

from inspector.analysis.mismatch_differences import Difference
from inspector.analysis.operation_checks import BadOperation
from inspector.capture.bucket_evidence import BucketVerdict
from inspector.ui.panels.checksums.columns import ChecksumLine
from inspector.ui.selection import OperationKey, RowKey
from inspector.ui.things import Things
from inspector.ui.widgets.row_model import ListModel

Wrong = TypeVar("Wrong", Difference, BadOperation)


class BucketModel(ListModel[ChecksumLine]):
    """Buckets with what is expected of them and what we have."""

    def key(self, record: ChecksumLine) -> object:
        return record.bucket.name.full

    def things(self, record: ChecksumLine) -> Things:
        return Things(bucket=record.bucket.name.full)


class HistoryModel(ListModel[BucketVerdict]):
    """What checkpoints said of one bucket."""

    def key(self, record: BucketVerdict) -> object:
        return record.checkpoint, record.mismatch

    def things(self, record: BucketVerdict) -> Things:
        return Things(record.frame, checkpoint=record.checkpoint, moment=record.received_at)


class WrongModel(ListModel[Wrong]):
    """Operations of `bucket` that are not as they should be."""

    bucket: str | None = None

    def things(self, record: Wrong) -> Things:
        operation = None if self.bucket is None else OperationKey(self.bucket, record.op_id)
        row = RowKey(record.row_type, record.row_id) if record.row_type and record.row_id else None
        frame = record.frame if isinstance(record, BadOperation) else None
        return Things(frame, self.bucket, operation, row)
