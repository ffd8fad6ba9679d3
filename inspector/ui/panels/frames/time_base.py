"""How the list tells when a frame came."""

from enum import Enum


class TimeBase(Enum):
    """By the clock, or counted from something."""

    CLOCK = "By the clock"
    START = "Since the first frame"
    ABOVE = "Since the frame above"
    SELECTED = "Since the selected frame"
