"""One sync iteration as a state machine without I/O: events in, effects out (protocol §4).

    IDLE ─Begin→ CONNECTING ─StreamOpened→ AWAITING_CHECKPOINT ─checkpoint→ RECEIVING ─complete→ PUBLISHING
    PUBLISHING ─Published→ UP_TO_DATE (full) or RECEIVING (partial)
    PUBLISHING ─HeldBack→ HELD (full: kept, and tried again after uploads) or RECEIVING (partial: skipped)
    PUBLISHING ─Mismatched→ CLOSED
    RECEIVING, UP_TO_DATE, HELD ─checkpoint, checkpoint_diff→ RECEIVING

Data lines are saved in every open state: they may come at any time, also beyond the checkpoint. Every state but
IDLE ends in CLOSED on the stream's end, a failure, a token's end or a request to stop. After CLOSED every event
but Begin is ignored: it belongs to the stream that has gone.

The executor carries out the effects in order and answers `Publish` and `CheckSubscriptions` with their outcome
before it hands in the next line.
"""

from enum import StrEnum

from inspector.protocol.checkpoints import TargetCheckpoint
from inspector.protocol.checksums import as_hex
from inspector.protocol.errors import InspectorError, ProtocolError
from inspector.protocol.events import (
    Begin,
    BrokenFrame,
    CheckSubscriptions,
    CloseReason,
    CloseStream,
    CredentialsReplaced,
    DeleteBuckets,
    Effect,
    Event,
    FetchCredentials,
    HeldBack,
    LineReceived,
    Mismatched,
    OpenStream,
    Publish,
    Published,
    Remark,
    RenewSubscriptions,
    SaveOperations,
    Stop,
    StreamEnded,
    StreamFailed,
    StreamOpened,
    SubscriptionsChecked,
    TrackCheckpoint,
    UploadsCompleted,
)
from inspector.protocol.lines import (
    Checkpoint,
    CheckpointComplete,
    CheckpointDiff,
    DataLine,
    Keepalive,
    PartialCheckpointComplete,
    UnknownLine,
)

PREFETCH_BELOW_SECONDS = 30
"""A token that lives no longer than this is replaced while the stream still runs."""


class State(StrEnum):
    """Where a session stands."""

    IDLE = "idle"
    CONNECTING = "connecting"
    AWAITING_CHECKPOINT = "awaiting checkpoint"
    RECEIVING = "receiving"
    PUBLISHING = "publishing"
    UP_TO_DATE = "up to date"
    HELD = "held"
    CLOSED = "closed"


class Session:
    """Decides what to do about each event; holds the target checkpoint and nothing else."""

    def __init__(self) -> None:
        self.state = State.IDLE
        self.target: TargetCheckpoint | None = None
        self._local_buckets: frozenset[str] = frozenset()
        self._publishing: Publish | None = None
        self._held: TargetCheckpoint | None = None

    def receive(self, event: Event) -> list[Effect]:
        """The effects of one event."""
        if isinstance(event, Begin):
            return self._begin(event)
        if self.state in (State.IDLE, State.CLOSED):
            return []
        match event:
            case StreamOpened():
                self.state = State.AWAITING_CHECKPOINT
                return []
            case LineReceived():
                return self._on_line(event)
            case BrokenFrame(error):
                return self._close(CloseReason.PROTOCOL_ERROR, error=error)
            case Published():
                return self._on_published()
            case HeldBack():
                return self._on_held_back()
            case Mismatched():
                return self._on_mismatched(event)
            case UploadsCompleted(gate):
                return self._on_uploads_completed(gate)
            case CredentialsReplaced():
                return self._close(CloseReason.TOKEN_REPLACED, at_once=True)
            case SubscriptionsChecked(changed):
                return self._close(CloseReason.SUBSCRIPTIONS_CHANGED, at_once=True) if changed else []
            case StreamEnded(rest):
                return self._on_stream_ended(rest)
            case StreamFailed(error):
                return self._close(CloseReason.STREAM_FAILED, error=error)
            case Stop():  # pragma: no branch (mypy proves that there is nothing else)
                return self._close(CloseReason.STOPPED, at_once=True)

    def _begin(self, event: Begin) -> list[Effect]:
        self.__init__()  # type: ignore[misc]
        self.state = State.CONNECTING
        self._local_buckets = frozenset(bucket.name for bucket in event.request.buckets)
        return [OpenStream(event.request)]

    def _on_line(self, event: LineReceived) -> list[Effect]:
        match event.line:
            case Checkpoint() as line:
                return self._on_checkpoint(line)
            case CheckpointDiff() as line:
                return self._on_diff(line)
            case DataLine() as line:
                return [SaveOperations(line, event.size)]
            case PartialCheckpointComplete() as line:
                return self._on_complete("partial_checkpoint_complete", line.priority)
            case CheckpointComplete():
                return self._on_complete("checkpoint_complete", None)
            case Keepalive(seconds):
                return self._on_keepalive(seconds)
            case UnknownLine(name):  # pragma: no branch (mypy proves that there is nothing else)
                return [Remark("info", f"The service sent a line of an unknown kind, “{name}”. It is ignored.")]

    def _on_checkpoint(self, line: Checkpoint) -> list[Effect]:
        target = TargetCheckpoint.of(line)
        known = self._local_buckets if self.target is None else self.target.buckets.keys()
        return self._track(target, tuple(sorted(known - target.buckets.keys())))

    def _on_diff(self, line: CheckpointDiff) -> list[Effect]:
        if self.target is None:
            return self._protocol_error("checkpoint_diff")
        return self._track(self.target.patched(line), line.removed_buckets)

    def _track(self, target: TargetCheckpoint, removed: tuple[str, ...]) -> list[Effect]:
        self.target, self._held = target, None
        self.state = State.RECEIVING
        deletions: list[Effect] = [DeleteBuckets(removed)] if removed else []
        return [*deletions, TrackCheckpoint(target)]

    def _on_complete(self, line_kind: str, priority: int | None) -> list[Effect]:
        if self.target is None:
            return self._protocol_error(line_kind)
        return self._publish(Publish(self.target, priority))

    def _publish(self, effect: Publish) -> list[Effect]:
        self.state = State.PUBLISHING
        self._publishing = effect
        return [effect]

    def _on_published(self) -> list[Effect]:
        publishing = self._take_publishing()
        if publishing.priority is not None:
            self.state = State.RECEIVING
            return []
        self.state = State.UP_TO_DATE
        return []

    def _on_held_back(self) -> list[Effect]:
        publishing = self._take_publishing()
        if publishing.priority is not None:
            self.state = State.RECEIVING
            return []
        self.state = State.HELD
        if publishing.retry:
            return [
                Remark("warning", "The checkpoint that was held back cannot be shown even though uploads are complete.")
            ]
        self._held = publishing.target
        return []

    def _on_mismatched(self, event: Mismatched) -> list[Effect]:
        self._take_publishing()
        sums = ", ".join(
            f"{bucket.bucket} (expected {as_hex(bucket.expected)}, got {as_hex(bucket.ours)}"
            f" = {as_hex(bucket.op_checksum)} (op) + {as_hex(bucket.add_checksum)} (add))"
            for bucket in event.buckets
        )
        error = ProtocolError(
            "Downloaded buckets do not match their checksums.",
            why=f"Failed: {sums}.",
            next_step="They are deleted and downloaded again.",
        )
        return self._close(CloseReason.CHECKSUM_MISMATCH, at_once=True, error=error)

    def _take_publishing(self) -> Publish:
        publishing, self._publishing = self._publishing, None
        if publishing is None:
            raise RuntimeError("An outcome came without a Publish effect before it.")
        return publishing

    def _on_uploads_completed(self, gate: int | None) -> list[Effect]:
        held, self._held = self._held, None
        if held is None:
            return []
        if gate is not None and (held.write_checkpoint is None or held.write_checkpoint < gate):
            return []
        return self._publish(Publish(held, None, retry=True))

    def _on_keepalive(self, seconds: float) -> list[Effect]:
        if seconds <= 0:
            closing = self._close(CloseReason.TOKEN_EXPIRED, at_once=True)
            return [RenewSubscriptions(), FetchCredentials(expired=True), *closing]
        if seconds <= PREFETCH_BELOW_SECONDS:
            return [RenewSubscriptions(), FetchCredentials(expired=False)]
        return [CheckSubscriptions()]

    def _on_stream_ended(self, rest: bytes) -> list[Effect]:
        if not rest:
            return self._close(CloseReason.STREAM_ENDED, at_once=True)
        error = ProtocolError(
            f"The stream ended in the middle of a line, after {len(rest)} bytes of it.",
            why="The connection was cut between the service and this client.",
            next_step="It is opened again from what is already stored.",
        )
        return self._close(CloseReason.STREAM_FAILED, error=error)

    def _protocol_error(self, line_kind: str) -> list[Effect]:
        error = ProtocolError(
            f"The service sent {line_kind} before any checkpoint.",
            why="The protocol does not allow it.",
            next_step="The connection is closed and opened again.",
        )
        return self._close(CloseReason.PROTOCOL_ERROR, error=error)

    def _close(
        self, reason: CloseReason, *, at_once: bool = False, error: InspectorError | None = None
    ) -> list[Effect]:
        self.state = State.CLOSED
        return [CloseStream(reason, at_once, error)]
