"""Everything that the routes and the writer share: storage, sync config, keys and the change feed."""

from collections.abc import Callable
from contextlib import AbstractContextManager
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

import apsw

from inspector.service.backend_settings import DEFAULT_SETTINGS, Backend, BackendSettings
from inspector.service.buckets import BucketStorage
from inspector.service.compaction import Compaction
from inspector.service.faults.catalogue import new_lab
from inspector.service.faults.lab import FaultLab
from inspector.service.feed import ChangeFeed
from inspector.service.options import DEFAULT_MOST_BUCKETS, DEFAULT_MOST_STREAMS
from inspector.service.replication import Replication
from inspector.service.source import RowChange, SourceDatabase, Table
from inspector.service.storage import lay_out, open_storage
from inspector.service.sync_config import Row, SyncConfig
from inspector.service.tokens import KeyStore
from inspector.service.write_checkpoints import WriteCheckpoints


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
    backend: Backend
    faults: FaultLab
    _connection: apsw.Connection

    def close(self) -> None:
        """Closes the storage; a temporary one is gone."""
        self._connection.close()


def open_state(application: Application, keys: KeyStore, storage: Path | None, settings: Settings) -> ServiceState:
    """Opens `storage`, filling a new one; raises ServiceError."""
    connection, is_new = open_storage(storage)
    try:
        source = SourceDatabase(connection, application.tables)
        feed = ChangeFeed()
        with connection:
            if is_new:
                lay_out(connection)
                source.create_tables()
            buckets = BucketStorage(connection)
            replication = Replication(connection, source, buckets, application.config, feed)
            if is_new:
                with replication.transaction() as changes:
                    changes += application.initial_rows(source)
        write_checkpoints = WriteCheckpoints(connection, feed)
        compaction = Compaction(connection, buckets, feed)
    except BaseException:
        connection.close()
        raise
    backend = Backend(settings.backend)
    faults = new_lab()
    faults.on_change.append(feed.wake)
    return ServiceState(
        application,
        keys,
        settings,
        feed,
        source,
        buckets,
        replication,
        replication,
        write_checkpoints,
        compaction,
        backend,
        faults,
        connection,
    )
