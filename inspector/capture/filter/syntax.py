"""A filter as a tree. Columns count from 1 and tell where in the text something stands."""

from dataclasses import dataclass
from typing import TypeAlias


@dataclass(frozen=True, slots=True)
class Word:
    """A name or a value as it was written, quotes taken off."""

    text: str
    column: int
    length: int
    quoted: bool = False


@dataclass(frozen=True, slots=True)
class Either:
    """At least one of them holds."""

    parts: tuple["Node", ...]


@dataclass(frozen=True, slots=True)
class Both:
    """All of them hold."""

    parts: tuple["Node", ...]


@dataclass(frozen=True, slots=True)
class Negation:
    """It does not hold."""

    part: "Node"


@dataclass(frozen=True, slots=True)
class Comparison:
    """`operator` is one of `==`, `!=`, `<`, `<=`, `>`, `>=`."""

    field: Word
    operator: str
    value: Word


@dataclass(frozen=True, slots=True)
class Match:
    """The field contains the text, in whatever case, or matches the regular expression."""

    field: Word
    value: Word
    regex: bool
    negated: bool


@dataclass(frozen=True, slots=True)
class Between:
    """From `low` to `high`, both included; None: no limit."""

    field: Word
    low: Word | None
    high: Word | None


@dataclass(frozen=True, slots=True)
class OneOf:
    """The field is one of these."""

    field: Word
    values: tuple[Word, ...]


@dataclass(frozen=True, slots=True)
class Flag:
    """The field is there, or the property holds."""

    name: Word


@dataclass(frozen=True, slots=True)
class Text:
    """The frame's body contains the text."""

    text: Word


@dataclass(frozen=True, slots=True)
class Since:
    """From a checkpoint or a time on, or until just before it."""

    before: bool
    checkpoint: bool
    value: Word


Node: TypeAlias = Either | Both | Negation | Comparison | Match | Between | OneOf | Flag | Text | Since
