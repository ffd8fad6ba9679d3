"""What a frame did, in one line: the last column of the frames panel, and of the command line."""

from inspector.capture.answers import answer_words
from inspector.capture.happenings import Happening, HappeningKind
from inspector.capture.outcome import Outcome, UploadOutcome
from inspector.capture.rows import FrameRow
from inspector.protocol.buckets import parse_bucket_name
from inspector.words import duration, plural, thousands

_SEPARATOR = " · "


def what_it_did(row: FrameRow) -> str:
    """One line such as `op 1601 · 1 bucket updated` or `2 PUT · 1 REMOVE in todos`; empty when nothing is known."""
    if row.error is not None:
        return row.error
    match row.kind:
        case "checkpoint":
            return _SEPARATOR.join([_checkpoint_id(row), _named_buckets(row), *_cut_short(row)])
        case "checkpoint_diff":
            return _SEPARATOR.join([_checkpoint_id(row), *_changed_buckets(row), *_cut_short(row)])
        case "data":
            return _operations(row)
        case "partial_checkpoint_complete":
            return _SEPARATOR.join([_checkpoint_id(row), f"P{row.priority}", *_outcome(row)])
        case "checkpoint_complete":
            return _SEPARATOR.join([_checkpoint_id(row), *_outcome(row)])
        case "token_expires_in":
            return _token_life(row.expires_in)
    return "of a kind that is not known; passed over"


def what_happened(row: Happening) -> str:
    """The same for what happened between frames, such as `tx 7 → 409 list is archived`."""
    kind, number = row.source
    match kind:
        case HappeningKind.UPLOAD:
            return f"tx {row.tx_id} {_became(row)}" if row.tx_id is not None else _became(row)
        case HappeningKind.EVENT:
            return row.text
        case HappeningKind.REQUEST:
            parts = [f"answered {row.status}"] if row.status is not None else []
            parts += [fact for fact in ((row.format or "").upper(), row.encoding) if fact]
            parts.append(f"connection {number} to {row.text.partition('://')[2] or row.text}")
            return _SEPARATOR.join(parts)
        case HappeningKind.END:
            connection = f"connection {number}"
            return _SEPARATOR.join([row.text.removesuffix("."), connection]) if row.text else f"{connection} ended"


def _became(upload: Happening) -> str:
    answer = " ".join(part for part in (str(upload.status or ""), answer_words(upload.text)) if part)
    match upload.outcome:
        case UploadOutcome.SENDING:
            return "→ no answer yet"
        case UploadOutcome.DISCARDED:
            return "discarded"
        case UploadOutcome.ACCEPTED:
            return f"→ {upload.status or 'taken'}"
    return f"→ {answer or upload.outcome}"


def _checkpoint_id(row: FrameRow) -> str:
    return "no checkpoint" if row.checkpoint is None else f"op {row.checkpoint}"


def _named_buckets(row: FrameRow) -> str:
    buckets = plural(row.buckets or 0, "bucket")
    return buckets if row.total_operations is None else f"{buckets}, {plural(row.total_operations, 'operation')}"


def _changed_buckets(row: FrameRow) -> list[str]:
    changes = []
    if row.buckets:
        changes.append(f"{plural(row.buckets, 'bucket')} updated")
    if row.removed_buckets:
        removed = thousands(row.removed_buckets) if changes else plural(row.removed_buckets, "bucket")
        changes.append(f"{removed} removed")
    return changes or ["no bucket changed"]


def _operations(row: FrameRow) -> str:
    counts = ((row.puts, "PUT"), (row.removes, "REMOVE"), (row.moves, "MOVE"), (row.clears, "CLEAR"))
    text = _SEPARATOR.join(f"{thousands(count)} {name}" for count, name in counts if count)
    if not text:
        return "no operations"
    return f"{text} in {row.row_types}" if row.row_types else text


def _cut_short(row: FrameRow) -> list[str]:
    """What became of a checkpoint that was never complete, or that the protocol does not allow."""
    return [row.outcome] if row.outcome in (Outcome.SUPERSEDED, Outcome.INTERRUPTED, Outcome.REFUSED) else []


def _outcome(row: FrameRow) -> list[str]:
    uploads = plural(row.pending_writes or 0, "upload")
    match row.outcome:
        case Outcome.APPLIED | Outcome.PARTIAL:
            return [f"applied after {uploads}" if row.pending_writes else "applied"]
        case Outcome.HELD:
            return [f"held by {uploads}" if row.pending_writes else "held until the uploads are confirmed"]
        case Outcome.SKIPPED:
            verb = "waits" if row.pending_writes == 1 else "wait"
            return ["skipped, " + (f"{uploads} {verb}" if row.pending_writes else "uploads are not confirmed")]
        case Outcome.MISMATCH:
            return [_mismatch(row)]
    return [row.outcome] if row.outcome else []


def _mismatch(row: FrameRow) -> str:
    if row.bucket is None:
        return "mismatch"
    others = f" and {thousands(row.buckets - 1)} more" if row.buckets is not None and row.buckets > 1 else ""
    return f"mismatch in bucket {parse_bucket_name(row.bucket).short}{others}"


def _token_life(seconds: float | None) -> str:
    if seconds is None or seconds <= 0:
        return "the token has ended"
    return f"token ends in {duration(seconds)}"
