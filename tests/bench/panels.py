"""Each panel looked at for the first time, and the perspectives put up one after the other: what a window pays late."""

from functools import partial

from inspector.ui.docks.arrangements import BUILT_IN
from inspector.ui.on_screen import in_sight
from inspector.ui.window import Window
from tests.bench.steps import Steps


def use_perspectives(window: Window, steps: Steps) -> None:
    """Put each perspective up twice: the first time makes the panels that are in front of it."""
    steps.head("perspectives")
    for again in ("", " again"):
        for arrangement in BUILT_IN:
            steps.do(
                f"switch to {arrangement.title}{again}",
                partial(window.perspectives.choose, arrangement.name),
                until=lambda: all(dock.is_shown for dock in window.docks.values() if in_sight(dock)),
            )


def look_at_panels(window: Window, steps: Steps) -> None:
    """Go to every panel; those that nobody has looked at are made by it."""
    steps.head("going to each panel")
    for name, dock in window.docks.items():
        made = "" if dock.is_made else ", made by it"
        steps.do(f"go to {dock.title}{made}", partial(window.selection.reveal, name))
