"""Values of another type than their column's: text where numbers belong, in old tables or on damaged pages.

A column that has some is read through a view of the table's name that converts them, so that nothing else has to
expect them. The file itself stays as it is.
"""

from collections.abc import Iterable
from dataclasses import dataclass, replace

from inspector.store.app_schema import quoted
from inspector.store.read_connection import DAMAGE, ReadConnection

_COLUMNS = """
SELECT m.name, c.name, upper(c.type), c."notnull" OR c.pk FROM sqlite_schema AS m JOIN pragma_table_info(m.name) AS c
WHERE m.type = 'table' AND m.rootpage > 0 AND m.name GLOB 'ps_*' AND m.name NOT GLOB 'ps_data_*'
  AND upper(c.type) IN ('INTEGER', 'TEXT')
"""
_LOOKED_UP = {"id", "name", "bucket", "op_id", "row_type", "row_id", "key", "type", "priority"}
"""Of the indexes: to convert them makes lookups scan."""


@dataclass(frozen=True, slots=True)
class MistypedColumn:
    """A column and what belongs there, `INTEGER` or `TEXT`."""

    table: str
    column: str
    type: str
    is_required: bool
    is_certain: bool = True
    """False where damage hides it."""


def mistyped_columns(connection: ReadConnection) -> tuple[MistypedColumn, ...]:
    """The columns with a value of another type, or, where damage hides it, that may have one. Reads the tables whole.

    Raises what SQLite raises where not even the names of columns can be read.
    """
    columns = (_examined(connection, MistypedColumn(*found)) for found in connection.rows(_COLUMNS))
    return tuple(column for column in columns if column is not None)


def convert(connection: ReadConnection, columns: Iterable[MistypedColumn]) -> None:
    """Have this connection read these columns as what belongs there: 0 or an empty text where nothing fits."""
    by_table: dict[str, dict[str, MistypedColumn]] = {}
    for column in columns:
        by_table.setdefault(column.table, {})[column.column] = column
    for table, mistyped in by_table.items():
        names = [str(name) for (name,) in connection.rows("SELECT name FROM pragma_table_info(?)", (table,))]
        listed = [_converted(mistyped[name]) if name in mistyped else quoted(name) for name in names]
        without = "SELECT 1 FROM pragma_table_list WHERE schema = 'main' AND name = ? AND wr"
        if connection.row(without, (table,)) is None:
            listed.append("rowid AS rowid")
        source = f"SELECT {', '.join(listed)} FROM main.{quoted(table)}"
        connection.sqlite.execute(f"CREATE TEMP VIEW {quoted(table)} AS {source}")


def _examined(connection: ReadConnection, column: MistypedColumn) -> MistypedColumn | None:
    name = quoted(column.column)
    missing = f"{name} IS NULL" if column.is_required else "FALSE"
    expected = f"'{column.type.lower()}', 'null'"
    others = f"SELECT 1 FROM {quoted(column.table)} WHERE typeof({name}) NOT IN ({expected}) OR {missing} LIMIT 1"
    try:
        return None if connection.row(others) is None else column
    except DAMAGE:
        return None if column.column in _LOOKED_UP else replace(column, is_certain=False)


def _converted(column: MistypedColumn) -> str:
    name = quoted(column.column)
    cast = f"CAST({name} AS {column.type})"
    instead = "0" if column.type == "INTEGER" else "''"
    return f"{f'coalesce({cast}, {instead})' if column.is_required else cast} AS {name}"
