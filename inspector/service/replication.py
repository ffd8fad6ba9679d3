"""From changed rows to bucket operations, both in one transaction (protocol §2, operations)."""

from collections.abc import Iterable, Iterator
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
from inspector.service.sync_config import BucketSource, Row, SyncConfig

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
    table = change.table
    for source in config.sources_of(table):
        after = dict.fromkeys(_names(config, source, change.after))
        if change.after is not None:
            row_id = str(change.after["id"])
            data = msgspec.json.encode(change.after).decode()
            put = (table, row_id, subkey_of(table, row_id), data, put_checksum(table, row_id, data))
            for name in after:
                yield NewOperation(name, OpType.PUT, *put)
        if change.before is not None:
            row_id = str(change.before["id"])
            subkey = subkey_of(table, row_id)
            for name in _names(config, source, change.before):
                if name not in after:
                    yield NewOperation(name, OpType.REMOVE, table, row_id, subkey, None, remove_checksum(subkey))


def subkey_of(table: str, row_id: str) -> str:
    """The table's and the row's UUID, as the real service forms subkeys; the same in every run."""
    table_id = _table_id(table)
    return f"{table_id}/{uuid5(table_id, row_id)}"


@lru_cache(maxsize=1_000)
def _table_id(table: str) -> UUID:
    return uuid5(_NAMESPACE, table)


def _names(config: SyncConfig, source: BucketSource, row: Row | None) -> Iterable[str]:
    if row is None:
        return ()
    return (config.bucket_name(source, parameters) for parameters in source.parameters_of(row))
