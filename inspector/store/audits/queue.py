"""The upload queue as a whole: which transactions stand beside each other."""

from msgspec import Struct

from inspector.store.read_connection import ReadConnection
from inspector.store.versions import Layout


class Neighbours(Struct, frozen=True):
    """Of the transactions that wait."""

    insert_only: int
    """Those of insert-only tables alone."""
    pairs: int
    """How many of them stand directly before or after one of other tables, with the next number."""


def insert_only_neighbours(connection: ReadConnection, layout: Layout) -> Neighbours | None:
    """How transactions of insert-only tables stand beside others; None where one has both kinds, or none is known."""
    if layout.column("ps_crud", "tx_id") == "NULL":
        return None
    sql = (
        "WITH logs(name) AS (SELECT tbl_name FROM sqlite_schema WHERE type = 'trigger'"
        " AND instr(sql, 'INSERT INTO powersync_crud_(')),"
        " kinds AS (SELECT tx_id, min(json_extract(data, '$.type') IN (SELECT name FROM logs)) AS least,"
        " max(json_extract(data, '$.type') IN (SELECT name FROM logs)) AS most"
        " FROM ps_crud WHERE tx_id IS NOT NULL AND json_valid(data) GROUP BY tx_id)"
        " SELECT count(*) FILTER (WHERE least <> most), count(*) FILTER (WHERE least = 1 AND most = 1),"
        " count(*) FILTER (WHERE least = 1 AND most = 1 AND EXISTS (SELECT 1 FROM kinds o"
        " WHERE o.most = 0 AND o.tx_id IN (k.tx_id - 1, k.tx_id + 1))) FROM kinds k"
    )
    mixed, insert_only, pairs = connection.row(sql) or (0, 0, 0)
    return None if mixed or not insert_only else Neighbours(insert_only, pairs)
