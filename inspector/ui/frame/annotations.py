"""Marks and comments on frames: in the capture while it is recorded, and beside it when it is somebody's evidence."""

from collections.abc import Mapping
from types import MappingProxyType

from platformdirs import user_data_path
from PySide6.QtCore import QObject, Signal

from inspector.analysis.state import Live
from inspector.capture.annotations import Annotation
from inspector.capture.notes_beside import NotesBeside
from inspector.capture.reader import CaptureReader
from inspector.engine import control
from inspector.protocol.errors import InspectorError
from inspector.ui.feed import Feed

_FOLDER = ("powersync-inspector", "annotations")


class FrameAnnotations(QObject):
    """What users say about the frames of the open capture."""

    changed = Signal(int)
    """Of the frame with this id."""
    failed = Signal(str)

    def __init__(self, feed: Feed, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._feed = feed
        self._known: dict[int, Annotation] = {}
        self._written: dict[int, Annotation] = {}
        self._reader: CaptureReader | None = None

    @property
    def all(self) -> Mapping[int, Annotation]:
        """By the frames' ids; those that say nothing are left out."""
        return MappingProxyType(self._known)

    @property
    def kept_in_capture(self) -> bool:
        """Whether they become part of the capture; else they stay with this user."""
        return isinstance(self._feed.situation, Live)

    def of(self, frame: int) -> Annotation:
        """What is said about a frame."""
        return self._known.get(frame, Annotation())

    def read(self, reader: CaptureReader | None) -> None:
        """Take over what is kept for another capture; raises CaptureError when it is damaged."""
        self._reader, self._known, self._written = reader, {}, {}
        if reader is None:
            return
        if (beside := self._beside()) is not None:
            self._written = beside.read()
        both = reader.annotations() | self._written
        self._known = {frame: annotation for frame, annotation in both.items() if not annotation.says_nothing}

    def set(self, frame: int, annotation: Annotation) -> None:
        """Say this about a frame from now on."""
        if annotation == self.of(frame):
            return
        if self.kept_in_capture:
            self._feed.send(control.Annotate(frame, annotation.marked, annotation.comment))
            if frame in self._written:  # from a time when the capture was a file
                self._keep_beside({known: said for known, said in self._written.items() if known != frame})
        elif not self._keep_beside(self._written | {frame: annotation}):
            return
        if annotation.says_nothing:
            self._known.pop(frame, None)
        else:
            self._known[frame] = annotation
        self.changed.emit(frame)

    def _keep_beside(self, written: dict[int, Annotation]) -> bool:
        try:
            if (beside := self._beside()) is None:
                return False
            beside.write(written)
        except InspectorError as error:
            self.failed.emit(str(error))
            return False
        self._written = written
        return True

    def _beside(self) -> NotesBeside | None:
        """Where the notes on this capture are kept; None while it has no name, because nothing was recorded."""
        identity = self._reader.identity() if self._reader is not None else ""
        return NotesBeside(user_data_path(_FOLDER[0]) / _FOLDER[1], identity) if identity else None
