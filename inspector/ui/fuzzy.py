"""Finds what is meant by a few letters. No Qt."""

_START, _RUN, _PLAIN = 10, 6, 1
_GAP_COST = 0.1


def score(wanted: str, text: str) -> float | None:
    """How well `wanted` fits `text`; None when its letters do not come in this order. Larger is better.

    Letters at beginnings of words count most, then letters that stand together; case does not matter.
    """
    letters = wanted.casefold().replace(" ", "")
    if not letters:
        return 0.0
    found = text.casefold()
    best: float | None = None
    at = found.find(letters[0])
    while at >= 0:
        if (fit := _fit_from(letters, found, at)) is not None and (best is None or fit > best):
            best = fit
        at = found.find(letters[0], at + 1)
    return best


def _fit_from(letters: str, text: str, first: int) -> float | None:
    """Take each letter at the beginning of a word where that is possible, else where it comes next."""
    total, before = 0.0, first - 1
    for letter in letters:
        at = text.find(letter, before + 1)
        if at < 0:
            return None
        if at != before + 1 or not total:
            start = _next_start(text, letter, at)
            at = at if start is None or not _rest_fits(letters, letter, text, start) else start
        if at == before + 1 and total:
            total += _RUN
        elif _starts_word(text, at):
            total += _START
        else:
            total += _PLAIN
        total -= _GAP_COST * (at - before - 1)
        before = at
    return total - _GAP_COST * len(text) / 10


def _rest_fits(letters: str, letter: str, text: str, start: int) -> bool:
    """Whether what follows `letter` still comes after `start`."""
    at = start
    for following in letters[letters.index(letter) + 1 :]:
        at = text.find(following, at + 1)
        if at < 0:
            return False
    return True


def _starts_word(text: str, at: int) -> bool:
    return at == 0 or not text[at - 1].isalnum()


def _next_start(text: str, letter: str, at: int) -> int | None:
    while at >= 0:
        if _starts_word(text, at):
            return at
        at = text.find(letter, at + 1)
    return None
