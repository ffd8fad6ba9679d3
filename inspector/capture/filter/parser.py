"""Text to tree; what cannot be read is told with its column and with what was expected there."""

import re
from collections.abc import Iterable
from functools import cache
from pathlib import Path
from typing import Any

from lark import Lark, Token, Transformer
from lark.exceptions import UnexpectedCharacters, UnexpectedToken

from inspector.capture.filter.errors import FilterError
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

_LONGEST = 4_000
"""Characters; a filter that is longer was not written by anybody."""
_DEEPEST = 200
"""Parentheses and negations inside each other."""

_EXPECTED = {
    "WORD": "a value",
    "STRING": "a quoted text",
    "_AND": "and",
    "_OR": "or",
    "_NOT": "not",
    "_IN": "in",
    "COMPARE": "a comparison such as ==",
    "MATCH": "~",
    "REGEX": "a /pattern/",
    "_DOTS": "..",
    "LPAR": "(",
    "RPAR": ")",
    "COMMA": "a comma",
    "SINCE": "since",
    "CHECKPOINT": "checkpoint",
    "$END": "the end",
}
_LEFT_OUT = {"_NOT", "SINCE", "CHECKPOINT", "REGEX"}
"""Never worth a word where a field or a value is expected."""


def parse_filter(text: str) -> Node:
    """The filter as a tree; raises FilterError. An empty text is no filter and is refused too."""
    if len(text) > _LONGEST:
        raise FilterError(
            "The filter is too long.", why=f"It has more than {_LONGEST} characters.", next_step="Shorten it."
        )
    if not text.strip():
        raise FilterError("The filter is empty.", next_step="Write a condition such as kind == data.")
    _check_depth(text)
    try:
        tree = _parser().parse(text)
    except UnexpectedCharacters as error:
        raise _unexpected_character(text, error) from error
    except UnexpectedToken as error:
        raise _unexpected_token(text, error) from error
    return _ToNodes().transform(tree)  # type: ignore[no-any-return]


def warm_up() -> None:
    """Make the grammar's tables, which takes as long as some hundred filters."""
    _parser()


@cache
def _parser() -> Lark:
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


def _check_depth(text: str) -> None:
    """A parser of tables does not mind, but whoever walks the tree calls itself."""
    deepest = max(text.count("("), text.count("!"), len(re.findall(r"\bnot\b", text, re.I)))
    if deepest > _DEEPEST:
        raise FilterError("The filter is nested too deeply.", next_step="Take some parentheses away.")


def _unexpected_character(text: str, error: UnexpectedCharacters) -> FilterError:
    found = text[error.pos_in_stream or 0]
    if found in "\"'":
        return FilterError(
            "A quoted text has no end.",
            why=f"The quote at column {error.column} is never closed.",
            next_step=f"Close it with {found}.",
            column=error.column or 1,
            length=len(text) - (error.pos_in_stream or 0),
        )
    return FilterError(
        f"“{found}” does not fit here.",
        why=f"At column {error.column} {_one_of(error.allowed or ())} is expected.",
        column=error.column,
    )


def _unexpected_token(text: str, error: UnexpectedToken) -> FilterError:
    expected = _one_of(error.accepts or error.expected)
    if error.token.type == "$END":
        end = len(text.rstrip()) + 1
        return FilterError("The filter is not complete.", why=f"After its end {expected} is expected.", column=end)
    return FilterError(
        f"“{error.token}” does not fit here.",
        why=f"At column {error.column} {expected} is expected.",
        column=error.column,
        length=max(1, len(error.token)),
    )


def _one_of(terminals: Iterable[str]) -> str:
    known = set(terminals) & _EXPECTED.keys()
    words = [word for terminal, word in _EXPECTED.items() if terminal in known - _LEFT_OUT]
    if "SINCE" in known:  # a condition may begin here
        words[0] = "a field"
    return " or ".join([", ".join(words[:-1]), words[-1]] if len(words) > 1 else words) or "something else"
