"""The built-in perspectives, as trees of docks by the names that the registry has for them.

A name that is not registered is left out, and so is what it leaves empty.
"""

from dataclasses import dataclass
from enum import Enum
from typing import TypeAlias

from PySide6.QtCore import QCoreApplication


class Direction(Enum):
    """How the parts of a split stand."""

    BESIDE = 0
    BELOW = 1


@dataclass(frozen=True, slots=True)
class Tabs:
    """Docks in one place, the first one in front. `share` is the room beside its neighbours, in pixels of 1440 × 900;
    `least` and `most` are in pixels of any window, 0: no matter."""

    names: tuple[str, ...]
    share: int
    least: int = 0
    most: int = 0


@dataclass(frozen=True, slots=True)
class Split:
    """Parts beside or below each other."""

    direction: Direction
    parts: tuple["Node", ...]
    share: int = 0
    least: int = 0
    most: int = 0


Node: TypeAlias = Tabs | Split


@dataclass(frozen=True, slots=True)
class Arrangement:
    """A whole perspective. Docks that it does not name are hidden, and come up beside `guests` when asked for."""

    name: str
    root: Node
    home: str
    """The dock that has the keyboard first."""
    needs: str
    """The panel that it is for: without it the perspective is never picked unasked."""
    guests: str
    """A dock with room beside its tab for those that are not named."""

    @property
    def title(self) -> str:
        """What the menus call it."""
        return QCoreApplication.translate("Perspectives", self.name.capitalize())


def _beside(*parts: Node, share: int = 0) -> Split:
    return Split(Direction.BESIDE, parts, share)


def _below(*parts: Node, share: int = 0) -> Split:
    return Split(Direction.BELOW, parts, share)


WATCH = Arrangement(
    "watch",
    _below(
        Tabs(("timeline",), 175, 120, 230),
        _beside(
            Tabs(("buckets", "streams", "connection"), 300, 300),
            _below(
                Tabs(("frames", "checkpoints", "checksums", "data", "sql"), 430),
                Tabs(("uploads", "events", "findings", "faults"), 175),
                share=800,
            ),
            Tabs(("detail", "bytes", "row"), 340, 280),
            share=600,
        ),
    ),
    home="frames",
    needs="frames",
    guests="frames",
)

DIAGNOSE = Arrangement(
    "diagnose",
    _beside(
        Tabs(("findings", "buckets", "streams"), 370, 300, 520),
        _below(
            Tabs(("finding", "comparison", "frames", "checkpoints", "checksums"), 480),
            Tabs(("uploads", "data", "sql", "events", "connection"), 300),
            share=730,
        ),
        Tabs(("row", "detail", "bytes"), 340, 280),
    ),
    home="findings",
    needs="findings",
    guests="finding",
)

DEMO = Arrangement(
    "demo",
    _beside(
        Tabs(("story", "faults"), 330, 280, 460),
        _below(
            Tabs(("clients",), 400, 300),
            Tabs(
                ("frames", "buckets", "uploads", "checksums", "checkpoints", "events", "connection", "data"),
                165,
                140,
            ),
            Tabs(("both", "timeline"), 205, 172, 300),
            share=1110,
        ),
    ),
    home="story",
    needs="story",
    guests="frames",
)

BUILT_IN = (WATCH, DIAGNOSE, DEMO)
