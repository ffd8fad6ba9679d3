"""A bucket that failed validation, as it was before it was deleted: the evidence of a mismatch."""

from dataclasses import dataclass

from msgspec import Struct


class KeptOperation(Struct, frozen=True, array_like=True, gc=False):
    """A row of the client's oplog; `checksum` is 0 … 2^32-1, `data` JSON text as stored."""

    op_id: int
    row_type: str | None
    row_id: str | None
    key: str | None
    checksum: int
    data: str | None
    data_kept: bool = True
    """False where the row was left out, because the bucket is large."""


@dataclass(frozen=True, slots=True)
class KeptBucket:
    """The bucket before its deletion."""

    name: str
    last_op: int
    last_applied_op: int
    operations: int
    """Rows of its oplog; `kept` may be fewer, the first ones."""
    kept: tuple[KeptOperation, ...]

    @property
    def without_data(self) -> int:
        """How many operations are kept without their row."""
        return sum(not operation.data_kept for operation in self.kept)

    @property
    def is_whole(self) -> bool:
        """Whether all operations are kept, with or without their rows."""
        return len(self.kept) == self.operations
