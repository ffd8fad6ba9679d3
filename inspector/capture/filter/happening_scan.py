"""Reads happenings from a capture: which there are, which of them meet a filter, and what each says."""

from array import array
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from itertools import starmap
from operator import itemgetter
from typing import Any

import apsw
import msgspec

from inspector.capture.filter.compiler import CompiledFilter
from inspector.capture.happenings import READ, Happening, HappeningKind, happenings_sql, source_of


@dataclass(frozen=True, slots=True)
class Seen:
    """Up to which id of their tables happenings were looked at and will not change any more."""

    uploads: int = 0
    events: int = 0
    connections: int = 0


def _none() -> "array[int]":
    return array("q")


@dataclass(frozen=True, slots=True)
class FoundHappenings:
    """Happenings in the order of time; all of `missing` do not, or no longer, meet the filter."""

    keys: "array[int]" = field(default_factory=_none)
    after: "array[int]" = field(default_factory=_none)
    """The frames that they come after."""
    at: "array[int]" = field(default_factory=_none)
    missing: frozenset[int] = frozenset()
    seen: Seen = Seen()


class HappeningScan:
    """The happenings of one open capture, on its connection."""

    def __init__(self, connection: apsw.Connection) -> None:
        self._connection = connection
        # A capture of an older version does not keep what uploads sent.
        columns = connection.execute("SELECT name FROM pragma_table_info('uploads')").fetchall()
        self.sql: Mapping[HappeningKind, str] = happenings_sql(with_requests=("request",) in columns)

    def find(self, condition: CompiledFilter | None, seen: Seen) -> FoundHappenings:
        """Those that meet `condition`, or all, among those that came since `seen` or could have changed."""
        found: list[tuple[int, int, int]] = []
        missing: set[int] = set()
        last_event = int(self._scalar("SELECT coalesce(max(id), 0) FROM events"))
        settled = Seen(
            self._last_settled("uploads", "outcome = 'sending'", seen.uploads),
            last_event,
            self._last_settled("connections", "ended_at IS NULL", seen.connections),
        )
        for kind, above in (
            (HappeningKind.UPLOAD, seen.uploads),
            (HappeningKind.EVENT, seen.events),
            (HappeningKind.REQUEST, seen.connections),
            (HappeningKind.END, seen.connections),
        ):
            last = last_event if kind is HappeningKind.EVENT else None
            for key, after, at, met in self._look(kind, condition, above, last):
                if met:
                    found.append((after, at, key))
                else:
                    missing.add(key)
        found.sort(key=itemgetter(0, 1))
        after_all, at_all, keys = zip(*found, strict=True) if found else ((), (), ())
        return FoundHappenings(array("q", keys), array("q", after_all), array("q", at_all), frozenset(missing), settled)

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
