"""What the reader of a client database hands out (protocol §3). Checksums are 0 … 2^32-1, times µs since the epoch.

Text from data is as stored: JSON is never parsed and written again.
"""

from collections.abc import Mapping
from typing import Literal, TypeAlias

from msgspec import Struct

from inspector.protocol.checksums import MASK


class UnreadableTable(Struct, frozen=True):
    """A table of which not everything can be read; `reason` is a sentence."""

    table: str
    reason: str


class DatabaseSummary(Struct, frozen=True, kw_only=True):
    """The state of a client database as a whole."""

    schema_version: int
    client_id: str | None
    last_synced_at: int | None
    """Of the last full sync; None when there was none."""
    partial_syncs: Mapping[int, int]
    """Priority → time of its last partial sync."""
    pending_writes: int
    """CRUD entries waiting to be uploaded."""
    pending_transactions: int
    oldest_pending: int | None
    """Id of the first CRUD entry."""
    target_request: int | None
    """The gate; 2^63-1 while local writes have no checkpoint request yet, None when nothing was ever asked for."""
    seen_request: int | None
    applied_request: int | None
    requested: int | None
    """The last checkpoint request that the client made; None up to version 13 and with legacy write checkpoints."""
    gate_closed: bool
    waiting_for_service: bool
    """Everything is uploaded, and the request asked for has not been seen yet."""
    held: bool
    """Operations are downloaded that local writes or the gate keep from being shown."""
    unpublished_operations: int
    """Rows of the oplog newer than what the tables show, whatever the cause."""
    buckets: int
    downloaded_operations: int | None
    """Over all buckets, with those superseded since; None before version 9."""
    downloaded_size: int | None
    """Bytes; None before version 12."""
    operations: int
    """Rows of the oplog."""
    rows: int
    """Synced rows in tables and in `ps_untyped`."""
    untyped_rows: Mapping[str, int]
    """Rows of types for which the client's schema has no table."""
    updated_rows: int
    """Rows to look at again when the next checkpoint is published."""
    page_size: int
    pages: int
    free_pages: int
    unreadable: tuple[UnreadableTable, ...]

    @property
    def rows_without_table(self) -> int:
        """Those of `rows` that no table of the app shows."""
        return sum(self.untyped_rows.values())


class BucketRow(Struct, frozen=True, kw_only=True):
    """A bucket. The figures after `counted` come from a scan of the oplog: None before the first one."""

    id: int
    name: str
    last_op: int
    last_applied_op: int
    add_checksum: int
    op_checksum: int | None
    """Before version 4 it is not stored: the sum of the oplog, None before a scan."""
    pending_delete: bool
    count_at_last: int | None
    count_since_last: int | None
    downloaded_size: int | None
    counted: bool
    """Whether the figures below belong to the present state of the bucket; otherwise they are older, or None."""
    operations: int | None = None
    """Rows of the oplog."""
    put_rows: int | None = None
    """Distinct rows among them."""
    row_types: tuple[str, ...] = ()
    data_bytes: int | None = None
    metadata_bytes: int | None = None
    """The estimate of the official diagnostics app: type, id and key, and 44 bytes a row."""

    @property
    def checksum(self) -> int | None:
        """What a checkpoint must say of this bucket (protocol §4)."""
        return None if self.op_checksum is None else (self.add_checksum + self.op_checksum) & MASK

    @property
    def downloaded_operations(self) -> int | None:
        """Operations downloaded, with those superseded since; None before version 9."""
        if self.count_at_last is None or self.count_since_last is None:
            return None
        return self.count_at_last + self.count_since_last


class OwnSums(Struct, frozen=True):
    """A bucket's stored `op_checksum` against the sum of its oplog: they differ only in a damaged database."""

    stored: int | None
    """None before version 4."""
    computed: int

    @property
    def agree(self) -> bool:
        """Whether the stored sum is the sum of the operations; True where none is stored."""
        return self.stored is None or self.stored == self.computed


TableKind: TypeAlias = Literal["synced", "local", "untyped"]


class TableRow(Struct, frozen=True, kw_only=True):
    """A table of the client's schema, or a type in `ps_untyped`."""

    name: str
    internal_name: str
    kind: TableKind
    view: str
    """The view that the app uses; empty when there is none."""
    rows: int | None
    """None when the table cannot be counted."""

    @property
    def local_only(self) -> bool:
        """Whether the table's rows are never synced."""
        return self.kind == "local"


class DataRow(Struct, frozen=True):
    """A row as published: `data` is JSON text as stored; None when it is NULL or unreadable."""

    id: str
    data: str | None
    readable: bool = True


class Operation(Struct, frozen=True, kw_only=True):
    """A row of the oplog; all but `bucket` and `op_id` are None when it is unreadable."""

    bucket: str
    op_id: int
    op: str
    """`PUT`; up to version 4 also `REMOVE`."""
    row_type: str | None = None
    row_id: str | None = None
    key: str | None = None
    data: str | None = None
    checksum: int | None = None
    superseded: bool = False
    """Up to version 4 superseded operations stay in the oplog for a while."""
    readable: bool = True

    @property
    def subkey(self) -> str | None:
        """The end of the key, after type and id (protocol §2, operations)."""
        start = f"{self.row_type}/{self.row_id}/"
        return self.key.removeprefix(start) if self.key and self.key.startswith(start) else None


class CrudEntry(Struct, frozen=True, kw_only=True):
    """A local write that waits to be uploaded (protocol §5)."""

    id: int
    tx_id: int | None
    """None in version 1, and where the client wrote none."""
    text: str
    """The whole entry as stored."""
    op: str = ""
    """`PUT`, `PATCH` or `DELETE`; empty, like what follows, where the entry is no JSON object."""
    row_type: str = ""
    row_id: str = ""
    data: str | None = None
    """JSON text as stored."""
    old: str | None = None
    metadata: str | None = None


class Subscription(Struct, frozen=True, kw_only=True):
    """A row of `ps_stream_subscriptions` (protocol §6)."""

    id: int
    stream: str
    active: bool
    is_default: bool
    priority: int | None
    parameters: str
    """JSON text, `null` for none."""
    ttl: int | None
    """Seconds; None for default streams."""
    expires_at: int | None
    last_synced_at: int | None
