"""Checks of the upload queue and of the gate."""

from collections.abc import Iterator

from inspector.analysis.checks.words import gate_words, id_ranges, internal, short_id
from inspector.analysis.finding_types import (
    DATABASES,
    FILE,
    LIVE,
    Certainty,
    Check,
    Evidence,
    Finding,
    Material,
    Needs,
    database_of,
    file_of,
    mono,
    of_problem,
    status_of,
)
from inspector.analysis.live_sentences import NORMAL_WAIT_NS, NOT_REQUESTED, gate_is_closed, uploads_normally
from inspector.analysis.pending_writes import Change, PendingWrite, read_pending
from inspector.analysis.problem_words import cause, join, sentence
from inspector.analysis.situations import DatabaseFile, Live, Role
from inspector.engine.control import Status
from inspector.store.audits.schema import schema_objects
from inspector.words import NS, duration, moment, plural, thousands

_LISTED, _COLUMNS = 4, 2
_LONG_QUEUE = 1_000
_KV = "SELECT key, value FROM ps_kv ORDER BY key"
_LOCAL = "SELECT * FROM ps_buckets WHERE name = '$local'"


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
    pending = _pending(material)
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
            _gate_evidence(material, target),
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
    were = "was" if writes == 1 else "were"
    pending = _pending(material)
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
        (_queue_evidence(pending, writes), _gate_evidence(material, target)),
    )


def upload_refused(material: Material) -> Iterator[Finding]:
    """The backend does not take the oldest transaction."""
    status = status_of(material)
    if status.upload_problem is None or not status.pending_writes:
        return
    yield of_problem(
        "uploads/refused",
        status.upload_problem,
        Role.HELD,
        Evidence("the oldest transaction", f"tried {plural(max(1, status.upload_attempts), 'time')}", "uploads"),
    )


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
    if not closed or (isinstance(situation, DatabaseFile) and target == NOT_REQUESTED):
        return
    last_seen = "none was seen yet" if seen is None else f"the last one seen is {seen}"
    yield Finding(
        "uploads/not-confirmed",
        "The service has not confirmed the uploads",
        join(f"{gate_words(target)[0].upper()}{gate_words(target)[1:]} was asked for; {last_seen}.", waited),
        Role.HELD,
        Certainty.CERTAIN,
        "Everything is uploaded. Downloads are shown again when a checkpoint carries the number that was asked for;"
        " until then rows may still show what was written here only. A device that went offline at that moment looks"
        " the same.",
        "Look whether the service replicates: its lag delays every checkpoint. The backend must write to the database"
        " that the service replicates from before it answers. If the user or the client id has changed since the"
        " upload, the number never comes: it belongs to both.",
        (
            _gate_evidence(material, target),
            Evidence("last seen", "none" if seen is None else f"request {seen}", "checkpoints"),
        ),
    )


def never_requested(material: Material) -> Iterator[Finding]:
    """The queue is empty and the gate still at its maximum: nobody asked the service to confirm."""
    file = file_of(material)
    if file.pending_writes or file.target_request != NOT_REQUESTED:
        return
    held = file.held_operations
    yield Finding(
        "uploads/never-requested",
        "Everything is uploaded, but no checkpoint request followed",
        f"{plural(held, 'downloaded operation')} {'waits' if held == 1 else 'wait'} for it."
        if held
        else "The gate stays closed until one is made.",
        Role.BROKEN if held else Role.HELD,
        Certainty.LIKELY,
        "The queue is empty and the gate is at its maximum. A client asks for a checkpoint once its queue is empty;"
        " until it has, nothing downloaded is shown. A device that went offline right after its last upload looks the"
        " same, and goes on by itself.",
        "Look in the app's log whether it asks for a write checkpoint when it connects, and for “could not apply"
        " checkpoint due to local data”. If it never does, one more local write makes it ask.",
        (
            Evidence("ps_crud", "empty", "uploads"),
            _gate_evidence(material, file.target_request),
        ),
    )


def no_sequence(material: Material) -> Iterator[Finding]:
    """The gate is closed, and SQLite has never counted an entry of the queue."""
    file = file_of(material)
    if not gate_is_closed(file.target_request, file.seen_request) or file.pending_writes:
        return
    sql = "SELECT seq FROM sqlite_sequence WHERE name = 'ps_crud'"
    if database_of(material).ask(lambda connection, _: connection.scalar(sql)) is not None:
        return
    yield Finding(
        "uploads/no-sequence",
        "The gate is closed, and the queue has never had an entry",
        "`sqlite_sequence` has no row for `ps_crud`.",
        Role.HELD,
        Certainty.LIKELY,
        "SDKs read the last entry's number there before they ask for a checkpoint. Some fail where it is missing,"
        " with “SQLite Sequence should not be empty”, and never ask.",
        "Make one local write with the present SDK, or update it.",
        (
            internal("sqlite_sequence", "no row for ps_crud", "SELECT * FROM sqlite_sequence"),
            _gate_evidence(material, file.target_request),
        ),
    )


def gate_left_open(material: Material) -> Iterator[Finding]:
    """Writes wait that closed no gate: the next checkpoint would overwrite them on this device."""
    file = file_of(material)
    if not file.pending_writes or file.target_request == NOT_REQUESTED:
        return
    found = database_of(material).ask(
        lambda connection, layout: (
            connection.rows(
                "SELECT c.id FROM ps_crud c JOIN ps_updated_rows u"
                " ON u.row_type = json_extract(c.data, '$.type') AND u.row_id = json_extract(c.data, '$.id')"
                " WHERE json_valid(c.data) LIMIT 20"
            )
            if layout.has("ps_updated_rows")
            else []
        )
    )
    if not found:
        return
    yield Finding(
        "uploads/gate-open",
        "Local writes wait, and the gate is not closed",
        f"{plural(file.pending_writes, 'write')} could be overwritten by the next checkpoint.",
        Role.BROKEN,
        Certainty.LIKELY,
        "A local write closes the gate until it is uploaded and confirmed. Here entries wait and the gate is open, so"
        " a checkpoint that comes first shows the service's rows in place of what was written: edits turn back.",
        "Look at the SDK's version: old ones sent `$local` as a bucket, had it removed, and lost the gate with it.",
        (
            Evidence("ps_crud", plural(file.pending_writes, "entry", "entries"), "uploads"),
            _gate_evidence(material, file.target_request),
        ),
    )


def unreadable_entries(material: Material) -> Iterator[Finding]:
    """Entries that no connector can make sense of."""
    sql = (
        "SELECT id FROM ps_crud WHERE NOT json_valid(data) OR json_extract(data, '$.op') IS NULL"
        " OR json_extract(data, '$.op') NOT IN ('PUT', 'PATCH', 'DELETE')"
        " OR json_extract(data, '$.id') IS NULL OR json_extract(data, '$.type') IS NULL ORDER BY id LIMIT 20"
    )
    ids = [entry for (entry,) in database_of(material).ask(lambda connection, _: connection.rows(sql))]
    if ids:
        yield Finding(
            "uploads/unreadable-entry",
            f"{plural(len(ids), 'entry', 'entries')} of the upload queue cannot be read",
            f"Entry {id_ranges(ids)} names no row, or no operation.",
            Role.BROKEN,
            Certainty.CERTAIN,
            "An entry is a JSON object with `op`, `type` and `id`. A connector fails at one that is not, and whatever"
            " waits behind it is never uploaded.",
            "Look who writes to `ps_crud` beside the SDK.",
            (internal(f"ps_crud {id_ranges(ids)}", "no such object", "SELECT * FROM ps_crud ORDER BY id"),),
        )


def unchanged_writes(material: Material) -> Iterator[Finding]:
    """PUTs that upload what the service sent: something writes rows back without changing them."""
    pending = _pending(material)
    same = [write for write in pending if write.entry.op == "PUT" and write.before_from and not write.changes]
    if len(same) < _LISTED:
        return
    yield Finding(
        "uploads/unchanged",
        f"{plural(len(same), 'waiting write')} {'changes' if len(same) == 1 else 'change'} nothing",
        f"Of the {thousands(len(pending))} oldest ones; their rows are as the service has them.",
        Role.HELD,
        Certainty.CERTAIN,
        "Each sets a row to the values that the service has sent. A layer above the SDK that saves everything at"
        " start, with INSERT OR REPLACE, does this; it blocks downloads while it lasts.",
        "Look for code that writes rows back that it has only read.",
        (Evidence(f"ps_crud {id_ranges(write.entry.id for write in same[:20])}", "PUT without a change", "uploads"),),
    )


def null_words(material: Material) -> Iterator[Finding]:
    """The word “null” as a text where a value is meant to go."""
    ids = [
        write.entry.id
        for write in _pending(material)
        if any(change.after == '"null"' and change.before != '"null"' for change in write.changes)
    ]
    if ids:
        yield Finding(
            "uploads/null-word",
            f"{plural(len(ids), 'waiting write')} set a column to the word “null”",
            f"Entry {id_ranges(ids)}.",
            Role.IDLE,
            Certainty.HINT,
            'The text `"null"` is not null. Some SDK versions reported an empty value so.',
            "Look whether the app means the word.",
            (Evidence(f"ps_crud {id_ranges(ids)}", 'the text "null"', "uploads"),),
        )


def long_queue(material: Material) -> Iterator[Finding]:
    """So many writes wait that the cause is old."""
    file = file_of(material)
    if file.pending_writes < _LONG_QUEUE:
        return
    yield Finding(
        "uploads/long-queue",
        f"{plural(file.pending_writes, 'local write')} wait to be uploaded",
        "The queue goes in order: one refused write keeps all others waiting.",
        Role.HELD,
        Certainty.HINT,
        "A queue of this length has grown over a long time offline, behind a write that is refused again and again, or"
        " from a bulk import.",
        "Look at the oldest entry and the backend's answer to it.",
        (Evidence("ps_crud", plural(file.pending_writes, "entry", "entries"), "uploads"),),
    )


def foreign_types(material: Material) -> Iterator[Finding]:
    """Entries of a table that this client has no table and no view for."""
    sql = (
        "SELECT json_extract(data, '$.type') AS t, count(*) FROM ps_crud WHERE json_valid(data) AND t IS NOT NULL"
        " AND 'ps_data__' || t NOT IN (SELECT name FROM sqlite_schema WHERE type = 'table') GROUP BY t"
    )
    reader = database_of(material)
    names = {each.name for each in reader.ask(lambda connection, _: schema_objects(connection))}
    for row_type, count in reader.ask(lambda connection, _: connection.rows(sql)):
        is_local = f"ps_data_local__{row_type}" in names
        if row_type in names and not is_local:
            continue  # an insert-only table, or a raw one
        what = "The table is local only" if is_local else "Neither a table nor a view of this name is in the file"
        yield Finding(
            f"uploads/unknown-type/{row_type}",
            f"Writes to “{row_type}” wait, which is not a synced table here",
            f"{plural(count, 'entry', 'entries')}.",
            Role.HELD if is_local else Role.IDLE,
            Certainty.LIKELY if is_local else Certainty.HINT,
            f"{what}. Writes to local-only tables are not uploaded; an SDK that lost that option of the schema uploads"
            " them, and a backend that does not know the table refuses them.",
            "Compare the schema that the app passes with the one that it means to have.",
            (Evidence("ps_crud", f"{plural(count, 'entry', 'entries')} of {row_type}", "uploads"),),
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


def _pending(material: Material) -> tuple[PendingWrite, ...]:
    """The oldest writes; none where no file is open to this check."""
    return () if material.database is None else read_pending(material.database, material.capture).writes


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


def _gate_evidence(material: Material, target: int | None) -> Evidence:
    version = material.situation.schema_version if isinstance(material.situation, DatabaseFile) else None
    if version is not None and version < 14:
        return Evidence("ps_buckets $local", gate_words(target), "sql", sql=_LOCAL, link="Show gate")
    if isinstance(material.situation, DatabaseFile):
        return Evidence("ps_kv target", gate_words(target), "sql", sql=_KV, link="Show gate")
    return Evidence("ps_kv target", gate_words(target), "uploads")


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
    Check("uploads/not-confirmed", "Uploads that the service has not confirmed", "the gate", DATABASES, unconfirmed),
    Check("uploads/never-requested", "An empty queue behind a closed gate", "ps_crud, the gate", FILE, never_requested),
    Check(
        "uploads/no-sequence",
        "A closed gate whose queue was never used",
        "sqlite_sequence",
        FILE,
        no_sequence,
        Needs.DATABASE,
    ),
    Check(
        "uploads/gate-open",
        "Waiting writes that the gate does not protect",
        "ps_crud, ps_updated_rows, the gate",
        FILE,
        gate_left_open,
        Needs.DATABASE,
    ),
    Check(
        "uploads/unreadable-entry",
        "Entries of the queue that cannot be read",
        "ps_crud",
        FILE,
        unreadable_entries,
        Needs.DATABASE,
    ),
    Check(
        "uploads/unchanged",
        "Waiting writes that change nothing",
        "ps_crud beside ps_oplog",
        FILE,
        unchanged_writes,
        Needs.DATABASE,
    ),
    Check("uploads/null-word", "The word “null” in waiting writes", "ps_crud", FILE, null_words, Needs.DATABASE),
    Check(
        "uploads/unknown-type",
        "Waiting writes to tables that are not synced",
        "ps_crud, the schema",
        FILE,
        foreign_types,
        Needs.DATABASE,
    ),
    Check("uploads/long-queue", "A queue of 1,000 writes or more", "ps_crud", FILE, long_queue),
    Check("uploads/refused", "Uploads that the backend refuses", "the last answer", LIVE, upload_refused),
)
