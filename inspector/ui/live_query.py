"""A panel's question to the files, asked again as they change, off the window's thread and as often as costs little."""

import time
from collections.abc import Callable
from typing import Generic, TypeAlias, TypeVar

from PySide6.QtCore import QObject, QTimer, Signal
from PySide6.QtWidgets import QWidget

from inspector.protocol.errors import InspectorError
from inspector.ui.background import Background
from inspector.ui.feed import Feed
from inspector.ui.on_screen import OnScreen
from inspector.ui.readers import Readers
from inspector.ui.sources import Files

T = TypeVar("T")
Work: TypeAlias = Callable[[Readers], T]

_SHORTEST_PAUSE_MS = 150
_SHARE = 10
"""Reading takes at most one part in so many of a core: an inspector may not slow what it looks at."""


class LiveQuery(QObject, Generic[T]):
    """The newest answer; None before the first one, and while there is nothing to ask.

    `question` is called on the window's thread and gives the work for the other one, or None. Nothing is asked while
    `panel` is not on screen; when it comes back, it asks.
    """

    changed = Signal()

    def __init__(
        self, feed: Feed, panel: QWidget, question: Callable[[], Work[T] | None], *, of_now: bool = False
    ) -> None:
        """`of_now`: ask the files of now, also while the other panels show a moment before."""
        super().__init__(panel)
        self._of_now = of_now
        self._feed, self._question = feed, question
        self._background = Background(self)
        self._readers: Readers | None = None
        self._wanted, self._loading = feed.files != Files(), False
        self._generation = 0
        self.result: T | None = None
        self.problem = ""
        """Why the files cannot be read, as sentences."""
        self._pause = QTimer(self, singleShot=True)
        self._pause.timeout.connect(self._ask_if_wanted)
        feed.files_changed.connect(self._start_anew)
        feed.database_changed.connect(self._start_anew)
        feed.data_changed.connect(self._want)
        feed.closing.connect(lambda: self._background.close(self._close_readers))
        self._on_screen = OnScreen(panel)
        self._on_screen.came.connect(self._came)

    @property
    def busy(self) -> bool:
        """Whether a newer answer is under way."""
        return self._loading or (self._wanted and self._on_screen.now)

    def ask(self) -> None:
        """Ask now, because the question is another one; an answer that is under way is dropped."""
        self._generation += 1
        self._pause.stop()
        self._wanted = True
        if not self._loading:
            self._ask_if_wanted()

    def _came(self) -> None:
        if not self._loading:
            self._ask_if_wanted()

    def _start_anew(self) -> None:
        self._background.run(self._close_readers, lambda _: None)
        self._show(None)
        self.ask()

    def _want(self) -> None:
        self._wanted = True
        if not self._loading and not self._pause.isActive():
            self._ask_if_wanted()

    def _ask_if_wanted(self) -> None:
        if not self._wanted or not self._on_screen.now:
            return
        self._wanted = False
        files, work = self._feed.present if self._of_now else self._feed.files, self._question()
        if work is None or files == Files():
            if self.result is not None or self.problem:
                self._show(None)
            return
        self._loading = True
        generation = self._generation

        def read() -> tuple[T, float]:
            begun = time.monotonic()
            if self._readers is None:
                self._readers = Readers(files)
            return work(self._readers), time.monotonic() - begun

        self._background.run(
            read, lambda result: self._answered(generation, *result), lambda error: self._failed(generation, error)
        )

    def _answered(self, generation: int, result: T, seconds: float) -> None:
        self._loading = False
        if generation != self._generation:
            self._ask_if_wanted()
            return
        self._pause.start(max(_SHORTEST_PAUSE_MS, int(seconds * 1000 * _SHARE)))
        self._show(result)

    def _failed(self, generation: int, error: InspectorError) -> None:
        self._loading = False
        if generation != self._generation:
            self._ask_if_wanted()
            return
        self._pause.start(1000)
        self._show(None, str(error))

    def _show(self, result: T | None, problem: str = "") -> None:
        self.result, self.problem = result, problem
        self.changed.emit()

    def _close_readers(self) -> None:
        if self._readers is not None:
            self._readers.close()
            self._readers = None
