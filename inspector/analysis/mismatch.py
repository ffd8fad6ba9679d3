"""Why a bucket did not match its checksum: the recorded lines summed, and the bucket compared with its fresh download.

One question decides who is to blame: do the recorded lines add up to the announced sum? Then the client lost or
changed something after it had arrived; otherwise the service or the path did.
"""

from collections import Counter
from dataclasses import dataclass, field
from enum import Enum

from inspector.analysis.drift import Drift, find_drift
from inspector.analysis.mismatch_differences import Compared, Difference, compare_operations, summed
from inspector.analysis.operation_checks import Tally, check_received
from inspector.capture.bucket_evidence import Baseline, BucketEvidence, Restart
from inspector.capture.rows import MismatchRow
from inspector.protocol.checksums import MASK, as_hex
from inspector.protocol.kept_bucket import KeptBucket
from inspector.protocol.lines import Operation
from inspector.words import byte_size, plural, thousands


class Blame(Enum):
    """Where it went wrong."""

    CLIENT = 0
    """The lines add up to the announced sum."""
    BEFORE_CLIENT = 1
    """They do not: the service, or the path from it."""
    NOT_KNOWN = 2
    """The recording begins in the middle of the bucket."""


@dataclass(frozen=True, slots=True)
class RecordedLines:
    """What was recorded of the bucket up to the mismatch."""

    baseline: Baseline | None
    operations: tuple[tuple[int, Operation], ...]
    """Each with the frame that brought it."""
    checksum: int | None
    """What they add up to, 0 … 2^32-1; None without a baseline."""
    checks: Tally
    """Of each operation's own checksum."""

    @property
    def twice(self) -> dict[int, int]:
        """Op ids that came more than once, and how often."""
        counts = Counter(operation.op_id for _, operation in self.operations)
        return {op_id: count for op_id, count in counts.items() if count > 1}


@dataclass(frozen=True, slots=True)
class MismatchReport:
    """All there is to say about one mismatch."""

    mismatch: MismatchRow
    kept: KeptBucket | None
    lines: RecordedLines
    fresh_operations: int | None
    """None: the bucket has not been downloaded again as far as the capture goes."""
    fresh_bytes: int
    fresh_is_whole: bool
    blame: Blame
    verdict: str
    """One sentence."""
    differences: tuple[Difference, ...]
    drift: Drift
    """Since when it is wrong."""
    remarks: tuple[str, ...] = field(default=())
    """What else is known, a sentence each."""


def report_mismatch(evidence: BucketEvidence, mismatch: MismatchRow) -> MismatchReport:
    """Everything about `mismatch`; takes as long as reading the bucket's frames. Raises CaptureError."""
    kept = evidence.kept(mismatch)
    lines = recorded_lines(evidence, mismatch)
    fresh, fresh_bytes, whole = _fresh(evidence, mismatch)
    blame = _blame(lines, mismatch)
    compared = Compared((), False)
    if fresh is not None:
        received = [operation for _, operation in lines.operations]
        compared = compare_operations(mismatch, kept, received, lines.baseline, fresh, whole)
    return MismatchReport(
        mismatch=mismatch,
        kept=kept,
        lines=lines,
        fresh_operations=None if fresh is None else len(fresh),
        fresh_bytes=fresh_bytes,
        fresh_is_whole=whole,
        blame=blame,
        verdict=_verdict(lines, mismatch, blame),
        differences=compared.differences,
        drift=find_drift(evidence, mismatch),
        remarks=tuple(_remarks(mismatch, kept, lines, fresh, fresh_bytes, whole, compared)),
    )


def recorded_lines(evidence: BucketEvidence, mismatch: MismatchRow) -> RecordedLines:
    """What was recorded of the mismatched bucket; takes as long as reading its frames."""
    baseline = evidence.baseline(mismatch)
    first = baseline.first_frame if baseline is not None else 1
    last = mismatch.frame if mismatch.frame is not None else 2**62
    restarts = evidence.restarts(mismatch.bucket, first, last)
    operations: list[tuple[int, Operation]] = []
    for received in evidence.operations(first, last, mismatch.bucket):
        while restarts and restarts[0].first_frame <= received.frame:
            operations = _stored(operations, restarts.pop(0))
        operations += ((received.frame, operation) for operation in received.line.data)
    for restart in restarts:
        operations = _stored(operations, restart)
    checks = Tally()
    for frame, operation in operations:
        check_received(operation, frame, checks)
    total = None if baseline is None else summed(baseline.checksum, (operation for _, operation in operations))
    return RecordedLines(baseline, tuple(operations), total, checks)


def _stored(operations: list[tuple[int, Operation]], restart: Restart) -> list[tuple[int, Operation]]:
    """Those that the client had when it connected again: the last ones before a kill may be lost, and come anew."""
    after = restart.after
    return [] if after is None else [(frame, one) for frame, one in operations if one.op_id <= after]


def _fresh(evidence: BucketEvidence, mismatch: MismatchRow) -> tuple[list[Operation] | None, int, bool]:
    frames = evidence.fresh_frames(mismatch)
    if frames is None:
        return None, 0, False
    first, last, whole = frames
    operations: list[Operation] = []
    size = 0
    for received in evidence.operations(first, last, mismatch.bucket):
        operations += received.line.data
        size += received.size
    return operations, size, whole


def _blame(lines: RecordedLines, mismatch: MismatchRow) -> Blame:
    if lines.checksum is None:
        return Blame.NOT_KNOWN
    return Blame.CLIENT if lines.checksum == mismatch.expected else Blame.BEFORE_CLIENT


def _verdict(lines: RecordedLines, mismatch: MismatchRow, blame: Blame) -> str:
    if blame is Blame.NOT_KNOWN:
        return (
            "Who is to blame cannot be told: the recording begins in the middle of the bucket, "
            "so its lines are only a part of the sum."
        )
    if blame is Blame.CLIENT:
        return (
            "The recorded lines add up to the announced checksum, so the client lost or changed data "
            "after they had arrived."
        )
    ours = (mismatch.add_checksum + mismatch.op_checksum) & MASK
    if lines.checksum == ours:
        return (
            "The recorded lines add up to what the client had and not to the announced checksum, "
            "so the service or the path from it is to blame, and not the client."
        )
    return (
        "The recorded lines add up neither to the announced checksum nor to what the client had, "
        "so something went wrong before they arrived, and in the client as well."
    )


def _remarks(
    mismatch: MismatchRow,
    kept: KeptBucket | None,
    lines: RecordedLines,
    fresh: list[Operation] | None,
    fresh_bytes: int,
    whole: bool,
    compared: Compared,
) -> list[str]:
    ours = (mismatch.add_checksum + mismatch.op_checksum) & MASK
    found = [
        f"Expected {as_hex(mismatch.expected)}; the client had {as_hex(ours)}"
        + (f"; the recorded lines give {as_hex(lines.checksum)}." if lines.checksum is not None else ".")
    ]
    if lines.checks.differ and lines.checks.is_verifiable:
        first = lines.checks.bad[0]
        found.append(
            f"{plural(lines.checks.differ, 'received operation')} did not have the checksum of its content; the first "
            f"is {first.op_id}. It was altered at the service or on the way."
        )
    elif lines.checks.agree and lines.checksum is not None and lines.checksum != mismatch.expected:
        found.append("Each received operation has the checksum of its content, so none of them was altered.")
    if lines.twice:
        found.append(f"{plural(len(lines.twice), 'operation')} came more than once.")
    if kept is None:
        found.append("The bucket as it was before it was deleted is not in this capture.")
    elif not kept.is_whole:
        operations = plural(kept.operations, "operation")
        found.append(f"The bucket was large: {thousands(len(kept.kept))} of its {operations} were kept.")
    if fresh is None:
        found.append("The bucket has not been downloaded again yet, so there is nothing to compare it with.")
    else:
        cost = f"{plural(len(fresh), 'operation')} and {byte_size(fresh_bytes)}"
        found.append(
            f"Downloading it again took {cost}." if whole else f"Downloading it again has taken {cost} so far."
        )
        if whole and not compared.differences and compared.possible:
            found.append(
                "The fresh download has the same operations, so the announced checksum itself was not their sum."
            )
    return found
