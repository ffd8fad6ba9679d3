"""How long to wait after an error: what the SDKs wait, and longer when the same error comes again and again."""

import re
from collections.abc import Callable
from random import random

from inspector.protocol.errors import InspectorError

FIRST_SECONDS = 5.0
"""What the SDKs wait after an error."""
LONGEST_SECONDS = 60.0
_JITTER = 0.2

_FIGURES = re.compile(r"\d+")


class Backoff:
    """Counts failures of the same kind in a row."""

    def __init__(self, random: Callable[[], float] = random) -> None:
        self._random = random
        self._kind = ""
        self._times = 0

    def after(self, failure: str) -> float:
        """Seconds to wait after `failure`: 5 s for the first of its kind, then twice as long each time up to 60 s.

        From the second on up to a fifth is taken off by chance, so that many clients do not come back at once.
        """
        self._times = self._times + 1 if failure == self._kind else 1
        self._kind = failure
        if self._times == 1:
            return FIRST_SECONDS
        doubled = min(LONGEST_SECONDS, FIRST_SECONDS * 2.0 ** min(self._times - 1, 10))
        return float(doubled * (1 - _JITTER * self._random()))

    def reset(self) -> None:
        """Something went well, or somebody asked for a try: the next failure is a first one."""
        self._kind, self._times = "", 0


def kind_of(error: InspectorError) -> str:
    """What makes two errors the same: their words, figures aside."""
    return _FIGURES.sub("", error.what)
