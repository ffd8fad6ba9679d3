"""Places in a capture that several families of checks point at."""

from inspector.analysis.finding_types import Evidence
from inspector.capture.happenings import HappeningKind, key_of
from inspector.capture.rows import CheckpointRow, ConnectionRow
from inspector.words import moment


def frame_evidence(frame: int, what: str, bucket: str | None = None) -> Evidence:
    """A line as it came."""
    return Evidence(f"frame {frame}", what, "frames", bucket, frame=frame)


def checkpoint_evidence(each: CheckpointRow, what: str) -> Evidence:
    """A checkpoint, named by its op id."""
    return Evidence(f"checkpoint {each.op_id}", what, "checkpoints", checkpoint=each.id)


def connection_evidence(each: ConnectionRow, what: str) -> Evidence:
    """A connection and when it began; its link shows the request."""
    where = f"connection {each.id}, {moment(each.started_at, each.started_at)}"
    return Evidence(where, what, "frames", happening=key_of(HappeningKind.REQUEST, each.id))
