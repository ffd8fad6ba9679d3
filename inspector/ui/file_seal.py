"""Whether an opened client database is still what it was: its SHA-256, taken once it is open and after the checks."""

import time
from collections.abc import Callable
from dataclasses import dataclass, replace

from PySide6.QtCore import QObject, QTimer, Signal

from inspector.analysis.state import DatabaseFile
from inspector.store.evidence import Evidence
from inspector.ui.background import Background
from inspector.ui.feed import Feed
from inspector.ui.findings_loader import FindingsLoader
from inspector.words import elapsed

_LOOK_MS = 1000
_TICK_MS = 200


@dataclass(frozen=True, slots=True)
class Seal:
    """What is known so far; hashes are hexadecimal, empty while they are not there."""

    first: str = ""
    again: str = ""
    percent: int = 0
    """Of the file, that were read for the hash that is under way."""
    seconds: float = 0.0
    """How long the first one took."""
    touched: bool = False
    """Size, time or first bytes of the file, or of one beside it, are others now."""
    problem: str = ""

    @property
    def changed(self) -> bool:
        """Whether the file is not the one that was opened any more."""
        return self.touched or bool(self.first and self.again and self.first != self.again)

    @property
    def words(self) -> str:
        """For the status bar."""
        if self.changed:
            return "✕ the file has changed since opening"
        if self.problem:
            return "SHA-256 not known"
        if not self.first:
            return f"SHA-256 reading… {self.percent} %"
        return "SHA-256 unchanged since opening" if self.again else f"SHA-256 {self.first[:4]}…{self.first[-4:]}"

    @property
    def explained(self) -> str:
        """For its tooltip."""
        if self.problem:
            return self.problem
        if not self.first:
            return "The file is read once for its SHA-256, and again after the checks."
        told = f"SHA-256 {self.first}, read in {elapsed(self.seconds)}."
        return f"{told} Read again after the checks: {'the same' if self.first == self.again else self.again or '…'}."


class FileSeal(QObject):
    """Follows the feed; None while no client database is open as a file."""

    changed = Signal()

    def __init__(self, feed: Feed, findings: FindingsLoader, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._feed, self._findings = feed, findings
        self._evidence: Evidence | None = None
        self._background = Background(self)
        self._done = 0
        self._asked_again = False
        self.seal: Seal | None = None
        feed.situation_changed.connect(self._follow)
        findings.changed.connect(self._go_on)
        feed.closing.connect(self._close)
        self._ticking = QTimer(self, interval=_TICK_MS)
        self._ticking.timeout.connect(self._tick)
        self._looking = QTimer(self, interval=_LOOK_MS)
        self._looking.timeout.connect(self._look)

    @property
    def busy(self) -> bool:
        """Whether the file is being read."""
        return self._background.busy

    def _follow(self) -> None:
        evidence = self._feed.evidence
        if evidence is self._evidence:
            return
        self._evidence, self._asked_again = evidence, False
        if evidence is None:
            self._looking.stop()
            self._ticking.stop()
            self._show(None)
        else:
            self._show(Seal())
            self._looking.start()
            self._read(evidence, self._first_read)

    def _read(self, evidence: Evidence, done: Callable[[str, float], None]) -> None:
        self._done = 0
        self._ticking.start()

        def read(so_far: int) -> bool:
            self._done = so_far
            return self._evidence is evidence and not self._background.closed

        def work() -> tuple[str, float, str]:
            begun = time.monotonic()
            try:
                return evidence.hash_now(read), time.monotonic() - begun, ""
            except OSError as error:
                return "", 0.0, f"The file cannot be read any more: {error.strerror}."

        def finished(result: tuple[str, float, str]) -> None:
            if self._evidence is not evidence or self.seal is None:
                return
            self._ticking.stop()
            found, seconds, problem = result
            if problem:
                self._show(Seal(self.seal.first, problem=problem))
            elif found:
                done(found, seconds)

        self._background.run(work, finished)

    def _first_read(self, found: str, seconds: float) -> None:
        self._show(Seal(found, seconds=seconds))
        self._go_on()

    def _go_on(self) -> None:
        """Read it again once the checks are done."""
        evidence, seal = self._evidence, self.seal
        if evidence is None or seal is None or not seal.first or self._asked_again or not self._findings.ready:
            return
        self._asked_again = True
        self._read(evidence, lambda found, _: self._show(Seal(seal.first, found, 100, seal.seconds, seal.touched)))

    def _tick(self) -> None:
        if self._evidence is not None and self.seal is not None and not self.seal.first:
            state = self._evidence.state.database
            size = max(1, 0 if state is None else state.size)
            self._show(Seal(percent=min(99, 100 * self._done // size)))

    def _look(self) -> None:
        """The file may be written while it is shown."""
        if self._evidence is None or self.seal is None or self.seal.touched or self._evidence.is_as_opened():
            return
        seal = self.seal
        self._show(Seal(seal.first, seal.again, seal.percent, seal.seconds, touched=True, problem=seal.problem))

    def _close(self) -> None:
        self._evidence = None
        self._ticking.stop()
        self._looking.stop()
        self._background.close()

    def _show(self, seal: Seal | None) -> None:
        if seal != self.seal:
            self.seal = seal
            self.changed.emit()
            if seal is not None and seal.changed:
                self._tell_written()

    def _tell_written(self) -> None:
        """The state sentence says so, too; where checks still run, they say it at their end."""
        file = self._feed.situation
        if isinstance(file, DatabaseFile) and file.checked is not None and not file.checked.written_since:
            self._feed.tell(replace(file, checked=replace(file.checked, written_since=True)))
