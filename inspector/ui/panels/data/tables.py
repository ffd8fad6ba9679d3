"""The tables of the app: which there are, and how the rows of one are found and read."""

from array import array
from collections.abc import Callable, Sequence

from inspector.store.data_queries import Row, TableShape, Wanted
from inspector.store.reader import ClientDatabaseReader
from inspector.ui.bucket_state import BucketSnapshot
from inspector.ui.paged_query import GoOn, Listing
from inspector.ui.readers import Readers
from inspector.ui.things import Things
from inspector.ui.widgets.row_model import ListModel


class TablesModel(ListModel[TableShape]):
    """Tables, each with the buckets that its rows come from."""

    buckets: Callable[[], BucketSnapshot | None] = staticmethod(lambda: None)
    """What is known of the buckets now."""

    def key(self, record: TableShape) -> object:
        return record.kind, record.name

    def several(self, record: TableShape) -> list[tuple[str, Things]]:
        """The buckets that hold rows of the table."""
        snapshot = self.buckets()
        every = [bucket for _, group in snapshot.streams for bucket in group] if snapshot is not None else []
        return [
            (bucket.name.short, Things(bucket=bucket.name.full))
            for bucket in every
            if bucket.local is not None and record.name in bucket.local.row_types
        ]


def same_table(one: TableShape, other: TableShape) -> bool:
    """Whether both are of one table, whatever its columns are now."""
    return (one.kind, one.name) == (other.kind, other.name)


def id_of(shape: TableShape, row: Row) -> str:
    """A row's id; empty in a table without one."""
    found = [value.value for column, value in zip(shape.columns, row.values, strict=True) if column.name == "id"]
    return str(found[0]) if found else ""


def read_shapes(readers: Readers) -> list[TableShape]:
    """The tables of the database; none where there is no database."""
    return readers.database.shapes() if readers.database is not None else []


def rows_listing(shape: TableShape, wanted: Wanted) -> Listing[Row]:
    """How the rows of a table that are wanted are found, and read page by page."""

    def scan(readers: Readers, go_on: GoOn) -> "array[int]":
        return _database(readers).find_rows(shape, wanted, go_on)

    def read(readers: Readers, positions: Sequence[int]) -> Sequence[Row | None]:
        return _database(readers).rows_at(shape, positions)

    return Listing(scan, read)


def _database(readers: Readers) -> ClientDatabaseReader:
    assert readers.database is not None
    return readers.database
