"""Tooltips of data: Qt takes text that looks like markup for markup."""

from html import escape
from textwrap import wrap

_LONGEST = 2000
_WIDEST = 100
"""Characters in a line."""


def plain_tooltip(text: str) -> str:
    """`text` as a tooltip that shows it letter by letter, cut where it would cover the screen."""
    if not text:
        return ""
    cut = text if len(text) <= _LONGEST else f"{text[:_LONGEST]}…"
    lines = (part for line in cut.split("\n") for part in _wrapped(line))
    return f'<p style="white-space: pre; margin: 0">{escape(chr(10).join(lines))}</p>'


def _wrapped(line: str) -> list[str]:
    """Qt's own wrapping makes rich tooltips too narrow to read."""
    return wrap(line, _WIDEST, replace_whitespace=False, drop_whitespace=False) or [""]
