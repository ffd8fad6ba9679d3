"""What a query may ask about the one who asks: `auth.user_id()`, `subscription.parameter('list')` and their like.

In a parsed query each becomes a placeholder, which is bound when a client asks.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

import msgspec
from sqlglot import exp

from inspector.service.sync_config import Requester, SqlValue


@dataclass(frozen=True, slots=True)
class Term:
    """A value of the requester; `as_list` binds it as a JSON list's text, for `IN`."""

    origin: Literal["auth", "connection", "subscription"]
    function: Literal["user_id", "parameter", "parameters"]
    name: str = ""
    as_list: bool = False

    def value(self, requester: Requester) -> SqlValue:
        """What the requester has there; null for a parameter that is missing."""
        found = self._found(requester)
        if self.as_list or isinstance(found, dict | list):
            return msgspec.json.encode(found).decode()
        return int(found) if isinstance(found, bool) else found

    def _found(self, requester: Requester) -> Any:
        if self.function == "user_id":
            return requester.user_id
        parameters: Mapping[str, Any] = {
            "auth": requester.token_parameters,
            "connection": requester.connection_parameters,
            "subscription": requester.subscription_parameters,
        }[self.origin]
        return dict(parameters) if self.function == "parameters" else parameters.get(self.name)


@dataclass(slots=True)
class Terms:
    """The terms of one query by the name of their placeholder."""

    by_name: dict[str, Term] = field(default_factory=dict)

    def placeholder(self, term: Term) -> exp.Placeholder:
        """The placeholder for `term`; equal terms have one name."""
        name = next((name for name, known in self.by_name.items() if known == term), f"p{len(self.by_name)}")
        self.by_name[name] = term
        return exp.Placeholder(this=name)

    def bindings(self, requester: Requester) -> dict[str, SqlValue]:
        """All values by placeholder name."""
        return {name: term.value(requester) for name, term in self.by_name.items()}


def term_of(node: exp.Dot) -> Term | None:
    """The term that `node` is, or None for anything else with a dot and a call."""
    origin, call = node.this, node.expression
    if not isinstance(origin, exp.Identifier) or not isinstance(call, exp.Anonymous):
        return None
    function, arguments = call.name.lower(), call.expressions
    match origin.name.lower(), function, arguments:
        case "auth", "user_id", []:
            return Term("auth", "user_id")
        case ("auth" | "connection" | "subscription") as known, "parameters", []:
            return Term(known, "parameters")
        case ("auth" | "connection" | "subscription") as known, "parameter", [exp.Literal() as name] if name.is_string:
            return Term(known, "parameter", name.name)
    return None
