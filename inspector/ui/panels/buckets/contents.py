"""What the selected bucket holds: its rows, the operations that are kept, and every operation that came."""

from functools import partial
from typing import Any

from PySide6.QtWidgets import QStackedWidget, QVBoxLayout, QWidget

from inspector.analysis.bucket_history import CameOperation, find_operations, position_of, read_operations
from inspector.capture.reader import CaptureReader
from inspector.store.reader import ClientDatabaseReader
from inspector.store.records import Operation
from inspector.ui.by_program import ByProgram
from inspector.ui.paged_query import Listing, PagedQuery
from inspector.ui.panels.buckets.content_columns import CAME_COLUMNS, KEPT_COLUMNS, ROW_COLUMNS
from inspector.ui.panels.context import PanelContext
from inspector.ui.readers import Readers
from inspector.ui.selection import OperationKey, RowKey
from inspector.ui.things import Things
from inspector.ui.widgets.choice_strip import ChoiceStrip
from inspector.ui.widgets.empty_note import EmptyNote
from inspector.ui.widgets.paged_model import PagedModel
from inspector.ui.widgets.row_table import RowTable
from inspector.words import plural, thousands

ROWS, KEPT, CAME = range(3)


class _OperationsModel(PagedModel[Operation]):
    def things(self, record: Operation) -> Things:
        return Things(bucket=record.bucket, operation=_key_of(record), row=_row_of(record))


class _CameModel(PagedModel[CameOperation]):
    def things(self, record: CameOperation) -> Things:
        return Things(record.frame, record.bucket, _key_of(record), _row_of(record), moment=record.received_at)


class BucketContents(QWidget):
    """Follows the selected bucket."""

    def __init__(self, context: PanelContext, parent: QWidget) -> None:
        super().__init__(parent)
        self._context = context
        self.choice = ChoiceStrip((self.tr("Rows"), self.tr("Operations"), self.tr("Received")))
        self.pages = QStackedWidget(self)
        self.rows_model = _OperationsModel(ROW_COLUMNS, self)
        self.kept_model = _OperationsModel(KEPT_COLUMNS, self)
        self.came_model = _CameModel(CAME_COLUMNS, self)
        self.rows = self._table(self.rows_model, "bucketRows", self.tr("Rows of the bucket"))
        self.kept = self._table(self.kept_model, "bucketOperations", self.tr("Operations that are kept"))
        self.came = self._table(self.came_model, "bucketHistory", self.tr("Operations as they came"))
        self._notes = [EmptyNote(table) for table in (self.rows, self.kept, self.came)]
        feed = context.feed
        self.queries: tuple[PagedQuery[Any], ...] = (
            PagedQuery(feed, self.rows, self.rows_model, self._list_rows),
            PagedQuery(feed, self.kept, self.kept_model, self._list_kept),
            PagedQuery(feed, self.came, self.came_model, self._list_came),
        )
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(0)
        layout.addWidget(self.choice)
        layout.addWidget(self.pages, 1)
        self.choice.chosen.connect(self._choose)
        for query in self.queries:
            query.changed.connect(self._tell)
        self._by_program = ByProgram()
        context.selection.bucket_changed.connect(self._bucket_changed)
        context.selection.operation_changed.connect(self._follow_operation)
        feed.files_changed.connect(self._tell)
        self._follow_operation()
        self._tell()

    def save(self) -> None:
        """Remember the columns."""
        for table in (self.rows, self.kept, self.came):
            table.save_columns(self._context.settings)

    def _table(self, model: PagedModel[Any], name: str, title: str) -> RowTable:
        table = RowTable(model, name, parent=self.pages)
        table.setAccessibleName(title)
        table.restore_columns(self._context.settings)
        table.row_chosen.connect(lambda row: self._chosen(model, row))
        table.row_followed.connect(lambda row: self._followed(model, row))
        self.pages.addWidget(table)
        return table

    def _choose(self, page: int) -> None:
        self.pages.setCurrentIndex(page)
        self._tell()

    def _bucket_changed(self) -> None:
        for query in self.queries:
            query.ask()
        self._tell()

    # What is listed

    def _list_rows(self) -> Listing[Operation] | None:
        bucket = self._context.selection.bucket
        if bucket is None or self._context.feed.files.open_database is None:
            return None
        return Listing(
            lambda readers, go_on: _database(readers).bucket_row_positions(bucket, go_on),
            lambda readers, positions: _database(readers).operations_at(bucket, positions),
        )

    def _list_kept(self) -> Listing[Operation] | None:
        bucket = self._context.selection.bucket
        if bucket is None or self._context.feed.files.open_database is None:
            return None
        return Listing(
            lambda readers, go_on: _database(readers).operation_positions(bucket, go_on),
            lambda readers, positions: _database(readers).operations_at(bucket, positions),
        )

    def _list_came(self) -> Listing[CameOperation] | None:
        bucket = self._context.selection.bucket
        if bucket is None or self._context.feed.files.capture is None:
            return None
        past = self._context.feed.files.past
        last = None if past is None else past.frame
        return Listing(
            lambda readers, go_on: find_operations(_capture(readers), bucket, go_on, last),
            lambda readers, positions: read_operations(_capture(readers), readers.database, bucket, positions),
        )

    # What is chosen

    def _follow_operation(self) -> None:
        """Scroll each list to the operation that was chosen elsewhere, where it has it."""
        wanted, frame = self._context.selection.operation, self._context.selection.frame
        if wanted is None:
            return
        for query, table in zip(self.queries, (self.rows, self.kept, self.came), strict=True):
            if _key_of(table.row_model.record(table.currentIndex().row())) == wanted:
                continue

            def where(readers: Readers, table: RowTable = table) -> int | None:
                if table is not self.came:
                    return _database(readers).operation_position(wanted.bucket, wanted.op_id)
                return position_of(_capture(readers), wanted.bucket, wanted.op_id, frame)

            query.find(where, partial(self._scroll_to, table, wanted))

    def _scroll_to(self, table: RowTable, wanted: OperationKey, row: int) -> None:
        if self._context.selection.operation == wanted and row < table.row_model.row_count():
            with self._by_program:
                table.choose_row(row)

    def _chosen(self, model: PagedModel[Any], row: int) -> None:
        if self._by_program:
            return
        record, selection = model.record(row), self._context.selection
        if record is not None:
            selection.choose_operation(_key_of(record))
            if (key := _row_of(record)) is not None:
                selection.choose_row(key)

    def _followed(self, model: PagedModel[Any], row: int) -> None:
        record = model.record(row)
        self._chosen(model, row)
        if isinstance(record, CameOperation):
            self._context.selection.choose_frame(record.frame)
            self._context.selection.reveal("frames")
        else:
            self._context.selection.reveal("row")

    # What is said

    def _tell(self) -> None:
        page = self.choice.choice
        query, model = self.queries[page], (self.rows_model, self.kept_model, self.came_model)[page]
        words = (self.tr("row"), self.tr("operation"), self.tr("operation"))
        if query.complete:
            self.choice.remark.set_text(plural(model.row_count(), words[page]), short=thousands(model.row_count()))
        else:
            self.choice.remark.set_text("")
        for number, note in enumerate(self._notes):
            filled = (self.rows_model, self.kept_model, self.came_model)[number].row_count()
            note.say("" if filled else self._why_empty(number))

    def _why_empty(self, page: int) -> str:
        files, query = self._context.feed.files, self.queries[page]
        if query.problem:
            return query.problem
        if self._context.selection.bucket is None:
            return self.tr("Select a bucket to see what it holds.")
        if page == CAME and files.capture is None:
            return self.tr("A client database keeps the newest operation of each row; a capture has all that came.")
        if page != CAME and files.open_database is None:
            return files.no_database or self.tr("There is no client database to say what the bucket holds.")
        if not query.complete:
            return self.tr("The bucket is being read.")
        if page == CAME:
            return self.tr("No data line of this capture is for this bucket.")
        return self.tr("The bucket holds no rows here.")


def _key_of(record: Operation | CameOperation | None) -> OperationKey | None:
    if isinstance(record, CameOperation):
        return OperationKey(record.bucket, int(record.operation.op_id))
    return None if record is None else OperationKey(record.bucket, record.op_id)


def _row_of(record: Operation | CameOperation) -> RowKey | None:
    if isinstance(record, CameOperation):
        row_type, row_id = record.operation.object_type, record.operation.object_id
    else:
        row_type, row_id = record.row_type, record.row_id
    return None if row_type is None or row_id is None else RowKey(row_type, row_id)


def _database(readers: Readers) -> ClientDatabaseReader:
    assert readers.database is not None
    return readers.database


def _capture(readers: Readers) -> CaptureReader:
    assert readers.capture is not None
    return readers.capture
