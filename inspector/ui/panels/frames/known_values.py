"""What the filter line offers to write behind a field's name."""

from inspector.protocol.buckets import parse_bucket_name
from inspector.ui.bucket_state import BucketSnapshot
from inspector.ui.panels.frames.model import FramesModel


def known_values(field: str, model: FramesModel, snapshot: BucketSnapshot | None) -> list[str]:
    """Buckets, streams or tables of the frames that were looked at last, and of all buckets that are known."""
    buckets = model.shown.buckets_in_sight()
    if snapshot is not None:
        buckets |= {bucket.name.full for _, group in snapshot.streams for bucket in group}
    if field == "bucket":
        return sorted(parse_bucket_name(bucket).short for bucket in buckets)
    if field == "stream":
        return sorted({parse_bucket_name(bucket).stream for bucket in buckets})
    return sorted(model.shown.tables_in_sight()) if field == "type" else []
