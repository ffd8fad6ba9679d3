"""Notes in the capture and in the status what the driver and the applier did."""

import time
from collections.abc import Callable, Collection, Sequence
from typing import Any

import msgspec

from inspector.capture.annotations import Annotation
from inspector.capture.happenings import name_of
from inspector.capture.outcome import Outcome, UploadOutcome
from inspector.capture.writer import CaptureWriter
from inspector.engine.control import DecodedToken, Mismatch, Problem, Status
from inspector.engine.endpoint import host_of
from inspector.engine.transport import StreamHead
from inspector.protocol.errors import InspectorError
from inspector.protocol.events import (
    CloseStream,
    DeleteBuckets,
    HeldBack,
    Mismatched,
    Publish,
    Published,
    Remark,
    SaveOperations,
    TrackCheckpoint,
)
from inspector.protocol.lines import Checkpoint, CheckpointDiff, Keepalive, Line
from inspector.protocol.request import StreamRequest, StreamsRequest
from inspector.protocol.service_errors import ServiceRefusal
from inspector.protocol.session import State
from inspector.protocol.stream_problems import stream_problems
from inspector.protocol.token_problems import clock_problem
from inspector.protocol.tokens import TokenClaims
from inspector.store.database import ClientDatabase
from inspector.store.local_write import LocalWrite
from inspector.store.progress import Progress
from inspector.store.upload_queue import PendingTransaction
from inspector.words import NS, duration, plural

_LONGEST_WRITES = 1_048_576
"""Bytes of a local transaction's writes that a capture keeps."""


class Recorder:
    """The applier's observer, and the driver's notebook."""

    def __init__(
        self, capture: CaptureWriter, database: ClientDatabase, *, now_ns: Callable[[], int] = time.time_ns
    ) -> None:
        self.status = Status()
        self.frames_of_connection = 0
        self.progressed = False
        """Operations were stored or a checkpoint was shown since this was last set to False."""
        self._capture = capture
        self._database = database
        self._now_ns = now_ns
        self._connection = 0
        self._frame = 0
        self._line: Line | None = None
        self._received_at = 0
        self._held_frame: int | None = None
        self._operations_since_publishing = 0
        self._mismatches: dict[str, int] = {}
        self._expected: Collection[str] = ()
        """The buckets of the target: data of others are no progress towards it."""
        self._asked = StreamsRequest()

    def note(self, level: str, source: str, message: str, details: dict[str, Any] | None = None) -> None:
        """Something for the events."""
        self._capture.event(level, source, message, details)

    def annotate(self, frame: int, annotation: Annotation) -> None:
        """A user says something about a frame, or about a happening by its key; raises InspectorError when there is
        none."""
        if not self._capture.has(frame):
            what = f"frame {frame}" if frame >= 0 else name_of(frame)
            raise InspectorError(f"There is no {what} in the capture.", next_step="Check its number.")
        self._capture.annotate(frame, annotation)
        self.status.revision += 1

    def fault(self, name: str, action: str, what: str, at: int) -> None:
        """Something happened to a fault of the embedded service; `at` in ns, by the service."""
        level = "warning" if action == "struck" else "info"
        self._capture.event(level, "faults", what, {"fault": name, "action": action}, at=at)
        self.status.revision += 1

    def token(self, claims: TokenClaims) -> None:
        """There is a new token."""
        if self.status.token is not None and self.status.token.claims != claims.payload:
            ends = claims.expires_at
            left = "" if ends is None else f" It ends in {duration(ends - self._now_ns() / NS)}."
            self.note("info", "credentials", f"The token was replaced by a new one.{left}")
        self.status.user_id = claims.user_id
        self.status.token = DecodedToken(claims.header, claims.payload)
        self.status.token_expires_at = None if claims.expires_at is None else int(claims.expires_at * 1e9)

    def clock(self, skew: float | None) -> None:
        """The service's clock was compared with this machine's: `skew` is by how much this one is ahead, s."""
        problem = clock_problem(skew)
        if (problem is None) is not (self.status.clock_skew is None):
            message = "This machine's clock agrees with the service's again." if problem is None else str(problem)
            self.note("info" if problem is None else "warning", "transport", message)
        self.status.clock_skew = None if problem is None or skew is None else float(round(skew))

    def requested(self, endpoint: str, request: StreamRequest, claims: TokenClaims) -> None:
        """A request is being sent."""
        self._connection = self._capture.open_connection(
            endpoint,
            request.encode(),
            user_id=claims.user_id,
            client_id=request.client_id,
            token_expires_at=self.status.token_expires_at,
        )
        self.frames_of_connection = 0
        self._asked = request.streams
        self._look_at_uploads()

    def answered(self, head: StreamHead) -> None:
        """The service answered 200."""
        self._capture.response(self._connection, head.status, head.headers, head.framer.format, head.encoding)
        self.status.phase = "connected"
        self.status.transport = head.words
        self.status.http_version = head.http_version
        self.status.connected_at = self._now_ns()
        self.status.operations_before = self.status.operations_received
        self.status.attempt = 0
        self.status.problem = None
        self.status.no_token = False

    def refused(self, error: InspectorError) -> None:
        """No stream came of the request."""
        if isinstance(error, ServiceRefusal):
            encoding = dict(error.headers).get("content-encoding", "")
            self._capture.response(self._connection, error.status, error.headers, None, encoding)
            if error.mislabelled:
                message = f"The error says that it is compressed with {encoding}, and is plain text."
                self.note("warning", "transport", message, {"connection": self._connection, "mislabelled": encoding})

    def received(self, body: bytes, line: Line) -> None:
        """A line has arrived; it is about to be applied."""
        self._line, self._received_at = line, self._now_ns()
        self.status.heard_at = self._received_at
        if not isinstance(line, Keepalive):
            self.status.progressed_at = self._received_at
        self._frame = self._capture.frame(self._connection, body, line, received_at=self._received_at)
        self.frames_of_connection += 1

    def unreadable(self, body: bytes, error: str) -> None:
        """Bytes that are no line are kept with the reason."""
        self._frame = self._capture.frame(self._connection, body, None, error=error)

    def closed(self, effect: CloseStream) -> None:
        """The stream has been closed by either side."""
        reason = f"{effect.reason[0].upper()}{effect.reason[1:]}."
        if effect.error is not None:
            reason = f"{reason} {str(effect.error).removeprefix(reason).lstrip()}".rstrip()
        # The end of a connection tells itself in the list of frames: details say that this is the same.
        details = {"connection": self._connection} if self._connection else None
        if self._connection:
            self._capture.close_connection(self._connection, reason)
            self._connection = 0
        message = f"The stream to {host_of(self.status.endpoint)} was closed: {effect.reason}."
        self.note("info", "session", message, details)
        self.status.receiving = False
        self.status.connected_at = None
        self.status.revision += 1

    def deleted(self, effect: DeleteBuckets) -> None:
        """Buckets that the checkpoint does not name any more have gone."""
        count = len(effect.names)
        self.note(
            "info",
            "store",
            f"{count} bucket{'s' if count != 1 else ''} removed: {', '.join(effect.names[:5])}"
            f"{' …' if count > 5 else '.'}",
        )
        self.status.revision += 1

    def tracked(self, effect: TrackCheckpoint, progress: Progress) -> None:
        """There is a new target."""
        if isinstance(self._line, Checkpoint | CheckpointDiff):
            self._capture.checkpoint_started(self._connection, self._frame, self._line)
        self.status.checkpoint = effect.target.last_op_id
        self._expected = effect.target.buckets
        self.status.operations_done, self.status.operations_total = progress.done, progress.total
        self._tell_stream_problems(effect)
        self.status.receiving = True
        self.status.held = False
        self.status.revision += 1

    def _tell_stream_problems(self, effect: TrackCheckpoint) -> None:
        known = self.status.stream_problems
        self.status.stream_problems = tuple(
            Problem(problem.what, problem.why, problem.next_step)
            for problem in stream_problems(self._asked, effect.target.streams)
        )
        for problem in self.status.stream_problems:
            if problem not in known:
                self.note("warning", "session", str(problem))

    def saved(self, effect: SaveOperations) -> None:
        """A line's operations are stored."""
        self.progressed = True
        count = len(effect.line.data)
        self._capture.checkpoint_data(self._connection, count, effect.size)
        if effect.line.bucket in self._expected:
            self.status.operations_done += count
        self.status.operations_received += count
        self._operations_since_publishing += count
        self.status.revision += 1

    def published(self, effect: Publish, outcome: Published | HeldBack | Mismatched) -> None:
        """A checkpoint was validated, and shown or not."""
        self._look_at_uploads()
        if effect.priority is None and not effect.retry:
            self._capture.checkpoint_data_done(self._connection, at=self._received_at)
        match outcome:
            case Published():
                self._on_published(effect)
            case HeldBack():
                self._on_held_back(effect)
            case Mismatched():
                self._on_mismatched(outcome)
        self.status.revision += 1

    def remarked(self, effect: Remark) -> None:
        """The session has something to note."""
        self.note(effect.level, "session", effect.message)

    def uploads_changed(self) -> None:
        """The upload queue, the gate or a checkpoint request is not what it was."""
        self._look_at_uploads()
        self.status.revision += 1

    def local_write(self, tx_id: int | None, writes: Sequence[LocalWrite]) -> None:
        """The app changed rows in one transaction; what it changed is kept up to `_LONGEST_WRITES` bytes."""
        body = msgspec.json.encode(writes)
        connected = self.status.connected_at is not None
        kept = body if len(body) <= _LONGEST_WRITES else None
        self._capture.local_write(tx_id, len(writes), connected=connected, writes=kept)

    def upload_started(self, transaction: PendingTransaction) -> int:
        """An attempt begins; its id in the capture."""
        return self._capture.upload_started(transaction.tx_id, transaction.first_entry, transaction.last_entry)

    def upload_sends(self, upload: int, batch: bytes) -> None:
        """What an attempt sends."""
        self._capture.upload_sends(upload, batch)
        self.note("debug", "uploads", f"Attempt {upload} sends {plural(len(batch), 'byte')}.", {"upload": upload})

    def upload_ended(
        self, upload: int, outcome: UploadOutcome, *, status: int | None = None, answer: str | None = None
    ) -> None:
        """An attempt has ended, one way or another."""
        self._capture.upload_ended(upload, outcome, status=status, answer=answer)
        self.uploads_changed()

    def moved(self, before: State, after: State, cause: str) -> None:
        """The session is in another state."""
        self.note("debug", "session", f"From “{before}” to “{after}”, by {cause}.")

    def flush(self) -> None:
        """Write out what waits in memory, and commit what the client database holds back."""
        if self._database.settle_if_due():
            self.status.revision += 1
        self._capture.flush()
        self.status.frames = self._capture.frames
        self.status.capture_bytes = self._capture.bytes

    def _on_published(self, effect: Publish) -> None:
        self.progressed = True
        if effect.priority is not None:
            self._capture.set_outcome(self._frame, Outcome.PARTIAL)
            self.status.complete_priority = effect.priority
            return
        if not effect.retry:
            self._capture.checkpoint_validated(self._connection, at=self._database.validation.ended_at)
        self._capture.checkpoint_published(self._connection, self._held_frame if effect.retry else self._frame)
        self._held_frame = None
        if self._operations_since_publishing:
            self.status.last_change_at = self._now_ns()
        self._operations_since_publishing = 0
        self._mismatches.clear()
        self.status.mismatch = None
        self.status.shown_checkpoint = effect.target.last_op_id
        self.status.first_sync = self.status.receiving = self.status.held = False
        self.status.complete_priority = None

    def _on_held_back(self, effect: Publish) -> None:
        writes = self.status.pending_writes
        if effect.priority is not None:
            self._capture.set_outcome(self._frame, Outcome.SKIPPED, pending_writes=writes)
            return
        self._capture.checkpoint_validated(self._connection, at=self._database.validation.ended_at)
        self._capture.checkpoint_held(self._connection, self._frame, writes)
        self._held_frame = self._frame
        self.status.receiving = False
        self.status.held = True

    def _on_mismatched(self, outcome: Mismatched) -> None:
        for bucket in outcome.buckets:
            self._mismatches[bucket.bucket] = self._mismatches.get(bucket.bucket, 0) + 1
        kept = self._database.validation.failed
        self._capture.checkpoint_mismatched(self._connection, self._frame, outcome.buckets, kept)
        first = outcome.buckets[0]
        self.status.receiving = False
        self.status.mismatch = Mismatch(
            first.bucket, first.expected, first.add_checksum, first.op_checksum, self._mismatches[first.bucket]
        )

    def _look_at_uploads(self) -> None:
        self.status.pending_writes = self._database.pending_writes
        self.status.target_request = self._database.gate
        self.status.seen_request = self._database.seen_request
        self.status.requested = self._database.queue.last_requested
        waiting = not self.status.pending_writes and (self.status.target_request or 0) > (self.status.seen_request or 0)
        if not waiting:
            self.status.waiting_since = None
        elif self.status.waiting_since is None:
            self.status.waiting_since = self._now_ns()
