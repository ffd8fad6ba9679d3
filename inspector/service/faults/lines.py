"""How a fault changes lines on their way out: a function from one line to those that go in its place."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Protocol, TypeAlias

from inspector.service.faults.fault import Fault
from inspector.service.faults.lab import Arming
from inspector.service.wire import Line

Piece: TypeAlias = Line | bytes
"""A line, or one that no struct describes, encoded already."""


class LineContext(Protocol):
    """The stream that a line belongs to."""

    held: dict[str, tuple[Line, ...]]
    """By fault: lines that were held back and are still to go out, or that it has to remember."""

    def encode(self, line: Line) -> bytes:
        """A line as bytes."""
        ...

    def foreign(self, kind: str, content: Mapping[str, Any]) -> bytes:
        """A line of a kind that there is not."""
        ...

    def extended(self, line: Line, fields: Mapping[str, Any]) -> bytes:
        """A line with further fields."""
        ...

    def counted(self, arming: Arming) -> int:
        """How many lines have come here since this was armed, this one included."""
        ...

    def starve(self, arming: Arming) -> None:
        """From here on only keepalives go out; the stream ends when the fault is lifted."""
        ...

    def spoil(self, arming: Arming) -> None:
        """The stream lacks something that will not come any more: it ends when the fault is lifted."""
        ...

    def cut(self) -> None:
        """Nothing goes out any more, and the connection breaks."""
        ...


@dataclass(frozen=True, slots=True)
class Change:
    """What goes out instead of a line; `what` is the sentence for the log, empty when the fault has not struck yet."""

    pieces: tuple[Piece, ...]
    what: str = ""


Alter: TypeAlias = Callable[[Line, Arming | None, LineContext], Change | None]
"""Gets no arming when the fault is over, but a line is still held. None: the line goes out as it is."""


@dataclass(frozen=True, slots=True)
class LineFault:
    """A fault that strikes lines of a sync stream."""

    fault: Fault
    alter: Alter
