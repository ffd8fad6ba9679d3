"""`python -m tests.bench first-sync` compares our engine with the official client; `window` measures the window."""

import argparse
import os
import sys

from tests.bench.first_sync import ROWS_OF_ONE_BUCKET, compare
from tests.interop.npm_packages import installed_client, missing_program


def main() -> int:
    """Runs one benchmark; 1 when the official client cannot run here, or when the window stalls."""
    parser = argparse.ArgumentParser(prog="python -m tests.bench", description="Measures the engine and the window.")
    benchmarks = parser.add_subparsers(required=True, dest="benchmark")
    window = benchmarks.add_parser("window", help="the window on a large capture: first paint, stalls, memory")
    window.add_argument("--frames", type=int, default=1_000_000, help="in the capture (default: %(default)s)")
    first_sync = benchmarks.add_parser("first-sync", help="a whole first sync, from process start to process end")
    first_sync.add_argument("--runs", type=int, default=3, help="of each client (default: %(default)s)")
    first_sync.add_argument("--buckets", type=int, default=10, help=f"of {ROWS_OF_ONE_BUCKET:_} operations each")
    options = parser.parse_args()
    if options.benchmark == "window":
        return _window(options.frames)
    if (reason := missing_program()) is not None:
        sys.stderr.write(f"The official client cannot run: {reason}\n")
        return 1
    compare(installed_client(), runs=options.runs, buckets=options.buckets, say=print)
    return 0


def _window(frames: int) -> int:
    os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")
    # Qt takes the platform from the environment when it is imported.
    from tests.bench.window import measure
    from tests.gui.watchdog import STALL_MS

    return 0 if measure(frames, print) < STALL_MS else 1


if __name__ == "__main__":
    sys.exit(main())
