"""Fills a paged model from the files: one thread finds out which rows there are, another reads the pages on screen."""

import time
from array import array
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Generic, TypeVar

from PySide6.QtCore import QObject, QTimer, Signal
from PySide6.QtWidgets import QWidget

from inspector.protocol.errors import InspectorError
from inspector.ui.background import Background
from inspector.ui.feed import Feed
from inspector.ui.on_screen import OnScreen
from inspector.ui.readers import Readers
from inspector.ui.sources import Files
from inspector.ui.widgets.paged_model import PAGE_ROWS, PagedModel

R = TypeVar("R")
GoOn = Callable[[], bool]

_SHORTEST_PAUSE_MS = 150
_SHARE = 10
"""Finding out takes at most one part in so many of a core."""


@dataclass(frozen=True)
class Listing(Generic[R]):
    """What is listed. `scan` finds the rows' positions in order, and stops when its argument says so; `read` reads
    the rows at some of them, None where one is gone. Both are called on threads of their own."""

    scan: Callable[[Readers, GoOn], "array[int]"]
    read: Callable[[Readers, Sequence[int]], Sequence[R | None]]
    early: "Listing[R] | None" = None
    """The last of the rows, found in a moment: they are shown until all are known. None, or no rows: none are."""


class _Thread:
    """A thread with readers of its own."""

    def __init__(self, parent: QObject) -> None:
        self.background = Background(parent)
        self._readers: Readers | None = None

    def readers(self, files: Files) -> Readers:
        if self._readers is None:
            self._readers = Readers(files)
        return self._readers

    def interrupt(self) -> None:
        """Have a long query fail: nobody waits for it any more."""
        if self._readers is not None and self._readers.database is not None:
            self._readers.database.interrupt()

    def let_go(self) -> None:
        self.background.run(self.close_readers, lambda _: None)

    def close_readers(self) -> None:
        if self._readers is not None:
            self._readers.close()
            self._readers = None


class PagedQuery(QObject, Generic[R]):
    """Keeps `model` filled with what `wanted` lists, while `panel` is on screen."""

    changed = Signal()
    """It is known how many rows there are, or why they cannot be read."""

    def __init__(
        self, feed: Feed, panel: QWidget, model: PagedModel[R], wanted: Callable[[], Listing[R] | None]
    ) -> None:
        super().__init__(panel)
        self._feed, self._model, self._wanted = feed, model, wanted
        self._scanner, self._reader = _Thread(self), _Thread(self)
        self._positions: array[int] = array("q")
        self._listing: Listing[R] | None = None
        self._gone: dict[int, array[int]] = {}
        """The positions of pages of which rows were gone when they were last read."""
        self._sought: tuple[Callable[[Readers], int | None], Callable[[int], None], Callable[[], None]] | None = None
        self._generation = 0
        self._due, self._scanning = feed.files != Files(), False
        self.complete = False
        """Whether the rows that are shown are all."""
        self.problem = ""
        """Why they cannot be read, as sentences."""
        self.stopped = False
        """The user did not want to wait for the rows."""
        self.begun: float | None = None
        """When the rows were asked for that are being found, on the monotonic clock; None while none are."""
        self._pause = QTimer(self, singleShot=True)
        self._pause.timeout.connect(self._scan_if_due)
        model.page_wanted.connect(self._read_page)
        feed.files_changed.connect(self._start_anew)
        feed.database_changed.connect(self._start_anew)
        feed.data_changed.connect(self._look_again)
        feed.closing.connect(self._close)
        self._on_screen = OnScreen(panel)
        self._on_screen.came.connect(self._scan_if_due)
        self._on_screen.came.connect(self._seek)

    @property
    def busy(self) -> bool:
        """Whether rows are still being found or read."""
        return self._scanning or self._reader.background.busy or (self._due and self._on_screen.now)

    def ask(self) -> None:
        """List what is wanted now, from the beginning."""
        self._generation += 1
        self._positions, self._listing = array("q"), None
        self._gone.clear()
        self.complete, self.problem, self.stopped = False, "", False
        self._model.show_nothing()
        self._pause.stop()
        self._due = True
        if self._scanning:
            self._scanner.interrupt()
        self._scan_if_due()

    def stop(self) -> None:
        """Give up finding the rows; none are shown until others are asked for."""
        if not self._scanning or self.complete:
            return
        self._generation += 1
        self._due, self.stopped = False, True
        self._scanner.interrupt()
        self.changed.emit()

    def positions_of(self, rows: Sequence[int]) -> list[int]:
        """Where rows stand in the file; those that are not there any more are left out."""
        return [self._positions[row] for row in rows if row < len(self._positions)]

    def find(
        self,
        where: Callable[[Readers], int | None],
        found: Callable[[int], None],
        missing: Callable[[], None] = lambda: None,
    ) -> None:
        """Call `found` with the row of the position that `where` gives, once the rows are known and on screen,
        if it is among them, or `missing` if `where` gives none. What was sought before is given up."""
        self._sought = where, found, missing
        self._seek()

    def use(self, model: PagedModel[R]) -> None:
        """Fill another model from now on."""
        self._model.page_wanted.disconnect(self._read_page)
        self._model = model
        model.page_wanted.connect(self._read_page)
        self.ask()

    def _close(self) -> None:
        self._generation += 1
        for thread in (self._scanner, self._reader):
            thread.interrupt()
            thread.background.close(thread.close_readers)

    def _start_anew(self) -> None:
        for thread in (self._scanner, self._reader):
            thread.let_go()
        self.ask()
        self.changed.emit()

    def _look_again(self) -> None:
        self._due = True
        if not self._pause.isActive():
            self._scan_if_due()

    def _scan_if_due(self) -> None:
        if not self._due or self._scanning or self.stopped or not self._on_screen.now:
            return
        self._due = False
        files, listing, generation = self._feed.files, self._wanted(), self._generation
        if listing is None or files == Files():
            return
        self._scanning = True
        self.begun = time.monotonic()
        if listing.early is not None and not self.complete:
            self._find_early(generation, files, listing.early)

        def scan() -> tuple["array[int]", float]:
            begun = time.monotonic()
            found = listing.scan(self._scanner.readers(files), lambda: generation == self._generation)
            return found, time.monotonic() - begun

        self._scanner.background.run(
            scan,
            lambda result: self._scanned(generation, listing, *result),
            lambda error: self._failed(generation, error),
        )

    def _find_early(self, generation: int, files: Files, early: Listing[R]) -> None:
        def found(positions: "array[int]") -> None:
            if generation == self._generation and not self.complete and positions:
                self._positions, self._listing = positions, early
                self._model.set_count(len(positions))
                self.changed.emit()

        self._scanner.background.run(
            lambda: early.scan(self._scanner.readers(files), lambda: generation == self._generation),
            found,
            lambda _: None,
        )

    def _scanned(self, generation: int, listing: Listing[R], positions: "array[int]", seconds: float) -> None:
        self._scanning, self.begun = False, None
        if generation != self._generation:
            self._scan_if_due()
            return
        if self._positions and not self.complete:  # the last rows alone are other ones than the first of all
            self._model.show_nothing()
        self._positions, self._listing = positions, listing
        self.complete, self.problem = True, ""
        self._model.set_count(len(positions))
        self._model.set_stale()
        self._pause.start(max(_SHORTEST_PAUSE_MS, int(seconds * 1000 * _SHARE)))
        self.changed.emit()
        self._seek()

    def _seek(self) -> None:
        if self._sought is None or not self.complete or not self._on_screen.now:
            return
        (where, found, missing), positions, files = self._sought, self._positions, self._feed.files
        generation, self._sought = self._generation, None

        def seek() -> tuple[int | None, int | None]:
            position = where(self._reader.readers(files))
            try:
                return position, None if position is None else positions.index(position)
            except ValueError:
                return position, None

        def done(places: tuple[int | None, int | None]) -> None:
            position, row = places
            if generation != self._generation or self._sought is not None:
                return
            if row is not None:
                found(row)
            elif position is None:
                missing()

        self._reader.background.run(seek, done, lambda _: None)

    def _read_page(self, number: int) -> None:
        listing, generation, files = self._listing, self._generation, self._feed.files
        positions = self._positions[number * PAGE_ROWS : (number + 1) * PAGE_ROWS]
        if listing is None or not positions:
            return

        def done(rows: Sequence[R | None]) -> None:
            if generation == self._generation:
                self._model.put_page(number, rows, keep_gone=self._will_be_found(number, positions, rows))

        self._reader.background.run(
            lambda: listing.read(self._reader.readers(files), positions),
            done,
            lambda error: self._tell_problem(generation, error),
        )

    def _will_be_found(self, number: int, positions: "array[int]", rows: Sequence[R | None]) -> bool:
        """Whether rows are gone since they were found: a changed row stands at another position. They are found anew,
        and what was shown stays until then; what is gone from the same positions again cannot be read."""
        if self._feed.active is None or None not in rows or self._gone.get(number) == positions:
            return False
        self._gone[number] = positions
        self._look_again()
        return True

    def _failed(self, generation: int, error: InspectorError) -> None:
        self._scanning, self.begun = False, None
        if generation != self._generation:
            self._scan_if_due()
            return
        self._pause.start(1000)
        self._tell_problem(generation, error)

    def _tell_problem(self, generation: int, error: InspectorError) -> None:
        if generation == self._generation:
            self.problem = str(error)
            self.changed.emit()
