"""Looks up in the files where a thing stands that does not say so itself."""

from collections.abc import Callable
from dataclasses import replace

from PySide6.QtCore import QObject

from inspector.analysis.upload_contents import contents_of, uploads_of_row
from inspector.analysis.whereabouts import Whereabouts, find_whereabouts
from inspector.capture.happenings import HappeningKind, key_of, source_of
from inspector.protocol.errors import InspectorError
from inspector.ui.background import Background
from inspector.ui.feed import Feed
from inspector.ui.readers import Readers
from inspector.ui.selection import OperationKey, RowKey
from inspector.ui.sources import Files
from inspector.ui.things import Things


class Tracing(QObject):
    """Off the window's thread; the last question is the one that is answered."""

    def __init__(self, feed: Feed, parent: QObject) -> None:
        super().__init__(parent)
        self._feed = feed
        self._background = Background(self)
        self._asked = 0
        self._menus = Background(self)
        """What menus ask keeps nobody waiting who follows something."""
        for background in (self._background, self._menus):
            feed.closing.connect(background.close)

    def panels(self, things: Things) -> list[str]:
        """The panels where `things` may be found by looking them up."""
        files = self._feed.files
        found = []
        if things.row is not None and things.bucket is None and files.open_database is not None:
            found.append("buckets")
        named = things.bucket is not None or things.row is not None
        if named and things.frame is None and things.happening is None and files.capture is not None:
            found.append("frames")
        upload = _upload_of(things)
        if things.row is not None and upload is None and files != Files():
            found.append("uploads")
        if things.row is None and upload is not None and files.capture is not None:
            found += ["row", "data"]
        return found

    def look_whether(self, things: Things, panel: str, told: Callable[[bool], None]) -> None:
        """Call `told` with whether `panel` shows anything of `things`; it may, where a file cannot be read."""
        files = self._files_for(panel)
        self._menus.run(lambda: bool(_look(files, things, panel)), told, lambda _: told(True))

    def _files_for(self, panel: str) -> Files:
        # The uploads panel stays at what is now, whichever moment the others show.
        return self._feed.present if panel == "uploads" else self._feed.files

    def trace(self, things: Things, panel: str, found: Callable[[list[Things]], None]) -> None:
        """Call `found` with what the files know of `things` that `panel` shows, unless something else is asked
        meanwhile: nothing where there is none, and several where an upload is about several rows."""
        files = self._files_for(panel)
        self._asked += 1
        asked = self._asked

        def done(places: list[Things]) -> None:
            if asked == self._asked and files in (self._feed.files, self._feed.present):
                found(places)

        def failed(_: InspectorError) -> None:
            # The lists say what is wrong with a file that cannot be read.
            done([things] if panel in things.panels() else [])

        self._background.run(lambda: _look(files, things, panel), done, failed)


def _look(files: Files, things: Things, panel: str) -> list[Things]:
    readers = Readers(files)
    try:
        return _look_up(readers, things, panel)
    finally:
        readers.close()


def _look_up(readers: Readers, things: Things, panel: str) -> list[Things]:
    row, upload = things.row, _upload_of(things)
    if panel == "uploads" and row is not None:
        uploads = uploads_of_row(readers.database, readers.capture, row.type, row.id)
        attempt = None if uploads.upload is None else key_of(HappeningKind.UPLOAD, uploads.upload)
        # What waits is shown with its last attempt beside it.
        return [Things(row=row, happening=None if uploads.waits else attempt)] if uploads.waits or attempt else []
    if upload is not None and row is None:
        return [replace(things, row=key) for key in _rows_of(readers, upload)]
    found = _found(readers, things)
    return [found] if panel in found.panels() else []


def _rows_of(readers: Readers, upload: int) -> list[RowKey]:
    attempt = readers.capture.uploads.row(upload) if readers.capture is not None else None
    if readers.capture is None or attempt is None:
        return []
    writes = contents_of(readers.database, readers.capture, attempt).writes
    return list(dict.fromkeys(RowKey(write.row_type, write.row_id) for write in writes))


def _found(readers: Readers, things: Things) -> Things:
    operation, row = things.operation, things.row
    known = Whereabouts(
        things.bucket,
        None if operation is None else operation.op_id,
        None if row is None else (row.type, row.id),
        things.frame,
    )
    where = find_whereabouts(readers.database, readers.capture, known)
    key = None
    if where.bucket is not None and where.op_id is not None:
        key = OperationKey(where.bucket, where.op_id)
    return Things(where.frame, where.bucket, key, row, things.checkpoint, things.moment)


def _upload_of(things: Things) -> int | None:
    kind, upload = source_of(things.happening) if things.happening is not None else (None, 0)
    return upload if kind is HappeningKind.UPLOAD else None
