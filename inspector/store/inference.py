"""A schema for a client that was given none: the tables, columns and types that the data show."""

from collections.abc import Collection
from contextlib import suppress

import apsw

from inspector.store.app_schema import Affinity, Column, Table, json_path
from inspector.store.query import rows, scalar
from inspector.store.schema_changes import add_tables, synced_tables

_ROWS_LOOKED_AT = 2_000
"""Of each table: enough for its columns, and little beside a first sync."""

_COLUMNS = """
SELECT field.key, group_concat(DISTINCT field.type)
FROM (
  SELECT data FROM ps_oplog WHERE row_type = ? AND iif(json_valid(data), json_type(data), '') = 'object' LIMIT ?
) AS looked_at, json_each(looked_at.data) AS field
WHERE field.key != 'id'
GROUP BY field.key ORDER BY min(field.id)
"""


def add_missing_tables(connection: apsw.Connection, row_types: Collection[str]) -> None:
    """Make a table and a view for each of these types that has none; inside the caller's transaction.

    A type whose name no table or view can have here, because another one has it or for what is in it, gets none: its
    rows wait in `ps_untyped`.
    """
    for row_type in sorted(set(row_types) - synced_tables(connection).keys()):
        with suppress(apsw.SQLError, UnicodeDecodeError), connection:
            add_tables(connection, [_inferred(connection, row_type)])


def _inferred(connection: apsw.Connection, row_type: str) -> Table:
    columns = rows(connection, _COLUMNS, (row_type, _ROWS_LOOKED_AT))
    return Table(
        row_type, tuple(Column(name, _type_of(types)) for name, types in columns if _may_be_column(connection, name))
    )


def _may_be_column(connection: apsw.Connection, name: str) -> bool:
    """Whether a view can have this field; one that cannot read a field cannot be read at all."""
    try:
        scalar(connection, f"SELECT json_extract('{{}}', {json_path(name)})")
    except apsw.SQLError:
        return False
    return True


def _type_of(json_types: str) -> Affinity:
    seen = set(json_types.split(",")) - {"null"}
    if seen and seen <= {"integer", "true", "false"}:
        return "integer"
    return "real" if seen and seen <= {"integer", "real"} else "text"
