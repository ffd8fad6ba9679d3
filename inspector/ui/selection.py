"""What is selected, for all panels together: a panel announces what was chosen in it and follows what others chose."""

from PySide6.QtCore import QObject, Signal


class Selection(QObject):
    """One frame and one bucket; None while nothing is chosen."""

    frame_changed = Signal()
    bucket_changed = Signal()

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.frame: int | None = None
        self.bucket: str | None = None

    def choose_frame(self, frame: int | None) -> None:
        """Select the frame with this id."""
        if frame != self.frame:
            self.frame = frame
            self.frame_changed.emit()

    def choose_bucket(self, bucket: str | None) -> None:
        """Select the bucket with this full name."""
        if bucket != self.bucket:
            self.bucket = bucket
            self.bucket_changed.emit()
