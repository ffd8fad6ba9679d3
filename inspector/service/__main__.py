"""`python -m inspector.service` runs the demo service and prints one JSON line once it answers."""

import argparse
import sys
from pathlib import Path

import msgspec

from inspector.service.errors import ServiceError
from inspector.service.options import Ready, ServiceOptions
from inspector.service.run import serve


def main() -> int:
    """Runs until interrupted; 1 when the service cannot start."""
    defaults = ServiceOptions()
    parser = argparse.ArgumentParser(prog="python -m inspector.service", description="A PowerSync service for demos.")
    parser.add_argument("--host", default=defaults.host, help="address to listen on (default: %(default)s)")
    parser.add_argument("--port", type=int, default=defaults.port, help="0 takes any free one (default: %(default)s)")
    parser.add_argument("--storage", type=Path, help="file to keep rows and buckets in (default: a temporary one)")
    parser.add_argument("--no-writer", dest="writer", action="store_false", help="do not change rows by itself")
    parser.add_argument("--seed", type=int, default=defaults.seed, help="of the demo's rows (default: %(default)s)")
    parser.add_argument("--token-seconds", type=int, default=defaults.token_seconds, help="life of a token")
    parser.add_argument("--stop-with-parent", action="store_true", help="stop when standard input closes")
    options = ServiceOptions(**vars(parser.parse_args()))
    try:
        serve(options, on_ready=_announce)
    except ServiceError as error:
        sys.stderr.write(f"{error}\n")
        return 1
    return 0


def _announce(ready: Ready) -> None:
    sys.stdout.write(f"{msgspec.json.encode(ready).decode()}\n")
    sys.stdout.flush()


if __name__ == "__main__":
    sys.exit(main())
