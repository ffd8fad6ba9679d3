"""The life of one row: which buckets hold it, every operation, local writes, and whether the app sees it and why."""

from dataclasses import dataclass

from inspector.analysis.problem_words import join
from inspector.analysis.row_columns import ColumnValues, compared_columns
from inspector.analysis.row_facts import RowFacts, Step, row_facts
from inspector.analysis.row_history import RowSearch
from inspector.analysis.row_steps import steps_of
from inspector.capture.reader import CaptureReader
from inspector.protocol.buckets import parse_bucket_name
from inspector.store.reader import ClientDatabaseReader


@dataclass(frozen=True, slots=True)
class RowStory:
    """Everything that a panel shows of a row."""

    facts: RowFacts
    verdict: str
    visible: bool
    warning: str
    """What the verdict ends with where a value is nobody's; else empty."""
    columns: tuple[ColumnValues, ...]
    steps: tuple[Step, ...]
    """Newest first."""
    searched: tuple[int, int] | None
    """Frames of the capture that were looked through, of how many; None without one."""

    @property
    def buckets(self) -> tuple[str, ...]:
        """The buckets that hold the row, by their full names."""
        return tuple(dict.fromkeys(operation.bucket for operation in self.facts.operations))


def tell_row(
    database: ClientDatabaseReader | None, capture: CaptureReader | None, search: RowSearch, seconds: float
) -> RowStory | None:
    """The story of the row that `search` is for, which goes on for about so long; None without a client database."""
    if capture is not None:
        search.go_on(capture, seconds)
    if database is None:
        return None
    facts = row_facts(database, capture, search)
    return RowStory(
        facts=facts,
        verdict=verdict(facts),
        warning=_altered(facts, [it.column for it in compared_columns(facts) if it.state == "altered"]),
        visible=facts.data is not None and facts.table in ("synced", "local"),
        columns=tuple(compared_columns(facts)),
        steps=tuple(steps_of(facts, search)),
        searched=(search.searched, search.frames) if capture is not None else None,
    )


def verdict(facts: RowFacts) -> str:
    """Whether the app sees the row, and why, in a sentence or two."""
    if facts.table == "local":
        where = "sees it" if facts.data is not None else "does not see it: the table has no such row"
        return f"The app {where}. The table {facts.row_type} is local only: its rows are never synced."
    if facts.data is not None:
        return _why_in_table(facts)
    return _why_not_in_table(facts)


def _why_in_table(facts: RowFacts) -> str:
    if facts.table == "untyped":
        return (
            f"The app does not see it: its schema has no table “{facts.row_type}”, so the row waits in ps_untyped "
            "until a schema has one."
        )
    newest = facts.newest
    altered = [column.column for column in compared_columns(facts) if column.state == "altered"]
    if facts.pending:
        writes = "a local write" if len(facts.pending) == 1 else f"{len(facts.pending)} local writes"
        return join(
            f"The app sees it with {writes} in it that the backend has not taken yet.", _altered(facts, altered)
        )
    if newest is None:
        if facts.gate.closed:
            return (
                "The app sees it as it was written on this device: it is uploaded, and the service has not sent it yet."
            )
        return "The app sees it, but no bucket holds it and no local write waits: something wrote to the table itself."
    if not facts.newest_is_shown:
        return f"The app sees an older state: operation {newest.op_id} is downloaded and not shown. {_why_held(facts)}"
    if altered:
        return join("The app sees it, but not as the service has it.", _altered(facts, altered))
    if any(column.state == "unknown" for column in compared_columns(facts)):
        return (
            f"The app sees it with values that operation {newest.op_id} does not have: uploaded writes are not "
            "confirmed yet."
        )
    return f"The app sees it as operation {newest.op_id} has it."


def _altered(facts: RowFacts, columns: list[str]) -> str:
    """What is said of values that nothing explains."""
    if not columns or facts.newest is None:
        return ""
    names, verb = ", ".join(columns), "is" if len(columns) == 1 else "are"
    unless = " Or an upload before it is not confirmed yet." if facts.pending and facts.uploaded_before else ""
    return (
        f"{names} {verb} neither what operation {facts.newest.op_id} has nor a local write's: something wrote to "
        f"ps_data__{facts.row_type} itself.{unless}"
    )


def _why_not_in_table(facts: RowFacts) -> str:
    newest = facts.newest
    if any(write.entry.op == "DELETE" for write in facts.pending):
        return "The app does not see it: it was deleted on this device, and the backend has not taken that yet."
    if newest is None:
        if facts.last_removed is not None:
            bucket = parse_bucket_name(facts.last_removed.bucket).short
            return (
                f"The app does not see it: no bucket holds it. It left {bucket} "
                f"with operation {facts.last_removed.op_id}."
            )
        return "The app does not see it: no bucket that this client has holds the row, and no local write made it."
    if not facts.newest_is_shown:
        return f"The app does not see it yet: operation {newest.op_id} is downloaded and not shown. {_why_held(facts)}"
    if facts.table is None:
        return f"The app does not see it: its schema has no table “{facts.row_type}”, and no untyped row is kept."
    return (
        f"The app does not see it, although operation {newest.op_id} was shown: "
        f"something deleted it from ps_data__{facts.row_type} itself."
    )


def _why_held(facts: RowFacts) -> str:
    if facts.queue:
        wait = "local write waits" if facts.queue == 1 else "local writes wait"
        return f"{facts.queue} {wait} to be uploaded and confirmed."
    if facts.gate.awaits_service:
        return f"The service has not confirmed checkpoint request {facts.gate.target} yet."
    if facts.gate.closed:
        return "Local writes are uploaded, and the service has not been asked to confirm them yet."
    return "Its checkpoint is not complete."
