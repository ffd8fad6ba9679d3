"""Reads happenings from a capture: which there are, which of them meet a filter, and what each says."""

from array import array
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from itertools import starmap
from typing import Any

import apsw
import msgspec

from inspector.capture.filter.compiler import CompiledFilter
from inspector.capture.happenings import READ, Happening, HappeningKind, happenings_sql, source_of

AT_ONCE = 20_000
"""Events that are looked at in one go."""


@dataclass(frozen=True, slots=True)
class Seen:
    """Up to which id of their tables happenings were looked at and will not change any more."""

    uploads: int = 0
    events: int = 0
    connections: int = 0


@dataclass(frozen=True, slots=True)
class FoundHappenings:
    """Happenings in the order of their tables; all of `missing` do not, or no longer, meet the filter."""

    keys: "array[int]" = field(default_factory=lambda: array("q"))
    after: "array[int]" = field(default_factory=lambda: array("q"))
    """The frames that they come after."""
    at: "array[int]" = field(default_factory=lambda: array("q"))
    missing: frozenset[int] = frozenset()
    seen: Seen = Seen()
    more: bool = False
    """There are events that were not looked at yet."""


class HappeningScan:
    """The happenings of one open capture, on its connection."""

    def __init__(self, connection: apsw.Connection) -> None:
        self._connection = connection
        # A capture of an older version does not keep what uploads sent.
        columns = connection.execute("SELECT name FROM pragma_table_info('uploads')").fetchall()
        self.sql: Mapping[HappeningKind, str] = happenings_sql(with_requests=("request",) in columns)

    def find(self, condition: CompiledFilter | None, seen: Seen) -> FoundHappenings:
        """Those that meet `condition`, or all, among those that came since `seen` or could have changed."""
        found, missing = FoundHappenings(), set()
        newest = int(self._scalar("SELECT coalesce(max(id), 0) FROM events"))
        last_event = min(newest, seen.events + AT_ONCE)
        spans = {
            HappeningKind.UPLOAD: (seen.uploads, None),
            HappeningKind.EVENT: (seen.events, last_event),
            HappeningKind.REQUEST: (seen.connections, None),
            HappeningKind.END: (seen.connections, None),
        }
        for kind, (above, last) in spans.items():
            for key, after, at, met in self._look(kind, condition, above, last):
                if met:
                    found.keys.append(key)
                    found.after.append(after)
                    found.at.append(at)
                else:
                    missing.add(key)
        settled = Seen(
            self._last_settled("uploads", "outcome = 'sending'", seen.uploads),
            last_event,
            self._last_settled("connections", "ended_at IS NULL", seen.connections),
        )
        return FoundHappenings(found.keys, found.after, found.at, frozenset(missing), settled, last_event < newest)

    def rows(self, keys: Iterable[int]) -> dict[int, Happening]:
        """By their keys; those that are not there are left out."""
        found: dict[int, Happening] = {}
        for source, numbers in self.by_source(keys):
            sql = f"SELECT {READ} FROM ({source}) WHERE number IN (SELECT value FROM json_each(?))"
            rows = self._connection.execute(sql, (msgspec.json.encode(numbers).decode(),)).fetchall()
            found.update((row.id, row) for row in starmap(Happening, rows))
        return found

    def by_source(self, keys: Iterable[int]) -> list[tuple[str, list[int]]]:
        """The subqueries that have these, and the ids in their tables."""
        numbers: dict[HappeningKind, list[int]] = {}
        for key in keys:
            kind, number = source_of(key)
            numbers.setdefault(kind, []).append(number)
        return [(self.sql[kind], chosen) for kind, chosen in numbers.items()]

    def union(self) -> str:
        """A subquery of all kinds."""
        return " UNION ALL ".join(self.sql.values())

    def _look(
        self, kind: HappeningKind, condition: CompiledFilter | None, above: int, last: int | None
    ) -> Iterable[Any]:
        met, values = ("1", ()) if condition is None else (condition.sql, condition.values)
        sql = (
            f"SELECT rowid, CAST(id AS INTEGER), received_at, {met} FROM ({self.sql[kind]}) AS frames"
            " WHERE number > ? AND number <= ? ORDER BY number"
        )
        return self._connection.execute(sql, (*values, above, 2**62 if last is None else last))

    def _last_settled(self, table: str, open_when: str, before: int) -> int:
        oldest_open = self._scalar(f"SELECT min(id) FROM {table} WHERE id > ? AND {open_when}", before)
        if oldest_open is not None:
            return int(oldest_open) - 1
        return int(self._scalar(f"SELECT coalesce(max(id), 0) FROM {table}"))

    def _scalar(self, sql: str, *values: int) -> Any:
        found = self._connection.execute(sql, values).fetchone()
        return found[0] if found else None
