"""The moment before now that the user looks at, with what the capture says of it."""

from dataclasses import replace

from PySide6.QtCore import QObject, Signal

from inspector.analysis.state import PastMoment
from inspector.capture.reader import CaptureReader
from inspector.protocol.errors import InspectorError
from inspector.ui.background import Background
from inspector.ui.feed import Feed
from inspector.ui.past_data import PastDataLoader
from inspector.ui.selection import Selection


class PastMomentLoader(QObject):
    """Follows the selection's moment; None while the user looks at now."""

    changed = Signal()

    def __init__(self, feed: Feed, selection: Selection, data: PastDataLoader, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._feed, self._selection, self._data = feed, selection, data
        self._background = Background(self)
        self.past: PastMoment | None = None
        selection.moment_changed.connect(self._look)
        feed.files_changed.connect(self.leave)
        data.changed.connect(self._tell_data)

    def leave(self) -> None:
        """Look at now again."""
        self._selection.choose_moment(None)

    def close(self) -> None:
        """Ask the files no more."""
        self._background.close()

    def _look(self) -> None:
        at, capture = self._selection.moment, self._feed.files.capture
        if at is None or capture is None:
            self._show(None)
            return

        def read() -> PastMoment:
            with CaptureReader(capture) as reader:
                came, shown = reader.checkpoints.before(at), reader.checkpoints.shown_before(at)
            return PastMoment(at, came.op_id if came else None, shown.op_id if shown else None)

        def done(past: PastMoment) -> None:
            if self._selection.moment == at:
                self._show(past)

        def failed(_error: InspectorError) -> None:
            # Panels that read the capture say what is wrong with it.
            self._show(None)

        self._background.run(read, done, failed)

    def _tell_data(self) -> None:
        if self.past is not None:
            self._show(self.past)

    def _show(self, past: PastMoment | None) -> None:
        if past is not None:
            past = replace(past, data=self._data.state)
        if past != self.past:
            self.past = past
            self.changed.emit()
