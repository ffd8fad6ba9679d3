"""Checks of what stands in the upload queue: entries that cannot be uploaded, or had better not been written."""

from collections.abc import Iterator

from inspector.analysis.checks.waiting_writes import oldest_writes
from inspector.analysis.checks.words import id_ranges, internal
from inspector.analysis.finding_types import (
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
    of_problem,
    status_of,
)
from inspector.analysis.situations import Role
from inspector.store.audits.queue import insert_only_neighbours
from inspector.store.audits.schema import schema_objects
from inspector.words import plural, thousands

_FEWEST_UNCHANGED = 4
_LONG_QUEUE = 1_000
_FEWEST_PAIRS = 3


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
    pending = oldest_writes(material)
    same = [write for write in pending if write.entry.op == "PUT" and write.before_from and not write.changes]
    if len(same) < _FEWEST_UNCHANGED:
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
    found = [
        (write.entry, change.column)
        for write in oldest_writes(material)
        for change in write.changes
        if change.after == '"null"' and change.before != '"null"'
    ]
    if not found:
        return
    numbers = {
        (shape.name, column.name)
        for shape in database_of(material).shapes()
        for column in shape.columns
        if column.is_number
    }
    sure = [(entry, column) for entry, column in found if (entry.row_type, column) in numbers]
    ids = list(dict.fromkeys(entry.id for entry, _ in (sure or found)))
    yield Finding(
        "uploads/null-word",
        f"{plural(len(ids), 'waiting write')} set a {'number' if sure else 'column'} to the word “null”",
        f"Entry {id_ranges(ids)}.",
        Role.HELD if sure else Role.IDLE,
        Certainty.LIKELY if sure else Certainty.HINT,
        'The text `"null"` is not null. Some SDK versions reported an empty value so.'
        + (f" `{sure[0][1]}` holds numbers, so the word is meant by nobody." if sure else ""),
        "Update the SDK, and look what the backend makes of the word."
        if sure
        else "Look whether the app means the word.",
        (Evidence(f"ps_crud {id_ranges(ids)}", f'the text "null" for {(sure or found)[0][1]}', "uploads"),),
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


def split_transactions(material: Material) -> Iterator[Finding]:
    """Writes to insert-only tables whose transaction is always the neighbour of another one."""
    rows = database_of(material).ask(lambda connection, layout: insert_only_neighbours(connection, layout))
    if rows is None or rows.pairs < _FEWEST_PAIRS or rows.pairs < rows.insert_only:
        return
    yield Finding(
        "uploads/split-transactions",
        "Transactions of the app may have been split",
        f"Each of {plural(rows.insert_only, 'transaction')} of insert-only tables stands beside one of other tables.",
        Role.IDLE,
        Certainty.HINT,
        "Where one transaction writes to an insert-only table and to another one, core versions before August 2026 gave"
        " both parts numbers of their own, and they are uploaded as two. An app that writes them one after the other,"
        " in two transactions, looks the same.",
        "Look whether the app writes both in one transaction; if so, update the SDK.",
        (
            internal(
                "ps_crud tx_id", plural(rows.pairs, "such pair"), "SELECT id, tx_id, data FROM ps_crud ORDER BY id"
            ),
        ),
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


CHECKS = (
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
    Check(
        "uploads/split-transactions",
        "Transactions that were split",
        "ps_crud, the views' triggers",
        FILE,
        split_transactions,
        Needs.DATABASE,
    ),
    Check("uploads/long-queue", "A queue of 1,000 writes or more", "ps_crud", FILE, long_queue),
    Check("uploads/refused", "Uploads that the backend refuses", "the last answer", LIVE, upload_refused),
)
