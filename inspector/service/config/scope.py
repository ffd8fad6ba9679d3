"""One SELECT of a query: its table and columns looked up in the schema, and everything outside the subset refused."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import TypeAlias

from sqlglot import exp

from inspector.service.config.errors import SyncConfigError
from inspector.service.config.terms import Term, Terms, term_of
from inspector.service.source import Table

Schema: TypeAlias = Mapping[str, Table]
"""The source tables by their name in lower case."""
Complain: TypeAlias = Callable[..., SyncConfigError]
"""`complain(node, what, next_step=…)` gives the error at the node's place."""

ELEMENT = "value"
"""The column of `json_each`, which a list parameter becomes."""

_LONGEST_QUOTE = 60
_CLAUSES = {"expressions", "from_", "where"}
_CLAUSE_WORDS = {
    "joins": "JOIN",
    "group": "GROUP BY",
    "having": "HAVING",
    "order": "ORDER BY",
    "limit": "LIMIT",
    "offset": "OFFSET",
    "distinct": "DISTINCT",
    "with_": "WITH",
    "windows": "WINDOW",
}
_NODES: tuple[type[exp.Expr], ...] = (
    exp.Column, exp.Identifier, exp.Literal, exp.Boolean, exp.Null, exp.Placeholder, exp.Paren, exp.Star,
    exp.And, exp.Or, exp.Not, exp.EQ, exp.NEQ, exp.GT, exp.GTE, exp.LT, exp.LTE, exp.Is, exp.In, exp.Between, exp.Like,
    exp.Neg, exp.Add, exp.Sub, exp.Mul, exp.Div, exp.Mod, exp.DPipe, exp.Cast, exp.DataType, exp.DataTypeParam,
    exp.Case, exp.If, exp.Coalesce, exp.JSONExtract, exp.JSONExtractScalar, exp.JSONPath, exp.JSONPathRoot,
    exp.JSONPathKey, exp.JSONPathSubscript, exp.Upper, exp.Lower, exp.Length, exp.Substring, exp.Hex, exp.Typeof,
    exp.Subquery, exp.Where,
)  # fmt: skip
_FUNCTIONS = {"json_array_length", "json_valid", "unixepoch", "datetime", "base64"}


@dataclass(frozen=True, slots=True)
class Scope:
    """A SELECT over one table. `alias` is what it calls the table; `columns` are the table's names by lower case."""

    select: exp.Select
    table: str
    alias: str
    columns: Mapping[str, str]
    nested: tuple["Scope", ...]

    @property
    def tables(self) -> Iterator[str]:
        """The source tables of this SELECT and of those inside."""
        if self.table:
            yield self.table
        for scope in self.nested:
            yield from scope.tables

    @property
    def where(self) -> exp.Expr | None:
        """The condition."""
        where: exp.Where | None = self.select.args.get("where")
        return None if where is None else where.this


def replace_terms(tree: exp.Expr, terms: Terms, complain: Complain) -> None:
    """Puts placeholders where the query asks about the requester; a list to be IN becomes a subquery."""
    for placeholder in tree.find_all(exp.Placeholder, exp.Parameter):
        raise complain(placeholder, f"{placeholder.sql('sqlite')} stands for no value.")
    for node in list(tree.find_all(exp.Dot)):
        term = term_of(node)
        if term is None:
            raise complain(
                node,
                f"{said(node)} is not understood.",
                next_step="What is: auth.user_id(), auth.parameter('name'), connection.parameter('name'),"
                " subscription.parameter('name').",
            )
        place = next((part.meta for part in node.walk() if part.meta), {})
        is_list = isinstance(node.parent, exp.In) and node.arg_key == "field"
        placeholder = terms.placeholder(Term(term.origin, term.function, term.name, as_list=is_list))
        placeholder.meta.update(place, said=node.sql("sqlite"))
        if is_list:
            elements = exp.select(ELEMENT).from_(
                exp.Table(this=exp.Anonymous(this="json_each", expressions=[placeholder]))
            )
            parent = node.parent
            assert parent is not None
            parent.set("field", None)
            parent.set("query", exp.Subquery(this=elements))
        else:
            node.replace(placeholder)


def read_scope(select: exp.Expr, schema: Schema, complain: Complain) -> Scope:
    """Checks `select` and what it contains, and writes columns and tables as the schema has them."""
    if not isinstance(select, exp.Select):
        raise complain(select, f"{_word(select)} is outside of the subset.", next_step="A query is one SELECT.")
    for name, value in select.args.items():
        if value and name not in _CLAUSES:
            node = value[0] if isinstance(value, list) else value
            word = _CLAUSE_WORDS.get(name, name.strip("_").upper())
            raise complain(node if isinstance(node, exp.Expr) else select, f"{word} is outside of the subset.")
    table, alias, columns = _table(select, schema, complain)
    nested = []
    for root in (*select.expressions, select.args.get("where")):
        if root is None:
            continue
        for node in root.walk(prune=lambda node: isinstance(node, exp.Subquery)):
            _check(node, complain)
            if isinstance(node, exp.Column):
                _resolve(node, alias, columns, complain)
            elif isinstance(node, exp.Subquery):
                nested.append(_subquery(node, schema, complain))
    return Scope(select, table, alias, columns, tuple(nested))


def _table(select: exp.Select, schema: Schema, complain: Complain) -> tuple[str, str, Mapping[str, str]]:
    source = select.args.get("from_")
    if source is None:
        raise complain(select, "The SELECT names no table.")
    node = source.this
    if isinstance(node, exp.Table) and isinstance(node.this, exp.Anonymous):
        if node.this.name.lower() == "json_each" and isinstance(node.this.expressions[0], exp.Placeholder):
            return "", "json_each", {ELEMENT: ELEMENT}
        raise complain(node, f"{said(node)} is outside of the subset.")
    if not isinstance(node, exp.Table) or not isinstance(node.this, exp.Identifier):
        raise complain(node, f"{_word(node)} in FROM is outside of the subset.", next_step="Name a table.")
    extra = next((value for name, value in node.args.items() if value and name not in ("this", "alias")), None)
    if extra is not None:
        raise complain(node, f"{said(node)} in FROM is outside of the subset.", next_step="Name a table.")
    table = schema.get(node.name.lower())
    if table is None:
        known = ", ".join(sorted(table.name for table in schema.values())) or "none"
        raise complain(node, f"There is no table “{node.name}”.", next_step=f"The database has: {known}.")
    alias = node.alias or node.name
    node.replace(exp.Table(this=exp.to_identifier(table.name, quoted=True)))
    return table.name, alias, {name.lower(): name for name in table.names}


def _subquery(node: exp.Subquery, schema: Schema, complain: Complain) -> Scope:
    if not isinstance(node.parent, exp.In) or node.arg_key != "query":
        raise complain(node, "A subquery outside of IN (…) is outside of the subset.")
    scope = read_scope(node.this, schema, complain)
    if len(scope.select.expressions) != 1 or scope.select.expressions[0].find(exp.Star):
        raise complain(node, "A subquery in IN (…) selects one column.")
    for placeholder in scope.select.expressions[0].find_all(exp.Placeholder):
        raise complain(placeholder, "What a subquery selects cannot depend on the one who asks.")
    return scope


def _resolve(node: exp.Column, alias: str, columns: Mapping[str, str], complain: Complain) -> None:
    if node.table and node.table.lower() != alias.lower():
        raise complain(
            node,
            f"“{said(node)}” is no column of {alias}.",
            next_step="A subquery sees the columns of its own table only.",
        )
    if isinstance(node.this, exp.Star):
        return
    name = columns.get(node.name.lower())
    if name is None:
        raise complain(
            node, f"{alias} has no column “{node.name}”.", next_step=f"It has {', '.join(columns.values())}."
        )
    meta = dict(node.this.meta)
    identifier = exp.to_identifier(name, quoted=True)
    identifier.meta.update(meta)
    node.set("this", identifier)
    node.set("table", None)


def _check(node: exp.Expr, complain: Complain) -> None:
    if isinstance(node, exp.Anonymous):
        if node.name.lower() not in _FUNCTIONS:
            raise complain(node, f"The function {node.name} is outside of the subset.")
    elif not isinstance(node, _NODES) and not isinstance(node, exp.Alias):
        raise complain(node, f"{_word(node)} is outside of the subset.")


def said(node: exp.Expr) -> str:
    """The construct as the file has it, more or less: with calls where placeholders are, and without added quotes."""
    copy = node.copy()
    for part in list(copy.walk()):
        if isinstance(part, exp.Placeholder):
            call = exp.Var(this=part.meta.get("said", part.name))
            if part is copy:
                return call.name
            part.replace(call)
        elif isinstance(part, exp.Identifier):
            part.set("quoted", False)
    text = copy.sql("sqlite")
    return text if len(text) <= _LONGEST_QUOTE else f"{text[:_LONGEST_QUOTE]}…"


def _word(node: exp.Expr) -> str:
    text = said(node)
    return f"The function {text.partition('(')[0]}" if isinstance(node, exp.Func) else text
