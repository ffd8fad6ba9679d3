"""The processes that a test's own process has started."""

import os
import time
from pathlib import Path

_PATIENCE_S = 10


def child_running(module: str) -> int:
    """The id of the process of ours that runs `module`, once there is one."""
    deadline = time.monotonic() + _PATIENCE_S
    while time.monotonic() < deadline:
        for children in Path("/proc/self/task").glob("*/children"):
            for pid in children.read_text().split():
                if module in _arguments(pid):
                    return int(pid)
        os.sched_yield()
    raise AssertionError(f"No process runs {module}.")


def _arguments(pid: str) -> list[str]:
    try:
        return Path(f"/proc/{pid}/cmdline").read_text().split("\0")
    except FileNotFoundError:
        return []
