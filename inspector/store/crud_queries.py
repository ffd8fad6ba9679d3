"""The upload queue, entry by entry, its JSON kept as stored (protocol §5)."""

from typing import Any

import msgspec

from inspector.store.read_connection import ReadConnection
from inspector.store.records import CrudEntry
from inspector.store.table_queries import text_of
from inspector.store.versions import Layout

_JSON_OBJECT = msgspec.json.Decoder(dict[str, msgspec.Raw])
_STRING = msgspec.json.Decoder(str)


def read_pending(connection: ReadConnection, layout: Layout, after_id: int, limit: int) -> list[CrudEntry]:
    """CRUD entries, oldest first."""
    if not layout.has("ps_crud"):
        return []
    sql = f"SELECT id, {layout.column('ps_crud', 'tx_id')}, data FROM ps_crud WHERE id > ? ORDER BY id LIMIT ?"
    found = connection.rows_of("ps_crud", sql, (after_id, limit))
    return [_entry(*values) for values in found]


def _entry(entry_id: int, tx_id: int | None, stored: Any) -> CrudEntry:
    text = text_of(stored) or ""
    try:
        fields = _JSON_OBJECT.decode(text)
    except msgspec.DecodeError:
        return CrudEntry(id=entry_id, tx_id=tx_id, text=text)
    return CrudEntry(
        id=entry_id,
        tx_id=tx_id,
        text=text,
        op=_string(fields, "op"),
        row_type=_string(fields, "type"),
        row_id=_string(fields, "id"),
        data=_raw(fields, "data"),
        old=_raw(fields, "old"),
        metadata=_raw(fields, "metadata"),
    )


def _raw(fields: dict[str, msgspec.Raw], name: str) -> str | None:
    return bytes(fields[name]).decode() if name in fields else None


def _string(fields: dict[str, msgspec.Raw], name: str) -> str:
    """A string field without its quotes; anything else as the JSON that it is."""
    raw = fields.get(name)
    if raw is None:
        return ""
    try:
        return _STRING.decode(raw)
    except msgspec.DecodeError:
        return bytes(raw).decode()
