"""What a compiled query computes, by SQLite itself: where rows go, and what requesters get."""

import base64
from collections.abc import Callable, Iterable
from itertools import product
from typing import Any, TypeAlias

import apsw

from inspector.service.config.conditions import Alternative
from inspector.service.config.terms import Terms
from inspector.service.source import Table
from inspector.service.sync_config import BucketRow, Parameters, Requester, Row, SqlValue, StreamFailure

Outputs: TypeAlias = tuple[tuple[str, str], ...]
"""What of a row travels: names and SQL."""


class RowEvaluator:
    """Expressions of rows that are not in any table, computed on a connection of its own."""

    def __init__(self) -> None:
        self._connection = apsw.Connection(":memory:")
        self._connection.create_scalar_function("base64", _base64, 1, deterministic=True)

    def placing(self, table: Table, alternative: Alternative, outputs: Outputs) -> Callable[[Row], BucketRow | None]:
        """The function that says where a row goes and what of it travels."""
        names = tuple(name for name, _ in outputs)
        keys = list(alternative.keys)
        columns = ", ".join(f'? AS "{_escaped(name)}"' for name in table.names)
        conditions = [*alternative.row, *(f"({key}) IS NOT NULL" for key in keys)]
        where = f" WHERE {' AND '.join(f'({condition})' for condition in conditions)}" if conditions else ""
        sql = f"SELECT {', '.join([*keys, *(text for _, text in outputs)])} FROM (SELECT {columns}){where}"
        width = len(keys)
        id_at = width + names.index("id")
        sources = table.names

        def place(row: Row) -> BucketRow | None:
            found = self._connection.execute(sql, tuple(row[name] for name in sources)).fetchone()
            if found is None or found[id_at] is None:
                return None
            parameters = tuple(map(plain, found[:width]))
            return BucketRow(parameters, str(found[id_at]), dict(zip(names, found[width:], strict=True)))

        return place

    def problem(self, table: Table, alternative: Alternative, outputs: Outputs) -> str:
        """What SQLite has against the expressions; empty when nothing."""
        try:
            self.placing(table, alternative, outputs)(dict.fromkeys(table.names))
        except apsw.Error as error:
            return str(error)
        return ""


def requesting(alternative: Alternative, terms: Terms) -> Callable[[Requester], Iterable[Parameters]]:
    """The function that gives a requester's buckets; it raises StreamFailure."""
    gate = f"SELECT 1 WHERE {' AND '.join(f'({condition})' for condition in alternative.gates)}"

    def buckets_for(requester: Requester) -> Iterable[Parameters]:
        bindings = terms.bindings(requester)
        try:
            if alternative.gates and not requester.query(gate, bindings):
                return ()
            return product(*(_agreed(queries, requester, bindings) for queries in alternative.keys.values()))
        except apsw.Error as error:
            raise StreamFailure(f"The stream's query failed: {error}.") from error

    return buckets_for


def plain(value: SqlValue) -> SqlValue:
    """Numbers that SQLite holds for equal are one parameter."""
    return int(value) if isinstance(value, float) and value.is_integer() else value


def _agreed(queries: list[str], requester: Requester, bindings: dict[str, SqlValue]) -> list[SqlValue]:
    """The values that every query gives, in the first one's order; null is never among them."""
    first, *others = (dict.fromkeys(plain(value) for (value,) in requester.query(sql, bindings)) for sql in queries)
    return [value for value in first if value is not None and all(value in other for other in others)]


def _base64(*values: Any) -> str | None:
    (value,) = values
    if value is None:
        return None
    return base64.b64encode(value if isinstance(value, bytes) else str(value).encode()).decode()


def _escaped(name: str) -> str:
    return name.replace('"', '""')
