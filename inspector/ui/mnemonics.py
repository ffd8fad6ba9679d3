"""A letter to press for each entry of a menu.

Letters are given when a menu opens and taken back when it closes: entries come and go, change their words, and stand in
buttons and in the palette, too, where no letter belongs.
"""

import re
from collections import Counter

from PySide6.QtCore import QEvent, QObject
from PySide6.QtGui import QAction
from PySide6.QtWidgets import QMenu, QMenuBar
from shiboken6 import isValid

_GIVEN = re.compile(r"&(.)")
_WORD = re.compile(r"[^\W_]+")
_SHARED_BY = 3
"""A word that so many entries begin with, as in “Go to …”, does not tell them apart."""


def give_mnemonics(bar: QMenuBar) -> None:
    """Have every menu of `bar` that is there now give its entries letters whenever it opens."""
    for menu in bar.findChildren(QMenu):
        _Letters(menu)


def lettered(texts: list[str]) -> list[str]:
    """`texts` with `&` before a letter of each that no other has: the first of a word where one is left.

    A text stays as it is where it has a letter, or where there are more texts than letters.
    """
    taken = {match[1].lower() for text in texts for match in _GIVEN.finditer(text) if match[1] != "&"}
    beginnings = Counter(_WORD.findall(text)[0] for text in texts if _WORD.search(text))
    wanted = {
        number: _places(text, {word for word, times in beginnings.items() if times >= _SHARED_BY})
        for number, text in enumerate(texts)
        if not _has_letter(text)
    }
    owners: dict[str, int] = {}
    for number in wanted:
        _find(number, wanted, texts, owners, set(taken))
    found = list(texts)
    for letter, number in owners.items():
        text = texts[number]
        at = next(place for place in wanted[number] if text[place].lower() == letter)
        found[number] = f"{text[:at]}&{text[at:]}"
    return found


def _find(number: int, wanted: dict[int, list[int]], texts: list[str], owners: dict[str, int], tried: set[str]) -> bool:
    """Give a text its first free letter; where none is free, one whose owner has another to go to."""
    letters = [letter for place in wanted[number] if (letter := texts[number][place].lower()) not in tried]
    for letter in letters:
        if letter not in owners:
            owners[letter] = number
            return True
    for letter in letters:
        tried.add(letter)
        if _find(owners[letter], wanted, texts, owners, tried):
            owners[letter] = number
            return True
    return False


def _has_letter(text: str) -> bool:
    return any(match[1] != "&" for match in _GIVEN.finditer(text))


def _places(text: str, shared: set[str]) -> list[int]:
    """Where its letter may stand, the best place first; words that others begin with, too, come last."""
    words = list(_WORD.finditer(text))
    own = words[1:] if words and words[0][0] in shared else words
    initials = [word.start() for word in own]
    within = [at for word in own for at in range(word.start() + 1, word.end())]
    return initials + within + [at for word in words[:1] if own != words for at in range(word.start(), word.end())]


class _Letters(QObject):
    """Of one menu. It is the menu on the screen that has them, not the one that the palette reads."""

    def __init__(self, menu: QMenu) -> None:
        super().__init__(menu)
        self._menu = menu
        self._given: list[tuple[QAction, str, str]] = []
        menu.installEventFilter(self)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if event.type() == QEvent.Type.Show:
            self._give()
        elif event.type() == QEvent.Type.Hide:
            self._take()
        return super().eventFilter(watched, event)

    def _give(self) -> None:
        entries = [action for action in self._menu.actions() if action.isVisible() and not action.isSeparator()]
        texts = [action.text() for action in entries]
        for action, text, marked in zip(entries, texts, lettered(texts), strict=True):
            if marked != text:
                action.setText(marked)
                self._given.append((action, text, marked))

    def _take(self) -> None:
        """What was renamed meanwhile keeps its new name."""
        for action, text, marked in self._given:
            if isValid(action) and action.text() == marked:
                action.setText(text)
        self._given.clear()
