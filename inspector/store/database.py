"""The client database as the engine writes it.

Lines are committed in batches of a quarter of a second, and with everything else that is written: a kill at any point
leaves a state from which the next request goes on.
"""

import time
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Self

import apsw

from inspector.protocol.checkpoints import TargetCheckpoint
from inspector.protocol.events import HeldBack, Mismatched, Published
from inspector.protocol.lines import DataLine
from inspector.protocol.request import BucketPosition
from inspector.store.app_schema import AppSchema
from inspector.store.first_sync import may_publish_at_once
from inspector.store.inference import add_missing_tables
from inspector.store.ingest import delete_bucket, find_or_create_bucket, save_operations
from inspector.store.local_write import LocalWrite
from inspector.store.local_writes import write_locally
from inspector.store.oplog import IndexedOplog, Oplog, UnindexedOplog
from inspector.store.preparing import StoreError, prepare
from inspector.store.progress import Progress, begin_progress
from inspector.store.publish import publish, value_of
from inspector.store.query import row, rows, scalar
from inspector.store.raw_tables import RawTarget
from inspector.store.schema import FULL_SYNC_PRIORITY, LAST_SEEN, TARGET_REQUEST
from inspector.store.schema_switch import switch_schema
from inspector.store.subscriptions import (
    RequestedStreams,
    StreamKey,
    adopt_streams,
    renew,
    requested_streams,
    stamp_synced,
    subscribe,
    unsubscribe,
)
from inspector.store.upload_queue import UploadQueue
from inspector.store.validation import Validation

_PRAGMAS = """
PRAGMA journal_mode = WAL;
PRAGMA synchronous = NORMAL;
PRAGMA cache_size = -131072;
PRAGMA wal_autocheckpoint = 10000;
"""
_BATCH_SECONDS = 0.25
_FIRST_SYNC_OPERATIONS = 10_000
"""From here on it pays to fill an empty oplog without its indexes."""


class ClientDatabase:
    """The one writer of a client database. Times are µs since the Unix epoch."""

    def __init__(self, connection: apsw.Connection) -> None:
        self._connection = connection
        self._indexed = IndexedOplog(connection)
        self._subscription_ids: tuple[int, ...] = ()
        self._renewed: set[StreamKey] = set()
        self._stream_priorities: Mapping[int, int | None] = {}
        self._schema: AppSchema | None = None
        self._raw: dict[str, RawTarget] = {}
        self.schema_complaints: list[str] = []
        """A sentence about each table of the schema that cannot be written."""
        self._unindexed: UnindexedOplog | None = None
        self._batch_began: float | None = None
        self.validation = Validation()
        """Of the last call of `publish`: when it ended, and what was in the buckets that failed."""
        self.infers_schema = False
        """Types without a table get one with the columns seen in the data, when they are shown first."""

    @classmethod
    def open(cls, path: Path | str, schema: AppSchema | None = None, *, migrate_from: int | None = None) -> Self:
        """Open `path`, made anew if it is not there, with the tables of `schema`; raises StoreError.

        Without a schema it is inferred, unless rows wait in `ps_untyped`: then the file has a schema of its own.
        A file of another schema version is refused, unless it is of the one to `migrate_from`.
        """
        try:
            connection = apsw.Connection(str(path))
            connection.set_busy_timeout(5_000)
            connection.execute(_PRAGMAS)
            database = cls(connection)
            with database.transaction():
                prepare(connection, path, migrate_from)
                if schema is not None:
                    database._switch(schema)
            if schema is None and row(connection, "SELECT 1 FROM ps_untyped LIMIT 1") is None:
                database._infer()
        except apsw.Error as error:
            raise StoreError(
                f"The client database {Path(path).name} cannot be opened for writing.",
                why=f"SQLite says: {error}.",
                next_step="Choose another file, or close the program that uses this one.",
            ) from error
        return database

    def use_schema(self, schema: AppSchema | None) -> None:
        """Have the tables of `schema` from now on, with the rows that are there; raises SchemaError, StoreError.

        None: the tables that are there, and one for each further type that the data have.
        """
        self._end_first_sync()
        with self.transaction():
            if schema is None:
                self._infer()
                add_missing_tables(self._connection, self._indexed.row_types)
            else:
                self._switch(schema)

    def _switch(self, schema: AppSchema) -> None:
        self._raw, self.schema_complaints = switch_schema(self._connection, schema, self._raw)
        self._schema, self.infers_schema = schema, False

    def _infer(self) -> None:
        self._schema, self.infers_schema, self.schema_complaints = None, True, []
        self._indexed.know_row_types()

    def close(self) -> None:
        """Close the file; the WAL is folded into it."""
        self._end_first_sync()
        self.settle()
        self._connection.close()

    def settle(self) -> bool:
        """Commit the lines saved since the last time; whether there were any."""
        if self._batch_began is None:
            return False
        self._batch_began = None
        self._connection.execute("COMMIT")
        return True

    def settle_if_due(self) -> bool:
        """Commit the lines saved so far once they have waited long enough; whether they were committed."""
        if self._batch_began is None or time.monotonic() - self._batch_began < _BATCH_SECONDS:
            return False
        return self.settle()

    @contextmanager
    def transaction(self) -> Iterator[None]:
        """A write transaction; rolled back when the block raises. Saved lines are committed before it."""
        self.settle()
        self._connection.execute("BEGIN IMMEDIATE")
        try:
            yield
        except BaseException:
            self._connection.execute("ROLLBACK")
            raise
        self._connection.execute("COMMIT")

    @property
    def client_id(self) -> str:
        """The id that this client is known by to the service."""
        return str(scalar(self._connection, "SELECT value FROM ps_kv WHERE key = 'client_id'"))

    @property
    def gate(self) -> int | None:
        """The checkpoint request that must be seen before downloads are shown, None when there is none."""
        return value_of(self._connection, TARGET_REQUEST)

    @property
    def seen_request(self) -> int | None:
        """The last checkpoint request that the service has confirmed."""
        return value_of(self._connection, LAST_SEEN)

    @property
    def pending_writes(self) -> int:
        """Entries of the upload queue."""
        return int(scalar(self._connection, "SELECT count(*) FROM ps_crud"))

    @property
    def queue(self) -> UploadQueue:
        """The local writes that wait to be uploaded."""
        return UploadQueue(self._connection, self.transaction)

    def write(self, writes: Sequence[LocalWrite]) -> int | None:
        """Change rows locally, all or none; the transaction's id, None when nothing is to be uploaded.

        Raises WriteError.
        """
        with self.transaction():
            return write_locally(self._connection, self._schema, writes, self._raw)

    @property
    def has_synced(self) -> bool:
        """A full checkpoint was published at some time."""
        return (
            row(self._connection, "SELECT 1 FROM ps_sync_state WHERE priority = ?", (FULL_SYNC_PRIORITY,)) is not None
        )

    def positions(self) -> tuple[BucketPosition, ...]:
        """The buckets to name in a request."""
        held = rows(self._connection, "SELECT name, last_op FROM ps_buckets WHERE pending_delete = 0 ORDER BY id")
        return tuple(BucketPosition(name, str(last_op)) for name, last_op in held)

    def subscribe(self, key: StreamKey, ttl: int | None, priority: int | None, now_us: int) -> None:
        """Subscribe to a stream for `ttl` s (None: one day); it is renewed as long as this database is open."""
        with self.transaction():
            subscribe(self._connection, key, ttl, priority, now_us)
        self._renewed.add(key)

    def unsubscribe(self, key: StreamKey, *, when_expired: bool = False) -> None:
        """End a subscription at once, or only stop renewing it."""
        self._renewed.discard(key)
        if not when_expired:
            with self.transaction():
                unsubscribe(self._connection, key)

    def renew_subscriptions(self, now_us: int) -> None:
        """Let the subscriptions of this session live for their whole time to live from now on."""
        with self.transaction():
            renew(self._connection, self._renewed, now_us)

    def requested_streams(self, include_defaults: bool, now_us: int) -> RequestedStreams:
        """The streams of the next request; subscriptions of this session are renewed, expired ones dropped."""
        with self.transaction():
            renew(self._connection, self._renewed, now_us)
            requested = requested_streams(self._connection, include_defaults, now_us)
        self._subscription_ids = requested.subscription_ids
        return requested

    def delete_buckets(self, names: Iterable[str]) -> None:
        """Forget these buckets; unknown names are passed over."""
        self._end_first_sync()
        with self.transaction():
            for name in names:
                delete_bucket(self._connection, name)

    def track(self, target: TargetCheckpoint) -> Progress:
        """Adopt the checkpoint's streams as subscriptions; how much of it is here already."""
        with self.transaction():
            progress = begin_progress(self._connection, target)
            self._stream_priorities = adopt_streams(self._connection, target, self._subscription_ids)
            if progress.total >= _FIRST_SYNC_OPERATIONS and not self._raw and self._is_empty():
                self._unindexed = UnindexedOplog(self._connection)
        return progress

    def save(self, line: DataLine, size: int) -> None:
        """Store the operations of a line of `size` bytes, to be committed with those around it (`settle`)."""
        if self._batch_began is None:
            self._connection.execute("BEGIN IMMEDIATE")
            self._batch_began = time.monotonic()
        try:
            bucket = find_or_create_bucket(self._connection, line.bucket)
            if self._unindexed is not None and (bucket.last_applied_op or not self._unindexed.usable(bucket.id)):
                self._make_indexes()
            oplog: Oplog = self._unindexed or self._indexed
            save_operations(self._connection, oplog, bucket, line, size)
            if self._unindexed is not None and self._unindexed.is_odd:
                self._make_indexes()
        except BaseException:
            self._batch_began = None
            self._connection.execute("ROLLBACK")
            raise
        if self._unindexed is not None and not line.has_more:
            self._unindexed.complete(bucket.id)

    def publish(self, target: TargetCheckpoint, priority: int | None, now_us: int) -> Published | HeldBack | Mismatched:
        """Validate and show the buckets up to `priority` (None: all); mismatched ones are deleted."""
        if self._unindexed is not None and not may_publish_at_once(self._connection):
            self._end_first_sync()
        types = None if self._unindexed is None else self._unindexed.row_types
        with self.transaction():
            if self.infers_schema:
                add_missing_tables(self._connection, types or self._indexed.row_types)
            self.validation = Validation()
            outcome = publish(
                self._connection,
                target,
                priority,
                now_us,
                first_sync_types=types,
                validation=self.validation,
                raw=self._raw,
            )
            if isinstance(outcome, Published):
                stamp_synced(self._connection, self._stream_priorities, priority, now_us)
        if priority is None or isinstance(outcome, Mismatched):
            self._end_first_sync()
        return outcome

    def _is_empty(self) -> bool:
        return row(self._connection, "SELECT 1 FROM ps_buckets UNION ALL SELECT 1 FROM ps_oplog LIMIT 1") is None

    def _end_first_sync(self) -> None:
        """From here on the oplog has its indexes."""
        if self._unindexed is not None:
            with self.transaction():
                self._make_indexes()

    def _make_indexes(self) -> None:
        if self._unindexed is not None:
            self._unindexed.make_indexes()
            self._unindexed = None
