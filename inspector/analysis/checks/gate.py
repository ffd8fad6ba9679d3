"""Checks of the gate: whether it protects the local writes, and whether it opens again."""

from collections.abc import Iterator

from inspector.analysis.checks.words import gate_words, internal
from inspector.analysis.finding_types import (
    DATABASES,
    FILE,
    Certainty,
    Check,
    Evidence,
    Finding,
    Material,
    Needs,
    database_of,
    file_of,
    status_of,
)
from inspector.analysis.problem_words import join
from inspector.analysis.situations import DatabaseFile, Role
from inspector.analysis.upload_sentences import NORMAL_WAIT_NS, gate_is_closed
from inspector.store.schema import GATE_CLOSED
from inspector.words import NS, duration, plural

_KV = "SELECT key, value FROM ps_kv ORDER BY key"
_LOCAL = "SELECT * FROM ps_buckets WHERE name = '$local'"


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
        waited = "" if since is None else f"It was asked for {duration((material.now_ns - since) / NS)} ago."
    if not closed or (isinstance(situation, DatabaseFile) and target == GATE_CLOSED):
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
            gate_evidence(material, target),
            _last_seen(material, "none" if seen is None else f"request {seen}"),
        ),
    )


def _last_seen(material: Material, what: str) -> Evidence:
    """A file has no checkpoints to look at, and keeps the number itself."""
    if not isinstance(material.situation, DatabaseFile):
        return Evidence("last seen", what, "checkpoints")
    old = (material.situation.schema_version or 14) < 14
    return internal("last seen", what, _LOCAL if old else _KV)


def never_requested(material: Material) -> Iterator[Finding]:
    """The queue is empty and the gate still at its maximum: nobody asked the service to confirm."""
    file = file_of(material)
    if file.pending_writes or file.target_request != GATE_CLOSED:
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
            gate_evidence(material, file.target_request),
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
            gate_evidence(material, file.target_request),
        ),
    )


def gate_left_open(material: Material) -> Iterator[Finding]:
    """Writes wait that closed no gate: the next checkpoint would overwrite them on this device."""
    file = file_of(material)
    if not file.pending_writes or file.target_request == GATE_CLOSED:
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
        f"Once {'it is' if file.pending_writes == 1 else 'they are'} uploaded, a checkpoint without"
        f" {'it' if file.pending_writes == 1 else 'them'} would be shown.",
        Role.BROKEN,
        Certainty.LIKELY,
        "A local write closes the gate until the service has confirmed it. Here entries wait and the gate is open: the"
        " queue itself holds downloads back, but once it is empty the next checkpoint is shown, whether it has the"
        " writes or not, and edits turn back.",
        "Look at the SDK's version: old ones sent `$local` as a bucket, had it removed, and lost the gate with it.",
        (
            Evidence("ps_crud", plural(file.pending_writes, "entry", "entries"), "uploads"),
            gate_evidence(material, file.target_request),
        ),
    )


def gate_evidence(material: Material, target: int | None) -> Evidence:
    """What the gate waits for, and where it stands in this version of the schema."""
    version = material.situation.schema_version if isinstance(material.situation, DatabaseFile) else None
    if version is not None and version < 14:
        return Evidence("ps_buckets $local", gate_words(target), "sql", sql=_LOCAL, link="Show gate")
    if isinstance(material.situation, DatabaseFile):
        return Evidence("ps_kv target", gate_words(target), "sql", sql=_KV, link="Show gate")
    return Evidence("ps_kv target", gate_words(target), "uploads")


CHECKS = (
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
)
