"""Where the lanes of the clients and of their service stand. No painting."""

from dataclasses import dataclass

from inspector.ui.fonts import zoomed
from inspector.ui.panels.timeline.view import View

_GUTTER = 104
AXIS = 20
MARGIN = 14
"""Pixels at the right, so that what happens now does not touch the edge."""
BAR = 12.0
FOOT = 4
"""Pixels below the lowest lane."""

_GATE, _LETTERS, _CLIENT, _SERVICE = 16.0, 14.0, 15.0, 34.0
"""Pixels that the parts take where there is just room; what is left over goes to the service, and a part to all."""
_LEAST_SQUEEZE = 0.62
_LETTERS_FROM = 0.88
"""Squeezed more than this, there is no room for what was written."""


@dataclass(frozen=True, slots=True)
class ClientLane:
    """One client's lanes by their middles, in pixels; `towards` is 1 where the service stands below, -1 above."""

    name: str
    bar: float
    gate: float
    letters: float
    towards: int


@dataclass(frozen=True, slots=True)
class Geometry:
    """The lanes at one size: the first client above the service, the others below it."""

    width: int
    height: int
    view: View
    names: tuple[str, ...]

    @property
    def gutter(self) -> int:
        """Pixels at the left for the lanes' names."""
        return max(_GUTTER, zoomed(_GUTTER))

    @property
    def plot_width(self) -> int:
        """Pixels that the view takes."""
        return max(10, self.width - self.gutter - MARGIN)

    def x(self, at: int) -> float:
        """Where a moment is."""
        return self.view.x(at, self.gutter, self.plot_width)

    def at(self, x: float) -> int:
        """The moment at `x`."""
        return self.view.at(x, self.gutter, self.plot_width)

    @property
    def squeeze(self) -> float:
        """How much of the usual height there is: 1 and more where all has room."""
        whole = len(self.names) * (_GATE + _LETTERS + _CLIENT) + _SERVICE
        return max(_LEAST_SQUEEZE, (self.height - AXIS - FOOT) / whole)

    @property
    def has_letters(self) -> bool:
        """Whether there is room for what was written."""
        return self.squeeze >= _LETTERS_FROM

    @property
    def service(self) -> float:
        """The middle of the service's lane."""
        return AXIS + self._client_height + (self._service_height) / 2

    @property
    def clients(self) -> tuple[ClientLane, ...]:
        """From the top down."""
        return tuple(self._lane(place, name) for place, name in enumerate(self.names))

    @property
    def _stretch(self) -> float:
        return min(1.35, self.squeeze)

    @property
    def _client_height(self) -> float:
        return (_GATE + _LETTERS + _CLIENT) * self._stretch

    @property
    def _service_height(self) -> float:
        return max(_SERVICE * self._stretch, self.height - AXIS - FOOT - len(self.names) * self._client_height)

    def _lane(self, place: int, name: str) -> ClientLane:
        height, scale = self._client_height, self._stretch
        gate, letters, bar = _GATE * scale / 2, (_GATE + _LETTERS / 2) * scale, height - _CLIENT * scale / 2
        if place == 0:
            return ClientLane(name, AXIS + bar, AXIS + gate, AXIS + letters, 1)
        bottom = AXIS + height * (place + 1) + self._service_height
        return ClientLane(name, bottom - bar, bottom - gate, bottom - letters, -1)
