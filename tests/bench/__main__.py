"""`python -m tests.bench first-sync`: the official Node client and our engine in turn, and how they compare."""

import argparse
import sys

from tests.bench.first_sync import ROWS_OF_ONE_BUCKET, compare
from tests.interop.npm_packages import installed_client, missing_program


def main() -> int:
    """Runs one benchmark; 1 when the official client cannot run here."""
    parser = argparse.ArgumentParser(prog="python -m tests.bench", description="Measures our engine.")
    benchmarks = parser.add_subparsers(required=True)
    first_sync = benchmarks.add_parser("first-sync", help="a whole first sync, from process start to process end")
    first_sync.add_argument("--runs", type=int, default=3, help="of each client (default: %(default)s)")
    first_sync.add_argument("--buckets", type=int, default=10, help=f"of {ROWS_OF_ONE_BUCKET:_} operations each")
    options = parser.parse_args()
    if (reason := missing_program()) is not None:
        sys.stderr.write(f"The official client cannot run: {reason}\n")
        return 1
    compare(installed_client(), runs=options.runs, buckets=options.buckets, say=print)
    return 0


if __name__ == "__main__":
    sys.exit(main())
