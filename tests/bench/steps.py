"""What a user does in the window, step by step, as a table of how long its thread was held up by each.

The longest turn of the event loop has three figures (see tests/gui/watchdog.py): on the wall, which a busy machine
makes longer; what of it the window's thread was held up, by its own work or by waiting for other threads of its own
process; and its own processor time. The bound is on the last.
"""

import time
from collections.abc import Callable
from pathlib import Path

from tests.gui.watchdog import STALL_MS, Watchdog
from tests.gui.yardstick import slowness

MEMORY_MB = 300
FIRST_PAINT_S = 1.0
PATIENCE_S = 300.0
_LINE = "{:<58} {:>8} {:>9} {:>9} {:>9}  {}"


class Steps:
    """Does steps, and has `say` print a line for each."""

    def __init__(self, say: Callable[[str], None]) -> None:
        self.say = say
        self.worst_ms = 0.0
        """Processor time of the window's thread in its longest turn."""
        self.over: list[str] = []
        """What broke a bound, as the last lines tell it."""
        self._tell_slowness("at the beginning")

    def head(self, title: str) -> None:
        """Begin a part of the table."""
        self.say("")
        self.say(_LINE.format(title, "took", "longest", "turn, ms", f"(< {STALL_MS:.0f})", ""))
        self.say(_LINE.format("", "s", "wall", "held", "own", ""))

    def do(
        self,
        name: str,
        *actions: Callable[[], object],
        until: Callable[[], bool] = lambda: True,
        note: Callable[[], str] = str,
    ) -> None:
        """Have the event loop do `actions` one after the other, then wait `until` what they began has ended."""
        dog = Watchdog()
        for action in actions:
            dog.do(action)
        dog.wait_for(until, seconds=PATIENCE_S)
        self.tell(name, dog, note())

    def tell(self, name: str, dog: Watchdog, note: str = "") -> None:
        """A line for what `dog` has watched since it was made."""
        dog.stop()
        dog.deleteLater()
        seconds = time.perf_counter() - dog.begun
        self.worst_ms = max(self.worst_ms, dog.busiest_ms)
        mark = ""
        if dog.busiest_ms >= STALL_MS:
            mark = f"✕ over {STALL_MS:.0f} ms"
            self.over.append(f"{name}: {dog.busiest_ms:.0f} ms in one turn")
        elif dog.held_ms >= STALL_MS:
            mark = "· waited for other threads"
        elif dog.longest_ms >= STALL_MS:
            mark = "· waited for the machine"
        turns = (f"{figure:.1f}" for figure in (dog.longest_ms, dog.held_ms, dog.busiest_ms))
        self.say(_LINE.format(name, f"{seconds:.2f}", *turns, "  ".join(part for part in (mark, note) if part)))

    def bound(self, name: str, value: float, limit: float, unit: str) -> None:
        """A line for a figure that has a limit of its own."""
        broken = value >= limit
        if broken:
            self.over.append(f"{name}: {value:.2f} {unit}, not below {limit:g} {unit}")
        self.say(f"{name}: {value:.2f} {unit}{f'  ✕ not below {limit:g} {unit}' if broken else ''}")

    def end(self) -> bool:
        """The last lines; whether all bounds were kept."""
        self.say("")
        self.bound("memory of the window at most", memory_mb(), MEMORY_MB, "MB")
        self.say(f"longest turn of the window's thread: {self.worst_ms:.1f} ms of processor")
        self._tell_slowness("at the end")
        for line in self.over:
            self.say(f"✕ {line}")
        if not self.over:
            self.say("✓ all bounds were kept")
        return not self.over

    def _tell_slowness(self, when: str) -> None:
        """What figures of this run are worth: a shared machine is of another speed each hour."""
        self.say(f"the machine {when} needs {slowness():.1f} times as long as the one that the bounds were set for")


def memory_mb() -> int:
    """The process's peak memory; Linux only."""
    status = dict(line.split(":", 1) for line in Path("/proc/self/status").read_text().splitlines())
    return int(status["VmHWM"].split()[0]) // 1024
