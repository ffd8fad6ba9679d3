"""Looks up in the files where a thing stands that does not say so itself."""

from collections.abc import Callable

from PySide6.QtCore import QObject

from inspector.analysis.whereabouts import Whereabouts, find_whereabouts
from inspector.protocol.errors import InspectorError
from inspector.ui.background import Background
from inspector.ui.feed import Feed
from inspector.ui.readers import Readers
from inspector.ui.selection import OperationKey
from inspector.ui.things import Things


class Tracing(QObject):
    """Off the window's thread; the last question is the one that is answered."""

    def __init__(self, feed: Feed, parent: QObject) -> None:
        super().__init__(parent)
        self._feed = feed
        self._background = Background(self)
        self._asked = 0
        feed.closing.connect(self._background.close)

    def panels(self, things: Things) -> list[str]:
        """The panels where `things` may be found by looking them up."""
        files = self._feed.files
        found = []
        if things.row is not None and things.bucket is None and files.open_database is not None:
            found.append("buckets")
        named = things.bucket is not None or things.row is not None
        if named and things.frame is None and things.happening is None and files.capture is not None:
            found.append("frames")
        return found

    def trace(self, things: Things, found: Callable[[Things], None]) -> None:
        """Call `found` with `things` and what the files add to them, unless something else is asked meanwhile."""
        files = self._feed.files
        self._asked += 1
        asked = self._asked
        operation, row = things.operation, things.row
        known = Whereabouts(
            things.bucket,
            None if operation is None else operation.op_id,
            None if row is None else (row.type, row.id),
            things.frame,
        )

        def look() -> Whereabouts:
            readers = Readers(files)
            try:
                return find_whereabouts(readers.database, readers.capture, known)
            finally:
                readers.close()

        def done(where: Whereabouts) -> None:
            if asked != self._asked or files != self._feed.files:
                return
            key = None
            if where.bucket is not None and where.op_id is not None:
                key = OperationKey(where.bucket, where.op_id)
            found(Things(where.frame, where.bucket, key, row, things.checkpoint, things.moment))

        def failed(_: InspectorError) -> None:
            # The lists say what is wrong with a file that cannot be read.
            done(known)

        self._background.run(look, done, failed)
