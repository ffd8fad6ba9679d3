"""What the files say about uploads: the queue, the gate, the log, and what was sent and answered."""

from dataclasses import dataclass

from inspector.analysis.pending_writes import PendingQueue, read_pending
from inspector.analysis.upload_contents import UploadContents, contents_of
from inspector.capture.outcome import UploadOutcome
from inspector.capture.reader import CaptureReader
from inspector.store.state_queries import Gate
from inspector.ui.panels.uploads.log_columns import Attempt
from inspector.ui.readers import Readers
from inspector.ui.times import clock
from inspector.words import NS, elapsed

LOG_ROWS = 500
"""The newest attempts that are shown."""


@dataclass(frozen=True, slots=True)
class UploadsView:
    """What both files say about uploads."""

    queue: PendingQueue
    gate: Gate | None
    """None without a client database."""
    seen_at: int | None
    log: tuple[Attempt, ...]
    """The newest attempts, newest first; at the end the one that was wanted, where it is none of them."""
    has_capture: bool
    writes_recorded: bool
    """Whether the capture holds local writes, so that the queue of a database made from it is the client's."""


@dataclass(frozen=True, slots=True)
class Exchange:
    """What the attempt with this id sent and got, and the rows that it is about."""

    upload: int
    text: str
    contents: UploadContents


def read_uploads(readers: Readers, wanted: int | None = None) -> UploadsView:
    """Everything that the panel shows, the attempt `wanted` among it."""
    database, capture = readers.database, readers.capture
    gate = database.gate() if database is not None else None
    seen_at = (
        capture.checkpoints.request_seen_at(gate.seen)
        if capture and gate is not None and gate.seen is not None
        else None
    )
    queue = read_pending(database, capture) if database is not None else PendingQueue((), 0, 0)
    log = _attempts(capture, wanted) if capture is not None else ()
    return UploadsView(
        queue, gate, seen_at, log, capture is not None, capture is not None and capture.acts.has_local_writes
    )


def _attempts(capture: CaptureReader, wanted: int | None) -> tuple[Attempt, ...]:
    uploads = capture.uploads.newest(LOG_ROWS)
    if wanted is not None and uploads and wanted < uploads[-1].id:
        uploads += filter(None, [capture.uploads.row(wanted)])
    times = capture.local_writes.times(uploads)
    return tuple(Attempt(upload, times.get(upload.id)) for upload in uploads)


def exchange_of(readers: Readers, attempt: Attempt) -> Exchange | None:
    """Request and answer of an attempt, as text, and what it wrote; None without a capture."""
    if readers.capture is None:
        return None
    upload = attempt.upload
    request = readers.capture.uploads.request(upload.id)
    if upload.outcome == UploadOutcome.DISCARDED and request is None:
        text = f"{_times(attempt)}\n\nNothing was sent: the transaction was given up on this device."
    else:
        sent = request if request is not None else "What was sent is not recorded."
        status = "" if upload.status is None else f" {upload.status}"
        text = f"{_times(attempt)}\n\nSent\n{sent}\n\nAnswered{status}\n{upload.answer or 'No answer is recorded.'}"
    return Exchange(upload.id, text, contents_of(readers.database, readers.capture, upload))


def _times(attempt: Attempt) -> str:
    """When the transaction was written, when the attempt began, and how long it took."""
    upload, written = attempt.upload, attempt.written_at
    parts = [f"Written {clock(written)}" if written is not None else "When it was written is not recorded"]
    if upload.outcome == UploadOutcome.DISCARDED:
        return f"{parts[0]} · given up {clock(upload.started_at)}"
    parts.append(f"sent {clock(upload.started_at)}")
    if upload.ended_at is not None:
        parts.append(f"ended after {elapsed((upload.ended_at - upload.started_at) / NS)}")
    return " · ".join(parts)
