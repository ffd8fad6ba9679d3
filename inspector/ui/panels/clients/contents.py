"""What a pane shows of its client's files: the shared list and the upload queue."""

from dataclasses import dataclass, field
from pathlib import Path

from inspector.analysis.pending_writes import PendingQueue, read_pending
from inspector.analysis.story.shared_list import SharedList, read_list
from inspector.protocol.errors import InspectorError
from inspector.ui.readers import Readers
from inspector.ui.sources import Files

NO_WRITES = PendingQueue((), 0, 0)


@dataclass(frozen=True, slots=True)
class Contents:
    """Empty while the device has not synced."""

    shared: SharedList = field(default_factory=lambda: SharedList("", ()))
    queue: PendingQueue = NO_WRITES


class ContentsReader:
    """Keeps the files open from one reading to the next; for the thread that reads."""

    def __init__(self) -> None:
        self._files = Files()
        self._readers: Readers | None = None

    def read(self, files: Files, database: Path) -> Contents:
        """What is there now; a file that cannot be read shows nothing, the other panels say why."""
        shared = read_list(database)
        try:
            if files is not self._files or self._readers is None:
                self.close()
                self._files, self._readers = files, Readers(files)
            if self._readers.database is None:
                return Contents(shared)
            return Contents(shared, read_pending(self._readers.database, self._readers.capture))
        except InspectorError:
            return Contents(shared)

    def close(self) -> None:
        """Let go of the files."""
        if self._readers is not None:
            self._readers.close()
            self._readers = None
