"""A fact: a line of a name and a value, as the panels show it."""

from dataclasses import dataclass
from typing import Any

import msgspec

from inspector.analysis.situations import Role


@dataclass(frozen=True, slots=True)
class Fact:
    """A line; a `heading` has no value and stands over those that follow. `explains` is a sentence, or empty."""

    name: str
    value: str = ""
    role: Role = Role.IDLE
    explains: str = ""
    heading: bool = False
    mono: bool = False
    progress: float | None = None
    """0 … 1, of what is left."""
    panel: str = ""
    """Where there is more of it."""


def json_words(value: Any) -> str:
    """A value of JSON as text, a text as it is."""
    return value if isinstance(value, str) else msgspec.json.encode(value).decode()
