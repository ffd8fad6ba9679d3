"""What the files say about uploads: the queue, the gate, the log, and what was sent and answered."""

from dataclasses import dataclass

from inspector.analysis.pending_writes import PendingQueue, read_pending
from inspector.capture.rows import UploadRow
from inspector.store.state_queries import Gate
from inspector.ui.readers import Readers

LOG_ROWS = 500
"""The newest attempts that are shown."""


@dataclass(frozen=True, slots=True)
class UploadsView:
    """What both files say about uploads."""

    queue: PendingQueue
    gate: Gate | None
    """None without a client database."""
    seen_at: int | None
    log: tuple[UploadRow, ...]
    """The newest attempts, newest first."""
    has_capture: bool
    writes_recorded: bool
    """Whether the capture holds local writes, so that the queue of a database made from it is the client's."""


def read_uploads(readers: Readers) -> UploadsView:
    """Everything that the panel shows."""
    database, capture = readers.database, readers.capture
    gate = database.gate() if database is not None else None
    seen_at = (
        capture.checkpoints.request_seen_at(gate.seen)
        if capture and gate is not None and gate.seen is not None
        else None
    )
    queue = read_pending(database, capture) if database is not None else PendingQueue((), 0, 0)
    log = capture.uploads.newest(LOG_ROWS) if capture is not None else []
    return UploadsView(
        queue, gate, seen_at, tuple(log), capture is not None, capture is not None and capture.acts.has_local_writes
    )


def exchange_of(readers: Readers, upload: UploadRow) -> str:
    """Request and answer of an attempt, as text."""
    request = readers.capture.uploads.request(upload.id) if readers.capture is not None else None
    sent = request if request is not None else "What was sent is not recorded."
    status = "" if upload.status is None else f" {upload.status}"
    return f"Sent\n{sent}\n\nAnswered{status}\n{upload.answer or 'No answer is recorded.'}"
