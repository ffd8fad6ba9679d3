"""What a piece of evidence is about."""

from inspector.analysis.finding_types import Evidence
from inspector.ui.selection import RowKey
from inspector.ui.things import Things


def things_of(evidence: Evidence) -> Things:
    """What can be followed from it to other panels."""
    row = None if evidence.row is None else RowKey(*evidence.row)
    return Things(
        evidence.frame, evidence.bucket, row=row, checkpoint=evidence.checkpoint, happening=evidence.happening
    )
