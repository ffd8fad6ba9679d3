"""A client database beside a fresh copy of the same user: what differs, and what explains it.

The fresh copy is what the service has now. What this file has not downloaded or not shown yet, and what it wrote itself
and has not uploaded, explains a difference; what is left is wrong.
"""

from collections.abc import Callable
from dataclasses import dataclass

from inspector.analysis.comparison import StateDifference, differing_rows, differing_state, types_of
from inspector.analysis.fresh.buckets import BucketCause, ExplainedBucket, explain_buckets
from inspector.analysis.fresh.rows import Cause, ExplainedRow, RowExplainer
from inspector.analysis.problem_words import join
from inspector.protocol.buckets import parse_bucket_name
from inspector.store.reader import ClientDatabaseReader
from inspector.words import plural, thousands

MOST_ROWS = 2_000
"""Rows of each cause that are listed; the others are counted."""
_LOOK_EVERY = 500
_OF_ANY_DEVICE = (
    "schema version",
    "client id",
    "last full sync",
    "checkpoint request asked for",
    "checkpoint request seen",
    "synced tables",
)
"""Facts in which two devices of one user differ anyway."""

_EXPLAINED = {
    Cause.AHEAD: "ahead of the service",
    Cause.BEHIND: "changed at the service since",
    Cause.NOT_SHOWN: "downloaded and not shown yet",
    Cause.UNCONFIRMED: "uploaded and not confirmed",
    Cause.LOCAL: "held by local writes",
}


@dataclass(frozen=True, slots=True)
class FreshComparison:
    """What differs and why, what nothing explains first; `counts` are of all rows that differ."""

    rows: tuple[ExplainedRow, ...]
    buckets: tuple[ExplainedBucket, ...]
    state: tuple[StateDifference, ...]
    rows_compared: int
    buckets_compared: int
    counts: dict[Cause, int]
    whose: str = ""
    """That the copy may be of another user, as a sentence; empty where nothing speaks for it."""
    doubts: tuple[str, ...] = ()
    """Why else the copy may be no measure for this file, and what was not compared, as sentences."""

    @property
    def rows_differ(self) -> int:
        """All rows that are not the same."""
        return sum(self.counts.values())

    @property
    def unexplained(self) -> int:
        """Rows that differ and that nothing explains."""
        return sum(count for cause, count in self.counts.items() if not cause.explained)

    @property
    def sentence(self) -> str:
        """What came of it: first what may undo the rest, then what is wrong."""
        wrong = [f"{thousands(self.counts[it])} {it}" for it in Cause if self.counts[it] and not it.explained]
        normal = [f"{thousands(self.counts[it])} {words}" for it, words in _EXPLAINED.items() if self.counts[it]]
        damaged = [it for it in self.buckets if not it.cause.explained]
        parts = []
        if wrong:
            rows = f"{thousands(self.unexplained)} of {plural(self.rows_compared, 'row')}"
            parts.append(f"{rows} {_differ(self.unexplained)}, and nothing explains it: {', '.join(wrong)}.")
        if damaged:
            one = len(damaged) == 1
            parts.append(f"{plural(len(damaged), 'bucket')} {'does' if one else 'do'} not match.")
        if not wrong and not damaged:
            alike = "Nothing differs" if not (normal or self.buckets) else "Nothing differs that is not explained"
            compared = f"{plural(self.rows_compared, 'row')} in {plural(self.buckets_compared, 'bucket')}"
            parts.append(f"{alike}: {compared}.")
        if normal:
            explained = self.rows_differ - self.unexplained
            which = ("other", "others") if wrong else ("row", "rows")
            parts.append(f"{plural(explained, *which)} {_differ(explained)} as expected: {', '.join(normal)}.")
        return join(self.whose, *parts, *self.doubts)


def compare_with_fresh(
    here: ClientDatabaseReader, fresh: ClientDatabaseReader, go_on: Callable[[int], bool] = lambda _: True
) -> FreshComparison | None:
    """Compare a client database with a fresh copy; None when `go_on(rows so far)` said to stop. Raises ReadError."""
    explainer, kept_apart = RowExplainer(here, fresh), _in_own_tables(here, fresh)
    rows: dict[Cause, list[ExplainedRow]] = {cause: [] for cause in Cause}
    counts = dict.fromkeys(Cause, 0)
    compared = looked_at = 0
    for row_type in types_of(here, fresh):
        if row_type in kept_apart:
            continue
        for done, difference, found in differing_rows(here, fresh, row_type):
            compared += done
            looked_at += 1 if difference is None else 10
            if difference is not None:
                explained = explainer.explain(difference, found)
                counts[explained.cause] += 1
                if len(rows[explained.cause]) < MOST_ROWS:
                    rows[explained.cause].append(explained)
            if looked_at >= _LOOK_EVERY:
                looked_at = 0
                if not go_on(compared):
                    return None
    buckets = tuple(explain_buckets(here, fresh, lambda: go_on(compared)))
    if not go_on(compared):
        return None
    own, other = ({it.name for it in reader.buckets(fast=True)} for reader in (here, fresh))
    return FreshComparison(
        rows=tuple(row for cause in Cause for row in rows[cause]),
        buckets=tuple(sorted(buckets, key=lambda it: it.cause.explained)),
        state=tuple(it for it in differing_state(here, fresh) if it.what not in _OF_ANY_DEVICE),
        rows_compared=compared,
        buckets_compared=len(own | other),
        counts=counts,
        whose=_another_users(own, other),
        doubts=tuple(_doubts(own, other, buckets, kept_apart)),
    )


def _in_own_tables(here: ClientDatabaseReader, fresh: ClientDatabaseReader) -> frozenset[str]:
    """Types of rows that the app keeps in tables of its own making: the fresh copy has them elsewhere."""
    if all(shape.kind != "raw" for shape in here.shapes()):
        return frozenset()
    return frozenset(types_of(fresh)) - {table.name for table in here.tables()}


def _doubts(
    own: set[str], other: set[str], buckets: tuple[ExplainedBucket, ...], kept_apart: frozenset[str]
) -> list[str]:
    doubts = []
    if not other and own:
        doubts.append("The service sends this user nothing: streams or parameters may be lacking.")
    if any(it.cause is BucketCause.AHEAD for it in buckets):
        doubts.append("This file is ahead of the service, which may have been set up anew since.")
    if kept_apart:
        names = ", ".join(sorted(kept_apart))
        doubts.append(f"Not compared, because the app keeps them in tables of its own: {names}.")
    return doubts


def _another_users(own: set[str], other: set[str]) -> str:
    """Buckets without parameters are everybody's; of the others a user has most on each of their devices."""
    mine, theirs = ({it for it in names if parse_bucket_name(it).parameters != "[]"} for names in (own, other))
    if not mine or not theirs or 2 * len(mine & theirs) >= min(len(mine), len(theirs)):
        return ""
    if not own & other:
        shared = "no bucket"
    else:
        shared = f"only {thousands(len(own & other))} of {plural(len(own | other), 'bucket')}"
    return f"They have {shared} in common: the token may be another user's."


def _differ(count: int) -> str:
    return "differs" if count == 1 else "differ"
