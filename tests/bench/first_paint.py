"""From the start of the process `inspector open FILE` to the first picture of its window, and to its content.

Run as a program with a file and the time of its start, it is that process: the real command line and window, which
tells on its standard output when it has painted, and ends when the content of the file is there.
"""

import os
import subprocess
import sys
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path

import msgspec

_RUNS = 3
_PATIENCE_MS = 60_000


@dataclass(frozen=True, slots=True)
class Start:
    """Seconds from the start of the process, on the wall and of its processor time."""

    painted: float
    painted_processor: float
    filled: float
    filled_processor: float


def measure_start(file: Path, runs: int = _RUNS) -> list[Start]:
    """Open `file` in a new process so many times; the first time is for the disk, and not counted."""
    with tempfile.TemporaryDirectory() as folder:
        environment = os.environ | {"XDG_CONFIG_HOME": folder, "XDG_DATA_HOME": folder, "QT_QPA_PLATFORM": "offscreen"}
        if sys.pycache_prefix is not None:
            environment["PYTHONPYCACHEPREFIX"] = sys.pycache_prefix
        environment.pop("PYTHONDONTWRITEBYTECODE", None)
        return [_start(file, environment) for _ in range(runs + 1)][1:]


def _start(file: Path, environment: dict[str, str]) -> Start:
    command = [sys.executable, "-m", "tests.bench.first_paint", str(file), repr(time.time())]
    done = subprocess.run(command, env=environment, capture_output=True, check=True, text=True)
    return msgspec.json.decode(done.stdout.splitlines()[-1], type=Start)


def _open_once(file: str, begun: float) -> None:
    from PySide6.QtCore import QEvent, QObject, QTimer

    from inspector.ui.sources import Files
    from inspector.ui.window import Window

    moments: list[float] = []

    def take() -> None:
        moments.extend((time.time() - begun, time.process_time()))

    class Painted(QObject):
        """Sees the first picture: what comes after its turn of the event loop is another."""

        def eventFilter(self, watched: QObject, event: QEvent) -> bool:  # noqa: N802
            if event.type() is QEvent.Type.Paint:
                watched.removeEventFilter(self)
                QTimer.singleShot(0, self, take)
            return False

    def look(window: Window) -> None:
        painted = Painted(window)
        window.installEventFilter(painted)
        clock = QTimer(window, interval=5)

        def check() -> None:
            # The buckets of a large capture are rebuilt for a long time while its frames are there.
            if moments and window.feed.files != Files() and window.buckets.snapshot is not None:
                clock.stop()
                take()
                print(msgspec.json.encode(Start(*moments)).decode())
                window.close()

        clock.timeout.connect(check)
        clock.start()
        QTimer.singleShot(_PATIENCE_MS, window, window.close)

    _run_command_line(file, look)


def _run_command_line(file: str, look: object) -> None:
    """`inspector open FILE`, with somebody who looks at its window."""
    import inspector.ui.app as app
    from inspector.cli import main

    opening = app.run_window
    app.run_window = lambda source, **options: opening(source, **(options | {"on_window": look}))
    sys.argv = ["inspector", "open", file]
    main()


if __name__ == "__main__":
    _open_once(sys.argv[1], float(sys.argv[2]))
