"""Text to tree; what cannot be read is told with its column and with what was expected there."""

import re
from collections.abc import Iterable
from functools import lru_cache
from typing import TYPE_CHECKING

from inspector.capture.filter.errors import FilterError
from inspector.capture.filter.syntax import Node

if TYPE_CHECKING:
    from lark.exceptions import UnexpectedCharacters, UnexpectedToken

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


@lru_cache(maxsize=64)
def parse_filter(text: str) -> Node:
    """The filter as a tree; raises FilterError. An empty text is no filter and is refused too."""
    if len(text) > _LONGEST:
        raise FilterError(
            "The filter is too long.", why=f"It has more than {_LONGEST} characters.", next_step="Shorten it."
        )
    if not text.strip():
        raise FilterError("The filter is empty.", next_step="Write a condition such as kind == data.")
    _check_depth(text)
    from inspector.capture.filter import grammar

    try:
        return grammar.read(text)
    except grammar.UnexpectedCharacters as error:
        raise _unexpected_character(text, error) from error
    except grammar.UnexpectedToken as error:
        raise _unexpected_token(text, error) from error


def warm_up() -> None:
    """Make the grammar's tables, which takes as long as some hundred filters."""
    from inspector.capture.filter import grammar

    grammar.tables()


def _check_depth(text: str) -> None:
    """A parser of tables does not mind, but whoever walks the tree calls itself."""
    deepest = max(text.count("("), text.count("!"), len(re.findall(r"\bnot\b", text, re.I)))
    if deepest > _DEEPEST:
        raise FilterError("The filter is nested too deeply.", next_step="Take some parentheses away.")


def _unexpected_character(text: str, error: "UnexpectedCharacters") -> FilterError:
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


def _unexpected_token(text: str, error: "UnexpectedToken") -> FilterError:
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
