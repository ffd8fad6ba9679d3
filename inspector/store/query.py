"""Reading rows whose types the schema vouches for."""

from typing import Any

import apsw

Values = tuple[str | bytes | int | float | None, ...]


def rows(connection: apsw.Connection, sql: str, values: Values = ()) -> list[tuple[Any, ...]]:
    """All rows of a query, fetched before anything else is executed."""
    return connection.execute(sql, values).fetchall()


def row(connection: apsw.Connection, sql: str, values: Values = ()) -> tuple[Any, ...] | None:
    """The first row of a query, None when it has none."""
    return connection.execute(sql, values).fetchone()


def scalar(connection: apsw.Connection, sql: str, values: Values = ()) -> Any:
    """The only value of a query's first row; None when it has no row."""
    found = row(connection, sql, values)
    return None if found is None else found[0]
