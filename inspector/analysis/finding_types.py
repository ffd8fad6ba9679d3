"""What a finding is made of, and what checks look at."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from enum import Enum, StrEnum
from typing import Any, TypeVar

from inspector.analysis.problem_words import cause, join, sentence
from inspector.analysis.situations import CaptureFile, DatabaseFile, Live, Role, Situation
from inspector.capture.reader import CaptureReader
from inspector.engine.control import Problem, Status
from inspector.protocol.errors import InspectorError
from inspector.store.reader import ClientDatabaseReader
from inspector.store.records import DatabaseSummary

T = TypeVar("T")


class Certainty(StrEnum):
    """How sure a finding is."""

    CERTAIN = "certain"
    LIKELY = "likely"
    HINT = "hint"


@dataclass(frozen=True, slots=True)
class Evidence:
    """A place where the finding can be seen: a table, a bucket, an answer. `panel` shows it; empty where none does.

    The rest is what to select there: `row` is a type and an id, `sql` a statement that shows the place itself.
    """

    where: str
    what: str
    panel: str = ""
    bucket: str | None = None
    row: tuple[str, str] | None = None
    frame: int | None = None
    checkpoint: int | None = None
    """Its id in the capture."""
    happening: int | None = None
    """An upload or a connection, by its key."""
    sql: str = ""
    link: str = ""
    """What the link says; empty: “Show in …”."""


@dataclass(frozen=True, slots=True)
class Finding:
    """One problem. `name` is its check and what it is about, so that it is known again when it is found anew.

    In the sentences, what stands between backquotes is a name or a value: see `mono`.
    """

    name: str
    title: str
    summary: str
    role: Role
    certainty: Certainty
    meaning: str
    next_step: str
    evidence: tuple[Evidence, ...] = ()
    check: str = ""
    """The name of the check that found it."""

    @property
    def row(self) -> tuple[str, str] | None:
        """The row that it is about first of all, as a type and an id."""
        return next((each.row for each in self.evidence if each.row is not None), None)


def mono(value: object) -> str:
    """A name or a value, marked as one; a backquote in it cannot be told from the mark and becomes an accent."""
    return f"`{str(value).replace('`', 'ˋ')}`"


class Needs(Enum):
    """What a check reads beside what is known anyway."""

    NOTHING = 0
    DATABASE = 1
    CAPTURE = 2


@dataclass(frozen=True, slots=True)
class BucketFacts:
    """What checks need of a bucket; None where it is not known."""

    name: str
    operations: int | None
    rows: int | None


class Stopped(Exception):
    """Nobody wants the checks any more."""


class Progress:
    """How far the checks have come; raises Stopped where `go_on` says no. One thread writes, another may read."""

    def __init__(self, go_on: Callable[[], bool] = lambda: True) -> None:
        self._go_on = go_on
        self.operations = 0
        """Stored operations whose content was checked so far."""
        self.rows = 0
        """Rows of tables that were compared so far."""
        self.left = False
        """A check has stopped for its time, and goes on where it was when it is run again."""

    def add(self, *, operations: int = 0, rows: int = 0) -> None:
        """So many more are done."""
        self.operations += operations
        self.rows += rows
        if not self._go_on():
            raise Stopped


@dataclass(frozen=True, slots=True)
class FrameSpan:
    """From one frame to another, both included; of a file that is all."""

    first: int = 1
    last: int = 2**62


@dataclass(frozen=True, slots=True)
class Material:
    """What checks look at; times are ns since the Unix epoch."""

    situation: Situation
    now_ns: int
    summary: DatabaseSummary | None = None
    buckets: tuple[BucketFacts, ...] = ()
    database: ClientDatabaseReader | None = None
    capture: CaptureReader | None = None
    no_database: str = ""
    """Why there is none, in sentences."""
    progress: Progress = field(default_factory=Progress)
    frames: FrameSpan = FrameSpan()
    """Where checks that go frame by frame look: while a session goes on, at those that came since."""
    _read: dict[Callable[["Material"], Any], Any] = field(default_factory=dict, compare=False, repr=False)

    def once(self, read: Callable[["Material"], T]) -> T:
        """What `read` makes of this, for several checks that want the same."""
        if read not in self._read:
            self._read[read] = read(self)
        found: T = self._read[read]
        return found


Find = Callable[[Material], Iterable[Finding]]

FILE, LIVE, CAPTURE = (DatabaseFile,), (Live,), (CaptureFile,)
DATABASES, RECORDED, ANY = (DatabaseFile, Live), (CaptureFile, Live), (DatabaseFile, CaptureFile, Live)


@dataclass(frozen=True, slots=True)
class Check:
    """Looks for one kind of problem. `title` names what it looks for, `looks_at` where."""

    name: str
    title: str
    looks_at: str
    sources: tuple[type, ...]
    find: Find
    needs: Needs = Needs.NOTHING
    follow: Callable[[], Find] | None = None
    """Makes a `find` that remembers what it has found, for a session that goes on: in a capture it looks at
    `Material.frames` alone, in a client database at a part, and sets `Progress.left` while there are others.
    None: it looks at what is recent as a whole, each time."""


class CheckState(StrEnum):
    """What became of a check."""

    FOUND = "found"
    NOTHING = "found nothing"
    NOT_RUN = "could not run"
    WAITS = "runs"


@dataclass(frozen=True, slots=True)
class CheckResult:
    """One check and what came of it; `remark` says why it could not run."""

    check: Check
    state: CheckState
    findings: tuple[Finding, ...] = ()
    remark: str = ""


@dataclass(frozen=True, slots=True)
class Report:
    """Findings, worst first, and the checks that ran for them."""

    findings: tuple[Finding, ...] = ()
    results: tuple[CheckResult, ...] = ()

    @property
    def checks(self) -> int:
        """Checks that ran."""
        return self._count(CheckState.FOUND) + self._count(CheckState.NOTHING)

    @property
    def silent(self) -> int:
        """Checks that found nothing."""
        return self._count(CheckState.NOTHING)

    @property
    def not_run(self) -> int:
        """Checks that could not run."""
        return self._count(CheckState.NOT_RUN)

    @property
    def waiting(self) -> int:
        """Checks that are still to run."""
        return self._count(CheckState.WAITS)

    def _count(self, state: CheckState) -> int:
        return sum(result.state is state for result in self.results)


def status_of(material: Material) -> Status:
    """Of a live connection, whose checks call this."""
    assert isinstance(material.situation, Live)
    return material.situation.status


def file_of(material: Material) -> DatabaseFile:
    """The client database, whose checks call this."""
    assert isinstance(material.situation, DatabaseFile)
    return material.situation


def database_of(material: Material) -> ClientDatabaseReader:
    """The reader of the client database, for checks that need one."""
    if material.database is None:
        raise InspectorError("There is no client database.", why=material.no_database)
    return material.database


def capture_of(material: Material) -> CaptureReader:
    """The reader of the capture, for checks that need one."""
    if material.capture is None:
        raise InspectorError("There is no capture.")
    return material.capture


def of_problem(
    name: str, problem: Problem, role: Role, evidence: Evidence, certainty: Certainty = Certainty.CERTAIN
) -> Finding:
    """A finding that says what a problem says."""
    return Finding(
        name,
        problem.what.rstrip("."),
        cause(problem),
        role,
        certainty,
        join(sentence(problem.what), cause(problem, sentence(problem.what))),
        sentence(problem.next_step) or "Look at what the other side says at that time.",
        (evidence,),
    )
