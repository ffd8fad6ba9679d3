"""How slow the machine is at present: a shared one does the same work in a third to three times of the time.

A bound in milliseconds says something about the program only on a machine of a known speed.
"""

import time

from tests.gui.watchdog import STALL_MS

_STEPS = 20_000
_TIMES = 7
_KNOWN_MS = 8.0
"""Processor time of the work on the machine, and in the hours, for which `STALL_MS` was set."""


def slowness() -> float:
    """How many times as long as there a fixed piece of work takes now, and at least 1."""
    return max(1.0, min(_work_ms() for _ in range(_TIMES)) / _KNOWN_MS)


def stall_ms() -> float:
    """`STALL_MS` for a machine that is as slow as this one is now; what tests assert."""
    return STALL_MS * slowness()


def _work_ms() -> float:
    begun = time.thread_time()
    found: dict[str, tuple[int, str]] = {}
    for number in range(_STEPS):
        key = str(number % 997)
        found[key] = (number, key)
    return 1000 * (time.thread_time() - begun)
