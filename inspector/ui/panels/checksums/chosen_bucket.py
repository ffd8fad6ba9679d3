"""What the files say of the chosen bucket: its history, and who is to blame for its mismatch."""

from dataclasses import dataclass

from inspector.analysis.mismatch import MismatchReport, report_mismatch
from inspector.capture.bucket_evidence import BucketVerdict
from inspector.ui.readers import Readers

_HISTORY_ROWS = 500


@dataclass(frozen=True, slots=True)
class ChosenBucket:
    """What the files say of the chosen bucket beyond its sums."""

    bucket: str
    history: tuple[BucketVerdict, ...]
    report: MismatchReport | None
    """Of the chosen mismatch, the newest by default; None when the bucket never failed."""


def read_chosen(readers: Readers, bucket: str, wanted: int | None, last: MismatchReport | None) -> ChosenBucket:
    """A bucket with the mismatch that is wanted, the newest by default; `last` is what was reported before."""
    if readers.capture is None:
        return ChosenBucket(bucket, (), None)
    evidence = readers.capture.evidence
    mismatches = evidence.mismatches(bucket)
    chosen = [one for one in mismatches if one.id == wanted] or mismatches[-1:]
    report = None
    if chosen:
        settled = last is not None and last.fresh_is_whole and last.mismatch == chosen[0]
        report = last if settled else report_mismatch(evidence, chosen[0])
    return ChosenBucket(bucket, tuple(evidence.history(bucket, _HISTORY_ROWS)), report)
