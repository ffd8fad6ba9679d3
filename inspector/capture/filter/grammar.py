"""The grammar's tables, and trees from what it reads. For `parser` alone: Lark takes a moment to import."""

import re
from functools import cache
from pathlib import Path
from typing import Any

from lark import Lark, Token, Transformer
from lark.exceptions import UnexpectedCharacters, UnexpectedToken

from inspector.capture.filter.syntax import (
    Between,
    Both,
    Comparison,
    Either,
    Flag,
    Match,
    Negation,
    Node,
    OneOf,
    Since,
    Text,
    Word,
)

__all__ = ["UnexpectedCharacters", "UnexpectedToken", "read", "tables"]


def read(text: str) -> Node:
    """The filter as a tree; raises UnexpectedCharacters or UnexpectedToken."""
    return _ToNodes().transform(tables().parse(text))  # type: ignore[no-any-return]


@cache
def tables() -> Lark:
    """Made once, which takes as long as some hundred filters."""
    grammar = Path(__file__).with_name("grammar.lark").read_text(encoding="utf-8")
    return Lark(grammar, parser="lalr", lexer="contextual", maybe_placeholders=True)


def _word(token: Token) -> Word:
    text = str(token)
    column = token.column or 1
    if token.type == "STRING":
        return Word(re.sub(r"\\(.)", r"\1", text[1:-1]), column, len(text), quoted=True)
    if token.type == "REGEX":
        return Word(text[1:-1].replace(r"\/", "/"), column, len(text), quoted=True)
    return Word(text, column, len(text))


class _ToNodes(Transformer[Token, Any]):
    """Names are those of the grammar's rules."""

    def either(self, parts: list[Any]) -> Node:
        return Either(tuple(map(_as_node, parts)))

    def both(self, parts: list[Any]) -> Node:
        return Both(tuple(map(_as_node, parts)))

    def negation(self, parts: list[Any]) -> Node:
        return Negation(_as_node(parts[0]))

    def comparison(self, parts: list[Token]) -> Node:
        field, operator, value = parts
        return Comparison(_word(field), "==" if operator == "=" else str(operator), _word(value))

    def match(self, parts: list[Token]) -> Node:
        field, operator, value = parts
        return Match(_word(field), _word(value), regex=value.type == "REGEX", negated=operator == "!~")

    def between(self, parts: list[Token]) -> Node:
        return Between(*map(_word, parts))

    def at_least(self, parts: list[Token]) -> Node:
        return Between(_word(parts[0]), _word(parts[1]), None)

    def at_most(self, parts: list[Token]) -> Node:
        return Between(_word(parts[0]), None, _word(parts[1]))

    def one_of(self, parts: list[Token]) -> Node:
        return OneOf(_word(parts[0]), tuple(map(_word, parts[1:])))

    def from_then_on(self, parts: list[Token | None]) -> Node:
        since, checkpoint, value = parts
        assert since is not None
        assert value is not None
        return Since(since.lower() == "before", checkpoint is not None, _word(value))

    def text(self, parts: list[Token]) -> Node:
        return Text(_word(parts[0]))

    def flag(self, parts: list[Token]) -> Node:
        return Flag(_word(parts[0]))


def _as_node(part: Any) -> Node:
    assert not isinstance(part, Token)
    return part  # type: ignore[no-any-return]
