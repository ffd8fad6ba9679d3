"""Files that are dropped on the window: a schema is loaded into the connection, anything else is opened."""

from collections.abc import Callable
from pathlib import Path

from PySide6.QtCore import QEvent, QObject, Qt
from PySide6.QtGui import QDropEvent
from PySide6.QtWidgets import QWidget

_SCHEMAS = {".json"}
_DRAGGED = (QEvent.Type.DragEnter, QEvent.Type.DragMove, QEvent.Type.Drop)


class DroppedFiles(QObject):
    """Watches `window`; of several files the first counts, for one source is open at a time."""

    def __init__(self, window: QWidget, open_file: Callable[[Path], None], load_schema: Callable[[Path], None]) -> None:
        super().__init__(window)
        self._open_file, self._load_schema = open_file, load_schema
        window.setAcceptDrops(True)
        window.installEventFilter(self)

    def eventFilter(self, _watched: QObject, event: QEvent) -> bool:
        if event.type() not in _DRAGGED or not isinstance(event, QDropEvent):
            return False
        file = _file_in(event)
        if file is None:
            return False
        # Never a move, which some file managers propose: it would have them take the file away from where it was.
        event.setDropAction(Qt.DropAction.CopyAction)
        event.accept()
        if event.type() is QEvent.Type.Drop:
            take = self._load_schema if file.suffix.lower() in _SCHEMAS else self._open_file
            take(file)
        return True


def _file_in(event: QDropEvent) -> Path | None:
    names = [url.toLocalFile() for url in event.mimeData().urls() if url.isLocalFile()]
    return Path(names[0]) if names else None
