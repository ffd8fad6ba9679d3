"""What the status bar says, as text by its place. No Qt."""

from dataclasses import dataclass

from inspector.analysis.past_database import PastDatabase
from inspector.analysis.state import (
    CaptureFile,
    DatabaseFile,
    EngineGone,
    Live,
    NothingOpen,
    Opening,
    Role,
    Situation,
    Unreadable,
)
from inspector.engine.control import Status
from inspector.engine.endpoint import host_of
from inspector.ui.bucket_state import BucketSnapshot
from inspector.ui.file_seal import Seal
from inspector.words import byte_size, clock, countdown, plural, thousands

_PHASES = {
    "idle": ("Not connected", Role.IDLE),
    "connecting": ("Connecting", Role.DATA),
    "connected": ("Streaming", Role.FINE),
    "waiting": ("Waiting for the next try", Role.BROKEN),
    "refused": ("Refused", Role.BROKEN),
    "offline": ("Offline", Role.IDLE),
    "stopped": ("Stopped", Role.BROKEN),
}


@dataclass(frozen=True, slots=True)
class StatusFacts:
    """The parts of the status bar; `left` and `right` hold pieces of (text, is it a figure to stress)."""

    role: Role
    left: tuple[tuple[str, ...], ...]
    """Groups of texts; every second text of a group is a figure."""
    right: tuple[str, ...]


def status_facts(
    situation: Situation,
    snapshot: BucketSnapshot | None,
    operations_a_second: float,
    now_ns: int,
    seal: Seal | None = None,
) -> StatusFacts:
    """What to say of `situation`; what a source does not know is left out."""
    match situation:
        case Live(status):
            return _live(status, snapshot, operations_a_second, now_ns)
        case EngineGone():
            return StatusFacts(Role.BROKEN, (("Engine stopped",), *_contents(snapshot)), ())
        case DatabaseFile():
            return _file(situation, snapshot, seal)
        case CaptureFile():
            amount = f"{plural(situation.frames, 'frame')} · {byte_size(situation.bytes)}"
            connections = plural(situation.connections, "connection")
            return StatusFacts(Role.IDLE, ((amount,), (connections,), *_contents(snapshot)), ("read-only",))
        case Opening(name):
            return StatusFacts(Role.DATA, ((f"Opening {name}",),), ())
        case NothingOpen():
            return StatusFacts(Role.IDLE, (("Nothing is open",),), ())
        case Unreadable():
            return StatusFacts(Role.BROKEN, (("Not readable",),), ())


def _file(file: DatabaseFile, snapshot: BucketSnapshot | None, seal: Seal | None) -> StatusFacts:
    schema = "" if file.schema_version is None else f"schema {file.schema_version}"
    sqlite = f"SQLite {file.sqlite_version.rpartition('.')[0]}" if file.sqlite_version else ""
    size = "".join(text for group in _size(snapshot) for text in group)
    about = " · ".join(part for part in (schema, sqlite, size) if part)
    summary = snapshot.summary if snapshot is not None else None
    operations = file.operations if file.downloaded_operations is None else file.downloaded_operations
    amount = f"{plural(operations, 'operation')} · {_rows(file.rows, file.rows_without_table)}"
    least = "at least " if summary is not None and summary.unreadable else ""
    role = Role.BROKEN if seal is not None and seal.changed else Role.IDLE
    return StatusFacts(role, ((about,), (f"{least}{amount}",)), ("read-only" if seal is None else seal.words,))


def facts_of_then(past: PastDatabase, status: Status | None, snapshot: BucketSnapshot | None) -> StatusFacts:
    """What to say while the panels show the database of a past moment; `status` is of a recording that goes on."""
    left: list[tuple[str, ...]] = [
        (f"Data of {clock(past.at)}",),
        ("checkpoint ", _id(past.checkpoint), " · shown ", _id(past.shown)),
        *_contents(snapshot),
    ]
    if status is not None and status.frames:
        left.append((f"recording goes on: {plural(status.frames, 'frame')}",))
    return StatusFacts(Role.CHECKPOINT, tuple(left), ("read-only",))


def _live(status: Status, snapshot: BucketSnapshot | None, rate: float, now_ns: int) -> StatusFacts:
    word, role = _PHASES[status.phase]
    if status.phase == "connected" and status.held:
        role = Role.HELD
    state = f"{word} · {status.transport}" if status.phase == "connected" and status.transport else word
    left: list[tuple[str, ...]] = [(state,)]
    if source := " · ".join(part for part in (host_of(status.endpoint), status.user_id) if part):
        left.append((source,))
    if status.checkpoint is not None or status.shown_checkpoint is not None:
        left.append(("checkpoint ", _id(status.checkpoint), " · shown ", _id(status.shown_checkpoint)))
    left += _contents(snapshot)
    if status.frames:
        left.append((f"recording {plural(status.frames, 'frame')} · {byte_size(status.capture_bytes)}",))
    right = [f"{thousands(round(rate))} op/s"]
    if status.token_expires_at is not None:
        ended = status.token_expires_at <= now_ns
        right.append("token ended" if ended else f"token {countdown(status.token_expires_at, now_ns)}")
    return StatusFacts(role, tuple(left), tuple(right))


def _id(checkpoint: int | None) -> str:
    return "–" if checkpoint is None else str(checkpoint)


def _contents(snapshot: BucketSnapshot | None) -> list[tuple[str, ...]]:
    summary = snapshot.summary if snapshot is not None else None
    if summary is None:
        return []
    downloaded = summary.operations if summary.downloaded_operations is None else summary.downloaded_operations
    at_least = "at least " if summary.unreadable else ""
    rows = _rows(summary.rows, summary.rows_without_table)
    return [(f"{at_least}{plural(downloaded, 'operation')} · {rows}",)]


def _rows(rows: int, without_table: int) -> str:
    """What the app can see, and what it cannot for want of a table."""
    shown = f"{plural(rows - without_table, 'row')} shown"
    return f"{shown}, {thousands(without_table)} without a table" if without_table else shown


def _size(snapshot: BucketSnapshot | None) -> list[tuple[str, ...]]:
    summary = snapshot.summary if snapshot is not None else None
    if summary is None:
        return []
    free = summary.free_pages * summary.page_size
    size = byte_size(summary.pages * summary.page_size)
    return [(f"{size} ({byte_size(free)} free pages)" if free else size,)]
