"""Follows a user's database: what any program commits there becomes operations of buckets."""

import asyncio
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from itertools import islice
from pathlib import Path

import apsw

from inspector.service.database.mirror import Mirror
from inspector.service.database.schema import CHANGES_TABLE, open_database, read_tables
from inspector.service.database.triggers import are_installed, install
from inspector.service.errors import ServiceError
from inspector.service.replication import Replication
from inspector.service.source import RowChange, SourceDatabase, SourceError, Table
from inspector.service.sync_config import Parameters

_POLL_SECONDS = 0.05
_BUSY_MILLISECONDS = 250
_TRIM_SECONDS = 5.0
_ROWS_AT_ONCE = 1_000
_NEWEST = f"SELECT coalesce(max(seq), 0) FROM {CHANGES_TABLE}"
_CHANGED = f"SELECT source, k1, k2, k3, k4 FROM {CHANGES_TABLE} WHERE seq > ? AND seq <= ? ORDER BY seq"


class Follower:
    """The one reader of a user's database; to be used from the service's event loop.

    Raises ServiceError when the database cannot be watched.
    """

    def __init__(
        self, path: Path, tables: tuple[Table, ...], storage: apsw.Connection, replication: Replication
    ) -> None:
        self._path = path
        self._tables = tables
        self._replication = replication
        self._connection = open_database(path)
        self._file = _identity(path)
        self._seen = 0
        """The newest noted change that is in the buckets."""
        self._trimmed = 0
        self._trim_at = 0.0
        self._data_version = -1
        self._schema_version = -1
        self.database = SourceDatabase(self._connection, tables)
        self._mirror = Mirror(self._connection, storage, tables)
        try:
            self._begin()
        except BaseException:
            self._connection.close()
            raise
        self._connection.set_busy_timeout(_BUSY_MILLISECONDS)

    @contextmanager
    def transaction(self) -> Iterator[list[RowChange]]:
        """Commits what its body does to `database`, and brings it into the buckets. Raises SourceError."""
        try:
            with self._writing():
                yield []
        except (apsw.BusyError, apsw.LockedError) as error:
            raise _locked() from error
        self.catch_up()

    def catch_up(self) -> None:
        """Brings every change that is committed into the buckets; raises SourceError while the database is locked."""
        try:
            if self._connection.pragma("schema_version") != self._schema_version:
                self._check_schema()
            with self._snapshot():
                newest = int(self._connection.execute(_NEWEST).get)
                if newest > self._seen:
                    self._replicate(newest)
        except (apsw.BusyError, apsw.LockedError) as error:
            raise _locked() from error

    async def follow(self) -> None:
        """Looks for changes until cancelled; raises ServiceError when the database is not what it was."""
        checked_at = 0.0
        while True:
            await asyncio.sleep(_POLL_SECONDS)
            try:
                with suppress(apsw.BusyError, apsw.LockedError, SourceError):
                    self._look()
            except apsw.Error as error:
                raise ServiceError(
                    f"The database {self._path} can no longer be read.", why=f"SQLite says: {error}."
                ) from error
            if time.monotonic() > checked_at + 1:
                checked_at = time.monotonic()
                self._check_file()

    def _look(self) -> None:
        version = self._connection.pragma("data_version")
        if version != self._data_version:
            self.catch_up()
            self._data_version = version
        self._trim()

    def close(self) -> None:
        """Stops; the triggers stay and go on noting."""
        with suppress(apsw.Error):
            self._trim(at_once=True)
        self._connection.close()

    def _begin(self) -> None:
        try:
            with self._writing():
                install(self._connection, self._tables)
            with self._snapshot():
                self._schema_version = self._connection.pragma("schema_version")
                self._seen = int(self._connection.execute(_NEWEST).get)
                self._compare()
        except apsw.Error as error:
            raise ServiceError(
                f"The database {self._path} cannot be watched.",
                why=f"SQLite says: {error}.",
                next_step="The service adds triggers to it: let nothing else lock it, and give it write access.",
            ) from error

    def _compare(self) -> None:
        differences = self._mirror.compare_all()
        while True:
            with self._replication.transaction() as changes:
                changes += islice(differences, _ROWS_AT_ONCE)
            if not changes:
                return

    def _replicate(self, newest: int) -> None:
        noted = dict.fromkeys(self._noted(newest))
        with self._replication.transaction() as changes:
            changes += filter(None, (self._mirror.update(table, key) for table, key in noted))
        self._seen = newest

    def _noted(self, newest: int) -> Iterator[tuple[str, Parameters]]:
        widths = {table.name: len(table.key) for table in self._tables}
        for table, *keys in self._connection.execute(_CHANGED, (self._seen, newest)):
            key = tuple(keys[: widths.get(table, 0)])
            if key and None not in key:
                yield table, key

    def _check_schema(self) -> None:
        """Raises ServiceError unless the tables are still those that the streams were made for; adds lost triggers."""
        now = {table.name: table for table in read_tables(self._connection)}
        for table in self._tables:
            if now.get(table.name) != table:
                raise ServiceError(
                    f"The table “{table.name}” of {self._path.name} has other columns than when the service started,"
                    " or is gone.",
                    next_step="Start the service again, so that it reads the new schema.",
                )
        if are_installed(self._connection, self._tables):
            self._schema_version = self._connection.pragma("schema_version")
        else:
            self._begin()

    def _check_file(self) -> None:
        if _identity(self._path) != self._file:
            raise ServiceError(
                f"The database {self._path} was replaced or removed.", next_step="Start the service again."
            )

    def _trim(self, *, at_once: bool = False) -> None:
        """Removes notes that are in the buckets, now and then: each time is a write to the user's database."""
        if self._trimmed < self._seen and (at_once or time.monotonic() > self._trim_at):
            self._trim_at = time.monotonic() + _TRIM_SECONDS
            self._connection.execute(f"DELETE FROM {CHANGES_TABLE} WHERE seq <= ?", (self._seen,))
            self._trimmed = self._seen

    @contextmanager
    def _writing(self) -> Iterator[None]:
        self._connection.execute("BEGIN IMMEDIATE")
        try:
            yield
            self._connection.execute("COMMIT")
        except BaseException:
            self._connection.execute("ROLLBACK")
            raise

    @contextmanager
    def _snapshot(self) -> Iterator[None]:
        """Reads within see one state of the database."""
        self._connection.execute("BEGIN")
        try:
            yield
        finally:
            self._connection.execute("ROLLBACK")


def _locked() -> SourceError:
    return SourceError("The database is locked by another program.")


def _identity(path: Path) -> tuple[int, int] | None:
    try:
        status = path.stat()
    except OSError:
        return None
    return status.st_dev, status.st_ino
