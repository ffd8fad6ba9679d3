"""Makes the client database of a capture while its frames are shown already."""

from collections.abc import Callable
from pathlib import Path

from PySide6.QtCore import QObject, QTimer, Signal

from inspector.analysis.opening import rebuild_database
from inspector.analysis.situations import Rebuilding
from inspector.protocol.errors import InspectorError
from inspector.ui.background import Background

_TELL_MS = 1000
_SETTLE_MS = 100


class Rebuild(QObject):
    """One at a time; what takes long tells how far it is."""

    told = Signal()
    """`progress` is another one."""

    def __init__(self, background: Background, parent: QObject) -> None:
        super().__init__(parent)
        self._background = background
        self._capture: Path | None = None
        self._latest = Rebuilding(0, 0)
        self.progress: Rebuilding | None = None
        """None while nothing is made, and for as long as nobody notices that something is."""
        self._teller = QTimer(self, interval=_TELL_MS)
        self._teller.timeout.connect(self._tell)

    def start(
        self, capture: Path, work: Path, done: Callable[[Path], None], failed: Callable[[InspectorError], None]
    ) -> None:
        """Make it in the folder `work`, in place of any other that is being made."""
        self.stop()
        self._capture, self._latest = capture, Rebuilding(0, 0)

        def told(frames: int, of: int) -> bool:
            self._latest = Rebuilding(frames, of)
            return self._capture is capture and not self._background.closed

        def came(database: Path) -> None:
            if self._capture is capture:
                # Without it the sentence may be a line shorter: panels are laid out anew once they show the database.
                QTimer.singleShot(_SETTLE_MS, self, lambda: self._end(capture))
                done(database)

        def came_to_nothing(error: InspectorError) -> None:
            if self._capture in (capture, None):
                self.stop()
                failed(error)

        self._background.run(lambda: rebuild_database(capture, work, told), came, came_to_nothing)
        self._teller.start()

    def stop(self) -> None:
        """Make it no further."""
        self._capture = None
        self._teller.stop()
        if self.progress is not None:
            self.progress = None
            self.told.emit()

    def _end(self, capture: Path) -> None:
        if self._capture is capture:
            self.stop()

    def _tell(self) -> None:
        self.progress = self._latest
        self.told.emit()
