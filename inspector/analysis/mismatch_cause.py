"""Why a bucket did not match its checksum, as far as the recording alone is sure of it."""

from dataclasses import dataclass
from enum import Enum

from inspector.analysis.mismatch import RecordedLines, recorded_lines
from inspector.capture.reader import CaptureReader
from inspector.capture.rows import MismatchRow
from inspector.protocol.checksums import MASK
from inspector.protocol.lines import OpType


class Cause(Enum):
    """What the lines of the bucket say."""

    TOO_EARLY = 0
    """The checkpoint, or its part, was called complete while data were still to come."""
    MISSING = 1
    """Fewer operations came than were announced, and nothing says whether they were still to come."""
    TWICE = 2
    """Operations came more than once."""
    ANNOUNCED_WRONG = 3
    """As many came as were announced, each with the checksum of its content, and the announced sum is another one."""
    CLIENT_LOST = 4
    """The lines add up to the announced sum, and the client had another one."""


@dataclass(frozen=True, slots=True)
class MismatchCause:
    """A mismatch and its cause."""

    mismatch: MismatchRow
    cause: Cause
    came: int
    """Operations that count for the bucket, those before the recorded ones included."""
    announced: int
    priority: int | None
    """That was called complete; None: all."""
    checked: bool
    """Whether the content of every operation was checked: MOVE and CLEAR have none."""


def cause_of(capture: CaptureReader, mismatch: MismatchRow) -> MismatchCause | None:
    """The cause of a mismatch; None where the recording is not sure of one, or an altered operation explains it."""
    lines = recorded_lines(capture.evidence, mismatch)
    counted = _counted(capture, mismatch, lines)
    if counted is None:
        return None
    came, announced = counted
    cause = _cause(capture, mismatch, lines, came, announced)
    if cause is None:
        return None
    checked = not lines.checks.not_checkable
    return MismatchCause(mismatch, cause, came, announced, _priority(capture, mismatch), checked)


def _cause(
    capture: CaptureReader, mismatch: MismatchRow, lines: RecordedLines, came: int, announced: int
) -> Cause | None:
    if lines.checksum == mismatch.expected:
        ours = (mismatch.add_checksum + mismatch.op_checksum) & MASK
        return Cause.CLIENT_LOST if ours != mismatch.expected else None
    if lines.checks.differ or not lines.checks.is_verifiable:
        return None
    if lines.twice:
        return Cause.TWICE
    if came < announced:
        return Cause.TOO_EARLY if _more_was_to_come(capture, mismatch) else Cause.MISSING
    return Cause.ANNOUNCED_WRONG if came == announced else None


def _counted(capture: CaptureReader, mismatch: MismatchRow, lines: RecordedLines) -> tuple[int, int] | None:
    """How many operations of the bucket there are up to the mismatch, and how many were announced."""
    at = capture.evidence.differed_at(mismatch)
    announced = None if at is None else capture.expected_buckets(at.checkpoint).get(mismatch.bucket)
    if lines.baseline is None or announced is None or announced.count is None:
        return None
    operations = [operation for _, operation in lines.operations]
    cleared = max((place for place, it in enumerate(operations) if it.op is OpType.CLEAR), default=None)
    if cleared is not None:
        return len(operations) - cleared, announced.count
    if lines.baseline.after_op == 0:
        return len(operations), announced.count
    before = capture.evidence.agreed_before(mismatch)
    known = None if before is None else capture.expected_buckets(before.checkpoint).get(mismatch.bucket)
    if known is None or known.count is None:
        return None
    return known.count + len(operations), announced.count


def _more_was_to_come(capture: CaptureReader, mismatch: MismatchRow) -> bool:
    """Whether the newest line of the bucket says so, or only a priority was called complete and brought none."""
    at = capture.evidence.differed_at(mismatch)
    if at is None or mismatch.frame is None:
        return False
    lines = [frame for frame, _ in capture.data_frames(mismatch.bucket) if at.frame < frame < mismatch.frame]
    if not lines:
        return _priority(capture, mismatch) is not None
    newest = capture.evidence.operations(lines[-1], lines[-1], mismatch.bucket)
    return any(received.line.has_more for received in newest)


def _priority(capture: CaptureReader, mismatch: MismatchRow) -> int | None:
    """That was called complete; None: all."""
    return capture.frames(mismatch.frame, 1)[0].priority if mismatch.frame is not None else None
