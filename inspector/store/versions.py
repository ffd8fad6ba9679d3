"""How the schema versions 1 to 14 differ (protocol §3, older files), so that one reader serves all.

What a file has is decided by its columns, not by its version number: a file whose number is wrong is read all the
same, and the disagreement is told.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from inspector.store.read_connection import ReadConnection
from inspector.store.schema import SCHEMA_VERSION

LOCAL_BUCKET = "$local"
"""Up to version 13 a row of `ps_buckets` that is no bucket but holds the gate."""

TABLES = ("ps_migration", "ps_oplog", "ps_buckets", "ps_crud", "ps_untyped")
"""Every version has them: by these a client database is recognised."""

_SINCE = {
    "ps_tx": 2,
    "ps_crud.tx_id": 2,
    "ps_kv": 3,
    "ps_buckets.op_checksum": 4,
    "ps_buckets.id": 5,
    "ps_updated_rows": 5,
    "ps_sync_state": 7,
    "ps_buckets.count_at_last": 9,
    "ps_buckets.count_since_last": 9,
    "ps_stream_subscriptions": 11,
    "ps_buckets.downloaded_size": 12,
}
_UNTIL = {"ps_oplog.op": 4, "ps_oplog.superseded": 4, "ps_buckets.remove_operations": 4, "ps_buckets.target_op": 13}
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_SECOND = 1_000_000
_LEAST_MICROSECONDS = 10**13
"""As µs this is April 1970, as seconds the year 318857: below it, a number is seconds."""


@dataclass(frozen=True, slots=True)
class Layout:
    """The tables and columns that a client database has, and what follows from them for SQL."""

    version: int
    """The highest migration; 0 when there is none, or damage hides it."""
    columns: Mapping[str, frozenset[str]]
    """Of each table named `ps_…`."""

    @classmethod
    def of(cls, connection: ReadConnection) -> "Layout":
        """The layout of an open database; raises what SQLite raises for a damaged one."""
        columns: dict[str, set[str]] = {}
        for table, column in connection.rows(
            "SELECT m.name, c.name FROM sqlite_schema m JOIN pragma_table_info(m.name) c "
            "WHERE m.type = 'table' AND m.name GLOB 'ps_*' AND m.rootpage > 0"
        ):
            columns.setdefault(table, set()).add(column)
        newest = "SELECT ifnull(max(id), 0) FROM ps_migration"
        version = connection.count_of("ps_migration", newest) if "ps_migration" in columns else None
        return cls(version or 0, {table: frozenset(names) for table, names in columns.items()})

    def has(self, name: str) -> bool:
        """Whether there is the table `name`, or the column `table.column`."""
        table, _, column = name.partition(".")
        return table in self.columns and (not column or column in self.columns[table])

    @property
    def is_client_database(self) -> bool:
        """Whether the tables are there that every version has."""
        return all(table in self.columns for table in TABLES)

    def disagreements(self) -> list[str]:
        """What is missing or left over for the version number that the file claims, as `table` or `table.column`."""
        wrong = [name for name, since in _SINCE.items() if self.has(name) != (self.version >= since)]
        wrong += [name for name, until in _UNTIL.items() if self.has(name) and self.version > until]
        return wrong

    @property
    def names_buckets_in_oplog(self) -> bool:
        """Up to version 4 `ps_oplog.bucket` is the bucket's name; from 5 on it is its id."""
        return not self.has("ps_buckets.id")

    @property
    def bucket_key(self) -> str:
        """The column of `ps_buckets` that `ps_oplog.bucket` refers to."""
        return "name" if self.names_buckets_in_oplog else "id"

    @property
    def live(self) -> str:
        """The condition on `ps_oplog` for operations that count: up to version 4 it keeps superseded ones."""
        return "superseded = 0" if self.has("ps_oplog.superseded") else "TRUE"

    @property
    def is_put(self) -> str:
        """The condition on `ps_oplog` for PUTs: up to version 4 it keeps REMOVEs, from 5 on PUTs alone."""
        return "op = 3" if self.has("ps_oplog.op") else "TRUE"

    def column(self, table: str, column: str, otherwise: str = "NULL") -> str:
        """An expression for a column that not every version has."""
        return f'"{column}"' if self.has(f"{table}.{column}") else otherwise


READ_VERSIONS = range(1, SCHEMA_VERSION + 1)


def microseconds(value: Any) -> int | None:
    """A time of any version in µs since the Unix epoch; None for what is no time.

    Before version 13 times are seconds, as numbers or as text of UTC (`2026-11-23 15:47:29`).
    """
    if isinstance(value, str):
        return _parse_utc(value)
    if isinstance(value, int):
        return value if abs(value) >= _LEAST_MICROSECONDS else value * _SECOND
    return None


def _parse_utc(text: str) -> int | None:
    try:
        parsed = datetime.fromisoformat(text)
    except ValueError:
        return None
    moment = parsed if parsed.tzinfo else parsed.replace(tzinfo=UTC)
    return (moment - _EPOCH) // timedelta(microseconds=1)
