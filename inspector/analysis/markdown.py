"""Tables and texts as Markdown, for tickets and chats. What comes from data never becomes markup."""

import re
from collections.abc import Iterable, Sequence

_MARKUP = re.compile(r"([\\`*_<>\[\]|~#])")


def plain(text: str) -> str:
    """`text` so that Markdown shows it letter by letter, in one line."""
    return _MARKUP.sub(r"\\\1", " ".join(text.splitlines()))


def with_names(text: str) -> str:
    """A finding's text: what stands between backquotes is a name or a value, and the rest is plain."""
    parts = text.split("`")
    if len(parts) % 2 == 0:
        return plain(text)
    return "".join(f"`{part}`" if at % 2 and part else plain(part) for at, part in enumerate(parts))


def table_row(cells: Iterable[str]) -> str:
    """One line of a table."""
    return f"| {' | '.join(plain(cell) for cell in cells)} |"


def table_head(titles: Sequence[str]) -> str:
    """The two lines above a table's rows."""
    return f"{table_row(titles)}\n|{' --- |' * len(titles)}"
