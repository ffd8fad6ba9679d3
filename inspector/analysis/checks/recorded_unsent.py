"""Checks of what a client should have sent and did not, or in vain: local writes, and the request to confirm them."""

from collections.abc import Iterator

from inspector.analysis.checks.recent import connections
from inspector.analysis.checks.words import row_evidence
from inspector.analysis.finding_types import (
    RECORDED,
    Certainty,
    Check,
    Evidence,
    Finding,
    Material,
    Needs,
    capture_of,
)
from inspector.analysis.situations import Live, Role
from inspector.analysis.upload_returns import writes_of
from inspector.capture.happenings import HappeningKind, key_of
from inspector.capture.outcome import UploadOutcome
from inspector.capture.reader import CaptureReader
from inspector.capture.rows import ConnectionRow
from inspector.words import NS, clock, duration, plural

_PATIENCE_NS = 30 * NS
"""For so long a stream is open before a write that waits should have been tried."""
_FEWEST_REFUSALS = 2
_RECENT_EVENTS = 5_000
_NEWER_PATH = "/sync/checkpoint-request"

_NEVER_TRIED = """
SELECT id, at, tx_id, writes FROM local_writes WHERE tx_id > coalesce((SELECT max(tx_id) FROM uploads), 0) ORDER BY id
"""
# The first condition is that of the partial index `events_marked`, which is used where it is repeated and the order is
# not that of the ids as they are: else all events are read.
_HELD = """
SELECT message FROM events WHERE source IN ('faults', 'store', 'control') AND source = 'control'
  AND message IN ('Local writes are held.', 'Local writes are uploaded.') ORDER BY +id DESC LIMIT 1
"""
_ASKED = """
SELECT at, json_extract(details, '$.asked'), json_extract(details, '$.status') FROM events
WHERE id > (SELECT max(id) FROM events) - ?1 AND source = 'uploads' AND json_extract(details, '$.asked') IS NOT NULL
  AND id > coalesce((SELECT max(id) FROM events WHERE id > (SELECT max(id) FROM events) - ?1 AND source = 'uploads'
    AND json_extract(details, '$.gate') IS NOT NULL), 0)
ORDER BY id
"""


def never_tried(material: Material) -> Iterator[Finding]:
    """Local writes that wait although a stream has been open for long, and no upload was tried."""
    reader = capture_of(material)
    if not reader.acts.has_local_writes or _is_held(material, reader):
        return
    waiting = reader.ask(_NEVER_TRIED)
    newest = connections(material)[-1:]
    last = reader.uploads.newest(1)
    is_blocked = bool(last) and last[0].outcome not in (UploadOutcome.ACCEPTED, UploadOutcome.DISCARDED)
    if not waiting or is_blocked or not newest or newest[0].status != 200:
        return
    stream = newest[0]
    _, written_at, tx_id, writes = waiting[0]
    since = max(written_at, stream.started_at)
    lasted = _last_sign(material, reader, stream) - since
    if lasted < _PATIENCE_NS:
        return
    ever = bool(last)
    rows = writes_of(writes)
    yield Finding(
        "uploads/never-tried",
        f"{plural(len(waiting), 'local transaction')} {'waits' if len(waiting) == 1 else 'wait'}, and no upload was"
        " tried",
        f"A stream has been open for {duration(lasted / NS)} since the oldest was written.",
        Role.HELD if ever else Role.IDLE,
        Certainty.LIKELY if ever else Certainty.HINT,
        (
            "Uploads were made before, and after this write none was: some SDKs look at their queue when the app"
            " connects or writes, and not when a connection comes back, so what was written offline stays."
            if ever
            else "No upload was ever made in this recording: the connection may have nowhere to upload to, on purpose"
            " or by an oversight; or the SDK looks at its queue only when the app writes again."
        )
        + " Dart before 1.8.9, JavaScript before 1.33.1 and Kotlin before 1.5.1 did so.",
        "One more local write, or connecting anew, starts it. Update the SDK, and look whether the app has a connector"
        " that uploads.",
        (
            Evidence(f"transaction {tx_id}", f"written at {clock(written_at)}, never sent", "uploads"),
            *(row_evidence(it.type, it.id, it.op) for it in rows[:3]),
            Evidence(
                f"connection {stream.id}",
                f"open since {clock(stream.started_at)}",
                "frames",
                happening=key_of(HappeningKind.REQUEST, stream.id),
            ),
        ),
    )


def not_asked(material: Material) -> Iterator[Finding]:
    """The service is asked to confirm the uploads at an address that nobody knows."""
    refused = capture_of(material).ask(_ASKED, _RECENT_EVENTS)
    # A token that ended is no matter of the address; a service without checkpoint requests has the other way.
    failed = [each for each in refused if each[2] != 401 and not (each[2] == 404 and each[1].endswith(_NEWER_PATH))]
    if not failed or (failed[-1][2] != 404 and len(failed) < _FEWEST_REFUSALS):
        return
    _, path, status = failed[-1]
    unknown, doubled = status == 404, "//" in path
    cause = "The path has a doubled slash: the endpoint was given with a slash too many, and the router is strict."
    if not doubled:
        cause = (
            "The stream has its own path, which is known: a proxy passes that one on and not this one."
            if unknown
            else "The stream goes on meanwhile."
        )
    yield Finding(
        "uploads/not-asked",
        f"The request to confirm uploads is answered {status}",
        f"{path}: {plural(len(failed), 'time')}.",
        Role.BROKEN,
        Certainty.CERTAIN,
        f"{cause} Everything is uploaded, the service is never asked to confirm it, and so nothing that is downloaded"
        " is shown.",
        "Give the endpoint without a path and without a slash at its end."
        if doubled
        else "Have the proxy pass every path of the service on, not `/sync/stream` alone."
        if unknown
        else "Look at the service's log at that time.",
        tuple(Evidence(clock(at), f"{where} was answered {code}", "events") for at, where, code in failed[-3:]),
    )


def _is_held(material: Material, reader: CaptureReader) -> bool:
    """Whether writes stay here by the user's choice."""
    if isinstance(material.situation, Live) and material.situation.status.uploads == "held":
        return True
    found = reader.ask(_HELD)
    return bool(found) and found[0][0] == "Local writes are held."


def _last_sign(material: Material, reader: CaptureReader, stream: ConnectionRow) -> int:
    """Until when the stream was surely open, ns."""
    if stream.ended_at is not None:
        return stream.ended_at
    if isinstance(material.situation, Live):
        return material.now_ns
    return int(
        reader.ask("SELECT coalesce(max(received_at), 0) FROM frames WHERE id >= ?", stream.first_frame or 0)[0][0]
    )


CHECKS = (
    Check(
        "uploads/never-tried",
        "Local writes that nobody tries to upload",
        "local writes, attempts to upload, connections",
        RECORDED,
        never_tried,
        Needs.CAPTURE,
    ),
    Check(
        "uploads/not-asked",
        "Requests to confirm uploads that fail",
        "the answers to them",
        RECORDED,
        not_asked,
        Needs.CAPTURE,
    ),
)
