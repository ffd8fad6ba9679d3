"""The list that the demo's clients share, as an app would show it."""

from contextlib import closing
from dataclasses import dataclass
from pathlib import Path

from inspector.protocol.errors import InspectorError
from inspector.service.groceries import LIST_ID
from inspector.store.read_connection import ReadConnection

_LIST = "SELECT json_extract(data, '$.name') FROM ps_data__lists WHERE id = ?"
_ITEMS = """
SELECT id, json_extract(data, '$.description'), json_extract(data, '$.completed'),
  EXISTS (SELECT 1 FROM ps_crud WHERE json_extract(ps_crud.data, '$.id') = ps_data__todos.id
    AND json_extract(ps_crud.data, '$.type') = 'todos'),
  EXISTS (SELECT 1 FROM ps_updated_rows WHERE row_type = 'todos' AND row_id = ps_data__todos.id)
FROM ps_data__todos WHERE json_extract(data, '$.list_id') = ? ORDER BY json_extract(data, '$.created_at'), id
"""


@dataclass(frozen=True, slots=True)
class Item:
    """A row of the list."""

    id: str
    description: str
    completed: bool
    pending: bool = False
    """A local write of it waits in the upload queue."""
    unconfirmed: bool = False
    """It was changed here, and no checkpoint has come since that has the change."""


@dataclass(frozen=True, slots=True)
class SharedList:
    """The list and its items; `name` is empty while the device does not have it."""

    name: str
    items: tuple[Item, ...]


def read_list(database: Path) -> SharedList:
    """The list in a client database; empty while there is none."""
    try:
        with closing(ReadConnection(database)) as connection:
            return connection.consistently(lambda: _read(connection))
    except InspectorError:
        return SharedList("", ())


def read_items(database: Path) -> tuple[Item, ...]:
    """The items alone."""
    return read_list(database).items


def _read(connection: ReadConnection) -> SharedList:
    name = connection.scalar(_LIST, (LIST_ID,))
    rows = connection.rows(_ITEMS, (LIST_ID,))
    return SharedList(
        str(name or ""),
        tuple(
            Item(str(row_id), str(description or ""), bool(completed), bool(pending), bool(unconfirmed))
            for row_id, description, completed, pending, unconfirmed in rows
        ),
    )
