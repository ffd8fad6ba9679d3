"""The checkpoints panel: a table over the capture, linked with the timeline and the frames."""

from PySide6.QtWidgets import QMenu, QVBoxLayout, QWidget

from inspector.analysis.state import DatabaseFile, NothingOpen, Opening, Unreadable
from inspector.capture.reader import CaptureReader
from inspector.protocol.errors import InspectorError
from inspector.ui.on_screen import OnScreen
from inspector.ui.panels.checkpoints.model import CheckpointsModel
from inspector.ui.panels.context import PanelContext
from inspector.ui.panels.frames.following import Following
from inspector.ui.widgets.empty_note import EmptyNote
from inspector.ui.widgets.row_table import RowTable


class CheckpointsPanel(QWidget):
    """Every checkpoint that came, oldest first."""

    def __init__(self, context: PanelContext) -> None:
        super().__init__(context.room)
        self._context = context
        self._announcing = True
        self.model = CheckpointsModel(self)
        self.table = RowTable(self.model, "checkpoints", parent=self)
        self.table.setAccessibleName(self.tr("Checkpoints"))
        self.table.restore_columns(context.settings)
        self.following = Following(self.table)
        self.note = EmptyNote(self.table)
        self._on_screen = OnScreen(self)
        self._on_screen.came.connect(self._came)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.addWidget(self.table)
        self.setFocusProxy(self.table)
        feed, selection = context.feed, context.selection
        feed.files_changed.connect(self._open)
        feed.data_changed.connect(self._update)
        feed.situation_changed.connect(self._explain)
        selection.checkpoint_changed.connect(self._reveal)
        selection.frame_changed.connect(self._follow_frame)
        self.table.row_chosen.connect(self._choose)
        self.table.row_followed.connect(self._show_frame)
        self.table.menu_wanted.connect(self._fill_menu)
        self._open()

    def save(self) -> None:
        """Remember the columns."""
        self.table.save_columns(self._context.settings)

    def _came(self) -> None:
        self._update()
        self._reveal()

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
        if not self._on_screen.now:
            return
        self.model.catch_up()
        self._explain()

    # Selection

    def _choose(self, row: int) -> None:
        line = self.model.record(row)
        if not self._announcing or line is None:
            return
        self._context.selection.choose_checkpoint(line.row.id)
        self._context.selection.choose_frame(line.row.frame)

    def _show_frame(self, row: int) -> None:
        self._choose(row)
        self._context.selection.reveal("frames")

    def _fill_menu(self, menu: QMenu, row: int, _column: int) -> None:
        line = self.model.record(row)
        if line is None:
            return
        selection, at = self._context.selection, line.row.received_at
        menu.addSeparator()
        menu.addAction(self.tr("Show its frame"), lambda: self._show_frame(row))
        menu.addAction(self.tr("Go to this moment in the timeline"), lambda: selection.choose_moment(at))
        show_then = menu.addAction(self.tr("Show the data of then"), lambda: self._show_then(row))
        show_then.setObjectName("showThen")
        show_then.setToolTip(self._context.actions.show_then.toolTip())

    def _show_then(self, row: int) -> None:
        line = self.model.record(row)
        if line is not None:
            self._choose(row)
            self._context.selection.choose_checkpoint(line.row.id)
            self._context.selection.choose_moment(line.row.decided_at)
            self._context.actions.show_then.trigger()

    def _reveal(self) -> None:
        checkpoint = self._context.selection.checkpoint
        if checkpoint is None:
            checkpoint = self._in_force()
        self._show_row(self.model.row_of(checkpoint) if checkpoint is not None else None)

    def _follow_frame(self) -> None:
        """Choose the checkpoint that was in force then: it is a part of choosing the frame."""
        checkpoint = self._in_force()
        if checkpoint is not None:
            self._show_row(self.model.row_of(checkpoint))
            self._context.selection.choose_checkpoint(checkpoint)

    def _in_force(self) -> int | None:
        """The checkpoint that was in force when the chosen frame came."""
        frame = self._context.selection.frame
        return self.model.in_force_at(frame) if frame is not None and self._on_screen.now else None

    def _show_row(self, row: int | None) -> None:
        # Whoever chose has chosen the frame, too.
        self._announcing = False
        self.table.follow_choice(row)
        self._announcing = True

    # Words

    def _explain(self) -> None:
        count = self.model.row_count()
        self.note.say("" if count else self._why_empty())

    def _why_empty(self) -> str:
        if self.model.problem:
            return self.model.problem
        match self._context.feed.situation:
            case NothingOpen():
                return self.tr(
                    "Each checkpoint appears here with how long it took and why it was not applied. "
                    "Connect, start the demo, or open a capture."
                )
            case Opening():
                return self.tr("The file is being opened.")
            case Unreadable():
                return self.tr("No checkpoints are shown, because the file cannot be opened.")
            case DatabaseFile():
                return self.tr(
                    "A client database holds the last checkpoint only, in its buckets. "
                    "Open a capture, or connect, to see checkpoints as they come."
                )
        return self.tr("No checkpoint has arrived yet. The service sends the first one when the stream begins.")
