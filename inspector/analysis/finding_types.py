"""What a finding is made of, and what checks look at."""

from dataclasses import dataclass
from enum import StrEnum

from inspector.analysis.problem_words import cause, join, sentence
from inspector.analysis.situations import Live, Role, Situation
from inspector.engine.control import Problem, Status
from inspector.store.records import DatabaseSummary


class Certainty(StrEnum):
    """How sure a finding is."""

    CERTAIN = "certain"
    LIKELY = "likely"
    HINT = "hint"


@dataclass(frozen=True, slots=True)
class Evidence:
    """A place where the finding can be seen: a table, a bucket, an answer. `panel` shows it; empty where none does."""

    where: str
    what: str
    panel: str = ""
    bucket: str | None = None


@dataclass(frozen=True, slots=True)
class Finding:
    """One problem. `name` is its check and what it is about, so that it is known again when it is found anew."""

    name: str
    title: str
    summary: str
    role: Role
    certainty: Certainty
    meaning: str
    next_step: str
    evidence: tuple[Evidence, ...] = ()


@dataclass(frozen=True, slots=True)
class BucketFacts:
    """What checks need of a bucket; None where it is not known."""

    name: str
    operations: int | None
    rows: int | None
    mismatches: int


@dataclass(frozen=True, slots=True)
class Material:
    """What checks look at; times are ns since the Unix epoch."""

    situation: Situation
    now_ns: int
    summary: DatabaseSummary | None = None
    buckets: tuple[BucketFacts, ...] = ()


@dataclass(frozen=True, slots=True)
class Report:
    """Findings, worst first, and how many checks ran for them."""

    findings: tuple[Finding, ...]
    checks: int
    silent: int
    """Checks that found nothing."""


def status_of(material: Material) -> Status:
    """Of a live connection, whose checks call this."""
    assert isinstance(material.situation, Live)
    return material.situation.status


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
