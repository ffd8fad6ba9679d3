"""From changed rows to bucket operations, both in one transaction (protocol §2, operations)."""

from collections.abc import Iterator
from contextlib import contextmanager
from functools import lru_cache
from uuid import UUID, uuid5

import apsw
import msgspec

from inspector.protocol.checksums import put_checksum, remove_checksum
from inspector.protocol.lines import OpType
from inspector.service.buckets import BucketStorage, NewOperation
from inspector.service.feed import Change, ChangeFeed
from inspector.service.source import RowChange, SourceDatabase
from inspector.service.sync_config import BucketRow, BucketSource, Row, SyncConfig

_NAMESPACE = UUID("7d3a0c56-29b1-4d6f-9f0e-5b1c9e6a4d21")


class Replication:
    """Changes source rows and carries every change into the buckets that gain, keep or lose the row."""

    def __init__(
        self,
        connection: apsw.Connection,
        source: SourceDatabase,
        buckets: BucketStorage,
        config: SyncConfig,
        feed: ChangeFeed,
    ) -> None:
        self._connection = connection
        self._source = source
        self._buckets = buckets
        self._config = config
        self._feed = feed

    @property
    def database(self) -> SourceDatabase:
        """The tables that `transaction` changes."""
        return self._source

    def catch_up(self) -> None:
        """Nothing: rows and operations are committed together."""

    @contextmanager
    def transaction(self) -> Iterator[list[RowChange]]:
        """Commits what its body does to the source tables; the body adds each change to the list that it gets.

        Rows and operations are committed together or, when the body raises, not at all.
        """
        changes: list[RowChange] = []
        with self._connection:
            yield changes
            operations = [operation for change in changes for operation in operations_of(change, self._config)]
            states = self._buckets.append(operations)
        self._buckets.adopt(states)
        if changes:
            self._feed.announce(Change(frozenset(states), frozenset(change.table for change in changes)))


def operations_of(change: RowChange, config: SyncConfig) -> Iterator[NewOperation]:
    """PUT for the buckets that hold the row now, REMOVE for those that held it only before."""
    for source in config.sources_of(change.table):
        before = None if change.before is None else source.place(change.before)
        after = None if change.after is None else source.place(change.after)
        put_into = None
        if after is not None and change.after is not None:
            put_into = (config.bucket_name(source, after.parameters), after.object_id)
            yield _put(source, put_into[0], change.after, after)
        if before is not None and change.before is not None:
            held_by = (config.bucket_name(source, before.parameters), before.object_id)
            if held_by != put_into:
                subkey = _subkey(source, change.before)
                checksum = remove_checksum(subkey)
                yield NewOperation(
                    held_by[0], OpType.REMOVE, source.object_type, before.object_id, subkey, None, checksum
                )


def _put(source: BucketSource, bucket: str, row: Row, placed: BucketRow) -> NewOperation:
    # As in the real service, BLOBs do not travel.
    columns = {name: value for name, value in placed.columns.items() if not isinstance(value, bytes)}
    data = msgspec.json.encode(columns).decode()
    checksum = put_checksum(source.object_type, placed.object_id, data)
    return NewOperation(bucket, OpType.PUT, source.object_type, placed.object_id, _subkey(source, row), data, checksum)


def _subkey(source: BucketSource, row: Row) -> str:
    return subkey_of(source.table, "/".join(str(row[name]) for name in source.key))


def subkey_of(table: str, key: str) -> str:
    """The table's and the row's UUID, as the real service forms subkeys; the same in every run."""
    table_id = _table_id(table)
    return f"{table_id}/{uuid5(table_id, key)}"


@lru_cache(maxsize=1_000)
def _table_id(table: str) -> UUID:
    return uuid5(_NAMESPACE, table)
