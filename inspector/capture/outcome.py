"""What became of a frame, of a checkpoint, and of an upload."""

from enum import StrEnum


class Outcome(StrEnum):
    """What the client did; the outcome of a checkpoint stands at the line that completed it too.

    A checkpoint begins as RECEIVING and ends as one of the others. It can be APPLIED after it was HELD.
    """

    NONE = ""
    """A frame that decides nothing by itself."""
    RECEIVING = "receiving"
    APPLIED = "applied"
    PARTIAL = "partial"
    """The buckets up to a priority are shown, before the checkpoint is complete."""
    HELD = "held"
    """Valid, and kept until local writes are uploaded and confirmed."""
    SKIPPED = "skipped"
    """A partial checkpoint that local writes kept from being shown; it is not tried again."""
    SUPERSEDED = "superseded"
    """A newer checkpoint came before this one was complete."""
    MISMATCH = "mismatch"
    INTERRUPTED = "interrupted"
    """The connection ended before the checkpoint was complete."""
    REFUSED = "refused"
    """The protocol does not allow this line here; the stream was closed."""


class UploadOutcome(StrEnum):
    """What became of one attempt to upload local writes."""

    SENDING = "sending"
    ACCEPTED = "accepted"
    REFUSED = "refused"
    FAILED = "failed"
    DISCARDED = "discarded"
