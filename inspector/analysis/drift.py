"""Where a bucket first drifted from the service: between the last checkpoint that agreed and the one that did not.

A client compares all buckets of each checkpoint that it completes, those that did not change included, so the first
difference is where the mismatch was found; what the capture adds is what came for the bucket since the last agreement.
"""

from dataclasses import dataclass

from inspector.capture.bucket_evidence import BucketEvidence, ComparedAt
from inspector.capture.rows import MismatchRow
from inspector.words import clock, plural


@dataclass(frozen=True, slots=True)
class Drift:
    """What happened to a bucket between its last agreement and its first difference."""

    agreed: ComparedAt | None
    """The newest checkpoint before at which its sum was right; None: none in this capture."""
    differed: ComparedAt | None
    """The one at which it was not."""
    first_frame: int | None
    """The first data line of the bucket since; None where none came."""
    lines: int
    operations: int
    same_sum: bool
    """Whether the service announced the same sum both times."""
    not_compared: int
    """Checkpoints in between that were never completed, so that nothing was compared."""

    @property
    def sentence(self) -> str:
        """When, and what came in between; empty where it was never right before."""
        if self.differed is None:
            return ""
        found = f"It differed first at checkpoint {self.differed.op_id} ({clock(self.differed.at)})"
        if self.agreed is None:
            return f"{found}, and it never agreed before in this recording."
        between = (
            f"{plural(self.lines, 'line')} with {plural(self.operations, 'operation')} came for it in between."
            if self.lines
            else self._without_lines
        )
        unknown = f" {plural(self.not_compared, 'checkpoint')} in between {'was' if self.not_compared == 1 else 'were'}"
        unknown = f"{unknown} never complete." if self.not_compared else ""
        return (
            f"It agreed last at checkpoint {self.agreed.op_id} ({clock(self.agreed.at)}). {found}: {between}{unknown}"
        )

    @property
    def _without_lines(self) -> str:
        if self.same_sum:
            return (
                "nothing came for it in between, and the service announced the same sum, so it changed on this device."
            )
        return "the service announced another sum and sent nothing for it in between."


def find_drift(evidence: BucketEvidence, mismatch: MismatchRow) -> Drift:
    """Where the bucket of `mismatch` drifted; raises CaptureError."""
    agreed, differed = evidence.agreed_before(mismatch), evidence.differed_at(mismatch)
    since = agreed.completed if agreed is not None else 0
    last = mismatch.frame if mismatch.frame is not None else 2**62
    first_frame, lines, operations = evidence.lines_between(mismatch.bucket, since, last)
    not_compared = 0
    if agreed is not None and differed is not None:
        not_compared = max(0, differed.checkpoint - agreed.checkpoint - 1)
    return Drift(
        agreed,
        differed,
        first_frame,
        lines,
        operations,
        same_sum=agreed is not None and agreed.expected == mismatch.expected,
        not_compared=not_compared,
    )
