"""Both files of a source as one thread has them open."""

from inspector.capture.reader import CaptureReader
from inspector.store.reader import ClientDatabaseReader
from inspector.ui.sources import Files


class Readers:
    """Opened together, raising InspectorError, and closed together; for the thread that opened them."""

    def __init__(self, files: Files) -> None:
        self.capture = CaptureReader(files.capture) if files.capture is not None else None
        self.database: ClientDatabaseReader | None = None
        try:
            self.database = files.open_database() if files.open_database is not None else None
        except BaseException:
            self.close()
            raise

    def close(self) -> None:
        """Let go of both files."""
        if self.capture is not None:
            self.capture.close()
        if self.database is not None:
            self.database.close()
