"""The pages in pieces: what stands in them, found by words. A word of `words.md` is a piece of its own."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache

from inspector.ui.docs.pages import available_pages, page_text

_HEADING = re.compile(r"^(#{1,3})\s+(.*)$")
_LINK = re.compile(r"!?\[([^\]]*)\]\([^)]*\)")
_ROW = re.compile(r"^\|\s*(.+?)\s*\|\s*(.+?)\s*\|$")
_DEFINED_WITHIN = re.compile(r"\*\*([^*]+)\*\*: ([^;|]+)")
_RULE = re.compile(r"^[|\s:-]+$")
_AROUND = 60
"""Characters of a snippet on each side of what was found."""
_MOST = 40


@dataclass(frozen=True, slots=True)
class Piece:
    """A part of a page under its heading, or a word with its meaning; `place` is where to open the page."""

    page: str
    place: str
    text: str
    level: int = 2
    """Of the heading; 0: a word."""


@dataclass(frozen=True, slots=True)
class Hit:
    """A piece that has all the words, with some of its text."""

    piece: Piece
    snippet: str


@cache
def pieces() -> tuple[Piece, ...]:
    """All of them, in the order of the pages."""
    return tuple(piece for page in available_pages() for piece in _pieces_of(page.name, page.title))


def headings(page: str) -> list[str]:
    """The headings within a page."""
    return [piece.place for piece in pieces() if piece.page == page and piece.level == 2]


@cache
def meanings() -> dict[str, str]:
    """The words of `words.md` in lower case, each with its meaning as one sentence."""
    found: dict[str, str] = {}
    for piece in pieces():
        if piece.level == 0:
            meaning = piece.text
            for word in piece.place.split(", "):
                found[word.casefold()] = _sentence(meaning)
            for word, within in _DEFINED_WITHIN.findall(meaning):
                found.setdefault(word.casefold(), _sentence(within))
    return {word: meaning.replace("**", "") for word, meaning in found.items()}


def about_panel(title: str) -> str:
    """What a panel shows, in the first sentence of its section."""
    wanted = title.casefold()
    for piece in pieces():
        if piece.page == "panels" and wanted in piece.place.casefold().split(" and "):
            return piece.text.partition(". ")[0].rstrip(".") + "." if piece.text else ""
    return ""


def search(wanted: str) -> list[Hit]:
    """The pieces that have every word of `wanted`: those that are called so first, then in the order of the pages."""
    words = wanted.casefold().split()
    if not words:
        return []
    found: list[tuple[int, Hit]] = []
    for piece in pieces():
        place, text = piece.place.casefold(), piece.text.casefold()
        if all(word in place or word in text for word in words):
            rank = 0 if place == wanted.casefold().strip() else 1 if all(word in place for word in words) else 2
            found.append((rank, Hit(piece, _snippet(piece.text.replace("**", ""), words))))
    found.sort(key=lambda pair: pair[0])
    return [hit for _, hit in found[:_MOST]]


def _pieces_of(page: str, title: str) -> Iterator[Piece]:
    place, level, lines = title, 1, list[str]()
    for line in page_text(page).splitlines():
        if heading := _HEADING.match(line):
            yield Piece(page, place, _plain(lines), level)
            place, level, lines = heading[2].replace("`", ""), len(heading[1]), []
        elif page == "words" and (row := _ROW.match(line)) and not _RULE.match(line) and row[1] != "word":
            yield Piece(page, row[1].replace("`", ""), _plain([row[2]]), 0)
        else:
            lines.append(line)
    yield Piece(page, place, _plain(lines), level)


def _plain(lines: list[str]) -> str:
    """Without the marks of Markdown, but for what a definition within a meaning is found by."""
    kept = (line for line in lines if not _RULE.match(line))
    text = _LINK.sub(r"\1", " ".join(kept)).replace("`", "").replace("|", " ")
    return " ".join(text.split())


def _snippet(text: str, words: list[str]) -> str:
    at = min((place for word in words if (place := text.casefold().find(word)) >= 0), default=0)
    begin, end = max(0, at - _AROUND), at + 2 * _AROUND
    return f"{'…' if begin else ''}{text[begin:end].strip()}{'…' if end < len(text) else ''}"


def _sentence(text: str) -> str:
    stripped = text.strip().rstrip(".")
    return f"{stripped[:1].upper()}{stripped[1:]}." if stripped else ""
