"""The frames panel: the list, the pill that brings the newest back, and its sentences when it is empty."""

from PySide6.QtCore import QEvent, QObject
from PySide6.QtWidgets import QPushButton, QVBoxLayout, QWidget

from inspector.analysis.state import DatabaseFile, NothingOpen, Opening, Unreadable
from inspector.capture.reader import CaptureReader
from inspector.protocol.errors import InspectorError
from inspector.ui.panels.context import PanelContext
from inspector.ui.panels.frames.following import Following
from inspector.ui.panels.frames.model import FramesModel
from inspector.ui.widgets.empty_note import EmptyNote
from inspector.ui.widgets.row_table import RowTable
from inspector.words import plural

_PILL_BOTTOM = 12


class FramesPanel(QWidget):
    """A live list over the capture; pausing it never pauses the sync."""

    def __init__(self, context: PanelContext) -> None:
        super().__init__()
        self._context = context
        self.model = FramesModel(self)
        self.table = RowTable(self.model, "frames", parent=self)
        self.table.setAccessibleName(self.tr("Frames of the sync stream"))
        self.table.restore_columns(context.settings)
        self.following = Following(self.table)
        self.note = EmptyNote(self.table)
        self.pill = QPushButton(self.table)
        self.pill.setObjectName("pill")
        self.pill.setAccessibleName(self.tr("Show the newest frames"))
        self.pill.hide()
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.addWidget(self.table)
        self._connect()
        self._open()

    def _connect(self) -> None:
        feed, selection = self._context.feed, self._context.selection
        feed.files_changed.connect(self._open)
        feed.data_changed.connect(self._update)
        feed.situation_changed.connect(self._explain)
        selection.frame_changed.connect(self._reveal)
        self.table.row_chosen.connect(lambda row: selection.choose_frame(row + 1 if row >= 0 else None))
        self._context.actions.pause_view.toggled.connect(self._pause)
        self.pill.clicked.connect(self._catch_up_and_follow)
        self.following.changed.connect(self._show_pill)
        self.table.viewport().installEventFilter(self)

    def save(self) -> None:
        """Remember the columns."""
        self.table.save_columns(self._context.settings)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if event.type() is QEvent.Type.Resize:
            self._place_pill()
        return False

    @property
    def _paused(self) -> bool:
        return self._context.actions.pause_view.isChecked()

    def _open(self) -> None:
        path, reader, problem = self._context.feed.files.capture, None, ""
        if path is not None:
            try:
                reader = CaptureReader(path)
            except InspectorError as error:
                problem = str(error)
        self.model.show_capture(reader)
        self.model.problem = self.model.problem or problem
        self.following.resume()
        self._explain()

    def _update(self) -> None:
        if self._paused:
            self._show_pill()
        else:
            self.following.add_missed(self.model.catch_up())
        self._explain()

    def _pause(self, paused: bool) -> None:
        if not paused:
            self._update()
        self._show_pill()

    def _catch_up_and_follow(self) -> None:
        self._context.actions.pause_view.setChecked(False)
        self.following.resume()
        self.table.setFocus()

    def _show_pill(self) -> None:
        missed = self.following.missed
        if self._paused:
            missed = self.model.frames_in_capture() - self.model.row_count()
        frames = plural(missed, self.tr("new frame"))
        self.pill.setText(self.tr("Paused · {0}").format(frames) if self._paused else f"▾ {frames}")
        self.pill.setVisible(missed > 0)
        self._place_pill()

    def _place_pill(self) -> None:
        self.pill.adjustSize()
        area = self.table.viewport().geometry()
        x = area.center().x() - self.pill.width() // 2
        self.pill.move(x, area.bottom() - self.pill.height() - _PILL_BOTTOM)
        self.pill.raise_()

    def _reveal(self) -> None:
        frame = self._context.selection.frame
        row = self.model.row_of(frame) if frame is not None else None
        if row is not None and row != self.table.currentIndex().row():
            self.table.choose_row(row)

    def _explain(self) -> None:
        self.note.say("" if self.model.row_count() else self._why_empty())

    def _why_empty(self) -> str:
        if self.model.problem:
            return self.model.problem
        match self._context.feed.situation:
            case NothingOpen():
                return self.tr(
                    "Each line of the sync stream appears here as it comes. Connect, start the demo, or open a capture."
                )
            case Opening():
                return self.tr("The file is being opened.")
            case Unreadable():
                return self.tr("No frames are shown, because the file cannot be opened.")
            case DatabaseFile():
                return self.tr(
                    "A client database holds no frames: it keeps what was downloaded, not how it came. "
                    "Open a capture, or connect, to see the stream line by line."
                )
        if self._context.feed.files.capture is None:
            return self.tr("The sync engine is starting.")
        return self.tr("No frame has arrived yet. Each line of the sync stream appears here as it comes.")
