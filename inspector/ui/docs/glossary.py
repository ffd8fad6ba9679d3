"""The field's words, explained where they stand: `words.md` is the one place that says what they mean."""

from inspector.ui.docs.search import meanings

_OTHERWISE = {
    "op": "operation",
    "ops": "operation",
    "ops / row": "operation",
    "op ids": "op id",
    "last op": "op id",
    "write cp": "write checkpoint",
    "stream / bucket": "bucket",
    "brought by": "subscription",
    "hash": "checksum",
    "its checksum": "checksum",
    "entries": "crud entry",
    "applied": "apply",
    "tx": "transaction",
    "ends in": "time to live",
}
"""Titles that say a word in another way."""


def word_for(title: str) -> str:
    """The word that a title stands for, as `words.md` has it; empty where it is no word of the field's."""
    name = title.casefold().strip()
    known = meanings()
    for candidate in (name, _OTHERWISE.get(name, ""), name.removesuffix("s"), name.removesuffix("es")):
        if candidate in known:
            return candidate
    return ""


def meaning_of(word: str) -> str:
    """What a word means, as one sentence; empty for one that is not explained."""
    return meanings().get(word.casefold(), "")


def word_of(title: str, word: str | None) -> str:
    """The word that a column is about: `word`, or what its title says; None: nothing of the field's."""
    return "" if word is None else word or word_for(title)


def explained(title: str, explains: str, word: str | None = "") -> str:
    """What a header's tooltip says: what the column shows, and what its word means."""
    known = word_of(title, word)
    meaning = meaning_of(known)
    if not meaning:
        return explains
    lines = [explains] if explains else []
    lines += [f"{known[:1].upper()}{known[1:]}: {meaning[:1].lower()}{meaning[1:]}", "Shift+F1 here: more in the help."]
    return "\n".join(lines)
