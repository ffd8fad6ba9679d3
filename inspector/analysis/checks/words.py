"""Small phrases that several families of checks say."""

from collections.abc import Iterable

from inspector.analysis.finding_types import Evidence
from inspector.store.schema import GATE_CLOSED
from inspector.words import thousands

_LONGEST_ID = 12
LISTED = 5
"""Examples that a finding names one by one."""
MOST_ROWS = 1_000
"""Of a kind and a table: so many are counted, and then it is “at least”."""


def short_row(row_type: str, row_id: str) -> str:
    """`todos / 91ce…04`: a row as people read it."""
    return f"{row_type} / {short_id(row_id)}"


def short_id(row_id: str) -> str:
    """An id, shortened in its middle."""
    return row_id if len(row_id) <= _LONGEST_ID else f"{row_id[:4]}…{row_id[-2:]}"


def row_evidence(row_type: str, row_id: str, what: str) -> Evidence:
    """The place of a row; its link shows its history."""
    return Evidence(short_row(row_type, row_id), what, "row", row=(row_type, row_id), link="Show the row")


def internal(where: str, what: str, sql: str) -> Evidence:
    """A place in a table of the SDK's own; its link shows it in the SQL console."""
    return Evidence(where, what, "sql", sql=sql)


def are(count: int, noun: str, nouns: str = "") -> str:
    """`1 row is`, `2 rows are`."""
    return f"{thousands(count)} {noun} is" if count == 1 else f"{thousands(count)} {nouns or noun + 's'} are"


def id_ranges(ids: Iterable[int]) -> str:
    """`41–42, 45`: consecutive ids as spans."""
    spans: list[list[int]] = []
    for one in ids:
        if spans and one == spans[-1][1] + 1:
            spans[-1][1] = one
        else:
            spans.append([one, one])
    return ", ".join(str(first) if first == last else f"{first}–{last}" for first, last in spans)


def gate_words(target: int | None) -> str:
    """What the gate waits for."""
    if target is None:
        return "nothing was ever asked for"
    if target == GATE_CLOSED:
        return "the gate is at its maximum: nothing requested yet"
    return f"checkpoint request {target}"
