"""Findings: named problems with their evidence, as far as the open source shows them without reading every row.

Each check looks for one kind and yields what it found. `find` runs all that apply to the source, and sorts by severity.
"""

from collections.abc import Callable, Iterator

from inspector.analysis.finding_types import (
    BucketFacts,
    Certainty,
    Evidence,
    Finding,
    Material,
    Report,
    of_problem,
    status_of,
)
from inspector.analysis.problem_words import join, sentence
from inspector.analysis.situations import CaptureFile, DatabaseFile, Live, Role
from inspector.analysis.upload_checks import queue_blocks_downloads, unconfirmed, upload_refused, writes_wait
from inspector.engine.control import Problem
from inspector.protocol.buckets import parse_bucket_name
from inspector.protocol.token_problems import clock_problem
from inspector.words import NS, ago, byte_size, moment, plural, thousands

_MANY_OPERATIONS_A_ROW = 3.0
"""The official diagnostics app warns at the same ratio."""
_WORTH_COMPACTING = 1_000
"""Operations; what compacting saves of fewer is nobody's trouble."""
_OLD_SYNC_NS = 86_400 * NS
_FREE_SHARE, _FREE_BYTES = 0.3, 1_000_000
_TOKEN_SOON_NS = 300 * NS
_MOST_OF_A_KIND = 20


def find(material: Material) -> Report:
    """Run every check that applies to the source."""
    found: list[Finding] = []
    checks = silent = 0
    for applies, check in _CHECKS:
        if not isinstance(material.situation, applies):
            continue
        checks += 1
        ours = list(check(material))
        silent += not ours
        found += ours[:_MOST_OF_A_KIND]
    found.sort(key=lambda finding: (_SEVERITY.index(finding.role), list(Certainty).index(finding.certainty)))
    return Report(tuple(found), checks, silent)


_SEVERITY = (Role.BROKEN, Role.HELD, Role.PARTIAL, Role.CHECKPOINT, Role.DATA, Role.IDLE, Role.FINE)


def _file_problems(material: Material) -> Iterator[Finding]:
    assert isinstance(material.situation, DatabaseFile)
    for number, problem in enumerate(material.situation.problems):
        yield Finding(
            f"file/problem-{number}",
            problem.what.rstrip("."),
            sentence(problem.why),
            Role.BROKEN,
            Certainty.CERTAIN,
            join(sentence(problem.what), sentence(problem.why)),
            sentence(problem.next_step) or "Compare it with another copy of the file, if there is one.",
            (Evidence(material.situation.name, "the file as it was opened, unchanged", "data"),),
        )


def _first_sync_incomplete(material: Material) -> Iterator[Finding]:
    file = material.situation
    assert isinstance(file, DatabaseFile)
    if file.last_synced_at is not None or (file.schema_version is not None and file.schema_version < 3):
        return
    if not file.operations:
        yield Finding(
            "sync/never", "Nothing was ever synced into this file", "It holds no operation.", Role.IDLE,
            Certainty.CERTAIN, "The client has made its tables and has not downloaded anything.",
            "Look whether the app ever connects, and with what answer.", (Evidence("ps_buckets", "no row", "buckets"),),
        )  # fmt: skip
        return
    complete = "no priority is complete"
    if file.complete_priority is not None:
        complete = f"priorities up to {file.complete_priority} are complete"
    yield Finding(
        "sync/first-sync-incomplete",
        "The first sync was never completed",
        f"{plural(file.operations, 'operation')} {'is' if file.operations == 1 else 'are'} here; {complete}.",
        Role.PARTIAL,
        Certainty.CERTAIN,
        "The tables show the priorities that are complete, and nothing of the rest. The download goes on where it was.",
        "Let the client connect until it is done. If it never is, look at how often its connections end.",
        (Evidence("ps_sync_state", "no full sync is recorded", "data"), Evidence("ps_oplog", complete, "buckets")),
    )


def _old_sync(material: Material) -> Iterator[Finding]:
    file = material.situation
    assert isinstance(file, DatabaseFile)
    if file.last_synced_at is None or material.now_ns - file.last_synced_at * 1000 < _OLD_SYNC_NS:
        return
    at = file.last_synced_at * 1000
    yield Finding(
        "sync/old",
        f"The last full sync was {plural((material.now_ns - at) // (86_400 * NS), 'day')} ago",
        f"It was {ago(at, material.now_ns)}.",
        Role.IDLE,
        Certainty.HINT,
        "Counted until now; the file itself may be as old as that.",
        "Compare it with the time at which the file was taken from the device.",
        (Evidence("ps_sync_state", f"last full sync {moment(at, material.now_ns)}", "data"),),
    )


def _schema_lacks_table(material: Material) -> Iterator[Finding]:
    summary = material.summary
    if summary is None:
        return
    for name, rows in summary.untyped_rows.items():
        yield Finding(
            f"schema/lacks-{name}",
            f"The client's schema lacks the table “{name}”",
            f"{plural(rows, 'row')} of it {'sits' if rows == 1 else 'sit'} in ps_untyped.",
            Role.HELD,
            Certainty.CERTAIN,
            "The sync config sends rows for which the client's schema has no table. They are kept,"
            " and no query sees them.",
            "Add the table to the client's schema, or leave it out of the sync config.",
            (Evidence("ps_untyped", plural(rows, "row"), "data"),),
        )


def _needs_compacting(material: Material) -> Iterator[Finding]:
    def ratio(bucket: BucketFacts) -> float:
        return (bucket.operations or 0) / bucket.rows if bucket.rows else 0.0

    for bucket in sorted(material.buckets, key=ratio, reverse=True):
        if ratio(bucket) <= _MANY_OPERATIONS_A_ROW or (bucket.operations or 0) < _WORTH_COMPACTING:
            continue
        short = parse_bucket_name(bucket.name).short
        yield Finding(
            f"buckets/needs-compacting/{bucket.name}",
            f"Bucket {short} needs compacting",
            f"{plural(bucket.operations or 0, 'operation')} for {plural(bucket.rows or 0, 'row')}.",
            Role.HELD,
            Certainty.LIKELY,
            f"{ratio(bucket):.1f} operations a row: a new client downloads all of them to get these rows.",
            "Compact the service's storage, and look which rows change so often.",
            (Evidence(short, f"{thousands(bucket.operations or 0)} : {thousands(bucket.rows or 0)}", "buckets",
                      bucket.name),),
        )  # fmt: skip


def _mismatches(material: Material) -> Iterator[Finding]:
    for bucket in material.buckets:
        if not bucket.mismatches:
            continue
        short = parse_bucket_name(bucket.name).short
        yield Finding(
            f"checksums/mismatch/{bucket.name}",
            f"Bucket {short} did not match its checksum",
            f"{plural(bucket.mismatches, 'time')} in this capture.",
            Role.BROKEN,
            Certainty.CERTAIN,
            "What was downloaded is not what the service counts. The client deletes the bucket and downloads it again,"
            " so the app's data are right afterwards; it costs the download.",
            "Once may be chance. If it comes again, compare both downloads in Checksums: they name the operations.",
            (Evidence(short, plural(bucket.mismatches, "mismatch", "mismatches"), "checksums", bucket.name),),
        )


def _connection(material: Material) -> Iterator[Finding]:
    status = status_of(material)
    if status.problem is not None and status.phase in ("waiting", "refused", "stopped", "connecting"):
        yield of_problem("connection/problem", status.problem, Role.BROKEN, Evidence(
            "the last try", f"attempt {max(1, status.attempt)}", "connection"
        ))  # fmt: skip


def _token_hints(material: Material) -> Iterator[Finding]:
    for number, hint in enumerate(status_of(material).token_hints):
        yield of_problem(
            f"token/hint-{number}", hint, Role.HELD, Evidence("the token", "its claims", "connection"), Certainty.HINT
        )


def _token_without_next(material: Material) -> Iterator[Finding]:
    status = status_of(material)
    ends = status.token_expires_at
    if ends is None or status.token_source or ends - material.now_ns > _TOKEN_SOON_NS:
        return
    yield Finding(
        "token/no-next", "The token ends, and no source for the next one is known",
        f"It ends at {moment(ends, material.now_ns)}.", Role.HELD, Certainty.CERTAIN,
        "The service ends the stream with the token. The connection was made with a single token.",
        "Connect anew, with a source of tokens.", (Evidence("the token", "its claim “exp”", "connection"),),
    )  # fmt: skip


def _clock(material: Material) -> Iterator[Finding]:
    problem = clock_problem(status_of(material).clock_skew)
    if problem is not None:
        told = Problem(problem.what, problem.why, problem.next_step)
        yield of_problem("connection/clock", told, Role.HELD, Evidence("the answer's date", "", "connection"))


def _insecure(material: Material) -> Iterator[Finding]:
    if status_of(material).insecure:
        problem = Problem(
            "The service's certificate is not checked.", "Anybody between can listen and change.", "Use --ca instead."
        )
        yield of_problem("connection/insecure", problem, Role.HELD, Evidence("TLS", "not checked", "connection"))


def _streams(material: Material) -> Iterator[Finding]:
    for number, problem in enumerate(status_of(material).stream_problems):
        where = Evidence("the newest checkpoint", "its streams", "streams")
        yield of_problem(f"streams/problem-{number}", problem, Role.HELD, where)


def _free_space(material: Material) -> Iterator[Finding]:
    summary = material.summary
    if summary is None or not summary.pages:
        return
    free = summary.free_pages * summary.page_size
    if free < _FREE_BYTES or summary.free_pages / summary.pages < _FREE_SHARE:
        return
    yield Finding(
        "file/free-pages",
        f"{byte_size(free)} of the file are free pages",
        f"That is {100 * summary.free_pages // summary.pages} % of it.",
        Role.IDLE,
        Certainty.HINT,
        "SQLite keeps the pages of deleted rows for later ones. Large downloads or deletions came before.",
        "Nothing has to be done. VACUUM on the device gives the space back.",
    )


def _capture_ends_held(material: Material) -> Iterator[Finding]:
    file = material.situation
    assert isinstance(file, CaptureFile)
    if file.last_outcome != "held":
        return
    yield Finding(
        "capture/ends-held", "The recording ends with downloads held back",
        f"Checkpoint {file.last_checkpoint} was not shown.", Role.HELD, Certainty.CERTAIN,
        "The checkpoint was complete and valid; local writes kept it from being shown.",
        "Look at what became of the uploads before it.",
        (Evidence(f"checkpoint {file.last_checkpoint}", "held", "checkpoints"),),
    )  # fmt: skip


_FILE, _LIVE, _ANY = (DatabaseFile,), (Live,), (DatabaseFile, CaptureFile, Live)
_CHECKS: tuple[tuple[tuple[type, ...], Callable[[Material], Iterator[Finding]]], ...] = (
    (_FILE, _file_problems),
    ((DatabaseFile, Live), queue_blocks_downloads),
    ((DatabaseFile, Live), writes_wait),
    ((DatabaseFile, Live), unconfirmed),
    (_FILE, _first_sync_incomplete),
    (_FILE, _old_sync),
    (_LIVE, _connection),
    (_LIVE, upload_refused),
    (_LIVE, _token_hints),
    (_LIVE, _token_without_next),
    (_LIVE, _clock),
    (_LIVE, _insecure),
    (_LIVE, _streams),
    ((CaptureFile,), _capture_ends_held),
    ((CaptureFile, Live), _mismatches),
    (_ANY, _schema_lacks_table),
    (_ANY, _needs_compacting),
    (_FILE, _free_space),
)
