"""`python -m tests.bench first-sync` compares our engine with the official client.

`window`, `database` and `both` measure the window on a large capture, on a large client database, and on both at once;
`service-load` the embedded service.
"""

import argparse
import os
import sys

from tests.bench.first_sync import ROWS_OF_ONE_BUCKET, compare
from tests.bench.service_load import million, streams
from tests.interop.npm_packages import installed_client, missing_program


def main() -> int:
    """Runs one benchmark; 1 when the official client cannot run here, or when window or service fall short."""
    parser = argparse.ArgumentParser(
        prog="python -m tests.bench", description="Measures the engine, the window and the service."
    )
    benchmarks = parser.add_subparsers(required=True, dest="benchmark")
    window = benchmarks.add_parser("window", help="the window on a large capture: first paint, stalls, memory")
    window.add_argument("--frames", type=int, default=1_000_000, help="in the capture (default: %(default)s)")
    database = benchmarks.add_parser("database", help="the window on a large client database: stalls, memory")
    database.add_argument("--operations", type=int, default=1_000_000, help="in it (default: %(default)s)")
    both = benchmarks.add_parser("both", help="the window on a large capture and client database at once")
    both.add_argument("--frames", type=int, default=1_000_000, help="in the capture (default: %(default)s)")
    first_sync = benchmarks.add_parser("first-sync", help="a whole first sync, from process start to process end")
    first_sync.add_argument("--runs", type=int, default=3, help="of each client (default: %(default)s)")
    first_sync.add_argument("--buckets", type=int, default=10, help=f"of {ROWS_OF_ONE_BUCKET:_} operations each")
    load = benchmarks.add_parser("service-load", help="the embedded service: many streams, and a large bucket")
    load.add_argument("--streams", type=int, default=100, help="open at once (default: %(default)s)")
    load.add_argument("--rate", type=int, default=1_000, help="changes a second, seen by each (default: %(default)s)")
    load.add_argument("--seconds", type=int, default=60, help="of changes (default: %(default)s)")
    load.add_argument("--operations", type=int, default=1_000_000, help="in the bucket (default: %(default)s)")
    options = parser.parse_args()
    if options.benchmark == "window":
        return _window(options.frames)
    if options.benchmark == "service-load":
        loaded = streams(count=options.streams, rate=options.rate, seconds=options.seconds, say=print)
        return 0 if million(operations=options.operations, say=print) and loaded else 1
    if options.benchmark == "both":
        return _both(options.frames)
    if options.benchmark == "database":
        return _database(options.operations)
    if (reason := missing_program()) is not None:
        sys.stderr.write(f"The official client cannot run: {reason}\n")
        return 1
    compare(installed_client(), runs=options.runs, buckets=options.buckets, say=print)
    return 0


def _window(frames: int) -> int:
    os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")
    # Qt takes the platform from the environment when it is imported.
    from tests.bench.window import measure

    return 0 if measure(frames, print) else 1


def _both(frames: int) -> int:
    os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")
    from tests.bench.window_on_both import measure

    return 0 if measure(frames, print) else 1


def _database(operations: int) -> int:
    os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")
    from tests.bench.window_on_database import measure

    return 0 if measure(operations, print) else 1


if __name__ == "__main__":
    sys.exit(main())
