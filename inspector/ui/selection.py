"""What is selected, for all panels together: a panel announces what was chosen in it and follows what others chose."""

from dataclasses import dataclass

from PySide6.QtCore import QObject, Signal


@dataclass(frozen=True, slots=True)
class RowKey:
    """A row of the app's data, wherever it is kept."""

    type: str
    id: str


@dataclass(frozen=True, slots=True)
class OperationKey:
    """An operation: ids are unique in a bucket only."""

    bucket: str
    op_id: int


class Selection(QObject):
    """One of each kind of thing that panels show; None while nothing is chosen."""

    frame_changed = Signal()
    bucket_changed = Signal()
    operation_changed = Signal()
    row_changed = Signal()
    checkpoint_changed = Signal()
    moment_changed = Signal()
    panel_needed = Signal(str)
    """Something is about to be asked of the panel of this name: it has to be there."""
    happening_changed = Signal()
    reveal_wanted = Signal(str)
    """The user asked to see what is chosen in the panel of this name: raise it."""
    left = Signal()
    """Something else is about to be chosen from what is chosen now, which is a step of its own to come back to."""
    sql_wanted = Signal()
    """The SQL console is to run `sql`."""
    pointed_at = Signal(tuple)
    """Names of panels to bring to the front and to outline, and no others; the keyboard stays where it is."""

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.frame: int | None = None
        self.bucket: str | None = None
        self.operation: OperationKey | None = None
        self.row: RowKey | None = None
        self.checkpoint: int | None = None
        self.moment: int | None = None
        self.sql = ""
        """A statement that the SQL console has not run yet."""
        self.happening: int | None = None

    def choose_frame(self, frame: int | None) -> None:
        """Select the frame with this id, in place of what happened between frames."""
        self._choose_entry(frame, None if frame is not None else self.happening)

    def choose_happening(self, key: int | None) -> None:
        """Select an upload, event, request or end by its key (capture/happenings.py), in place of a frame."""
        self._choose_entry(None if key is not None else self.frame, key)

    def _choose_entry(self, frame: int | None, happening: int | None) -> None:
        """One takes the other's place at once: nobody hears of a moment at which neither is selected."""
        before = self.frame, self.happening
        self.frame, self.happening = frame, happening
        if frame != before[0]:
            self.frame_changed.emit()
        if happening != before[1]:
            self.happening_changed.emit()

    def choose_bucket(self, bucket: str | None) -> None:
        """Select the bucket with this full name."""
        if bucket != self.bucket:
            self.bucket = bucket
            self.bucket_changed.emit()

    def choose_operation(self, operation: OperationKey | None) -> None:
        """Select an operation, and the bucket that it belongs to."""
        if operation is not None:
            self.choose_bucket(operation.bucket)
        if operation != self.operation:
            self.operation = operation
            self.operation_changed.emit()

    def choose_row(self, row: RowKey | None) -> None:
        """Select a row of the app's data."""
        if row != self.row:
            self.row = row
            self.row_changed.emit()

    def choose_checkpoint(self, checkpoint: int | None) -> None:
        """Select a checkpoint by its id in the capture, not its op id: the same op id may come again."""
        if checkpoint != self.checkpoint:
            self.checkpoint = checkpoint
            self.checkpoint_changed.emit()

    def choose_moment(self, moment: int | None) -> None:
        """Put the cursor that all panels share at a time, ns since the Unix epoch; None takes it away."""
        if moment != self.moment:
            self.moment = moment
            self.moment_changed.emit()

    def clear(self) -> None:
        """Choose nothing: what was chosen is not in the files that are shown next."""
        self.choose_frame(None)
        self.choose_happening(None)
        self.choose_operation(None)
        self.choose_bucket(None)
        self.choose_row(None)
        self.choose_checkpoint(None)
        self.choose_moment(None)

    def ask_sql(self, sql: str) -> None:
        """Have the SQL console run a statement on the client database."""
        self.sql = sql
        self.sql_wanted.emit()

    def reveal(self, panel: str) -> None:
        """Show what is chosen in the panel with this name of the registry."""
        self.panel_needed.emit(panel)
        self.reveal_wanted.emit(panel)

    def point_at(self, panels: tuple[str, ...]) -> None:
        """Outline these panels, and no others."""
        self.pointed_at.emit(panels)
