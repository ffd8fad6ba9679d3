"""Where a bucket, an operation or a row is to be found beside where one looks at it."""

from dataclasses import dataclass

from inspector.analysis.bucket_history import frame_of
from inspector.capture.reader import CaptureReader
from inspector.store.reader import ClientDatabaseReader


@dataclass(frozen=True, slots=True)
class Whereabouts:
    """What is known; `bucket` and `op_id` of a row are those of its newest operation that the database keeps."""

    bucket: str | None = None
    op_id: int | None = None
    row: tuple[str, str] | None = None
    """Type and id."""
    frame: int | None = None
    """The one that brought the operation last, or else the bucket's newest data line."""


def find_whereabouts(
    database: ClientDatabaseReader | None, capture: CaptureReader | None, known: Whereabouts
) -> Whereabouts:
    """Add to what is known what the files tell; raises InspectorError when they cannot be read."""
    bucket, op_id, frame = known.bucket, known.op_id, known.frame
    if bucket is None and known.row is not None and database is not None:
        operations = database.row_operations(*known.row)
        newest = max(operations, key=lambda operation: operation.op_id, default=None)
        if newest is not None:
            bucket, op_id = newest.bucket, newest.op_id
    if frame is None and bucket is not None and capture is not None:
        if op_id is not None:
            frame = frame_of(capture, bucket, op_id)
        elif lines := capture.data_frames(bucket):
            frame = lines[-1][0]
    return Whereabouts(bucket, op_id, known.row, frame)
