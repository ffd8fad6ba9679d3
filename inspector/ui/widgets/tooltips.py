"""Tooltips of data: Qt takes text that looks like markup for markup."""

from html import escape

_LONGEST = 2000


def plain_tooltip(text: str) -> str:
    """`text` as a tooltip that shows it letter by letter, cut where it would cover the screen."""
    if not text:
        return ""
    cut = text if len(text) <= _LONGEST else f"{text[:_LONGEST]}…"
    return f'<p style="white-space: pre-wrap; margin: 0">{escape(cut)}</p>'
