"""The app's tables as the app sees them: through its views, searched, filtered, sorted, and a page at a time."""

from array import array
from collections.abc import Callable, Sequence
from typing import Any, Literal, TypeAlias

from msgspec import Struct

from inspector.store.odd_text import shown_text
from inspector.store.positions import read_at_sql, scan
from inspector.store.query import Values
from inspector.store.read_connection import ReadConnection, ReadError
from inspector.store.salvage import quoted
from inspector.store.table_queries import read_tables
from inspector.store.versions import Layout

LONGEST_VALUE = 1_000
"""Characters of a text, or bytes of a blob, that a page holds; the whole is read by itself."""

ShapeKind: TypeAlias = Literal["synced", "local", "untyped", "raw"]
"""`raw`: a table that the app made itself, outside of the schema of the SDK."""

_OPERATORS = ("!=", "<=", ">=", "=", "<", ">")


class DataColumn(Struct, frozen=True):
    """A column; `type` is what the schema casts it to, in SQLite's words."""

    name: str
    type: str

    @property
    def is_number(self) -> bool:
        """Whether the schema casts it to a number."""
        return self.type.upper() in ("INT", "INTEGER", "REAL", "NUM", "NUMERIC")


class TableShape(Struct, frozen=True):
    """A table with its columns; `source` holds the rows, `view` shows them and is empty where there is none."""

    name: str
    kind: ShapeKind
    source: str
    view: str
    columns: tuple[DataColumn, ...]
    rows: int | None

    @property
    def title(self) -> str:
        """What the app calls it."""
        return self.view or self.name


class Sorting(Struct, frozen=True):
    """By which column, and in which direction."""

    column: str
    descending: bool = False


class Wanted(Struct, frozen=True):
    """Which rows: those with `search` in any column, and a condition on some columns.

    A condition is a text that the column has in it; `= text`, `!=`, `<`, `<=`, `>`, `>=`; `null` or `not null`.
    """

    search: str = ""
    conditions: tuple[tuple[str, str], ...] = ()
    sorting: Sorting | None = None


class Value(Struct, frozen=True):
    """A cell; `value` is cut where `size` (bytes, of texts and blobs) says that there is more."""

    value: Any
    size: int | None
    is_odd: bool = False
    """A text that is no UTF-8, such as half a surrogate pair: what is odd in it stands escaped in `value`."""

    @property
    def is_cut(self) -> bool:
        """Whether the page holds its beginning only."""
        return isinstance(self.value, str | bytes) and self.size is not None and self.size > _bytes_of(self.value)


class Row(Struct, frozen=True):
    """A row of a table; `values` stand in the order of its columns."""

    rowid: int
    values: tuple[Value, ...]


def read_shapes(connection: ReadConnection, layout: Layout) -> list[TableShape]:
    """All tables that the app may read: synced, local only, without a table in the schema, and its own."""
    found = [
        TableShape(
            name=table.name,
            kind=table.kind,
            source=table.internal_name,
            view=table.view,
            columns=_columns(connection, table.view) if table.view else (DataColumn("id", "TEXT"), _JSON),
            rows=table.rows,
        )
        for table in read_tables(connection, layout)
    ]
    own = (name for (name,) in connection.rows(_OWN_TABLES))
    return found + [TableShape(name, "raw", name, "", _columns(connection, name), None) for name in own]


_JSON = DataColumn("data", "JSON")
_OWN_TABLES = (
    "SELECT name FROM pragma_table_list WHERE schema = 'main' AND type = 'table' AND NOT wr"
    " AND name NOT GLOB 'ps_*' AND name NOT GLOB 'sqlite_*' ORDER BY name"
)


def find_rows(connection: ReadConnection, shape: TableShape, wanted: Wanted, go_on: Callable[[], bool]) -> "array[int]":
    """The positions of the rows that are wanted, in order."""
    conditions, values = _conditions(shape, wanted)
    names = {column.name for column in shape.columns}
    order = "p.rowid" if shape.kind == "raw" else "p.id"
    if wanted.sorting is not None and wanted.sorting.column in names:
        direction = "DESC" if wanted.sorting.descending else "ASC"
        order = f"{_expression(shape, wanted.sorting.column)} {direction}, p.rowid"
    plain = not conditions and wanted.sorting is None
    source = f"{quoted(shape.source)} AS p" if plain else _from(shape)
    where = " AND ".join((*_of_type(shape), *conditions)) or "TRUE"
    bound = (*_type_values(shape), *values)
    return scan(connection, shape.source, f"SELECT p.rowid FROM {source} WHERE {where} ORDER BY {order}", bound, go_on)


def rows_at(
    connection: ReadConnection, shape: TableShape, rowids: Sequence[int], *, whole: bool = False
) -> list[Row | None]:
    """The rows at these positions, their values cut or `whole`; None where one is gone or cannot be read."""
    read = _whole if whole else _cut
    cells = ", ".join(read(_expression(shape, column.name)) for column in shape.columns)
    found = read_at_sql(connection, shape.source, f"SELECT p.rowid, {cells} FROM {_from(shape)}", "p.rowid", rowids)
    rows: list[Row | None] = []
    for rowid in rowids:
        values = found.get(rowid)
        if values is not None:
            pairs = zip(values[::2], values[1::2], strict=True)
            rows.append(Row(rowid, tuple(Value(value, size) for value, size in pairs)))
        else:
            unread = [column.name for column in shape.columns] if rowid in found else []
            odd = _odd_values(connection, shape, rowid, unread, read)
            rows.append(None if odd is None else Row(rowid, odd))
    return rows


def whole_value(connection: ReadConnection, shape: TableShape, rowid: int, column: str) -> Value | None:
    """A cell in full; None where the row is gone."""
    if column not in {each.name for each in shape.columns}:
        raise ReadError(f"The table {shape.title} has no column {column}.", next_step="Choose the table again.")
    sql = f"SELECT {_whole(_expression(shape, column))} FROM {_from(shape)} WHERE p.rowid = ?"
    found = connection.row_of(shape.source, sql, (rowid,))
    if found is not None:
        return Value(*found)
    odd = _odd_values(connection, shape, rowid, [column], _whole)
    return None if odd is None else odd[0]


def _odd_values(
    connection: ReadConnection, shape: TableShape, rowid: int, columns: Sequence[str], read: Callable[[str], str]
) -> tuple[Value, ...] | None:
    """Values of a row that cannot be read as they are, because a text among them is no UTF-8."""
    if not columns:
        return None
    names = [_expression(shape, column) for column in columns]
    cells = ", ".join(f"typeof({name}), {read(_bytes(name))}" for name in names)
    sql = f"SELECT {cells} FROM {_from(shape)} WHERE p.rowid = ?"
    found = connection.row_of(shape.source, sql, (rowid,))
    if found is None:
        return None
    cells_found = zip(found[::3], found[1::3], found[2::3], strict=True)
    return tuple(
        Value(*shown_text(value, size)) if kind == "text" else Value(value, size) for kind, value, size in cells_found
    )


def _from(shape: TableShape) -> str:
    source = f"{quoted(shape.source)} AS p"
    return f'{source} JOIN {quoted(shape.view)} AS v ON v."id" = p.id' if shape.view else source


def _expression(shape: TableShape, column: str) -> str:
    return f"{'v' if shape.view else 'p'}.{quoted(column)}"


def _cut(value: str) -> str:
    short = f"iif(typeof({value}) IN ('text', 'blob'), substr({value}, 1, {LONGEST_VALUE}), {value})"
    return f"{short}, octet_length({value})"


def _whole(value: str) -> str:
    return f"{value}, octet_length({value})"


def _bytes(value: str) -> str:
    return f"iif(typeof({value}) = 'text', CAST({value} AS BLOB), {value})"


def _of_type(shape: TableShape) -> tuple[str, ...]:
    return ("p.type = ?",) if shape.kind == "untyped" else ()


def _type_values(shape: TableShape) -> Values:
    return (shape.name,) if shape.kind == "untyped" else ()


def _conditions(shape: TableShape, wanted: Wanted) -> tuple[list[str], Values]:
    conditions: list[str] = []
    values: list[str | int | float] = []
    if wanted.search:
        pattern = _containing(wanted.search)
        each = [f"{_expression(shape, column.name)} LIKE ? ESCAPE '\\'" for column in shape.columns]
        conditions.append(f"({' OR '.join(each)})")
        values += [pattern] * len(each)
    names = {column.name for column in shape.columns}
    for column, text in wanted.conditions:
        if column in names and text.strip():
            condition, bound = _condition(_expression(shape, column), text.strip(), is_id=column == "id")
            conditions.append(condition)
            values += bound
    return conditions, tuple(values)


def _condition(value: str, text: str, *, is_id: bool) -> tuple[str, list[str | int | float]]:
    if text.lower() in ("null", "not null"):
        return f"{value} IS {text.upper()}", []
    for operator in _OPERATORS:
        if text.startswith(operator):
            operand = text[len(operator) :].strip()
            return f"{value} {operator} ?", [operand if is_id else _number_or_text(operand)]  # an id may be 007 or 1e5
    return f"{value} LIKE ? ESCAPE '\\'", [_containing(text)]


def _number_or_text(text: str) -> str | int | float:
    for kind in (int, float):
        try:
            return kind(text)
        except ValueError:
            continue
    return text


def _containing(text: str) -> str:
    escaped = text.replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_")
    return f"%{escaped}%"


def _columns(connection: ReadConnection, name: str) -> tuple[DataColumn, ...]:
    found = connection.rows("SELECT name, type FROM pragma_table_info(?)", (name,))
    return tuple(DataColumn(column, kind or "") for column, kind in found)


def _bytes_of(value: str | bytes) -> int:
    return len(value.encode(errors="surrogatepass")) if isinstance(value, str) else len(value)
