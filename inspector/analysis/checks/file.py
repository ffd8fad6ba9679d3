"""Checks of the file itself: its pages, its WAL, its room."""

from collections.abc import Iterator

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
from inspector.analysis.problem_words import join, sentence
from inspector.analysis.situations import Role
from inspector.store.evidence_sentences import ProblemKind
from inspector.words import byte_size

_FREE_SHARE, _FREE_BYTES = 0.3, 1_000_000
_LARGE_WAL = 64_000_000
"""Bytes. A WAL of some megabytes is usual: SQLite lets it stand at that size."""


_MEANS = {
    ProblemKind.CHANGING: "A row, its operations and its bucket may be of different moments: where other findings say"
    " that they disagree, that may be all.",
    ProblemKind.CUT_OFF: "What was there counts as missing in every panel and in the other findings, although the"
    " device may have it.",
    ProblemKind.DAMAGED: "The other findings are about what can be read: some of them may come from this alone, and are"
    " to be looked for again in a sound copy.",
    ProblemKind.SIBLING_LEFT_OUT: "What was written last may stand in what is left out: the device may be further than"
    " what is shown.",
    ProblemKind.VERSION_DISAGREES: "Here the file is read by the tables that are in it, whatever its number says.",
}
"""What a problem of the file means for what is told of it."""


def file_problems(material: Material) -> Iterator[Finding]:
    """What is wrong with the file as a file."""
    file = file_of(material)
    for number, problem in enumerate(file.problems):
        yield Finding(
            f"file/problem-{number}",
            problem.what.rstrip("."),
            sentence(problem.why),
            Role.BROKEN,
            Certainty.CERTAIN,
            join(sentence(problem.why), "" if problem.kind is None else _MEANS.get(problem.kind, "")),
            sentence(problem.next_step) or "Compare it with another copy of the file, if there is one.",
            (Evidence(file.name, "the file as it was opened, unchanged"),),
        )


def unreadable_tables(material: Material) -> Iterator[Finding]:
    """Tables of which a part cannot be read."""
    for table in database_of(material).summary(fast=True).unreadable:
        yield Finding(
            f"file/unreadable/{table.table}",
            f"Not all of {table.table} can be read",
            sentence(table.reason),
            Role.BROKEN,
            Certainty.CERTAIN,
            f"Some of its pages are damaged. {sentence(table.reason)} What can be read is shown; the other checks of"
            " this table see that part alone.",
            "Copy the file again from the device, with the app closed and its -wal beside it.",
            (Evidence(table.table, "damaged pages"),),
        )


def large_wal(material: Material) -> Iterator[Finding]:
    """A WAL that outgrew its database."""
    file, summary = file_of(material), database_of(material).summary(fast=True)
    size = summary.pages * summary.page_size
    if file.wal_bytes < _LARGE_WAL or file.wal_bytes < size:
        return
    yield Finding(
        "file/large-wal",
        f"The -wal is larger than the database: {byte_size(file.wal_bytes)}",
        f"The database has {byte_size(size)}.",
        Role.HELD,
        Certainty.LIKELY,
        "SQLite moves the WAL's pages into the database when no reader is in the way. Here that has not happened for"
        " long: some connection keeps a read transaction open.",
        "Look for a query or a statement that is never finished, or a second process on the file.",
        (Evidence(f"{file.name}-wal", byte_size(file.wal_bytes)),),
    )


def free_space(material: Material) -> Iterator[Finding]:
    """Much of the file is empty."""
    summary = database_of(material).summary(fast=True)
    free = summary.free_pages * summary.page_size
    if not summary.pages or free < _FREE_BYTES or summary.free_pages / summary.pages < _FREE_SHARE:
        return
    yield Finding(
        "file/free-pages",
        f"{byte_size(free)} of the file are free pages",
        f"That is {100 * summary.free_pages // summary.pages} % of it.",
        Role.IDLE,
        Certainty.HINT,
        "SQLite keeps the pages of deleted rows for later ones. Large downloads or deletions came before.",
        "Nothing has to be done. VACUUM on the device gives the space back.",
        (Evidence("PRAGMA freelist_count", f"{byte_size(free)}", "sql", sql="PRAGMA freelist_count"),),
    )


def recovered(material: Material) -> Iterator[Finding]:
    """The app was killed, or ran while the file was copied."""
    file = file_of(material)
    for number, note in enumerate(file.recovered):
        yield Finding(
            f"file/recovered-{number}",
            note.what.rstrip("."),
            sentence(note.why),
            Role.IDLE,
            Certainty.HINT,
            join(sentence(note.why), "That is how SQLite goes on after such an end: nothing is lost."),
            sentence(note.next_step) or "Nothing has to be done. Keep both files together.",
            (Evidence(file.name, "read from a copy, unchanged itself"),),
        )


CHECKS = (
    Check(
        "file/problem",
        "A damaged, cut-off or mixed-up file",
        "its length, every page, its WAL, its schema version",
        FILE,
        file_problems,
    ),
    Check(
        "file/unreadable",
        "Tables that cannot be read whole",
        "every table that was read",
        FILE,
        unreadable_tables,
        Needs.DATABASE,
    ),
    Check("file/recovered", "An app that was killed", "the -wal and the journal beside the file", FILE, recovered),
    Check(
        "file/large-wal",
        "A WAL that is larger than its database",
        "the -wal beside the file",
        FILE,
        large_wal,
        Needs.DATABASE,
    ),
    Check("file/free-pages", "Room that nothing uses", "the list of free pages", FILE, free_space, Needs.DATABASE),
)
