"""A WHERE condition as alternatives of what the row must be, what requester and row must agree on, and who may ask.

As in the real service, each alternative of an OR has buckets of its own.
"""

from collections.abc import Iterable
from dataclasses import dataclass, field

from sqlglot import exp

from inspector.service.config.scope import Complain, said

_MOST_ALTERNATIVES = 32
_AGREE = "Row and requester can only agree by = and IN."


@dataclass(slots=True)
class Alternative:
    """One conjunction, as SQL.

    `row` is about the row alone, `gates` about the requester alone (with subqueries); `keys` has, for each expression
    of the row, the queries whose results it must all be among; `looks_up` the tables that these read.
    """

    row: list[str] = field(default_factory=list)
    gates: list[str] = field(default_factory=list)
    keys: dict[str, list[str]] = field(default_factory=dict)
    looks_up: set[str] = field(default_factory=set)


def alternatives(condition: exp.Expr | None, complain: Complain) -> list[Alternative]:
    """The alternatives of a condition whose columns have been resolved; raises SyncConfigError."""
    if condition is None:
        return [Alternative()]
    found = _disjunction(condition, complain)
    if len(found) > _MOST_ALTERNATIVES:
        raise complain(condition, f"The condition has more than {_MOST_ALTERNATIVES} alternatives (OR).")
    return [_sorted(atoms, complain) for atoms in found]


def _disjunction(node: exp.Expr, complain: Complain) -> list[list[exp.Expr]]:
    node = node.unnest()
    if not (_about_row(node) and _about_requester(node)):
        return [[node]]
    if isinstance(node, exp.Or):
        return _disjunction(node.left, complain) + _disjunction(node.right, complain)
    if isinstance(node, exp.And):
        left, right = _disjunction(node.left, complain), _disjunction(node.right, complain)
        if len(left) * len(right) > _MOST_ALTERNATIVES:
            raise complain(node, f"The condition has more than {_MOST_ALTERNATIVES} alternatives (OR).")
        return [[*one, *other] for one in left for other in right]
    if isinstance(node, exp.Not):
        return _disjunction(_negated(node, complain), complain)
    if isinstance(node, exp.In) and node.expressions:
        return [[exp.EQ(this=node.this.copy(), expression=item.copy())] for item in node.expressions]
    return [[node]]


def _negated(node: exp.Not, complain: Complain) -> exp.Expr:
    inner = node.this.unnest()
    if isinstance(inner, exp.Not):
        return inner.this
    if isinstance(inner, exp.And | exp.Or):
        other = exp.Or if isinstance(inner, exp.And) else exp.And
        return other(this=exp.Not(this=inner.left), expression=exp.Not(this=inner.right))
    raise complain(node, f"NOT {said(inner)} is outside of the subset.", why=_AGREE)


def _sorted(atoms: Iterable[exp.Expr], complain: Complain) -> Alternative:
    found = Alternative()
    for atom in atoms:
        found.looks_up |= {table.name for table in atom.find_all(exp.Table) if isinstance(table.this, exp.Identifier)}
        if not _about_requester(atom):
            found.row.append(atom.sql("sqlite"))
        elif not _about_row(atom):
            found.gates.append(atom.sql("sqlite"))
        else:
            key, values = _agreement(atom, complain)
            found.keys.setdefault(key.sql("sqlite"), []).append(values)
    return found


def _agreement(atom: exp.Expr, complain: Complain) -> tuple[exp.Expr, str]:
    """The row's expression and the query that gives what it may be."""
    if isinstance(atom, exp.EQ):
        for row, requester in ((atom.left, atom.right), (atom.right, atom.left)):
            if not _about_requester(row) and not _about_row(requester):
                return row.unnest(), f"SELECT {requester.sql('sqlite')}"
    if isinstance(atom, exp.In) and atom.args.get("query") is not None and not _about_requester(atom.this):
        return atom.this.unnest(), atom.args["query"].this.sql("sqlite")
    raise complain(atom, f"{said(atom)} is outside of the subset.", why=_AGREE)


def _about_row(node: exp.Expr) -> bool:
    """It has columns of the SELECT that it stands in; those of a subquery are not."""
    return any(isinstance(part, exp.Column) for part in node.walk(prune=lambda part: isinstance(part, exp.Subquery)))


def _about_requester(node: exp.Expr) -> bool:
    """It has values of the requester, or of other rows."""
    return any(isinstance(part, exp.Placeholder | exp.Subquery) for part in node.walk())
