"""Figures of buckets that only a scan of the oplog tells, kept until the bucket changes.

A scan of 1,000,000 operations takes about half a second: it is done once, and later only for the buckets whose
positions or sums have moved.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

import msgspec

from inspector.protocol.checksums import MASK
from inspector.store.read_connection import DAMAGE, ReadConnection
from inspector.store.versions import Layout

ROW_OVERHEAD_BYTES = 44
"""What the official diagnostics app adds for each row of the oplog."""


@dataclass(frozen=True, slots=True)
class Figures:
    """What the oplog holds of one bucket."""

    operations: int
    put_rows: int
    row_types: tuple[str, ...]
    data_bytes: int
    metadata_bytes: int
    hash_sum: int
    """0 … 2^32-1, over superseded operations too: the `op_checksum` of all versions."""


@dataclass(frozen=True, slots=True)
class BucketState:
    """What identifies the content of a bucket: `key` is what `ps_oplog.bucket` holds."""

    key: int | str
    signature: tuple[Any, ...]


_NOTHING = Figures(0, 0, (), 0, 0, 0)


class BucketFigures:
    """Scans and remembers; buckets whose operations are damaged are left out."""

    def __init__(self, connection: ReadConnection) -> None:
        self._connection = connection
        self._known: dict[int | str, tuple[tuple[Any, ...], Figures]] = {}

    def known(self, bucket: BucketState) -> tuple[Figures | None, bool]:
        """The last figures of a bucket, and whether they belong to its present state."""
        signature, figures = self._known.get(bucket.key, ((), None))
        return figures, figures is not None and signature == bucket.signature

    def refresh(self, layout: Layout, buckets: Sequence[BucketState]) -> None:
        """Scan those buckets that have changed, all at once when they are many."""
        changed = [bucket for bucket in buckets if not self.known(bucket)[1]]
        if not changed:
            return
        found = (self._scan_all if 2 * len(changed) > len(buckets) else self._scan_each)(layout, changed)
        present = {bucket.key for bucket in buckets}
        self._known = {key: value for key, value in self._known.items() if key in present}
        self._known.update((bucket.key, (bucket.signature, figures)) for bucket, figures in found)

    def _scan_all(self, layout: Layout, changed: Sequence[BucketState]) -> Iterable[tuple[BucketState, Figures]]:
        distinct = self._rows_repeat(layout)
        try:
            rows = self._connection.rows(f"{_select(layout, distinct)} GROUP BY bucket")
        except DAMAGE:
            return self._scan_each(layout, changed)
        found = {key: _figures(values) for key, *values in rows}
        return [(bucket, found.get(bucket.key, _NOTHING)) for bucket in changed]

    def _scan_each(self, layout: Layout, changed: Sequence[BucketState]) -> Iterable[tuple[BucketState, Figures]]:
        sql = f"{_select(layout, distinct=True)} WHERE bucket = ? GROUP BY bucket"
        for bucket in changed:
            try:
                row = self._connection.row(sql, (bucket.key,))
            except DAMAGE as error:
                self._connection.note_damage("ps_oplog", error)
            else:
                yield bucket, _figures(row[1:]) if row else _NOTHING

    def _rows_repeat(self, layout: Layout) -> bool:
        """Whether any row has several operations: only then do distinct rows need a scan of their own."""
        condition = f"{layout.live} AND {layout.is_put}"
        repeated = f"SELECT 1 FROM ps_oplog WHERE {condition} GROUP BY row_type, row_id HAVING count(*) > 1"
        try:
            return bool(self._connection.scalar(f"SELECT EXISTS({repeated})"))
        except DAMAGE:
            return True


def _select(layout: Layout, distinct: bool) -> str:
    live, put = layout.live, f"{layout.live} AND {layout.is_put}"
    counted = "DISTINCT row_type || char(0) || row_id" if distinct else "*"
    bytes_of = " + ".join(f"ifnull(octet_length({column}), 0)" for column in ("row_type", "row_id", "key"))
    return (
        f"SELECT bucket, count(*) FILTER (WHERE {live}), count({counted}) FILTER (WHERE {put}), "
        f"json_group_array(DISTINCT row_type) FILTER (WHERE {put}), "
        f"ifnull(sum(octet_length(data)) FILTER (WHERE {live}), 0), "
        f"ifnull(sum({bytes_of} + {ROW_OVERHEAD_BYTES}) FILTER (WHERE {live}), 0), sum(hash & 0xffffffff) FROM ps_oplog"
    )


def _figures(values: Sequence[Any]) -> Figures:
    operations, put_rows, types, data_bytes, metadata_bytes, hash_sum = values
    row_types = tuple(sorted(str(name) for name in msgspec.json.decode(types) if name is not None))
    return Figures(operations, put_rows, row_types, data_bytes, metadata_bytes, (hash_sum or 0) & MASK)
