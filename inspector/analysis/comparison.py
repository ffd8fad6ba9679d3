"""Two client databases side by side: where they stand, their buckets, and their rows value by value.

They may be of one user at two times, of two devices, or of two users: what only one of them has is told as well.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from enum import StrEnum
from itertools import islice

from inspector.analysis.pending_writes import fields_of, same_value
from inspector.protocol.buckets import parse_bucket_name
from inspector.protocol.checksums import as_hex
from inspector.store.reader import ClientDatabaseReader
from inspector.store.records import BucketRow, DataRow
from inspector.store.schema import GATE_CLOSED
from inspector.words import plural, thousands

MOST_ROWS = 5_000
"""Differing rows that are listed; the others are counted."""
_PAGE = 2_000


class Side(StrEnum):
    """Who has it."""

    BOTH = "differs"
    HERE = "only here"
    THERE = "only there"


@dataclass(frozen=True, slots=True)
class StateDifference:
    """A fact of the databases as a whole that is not the same."""

    what: str
    here: str
    there: str


@dataclass(frozen=True, slots=True)
class BucketDifference:
    """A bucket that is not the same, or that only one of them has."""

    bucket: str
    side: Side
    here: str
    there: str


@dataclass(frozen=True, slots=True)
class RowDifference:
    """A row that is not the same; the columns that differ with both values, as JSON text, None where there is none."""

    row_type: str
    row_id: str
    side: Side
    columns: tuple[tuple[str, str | None, str | None], ...] = ()


@dataclass(frozen=True, slots=True)
class Comparison:
    """What differs; the counts are of all, the rows of the first MOST_ROWS."""

    state: tuple[StateDifference, ...]
    buckets: tuple[BucketDifference, ...]
    rows: tuple[RowDifference, ...]
    buckets_compared: int
    rows_compared: int
    counts: dict[Side, int]
    """Differing rows by who has them."""

    @property
    def rows_differ(self) -> int:
        """All rows that are not the same."""
        return sum(self.counts.values())

    @property
    def sentence(self) -> str:
        """What came of it."""
        if not (self.state or self.buckets or self.rows_differ):
            return f"Nothing differs: {plural(self.rows_compared, 'row')} in {plural(self.buckets_compared, 'bucket')}."
        parts = [f"{thousands(count)} {side}" for side, count in self.counts.items() if count]
        rows = f"{thousands(self.rows_differ)} of {plural(self.rows_compared, 'row')} differ"
        if not self.rows_differ:
            rows = f"All {plural(self.rows_compared, 'row')} are the same"
        told = f" ({', '.join(parts)})" if self.rows_differ > self.counts[Side.BOTH] else ""
        buckets = f"{thousands(len(self.buckets))} of {plural(self.buckets_compared, 'bucket')}"
        return f"{rows}{told}; {buckets} {'is' if len(self.buckets) == 1 else 'are'} not the same."


def compare(
    here: ClientDatabaseReader, there: ClientDatabaseReader, go_on: Callable[[int], bool] = lambda _: True
) -> Comparison | None:
    """Compare two databases; None when `go_on(rows so far)` said to stop. Raises ReadError."""
    own, other = ({it.name: it for it in reader.buckets()} for reader in (here, there))
    buckets = tuple(_differing_buckets(own, other))
    rows: list[RowDifference] = []
    counts = dict.fromkeys(Side, 0)
    compared = 0
    for row_type in types_of(here, there):
        for done, difference, _ in differing_rows(here, there, row_type):
            if difference is not None:
                counts[difference.side] += 1
                if len(rows) < MOST_ROWS:
                    rows.append(difference)
            compared += done
            if done and compared % _PAGE == 0 and not go_on(compared):
                return None
    return Comparison(tuple(differing_state(here, there)), buckets, tuple(rows), len(own | other), compared, counts)


def types_of(*readers: ClientDatabaseReader) -> tuple[str, ...]:
    """The types of rows that any of them has synced, those of the first one first."""
    tables = (table for reader in readers for table in reader.tables())
    return tuple(dict.fromkeys(table.name for table in tables if table.kind != "local" and table.name))


def differing_state(here: ClientDatabaseReader, there: ClientDatabaseReader) -> Iterator[StateDifference]:
    """Facts of the databases as a whole that are not the same."""
    for (what, one), (_, other) in zip(_state(here), _state(there), strict=True):
        if one != other:
            yield StateDifference(what, one, other)


def _state(reader: ClientDatabaseReader) -> list[tuple[str, str]]:
    summary = reader.summary()
    schema = ", ".join(table.view or table.name for table in reader.tables() if table.kind == "synced")
    streams = ", ".join(
        each.stream + ("" if each.parameters in ("null", "") else each.parameters) for each in reader.subscriptions()
    )
    return [
        ("schema version", str(summary.schema_version)),
        ("client id", summary.client_id or "none"),
        ("last full sync", _time(summary.last_synced_at)),
        ("local writes waiting", thousands(summary.pending_writes)),
        ("checkpoint request asked for", _number(summary.target_request)),
        ("checkpoint request seen", _number(summary.seen_request)),
        ("operations stored", thousands(summary.operations)),
        ("operations not shown", thousands(summary.unpublished_operations)),
        ("rows", thousands(summary.rows)),
        ("rows without a table", thousands(sum(summary.untyped_rows.values()))),
        ("synced tables", schema or "none"),
        ("subscriptions", streams or "none"),
    ]


def _differing_buckets(here: dict[str, BucketRow], there: dict[str, BucketRow]) -> Iterator[BucketDifference]:
    for name in sorted(here.keys() | there.keys()):
        one, other = here.get(name), there.get(name)
        if one is None or other is None:
            side = Side.THERE if one is None else Side.HERE
            yield BucketDifference(name, side, bucket_words(one), bucket_words(other))
        elif (one.checksum, one.last_op, one.last_applied_op) != (other.checksum, other.last_op, other.last_applied_op):
            sums = (one.last_op, one.last_applied_op) == (other.last_op, other.last_applied_op)
            yield BucketDifference(name, Side.BOTH, bucket_words(one, sums), bucket_words(other, sums))


def bucket_words(bucket: BucketRow | None, with_sum: bool = False) -> str:
    """`12 rows · op 1584, shown 1502`; empty for none."""
    if bucket is None:
        return ""
    checksum = "" if bucket.checksum is None or not with_sum else f" · {as_hex(bucket.checksum)}"
    shown = "" if bucket.last_applied_op == bucket.last_op else f", shown {bucket.last_applied_op}"
    return f"{plural(bucket.put_rows or 0, 'row')} · op {bucket.last_op}{shown}{checksum}"


def differing_rows(
    here: ClientDatabaseReader, there: ClientDatabaseReader, row_type: str
) -> Iterator[tuple[int, RowDifference | None, DataRow | None]]:
    """Rows of both by their ids, merged: each counts once, with its difference if there is one, and what is here."""
    own, other = _rows_of(here, row_type), _rows_of(there, row_type)
    one, two = next(own, None), next(other, None)
    while one is not None or two is not None:
        if two is None or (one is not None and one.id < two.id):
            assert one is not None
            yield 1, RowDifference(row_type, one.id, Side.HERE), one
            one = next(own, None)
        elif one is None or two.id < one.id:
            yield 1, RowDifference(row_type, two.id, Side.THERE), None
            two = next(other, None)
        else:
            columns = () if one.data == two.data else tuple(_differing_columns(one, two))
            yield 1, RowDifference(row_type, one.id, Side.BOTH, columns) if columns else None, one
            one, two = next(own, None), next(other, None)


def _rows_of(reader: ClientDatabaseReader, row_type: str) -> Iterator[DataRow]:
    if reader.table_kind(row_type) not in ("synced", "untyped"):
        return
    after: str | None = None
    while page := reader.rows(row_type, after, _PAGE):
        yield from page
        after = page[-1].id


def _differing_columns(one: DataRow, two: DataRow) -> Iterator[tuple[str, str | None, str | None]]:
    here, there = fields_of(one.data), fields_of(two.data)
    for column in dict.fromkeys((*here, *there)):
        # A view's triggers leave the id out of the data.
        if column != "id" and not same_value(here.get(column, "null"), there.get(column, "null")):
            yield column, here.get(column), there.get(column)


def bucket_title(difference: BucketDifference) -> str:
    """A bucket as people read it."""
    return parse_bucket_name(difference.bucket).short


def row_words(difference: RowDifference, most: int = 3) -> str:
    """`completed: 0 ≠ 1, rating: 4.5 ≠ 5.0`; what only one of them has is said by `side`."""
    parts = [f"{name}: {here or 'null'} ≠ {there or 'null'}" for name, here, there in islice(difference.columns, most)]
    more = len(difference.columns) - len(parts)
    return ", ".join(parts) + (f" and {thousands(more)} more" if more > 0 else "")


def _time(at: int | None) -> str:
    if at is None:
        return "never"
    return f"{datetime.fromtimestamp(at / 1_000_000, UTC):%Y-%m-%d %H:%M:%S} UTC"


def _number(request: int | None) -> str:
    if request is None:
        return "none"
    return "not requested yet" if request == GATE_CLOSED else str(request)
