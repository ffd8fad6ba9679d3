"""What the panel's tables show: the writes that wait, the attempts to upload, and what one of them writes."""

from inspector.capture.happenings import HappeningKind, key_of
from inspector.ui.panels.uploads.columns import Line, MoreWrites
from inspector.ui.panels.uploads.log_columns import Attempt, UnknownWrites, WrittenLine
from inspector.ui.selection import RowKey
from inspector.ui.things import Things
from inspector.ui.widgets.row_model import ListModel


def row_of(line: Line | None) -> RowKey | None:
    """The row that a waiting write is of; None where it names none."""
    if line is None or isinstance(line, MoreWrites) or not (line.entry.row_type and line.entry.row_id):
        return None
    return RowKey(line.entry.row_type, line.entry.row_id)


def written_row(line: WrittenLine | None) -> RowKey | None:
    """The row that an entry of an attempt is of."""
    return None if line is None or isinstance(line, UnknownWrites) else RowKey(line.row_type, line.row_id)


class PendingModel(ListModel[Line]):
    """Writes, oldest first, and at the end how many more there are."""

    def key(self, record: Line) -> object:
        return -1 if isinstance(record, MoreWrites) else record.entry.id

    def things(self, record: Line) -> Things:
        if isinstance(record, MoreWrites):
            return Things()
        return Things(row=row_of(record), moment=record.written_at)


class LogModel(ListModel[Attempt]):
    """Attempts, newest first."""

    def key(self, record: Attempt) -> object:
        return record.upload.id

    def things(self, record: Attempt) -> Things:
        return Things(moment=record.upload.started_at, happening=key_of(HappeningKind.UPLOAD, record.upload.id))


class WrittenModel(ListModel[WrittenLine]):
    """The entries of one attempt, in their order."""

    def things(self, record: WrittenLine) -> Things:
        return Things(row=written_row(record))
