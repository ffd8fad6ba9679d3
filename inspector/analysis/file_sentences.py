"""The state sentences of files: what a client database or a capture says by itself, without its client."""

from dataclasses import replace

from inspector.analysis.problem_words import advice, join, sentence
from inspector.analysis.situations import (
    Action,
    CaptureFile,
    Checked,
    DatabaseFile,
    Role,
    StateSentence,
    Verdict,
    unmarked,
)
from inspector.analysis.upload_sentences import gate_is_closed
from inspector.store.schema import GATE_CLOSED
from inspector.words import ago, byte_size, elapsed, moment, plural, thousands

_RECORDS_SYNCS_SINCE = 3
"""Schema version (protocol §3)."""


def _not_in_a_database(writes: int) -> str:
    made = "it was" if writes == 1 else "they were"
    return f"When {made} made and what the backend answered is not in this file."


_NOT_YET = Verdict("", "", "", Role.FINE, 0)
"""While the checks run."""


def describe_database(file: DatabaseFile, now_ns: int) -> StateSentence:
    """The state sentence of a client database: what is wrong, what is held back, or when it was synced last."""
    return _of_file(_of_database(file, now_ns), file.checked)


def _of_database(file: DatabaseFile, now_ns: int) -> StateSentence:
    if file.problems:
        lead = sentence(file.problems[0].what)
        then = join(advice(file.problems[0], lead), _more_problems(file), _checked(file))
        return StateSentence(lead, then, Role.BROKEN, (Action.SHOW_FINDINGS,))
    verdict = _NOT_YET if file.checked is None else file.checked.verdict
    if verdict.role is Role.BROKEN and not _is_about_uploads(verdict):
        return _top_finding(file, verdict, now_ns)
    if file.pending_writes:
        return _unsent_writes(file, now_ns)
    if gate_is_closed(file.target_request, file.seen_request):
        return _unconfirmed_writes(file, now_ns)
    if verdict.role in (Role.BROKEN, Role.HELD):
        return _top_finding(file, verdict, now_ns)
    if file.last_synced_at is None:
        how_far = _kept(file) if file.cleared else join(_part_synced(file), _contents(file))
        return StateSentence(_no_full_sync(file), join(how_far, _checked(file)), Role.IDLE)
    if file.held_operations:
        are = "is" if file.held_operations == 1 else "are"
        lead = f"{plural(file.held_operations, 'downloaded operation')} {are} not shown."
        return StateSentence(lead, join(_last_sync(file, now_ns), _contents(file), _checked(file)), Role.HELD)
    return StateSentence(_last_sync(file, now_ns), join(_contents(file), _checked(file)), Role.FINE)


def _is_about_uploads(verdict: Verdict) -> bool:
    """Whether the sentence about the queue or the gate says it with more figures."""
    return verdict.check.startswith("uploads/")


def _top_finding(file: DatabaseFile, verdict: Verdict, now_ns: int) -> StateSentence:
    more = verdict.findings - 1
    others = f"{plural(more, 'further finding')}." if more else ""
    when = _last_sync(file, now_ns) if file.last_synced_at is not None else ""
    then = join(sentence(unmarked(verdict.summary)), others, when, _checked(file))
    return StateSentence(sentence(unmarked(verdict.title)), then, verdict.role, (Action.SHOW_FINDINGS,))


def _unsent_writes(file: DatabaseFile, now_ns: int) -> StateSentence:
    were = "was" if file.pending_writes == 1 else "were"
    writes = plural(file.pending_writes, "local write")
    if file.held_operations:
        behind = "it" if file.pending_writes == 1 else "them"
        wait = "waits" if file.held_operations == 1 else "wait"
        held = f"{plural(file.held_operations, 'downloaded operation')} {wait} behind {behind}"
        then = join(f"{writes} {were} never confirmed, and {held}.", _checked(file))
        return StateSentence(_nothing_shown(file, now_ns), then, Role.BROKEN, (Action.SHOW_WRITE,))
    when = _last_sync(file, now_ns) if file.last_synced_at is not None else _no_full_sync(file)
    then = join(when, _not_in_a_database(file.pending_writes), _checked(file))
    return StateSentence(f"{writes} {were} not uploaded.", then, Role.HELD, (Action.SHOW_WRITE,))


def _unconfirmed_writes(file: DatabaseFile, now_ns: int) -> StateSentence:
    if file.target_request == GATE_CLOSED:
        request = "All writes were uploaded, but no checkpoint request followed."
    else:
        seen = "none was seen" if file.seen_request is None else f"the last one seen is {file.seen_request}"
        request = f"All writes were uploaded and checkpoint request {file.target_request} was made; {seen}."
    if file.held_operations:
        wait = "waits" if file.held_operations == 1 else "wait"
        held = f"{plural(file.held_operations, 'downloaded operation')} {wait} for the confirmation."
        then = join(request, held, _checked(file))
        return StateSentence(_nothing_shown(file, now_ns), then, Role.BROKEN, (Action.SHOW_FINDINGS,))
    lead = "The service has not confirmed the uploads."
    return StateSentence(lead, join(request, _checked(file)), Role.HELD, (Action.SHOW_FINDINGS,))


def _nothing_shown(file: DatabaseFile, now_ns: int) -> str:
    if file.last_synced_at is None:
        return "No full sync has been shown."
    return f"Nothing new has been shown since {moment(file.last_synced_at * 1000, now_ns)}."


def _no_full_sync(file: DatabaseFile) -> str:
    if file.schema_version is not None and file.schema_version < _RECORDS_SYNCS_SINCE:
        return f"Schema version {file.schema_version} does not record when it was synced."
    if file.cleared:
        return "The tables were cleared after a full sync."
    return "No full sync is recorded." if file.operations else "This file holds nothing from a sync."


def _kept(file: DatabaseFile) -> str:
    """What a soft clear leaves."""
    operations, buckets = plural(file.operations, "operation"), plural(file.buckets, "bucket")
    return f"{operations} in {buckets} {'is' if file.operations == 1 else 'are'} kept, to be shown by the next sync."


def _part_synced(file: DatabaseFile) -> str:
    """How far a first sync has come that was not completed."""
    if not file.operations:
        return "It was never synced, or it was cleared since."
    waiting = file.unpublished_operations
    rest = f"{plural(waiting, 'stored operation')} {'is' if waiting == 1 else 'are'} not shown yet." if waiting else ""
    if file.complete_priority is None:
        return rest
    return join(f"The first sync is complete up to priority {file.complete_priority}.", rest)


def _last_sync(file: DatabaseFile, now_ns: int) -> str:
    return f"The last full sync was {ago((file.last_synced_at or 0) * 1000, now_ns)}."


def _contents(file: DatabaseFile) -> str:
    if not (file.operations or file.rows or file.buckets):
        return "" if file.last_synced_at is None else "It brought no bucket, and the tables are empty."
    operations = plural(file.operations, "operation")
    if file.downloaded_operations is not None and file.downloaded_operations > file.operations:
        operations = f"{plural(file.downloaded_operations, 'operation')}, {thousands(file.operations)} of them stored,"
    in_tables = file.rows - file.rows_without_table
    tables = f"the tables show {plural(in_tables, 'row')}" if in_tables else "the tables are empty"
    if file.rows_without_table:
        verb = "has" if file.rows_without_table == 1 else "have"
        tables += f", and {plural(file.rows_without_table, 'row')} {verb} no table"
    return f"{operations} in {plural(file.buckets, 'bucket')}; {tables}."


def _more_problems(file: DatabaseFile) -> str:
    more = len(file.problems) - 1
    return f"{plural(more, 'further problem')} {'was' if more == 1 else 'were'} found." if more else ""


_NO_WAL = "No -wal lies beside it: if the app ran or was killed, its newest changes are missing."


def _checked(file: DatabaseFile) -> str:
    return join(_NO_WAL if file.lacks_wal and not file.problems else "", _was_checked(file))


def _was_checked(file: DatabaseFile) -> str:
    checked = file.checked
    if checked is not None and checked.operations:
        operations = plural(checked.operations, "stored operation")
        return f"Checked {operations} in {elapsed(checked.seconds)}{_unchanged(checked)}."
    return _checks_ran(checked)


def _checks_ran(checked: Checked | None) -> str:
    """How many checks it took, where no operations can be counted, and what became of the file meanwhile."""
    if checked is None:
        return "The checks are running."
    left_out = f", {thousands(checked.left_out)} did not" if checked.left_out else ""
    return f"{plural(checked.ran, 'check')} ran in {elapsed(checked.seconds)}{left_out}{_unchanged(checked)}."


def _unchanged(checked: Checked) -> str:
    return "" if checked.written_since else "; the file was not changed"


def _of_file(told: StateSentence, checked: Checked | None) -> StateSentence:
    """What was told of a file that was written since is told of what it was."""
    if checked is None or not checked.written_since:
        return told
    since = "The file was written since it was opened, and this is about what it was: open it again to see it now."
    role = Role.HELD if told.role in (Role.FINE, Role.IDLE) else told.role
    return replace(told, then=join(since, told.then), role=role, actions=(Action.REOPEN, *told.actions))


_ENDINGS: dict[str, tuple[str, Role]] = {
    "applied": ("was applied", Role.FINE),
    "partial": ("was applied in part", Role.PARTIAL),
    "held": ("was held back by local writes", Role.HELD),
    "skipped": ("was skipped while local writes waited", Role.HELD),
    "mismatch": ("did not match its checksums", Role.BROKEN),
    "interrupted": ("was not complete when its connection ended", Role.IDLE),
    "receiving": ("was still being received", Role.IDLE),
    "superseded": ("was replaced by a newer one", Role.IDLE),
}


def describe_capture(file: CaptureFile, now_ns: int) -> StateSentence:
    """The state sentence of a capture: mismatches first, else what became of the last checkpoint."""
    told = _of_file(_of_frames(file, now_ns), file.checked)
    if file.rebuilding is None:
        return told
    frames, of = file.rebuilding.frames, file.rebuilding.of
    amount = f": {thousands(frames)} of {plural(of, 'frame')}" if of else ""
    being_made = f"Buckets and data are being rebuilt{amount}."
    return replace(told, then=join(being_made, told.then), actions=(*told.actions, Action.STOP_REBUILDING))


def _of_frames(file: CaptureFile, now_ns: int) -> StateSentence:
    then = join(_recorded(file, now_ns), _checks_ran(file.checked))
    verdict = _NOT_YET if file.checked is None else file.checked.verdict
    if verdict.role in (Role.BROKEN, Role.HELD):
        more = verdict.findings - 1
        others = f"{plural(more, 'further finding')}." if more else ""
        lead, summary = sentence(unmarked(verdict.title)), sentence(unmarked(verdict.summary))
        return StateSentence(lead, join(summary, others, then), verdict.role, (Action.SHOW_FINDINGS,))
    if not file.frames:
        return StateSentence("The capture holds no frames.", then, Role.IDLE)
    if file.mismatches:
        times = plural(file.mismatches, "time")
        return StateSentence(f"Buckets did not match their checksums {times}.", then, Role.BROKEN)
    if file.last_checkpoint is None:
        return StateSentence("The capture holds no checkpoint.", then, Role.IDLE)
    ending, role = _ENDINGS.get(file.last_outcome, ("was received", Role.IDLE))
    return StateSentence(f"The last checkpoint, {file.last_checkpoint}, {ending}.", then, role)


def _recorded(file: CaptureFile, now_ns: int) -> str:
    amount = f"{plural(file.frames, 'frame')} and {byte_size(file.bytes)} from {plural(file.connections, 'connection')}"
    if file.first_at is None or file.last_at is None:
        return f"{amount}."
    begin, end = moment(file.first_at, now_ns), moment(file.last_at, now_ns)
    span = begin if begin == end else f"{begin} to {end.removeprefix(begin.rpartition(', ')[0] + ', ')}"
    return f"{amount}, {span}."
