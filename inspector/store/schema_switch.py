"""From one schema of the app's to another while the client database is in use."""

from collections.abc import Mapping

import apsw

from inspector.store.app_schema import AppSchema
from inspector.store.preparing import StoreError
from inspector.store.query import rows
from inspector.store.raw_tables import RawTarget, usable_raw_tables
from inspector.store.row_writer import write_raw
from inspector.store.schema_changes import replace_schema, synced_tables

_SHOWN = """
INSERT OR REPLACE INTO ps_untyped(type, id, data)
SELECT ?1, row_id, data FROM (
  SELECT oplog.row_id, oplog.data, max(oplog.op_id) FROM ps_oplog AS oplog
  JOIN ps_buckets AS buckets ON buckets.id = oplog.bucket AND oplog.op_id <= buckets.last_applied_op
  WHERE oplog.row_type = ?1 GROUP BY oplog.row_id
) WHERE data IS NOT NULL
"""
"""The rows of a type as they are shown, from the operations: a raw table cannot tell them as JSON."""


def switch_schema(
    connection: apsw.Connection, schema: AppSchema, raw_before: Mapping[str, RawTarget]
) -> tuple[dict[str, RawTarget], list[str]]:
    """Give the file the tables of `schema`, and every row the place that it has there; in the caller's transaction.

    `raw_before` are the raw tables that were written until now. Gives those written from now on, and a sentence about
    each one that cannot be. Raises SchemaError and StoreError.
    """
    raw, complaints = usable_raw_tables(connection, schema.raw_tables)
    for row_type, target in raw_before.items():
        if row_type not in raw:
            connection.execute(_SHOWN, (row_type,))
            if target.clear is not None:
                connection.execute(target.clear)
    try:
        replace_schema(connection, schema)
    except apsw.SQLError as error:
        raise StoreError(
            "The tables cannot be made as the schema has them.",
            why=f"SQLite says: {error}.",
            next_step="Where it speaks of JSON, an index is to have a row whose data are none: leave the index out."
            " Otherwise compare the names of tables, views and indexes; capitals do not tell them apart.",
        ) from error
    for row_type in raw.keys() - synced_tables(connection).keys():
        waiting = rows(connection, "DELETE FROM ps_untyped WHERE type = ? RETURNING id, data", (row_type,))
        for row_id, data in waiting:
            write_raw(connection, raw[row_type], row_id, data)
    return raw, complaints
