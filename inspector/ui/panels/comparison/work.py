"""What is done off the window's thread: another file is opened and compared, or a fresh copy is."""

import tempfile
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

from inspector.analysis.comparison import Comparison, compare
from inspector.analysis.fresh.comparison import FreshComparison, compare_with_fresh
from inspector.analysis.fresh.streams import subscription_lines
from inspector.analysis.opening import OpenedDatabase, open_file
from inspector.protocol.errors import InspectorError
from inspector.store.reader import ClientDatabaseReader
from inspector.ui.sources import Files


def comparing(files: Files, path: Path, go_on: Callable[[int], bool]) -> Callable[[], Comparison | None]:
    """Compare what is open with another file."""

    def work() -> Comparison | None:
        assert files.open_database is not None
        with tempfile.TemporaryDirectory(prefix="powersync-inspector-", ignore_cleanup_errors=True) as folder:
            opened = open_file(path, work=Path(folder))
            if not isinstance(opened, OpenedDatabase):
                raise InspectorError(
                    f"{path.name} is a capture, and only client databases are compared.",
                    next_step="Choose a client database.",
                )
            here, there = files.open_database(), opened.evidence.open_reader()
            try:
                return compare(here, there, go_on)
            finally:
                here.close()
                there.close()
                opened.evidence.close()

    return work


def comparing_fresh(
    files: Files, copy: Path, doubts: tuple[str, ...], go_on: Callable[[int], bool]
) -> Callable[[], FreshComparison | None]:
    """Compare what is open with its fresh copy; `doubts` about the copy go with the result."""

    def work() -> FreshComparison | None:
        assert files.open_database is not None
        here = files.open_database()
        try:
            fresh = ClientDatabaseReader(copy)
            try:
                result = compare_with_fresh(here, fresh, go_on)
            finally:
                fresh.close()
        finally:
            here.close()
        return None if result is None else replace(result, doubts=(*doubts, *result.doubts))

    return work


def reading_streams(files: Files) -> Callable[[], tuple[str, ...]]:
    """What the file was subscribed to."""

    def work() -> tuple[str, ...]:
        assert files.open_database is not None
        reader = files.open_database()
        try:
            return subscription_lines(reader)
        finally:
            reader.close()

    return work
