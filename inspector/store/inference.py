"""A schema for a client that was given none: the tables, columns and types that the data show."""

from collections.abc import Collection

import apsw

from inspector.store.app_schema import Affinity, Column, Table
from inspector.store.query import rows
from inspector.store.schema_changes import add_tables, synced_tables

_ROWS_LOOKED_AT = 2_000
"""Of each table: enough for its columns, and little beside a first sync."""

_COLUMNS = """
SELECT field.key, group_concat(DISTINCT field.type)
FROM (
  SELECT data FROM ps_oplog WHERE row_type = ? AND data IS NOT NULL AND json_valid(data) LIMIT ?
) AS looked_at, json_each(looked_at.data) AS field
WHERE field.key != 'id'
GROUP BY field.key ORDER BY min(field.id)
"""


def add_missing_tables(connection: apsw.Connection, row_types: Collection[str]) -> None:
    """Make a table and a view for each of these types that has none; inside the caller's transaction."""
    missing = sorted(set(row_types) - synced_tables(connection).keys())
    if missing:
        add_tables(connection, [_inferred(connection, row_type) for row_type in missing])


def _inferred(connection: apsw.Connection, row_type: str) -> Table:
    columns = rows(connection, _COLUMNS, (row_type, _ROWS_LOOKED_AT))
    return Table(row_type, tuple(Column(name, _type_of(types)) for name, types in columns))


def _type_of(json_types: str) -> Affinity:
    seen = set(json_types.split(",")) - {"null"}
    if seen and seen <= {"integer", "true", "false"}:
        return "integer"
    return "real" if seen and seen <= {"integer", "real"} else "text"
