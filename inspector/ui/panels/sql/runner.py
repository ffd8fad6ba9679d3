"""Runs statements on one thread and reads their results on another, so that rows are seen while more come."""

import tempfile
from collections.abc import Callable, Sequence
from contextlib import suppress
from pathlib import Path
from typing import Any

from PySide6.QtCore import QObject, Signal

from inspector.analysis.sql_console import Finished, PlanStep, ReadOnlySql, ResultReader, SqlProblem
from inspector.protocol.errors import InspectorError
from inspector.store.data_queries import LONGEST_VALUE, Row, Value
from inspector.ui.background import Background
from inspector.ui.feed import Feed
from inspector.ui.readers import Readers
from inspector.ui.widgets.paged_model import PAGE_ROWS

Words = dict[str, tuple[str, ...]]


class SqlRunner(QObject):
    """One statement at a time, on the client database or on the capture."""

    begun = Signal(object)
    """`ResultShape`: the columns."""
    counted = Signal(int)
    """So many rows are there."""
    finished = Signal(object)
    """`Finished`."""
    failed = Signal(object)
    """`InspectorError`."""

    def __init__(self, feed: Feed, parent: QObject) -> None:
        super().__init__(parent)
        self._feed = feed
        self._work, self._reading = Background(self), Background(self)
        self._readers: Readers | None = None
        self._consoles: dict[bool, ReadOnlySql] = {}
        self._folder = tempfile.TemporaryDirectory(prefix="powersync-inspector-sql-", ignore_cleanup_errors=True)
        self._number = self._stopped = 0
        """Of the newest statement, and of the newest one that was stopped."""
        self._results: ResultReader | None = None
        self.running = False
        feed.files_changed.connect(self._forget)
        feed.database_changed.connect(self._forget)
        feed.closing.connect(self._close)

    @property
    def spool(self) -> Path:
        """The file of the newest result."""
        return Path(self._folder.name) / f"result-{self._number}.db"

    def run(self, sql: str, *, capture: bool) -> None:
        """Run one statement; the signals tell the rest. One that runs is stopped."""
        self.stop()
        before = self.spool
        self._number += 1
        number, spool, files = self._number, self.spool, self._feed.files
        self.running = True
        self._reading.run(lambda: self._drop_results(before), lambda _: None)

        def tell(signal: Callable[[Any], None], value: object) -> None:
            if number == self._number:
                signal(value)

        def work() -> Finished:
            console = self._console(files, capture)
            return console.run(
                sql,
                spool,
                lambda shape: tell(self.begun.emit, shape),
                lambda count: tell(self.counted.emit, count),
                lambda: self._stopped >= number,
            )

        self._work.run(work, lambda result: self._ended(number, self.finished, result), self._failing(number))

    def explain(self, sql: str, *, capture: bool, done: Callable[[list[PlanStep]], None]) -> None:
        """The plan of a statement."""
        files = self._feed.files
        self._work.run(lambda: self._console(files, capture).plan(sql), done, self._failing(self._number))

    def ask_words(self, *, capture: bool, done: Callable[[Words], None]) -> None:
        """The tables and columns, for completion."""
        files = self._feed.files
        self._work.run(lambda: self._console(files, capture).words(), done, lambda _: None)

    def stop(self) -> None:
        """Stop the statement that runs."""
        if self.running:
            self._stopped = self._number
            for console in list(self._consoles.values()):
                console.interrupt()

    def read_page(self, number: int, done: Callable[[Sequence[Row | None]], None]) -> None:
        """The rows of a page of the newest result."""
        result, spool = self._number, self.spool

        def read() -> list[Row | None]:
            first = number * PAGE_ROWS
            rows = self._open_results(spool).page(first, PAGE_ROWS, LONGEST_VALUE)
            return [
                Row(first + place, tuple(Value(*pair) for pair in zip(row[::2], row[1::2], strict=True)))
                for place, row in enumerate(rows)
            ]

        self._reading.run(read, lambda rows: done(rows) if result == self._number else None, lambda _: None)

    def read_results(self, work: Callable[[ResultReader], Any], done: Callable[[Any], None]) -> None:
        """Do something with the newest result, off the window's thread."""
        result, spool = self._number, self.spool
        self._reading.run(
            lambda: work(self._open_results(spool)),
            lambda answer: done(answer) if result == self._number else None,
            self.failed.emit,
        )

    def _console(self, files: Any, capture: bool) -> ReadOnlySql:
        if self._readers is None:
            self._readers = Readers(files)
        reader = self._readers.capture if capture else self._readers.database
        if reader is None:
            raise SqlProblem("There is nothing to ask.", next_step="Open a client database or a capture, or connect.")
        if capture not in self._consoles:
            self._consoles[capture] = ReadOnlySql(reader.sqlite)
        return self._consoles[capture]

    def _open_results(self, spool: Path) -> ResultReader:
        if self._results is None:
            self._results = ResultReader(spool)
        return self._results

    def _ended(self, number: int, signal: Any, result: object) -> None:
        if number == self._number:
            self.running = False
            signal.emit(result)

    def _failing(self, number: int) -> Callable[[InspectorError], None]:
        return lambda error: self._ended(number, self.failed, error)

    def _forget(self) -> None:
        self.stop()
        self._work.run(self._close_readers, lambda _: None)

    def _close_readers(self) -> None:
        self._consoles.clear()
        if self._readers is not None:
            self._readers.close()
            self._readers = None

    def _close_results(self) -> None:
        if self._results is not None:
            self._results.close()
            self._results = None

    def _drop_results(self, spool: Path) -> None:
        """A result that nobody looks at any more takes no room."""
        self._close_results()
        for file in spool.parent.glob(f"{spool.name}*"):
            with suppress(OSError):
                file.unlink()

    def _close(self) -> None:
        self.stop()
        self._work.close(self._close_readers)
        self._reading.close(self._close_results)
        self._folder.cleanup()
