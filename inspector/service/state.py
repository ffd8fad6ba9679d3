"""Everything that the routes and the writer share: storage, sync config, keys and the change feed."""

from collections.abc import Callable
from contextlib import AbstractContextManager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Protocol

import apsw

from inspector.service.backend_settings import DEFAULT_SETTINGS, Backend, BackendSettings
from inspector.service.buckets import BucketStorage
from inspector.service.compaction import Compaction
from inspector.service.data_lines import DataLines
from inspector.service.database.follow import Follower
from inspector.service.errors import ServiceError
from inspector.service.faults.catalogue import new_lab
from inspector.service.faults.lab import FaultLab
from inspector.service.feed import ChangeFeed
from inspector.service.options import DEFAULT_MOST_BUCKETS, DEFAULT_MOST_STREAMS
from inspector.service.replication import Replication
from inspector.service.source import RowChange, SourceDatabase, Table, quoted
from inspector.service.storage import empty, keep_value, kept_value, lay_out, open_storage
from inspector.service.sync_config import Row, SyncConfig
from inspector.service.tokens import KeyStore
from inspector.service.write_checkpoints import WriteCheckpoints

_FINGERPRINT, _VERSION = "fingerprint", "version"


def _takes_any_row(_table: str, _row: Row) -> str:
    return ""


@dataclass(frozen=True, slots=True)
class Application:
    """What the service serves: an app's tables and users, its sync config, and the rows that a new storage gets.

    Without `users`, everybody gets credentials.
    """

    tables: tuple[Table, ...]
    config: SyncConfig
    users: tuple[str, ...]
    initial_rows: Callable[[SourceDatabase], list[RowChange]]
    rule: Callable[[str, Row], str] = _takes_any_row
    """Why the backend does not take a row of a table, as a sentence; empty when it does."""
    fingerprint: str = ""
    """Of sync config and tables: with another one, the buckets of a kept storage are made anew."""


class Uploads(Protocol):
    """Where the writes of clients go. The demo's tables, or a user's database that is then read again."""

    @property
    def database(self) -> SourceDatabase:
        """What `transaction` changes."""
        ...

    def transaction(self) -> AbstractContextManager[list[RowChange]]:
        """Commits what its body does to `database`; the body adds each change to the list. Raises SourceError."""
        ...

    def catch_up(self) -> None:
        """Brings what was committed until now into the buckets; raises SourceError when it cannot be read."""
        ...


@dataclass(frozen=True, slots=True)
class Settings:
    """How the service behaves; times in s."""

    token_seconds: int
    keepalive_seconds: float
    loopback_only: bool
    backend: BackendSettings = DEFAULT_SETTINGS
    most_streams: int = DEFAULT_MOST_STREAMS
    most_buckets: int = DEFAULT_MOST_BUCKETS
    """Of one stream."""


@dataclass(frozen=True, slots=True)
class ServiceState:
    """One running service; to be used from its event loop only."""

    application: Application
    keys: KeyStore
    settings: Settings
    feed: ChangeFeed
    source: SourceDatabase
    buckets: BucketStorage
    replication: Replication
    uploads: Uploads
    write_checkpoints: WriteCheckpoints
    compaction: Compaction
    data_lines: DataLines
    backend: Backend
    faults: FaultLab
    _connection: apsw.Connection

    def close(self) -> None:
        """Closes the storage; a temporary one is gone."""
        if isinstance(self.uploads, Follower):
            self.uploads.close()
        self._connection.close()


def open_state(
    application: Application, keys: KeyStore, storage: Path | None, settings: Settings, database: Path | None = None
) -> ServiceState:
    """Opens `storage`, filling a new one, and follows `database` if there is one; raises ServiceError."""
    connection, is_new = open_storage(storage)
    try:
        source = SourceDatabase(connection, application.tables)
        feed = ChangeFeed()
        with connection:
            config = _prepared(connection, application, source, is_new=is_new)
            buckets = BucketStorage(connection)
            replication = Replication(connection, source, buckets, config, feed)
            if is_new:
                with replication.transaction() as changes:
                    changes += application.initial_rows(source)
        uploads: Uploads = replication
        if database is not None:
            uploads = Follower(database, application.tables, connection, replication)
        write_checkpoints = WriteCheckpoints(connection, feed)
        compaction = Compaction(connection, buckets, feed)
    except BaseException:
        connection.close()
        raise
    backend = Backend(settings.backend)
    faults = new_lab()
    faults.on_change.append(feed.wake)
    return ServiceState(
        replace(application, config=config),
        keys,
        settings,
        feed,
        source,
        buckets,
        replication,
        uploads,
        write_checkpoints,
        compaction,
        DataLines(buckets),
        backend,
        faults,
        connection,
    )


def _prepared(
    connection: apsw.Connection, application: Application, source: SourceDatabase, *, is_new: bool
) -> SyncConfig:
    """The sync config in the version that the storage's buckets have or, when it changed, will have."""
    if is_new:
        lay_out(connection)
    known = None if is_new else kept_value(connection, _FINGERPRINT)
    version = int(kept_value(connection, _VERSION) or 0)
    if known != application.fingerprint:
        if known is not None and "" in (known, application.fingerprint):
            raise ServiceError(
                "The storage has the buckets of something else.",
                why="One of the demo cannot be used with a sync config, nor the other way round.",
                next_step="Give another file with --storage.",
            )
        empty(connection)
        source.create_tables()
        for table, column in sorted(application.config.looked_up):
            name = quoted(f"sync_lookup_{table}_{column}")
            connection.execute(f"CREATE INDEX {name} ON {quoted(table)}({quoted(column)})")
        version += 1
        keep_value(connection, _VERSION, version)
        keep_value(connection, _FINGERPRINT, application.fingerprint)
    return replace(application.config, version=version)
