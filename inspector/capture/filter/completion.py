"""What may come next in a filter: fields, comparisons, values, joining words."""

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from inspector.capture.filter.fields import FIELDS, PROPERTIES, Field, FieldType

ValuesOf = Callable[[str], Sequence[str]]
"""Values that a capture holds, by the field's name: buckets, streams, tables."""

_MOST = 50
_SHORTEST_TEXT = 3
"""Characters from which on a word that is no field may be a text to look for."""
_LAST_WORD = re.compile(r"[^\s()!&|=<>~,\"']*$")
_BEFORE_VALUE = re.compile(
    r"([\w.]+)\s*(?:==|!=|=|!~|~)\s*(?:\"[^\"]*|'[^']*)?$|([\w.]+)\s+in\s*\((?:[^()]*,)?\s*$", re.I
)
_AFTER_FIELD = re.compile(r"(?:^|[(!]|&&|\|\||\b(?:and|or|not)\b)\s*([\w.]+)\s+$", re.I)
_ENDED = re.compile(r"[\w\"')/]\s+$")
_JOINED = re.compile(r"(?:^|[(!]|&&|\|\||\b(?:and|or|not))\s*$", re.I)
_PLAIN_VALUE = re.compile(r"[^\s()\"'&|!=<>~,]+")

_TEXTS = ("==", "!=", "~", "in (")
_NUMBERS = ("==", "!=", ">", ">=", "<", "<=", "in")


@dataclass(frozen=True, slots=True)
class Offer:
    """`text` may stand in place of the characters from `start` to the cursor; `explains` says what it means."""

    text: str
    start: int
    explains: str = ""


def complete(text: str, cursor: int, values_of: ValuesOf) -> list[Offer]:
    """What may stand at `cursor`, the likeliest first; nothing where nothing is known."""
    before = text[:cursor]
    typed = _LAST_WORD.search(before)
    word = typed[0] if typed is not None else ""
    start = cursor - len(word)
    if (value := _BEFORE_VALUE.search(before[:start])) is not None:
        return _values(FIELDS.get((value[1] or value[2]).lower()), before, start, values_of)
    if (named := _AFTER_FIELD.search(before[:start])) is not None and named[1].lower() in FIELDS:
        signs = (
            _TEXTS if FIELDS[named[1].lower()].type in (FieldType.TEXT, FieldType.TYPES, FieldType.ROW) else _NUMBERS
        )
        return [Offer(sign, start) for sign in (*signs, "and", "or") if sign.startswith(word)]
    if _JOINED.search(before[:start]) is not None:
        return _names(word, start)
    if _ENDED.search(before[:start]) is not None:
        return [Offer(joint, start) for joint in ("and", "or") if joint.startswith(word.lower())]
    return []


def quoted(value: str) -> str:
    """`value` as a filter writes it: bare where it can be, in quotes otherwise."""
    if _PLAIN_VALUE.fullmatch(value) and ".." not in value and value.lower() not in ("and", "or", "not", "in"):
        return value
    return _in_quotes(value)


def _in_quotes(value: str) -> str:
    mark = "'" if '"' in value and "'" not in value else '"'
    return mark + value.replace("\\", "\\\\").replace(mark, f"\\{mark}") + mark


def equals(name: str, value: str) -> str:
    """The condition that the field of this name has this value."""
    known = FIELDS[name].values
    return f"{name} == {quoted(value) if not known or value in known else _in_quotes(value)}"


def _names(word: str, start: int) -> list[Offer]:
    known = [(name, field.explains) for name, field in FIELDS.items()]
    known += [(name, item.explains) for name, item in PROPERTIES.items()]
    known += [("since checkpoint", "From a checkpoint on, by its op id."), ("not", "")]
    offers = [Offer(name, start, explains) for name, explains in known if name.startswith(word.lower())]
    offers += [Offer(name, start, says) for name, says in known if word and word.lower() in name[1:]]
    if len(word) >= _SHORTEST_TEXT and word.lower() not in {name for name, _ in known}:
        offers.append(Offer(f'"{word}"', start, "Frames whose body contains this text."))
    return offers


def _values(field: Field | None, before: str, start: int, values_of: ValuesOf) -> list[Offer]:
    if field is None:
        return []
    opening = re.search(r"[\"'][^\"']*$", before)
    begun = before[start:] if opening is None else opening[0][1:]
    start = start if opening is None else opening.start()
    known = [*field.values, *values_of(field.name)]
    found = [value for value in dict.fromkeys(known) if begun.lower() in value.lower()]
    found.sort(key=lambda value: not value.lower().startswith(begun.lower()))
    return [Offer(quoted(value), start) for value in found[:_MOST]]
