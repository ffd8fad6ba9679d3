"""Showing a first sync: the oplog is read once in its own order and sorted, instead of looked up row by row.

Right whenever no row is to be deleted, because showing a row again that is shown already changes nothing.
"""

from collections.abc import Collection, Sequence

import apsw
import msgspec

from inspector.store.app_schema import quoted
from inspector.store.query import row
from inspector.store.schema_changes import synced_tables


def publish_first_sync(connection: apsw.Connection, buckets: Sequence[str] | None, row_types: Collection[str]) -> None:
    """Show the rows of these buckets, None: of all that there are; inside the caller's transaction.

    `row_types` are those in the oplog. No row may be in `ps_updated_rows`: `may_publish_at_once` tells.
    """
    tables = synced_tables(connection)
    names = msgspec.json.encode(buckets).decode()
    among = "SELECT id FROM ps_buckets"
    if buckets is not None:
        among += " WHERE name IN (SELECT value FROM json_each(?1))"
    for row_type in sorted(row_types):
        table = tables.get(row_type)
        into = f"{quoted(table)}(id, data) SELECT" if table is not None else "ps_untyped(type, id, data) SELECT ?2,"
        connection.execute(
            f"INSERT OR REPLACE INTO {into} row_id, data FROM ("
            " SELECT row_id, data, max(op_id) FROM ps_oplog NOT INDEXED"
            f" WHERE row_type = ?2 AND bucket IN ({among}) GROUP BY row_id) WHERE data IS NOT NULL",
            (names, row_type),
        )


def may_publish_at_once(connection: apsw.Connection) -> bool:
    """No row waits to be looked at again."""
    return row(connection, "SELECT 1 FROM ps_updated_rows LIMIT 1") is None
