"""Waiting for what no notice of the engine tells: files, and what other processes were asked."""

import time
from collections.abc import Callable

PATIENCE_SECONDS = 30
_PAUSE_SECONDS = 0.01


def until(reached: Callable[[], object], state: Callable[[], object] = lambda: "") -> None:
    """Return once `reached` holds; `state` is told when it never does."""
    deadline = time.monotonic() + PATIENCE_SECONDS
    while not reached():
        if time.monotonic() > deadline:
            raise AssertionError(f"It did not come to that: {state()}")
        time.sleep(_PAUSE_SECONDS)
