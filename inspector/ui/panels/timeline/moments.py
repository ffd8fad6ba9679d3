"""A click on a moment of the timeline: it is selected, with the nearest checkpoint and frame."""

from typing import Any

from PySide6.QtCore import QObject

from inspector.capture.happenings import HappeningKind, key_of
from inspector.capture.reader import CaptureReader
from inspector.capture.timeline_rows import CheckpointBar, EventMark, HeldSpan, UploadMark
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
        frame, happening = getattr(thing, "frame", None), _happening(thing)
        if frame is not None:
            selection.choose_frame(frame)
        elif happening is not None:
            selection.choose_happening(happening)
        wanted = frame is None and happening is None
        if wanted or not is_checkpoint:
            self._find_nearest(moment, wanted, not is_checkpoint)

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


def _happening(thing: Any) -> int | None:
    """The key of an attempt to upload, or of a fault's event."""
    match thing:
        case UploadMark():
            return key_of(HappeningKind.UPLOAD, thing.id)
        case EventMark():
            return key_of(HappeningKind.EVENT, thing.id)
    return None
