"""The colours of JSON text, line by line: only lines that are painted are looked at."""

from functools import lru_cache

from pygments.lexers.data import JsonLexer
from pygments.token import Keyword, Number, Punctuation, String, _TokenType

from inspector.ui.theme import Colour

_COLOURS: tuple[tuple[_TokenType, Colour], ...] = (
    (Keyword, Colour.ACCENT),
    (String, Colour.FINE),
    (Number, Colour.CHECKPOINT),
    (Punctuation, Colour.DIM),
)
_LINES_KEPT = 2_048
_LONGEST = 2_000
"""Characters; longer lines are plain."""
_lexer = JsonLexer()


@lru_cache(_LINES_KEPT)
def coloured(line: str) -> tuple[tuple[str, Colour], ...]:
    """A line of indented JSON in pieces of their own colours."""
    if len(line) > _LONGEST:
        return ()
    pieces: list[tuple[str, Colour]] = []
    for _, kind, text in _lexer.get_tokens_unprocessed(line):  # type: ignore[no-untyped-call]
        role = next((role for known, role in _COLOURS if kind in known), Colour.TEXT)
        if pieces and pieces[-1][1] is role:
            pieces[-1] = pieces[-1][0] + text, role
        else:
            pieces.append((text, role))
    return tuple(pieces)
