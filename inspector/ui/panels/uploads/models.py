"""What the panel's two tables show: the writes that wait, and the attempts to upload."""

from inspector.capture.happenings import HappeningKind, key_of
from inspector.capture.rows import UploadRow
from inspector.ui.panels.uploads.columns import Line, MoreWrites
from inspector.ui.selection import RowKey
from inspector.ui.things import Things
from inspector.ui.widgets.row_model import ListModel


def row_of(line: Line | None) -> RowKey | None:
    """The row that a waiting write is of; None where it names none."""
    if line is None or isinstance(line, MoreWrites) or not (line.entry.row_type and line.entry.row_id):
        return None
    return RowKey(line.entry.row_type, line.entry.row_id)


class PendingModel(ListModel[Line]):
    """Writes, oldest first, and at the end how many more there are."""

    def key(self, record: Line) -> object:
        return -1 if isinstance(record, MoreWrites) else record.entry.id

    def things(self, record: Line) -> Things:
        if isinstance(record, MoreWrites):
            return Things()
        return Things(row=row_of(record), moment=record.written_at)


class LogModel(ListModel[UploadRow]):
    """Attempts, newest first."""

    def key(self, record: UploadRow) -> object:
        return record.id

    def things(self, record: UploadRow) -> Things:
        return Things(moment=record.started_at, happening=key_of(HappeningKind.UPLOAD, record.id))
