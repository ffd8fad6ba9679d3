"""Checks of the upload queue and of the gate."""

from collections.abc import Iterator

from inspector.analysis.finding_types import Certainty, Evidence, Finding, Material, of_problem, status_of
from inspector.analysis.live_sentences import NORMAL_WAIT_NS, NOT_REQUESTED, gate_is_closed, uploads_normally
from inspector.analysis.problem_words import cause, join, sentence
from inspector.analysis.situations import DatabaseFile, Live, Role
from inspector.engine.control import Status
from inspector.words import NS, duration, moment, plural


def queue_blocks_downloads(material: Material) -> Iterator[Finding]:
    """Local writes keep downloaded operations from being shown."""
    writes, held, target, last = _queue(material)
    if not writes or not held:
        return
    waiting = f"{plural(held, 'downloaded operation')} {'is' if held == 1 else 'are'} not shown"
    status = material.situation.status if isinstance(material.situation, Live) else None
    if status is not None and uploads_normally(status, material.now_ns):
        return
    told = "Whether the backend refused them or was never asked is not in this file: the app's log or the backend's is."
    if status is not None:
        told = _answer_of(status)
    yield Finding(
        "uploads/queue-blocks-downloads",
        f"Downloads are held behind {plural(writes, 'local write')}",
        f"{waiting[0].upper()}{waiting[1:]}.",
        Role.BROKEN if status is None else Role.HELD,
        Certainty.CERTAIN,
        join(
            "The upload queue is not empty. Until its writes are uploaded and confirmed, the client keeps downloading"
            " but shows nothing new.",
            told,
        ),
        "Look at the backend's answer to the oldest transaction. An error code means “try again” to a client, so a"
        " write that can never succeed must be answered with success and recorded elsewhere. Discarding it on the"
        " device loses it.",
        (
            Evidence("ps_crud", f"{plural(writes, 'entry', 'entries')}, oldest first", "uploads"),
            Evidence("ps_kv target", _gate_words(target), "uploads"),
            Evidence("ps_buckets", f"{waiting}", "buckets"),
            *((Evidence("ps_sync_state", f"last full sync {moment(last, material.now_ns)}", "data"),) if last else ()),
        ),
    )


def writes_wait(material: Material) -> Iterator[Finding]:
    """Local writes wait, and hold nothing back yet."""
    writes, held, target, _ = _queue(material)
    if not writes or held:
        return
    status = material.situation.status if isinstance(material.situation, Live) else None
    if status is not None and (uploads_normally(status, material.now_ns) or status.upload_problem is not None):
        return
    were = "was" if writes == 1 else "were"
    yield Finding(
        "uploads/writes-wait",
        f"{plural(writes, 'local write')} {were} not uploaded",
        "Nothing waits behind them yet.",
        Role.HELD,
        Certainty.CERTAIN if status is None else Certainty.LIKELY,
        "They are on this device only. The next checkpoint that the service sends cannot be shown before they are"
        " uploaded and confirmed.",
        "Connect the app and look whether its upload queue empties; its log has the backend's answers.",
        (
            Evidence("ps_crud", f"{plural(writes, 'entry', 'entries')}, oldest first", "uploads"),
            Evidence("ps_kv target", _gate_words(target), "uploads"),
        ),
    )


def upload_refused(material: Material) -> Iterator[Finding]:
    """The backend does not take the oldest transaction."""
    status = status_of(material)
    if status.upload_problem is None or not status.pending_writes:
        return
    yield of_problem("uploads/refused", status.upload_problem, Role.HELD, Evidence(
        "the oldest transaction", f"tried {plural(max(1, status.upload_attempts), 'time')}", "uploads"
    ))  # fmt: skip


def unconfirmed(material: Material) -> Iterator[Finding]:
    """Everything is uploaded, and the service has not said so for longer than it should."""
    situation = material.situation
    if isinstance(situation, DatabaseFile):
        closed = not situation.pending_writes and gate_is_closed(situation.target_request, situation.seen_request)
        target, seen, waited = situation.target_request, situation.seen_request, ""
    else:
        status = status_of(material)
        since = status.waiting_since
        closed = since is not None and material.now_ns - since > NORMAL_WAIT_NS
        target, seen = status.target_request, status.seen_request
        waited = "" if since is None else f"It has been asked for since {duration((material.now_ns - since) / NS)}."
    if not closed:
        return
    yield Finding(
        "uploads/not-confirmed",
        "The service has not confirmed the uploads",
        join(_gate_words(target).capitalize() + ".", waited),
        Role.HELD,
        Certainty.CERTAIN,
        "Everything is uploaded. Downloads are shown again when a checkpoint carries the number that was asked for;"
        " until then rows may still show what was written here only.",
        "Look whether the service replicates: its lag delays every checkpoint. The backend must write to the database"
        " that the service replicates from before it answers.",
        (
            Evidence("asked for", _gate_words(target), "uploads"),
            Evidence("last seen", "none" if seen is None else f"request {seen}", "checkpoints"),
        ),
    )


def _queue(material: Material) -> tuple[int, int, int | None, int | None]:
    """Local writes, operations that they hold back, the gate, and the last full sync in ns."""
    situation = material.situation
    if isinstance(situation, DatabaseFile):
        last = situation.last_synced_at
        at = None if last is None else last * 1000
        return situation.pending_writes, situation.held_operations, situation.target_request, at
    status, summary = status_of(material), material.summary
    held = summary.unpublished_operations if status.held and summary is not None else 0
    return status.pending_writes, held, status.target_request, None


def _answer_of(status: Status) -> str:
    if status.upload_problem is not None:
        return join(sentence(status.upload_problem.what), cause(status.upload_problem))
    return "Uploads are held by choice." if status.uploads == "held" else "No answer has come yet."


def _gate_words(target: int | None) -> str:
    if target is None:
        return "nothing was ever asked for"
    if target == NOT_REQUESTED:
        return "the gate is at its maximum: nothing requested yet"
    return f"checkpoint request {target}"
