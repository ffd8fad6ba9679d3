"""The `inspector` command. What only opens a window goes past the library that reads options, which takes 0.2 s."""

import sys
from collections.abc import Sequence
from pathlib import Path
from typing import NoReturn

from inspector.protocol.errors import InspectorError


def main() -> NoReturn:
    """An error is one sentence on stderr and an exit code above 0."""
    try:
        if is_window_alone(arguments := sys.argv[1:]):
            _leave(_open_window(arguments))
        from inspector.cli.app import app

        app()
    except InspectorError as error:
        sys.stderr.write(f"{error}\n")
        _leave(1)
    except KeyboardInterrupt:
        _leave(130)
    _leave(0)


def is_window_alone(arguments: Sequence[str]) -> bool:
    """Whether it is an empty window, or one on a file, without any option."""
    return not arguments or (len(arguments) == 2 and arguments[0] == "open" and not arguments[1].startswith("-"))


def _open_window(arguments: Sequence[str]) -> int:
    from inspector.ui.app import FileSource, run_window

    return run_window(FileSource(Path(arguments[1])) if arguments else None)


def _leave(code: int) -> NoReturn:
    sys.exit(code)
