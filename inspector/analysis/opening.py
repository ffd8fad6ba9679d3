"""Opens what a user gives: a client database as evidence, or a capture with the database that it made."""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from inspector.analysis.situations import CaptureFile, DatabaseFile, FileProblem
from inspector.capture.reader import CaptureReader
from inspector.engine.control import Problem
from inspector.store.evidence import Evidence, open_evidence
from inspector.store.evidence_copy import FilesState
from inspector.store.evidence_sentences import CaptureGiven, ProblemKind
from inspector.store.records import BucketRow, DatabaseSummary

MANY_FRAMES = 10_000
"""To rebuild what so many made takes seconds, and to start a process a part of one."""


@dataclass(frozen=True)
class OpenedDatabase:
    """A client database that is not changed; `evidence.open_reader()` reads it."""

    path: Path
    evidence: Evidence
    summary: DatabaseFile

    @property
    def database(self) -> Path:
        """What is read, as immutable: the file itself, or a copy of it."""
        return self.evidence.readable


@dataclass(frozen=True)
class OpenedCapture:
    """A capture, of which the frames can be shown at once; `rebuild_database` makes what they made."""

    path: Path
    summary: CaptureFile
    state: FilesState
    """Of the file and those beside it, before anything was read."""

    def is_as_opened(self) -> bool:
        """Whether they are as they were; does not read it all."""
        try:
            return FilesState.of(self.path) == self.state
        except OSError:
            return False


def open_file(path: Path, *, work: Path) -> OpenedDatabase | OpenedCapture:
    """Open a client database or a capture; what has to be made goes into `work`. Raises InspectorError."""
    try:
        evidence = open_evidence(path, work)
    except CaptureGiven:
        return open_capture(path)
    try:
        return OpenedDatabase(path, evidence, _describe(path, evidence))
    except BaseException:
        evidence.close()
        raise


def _describe(path: Path, evidence: Evidence) -> DatabaseFile:
    reader = evidence.open_reader()
    try:
        summary = reader.summary()
        buckets = reader.buckets(fast=True)
    finally:
        reader.close()
    return DatabaseFile(
        name=path.name,
        schema_version=evidence.schema_version or None,
        last_synced_at=summary.last_synced_at,
        operations=summary.operations,
        rows=summary.rows,
        buckets=summary.buckets,
        rows_without_table=summary.rows_without_table,
        pending_writes=summary.pending_writes,
        target_request=summary.target_request,
        seen_request=summary.seen_request,
        held_operations=_held_operations(summary, buckets),
        downloaded_operations=summary.downloaded_operations,
        unpublished_operations=summary.unpublished_operations,
        complete_priority=max(summary.partial_syncs, default=None),
        cleared=_was_cleared(summary, buckets),
        problems=tuple(FileProblem(it.what, it.why, it.next_step, kind=it.kind) for it in evidence.problems),
        recovered=tuple(
            Problem(note.what, note.why, note.next_step)
            for note in evidence.notes
            if note.kind is not ProblemKind.NO_WAL
        ),
        lacks_wal=any(note.kind is ProblemKind.NO_WAL for note in evidence.notes),
        sqlite_version=evidence.sqlite_version,
        wal_bytes=evidence.wal_bytes,
    )


def _was_cleared(summary: DatabaseSummary, buckets: list[BucketRow]) -> bool:
    """Only a full sync sets `count_at_last`, and only clearing takes back what was applied, and when."""
    if summary.last_synced_at is not None or summary.partial_syncs:
        return False
    return any(bucket.count_at_last for bucket in buckets) and not any(bucket.last_applied_op for bucket in buckets)


def _held_operations(summary: DatabaseSummary, buckets: list[BucketRow]) -> int:
    """A first sync that was cut has operations that are not shown, too; nothing holds them back."""
    if not summary.held:
        return 0
    since_last = [bucket.count_since_last for bucket in buckets]
    counted = [count for count in since_last if count is not None]
    return sum(counted) if len(counted) == len(since_last) else summary.unpublished_operations


def open_capture(path: Path) -> OpenedCapture:
    """Open a capture, which is not changed. Raises CaptureError."""
    state = FilesState.of(path)
    with CaptureReader(path) as capture:
        summary = capture.summary()
    situation = CaptureFile(
        name=path.name,
        frames=summary.frames,
        bytes=summary.bytes,
        connections=summary.connections,
        first_at=summary.first_at,
        last_at=summary.last_at,
        last_checkpoint=summary.last_checkpoint,
        last_outcome=summary.last_outcome,
        mismatches=summary.mismatches,
    )
    return OpenedCapture(path, situation, state)


def rebuild_database(path: Path, work: Path, told: Callable[[int, int], bool], *, many: int = MANY_FRAMES) -> Path:
    """The client database that the frames of a capture make, in `work`; `told` hears how many
    frames of how many are done, and says whether to go on.

    Takes as long as the first sync took a client; for `many` frames a process of its own does it. Raises
    ReplayImpossible.
    """
    work.mkdir(parents=True, exist_ok=True)
    # Which few files need, and none at once.
    from inspector.analysis.rebuilding import rebuild_elsewhere
    from inspector.analysis.replay import replay_capture

    database = work / "replayed.db"
    with CaptureReader(path) as capture:
        if capture.frame_count() < many:
            replay_capture(capture, database, told)
            return database
    rebuild_elsewhere(path, database, told)
    return database
