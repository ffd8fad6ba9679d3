"""Checks of the local writes that wait to be uploaded: what they hold back, and what discarding them would lose."""

from collections.abc import Iterator

from inspector.analysis.checks.gate import gate_evidence
from inspector.analysis.checks.words import id_ranges, internal, short_id
from inspector.analysis.finding_types import (
    DATABASES,
    Certainty,
    Check,
    Evidence,
    Finding,
    Material,
    database_of,
    mono,
    status_of,
)
from inspector.analysis.pending_writes import Change, PendingWrite, read_pending
from inspector.analysis.problem_words import cause, join, sentence
from inspector.analysis.situations import DatabaseFile, Live, Role
from inspector.analysis.upload_sentences import uploads_normally
from inspector.engine.control import Status
from inspector.words import NS, moment, plural, thousands

_LISTED, _COLUMNS = 4, 2
_JUST_SYNCED_NS = 3_600 * NS
"""A file whose last full sync is older was not taken seconds after a write that holds downloads."""


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
    elif last is not None and material.now_ns - last < _JUST_SYNCED_NS:
        told += " A file that was taken in the seconds between a write and its confirmation looks the same."
    pending = oldest_writes(material)
    yield Finding(
        "uploads/queue-blocks-downloads",
        f"Downloads are held behind {plural(writes, 'local write')}",
        f"{waiting}.",
        Role.BROKEN if status is None else Role.HELD,
        Certainty.CERTAIN,
        join(
            "The upload queue is not empty. Until its writes are uploaded and confirmed, the client keeps downloading"
            " but shows nothing new.",
            told,
        ),
        join(
            f"Look at the backend's answer to {_oldest(pending)}. An error code means “try again” to a client, so a"
            " write that can never succeed must be answered with success and recorded elsewhere.",
            _what_is_lost(pending, writes),
        ),
        (
            _queue_evidence(pending, writes),
            gate_evidence(material, target),
            Evidence("ps_buckets", _positions(material, waiting), "buckets"),
            *(
                (
                    internal(
                        "ps_sync_state",
                        f"last full sync {moment(last, material.now_ns)}",
                        "SELECT * FROM ps_sync_state",
                    ),
                )
                if last
                else ()
            ),
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
    if status is not None and status.phase == "offline":
        return  # by the user's choice, and the sentence says so
    were = "was" if writes == 1 else "were"
    pending = oldest_writes(material)
    yield Finding(
        "uploads/writes-wait",
        f"{plural(writes, 'local write')} {were} not uploaded",
        "Nothing waits behind them yet." if writes > 1 else "Nothing waits behind it yet.",
        Role.HELD,
        Certainty.CERTAIN if status is None else Certainty.LIKELY,
        "They are on this device only. The next checkpoint that the service sends cannot be shown before they are"
        " uploaded and confirmed.",
        join(
            "Connect the app and look whether its upload queue empties; its log has the backend's answers.",
            _what_is_lost(pending, writes),
        ),
        (_queue_evidence(pending, writes), gate_evidence(material, target)),
    )


def oldest_writes(material: Material) -> tuple[PendingWrite, ...]:
    """The oldest writes, read once for all checks; none where no file is open to this check."""
    return () if material.database is None else material.once(_read_oldest)


def _read_oldest(material: Material) -> tuple[PendingWrite, ...]:
    return read_pending(database_of(material), material.capture).writes


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


def _oldest(pending: tuple[PendingWrite, ...]) -> str:
    tx_id = pending[0].entry.tx_id if pending else None
    return "the oldest transaction" if tx_id is None else f"transaction {tx_id}"


def _what_is_lost(pending: tuple[PendingWrite, ...], writes: int) -> str:
    """What discarding would cost, write by write."""
    if not pending:
        return f"Discarding {'it' if writes == 1 else 'them'} on the device loses {'it' if writes == 1 else 'them'}."
    lost = [_one_loss(write) for write in pending[:_LISTED]]
    more = writes - len(lost)
    others = f" and {plural(more, 'more write')}" if more else ""
    return f"Discarding on the device loses: {', '.join(lost)}{others}."


def _one_loss(write: PendingWrite) -> str:
    row = (
        f"{write.entry.row_type} / {short_id(write.entry.row_id)}" if write.entry.row_id else f"entry {write.entry.id}"
    )
    if write.entry.op == "DELETE":
        return mono(f"{row} deleted")
    if write.is_new_row:
        return mono(f"{row} new")
    changes = [_one_change(change) for change in write.changes[:_COLUMNS]]
    more = len(write.changes) - len(changes)
    others = f" and {plural(more, 'more column')}" if more else ""
    return mono(" ".join((row, ", ".join(changes)))) + others


def _one_change(change: Change) -> str:
    before = "" if change.before is None else f" {_cut(change.before)} →"
    return f"{change.column}{before} {_cut(change.after or 'null')}"


def _cut(value: str) -> str:
    return value if len(value) <= 24 else f"{value[:22]}…"


def _queue_evidence(pending: tuple[PendingWrite, ...], writes: int) -> Evidence:
    if not pending:
        return Evidence("ps_crud", f"{plural(writes, 'entry', 'entries')}, oldest first", "uploads")
    tx_id = pending[0].entry.tx_id
    first = [write.entry for write in pending if tx_id is None or write.entry.tx_id == tx_id]
    what = f"{plural(writes, 'entry', 'entries')}, oldest first"
    if tx_id is not None:
        what = f"transaction {tx_id}, {plural(len(first), 'entry', 'entries')}"
        what += f"; {thousands(writes - len(first))} more behind it" if writes > len(first) else ""
    ids = id_ranges(entry.id for entry in (first if tx_id is not None else [write.entry for write in pending]))
    entry = pending[0].entry
    row = (entry.row_type, entry.row_id) if entry.row_id else None
    return Evidence(f"ps_crud {ids}", what, "uploads", row=row)


def _positions(material: Material, waiting: str) -> str:
    if material.database is None:
        return waiting
    behind = [it for it in material.database.buckets(fast=True) if it.last_op > it.last_applied_op]
    if not behind:
        return waiting
    last, shown = max(it.last_op for it in behind), max(it.last_applied_op for it in behind)
    return f"last op {last}, last applied {shown} in {plural(len(behind), 'bucket')}"


def _answer_of(status: Status) -> str:
    if status.upload_problem is not None:
        return join(sentence(status.upload_problem.what), cause(status.upload_problem))
    if status.nowhere_to_upload:
        return "The connection has nowhere to upload to."
    return "Uploads are held by choice." if status.uploads == "held" else "No answer has come yet."


CHECKS = (
    Check(
        "uploads/queue-blocks-downloads",
        "Local writes that hold downloads back",
        "ps_crud, the gate, ps_buckets",
        DATABASES,
        queue_blocks_downloads,
    ),
    Check("uploads/writes-wait", "Local writes that were not uploaded", "ps_crud", DATABASES, writes_wait),
)
