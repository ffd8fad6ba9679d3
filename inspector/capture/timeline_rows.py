"""What a timeline shows of a capture, by lane; times are ns since the Unix epoch."""

from dataclasses import dataclass, field

from msgspec import Struct

from inspector.capture.outcome import Outcome, UploadOutcome

SEVERITY = (
    Outcome.APPLIED,
    Outcome.PARTIAL,
    Outcome.RECEIVING,
    Outcome.SUPERSEDED,
    Outcome.INTERRUPTED,
    Outcome.SKIPPED,
    Outcome.HELD,
    Outcome.REFUSED,
    Outcome.MISMATCH,
)
"""Outcomes of checkpoints, the most severe last."""

UPLOAD_SEVERITY = (
    UploadOutcome.ACCEPTED,
    UploadOutcome.SENDING,
    UploadOutcome.DISCARDED,
    UploadOutcome.FAILED,
    UploadOutcome.REFUSED,
)


class ConnectionSpan(Struct, frozen=True):
    """One request for a stream; `ended_at` is None while it is open, `status` None when no answer came."""

    id: int
    started_at: int
    ended_at: int | None
    status: int | None
    end_reason: str
    token_expires_at: int | None
    operations: int
    bytes: int


class OfflineSpan(Struct, frozen=True):
    """A time in which the client acted as one without network; None: still."""

    started_at: int
    ended_at: int | None


class CheckpointBar(Struct, frozen=True, kw_only=True):
    """One checkpoint from its first line to what became of it, or several that came within one bin."""

    id: int
    """In the capture; of several, the most severe one's."""
    frame: int
    op_id: int
    started_at: int
    data_done_at: int | None = None
    validated_at: int | None = None
    published_at: int | None = None
    ended_at: int | None
    """None while it is being received."""
    outcome: str
    """Of several, the most severe."""
    reason: str = ""
    write_checkpoint: int | None = None
    operations: int = 0
    bytes: int = 0
    count: int = 1
    outcomes: tuple[tuple[str, int], ...] = ()
    """Of several: how many came to what."""


class HeldSpan(Struct, frozen=True):
    """From the first checkpoint that was held back to the one that is shown; None: still held."""

    id: int
    op_id: int
    started_at: int
    ended_at: int | None
    reason: str


class PartialBar(Struct, frozen=True):
    """A partial checkpoint, from the checkpoint's first line; several that came within one bin count as one."""

    frame: int
    started_at: int
    ended_at: int
    priority: int | None
    outcome: str
    count: int


class ActivityBin(Struct, frozen=True):
    """Frames that came within one bin, which begins at `at`."""

    at: int
    frames: int
    operations: int
    bytes: int
    errors: int


class UploadMark(Struct, frozen=True):
    """An attempt to upload, or several within one bin."""

    id: int
    at: int
    ended_at: int | None
    outcome: str
    """Of several, the most severe."""
    status: int | None
    answer: str
    tx_id: int | None
    first_entry: int
    last_entry: int
    attempt: int
    """The how manieth try of the same first entry."""
    count: int
    failures: int = 0
    """How many of them were refused or came to nothing."""


class LocalWriteMark(Struct, frozen=True):
    """A local transaction, or several within one bin."""

    at: int
    tx_id: int | None
    """Of several, the first one's; None where nothing of it is to be uploaded."""
    changed: int | None
    """Rows; None where that was not noted."""
    count: int
    offline: int
    """How many of them were written while no stream was open."""


class EventMark(Struct, frozen=True):
    """An event, or several within one bin: the first one's sentence."""

    id: int
    at: int
    message: str
    count: int


class WriteCheckpointMark(Struct, frozen=True):
    """A checkpoint that carried a new write checkpoint, or several within one bin: the highest."""

    id: int
    at: int
    write_checkpoint: int
    count: int


@dataclass(frozen=True, slots=True)
class Extent:
    """From the first to the last thing that a capture tells of."""

    first: int
    last: int
    longest_token: int
    """The longest life that a token had left when a request was sent, ns; 0 when none is known."""


@dataclass(frozen=True, slots=True)
class Overview:
    """All of a capture in bins of `step` ns."""

    extent: Extent
    step: int
    activity: list[ActivityBin]
    troubles: list[tuple[int, str]]
    """Bins in which checkpoints were held back, mismatched or refused: where they begin, and which."""


@dataclass(frozen=True, slots=True)
class Lanes:
    """Everything between `first` and `last`; things shorter than `step` are counted by bins of that width."""

    first: int
    last: int
    step: int
    connections: list[ConnectionSpan] = field(default_factory=list)
    offline: list[OfflineSpan] = field(default_factory=list)
    checkpoints: list[CheckpointBar] = field(default_factory=list)
    held: list[HeldSpan] = field(default_factory=list)
    partials: list[PartialBar] = field(default_factory=list)
    activity: list[ActivityBin] = field(default_factory=list)
    uploads: list[UploadMark] = field(default_factory=list)
    local_writes: list[LocalWriteMark] = field(default_factory=list)
    write_checkpoints: list[WriteCheckpointMark] = field(default_factory=list)
    faults: list[EventMark] = field(default_factory=list)
