"""Checks of how far a client has synced, and when."""

from collections.abc import Iterator

from inspector.analysis.checks.words import are, internal, short_row
from inspector.analysis.finding_types import (
    FILE,
    Certainty,
    Check,
    Evidence,
    Finding,
    Material,
    Needs,
    database_of,
    file_of,
)
from inspector.analysis.situations import DatabaseFile, Role
from inspector.analysis.upload_sentences import gate_is_closed
from inspector.protocol.buckets import parse_bucket_name
from inspector.store.audits.rows import left_over_updates
from inspector.words import NS, ago, duration, moment, plural

_DAY_NS = 86_400 * NS
_AHEAD_NS = 300 * NS
_RECORDS_SYNCS_SINCE = 3
_STATE = "SELECT * FROM ps_sync_state"


def never(material: Material) -> Iterator[Finding]:
    """Nothing was ever downloaded."""
    file = file_of(material)
    if _has_synced(file) or file.operations:
        return
    yield Finding(
        "sync/never",
        "This file holds nothing from a sync",
        "It was never synced, or it was cleared since.",
        Role.IDLE,
        Certainty.HINT,
        "The client has made its tables, and there is no download in them. A new app that has not connected yet looks"
        " the same, and so does one after a log-out that clears everything.",
        "Look whether the app connects, and with what answer.",
        (Evidence("ps_buckets", "no row", "buckets"),),
    )


def first_sync_incomplete(material: Material) -> Iterator[Finding]:
    """The first sync has begun and was not completed."""
    file = file_of(material)
    if _has_synced(file) or not file.operations:
        return
    if file.cleared:
        yield _cleared(file)
        return
    complete = "no priority is complete"
    if file.complete_priority is not None:
        complete = f"priorities up to {file.complete_priority} are complete"
    yield Finding(
        "sync/first-sync-incomplete",
        "The first sync was never completed",
        f"{are(file.operations, 'operation')} here; {complete}.",
        Role.PARTIAL,
        Certainty.HINT,
        "The tables show the priorities that are complete, and nothing of the rest. The download goes on where it was."
        " A file that was taken in the first minutes looks the same.",
        "Let the client connect until it is done. If it never is, look at how often its connections end, and whether"
        " something between it and the service holds the stream back.",
        (internal("ps_sync_state", "no full sync is recorded", _STATE), Evidence("ps_oplog", complete, "buckets")),
    )


def _cleared(file: DatabaseFile) -> Finding:
    return Finding(
        "sync/cleared",
        "The tables were cleared after a full sync",
        f"{are(file.operations, 'operation')} kept for the next sync.",
        Role.IDLE,
        Certainty.HINT,
        "Its buckets count what a full sync brought, and nothing of it is shown any more: a soft clear, as apps do at a"
        " log-out. The next sync shows what it may still see without downloading it again, and drops the rest.",
        "Connect the app again if the rows are missed.",
        (
            internal("ps_sync_state", "no sync is recorded", _STATE),
            Evidence("ps_buckets", "count_at_last is set, and last_applied_op is 0 everywhere", "buckets"),
        ),
    )


def old(material: Material) -> Iterator[Finding]:
    """The last full sync is long ago."""
    file = file_of(material)
    if file.last_synced_at is None or material.now_ns - file.last_synced_at * 1000 < _DAY_NS:
        return
    at = file.last_synced_at * 1000
    explained = bool(file.problems) or file.pending_writes > 0
    explained = explained or gate_is_closed(file.target_request, file.seen_request)
    yield Finding(
        "sync/old",
        f"The last full sync was {plural((material.now_ns - at) // _DAY_NS, 'day')} ago",
        "Explained by the finding at the top." if explained else f"It was {ago(at, material.now_ns)}.",
        Role.IDLE,
        Certainty.HINT,
        "Counted until now; the file itself may be as old as that."
        + (
            " Or its newest changes stand in a -wal that was not copied with it: none lies beside it."
            if file.lacks_wal
            else ""
        ),
        "Compare it with the time at which the file was taken from the device."
        + (" Copy it again together with its -wal if newer changes are missing." if file.lacks_wal else ""),
        (internal("ps_sync_state", f"last full sync {moment(at, material.now_ns)}", _STATE),),
    )


def clock_ahead(material: Material) -> Iterator[Finding]:
    """The last sync lies in the future."""
    file = file_of(material)
    if file.last_synced_at is None or file.last_synced_at * 1000 - material.now_ns < _AHEAD_NS:
        return
    ahead = duration((file.last_synced_at * 1000 - material.now_ns) / NS)
    yield Finding(
        "sync/clock-ahead",
        f"The last sync lies {ahead} in the future",
        "The device's clock is ahead, or this one's is behind.",
        Role.HELD,
        Certainty.LIKELY,
        "The time is the device's own. A client that judges a token by a wrong clock refuses tokens that the service"
        " takes, or keeps those that it does not.",
        "Compare both clocks.",
        (internal("ps_sync_state", f"last full sync {moment(file.last_synced_at * 1000, material.now_ns)}", _STATE),),
    )


def claims_too_much(material: Material) -> Iterator[Finding]:
    """A full sync is recorded, and nothing was ever shown."""
    file = file_of(material)
    buckets = database_of(material).buckets(fast=True)
    if file.last_synced_at is None or any(bucket.last_applied_op for bucket in buckets):
        return
    if not any(bucket.last_op for bucket in buckets):
        if not buckets and not file.operations:
            yield Finding(
                "sync/no-bucket",
                "The last full sync brought no bucket",
                "A full sync is recorded, and there is no bucket.",
                Role.IDLE,
                Certainty.HINT,
                "The service completed a checkpoint without a bucket: nothing is subscribed to, no stream is a default,"
                " or the user's parameters select nothing. An empty account looks the same, and so does a database that"
                " was cleared without the time of its last sync.",
                "Compare the user id in the token with the one that the rows belong to, and the streams that the app"
                " subscribes to with those of the sync config.",
                (Evidence("ps_buckets", "no row", "buckets"), internal("ps_sync_state", "a full sync", _STATE)),
            )
        return
    yield Finding(
        "sync/claims-too-much",
        "A full sync is recorded, and nothing was ever shown",
        f"No operation of {plural(len(buckets), 'bucket')} was applied.",
        Role.BROKEN,
        Certainty.CERTAIN,
        "The app is told that it has synced, and its tables are empty. Clearing the database with the core 0.3.10 left"
        " its sync state behind.",
        "Clear the database again with a newer SDK, and let it sync.",
        (
            internal("ps_sync_state", f"last full sync {moment(file.last_synced_at * 1000, material.now_ns)}", _STATE),
            Evidence("ps_buckets", "last_applied_op is 0 everywhere", "buckets"),
        ),
    )


def not_shown(material: Material) -> Iterator[Finding]:
    """Operations are stored and not shown, and no local write is the cause."""
    file = file_of(material)
    if not _has_synced(file) or not file.unpublished_operations or file.pending_writes:
        return
    if gate_is_closed(file.target_request, file.seen_request):
        return
    behind = [it for it in database_of(material).buckets(fast=True) if it.last_op > it.last_applied_op]
    yield Finding(
        "sync/not-shown",
        f"{are(file.unpublished_operations, 'stored operation')} not shown",
        "No local write holds them back, and still they were not applied.",
        Role.IDLE,
        Certainty.HINT,
        "The gate is open, so they are shown as soon as their checkpoint is complete. The file may have been taken in"
        " the middle of a download. If it stays so, the end of the stream never arrives, or applying fails each time:"
        " then the connection ends right after a checkpoint is complete. Older SDKs also passed over checkpoints that"
        " were complete during an upload, and showed them with the next change only.",
        "Take the file again after a minute. If the same operations wait, look in the app's log for an error while a"
        " checkpoint is applied.",
        tuple(
            Evidence(
                parse_bucket_name(it.name).short,
                f"last op {it.last_op}, last applied {it.last_applied_op}",
                "buckets",
                it.name,
            )
            for it in behind[:5]
        ),
    )


def partial_stuck(material: Material) -> Iterator[Finding]:
    """A part of the priorities goes on, the full sync does not."""
    file = file_of(material)
    partial = database_of(material).summary(fast=True).partial_syncs
    if file.last_synced_at is None or not partial:
        return
    newest = max(partial.values())
    if newest - file.last_synced_at < _DAY_NS // 1000:
        return
    yield Finding(
        "sync/partial-stuck",
        "High priorities sync, the rest has not for over a day",
        f"The last full sync is {duration((newest - file.last_synced_at) / 1_000_000)} older than the last partial"
        " one.",
        Role.HELD,
        Certainty.LIKELY,
        "Buckets of high priority were shown without the others since. A bucket of low priority is too large to finish"
        " before the connection ends, or local writes hold the full checkpoint back while priority 0 goes on.",
        "Look at the largest bucket of the lowest priority, and at the upload queue.",
        (internal("ps_sync_state", f"priorities {', '.join(map(str, sorted(partial)))} are newer", _STATE),),
    )


def updates_left_over(material: Material) -> Iterator[Finding]:
    """Rows that the last full checkpoint should have dealt with."""
    file = file_of(material)
    reader = database_of(material)
    if file.pending_writes or gate_is_closed(file.target_request, file.seen_request) or not _has_synced(file):
        return
    if any(bucket.last_op > bucket.last_applied_op for bucket in reader.buckets(fast=True)):
        return
    rows = reader.ask(lambda connection, layout: left_over_updates(connection, layout, 1_000))
    if not rows:
        return
    yield Finding(
        "sync/updates-left-over",
        f"{plural(len(rows), 'row')} {'was' if len(rows) == 1 else 'were'} never looked at again",
        "`ps_updated_rows` is not empty after a full sync.",
        Role.IDLE,
        Certainty.HINT,
        "A full checkpoint deals with every row in `ps_updated_rows` and empties it. Nothing waits here, and it is not"
        " empty: a write was uploaded and confirmed since, or the table was filled by something else.",
        "They are dealt with at the next full checkpoint. If they stay, compare them with the service's rows.",
        tuple(Evidence(short_row(*row), "in ps_updated_rows", "row", row=row, link="Show the row") for row in rows[:5]),
    )


def _has_synced(file: DatabaseFile) -> bool:
    records = file.schema_version is None or file.schema_version >= _RECORDS_SYNCS_SINCE
    return file.last_synced_at is not None or not records


CHECKS = (
    Check("sync/never", "A client that has never synced", "ps_oplog, ps_sync_state", FILE, never),
    Check(
        "sync/first-sync-incomplete",
        "A first sync that was not completed",
        "ps_oplog, ps_sync_state",
        FILE,
        first_sync_incomplete,
    ),
    Check(
        "sync/claims-too-much",
        "A sync that is recorded and brought nothing",
        "ps_sync_state, ps_buckets",
        FILE,
        claims_too_much,
        Needs.DATABASE,
    ),
    Check(
        "sync/not-shown",
        "Stored operations that nothing holds back",
        "ps_buckets, the gate",
        FILE,
        not_shown,
        Needs.DATABASE,
    ),
    Check(
        "sync/partial-stuck",
        "Priorities that go on without the rest",
        "ps_sync_state",
        FILE,
        partial_stuck,
        Needs.DATABASE,
    ),
    Check(
        "sync/updates-left-over",
        "Rows that a full sync left to be looked at",
        "ps_updated_rows",
        FILE,
        updates_left_over,
        Needs.DATABASE,
    ),
    Check("sync/clock-ahead", "A sync in the future", "ps_sync_state, this computer's clock", FILE, clock_ahead),
    Check("sync/old", "A last full sync of more than a day ago", "ps_sync_state", FILE, old),
)
