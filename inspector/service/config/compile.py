"""From a sync config's text to the sync config: each query becomes bucket sources and what requesters get of them."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

import sqlglot
from sqlglot import exp
from sqlglot.errors import ParseError, SqlglotError

from inspector.service.config.conditions import Alternative, alternatives
from inspector.service.config.document import QueryText, StreamText, read_streams
from inspector.service.config.errors import SyncConfigError
from inspector.service.config.evaluate import Outputs, RowEvaluator, requesting
from inspector.service.config.scope import Complain, Schema, Scope, read_scope, replace_terms, said
from inspector.service.config.terms import Terms
from inspector.service.source import Table
from inspector.service.sync_config import BucketSource, Stream, StreamQuery, SyncConfig

_DIALECT = "sqlite"


def load_sync_config(path: Path, tables: Iterable[Table]) -> SyncConfig:
    """The sync config in the file at `path` over `tables`; raises SyncConfigError with the line of what is wrong."""
    schema = {table.name.lower(): table for table in tables}
    compiler = _Compiler(schema)
    streams = tuple(compiler.stream(text) for text in read_streams(path))
    return SyncConfig(streams, looked_up=frozenset(compiler.looked_up))


@dataclass(slots=True)
class _Compiler:
    schema: Schema
    looked_up: set[tuple[str, str]] = field(default_factory=set)
    _rows: RowEvaluator = field(default_factory=RowEvaluator)
    _sources: dict[object, BucketSource] = field(default_factory=dict)
    """By everything that decides what is in the buckets: streams that agree in it share them."""

    def stream(self, text: StreamText) -> Stream:
        queries: list[StreamQuery] = []
        for query in text.queries:
            queries += self._query(text.name, query)
        return Stream(text.name, tuple(queries), text.auto_subscribe, text.priority)

    def _query(self, stream: str, text: QueryText) -> Iterator[StreamQuery]:
        complain = _complaints_of(text)
        tree = _parsed(text)
        terms = Terms()
        replace_terms(tree, terms, complain)
        scope = read_scope(tree, self.schema, complain)
        table = self.schema[scope.table.lower()]
        outputs = _outputs(scope, table, complain)
        self._check_nested(scope, complain)
        for alternative in alternatives(scope.where, complain):
            if problem := self._rows.problem(table, alternative, outputs):
                raise complain(tree, f"SQLite cannot compute this: {problem}.")
            source = self._source(stream, scope, table, alternative, outputs)
            yield StreamQuery(source, requesting(alternative, terms), frozenset(alternative.looks_up))

    def _source(
        self, stream: str, scope: Scope, table: Table, alternative: Alternative, outputs: Outputs
    ) -> BucketSource:
        identity = (table.name, scope.alias, outputs, tuple(sorted(alternative.row)), tuple(alternative.keys))
        known = self._sources.get(identity)
        if known is not None:
            return known
        variant = sum(source.name.rpartition("|")[0] == stream for source in self._sources.values())
        place = self._rows.placing(table, alternative, outputs)
        source = BucketSource(f"{stream}|{variant}", table.name, scope.alias, table.key, place)
        self._sources[identity] = source
        return source

    def _check_nested(self, scope: Scope, complain: Complain) -> None:
        """Subqueries may compare rows and requesters as the query itself may."""
        for nested in scope.nested:
            alternatives(nested.where, complain)
            self.looked_up.update((nested.table, column) for column in _compared(nested))
            self._check_nested(nested, complain)


def _parsed(text: QueryText) -> exp.Expr:
    try:
        trees = sqlglot.parse(text.sql, dialect=_DIALECT)
    except ParseError as error:
        details = error.errors[0]
        lines = text.sql.splitlines(keepends=True)
        offset = sum(map(len, lines[: details["line"] - 1])) + details["col"] - 1
        raise text.place(offset).error(
            f"The query is no SQL near “{details['highlight']}”.", why=f"{details['description']}."
        ) from error
    except SqlglotError as error:
        raise text.place(0).error("The query is no SQL.", why=f"{str(error).splitlines()[0]}.") from error
    if len(trees) != 1 or trees[0] is None:
        raise text.place(0).error("A query is one SELECT.", next_step="Give several as a list below “queries:”.")
    return trees[0]


def _complaints_of(text: QueryText) -> Complain:
    def complain(node: exp.Expr, what: str, *, why: str = "", next_step: str = "") -> SyncConfigError:
        starts = [part.meta["start"] for part in node.walk() if "start" in part.meta]
        return text.place(min(starts, default=0)).error(what, why=why, next_step=next_step)

    return complain


def _outputs(scope: Scope, table: Table, complain: Complain) -> Outputs:
    """What travels, as pairs of name and SQL."""
    found: dict[str, str] = {}
    for item in scope.select.expressions:
        for part in item.find_all(exp.Placeholder, exp.Subquery):
            raise complain(part, "What a query selects cannot depend on the one who asks, nor on other rows.")
        if isinstance(item, exp.Star) or (isinstance(item, exp.Column) and isinstance(item.this, exp.Star)):
            found |= {name: exp.column(exp.to_identifier(name, quoted=True)).sql(_DIALECT) for name in table.names}
        elif isinstance(item, exp.Alias | exp.Column):
            found[item.alias_or_name] = item.unalias().sql(_DIALECT)
        else:
            raise complain(item, f"{said(item)} has no name.", next_step="Give it one with AS.")
    if "id" not in found:
        raise complain(
            scope.select,
            "The query selects no column “id”, which every synced row needs.",
            next_step="Select it, or name the column that identifies rows: SELECT uuid AS id, …",
        )
    return tuple(found.items())


def _compared(scope: Scope) -> Iterator[str]:
    """Columns of a subquery's table that it compares by = or IN."""
    for node in scope.select.find_all(exp.EQ, exp.In):
        for side in (node.this, node.args.get("expression")):
            if isinstance(side, exp.Column) and scope.table and side.name in scope.columns.values():
                yield side.name
