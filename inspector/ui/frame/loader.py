"""Reads the selected frame or happening once, off the window's thread, for all panels that show it."""

from PySide6.QtCore import QObject, Signal

from inspector.capture.reader import CaptureReader
from inspector.protocol.errors import InspectorError
from inspector.ui.background import Background
from inspector.ui.feed import Feed
from inspector.ui.frame.content import FrameContent, read_frame
from inspector.ui.frame.field_places import path_at
from inspector.ui.frame.field_spans import Path, Span, span_of
from inspector.ui.frame.happening_content import HappeningContent, read_happening
from inspector.ui.selection import Selection


class FrameLoader(QObject):
    """The content of the selected frame, None while nothing is selected or it is being read."""

    changed = Signal()
    field_changed = Signal()
    """Another field of the frame is selected, or none."""
    path_chosen = Signal()
    """A field was selected by one of its bytes: `path` is its place in the line's tree."""

    def __init__(self, feed: Feed, selection: Selection, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._feed = feed
        self._selection = selection
        self.background = Background(self)
        self._reader: CaptureReader | None = None
        self._loading = False
        self.content: FrameContent | None = None
        self.happening: HappeningContent | None = None
        """What is selected in place of a frame."""
        self.field: Span | None = None
        """The bytes of the selected field: the first, and the one after the last."""
        self.path: Path = ()
        self.problem = ""
        """Why the frame cannot be read from the capture."""
        selection.frame_changed.connect(self._load)
        selection.happening_changed.connect(self._load)
        feed.files_changed.connect(self._forget_file)

    @property
    def busy(self) -> bool:
        """Whether the selected frame is still to come."""
        return self._loading

    def choose_field(self, path: Path | None) -> None:
        """Select a field by its place in the line's tree; None selects none."""
        content = self.content
        if content is None or path is None:
            self._take_field(content, None)
            return
        self.background.run(
            lambda: span_of(content.body, content.format, path), lambda span: self._take_field(content, span)
        )

    def choose_byte(self, offset: int) -> None:
        """Select the innermost field that has this byte."""
        content = self.content
        if content is None:
            return

        def find() -> tuple[Path, Span | None]:
            path = path_at(content.body, content.format, offset)
            return path, span_of(content.body, content.format, path) if path else None

        def done(found: tuple[Path, Span | None]) -> None:
            self._take_field(content, found[1])
            if content is self.content and found[0]:
                self.path = found[0]
                self.path_chosen.emit()

        self.background.run(find, done)

    def _take_field(self, content: FrameContent | None, span: Span | None) -> None:
        if content is self.content and span != self.field:
            self.field = span
            self.field_changed.emit()

    def close(self) -> None:
        """Let go of the file."""
        self.background.close(self._close_reader)

    def _load(self) -> None:
        frame, key = self._selection.frame, self._selection.happening
        if frame is None and key is None:
            self._show(None)
        elif not self._loading and self._feed.files.capture is not None:
            self._loading = True
            path = self._feed.files.capture

            def read() -> FrameContent | HappeningContent | None:
                if self._reader is None:
                    self._reader = CaptureReader(path)
                if frame is None:
                    return read_happening(self._reader, key) if key is not None else None
                found = self._reader.frame(frame)
                return read_frame(found) if found is not None else None

            self.background.run(read, lambda content: self._loaded((frame, key), content), self._failed)

    def _loaded(self, wanted: tuple[int | None, int | None], content: FrameContent | HappeningContent | None) -> None:
        self._loading = False
        if (self._selection.frame, self._selection.happening) == wanted:
            self._show(content)
        else:
            self._load()

    def _failed(self, error: InspectorError) -> None:
        self._loading = False
        self._show(None, str(error))

    def _show(self, content: FrameContent | HappeningContent | None, problem: str = "") -> None:
        self.content = content if isinstance(content, FrameContent) else None
        self.happening = content if isinstance(content, HappeningContent) else None
        self.problem, self.field, self.path = problem, None, ()
        self.changed.emit()

    def _forget_file(self) -> None:
        self._show(None)
        self.background.run(self._close_reader, lambda _: None)

    def _close_reader(self) -> None:
        if self._reader is not None:
            self._reader.close()
            self._reader = None
