"""Reads a client database of any schema version: one that the engine writes, or a user's file (protocol §3).

Each call reads one consistent state in one short transaction and holds nothing open afterwards. One reader serves
one thread at a time; a thread that scans opens a reader of its own.
"""

from array import array
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path
from typing import TypeVar

import apsw
import msgspec

from inspector.store.bucket_figures import BucketFigures
from inspector.store.crud_queries import read_pending
from inspector.store.data_queries import (
    Row,
    TableShape,
    Value,
    Wanted,
    find_rows,
    read_shapes,
    rows_at,
    whole_value,
)
from inspector.store.mistyped import MistypedColumn, convert
from inspector.store.oplog_queries import read_buckets, read_operations, read_row_operations, sum_operations
from inspector.store.positions import (
    bucket_row_positions,
    kept_operations,
    operation_position,
    operation_positions,
    operations_at,
)
from inspector.store.read_connection import ReadConnection
from inspector.store.records import (
    BucketRow,
    CrudEntry,
    DatabaseSummary,
    DataRow,
    Operation,
    OwnSums,
    Subscription,
    TableKind,
    TableRow,
    UnreadableTable,
)
from inspector.store.schema import FULL_SYNC_PRIORITY
from inspector.store.state_queries import (
    Counts,
    Gate,
    Keys,
    Queue,
    count_all,
    read_gate,
    read_keys,
    read_queue,
    read_subscriptions,
    read_sync_times,
)
from inspector.store.table_queries import read_row, read_rows, read_tables, resolve_table, table_kind
from inspector.store.versions import Layout

Result = TypeVar("Result")


class ClientDatabaseReader:
    """Read-only. Everything raises ReadError when the file cannot be read at all; damaged tables are left out."""

    def __init__(
        self,
        source: Path | str,
        *,
        immutable: bool = False,
        unreadable: Iterable[UnreadableTable] = (),
        mistyped: Iterable[MistypedColumn] = (),
        name: str = "",
    ) -> None:
        """Open a path or a `file:` URI; `immutable` promises that nobody writes it.

        `unreadable` are the tables known to be damaged, to be told along with those found while reading; the values
        of `mistyped` columns are converted. `name` is what errors call the file, where `source` is a copy of it.
        """
        self._connection = ReadConnection(source, immutable=immutable, name=name)
        convert(self._connection, mistyped)
        self._connection.damaged.update((table.table, table.reason) for table in unreadable)
        self._figures = BucketFigures(self._connection)
        self._cookie: int | None = None
        self._layout = Layout(0, {})
        self._counts: Counts | None = None
        self._counted_at: int | None = None

    def close(self) -> None:
        """Close the file."""
        self._connection.close()

    def interrupt(self) -> None:
        """Have what is read at present fail; may be called from any thread."""
        self._connection.interrupt()

    @property
    def sqlite(self) -> apsw.Connection:
        """The read-only connection itself, for whoever runs SQL of a user's and uses this reader for nothing else."""
        return self._connection.sqlite

    @property
    def schema_version(self) -> int:
        """1 to 14; 0 while the tables are not there yet."""
        return self._read(lambda layout: layout.version)

    @property
    def unreadable(self) -> tuple[UnreadableTable, ...]:
        """The tables known to be damaged, as far as reading has shown."""
        return tuple(UnreadableTable(table, reason) for table, reason in self._connection.damaged.items())

    def summary(self, *, fast: bool = False) -> DatabaseSummary:
        """Where the database stands. With `fast` the counts of operations and rows may be those of an earlier call."""
        return self._read(lambda layout: self._summary(layout, fast))

    def buckets(self, *, fast: bool = False) -> list[BucketRow]:
        """All buckets. With `fast` the oplog is not scanned: figures from it may be older, or None."""
        return self._read(lambda layout: read_buckets(self._connection, layout, self._figures, scan=not fast))

    def own_sums(self, bucket: str) -> OwnSums:
        """A bucket's stored sum against its operations; raises ReadError when they are damaged."""
        return self._read(lambda layout: sum_operations(self._connection, layout, bucket))

    def operations(self, bucket: str, after_op: int = 0, limit: int = 200) -> list[Operation]:
        """The bucket's operations after an op id, in order."""
        return self._read(lambda layout: read_operations(self._connection, layout, bucket, after_op, limit))

    def operation_positions(self, bucket: str, go_on: Callable[[], bool]) -> "array[int]":
        """Where the bucket's operations stand, in order of op id: see `operations_at`."""
        return self._read(lambda layout: operation_positions(self._connection, layout, bucket, go_on))

    def bucket_row_positions(self, bucket: str, go_on: Callable[[], bool]) -> "array[int]":
        """Where the newest operation of each row in the bucket stands, by type and id: see `operations_at`."""
        return self._read(lambda layout: bucket_row_positions(self._connection, layout, bucket, go_on))

    def operation_position(self, bucket: str, op_id: int) -> int | None:
        """Where an operation of the bucket stands; None where the oplog does not hold it: see `operations_at`."""
        return self._read(lambda layout: operation_position(self._connection, layout, bucket, op_id))

    def operations_at(self, bucket: str, positions: Sequence[int]) -> list[Operation | None]:
        """The bucket's operations at these positions; None where one is gone."""
        return self._read(lambda layout: operations_at(self._connection, layout, bucket, positions))

    def kept_operations(self, bucket: str, op_ids: Sequence[int]) -> set[int]:
        """Those of these op ids that the bucket's oplog still holds: the others are superseded."""
        return self._read(lambda layout: kept_operations(self._connection, layout, bucket, op_ids))

    def row_operations(self, row_type: str, row_id: str, limit: int = 200) -> list[Operation]:
        """The operations that a row comes from, newest first."""
        return self._read(lambda layout: read_row_operations(self._connection, layout, row_type, row_id, limit))

    def tables(self) -> list[TableRow]:
        """Synced tables, local-only tables, and types without a table."""
        return self._read(lambda layout: read_tables(self._connection, layout))

    def shapes(self) -> list[TableShape]:
        """All tables that the app may read, with their columns."""
        return self._read(lambda layout: read_shapes(self._connection, layout))

    def find_rows(self, shape: TableShape, wanted: Wanted, go_on: Callable[[], bool]) -> "array[int]":
        """Where the rows of a table stand that are wanted, in order: see `rows_at`."""
        return self._read(lambda _: find_rows(self._connection, shape, wanted, go_on))

    def rows_at(self, shape: TableShape, positions: Sequence[int], *, whole: bool = False) -> list[Row | None]:
        """The rows at these positions, large values cut or `whole`; None where one is gone."""
        return self._read(lambda _: rows_at(self._connection, shape, positions, whole=whole))

    def whole_value(self, shape: TableShape, position: int, column: str) -> Value | None:
        """One value in full; None where its row is gone."""
        return self._read(lambda _: whole_value(self._connection, shape, position, column))

    def table_kind(self, name: str) -> TableKind | None:
        """Where rows of this type are kept; None where there is neither a table nor an untyped row."""
        return self._read(lambda layout: table_kind(self._connection, layout, name))

    def rows(self, table: str, after_id: str | None = None, limit: int = 200) -> list[DataRow]:
        """Rows of a table by its name in `tables()`, in order of id; raises ReadError when there is no such table."""

        def work(layout: Layout) -> list[DataRow]:
            internal_name = resolve_table(self._connection, layout, table)
            return read_rows(self._connection, internal_name, table, after_id, limit)

        return self._read(work)

    def row(self, table: str, row_id: str) -> DataRow | None:
        """One row by its id; None when there is none. Raises ReadError when there is no such table."""

        def work(layout: Layout) -> DataRow | None:
            internal_name = resolve_table(self._connection, layout, table)
            return read_row(self._connection, internal_name, table, row_id)

        return self._read(work)

    def pending(self, limit: int = 200, after_id: int = 0) -> list[CrudEntry]:
        """The upload queue, oldest entry first."""
        return self._read(lambda layout: read_pending(self._connection, layout, after_id, limit))

    def queue(self) -> Queue:
        """How long the upload queue is."""
        return self._read(lambda layout: read_queue(self._connection, layout))

    def gate(self) -> Gate:
        """The checkpoint requests that decide whether downloads are shown."""
        return self._read(lambda layout: read_gate(self._connection, layout, read_keys(self._connection, layout)))

    def subscriptions(self) -> list[Subscription]:
        """Stream subscriptions; none before version 11."""
        return self._read(lambda layout: read_subscriptions(self._connection, layout))

    def kv(self) -> Keys:
        """All of `ps_kv`, values as stored; empty before version 3."""
        return self._read(lambda layout: read_keys(self._connection, layout))

    def ask(self, work: Callable[[ReadConnection, Layout], Result]) -> Result:
        """What `work` reads, all of it from one state: for a question that this reader has no method for."""
        return self._read(lambda layout: work(self._connection, layout))

    def _read(self, work: Callable[[Layout], Result]) -> Result:
        return self._connection.consistently(lambda: work(self._present_layout()))

    def _present_layout(self) -> Layout:
        cookie = self._connection.schema_cookie()
        if cookie != self._cookie:
            self._layout = Layout.of(self._connection)
            self._cookie = cookie
        return self._layout

    def _summary(self, layout: Layout, fast: bool) -> DatabaseSummary:
        connection = self._connection
        keys = read_keys(connection, layout)
        gate = read_gate(connection, layout, keys)
        queue = read_queue(connection, layout)
        times = read_sync_times(connection, layout, keys)
        buckets = read_buckets(connection, layout, self._figures, scan=False)
        counts = self._present_counts(layout, buckets, fast)
        downloaded = [bucket.downloaded_operations for bucket in buckets]
        sizes = [bucket.downloaded_size for bucket in buckets]
        behind = any(bucket.last_op > bucket.last_applied_op for bucket in buckets)
        client_id = keys.get("client_id")
        return DatabaseSummary(
            schema_version=layout.version,
            client_id=client_id if isinstance(client_id, str) else None,
            last_synced_at=times.pop(FULL_SYNC_PRIORITY, None),
            partial_syncs=times,
            pending_writes=queue.writes,
            pending_transactions=queue.transactions,
            oldest_pending=queue.oldest,
            target_request=gate.target,
            seen_request=gate.seen,
            applied_request=gate.applied,
            requested=gate.requested,
            gate_closed=gate.closed,
            waiting_for_service=gate.awaits_service and not queue.writes,
            held=behind and (gate.closed or queue.writes > 0),
            buckets=len(buckets),
            downloaded_operations=_sum(downloaded) if layout.has("ps_buckets.count_at_last") else None,
            downloaded_size=_sum(sizes) if layout.has("ps_buckets.downloaded_size") else None,
            page_size=int(connection.scalar("PRAGMA page_size")),
            pages=int(connection.scalar("PRAGMA page_count")),
            free_pages=int(connection.scalar("PRAGMA freelist_count")),
            unreadable=self.unreadable,
            **msgspec.structs.asdict(counts),
        )

    def _present_counts(self, layout: Layout, buckets: Sequence[BucketRow], fast: bool) -> Counts:
        version = self._connection.data_version()
        if self._counts is None or (version != self._counted_at and not fast):
            self._counts = count_all(self._connection, layout, buckets)
            self._counted_at = version
        return self._counts


def _sum(values: Iterable[int | None]) -> int:
    return sum(value or 0 for value in values)
