"""The schema that an app on these tables gives its clients, as the SDKs serialise it."""

from collections.abc import Iterable
from typing import Literal

from msgspec import Struct

from inspector.service.source import Table

ColumnType = Literal["text", "integer", "real"]

_TYPES: dict[str, ColumnType] = {"INTEGER": "integer", "REAL": "real"}


class ClientColumn(Struct, frozen=True):
    """A column of a client's view."""

    name: str
    type: ColumnType


class ClientTable(Struct, frozen=True):
    """A table of a client. Its CRUD entries tell the previous values: the backend sees conflicts by them."""

    name: str
    columns: tuple[ClientColumn, ...]
    include_old: bool = True


class ClientSchema(Struct, frozen=True):
    """All tables."""

    tables: tuple[ClientTable, ...]


def client_schema(tables: Iterable[Table]) -> ClientSchema:
    """The client's side of source tables."""
    return ClientSchema(
        tuple(
            ClientTable(
                table.name,
                tuple(
                    ClientColumn(name, _TYPES.get(kind.upper(), "text")) for name, kind in table.columns if name != "id"
                ),
            )
            for table in tables
        )
    )
