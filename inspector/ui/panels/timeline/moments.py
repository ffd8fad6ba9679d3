"""A click on a moment of the timeline: it is selected, with the nearest checkpoint and frame."""

from typing import Any

from PySide6.QtCore import QObject

from inspector.capture.reader import CaptureReader
from inspector.capture.timeline_rows import CheckpointBar, HeldSpan
from inspector.ui.background import Background
from inspector.ui.feed import Feed
from inspector.ui.selection import Selection


class MomentChooser(QObject):
    """Looks up what is nearest off the window's thread."""

    def __init__(self, feed: Feed, selection: Selection, parent: QObject) -> None:
        super().__init__(parent)
        self._feed, self._selection = feed, selection
        self._background = Background(self)
        feed.closing.connect(self._background.close)

    def choose(self, moment: int, thing: Any) -> None:
        """Select `moment` (ns), and what `thing`, which was hit there, is about; None: the nearest."""
        selection = self._selection
        selection.choose_moment(moment)
        is_checkpoint = isinstance(thing, CheckpointBar | HeldSpan)
        if is_checkpoint:
            selection.choose_checkpoint(thing.id)
        frame = getattr(thing, "frame", None)
        if frame is not None:
            selection.choose_frame(frame)
        if frame is None or not is_checkpoint:
            self._find_nearest(moment, frame is None, not is_checkpoint)

    def _find_nearest(self, moment: int, frame_wanted: bool, checkpoint_wanted: bool) -> None:
        path, selection = self._feed.files.capture, self._selection
        if path is None:
            return

        def find() -> tuple[int | None, int | None]:
            with CaptureReader(path) as capture:
                return capture.timeline.frame_at(moment), capture.timeline.checkpoint_at(moment)

        def found(nearest: tuple[int | None, int | None]) -> None:
            if selection.moment != moment:
                return
            if frame_wanted and nearest[0] is not None:
                selection.choose_frame(nearest[0])
            if checkpoint_wanted and nearest[1] is not None:
                selection.choose_checkpoint(nearest[1])

        # The lists say what is wrong with a capture that cannot be read.
        self._background.run(find, found, lambda _: None)
