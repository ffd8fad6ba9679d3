"""What the state sentence is made from, and what it is made of.

A situation holds the facts of one kind of source. A fact that a source does not hold is None, and is not guessed.
"""

from dataclasses import dataclass
from enum import StrEnum
from typing import Literal, TypeAlias

from inspector.engine.control import Problem, Status
from inspector.store.evidence_sentences import ProblemKind


class Role(StrEnum):
    """The meaning that the sentence's colour carries."""

    IDLE = "idle"
    FINE = "fine"
    DATA = "data"
    CHECKPOINT = "checkpoint"
    PARTIAL = "partial"
    HELD = "held"
    BROKEN = "broken"


class Action(StrEnum):
    """What a button beside the sentence does."""

    CONNECT = "connect"
    OPEN_FILE = "open_file"
    REOPEN = "reopen"
    """Opens the file again that is open."""
    START_DEMO = "start_demo"
    TRY_NOW = "try_now"
    """Sends the engine `Connect`: start syncing, or do not wait for the next try."""
    GO_ONLINE = "go_online"
    RESTART_ENGINE = "restart_engine"
    RESTART_SERVICE = "restart_service"
    REFRESH_TOKEN = "refresh_token"
    DISCONNECT = "disconnect"
    RESUME_UPLOADS = "resume_uploads"
    SHOW_WRITE = "show_write"
    """Shows the oldest local write that waits."""
    RETRY_UPLOAD = "retry_upload"
    DISCARD = "discard"
    """Asks whether to give up the oldest transaction that waits."""
    SHOW_BUCKET = "show_bucket"
    """Shows the checksums of the bucket that did not match."""
    SHOW_FINDINGS = "show_findings"
    BACK_TO_NOW = "back_to_now"
    SHOW_THEN = "show_then"
    """Shows the client database of the moment that the user looks at."""
    STOP_REBUILDING = "stop_rebuilding"
    PREVIOUS_CHECKPOINT = "previous_checkpoint"
    NEXT_CHECKPOINT = "next_checkpoint"


@dataclass(frozen=True, slots=True)
class StateSentence:
    """What is going on, in words: `lead` is one short sentence, `then` its cause and what follows, or empty."""

    lead: str
    then: str
    role: Role
    actions: tuple[Action, ...] = ()


@dataclass(frozen=True, slots=True)
class PastData:
    """Which client database the panels show while the user looks at a past moment."""

    name: Literal["present", "rebuilding", "shown", "impossible"] = "present"
    """`present`: the one of now; `shown`: the one of then."""
    done: int = 0
    """While it is rebuilt: frames of how many; 0 of 0 before that is known."""
    frames: int = 0
    problem: Problem | None = None
    """Why it is impossible."""
    has_local_writes: bool = True
    """Whether the recording holds local writes at all."""
    unknown: int = 0
    """Local transactions that are missing, because the recording does not tell what they wrote."""
    strayed_at: int | None = None
    """When the client first connected with other buckets than the recording explains, ns; None: never."""


@dataclass(frozen=True, slots=True)
class PastMoment:
    """A time before now that the user looks at, ns since the Unix epoch, and what the capture says of it.

    `checkpoint` and `shown` are op ids: of the newest checkpoint that had come by then, and of the one that the tables
    showed; None where there was none.
    """

    at: int
    checkpoint: int | None = None
    shown: int | None = None
    data: PastData = PastData()


@dataclass(frozen=True, slots=True)
class NothingOpen:
    """No source."""


@dataclass(frozen=True, slots=True)
class Opening:
    """A file that is being read; `name` is its name without folders."""

    name: str


@dataclass(frozen=True, slots=True)
class Live:
    """A connection, as the engine tells it."""

    status: Status
    service_gone: Problem | None = None
    """Why a service that this program started has ended; None while it runs, and of any other service."""


@dataclass(frozen=True, slots=True)
class EngineGone:
    """The engine's process ended and nobody asked it to."""

    problem: Problem


def unmarked(text: str) -> str:
    """A finding's text without the backquotes that mark names and values."""
    return text.replace("`", "")


@dataclass(frozen=True, slots=True)
class Verdict:
    """What the checks of a file came to: the top finding, and how many there are."""

    check: str
    title: str
    summary: str
    role: Role
    findings: int


@dataclass(frozen=True, slots=True)
class Checked:
    """That the checks of a file have run, or were stopped, and what they came to."""

    verdict: Verdict
    seconds: float
    """How long all took."""
    ran: int
    left_out: int = 0
    """Those that could not run, or were stopped."""
    operations: int | None = None
    """Stored operations whose content was checked; None where there are none, and where some checks were left out."""
    written_since: bool = False
    """Whether the file, or one beside it, was written after it was opened."""


class FileProblem(Problem, frozen=True):
    """What is wrong with a file, and of what kind that is where it is one of the known ones."""

    kind: ProblemKind | None = None


@dataclass(frozen=True, slots=True)
class DatabaseFile:
    """A client database without its client."""

    name: str
    schema_version: int | None
    last_synced_at: int | None
    """µs since the Unix epoch; None when no full sync is recorded."""
    operations: int
    rows: int
    """Synced ones, with those that no table shows."""
    buckets: int
    rows_without_table: int = 0
    """Of types for which the app's schema has no table."""
    pending_writes: int = 0
    """Entries of `ps_crud`."""
    target_request: int | None = None
    """The gate (protocol §3, `ps_kv`): 2^63-1 while writes are not uploaded."""
    seen_request: int | None = None
    held_operations: int = 0
    """Downloaded, and kept from being shown by local writes."""
    downloaded_operations: int | None = None
    """With those superseded since; None where the file does not count them."""
    unpublished_operations: int = 0
    """Stored, and newer than what the tables show, whatever the cause."""
    complete_priority: int | None = None
    """Of a first sync that is not complete: the lowest priority that is."""
    cleared: bool = False
    """The tables were emptied after a full sync, and the downloads kept: a soft clear, as at a log-out."""
    problems: tuple[FileProblem, ...] = ()
    """What is wrong with the file, worst first."""
    recovered: tuple[Problem, ...] = ()
    """What was done to read it, in a copy: its WAL folded in, a transaction that was cut off rolled back."""
    lacks_wal: bool = False
    """It is one that has a -wal while an app runs, and none lies beside it."""
    sqlite_version: str = ""
    """Of the SQLite that wrote the file last; empty where it is not known."""
    wal_bytes: int = 0
    """Of the -wal beside it."""
    checked: Checked | None = None
    """What the checks came to; None while they run."""


@dataclass(frozen=True, slots=True)
class Rebuilding:
    """How many frames of how many were put into the client database that a capture made."""

    frames: int
    of: int


@dataclass(frozen=True, slots=True)
class CaptureFile:
    """A capture without its engine. Times are ns since the Unix epoch."""

    name: str
    frames: int
    bytes: int
    """Of the file."""
    connections: int
    first_at: int | None = None
    last_at: int | None = None
    last_checkpoint: int | None = None
    """Op id of the newest checkpoint."""
    last_outcome: str = ""
    """What became of it: a value of `capture.outcome.Outcome`."""
    mismatches: int = 0
    rebuilding: Rebuilding | None = None
    """Set while its client database is being made and that takes a while."""
    checked: Checked | None = None
    """What the checks came to; None while they run."""


@dataclass(frozen=True, slots=True)
class Unreadable:
    """A file that cannot be opened."""

    problem: Problem


Situation: TypeAlias = NothingOpen | Opening | Live | EngineGone | DatabaseFile | CaptureFile | Unreadable
