"""Where the lanes of the timeline stand, and which thing is where. No painting."""

from dataclasses import dataclass
from typing import Any

from PySide6.QtCore import QPointF, QRectF

from inspector.ui.panels.timeline.view import View

GUTTER = 114
"""Pixels at the left for the lanes' names."""
AXIS = 20
MARGIN = 10
"""Pixels at the right, so that what happens now does not touch the edge."""

_MINIMAP = 15
_LANES = (("connection", 22.0), ("checkpoints", 34.0), ("data", 30.0), ("uploads", 20.0), ("faults", 20.0))
_LANES_HEIGHT = sum(height for _, height in _LANES)
_STRETCH = "data"
_HIT = 3.0
"""Pixels around the pointer in which a thing is found."""


@dataclass(frozen=True, slots=True)
class Lane:
    """A lane's vertical place, in pixels."""

    name: str
    top: float
    height: float

    @property
    def bottom(self) -> float:
        """Its lower edge."""
        return self.top + self.height


@dataclass(frozen=True, slots=True)
class Geometry:
    """The timeline at one size, showing `view`."""

    width: int
    height: int
    view: View

    @property
    def left(self) -> int:
        """Where time begins, in pixels."""
        return GUTTER

    @property
    def plot_width(self) -> int:
        """Pixels that the view takes."""
        return max(10, self.width - GUTTER - MARGIN)

    def x(self, at: int) -> float:
        """Where a moment is."""
        return self.view.x(at, GUTTER, self.plot_width)

    def at(self, x: float) -> int:
        """The moment at `x`."""
        return self.view.at(x, GUTTER, self.plot_width)

    @property
    def minimap(self) -> QRectF:
        """The strip that shows all; empty where the lanes need the room."""
        height = _MINIMAP if self.height >= AXIS + _LANES_HEIGHT + _MINIMAP + 2 else 0
        return QRectF(GUTTER, self.height - height, self.plot_width, max(0, height - 2))

    @property
    def bottom(self) -> float:
        """The lower edge of the lanes."""
        return self.minimap.top() - 2

    @property
    def lanes(self) -> dict[str, Lane]:
        """All lanes, from the top down; the data lane takes what is left."""
        room = self.bottom - AXIS
        squeeze = min(1.0, room / _LANES_HEIGHT)
        spare = max(0.0, room - _LANES_HEIGHT)
        found, top = {}, float(AXIS)
        for name, height in _LANES:
            taken = height * squeeze + (spare if name == _STRETCH else 0)
            found[name] = Lane(name, top, taken)
            top += taken
        return found


@dataclass(frozen=True, slots=True)
class Hit:
    """A thing on screen."""

    area: QRectF
    thing: Any


def found_at(hits: list[Hit], point: QPointF) -> Hit | None:
    """What is under `point`, or next to it; what was painted last is on top."""
    near: tuple[float, Hit] | None = None
    for hit in reversed(hits):
        area = hit.area
        if not area.top() <= point.y() <= area.bottom():
            continue
        distance = max(area.left() - point.x(), point.x() - area.right(), 0.0)
        if distance == 0:
            return hit
        if distance <= _HIT and (near is None or distance < near[0]):
            near = distance, hit
    return near[1] if near else None
